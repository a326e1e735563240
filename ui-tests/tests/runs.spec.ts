/**
 * Runs as a person sees them: the form, progress, the queue, every kind of end, and a server that goes away.
 */

import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import {
  endRuns,
  execute,
  expectAccessible,
  expectNothingCutSideways,
  fillInNotebook,
  letGo,
  openPanel,
  panelOf,
  pictures,
  setWidth
} from './desk';

const KEY = /Webhook Event Analysis/;

test.use({ mockState: false });
test.afterEach(async ({ page }) => endRuns(page));

function run(panel: Locator): Promise<void> {
  return panel.getByRole('button', { name: 'Run', exact: true }).click();
}

test('every kind of value has its field, and a wrong one is said there', async ({
  page
}) => {
  const panel = await fillInNotebook(page, 'kinds');
  const level = panel.getByRole('combobox', { name: 'Level' });
  await expect(level.locator('option:not([hidden])')).toHaveText([
    'low',
    'high'
  ]);
  const zone = panel.getByRole('combobox', { name: 'Zone', exact: true });
  await expect(zone.locator('option')).toHaveText(['UTC', 'Europe/Berlin']);
  await expect(
    panel.getByRole('combobox', { name: 'Strict' }).locator('option')
  ).toHaveText(['Not set', 'yes', 'no']);
  await expect(panel.getByLabel('Day', { exact: true })).toHaveValue('2026-11-20');
  await expect(panel.getByLabel('Start', { exact: true })).toHaveValue(
    /^2026-11-20T03:00/
  );
  await expect(panel.getByLabel('Time zone of Start')).toHaveValue('');
  await expect(panel.getByLabel('Time zone of End')).not.toHaveValue('');
  await panel.getByText('Advanced').click();
  await expect(panel.getByLabel('Names', { exact: true })).toHaveValue('a\nb');
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await run(panel);
  await expect(panel.getByRole('alert')).toContainText('A value is needed.');
  await panel.getByLabel('Weights').fill('[1]');
  await expect(panel.getByRole('alert').last()).toContainText('Names with values');
  await pictures(page, 'form-kinds');
  await expectAccessible(page);

  await panel.getByLabel('Weights').fill('{"a": 2}');
  await level.selectOption('high');
  await panel.getByLabel('Names', { exact: true }).fill('c\nd');
  await panel.getByLabel('Start', { exact: true }).fill('2026-11-20T04:30');
  await panel.getByText('Cell that will be injected').click();
  const cell = panel.locator('.jp-Keys-fold', { hasText: 'Cell that will be' }).locator('pre');
  await expect(cell).toContainText("level = 'high'");
  await expect(cell).toContainText("['c', 'd']");
  await pictures(page, 'form-cell');
  await expect(cell, 'the fold stays open in another theme').toBeVisible();
  await expect(level, 'and the values are kept').toHaveValue('1');
  await run(panel);
  await expect(panel).toContainText(/Succeeded/, { timeout: 30_000 });

  await panel.getByRole('button', { name: 'Change values…' }).click();
  await expect(level).toHaveValue('1');
  await expect(panel).toContainText('Values of your last run');
  await panel.getByRole('button', { name: 'Use the defaults' }).click();
  await panel.getByText('Advanced').click();
  await expect(panel.getByLabel('Names', { exact: true })).toHaveValue('a\nb');
});

test('a notebook without parameters says so, a malformed one which cell', async ({
  page
}) => {
  const panel = await fillInNotebook(page, 'plain');
  await expect(panel).toContainText('It runs as it is.');
  await expectAccessible(page);
  await run(panel);
  await expect(panel).toContainText('Succeeded, 1 of 1 cells ok', {
    timeout: 30_000
  });
  await fillInNotebook(page, 'twice');
  await expect(panel.getByRole('alert')).toContainText('Cells 1, 2');
  await expect(panel.getByRole('button', { name: 'Run', exact: true })).toHaveCount(0);
  await pictures(page, 'form-malformed');
});

