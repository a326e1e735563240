/**
 * Two keys that feed each other, by the keyboard: what the first one left is what the second one begins with.
 */

import { expect, test } from '@jupyterlab/galata';

import {
  execute,
  expectAccessible,
  expectNothingCutSideways,
  openPanel,
  pictures,
  setWidth
} from '../tests/desk';
import { intoPanel, maria, press, stepTitle, tabTo } from './help';

test.use({ mockState: false });

test('data-reconciliation-mismatch by the keyboard', async ({ page }) => {
  const panel = await openPanel(page);
  const row = panel.getByRole('row', { name: /Data Reconciliation Mismatch/ });
  await expect(row).toBeVisible();
  await tabTo(page, panel.getByRole('searchbox'));
  await page.keyboard.type('reconciliation mismatch');
  await tabTo(page, row.getByRole('button').first());
  await press(page, 'Enter');
  await tabTo(page, panel.getByRole('button', { name: 'Start incident' }));
  await press(page, 'Enter');
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeVisible();
  for (const next of [
    'Load Credentials',
    'Confirm That Both',
    'Freeze Deploys',
    'Look for Keys',
    'Export Both Sides'
  ]) {
    await press(page, 'd');
    await expect(stepTitle(panel, next)).toBeVisible();
  }
  await press(page, '1', 'Enter');
  await expect(
    stepTitle(panel, 'Reconcile Stripe and the Database')
  ).toBeVisible();

  const reconciled = await runHere();
  expect(reconciled).toContain('Succeeded');
  await expect(
    panel.locator('.jp-Keys-suggested, .jp-mod-true').first()
  ).toBeVisible();
  await pictures(page, 'reconciliation-results');
  await press(page, '4', 'Enter');
  const why = page.getByRole('dialog').getByRole('textbox');
  await expect(
    stepTitle(panel, 'Find Out When the Drift Began').or(why)
  ).toBeVisible();
  if (await why.isVisible()) {
    await why.fill('There are discrepancies.');
    await press(page, 'Enter');
  }
  await expect(stepTitle(panel, 'Find Out When the Drift Began')).toBeVisible();

  // The second key begins with what the first one left, and says so.
  await intoPanel(page, panel);
  await tabTo(page, panel.getByRole('button', { name: /^Install/ }));
  await press(page, 'Enter');
  await expect(panel.locator('.jp-Keys-prefilled')).toContainText(
    'discrepancies.csv',
    { timeout: 30_000 }
  );
  await expect(panel.locator('.jp-Keys-prefilled')).toContainText(
    'from the run in Step 2'
  );
  await pictures(page, 'prefilled');
  await tabTo(page, panel.getByRole('button', { name: 'Run this key…' }));
  await press(page, 'Enter');
  await expect(panel.getByRole('combobox').first()).toHaveValue(
    /discrepancies\.csv/
  );
  await tabTo(page, panel.getByRole('button', { name: 'Run', exact: true }));
  await press(page, 'Enter');
  await expect(panel).toContainText(/Succeeded, \d+ of \d+ cells ok/, {
    timeout: 90_000
  });
  await intoPanel(page, panel);
  await expect(panel.locator('.jp-Keys-suggested')).toContainText('Suggested');
  await pictures(page, 'suggested');
  await expectAccessible(page);
  const suggested = panel.locator('.jp-Keys-suggested [data-branch]');
  await press(page, (await suggested.getAttribute('data-branch')) ?? '');
  await expect(suggested).toBeFocused();
  await press(page, 'Enter');
  await expect(stepTitle(panel, 'Trace the Cause')).toBeVisible();
  await intoPanel(page, panel);
  await press(page, 'l');
  await expect(panel).toContainText('Recent Drift');

  async function runHere(): Promise<string> {
    await intoPanel(page, panel);
    await tabTo(page, panel.getByRole('button', { name: /^Install/ }));
    await press(page, 'Enter');
    const run = panel.getByRole('button', { name: 'Run this key…' });
    await expect(run).toBeVisible({ timeout: 30_000 });
    await intoPanel(page, panel);
    await tabTo(page, run);
    await press(page, 'Enter');
    const go = panel.getByRole('button', { name: 'Run', exact: true });
    await expect(go).toBeVisible();
    await tabTo(page, go);
    await press(page, 'Enter');
    await expect(panel).toContainText(/Succeeded, \d+ of \d+ cells ok/, {
      timeout: 90_000
    });
    await intoPanel(page, panel);
    return panel.innerText();
  }
});

