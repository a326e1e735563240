/**
 * What the incident suites share: keys that are pressed, a second person, and pictures of every view.
 */

import { execFile } from 'child_process';
import * as path from 'path';
import { promisify } from 'util';

import { expect } from '@jupyterlab/galata';
import type { APIResponse, Locator, Page } from '@playwright/test';

import { picture, seriousFaults, setTheme } from '../tests/desk';

const run = promisify(execFile);

/** What another person does on the same data, by the command line; answers what it printed. */
export async function maria(...words: string[]): Promise<string> {
  const folder = process.env.KEYS_INCIDENT_FOLDER ?? '';
  const { stdout } = await run('jupyter', ['keys', ...words], {
    cwd: path.join(folder, 'work'),
    env: {
      ...process.env,
      HOME: folder,
      JUPYTER_DATA_DIR: path.join(folder, 'data'),
      JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
      JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
      KEYS_ACTOR: 'Maria'
    }
  });
  return stdout;
}

/** A picture in either theme, in which axe finds no serious fault. */
export async function look(page: Page, name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await setTheme(page, theme);
    await picture(page, `${name}-${theme}`);
    expect(await seriousFaults(page), theme).toEqual([]);
  }
}

/** Press keys one after the other. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
  }
}

/** Walk with Tab, or back with Shift+Tab, until something has the focus; whoever never gets there fails. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 80; i += 1) {
    const ahead = await target.evaluate(node => {
      const from = document.activeElement ?? document.body;
      const after =
        node.compareDocumentPosition(from) & Node.DOCUMENT_POSITION_FOLLOWING;
      return node === from ? 'here' : after ? 'Shift+Tab' : 'Tab';
    });
    if (ahead === 'here') {
      return;
    }
    await page.keyboard.press(ahead);
  }
  await expect(target).toBeFocused();
}

/** The panel has the focus by its shortcut. */
export async function intoPanel(page: Page, panel: Locator): Promise<void> {
  const inside = (): Promise<boolean> =>
    panel.evaluate(node => node.contains(document.activeElement));
  if (!(await inside())) {
    await page.keyboard.press('ControlOrMeta+Shift+Y');
  }
  await expect.poll(inside).toBe(true);
}

/** The step in focus, as its title says. */
export function stepTitle(panel: Locator, name: string | RegExp): Locator {
  return panel.locator('.jp-Keys-stepTitle', { hasText: name });
}

/** A record of the ledger, as the server answers it. */
interface IRecord {
  seq: number;
  type: string;
  step: string | null;
  data: object;
}

/** Where the newest incident is on the server. */
async function newest(page: Page): Promise<string> {
  const address = `${process.env.TARGET_URL}/keys-jupyter/incidents`;
  const { incidents } = await (await page.request.get(address)).json();
  const [last] = incidents.sort(
    (a: { number: number }, b: { number: number }) => b.number - a.number
  );
  return `${address}/${last.id}`;
}

/** Every record of the newest incident. */
export async function ledger(page: Page): Promise<IRecord[]> {
  const reply = await page.request.get(
    `${await newest(page)}/timeline?after=-1`
  );
  return (await reply.json()).records;
}

/** An act on the newest incident by HTTP, past the panel. */
export async function act(page: Page, data: object): Promise<APIResponse> {
  return page.request.post(`${await newest(page)}/acts`, { data });
}
