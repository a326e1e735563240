/**
 * A small suite against the server as Binder starts it, with a token, XSRF and a base URL on: what the first suite cannot see.
 */
const path = require('path');
const first = require('./playwright.config.js');

const port = process.env.KEYS_AUTH_TEST_PORT ?? '8978';
const folder = path.join(__dirname, '.build', 'ui-tests');

module.exports = {
  ...first,
  testDir: 'ui-tests/auth',
  outputDir: path.join(folder, 'auth-results'),
  use: { ...first.use, baseURL: `http://127.0.0.1:${port}/user/demo/` },
  webServer: {
    command: `python ui-tests/serve.py ${folder}/auth ${port} --binder`,
    url: `http://127.0.0.1:${port}/user/demo/api`,
    timeout: 120_000,
    reuseExistingServer: false
  }
};
