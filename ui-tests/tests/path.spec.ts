/**
 * The whole path as an operator goes it: catalogue, install, run, runbook, step, results, evidence, notebook.
 */

import { expect, test } from '@jupyterlab/galata';

import { expectAccessible, expectNothingCutSideways, newestRun, openPanel, panelOf, picture, pictures, renameActive } from './desk';

const KEY = /Webhook Event Analysis/;
const RUNBOOK = /Stripe Webhook Failure/;

// The layout is kept by the server, as it is for a person: the notebook must be there again after a reload.
test.use({ mockState: false });

test.describe.configure({ mode: 'serial' });

test('the panel lists runbooks and keys, and installs a key', async ({ page }) => {
  const panel = await openPanel(page);
  const runbook = panel.getByRole('row', { name: RUNBOOK });
  await expect(runbook).toBeVisible();
  await expect(runbook).toContainText('P1');
  await expect(runbook).toContainText('1.0.0');
  const key = panel.getByRole('row', { name: KEY });
  await expect(key).toContainText('operator');
  await pictures(page, 'home');

  await panel.getByRole('searchbox').fill('no such thing at all');
  await expect(panel).toContainText('Nothing here matches');
  await pictures(page, 'empty');
  await panel.getByRole('searchbox').fill('');

  await key.getByRole('button', { name: /^Install/ }).click();
  await expect(key).toContainText('Installed');
  expect(
    await page.contents.fileExists(
      'keys/jupyter-webhook-event-analysis/1.0.0/key.json'
    )
  ).toBe(true);
});

test('a wrong value is said in the form and nothing runs', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.getByRole('row', { name: KEY }).getByRole('button').first().click();
  await panel.getByRole('button', { name: /Run key/ }).click();
  const file = panel.getByRole('combobox', { name: /delivery log/i });
  await expect(file).toHaveValue('sample/webhook_logs.csv');
  await pictures(page, 'parameters');
  await expectNothingCutSideways(panel);

  await file.fill('gone.csv');
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel.getByRole('alert')).toHaveCount(1);
  await expect(
    panel
      .locator('.jp-Keys-field', { has: page.getByRole('combobox', { name: /delivery log/i }) })
      .getByRole('alert')
  ).toContainText('gone.csv');
  await expect(file).toBeFocused();
  await pictures(page, 'parameters-error');
  const key = 'jupyter-webhook-event-analysis';
  expect(await newestRun(page, key)).toBeUndefined();
});

test('a run shows its progress and can be cancelled', async ({ page }) => {
  const lines = ['event_id,event_type,created,http_status,duration_ms,error'];
  for (let i = 0; i < 400_000; i += 1) {
    const minute = String(i % 60).padStart(2, '0');
    lines.push(`evt_${i},invoice.paid,2026-11-20T10:${minute}:00Z,200,120,`);
  }
  await page.contents.uploadContent(lines.join('\n'), 'text', 'large.csv');
  const panel = await openPanel(page);
  await panel.getByRole('row', { name: KEY }).getByRole('button').first().click();
  await panel.getByRole('button', { name: /Run key/ }).click();
  await panel.getByRole('combobox', { name: /delivery log/i }).fill('large.csv');
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel.getByRole('progressbar')).toHaveAttribute(
    'aria-valuetext',
    /Cell \d+ of \d+/
  );
  await picture(page, 'run-progress-light');
  await panel.getByRole('button', { name: /^Cancel/ }).click();
  await expect(panel).toContainText(/Cancelled/, { timeout: 15_000 });
  await expect(panel).toContainText('never ran');
  await pictures(page, 'run-cancelled');
});