test('a file is dropped on its field, and no other is replaced unasked', async ({
  page
}) => {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:run-key', {
    slug: 'jupyter-webhook-event-analysis'
  });
  const field = panel.getByRole('combobox', { name: /delivery log/i });
  await expect(field).toBeVisible();
  const drop = async (text: string): Promise<void> => {
    const data = await page.evaluateHandle(text => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'dropped.csv'));
      return transfer;
    }, text);
    await panel.locator('.jp-Keys-drop').dispatchEvent('drop', { dataTransfer: data });
  };
  await drop('event_id\n1');
  await expect(field).toHaveValue('key-inputs/dropped.csv');
  await drop('event_id\n2');
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('“dropped.csv” is there already');
  await dialog.getByRole('button', { name: 'Keep both' }).click();
  await expect(field).toHaveValue('key-inputs/dropped-2.csv');
  const first = await page.request.get(
    `${process.env.TARGET_URL}/api/contents/key-inputs/dropped.csv`
  );
  expect((await first.json()).content).toBe('event_id\n1');
});

test('a file is dragged onto its field out of the file browser', async ({
  page,
  tmpPath
}) => {
  await page.contents.uploadContent('event_id\n1', 'text', `${tmpPath}/dragged.csv`);
  const panel = await openPanel(page);
  // The file browser is at the left, so the panel is put to the right.
  await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click({ button: 'right' });
  await page.getByText('Switch Sidebar Side').click();
  await execute(page, 'filebrowser:activate');
  await execute(page, 'keys-jupyter:run-key', {
    slug: 'jupyter-webhook-event-analysis'
  });
  const field = panel.getByRole('combobox', { name: /delivery log/i });
  const file = page.locator('.jp-DirListing-item', { hasText: 'dragged.csv' });
  await page.filebrowser.refresh();
  await expect(file).toBeVisible();
  const from = (await file.boundingBox())!;
  const to = (await field.boundingBox())!;
  await page.mouse.move(from.x + 40, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y + 20, { steps: 5 });
  await page.mouse.move(to.x + 40, to.y + to.height / 2, { steps: 10 });
  await expect(panel).toContainText('Drop the file here.');
  await pictures(page, 'form-drag');
  await page.mouse.up();
  await expect(field).toHaveValue(`${tmpPath}/dragged.csv`);
  await expect(panel).not.toContainText('Drop the file here.');
  await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click({ button: 'right' });
  await page.getByText('Switch Sidebar Side').click();
});

test('progress, a reload in the middle, the queue, and the end', async ({ page }) => {
  const panel = await fillInNotebook(page, 'waiting');
  await run(panel);
  await expect(panel.getByRole('progressbar')).toHaveAttribute(
    'aria-valuetext',
    'Cell 3 of 5, Group by event and error',
    { timeout: 30_000 }
  );
  await expect(panel.getByRole('log')).toContainText('group 40 of 40');
  await pictures(page, 'run-progress');
  await expectAccessible(page);
  await page.reload({ waitForIsReady: false });
  await openPanel(page);
  await expect(panel).toContainText('Running cell 3 of 5', { timeout: 30_000 });
  await expect(panel.getByRole('log')).toContainText('group 40 of 40');

  await fillInNotebook(page, 'plain');
  await run(panel);
  await expect(panel).toContainText('Waiting, place 1');
  await pictures(page, 'run-waiting');
  await execute(page, 'keys-jupyter:show-home');
  await expect(panel).toContainText('Runs under way');
  await expect(panel.getByRole('grid', { name: 'Runs under way' }).getByRole('row')).toHaveCount(2);
  await panel.getByRole('row', { name: /waiting.*Running/ }).getByRole('button').click();
  await letGo(page);
  await expect(panel).toContainText('Succeeded, 5 of 5 cells ok', {
    timeout: 30_000
  });
  const plot = panel.getByRole('button', { name: 'Plot: Plot' });
  await plot.click();
  await expect(panel.locator('figure img')).toBeVisible();
  await pictures(page, 'run-plots');
  await expectAccessible(page);
  const notice = page.locator('.Toastify__toast', { hasText: 'plain: Succeeded' });
  await notice.getByRole('button', { name: 'Show' }).click();
  await expect(panel.getByRole('heading', { level: 1 })).toHaveText('plain');
});

