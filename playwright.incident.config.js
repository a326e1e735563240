/**
 * Incidents in real Chromium: worked by the keyboard, by two people, from a link. With a token and a base URL where the
 * test says so.
 */
const path = require('path');
const first = require('./playwright.config.js');

const port = process.env.KEYS_INCIDENT_TEST_PORT ?? '8947';
const linked = String(Number(port) + 1);
const folder = path.join(__dirname, '.build', 'ui-tests');
process.env.TARGET_URL = `http://127.0.0.1:${port}`;
process.env.KEYS_INCIDENT_FOLDER = `${folder}/incident`;
process.env.KEYS_LINKED_URL = `http://127.0.0.1:${linked}/user/demo`;

module.exports = {
  ...first,
  testDir: 'ui-tests/incident',
  outputDir: path.join(folder, 'incident-results'),
  use: { ...first.use, baseURL: process.env.TARGET_URL },
  webServer: [
    {
      command: `python ui-tests/serve.py ${folder}/incident ${port} --galata --others`,
      url: `${process.env.TARGET_URL}/lab`,
      timeout: 120_000,
      reuseExistingServer: false
    },
    {
      command: `python ui-tests/serve.py ${folder}/linked ${linked} --binder`,
      url: `${process.env.KEYS_LINKED_URL}/api`,
      timeout: 120_000,
      reuseExistingServer: false
    }
  ]
};
