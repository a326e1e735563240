import { expect } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
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

/** The panel, as a person finds it. */
export function panelOf(page: Page): Locator {
  return page.locator('[id="keys-jupyter:panel"]');
}

/** Open the panel by its icon in the left bar and make it 340 px wide. */
export async function openPanel(page: Page): Promise<Locator> {
  const panel = panelOf(page);
  if (!(await panel.isVisible())) {
    await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click();
  }
  await expect(panel.getByRole('heading').first()).toBeVisible();
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
  for (const [theme, word] of [
    ['JupyterLab Dark', 'dark'],
    ['JupyterLab Light', 'light']
  ]) {
    await page.evaluate(
      name => (window as never as IWindow).jupyterapp.commands.execute('apputils:change-theme', { theme: name }),
      theme
    );
    await expect(page.locator('body')).toHaveAttribute(
      'data-jp-theme-light',
      word === 'light' ? 'true' : 'false'
    );
    await expect(page.locator('#jupyterlab-splash')).toHaveCount(0);
    await picture(page, `${name}-${word}`);
  }
}

/** Nothing in the panel may be wider than the panel. */
export async function expectNothingCutSideways(panel: Locator): Promise<void> {
  const wide = await panel.evaluate(element => {
    const edge = element.getBoundingClientRect().right + 1;
    return Array.from(element.querySelectorAll('*'))
      .filter(child => {
        const box = child.getBoundingClientRect();
        return box.width > 0 && box.right > edge && !child.closest('pre, svg, code');
      })
      .map(child => `${child.tagName} ${child.className}`);
  });
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
