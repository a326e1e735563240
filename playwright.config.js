/**
 * The whole path in real Chromium, through Galata: no token, no XSRF, loopback only.
 */
const path = require('path');
const { execFileSync } = require('child_process');
const base = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.KEYS_TEST_PORT ?? '8977';
const folder = path.join(__dirname, '.build', 'ui-tests');
process.env.TARGET_URL = `http://127.0.0.1:${port}`;

const browser =
  process.env.KEYS_CHROMIUM ||
  execFileSync('python3', ['scripts/chromium.py'], { cwd: __dirname })
    .toString()
    .trim();

module.exports = {
  ...base,
  testDir: 'ui-tests/tests',
  outputDir: path.join(folder, 'results'),
  workers: 1,
  retries: 0,
  timeout: 120_000,
  reporter: [['list']],
  use: {
    ...base.use,
    actionTimeout: 15_000,
    baseURL: process.env.TARGET_URL,
    viewport: { width: 1280, height: 880 },
    video: 'off',
    trace: 'off',
    launchOptions: {
      executablePath: browser,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
    }
  },
  webServer: {
    command: `python ui-tests/serve.py ${folder}/galata ${port} --galata`,
    url: `${process.env.TARGET_URL}/lab`,
    timeout: 120_000,
    reuseExistingServer: false
  }
};