test('an incident runs a key from its step and keeps the evidence', async ({
  page
}) => {
  const panel = await openPanel(page);
  await panel.getByRole('row', { name: RUNBOOK }).getByRole('button').first().click();
  await expect(panel).toContainText('When NOT to Use');
  await pictures(page, 'runbook');
  await panel.getByRole('button', { name: 'Start incident' }).click();
  await expect(panel.getByRole('region', { name: /do not/i })).toBeVisible();
  await expect(panel).toContainText('Open the Evidence Folder');
  await pictures(page, 'incident');
  await expectNothingCutSideways(panel);

  await panel.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(panel).toContainText('1 of');

  await panel.getByRole('button', { name: /Show all steps/ }).click();
  await expect(panel.getByRole('tree')).toBeVisible();
  await picture(page, 'steps-light');
  await panel
    .getByRole('treeitem', { name: /Analyze Webhook Delivery Patterns/ })
    .click();
  await expect(panel).toContainText('jupyter-webhook-event-analysis');
  await expect(panel).toContainText('What is the delivery success rate?');
  await picture(page, 'step-card-light');

  await panel.getByRole('button', { name: /Run this key/ }).click();
  await expect(panel).toContainText('Values of your last run');
  await panel.getByRole('button', { name: 'Use the defaults' }).click();
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText(/Succeeded, 12 of 12 cells ok/, {
    timeout: 60_000
  });
  await expect(panel).toContainText('91.3 %');
  await expect(panel).toContainText('Then take one branch');
  await expect(panel.locator('.jp-Keys-suggested')).toContainText('< 95 %');
  await expectNothingCutSideways(panel);
  await pictures(page, 'incident-results');
  await expectAccessible(page);
  await panel.getByRole('tab', { name: 'Runs 1' }).click();
  await expect(panel.getByRole('grid', { name: 'Ended' })).toContainText(
    'Analyze Webhook Delivery Patterns'
  );
  await pictures(page, 'incident-runs');
  await expectAccessible(page);

  await panel.getByRole('tab', { name: /Evidence/ }).click();
  await panel.getByRole('button', { name: 'Show all 15' }).click();
  await expect(panel).toContainText('report.md');
  await expect(panel.getByRole('button', { name: /sha256/ }).first()).toBeVisible();
  await pictures(page, 'evidence');
  await panel.getByRole('tab', { name: 'Timeline' }).click();
  await expect(panel).toContainText(/run/i);
  await pictures(page, 'timeline');
});

test('a notebook knows its step, after a reload and under another name', async ({
  page
}) => {
  let panel = await openPanel(page);
  await panel.getByRole('button', { name: /Continue/ }).first().click();
  await panel.getByRole('button', { name: /Show all steps/ }).click();
  await panel
    .getByRole('treeitem', { name: /Analyze Webhook Delivery Patterns/ })
    .click();
  await panel.getByRole('button', { name: 'Open notebook' }).first().click();
  await expect(page.locator('.jp-NotebookPanel')).toBeVisible();
  await expect(page.locator('.jp-NotebookPanel')).toContainText('success_rate');

  await page.reload({ waitForIsReady: false });
  panel = panelOf(page);
  await expect(page.locator('.jp-NotebookPanel')).toBeVisible({ timeout: 30_000 });
  await openPanel(page);
  await expect(panel).toContainText('This step asks', { timeout: 30_000 });
  await expect(panel).toContainText('Analyze Webhook Delivery Patterns');
  await expect(panel).toContainText(/Stripe Webhook Failure/);
  await expect(page.locator('.jp-NotebookPanel')).toContainText('No Kernel');
  await expect(page.locator('.lm-TabBar-tab.jp-mod-dirty')).toHaveCount(0);
  await pictures(page, 'this-notebook');

  const renamed = await renameActive(page, name =>
    name.replace(/[^/]+$/, 'renamed-event-analysis.ipynb')
  );
  expect(await page.contents.fileExists(renamed)).toBe(true);
  await expect(
    page.getByRole('tab', { name: /renamed-event-analysis/ })
  ).toBeVisible();
  await expect(panel).toContainText('This step asks');
  await expect(panel).toContainText('Analyze Webhook Delivery Patterns');
});
