/**
 * The server itself is ended in the middle of a run and started again: the page says so, and goes on by itself.
 */

import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { copyFileSync } from 'fs';
import * as path from 'path';
import { expect, test } from '@playwright/test';

import { execute, panelOf, picture, pictures, seriousFaults } from './desk';

const PORT = String(Number(new URL(process.env.TARGET_URL ?? '').port) + 1);
const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, '.build', 'ui-tests', 'restart');
const ADDRESS = `http://127.0.0.1:${PORT}`;

let server: ChildProcess | null = null;

async function start(...more: string[]): Promise<void> {
  const serve = path.join(ROOT, 'ui-tests', 'serve.py');
  server = spawn('python', [serve, FOLDER, PORT, '--galata', ...more], { stdio: 'ignore' });
  await expect
    .poll(async () => (await fetch(`${ADDRESS}/api`).catch(() => null))?.status, { timeout: 60_000 })
    .toBe(200);
}

async function kill(): Promise<void> {
  const ending = server;
  server = null;
  if (ending !== null) {
    const ended = new Promise(resolve => ending.once('exit', resolve));
    ending.kill('SIGKILL');
    await ended;
  }
}

test.afterAll(kill);

test('a server that is killed and started again', async ({ page }) => {
  await start();
  copyFileSync(
    path.join(__dirname, '..', 'notebooks', 'waiting.ipynb'),
    path.join(FOLDER, 'work', 'waiting.ipynb')
  );
  await page.goto(`${ADDRESS}/lab`);
  await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click({ timeout: 60_000 });
  const panel = panelOf(page);
  await execute(page, 'keys-jupyter:run-key', { slug: 'waiting.ipynb' });
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText('group 40 of 40', { timeout: 60_000 });

  // Where it takes long, JupyterLab itself says so in a dialog, and a person puts that away.
  await page.addLocatorHandler(
    page.getByRole('dialog', { name: /Server Connection Error/ }),
    dialog => dialog.locator('button.jp-mod-reject').click()
  );
  await kill();
  await expect(panel).toContainText('Not connected since', { timeout: 30_000 });
  await expect(panel).toContainText('Running cell 3 of 5');
  await expect(panel.getByRole('button', { name: 'Cancel run' })).toHaveAttribute(
    'aria-disabled',
    'true'
  );
  await expect(panel.getByRole('alert')).toHaveCount(0);
  expect(await seriousFaults(page)).toEqual([]);
  await picture(page, 'run-server-stopped-light');

  await start('--keep');
  await expect(panel).toContainText('Interrupted', { timeout: 60_000 });
  await expect(panel).not.toContainText('Not connected since');
  await expect(panel).toContainText('2 never ran');
  await pictures(page, 'run-interrupted');
  await panel.getByRole('button', { name: 'Run again', exact: true }).click();
  await expect(panel).toContainText('group 40 of 40', { timeout: 60_000 });
  await panel.getByRole('button', { name: 'Cancel run' }).click();
  await expect(panel).toContainText('Cancelled in cell 3 of 5', { timeout: 15_000 });
});
