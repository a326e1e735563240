/**
 * The notebook of a run that a person edits meanwhile: it is never replaced without being asked for.
 */

import { expect, test } from '@jupyterlab/galata';

import { endRuns, fillInNotebook, letGo, panelOf } from './desk';

test.afterEach(async ({ page }) => endRuns(page));

test('a notebook that a person edited is not taken away', async ({ page }) => {
  await fillInNotebook(page, 'waiting');
  const panel = panelOf(page);
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText('group 40 of 40', { timeout: 30_000 });
  await panel.getByRole('button', { name: 'Open notebook' }).click();
  const notebook = page.locator('.jp-NotebookPanel:visible');
  await expect(notebook).toContainText('Say the end');
  await page.notebook.enterCellEditingMode(0);
  await page.keyboard.press('End');
  await page.keyboard.type(' and my own words');
  await expect(notebook).toContainText('and my own words');
  await letGo(page);
  await expect(panel).toContainText('Succeeded, 5 of 5 cells ok', {
    timeout: 30_000
  });
  const bar = page.locator('.jp-Keys-newer');
  await expect(bar).toContainText('The run has newer output.');
  await expect(notebook).toContainText('and my own words');
  await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  await bar.getByRole('button', { name: 'Reload' }).click();
  await expect(notebook).toContainText('all done');
  await expect(notebook).not.toContainText('and my own words');
  await expect(page.locator('.lm-TabBar-tab.jp-mod-dirty')).toHaveCount(0);
  await expect(bar).toHaveCount(0);
});
