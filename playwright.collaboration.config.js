/**
 * The notebook of a run where documents are shared: the first suite's server with jupyter-collaboration on top.
 */
const path = require('path');
const first = require('./playwright.config.js');

const port = process.env.KEYS_SHARED_TEST_PORT ?? '8979';
const folder = path.join(__dirname, '.build', 'ui-tests');
process.env.TARGET_URL = `http://127.0.0.1:${port}`;

module.exports = {
  ...first,
  testMatch: 'open-notebook.spec.ts',
  outputDir: path.join(folder, 'shared-results'),
  use: { ...first.use, baseURL: process.env.TARGET_URL },
  webServer: {
    ...first.webServer,
    command: `python ui-tests/serve.py ${folder}/shared ${port} --shared`,
    url: `${process.env.TARGET_URL}/lab`,
    timeout: 240_000
  }
};
