/**
 * No key of the marketplace is in the browser: in nothing that is asked, answered, kept, drawn or said on the console.
 *
 * Every key holds the same mark (`MARK` of the marketplace for tests), so one search finds any of them, whoever signed
 * in. One request may carry one: that of the sign-in dialog.
 */

import type { test as Test } from '@jupyterlab/galata';
import { expect } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';

const MARK = 'cAnArY7kX';
const SIGN_IN = '/keys-jupyter/marketplace/sign-in';
const SPELLINGS = [
  MARK,
  encodeURIComponent(MARK).replace(
    /./g,
    one => `%${one.charCodeAt(0).toString(16)}`
  ),
  Buffer.from(MARK).toString('hex'),
  ...[0, 1, 2].map(inBase64)
];

/** The characters that do not depend on what stands before or after. */
function inBase64(offset: number): string {
  const bytes = Buffer.from(`${' '.repeat(offset)}${MARK}  `);
  const end = Math.floor(((offset + MARK.length) * 8) / 6);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), end);
}

/** Which spellings of a key a text holds. */
export function keysIn(text: string): string[] {
  return SPELLINGS.filter(one => text.includes(one));
}

/** Watch every test of a file. */
export function watchForKeys(test: typeof Test): void {
  let found: string[] = [];
  let reading: Promise<void>[] = [];

  const look = (where: string, text: string): void => {
    found.push(...keysIn(text).map(one => `${where}: ${one}`));
  };

  test.beforeEach(({ page }) => {
    found = [];
    reading = [];
    page.on('console', said => look('console', said.text()));
    page.on('request', request => {
      const path = new URL(request.url()).pathname;
      look(`asked ${path}`, request.url() + JSON.stringify(request.headers()));
      if (!path.endsWith(SIGN_IN)) {
        look(`sent to ${path}`, request.postData() ?? '');
      }
    });
    page.on('response', response => {
      if (response.url().includes('/keys-jupyter/')) {
        const read = response.text().then(
          text => look(`answered by ${response.url()}`, text),
          // the page went on before the answer was read, or it had none
          () => undefined
        );
        reading.push(read);
      }
    });
    page.on('websocket', socket => {
      socket.on('framereceived', frame => look('heard', String(frame.payload)));
      socket.on('framesent', frame => look('told', String(frame.payload)));
    });
  });

  test.afterEach(async ({ page }) => {
    await Promise.all(reading);
    look('kept or drawn', await everythingKept(page));
    expect(found).toEqual([]);
  });
}

/** What the page keeps and draws, as one text. */
async function everythingKept(page: Page): Promise<string> {
  const state = await page.context().storageState({ indexedDB: true });
  const rest = await page.evaluate(() => [
    JSON.stringify({ ...sessionStorage }),
    document.cookie,
    document.documentElement.outerHTML,
    location.href,
    ...[...document.querySelectorAll('input, textarea')].map(
      field => (field as HTMLInputElement).value
    )
  ]);
  return [JSON.stringify(state), ...rest].join('\n');
}