test('a second person’s change is shown and never overwritten', async ({
  page
}) => {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:start-incident', {
    slug: 'background-job-failure-replay'
  });
  const first = panel.locator('.jp-Keys-stepTitle');
  await expect(first).toBeVisible();
  const title = (await first.innerText()).trim();
  const list = await page.request.get(
    `${process.env.TARGET_URL}/keys-jupyter/incidents`
  );
  const { incidents } = await list.json();
  const incident = incidents.find(
    (one: { runbook: string }) =>
      one.runbook === 'background-job-failure-replay'
  );
  const { id, focus, n } = incident;

  // An act that rests on what Maria changed meanwhile is refused and explained.
  await page.route(/keys-jupyter\/incidents\/[^/]+\/acts/, async route => {
    const body = route.request().postDataJSON();
    await route.continue({
      postData: JSON.stringify({
        ...body,
        after: body.after === null ? null : n
      })
    });
  });
  await maria(
    'incident',
    'step',
    id,
    focus,
    'failed',
    '--text',
    'The disk is full'
  );
  await expect(panel.locator('.jp-Keys-looking')).toContainText('Maria', {
    timeout: 20_000
  });
  await pictures(page, 'second-person');
  await intoPanel(page, panel);
  await press(page, 'd');
  await expect(panel.getByRole('alert')).toContainText('somebody was faster');
  await expect(panel.getByRole('alert')).toContainText('Maria');
  await pictures(page, 'stale');
  await expectAccessible(page);
  await tabTo(page, panel.getByRole('button', { name: 'Do it anyway' }));
  await press(page, 'Enter');
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await expect(first).not.toContainText(title);
});

test('wide: the same incident in the main area, in step with the panel, there after a reload', async ({
  page
}) => {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:start-incident', {
    slug: 'stripe-webhook-failure',
    rehearsal: true
  });
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeVisible();
  await expect(panel.locator('.jp-Keys-meta')).toContainText('Rehearsal');
  await intoPanel(page, panel);
  await press(page, 'w');
  const wide = page.locator('.jp-Keys-wide');
  await expect(wide.getByRole('tree')).toBeVisible();
  await expect(wide.locator('.jp-Keys-stepTitle')).toContainText(
    'Open the Evidence Folder'
  );
  await pictures(page, 'wide');
  await expect(wide.getByRole('heading', { level: 1 })).toBeFocused();
  await press(page, 'd');
  await expect(wide.locator('.jp-Keys-stepTitle')).toContainText(
    'Load Credentials'
  );
  await expect(panel.locator('.jp-Keys-stepTitle')).toContainText(
    'Load Credentials'
  );
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `incident-${width}`);
  }
  // The layout is kept a moment after it changed.
  await page.waitForResponse(
    reply =>
      reply.url().includes('/workspaces/') && reply.request().method() === 'PUT'
  );
  await page.reload({ waitForIsReady: false });
  await expect(wide.locator('.jp-Keys-stepTitle')).toContainText(
    'Load Credentials',
    { timeout: 60_000 }
  );
});

test('two windows on one incident stay in step', async ({ page, context }) => {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:start-incident', {
    slug: 'supabase-rls-lockout-recovery'
  });
  const title = panel.locator('.jp-Keys-stepTitle');
  await expect(title).toBeVisible();
  const other = await context.newPage();
  await other.goto(`${process.env.TARGET_URL}/lab/workspaces/second`);
  const second = other.locator('[id="keys-jupyter:panel"]');
  await other
    .locator('.jp-SideBar [data-id="keys-jupyter:panel"]')
    .waitFor({ timeout: 60_000 });
  const reply = await page.request.get(
    `${process.env.TARGET_URL}/keys-jupyter/incidents`
  );
  const [{ id }] = (await reply.json()).incidents;
  await expect(other.locator('#jupyterlab-splash')).toHaveCount(0);
  await execute(other, 'keys-jupyter:open-incident', { id });
  const before = await title.innerText();
  await expect(second.locator('.jp-Keys-stepTitle')).toHaveText(before);
  await second.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(second.locator('.jp-Keys-stepTitle')).not.toHaveText(before);
  await expect(title).toHaveText(
    await second.locator('.jp-Keys-stepTitle').innerText(),
    { timeout: 15_000 }
  );
});
