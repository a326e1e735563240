/**
 * Steers the marketplace, and reads what it was asked.
 */

import { expect } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

const STEER = process.env.KEYS_MARKET_STEER ?? '';

/** Have the marketplace do something; answers what it says. */
export async function steer(
  page: Page,
  command: { do: string; [option: string]: unknown }
): Promise<{ [name: string]: unknown }> {
  const reply = await page.request.post(STEER, { data: command });
  const said = await reply.json();
  expect(said.error, JSON.stringify(command)).toBeUndefined();
  return said;
}

/** A new API key of the marketplace's one user. */
export async function newKey(page: Page): Promise<string> {
  return (await steer(page, { do: 'key', seconds: 86400 * 90 }))
    .token as string;
}

/** Our server's routes, as the panel asks them. */
export async function ask(
  page: Page,
  path: string,
  data: object | null = {}
): Promise<{ [name: string]: unknown }> {
  const address = `${process.env.TARGET_URL}/keys-jupyter/${path}`;
  const reply = data
    ? await page.request.post(address, { data })
    : await page.request.get(address);
  return reply.json();
}

/** Signed in and with every list anew, without the dialog. */
export async function signedIn(page: Page): Promise<void> {
  const key = await newKey(page);
  expect((await ask(page, 'marketplace/sign-in', { key })).state).toBe('valid');
  expect((await ask(page, 'marketplace/refresh')).state).toBe('valid');
}

/** Open the catalogue from home. */
export async function openCatalogue(panel: Locator): Promise<void> {
  await panel
    .getByRole('button', { name: /catalogue/i })
    .first()
    .click();
  await expect(panel.getByRole('heading', { name: 'Catalogue' })).toBeVisible();
}

/** A row of the catalogue. */
export function rowOf(panel: Locator, title: string): Locator {
  return panel.getByRole('row').filter({ hasText: title }).first();
}

/** Open the details of a key from its row. */
export async function openDetails(
  panel: Locator,
  title: string
): Promise<void> {
  await rowOf(panel, title).getByRole('button').first().click();
  await expect(
    panel.getByRole('heading', { name: title, level: 1 })
  ).toBeVisible();
}
