import { expect } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import * as path from 'path';

/** Where the pictures go. */
const PICTURES = path.join(__dirname, '..', 'screenshots');

/** What Galata's server puts on the page. */
interface IWindow {
  jupyterapp: {
    commands: { execute(id: string, args: object): Promise<unknown> };
    shell: { currentWidget: { context: { path: string } } };
    serviceManager: {
      contents: { rename(path: string, to: string): Promise<unknown> };
    };
  };
}

/** A notebook of this folder into the workspace, and the form that runs it. */
export async function fillInNotebook(
  page: IJupyterLabPageFixture,
  name: string
): Promise<Locator> {
  const file = `${name}.ipynb`;
  const from = path.join(__dirname, '..', 'notebooks', file);
  await page.contents.uploadFile(from, file);
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:run-key', { slug: file });
  return panel;
}

/** Execute a command of the application. */
export async function execute(
  page: Page,
  id: string,
  args: object = {}
): Promise<void> {
  await page.evaluate(
    async ([id, args]) => {
      await (window as never as IWindow).jupyterapp.commands.execute(id as string, args as object);
    },
    [id, args]
  );
}

/** The newest run of a name, as the server has it. */
export async function newestRun(
  page: Page,
  key: string
): Promise<{ id: string; folder: string; notebook: string; state: string }> {
  const reply = await page.request.get(`${process.env.TARGET_URL}/keys-jupyter/runs?key=${key}`);
  const { runs } = await reply.json();
  return runs[0];
}

/** Let the run that waits for its file go on. */
export async function letGo(page: IJupyterLabPageFixture): Promise<void> {
  const { folder } = await newestRun(page, 'waiting.ipynb');
  await page.contents.uploadContent('go', 'text', `${folder}/go.txt`);
}

/** Nothing may go on from one test into the next: runs wait for one another. */
export async function endRuns(page: Page): Promise<void> {
  const address = `${process.env.TARGET_URL}/keys-jupyter/runs`;
  const open = async (): Promise<Array<{ id: string }>> => {
    const { runs } = await (await page.request.get(address)).json();
    return runs.filter((run: { ended_at: string | null }) => run.ended_at === null);
  };
  for (const { id } of await open()) {
    await page.request.post(`${address}/${id}/cancel`, { data: {} });
  }
  await expect.poll(async () => (await open()).length, { timeout: 15_000 }).toBe(0);
}

/** Make the panel so wide, also narrower than a person can drag it. */
export async function setWidth(page: Page, width: number): Promise<void> {
  const panel = panelOf(page);
  await panel.evaluate(element => {
    element.style.minWidth = '200px';
  });
  const { right, left } = await panel.evaluate(element => {
    const { right, left } = element.getBoundingClientRect();
    return { right, left };
  });
  await page.mouse.move(right + 1, 500);
  await page.mouse.down();
  await page.mouse.move(left + width, 500, { steps: 4 });
  await page.mouse.up();
}

/** axe finds no serious fault in the panel, in the dark theme and in the light one. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await setTheme(page, theme);
    expect(await seriousFaults(page), theme).toEqual([]);
  }
}

/** What axe finds in the panel as it is shown. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include('[id="keys-jupyter:panel"]')
    .setLegacyMode(true)
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`);
}

/** Show everything in a theme. */
export async function setTheme(page: Page, word: 'dark' | 'light'): Promise<void> {
  await page.evaluate(
    name => (window as never as IWindow).jupyterapp.commands.execute('apputils:change-theme', { theme: name }),
    word === 'dark' ? 'JupyterLab Dark' : 'JupyterLab Light'
  );
  await expect(page.locator('body')).toHaveAttribute(
    'data-jp-theme-light',
    word === 'light' ? 'true' : 'false'
  );
  await expect(page.locator('#jupyterlab-splash')).toHaveCount(0);
}

/** The panel, as a person finds it. */
export function panelOf(page: Page): Locator {
  return page.locator('[id="keys-jupyter:panel"]');
}

/** Open the panel by its icon in the left bar and make it 340 px wide. */
export async function openPanel(page: Page): Promise<Locator> {
  const panel = panelOf(page);
  // After a reload the kept layout may open it between the look and the click, which then closes it.
  await expect(async () => {
    if (!(await panel.isVisible())) {
      await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click();
    }
    await expect(panel.getByRole('heading').first()).toBeVisible();
  }).toPass({ timeout: 30_000 });
  const right = await panel.evaluate(element => element.getBoundingClientRect().right);
  await page.mouse.move(right + 1, 500);
  await page.mouse.down();
  await page.mouse.move(373, 500, { steps: 4 });
  await page.mouse.up();
  return panel;
}

/** Take a picture as it is, at once. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** Take a picture in the light and in the dark theme. */
export async function pictures(
  page: Page,
  name: string
): Promise<void> {
  for (const word of ['dark', 'light'] as const) {
    await setTheme(page, word);
    await picture(page, `${name}-${word}`);
  }
}

/** What may be wider than the panel: it scrolls by itself. */
const SCROLLING = 'pre, svg, code, .jp-Keys-sideways > *';

/** Nothing in the panel may be wider than the panel. */
export async function expectNothingCutSideways(panel: Locator): Promise<void> {
  const wide = await panel.evaluate((element, scrolling) => {
    const edge = element.getBoundingClientRect().right + 1;
    return Array.from(element.querySelectorAll('*'))
      .filter(child => {
        const box = child.getBoundingClientRect();
        return box.width > 0 && box.right > edge && !child.closest(scrolling);
      })
      .map(child => `${child.tagName} ${child.className}`);
  }, SCROLLING);
  expect(wide).toEqual([]);
}

/** Rename the file of the active document, as the file browser does; returns its new path. */
export async function renameActive(
  page: Page,
  rename: (path: string) => string
): Promise<string> {
  const path = await page.evaluate(
    () => (window as never as IWindow).jupyterapp.shell.currentWidget.context.path
  );
  const to = rename(path);
  await page.evaluate(
    async ([path, to]) => {
      const { contents } = (window as never as IWindow).jupyterapp.serviceManager;
      await contents.rename(path, to);
    },
    [path, to]
  );
  return to;
}

/** Install a key and wait until its files are there: the answer may come before them. */
export async function installKey(page: IJupyterLabPageFixture, slug: string): Promise<void> {
  const address = `${process.env.TARGET_URL}/keys-jupyter/keys/${slug}/install`;
  const reply = await page.request.post(address, { data: {} });
  expect(reply.ok()).toBe(true);
  await expect.poll(() => page.contents.fileExists(`keys/${slug}/1.0.0/key.json`)).toBe(true);
}
