/**
 * The marketplace in a real browser: the first suite's server beside a marketplace on loopback that the tests steer.
 */
const path = require('path');
const first = require('./playwright.config.js');

const port = Number(process.env.KEYS_MARKET_TEST_PORT ?? '8980');
const folder = path.join(__dirname, '.build', 'ui-tests');
process.env.TARGET_URL = `http://127.0.0.1:${port}`;
process.env.KEYS_MARKET_STEER = `http://127.0.0.1:${port + 1}`;

module.exports = {
  ...first,
  testDir: 'ui-tests/market',
  outputDir: path.join(folder, 'market-results'),
  use: { ...first.use, baseURL: process.env.TARGET_URL },
  webServer: {
    ...first.webServer,
    command: `python ui-tests/market.py ${folder}/market ${port}`,
    url: `${process.env.TARGET_URL}/lab`
  }
};