test('a run is cancelled', async ({ page }) => {
  const panel = await fillInNotebook(page, 'waiting');
  await run(panel);
  await expect(panel).toContainText('Running cell 3 of 5', { timeout: 30_000 });
  await panel.getByRole('button', { name: 'Cancel run' }).click();
  await expect(panel).toContainText('Cancelled in cell 3 of 5', { timeout: 15_000 });
  await expect(panel).toContainText('2 never ran');
});

test('a failed run names its cell, and the notebook opens there', async ({ page }) => {
  const panel = await fillInNotebook(page, 'failing');
  await run(panel);
  await expect(panel).toContainText('Failed in cell 5 of 6', { timeout: 30_000 });
  await expect(panel).toContainText("KeyError: 'status'");
  await expect(panel).toContainText('1 never ran');
  await pictures(page, 'run-failed');
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Open notebook at cell 5' }).click();
  const cell = page.locator('.jp-NotebookPanel .jp-Cell.jp-mod-active');
  await expect(cell).toContainText('row[column]');
  await expect(cell).toBeInViewport();
  const first = await panel.locator('.jp-Keys-meta').innerText();
  await panel.getByRole('button', { name: 'Run again', exact: true }).click();
  await expect(panel.locator('.jp-Keys-meta')).not.toHaveText(first);
  await expect(panel).toContainText('Failed in cell 5 of 6', { timeout: 30_000 });
  await panel.getByRole('button', { name: /Change values and run/ }).click();
  await panel.getByLabel('Column').fill('code');
  await run(panel);
  await expect(panel).toContainText('Succeeded', { timeout: 30_000 });
});

test('a run that takes too long is stopped', async ({ page }) => {
  const panel = await fillInNotebook(page, 'waiting');
  await panel.getByText('Kernel and time limit').click();
  await panel.getByLabel('Stop it after').fill('3');
  await run(panel);
  await expect(panel).toContainText('Timed out in cell 3 of 5', { timeout: 30_000 });
  await expect(panel).toContainText('2 never ran');
  await pictures(page, 'run-timed-out');
});

test('a dead kernel is called dead, at every width', async ({ page }) => {
  const panel = await fillInNotebook(page, 'dying');
  await run(panel);
  await expect(panel).toContainText('Kernel died in cell 2 of 3', { timeout: 30_000 });
  await expect(panel).toContainText('1 never ran');
  await pictures(page, 'run-kernel-died');
  await expectAccessible(page);
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `run-kernel-died-${width}`);
  }
});

test('a person runs a copy, and it is collected', async ({ page }) => {
  const panel = await fillInNotebook(page, 'plain');
  await panel.getByRole('button', { name: 'Open and run myself' }).click();
  await expect(panel).toContainText('You run its cells yourself.');
  await expect(panel).toContainText('cannot prove');
  const notebook = page.locator('.jp-NotebookPanel');
  await expect(notebook).toContainText('Python 3 (ipykernel)', { timeout: 30_000 });
  await pictures(page, 'run-yourself');
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect(notebook.locator('.jp-OutputArea')).toContainText('as it is', {
    timeout: 30_000
  });
  await panel.getByRole('button', { name: 'Collect its results' }).click();
  await expect(panel).toContainText('Succeeded, 1 of 1 cells ok', { timeout: 30_000 });
  await expect(panel).toContainText('Run by hand');
});

test('a server that is gone is said calmly, and comes back by itself', async ({
  page
}) => {
  const panel = await fillInNotebook(page, 'waiting');
  await run(panel);
  await expect(panel).toContainText('Running cell 3 of 5', { timeout: 30_000 });
  await page.route('**/keys-jupyter/**', route => route.abort());
  await expect(panel).toContainText('Not connected since', { timeout: 20_000 });
  await expect(panel).toContainText('Running cell 3 of 5');
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await pictures(page, 'run-server-lost');
  await page.unroute('**/keys-jupyter/**');
  await letGo(page);
  await expect(panel).toContainText('Succeeded, 5 of 5 cells ok', { timeout: 30_000 });
  await expect(panel).not.toContainText('Not connected since');
});

test('the panel of a key has its runs', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.getByRole('row', { name: KEY }).getByRole('button').first().click();
  await expect(panel).toContainText('It answers');
  await pictures(page, 'key');
  await expectAccessible(page);
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panelOf(page));
  }
});
