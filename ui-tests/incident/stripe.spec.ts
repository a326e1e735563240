/**
 * A whole incident by the keyboard alone: from the alert to the close, with a run, a hand-over and a reload between.
 */

import { expect, test } from '@jupyterlab/galata';

import type { Locator, Route } from '@playwright/test';

import { expectNothingCutSideways, panelOf, pictures } from '../tests/desk';
import { act, intoPanel, ledger, look, press, stepTitle, tabTo } from './help';

test.use({ mockState: false });

test('the whole stripe-webhook-failure incident by the keyboard', async ({
  page
}) => {
  // Every view is looked at in both themes.
  test.setTimeout(240_000);
  const sent: string[] = [];
  page.on('websocket', socket =>
    socket.on('framesent', frame => sent.push(String(frame.payload)))
  );
  const panel = panelOf(page);
  await intoPanel(page, panel);
  await expect(
    panel.getByRole('row', { name: /Stripe Webhook Failure/ }).first()
  ).toBeVisible();

  // The alert's text finds the runbook, and says why.
  await press(page, '/');
  await page.keyboard.insertText(
    'Stripe webhook deliveries failing: success rate 71 %, HTTP 400 at the endpoint'
  );
  const found = panel.getByRole('grid', {
    name: 'Runbooks that fit this text'
  });
  await expect(found.getByRole('row').first()).toContainText(
    'Stripe Webhook Failure'
  );
  await look(page, 'find');
  await tabTo(page, found.getByRole('button').first());
  await press(page, 'Enter');

  await expect(panel).toContainText('When NOT to Use');
  await expect(
    panel.getByRole('button', { name: /Data Reconciliation Mismatch/ }).first()
  ).toBeVisible();
  await expect(
    panel.getByRole('textbox', { name: 'Alert or trigger' })
  ).toHaveValue(/success rate 71/);
  await look(page, 'runbook');
  await expectNothingCutSideways(panel);
  await tabTo(page, panel.getByRole('button', { name: 'Start incident' }));
  await press(page, 'Enter');

  // Safety first: the rules, the first check, the trigger in the header.
  await expect(panel.getByRole('region', { name: 'Do not' })).toBeVisible();
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeVisible();
  await expect(panel.locator('.jp-Keys-known')).toContainText(
    'success rate 71'
  );
  await expect(panel.locator('.jp-Keys-meta')).toContainText('Escalate at');
  await look(page, 'incident');
  await expectNothingCutSideways(panel);
  await expect(panel.getByRole('heading', { level: 1 })).toBeFocused();

  // A wrong Done is taken back with one key; every act leaves the focus on the step it led to.
  await press(page, 'd');
  await expect(stepTitle(panel, 'Load Credentials')).toBeFocused();
  await press(page, 'u');
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeFocused();
  await press(page, 'd');
  await expect(stepTitle(panel, 'Load Credentials')).toBeFocused();
  await press(page, 's');
  await page.getByRole('dialog').getByRole('textbox').fill('Loaded before');
  await press(page, 'Enter');
  await expect(
    stepTitle(panel, 'Confirm Account, Mode and Endpoint')
  ).toBeFocused();
  await press(page, '1', 'Enter');
  await expect(stepTitle(panel, 'Freeze Deploys')).toBeFocused();

  // A letter takes the entry of the menu; the server counts the minute from now on.
  await press(page, 'i', 'r', 'ControlOrMeta+A');
  await page.keyboard.type('1');
  await press(page, 'Tab');
  await page.keyboard.type('Tell the customers');
  await press(page, 'Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // A command asks for what it leaves open, and stands on the incident's own terminal, not entered.
  await press(page, 't');
  await expect(panel.getByRole('textbox', { name: 'app_host' })).toBeFocused();
  await page.keyboard.type('web-1');
  await press(page, 'Tab');
  await page.keyboard.type('billing');
  await pictures(page, 'command-form');
  await press(page, 'Enter');
  await expect(page.locator('.jp-Terminal')).toBeVisible();
  const typed = (): string | undefined =>
    sent.find(frame => frame.includes('ssh web-1'));
  await expect.poll(typed, { timeout: 20_000 }).toBeTruthy();
  // It stands on the prompt: no end of line was sent with it.
  expect(JSON.parse(typed() ?? '[]')[1]).not.toMatch(/[\r\n]/);
  await pictures(page, 'terminal');
  await intoPanel(page, panel);
  await press(page, 'd');
  await expect(
    stepTitle(panel, 'Confirm That One Event Is Stored Once')
  ).toBeVisible();
  await press(page, '1', 'Enter');
  await expect(stepTitle(panel, 'Confirm the Failure at Stripe')).toBeVisible();
  await press(page, '1', 'Enter');
  await expect(
    stepTitle(panel, 'Check Endpoint Status and Health')
  ).toBeVisible();
  await press(page, '1', 'Enter');
  await expect(
    stepTitle(panel, 'Analyze Webhook Delivery Patterns')
  ).toBeVisible();

  // The key of the step: installed and run from its card, with the sample's own errors.
  const install = panel.getByRole('button', { name: /^Install/ });
  await tabTo(page, install);
  await press(page, 'Enter');
  await expect(
    panel.getByRole('button', { name: 'Run this key…' })
  ).toBeVisible({ timeout: 30_000 });
  await pictures(page, 'step-card');
  await intoPanel(page, panel);
  await tabTo(page, panel.getByRole('button', { name: 'Run this key…' }));
  await press(page, 'Enter');
  await expect(
    panel.getByRole('combobox', { name: /delivery log/i })
  ).toHaveValue('sample/webhook_logs.csv');
  await tabTo(page, panel.getByRole('button', { name: 'Run', exact: true }));
  await press(page, 'Enter');
  await expect(panel).toContainText(/Succeeded, 12 of 12 cells ok/, {
    timeout: 90_000
  });
  // Below 95 % one line alone is true, whatever the errors are.
  await expect(panel.locator('.jp-Keys-suggested')).toHaveCount(1);
  await expect(panel.locator('.jp-Keys-suggested')).toContainText('< 95 %');
  await look(page, 'incident-results');
  await intoPanel(page, panel);
  await press(page, '2', 'Enter');
  await expect(stepTitle(panel, 'Read the Application Log')).toBeVisible();

  // Hand over, reload: everything is where it was.
  await press(page, 'i', 'h');
  await expect(page.getByRole('dialog')).toContainText('Hand over');
  await page.keyboard.type('Maria');
  await press(page, 'Tab');
  await page.keyboard.type('Deliveries time out.');
  await press(page, 'Enter');
  await page.keyboard.type('Secrets not compared yet.');
  await pictures(page, 'hand-over');
  await press(page, 'Control+Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const before = await standing(panel);
  await page.reload({ waitForIsReady: false });
  await expect(panel).toBeVisible({ timeout: 60_000 });
  await expect(stepTitle(panel, 'Read the Application Log')).toBeVisible({
    timeout: 30_000
  });
  await expect.poll(() => standing(panel)).toEqual(before);

  // What comes due is told by the panel, a notification and the window's title, also while nothing is heard of the server.
  const held: Route[] = [];
  await page.route('**/keys-jupyter/**', route => void held.push(route));
  const due = panel.locator('.jp-Keys-due', { hasText: 'Tell the customers' });
  await expect(due).toBeVisible({ timeout: 60_000 });
  await expect(page).toHaveTitle(/^\(1 due\) /);
  await expect(
    page.locator('.Toastify').getByText(/Due now: Tell the customers/)
  ).toBeVisible();
  await expect(panel.locator('.jp-Keys-heard')).toHaveText(
    /^last heard \d\d s ago$/,
    { timeout: 30_000 }
  );
  await pictures(page, 'due');
  await page.unroute('**/keys-jupyter/**');
  await Promise.all(held.map(route => route.continue()));
  await expect(panel.locator('.jp-Keys-heard')).toHaveText('live');
  await intoPanel(page, panel);
  await tabTo(page, due.getByRole('button', { name: 'Stop' }));
  await press(page, 'Enter');
  await expect(due).toHaveCount(0);
  await expect(page).not.toHaveTitle(/due/);

  // From the map to the action that cannot be undone; a look changes nothing, and its words unlock nothing.
  await press(page, 'm');
  await expect(
    panel.getByRole('treeitem', { name: /Read the Application Log/ })
  ).toBeFocused();
  await look(page, 'steps');
  const leaf = panel.getByRole('treeitem', { name: /Resend Undelivered/ });
  while (!(await leaf.evaluate(node => node === document.activeElement))) {
    await press(page, 'ArrowDown');
  }
  await press(page, 'Enter');
  await expect(stepTitle(panel, 'Resend Undelivered Events')).toBeFocused();
  await expect(panel).toContainText('You are looking at');
  await expect(panel).toContainText('IRREVERSIBLE');
  const unlock = panel.getByRole('textbox', { name: /To go on, type/ });
  await expect(unlock).toHaveCount(0);
  await press(page, '.');
  await expect(stepTitle(panel, 'Read the Application Log')).toBeFocused();
  await press(page, 'm', 'End');
  while (!(await leaf.evaluate(node => node === document.activeElement))) {
    await press(page, 'ArrowUp');
  }
  await press(page, 'Enter');
  await press(page, 'd');
  await expect(
    panel.locator('.jp-Keys-unlock').getByRole('button')
  ).toBeFocused();
  await press(page, 'Enter');
  await expect(unlock).toBeFocused();
  const copy = panel.locator('.jp-Keys-command [data-act="copy"]');
  await page.keyboard.type('RESEND');
  await press(page, 'Enter');
  await expect(panel.getByRole('alert')).toContainText('Nothing was unlocked');
  await look(page, 'action');
  await expect(copy).toHaveCount(0);
  const refused = await act(page, {
    type: 'action.confirmed',
    step: 'action-8',
    confirmation: 'RESEND'
  });
  expect(refused.status()).toBe(409);
  await page.keyboard.type(' 8');
  await press(page, 'Enter');
  await expect(copy.first()).toBeVisible();
  await expect(stepTitle(panel, 'Resend Undelivered Events')).toBeFocused();

  // It is done; the window in which it must show has begun.
  await press(page, 'd');
  await expect(stepTitle(panel, 'First 15 Minutes')).toBeFocused();
  await expect(panel.locator('.jp-Keys-timer').first()).toContainText(
    /due at \d\d:\d\d UTC, in 1[45] min/
  );
  await look(page, 'verification');

  // Rollback is one key away from everywhere, and one key leads back.
  await press(page, 'x');
  await expect(stepTitle(panel, 'Rollback / Escalation')).toBeFocused();
  await expect(panel).toContainText('Triggers');
  await look(page, 'rollback');
  await press(page, '.');
  await expect(stepTitle(panel, 'First 15 Minutes')).toBeFocused();
  await press(page, 'e');
  await expect(panel).toContainText(/Artifacts to save, \d of 7/i);
  await press(page, 'x');
  await expect(stepTitle(panel, 'Rollback / Escalation')).toBeFocused();

  // Evidence, timeline.
  await press(page, 'e');
  const elsewhere = panel.getByRole('button', { name: 'Saved elsewhere' });
  await tabTo(page, elsewhere.first());
  await press(page, 'Enter');
  await expect(panel).toContainText(/Saved elsewhere, says .* UTC/);
  await look(page, 'evidence');
  await press(page, 'l');
  await expect(panel).toContainText('unlocked by typing “RESEND 8”');
  await look(page, 'timeline');

  // The close names what is missing, and is possible all the same.
  await press(page, 'i', 'c');
  await expect(panel.getByRole('heading', { level: 1 })).toContainText(
    'Close incident'
  );
  await expect(panel).toContainText('Endpoint status and probe');
  const cause = panel.getByRole('textbox', { name: 'Root cause' });
  await tabTo(page, cause);
  await page.keyboard.type('The handler answered too late.');
  // Esc is "Not yet": what was typed is there again.
  await press(page, 'Escape');
  await expect(cause).toHaveCount(0);
  await press(page, 'i', 'c');
  await expect(cause).toHaveValue('The handler answered too late.');
  await tabTo(page, cause);
  await press(page, 'Tab');
  await page.keyboard.type('More workers; the events were sent again.');
  await press(page, 'Tab');
  await page.keyboard.type('Success rate 99.6 % after 15 minutes.');
  await look(page, 'close');
  await expectNothingCutSideways(panel);
  await tabTo(page, panel.getByRole('button', { name: 'Close with 6 gaps' }));
  await press(page, 'Enter');
  await expect(panel.locator('.jp-Keys-closed')).toContainText(
    /Closed at .* UTC by/
  );
  // What is missing is folded, so that the evidence below has its room.
  await tabTo(
    page,
    panel.locator('.jp-Keys-closed summary', { hasText: 'Missing' })
  );
  await press(page, 'Enter');
  await expect(
    panel.locator('.jp-Keys-closed').getByText('Endpoint status and probe')
  ).toBeVisible();
  await expect(
    panel.getByRole('button', { name: 'Done', exact: true })
  ).toHaveCount(0);
  await look(page, 'closed');
  await expectNothingCutSideways(panel);

  // The ledger has it all, in order and without gaps, and nothing that was refused.
  const records = await ledger(page);
  expect(records.map(({ seq }) => seq)).toEqual([...records.keys()]);
  const told = records
    .filter(({ type }) => !/^(evidence|run)\./.test(type))
    .map(({ type, step }) => [type, step].filter(Boolean).join(' '));
  expect(told).toEqual([
    'incident.opened',
    'step.done safety-1',
    'step.undone safety-1',
    'step.done safety-1',
    'step.skipped safety-2',
    'branch.taken safety-3',
    'timer.started',
    'incident.fact',
    'incident.fact',
    'step.done safety-4',
    'branch.taken safety-5',
    'branch.taken diagnosis-1',
    'branch.taken diagnosis-2',
    'branch.taken diagnosis-3',
    'incident.handover',
    'timer.stopped',
    'step.focus action-8',
    'action.confirmed action-8',
    'step.done action-8',
    'item.ticked',
    'incident.closed'
  ]);
  const data = (type: string, step: string | null = null): object =>
    records.find(record => record.type === type && record.step === step)
      ?.data ?? {};
  expect(data('step.skipped', 'safety-2')).toMatchObject({
    text: 'Loaded before'
  });
  expect(data('branch.taken', 'diagnosis-3')).toMatchObject({
    true: true,
    reason: 'Delivery success rate 91.3 %, expected > 95 %',
    support: { result: 'success_rate', value: 91.3, unit: '%' }
  });
  expect(data('incident.handover')).toMatchObject({
    to: 'Maria',
    text: 'Deliveries time out.\nSecrets not compared yet.'
  });
  expect(data('action.confirmed', 'action-8')).toMatchObject({
    confirmation: 'RESEND 8'
  });
  const { missing } = data('incident.closed') as { missing: string[] };
  expect(missing).toHaveLength(6);
});

/** What must be as it was after a reload. */
async function standing(panel: Locator): Promise<Array<string | null>> {
  return Promise.all([
    panel.locator('.jp-Keys-stepTitle').textContent(),
    panel.locator('.jp-Keys-strip, .jp-Keys-beside > p').first().textContent(),
    panel.locator('.jp-Keys-known').textContent(),
    panel.getByRole('tab', { selected: true }).textContent(),
    panel.locator('.jp-Keys-step').innerText()
  ]);
}
