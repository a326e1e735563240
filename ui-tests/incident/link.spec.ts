/**
 * The link an alert carries: logged out, under a base URL, in a second window, over a reload.
 */

import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';

const BASE = process.env.KEYS_LINKED_URL ?? '';
const TOKEN = 'keys-ui-tests';
const LINK =
  'lab?keys=runbook:stripe-webhook-failure&step=diagnosis-2&p.endpoint=we_1Q&p.app_host=web%201';

async function expectShown(page: Page): Promise<void> {
  const panel = page.locator('[id="keys-jupyter:panel"]');
  await expect(panel.getByRole('heading', { level: 1 })).toContainText(
    'Stripe Webhook Failure',
    { timeout: 60_000 }
  );
  await expect(panel.getByRole('textbox', { name: 'endpoint' })).toHaveValue(
    'we_1Q'
  );
  await expect(panel.getByRole('textbox', { name: 'app_host' })).toHaveValue(
    'web 1'
  );
  await expect(panel).toContainText('nothing runs by itself');
}

test('a link survives the login, shows its values, and starts nothing', async ({
  page
}) => {
  await page.goto(`${BASE}/${LINK}`);
  await page.locator('input[type="password"]').first().fill(TOKEN);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expectShown(page);
  const open = await page.request.get(
    `${BASE}/keys-jupyter/incidents?token=${TOKEN}`
  );
  expect((await open.json()).incidents).toEqual([]);

  // The address is clean again, and a reload keeps the target.
  expect(new URL(page.url()).searchParams.get('keys')).toBeNull();
  await expect
    .poll(async () => {
      const kept = await page.request.get(
        `${BASE}/lab/api/workspaces/default?token=${TOKEN}`
      );
      return kept.text();
    })
    .toContain('stripe-webhook-failure');
  await page.reload();
  await expectShown(page);

  const panel = page.locator('[id="keys-jupyter:panel"]');
  await panel.getByRole('button', { name: 'Start incident' }).click();
  await expect(panel.locator('.jp-Keys-stepTitle')).toContainText(
    'Check Endpoint Status and Health'
  );
  await expect(panel).toContainText('You are looking at');
});

test('a second window follows its own link', async ({ context }) => {
  const first = await context.newPage();
  await first.goto(`${BASE}/lab?token=${TOKEN}`);
  await expect(first.locator('[id="keys-jupyter:panel"]')).toBeVisible({
    timeout: 60_000
  });
  const second = await context.newPage();
  await second.goto(`${BASE}/${LINK}`);
  await expectShown(second);
});
