/**
 * An incident by the keyboard alone: from the alert to its irreversible action, with a run, a hand-over and a reload between.
 */

import { expect, test } from '@jupyterlab/galata';

import {
  expectAccessible,
  expectNothingCutSideways,
  openPanel,
  panelOf,
  pictures
} from '../tests/desk';
import { intoPanel, press, stepTitle, tabTo } from './help';

test.use({ mockState: false });

test('stripe-webhook-failure by the keyboard, from the alert to the irreversible action', async ({
  page
}) => {
  const sent: string[] = [];
  page.on('websocket', socket =>
    socket.on('framesent', frame => sent.push(String(frame.payload)))
  );
  const panel = await openPanel(page);
  await expect(
    panel.getByRole('row', { name: /Stripe Webhook Failure/ }).first()
  ).toBeVisible();

  // The alert's text finds the runbook, and says why.
  await intoPanel(page, panel);
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
  await pictures(page, 'find');
  await expectAccessible(page);
  await tabTo(page, found.getByRole('button').first());
  await press(page, 'Enter');

  await expect(panel).toContainText('When NOT to Use');
  await expect(
    panel.getByRole('button', { name: /Data Reconciliation Mismatch/ }).first()
  ).toBeVisible();
  await expect(
    panel.getByRole('textbox', { name: 'Alert or trigger' })
  ).toHaveValue(/success rate 71/);
  await pictures(page, 'runbook');
  await expectNothingCutSideways(panel);
  await expectAccessible(page);
  await tabTo(page, panel.getByRole('button', { name: 'Start incident' }));
  await press(page, 'Enter');

  // Safety first: the rules, the first check, the trigger in the header.
  await expect(panel.getByRole('region', { name: 'Do not' })).toBeVisible();
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeVisible();
  await expect(panel.locator('.jp-Keys-known')).toContainText(
    'success rate 71'
  );
  await expect(panel.locator('.jp-Keys-meta')).toContainText('Escalate at');
  await pictures(page, 'incident');
  await expectNothingCutSideways(panel);
  await expectAccessible(page);
  await expect(panel.getByRole('heading', { level: 1 })).toBeFocused();

  // A wrong Done is taken back with one key; every act leaves the focus on the step it led to.
  await press(page, 'd');
  await expect(stepTitle(panel, 'Load Credentials')).toBeFocused();
  await press(page, 'u');
  await expect(stepTitle(panel, 'Open the Evidence Folder')).toBeVisible();
  await press(page, 'd');
  await expect(stepTitle(panel, 'Load Credentials')).toBeFocused();
  await press(page, 's');
  await page.getByRole('dialog').getByRole('textbox').fill('Loaded before');
  await press(page, 'Enter');
  await expect(
    stepTitle(panel, 'Confirm Account, Mode and Endpoint')
  ).toBeVisible();
  await intoPanel(page, panel);
  await press(page, '1');
  await press(page, 'Enter');
  await expect(stepTitle(panel, 'Freeze Deploys')).toBeVisible();

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
  await expect(
    panel.locator('.jp-Keys-branch.jp-mod-true').first()
  ).toBeVisible();
  await pictures(page, 'incident-results');
  await expectAccessible(page);
  await intoPanel(page, panel);
  await press(page, '2', 'Enter');
  await expect(stepTitle(panel, 'Read the Application Log')).toBeVisible();

  // Hand over, reload: everything is where it was.
  await intoPanel(page, panel);
  await press(page, 'i');
  await expect(page.getByRole('menu')).toBeVisible();
  // A letter finds the entry; Enter takes it.
  await press(page, 'h', 'Enter');
  await expect(page.getByRole('dialog')).toContainText('Hand over');
  await page.keyboard.type('Maria');
  await press(page, 'Tab');
  await page.keyboard.type('Signature errors; secrets not compared yet.');
  await tabTo(
    page,
    page.getByRole('dialog').getByRole('button', { name: 'Hand over' })
  );
  await press(page, 'Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.reload({ waitForIsReady: false });
  await expect(panelOf(page)).toBeVisible({ timeout: 60_000 });
  await expect(stepTitle(panel, 'Read the Application Log')).toBeVisible({
    timeout: 30_000
  });
  await expect(panel.locator('.jp-Keys-strip')).toContainText(/7 of|6 of/);

  // The action that cannot be undone says so before anybody works on it.
  await intoPanel(page, panel);
  await press(page, 'm');
  await expect(panel.getByRole('tree')).toBeVisible();
  await pictures(page, 'steps');
  await expectAccessible(page);
  await tabTo(
    page,
    panel.getByRole('treeitem', { name: /Read the Application Log/ })
  );
  for (let i = 0; i < 30; i += 1) {
    await press(page, 'ArrowDown');
    if (
      await panel
        .getByRole('treeitem', { name: /Resend Undelivered Events/ })
        .evaluate(node => node === document.activeElement)
    ) {
      break;
    }
  }
  await press(page, 'Enter');
  await expect(panel).toContainText('IRREVERSIBLE');
});
