/**
 * Evidence in real Chromium: an incident, its bundle, the bundle verified, one byte of it changed.
 */
const path = require('path');
const first = require('./playwright.config.js');

const port = process.env.KEYS_EVIDENCE_TEST_PORT ?? '8976';
const folder = path.join(__dirname, '.build', 'ui-tests');
process.env.TARGET_URL = `http://127.0.0.1:${port}`;

module.exports = {
  ...first,
  testDir: 'ui-tests/evidence',
  outputDir: path.join(folder, 'evidence-results'),
  use: { ...first.use, baseURL: process.env.TARGET_URL },
  webServer: {
    ...first.webServer,
    command: `python ui-tests/serve.py ${folder}/evidence ${port} --galata`,
    url: `${process.env.TARGET_URL}/lab`
  }
};
