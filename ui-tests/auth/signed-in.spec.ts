/**
 * The server as Binder starts it, with a token, XSRF and a base URL: the panel is open, everything is reached, nobody else is let in.
 */

import { expect, test } from '@playwright/test';

const TOKEN = 'keys-ui-tests';

test('without the token nothing is answered', async ({ request }) => {
  for (const address of ['catalog', 'status', 'openapi.json', 'incidents']) {
    const reply = await request.get(`keys-jupyter/${address}`);
    expect(reply.status(), address).toBe(403);
  }
});

test('a post with the cookie alone is refused', async ({ page }) => {
  await page.goto(`lab?token=${TOKEN}`);
  const status = await page.evaluate(async () => {
    const reply = await fetch('/user/demo/keys-jupyter/incidents', {
      method: 'POST',
      body: '{"runbook": "stripe-webhook-failure"}',
      headers: { 'Content-Type': 'application/json' }
    });
    return reply.status;
  });
  expect(status).toBe(403);
});

test('the visitor finds the panel open, installs, runs and sees results', async ({
  page
}) => {
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(String(error)));
  await page.goto(`lab?token=${TOKEN}`);
  const panel = page.locator('[id="keys-jupyter:panel"]');
  await expect(panel).toBeVisible({ timeout: 60_000 });
  await expect(
    panel.getByRole('row', { name: /Stripe Webhook Failure/ })
  ).toBeVisible();
  await panel
    .getByRole('row', { name: /Webhook Event Analysis/ })
    .getByRole('button')
    .first()
    .click();
  await panel
    .getByRole('button', { name: /^Install|Run key/ })
    .first()
    .click();
  await panel.getByRole('button', { name: /Run key/ }).click();
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText(/Succeeded, 12 of 12 cells ok/, {
    timeout: 60_000
  });
  await expect(panel).toContainText('91.3 %');
  expect(faults).toEqual([]);
});

test('Notebook 7 loads the extension too', async ({ page }) => {
  await page.goto(`tree?token=${TOKEN}`);
  await expect(
    page.locator('.jp-FileBrowser, .jp-DirListing').first()
  ).toBeVisible({ timeout: 60_000 });
  const panel = page.locator('[id="keys-jupyter:panel"]');
  await expect(panel).toBeAttached();
  await page.keyboard.press('Control+Shift+Y');
  await expect(
    panel.getByRole('row', { name: /Webhook/ }).first()
  ).toBeVisible();
});
