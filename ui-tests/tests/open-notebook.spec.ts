/**
 * The notebook of a run beside the panel: it follows the file, nobody is asked anything, nothing is taken for changed.
 *
 * The same tests run with and without shared documents.
 */

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { endRuns, fillInNotebook, letGo, openPanel } from './desk';

test.use({ mockState: false });
test.describe.configure({ mode: 'serial' });

/** How long is waited by the page's clock, in ms: longer than JupyterLab waits before it saves what changed. */
const LATER = 150_000;

function notebookOf(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible');
}

/** The notebook shows a text; it draws cells when the page is idle, and when that is the clock says. */
async function expectShown(
  page: IJupyterLabPageFixture,
  text: string
): Promise<void> {
  await expect(async () => {
    await page.clock.runFor(500);
    await expect(notebookOf(page)).toContainText(text, { timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

/** Let time go by for the page; that it does, and that its timers ring, is looked at. */
async function letTimePass(page: IJupyterLabPageFixture): Promise<void> {
  const before = await page.evaluate(later => {
    const clock = window as unknown as { rang: boolean };
    clock.rang = false;
    window.setTimeout(() => (clock.rang = true), later - 1000);
    return Date.now();
  }, LATER);
  await page.clock.runFor(LATER);
  const { now, rang } = await page.evaluate(() => ({
    now: Date.now(),
    rang: (window as unknown as { rang: boolean }).rang
  }));
  expect(now - before).toBeGreaterThanOrEqual(LATER);
  expect(rang).toBe(true);
}

async function expectCalm(page: IJupyterLabPageFixture): Promise<void> {
  await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  await expect(page.locator('.lm-TabBar-tab.jp-mod-dirty')).toHaveCount(0);
  await expect(page.locator('.jp-Keys-newer')).toHaveCount(0);
}

test.afterEach(async ({ page }) => endRuns(page));

test('an open notebook follows its run, and stays calm for minutes', async ({
  page
}) => {
  const panel = await fillInNotebook(page, 'waiting');
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText('group 40 of 40', { timeout: 30_000 });
  await page.clock.install();
  await page.reload({ waitForIsReady: false });
  await openPanel(page);
  await expect(panel).toContainText(/Running cell 3 of 5/, { timeout: 30_000 });
  await panel.getByRole('button', { name: 'Open notebook' }).click();
  const notebook = notebookOf(page);
  await expectShown(page, 'Group by event and error');
  await expect(notebook).toContainText('No Kernel');
  await letTimePass(page);
  await expect(panel).toContainText(/Running cell 3 of 5/);
  await expectCalm(page);

  await letGo(page);
  await expect(panel).toContainText('Succeeded, 5 of 5 cells ok', {
    timeout: 30_000
  });
  await expectShown(page, 'the file is there');
  await expect(notebook).toContainText('No Kernel');
  await expectCalm(page);
  await letTimePass(page);
  await expect(panel).toContainText('Succeeded, 5 of 5 cells ok');
  await expectCalm(page);
});
