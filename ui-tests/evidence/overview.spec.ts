/**
 * All incidents by framework and month, the export of a period, and two runs of one key side by side.
 */

import { expect, test } from '@jupyterlab/galata';
import { randomUUID } from 'crypto';

import {
  endRuns,
  execute,
  expectAccessible,
  expectNothingCutSideways,
  installKey,
  newestRun,
  openPanel,
  pictures,
  setWidth
} from '../tests/desk';

const KEY = 'jupyter-webhook-event-analysis';

test.use({ mockState: false });
test.describe.configure({ mode: 'serial' });

test('two runs are compared from a run', async ({ page }) => {
  const panel = await openPanel(page);
  await endRuns(page);
  await installKey(page, KEY);
  for (const values of [{}, { expected_success_rate: 90 }]) {
    const reply = await page.request.post(
      `${process.env.TARGET_URL}/keys-jupyter/runs`,
      {
        data: {
          key: KEY,
          parameters: values,
          id: randomUUID().replace(/-/g, '')
        }
      }
    );
    expect(reply.status()).toBe(201);
    await expect
      .poll(async () => (await newestRun(page, KEY)).state, { timeout: 90_000 })
      .toBe('SUCCEEDED');
  }
  const { id } = await newestRun(page, KEY);
  await execute(page, 'keys-jupyter:open-run', { id });
  await panel.getByRole('button', { name: 'Compare…' }).click();
  await expect(
    panel.getByRole('heading', { name: /^Compare runs/ })
  ).toBeVisible();
  await expect(panel.getByRole('combobox', { name: 'Before' })).toBeVisible();
  await expect(
    panel.getByRole('heading', { name: /Values, 1 of/ })
  ).toBeVisible();
  const changed = panel
    .getByRole('region', { name: 'Values', exact: true })
    .getByRole('row', { name: /expected_success_rate/ });
  await expect(changed).toContainText('90');
  // What was not given is compared as its default.
  await expect(changed).toContainText('95');
  await expect(changed).toContainText('-5');
  for (const width of [300, 500, 900]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `compare-${width}`);
    await expectAccessible(page);
  }
});

test('incidents are counted by framework, filtered, and a period is exported', async ({
  page
}) => {
  for (const rehearsal of [false, true]) {
    await page.request.post(
      `${process.env.TARGET_URL}/keys-jupyter/incidents`,
      {
        data: { runbook: 'stripe-webhook-failure', rehearsal }
      }
    );
  }
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:show-home');
  await panel
    .getByRole('row', { name: /All incidents/ })
    .getByRole('button')
    .click();
  const incidents = panel.getByRole('grid', { name: 'Incidents' });
  await expect(incidents.getByRole('row').first()).toBeVisible();
  const before = await incidents.getByRole('row').count();
  await panel.getByRole('combobox', { name: 'Rehearsals' }).selectOption('all');
  await expect(incidents.getByRole('row')).toHaveCount(before + 1);
  await panel.getByRole('combobox', { name: 'Severity' }).selectOption('');
  for (const width of [300, 500, 900]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `compliance-${width}`);
    await expectAccessible(page);
  }
  await panel.getByRole('button', { name: 'Export period' }).click();
  await expect(panel.getByRole('region', { name: 'The bundle' })).toContainText(
    /evidence\/period-.*\.zip/,
    { timeout: 30_000 }
  );
});
