/**
 * Whatever a publisher or a marketplace writes, in a real browser: it runs nothing, asks nobody, and is shown as text.
 *
 * The texts are `tests/payloads.json`: one that ran would set `window.ran`, one that reached out would ask 127.0.0.1:9.
 */

import { expect, test } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

import {
  execute,
  expectNothingCutSideways,
  openPanel,
  picture
} from '../tests/desk';
import { expectHarmless, touchAll, watched } from './harmless';
import { ask, openCatalogue, openDetails, signedIn, steer } from './steering';

/** What the marketplace and the library say, by slug. */
interface IHostile {
  /** The text that is all a row says. */
  titles: { [slug: string]: string };
  /** What is seen in a document behind each of its texts. */
  marks: { [slug: string]: string[] };
}

/** A text that may be read as more than a text, or is longer than a place is wide. */
const MARKUP = /[<>[\]$]|.{100}/;

/** Only what any screen shows as it is written. */
const PLAIN = /^[!-~ ]{1,5000}$/;

test.afterEach(async ({ page }) => {
  await steer(page, { do: 'calm' });
});

test('hostile words of a marketplace and of a library neither act nor ask, wherever they are shown', async ({
  page
}) => {
  const { titles, marks } = (await steer(page, {
    do: 'hostile'
  })) as never as IHostile;
  await signedIn(page);
  const panel = await openPanel(page);
  const seen = await watched(page);

  await test.step('rows of the catalogue', async () => {
    await openCatalogue(panel);
    const said = await scrolledThrough(panel);
    for (const [slug, title] of Object.entries(titles)) {
      expect(said[slug]).toContain(PLAIN.test(title) ? title.trim() : '');
    }
    await picture(page, 'catalogue-hostile-light');
  });

  await test.step('each is searched for, and one is a facet', async () => {
    const field = panel.getByRole('searchbox');
    await searchEach(field, Object.values(titles));
    await field.fill('');
    const category = panel.getByRole('combobox', { name: 'Category' });
    await category.selectOption('__proto__');
    await expect(panel.getByRole('row')).toHaveCount(1);
    await category.selectOption({ index: 0 });
  });

  await test.step('pages of keys', async () => {
    const slugs = Object.keys(titles).filter(one => MARKUP.test(titles[one]));
    expect(slugs.length).toBeGreaterThan(100);
    await openEach(page, slugs);
    await expectNothingCutSideways(panel);
    await expectHarmless(page, seen);
  });

  await test.step('documents and previews', async () => {
    for (const slug of Object.keys(marks)) {
      await openDocuments(page, panel, slug, marks[slug]);
      await expectHarmless(page, seen);
    }
  });

  await test.step('a runbook, and an incident on it', async () => {
    await execute(page, 'keys-jupyter:open-runbook', { slug: 'worst-failure' });
    await expect(
      panel.getByRole('button', { name: 'Start incident' })
    ).toBeVisible();
    await unfoldAll(panel);
    await expectNothingCutSideways(panel);
    await touchAll(panel.locator('.jp-Keys-markdown'));
    await workIncident(page, panel, Object.values(titles));
    await expectHarmless(page, seen);
  });

  await test.step('a form, and the outputs of a run', async () => {
    await ask(page, 'keys/jupyter-outputs/install');
    await execute(page, 'keys-jupyter:run-key', { slug: 'jupyter-outputs' });
    const run = panel.getByRole('button', { name: 'Run', exact: true });
    await expect(run).toBeVisible();
    await expectNothingCutSideways(panel);
    await run.click();
    await expect(panel.getByText(/raised RuntimeError/)).toBeVisible({
      timeout: 60_000
    });
    await unfoldAll(panel);
    await expectNothingCutSideways(panel);
    await picture(page, 'run-hostile-light');
    await expectHarmless(page, seen);
  });

  await test.step('the panel works as before', async () => {
    await execute(page, 'keys-jupyter:open-catalogue');
    await panel.getByRole('searchbox').fill('cache hit');
    await openDetails(panel, 'Cache Hit Analysis');
    await expectHarmless(page, seen);
  });
});

/** What every row of the catalogue says, by slug; each is scrolled into sight. */
async function scrolledThrough(
  panel: Locator
): Promise<{ [slug: string]: string }> {
  const list = panel.getByRole('grid', { name: 'Keys' }).locator('..');
  const said: { [slug: string]: string } = {};
  for (let more = true, at = 0; more; at += 1) {
    const found = await list.evaluate(async (element, at) => {
      element.scrollTop = at * element.clientHeight;
      const drawn = (): Promise<number> => new Promise(requestAnimationFrame);
      await drawn();
      await drawn();
      const buttons = element.querySelectorAll('[data-focus^="key:"]');
      const { scrollTop, clientHeight, scrollHeight } = element;
      return {
        rows: Array.from(buttons, row => [
          row.getAttribute('data-focus')?.slice('key:'.length),
          row.textContent
        ]),
        more: scrollTop + clientHeight < scrollHeight - 1
      };
    }, at);
    await expectNothingCutSideways(panel);
    Object.assign(said, Object.fromEntries(found.rows));
    more = found.more;
  }
  return said;
}

/** Search for one text after the other, as if each was pasted. */
async function searchEach(field: Locator, texts: string[]): Promise<void> {
  await field.evaluate(async (element, texts) => {
    const input = Object.getOwnPropertyDescriptor(
      HTMLInputElement.prototype,
      'value'
    );
    for (const text of texts) {
      input?.set?.call(element, text);
      element.dispatchEvent(new Event('input', { bubbles: true }));
      // What was typed is drawn before the next task.
      await null;
    }
  }, texts);
}

/** Open the page of one key after the other. */
async function openEach(page: Page, slugs: string[]): Promise<void> {
  await page.evaluate(async slugs => {
    const { commands } = (
      window as never as {
        jupyterapp: {
          commands: { execute(id: string, args: object): Promise<void> };
        };
      }
    ).jupyterapp;
    const panel = document.getElementById('keys-jupyter:panel');
    for (const slug of slugs) {
      await commands.execute('keys-jupyter:open-key', { slug });
      while (panel?.querySelector('code')?.textContent !== slug) {
        await new Promise(requestAnimationFrame);
      }
    }
  }, slugs);
}

/** Unfold whatever folds, also what is found within. */
async function unfoldAll(panel: Locator): Promise<void> {
  const folded = panel.locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) {
    await folded.evaluateAll(all =>
      all.forEach(one => (one as HTMLElement).click())
    );
    await panel.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Read me, changes and preview of a key, each with all of its marks. */
async function openDocuments(
  page: Page,
  panel: Locator,
  slug: string,
  marks: string[]
): Promise<void> {
  await execute(page, 'keys-jupyter:open-key', { slug });
  await expect(panel.locator('code').first()).toHaveText(slug);
  await expect(panel.locator('summary')).toContainText(
    ['Read me', 'Changes', 'Preview'],
    { timeout: 15_000 }
  );
  await unfoldAll(panel);
  const texts = panel.locator('.jp-Keys-markdown');
  const body = panel.frameLocator('iframe').locator('body');
  await expect(texts.locator('> *')).toHaveCount(2);
  await expect(body).toContainText(marks[marks.length - 1] ?? '');
  for (const text of [
    ...(await texts.allTextContents()),
    await body.textContent()
  ]) {
    expect(marks.filter(mark => !text?.includes(mark))).toEqual([]);
  }
  await touchAll(texts.first());
  await expectNothingCutSideways(panel);
}

/** Open an incident that was called for in these words, and see every step and tab of it. */
async function workIncident(
  page: Page,
  panel: Locator,
  words: string[]
): Promise<void> {
  const symptoms = words.join('\n').replace(/\p{Surrogate}/gu, '?');
  const { id, steps } = (await ask(page, 'incidents', {
    runbook: 'worst-failure',
    rehearsal: true,
    trigger: symptoms.slice(0, 9000),
    symptoms: symptoms.slice(0, 9000)
  })) as never as { id: string; steps: { id: string; title: string }[] };
  const open = (place: object): Promise<void> =>
    execute(page, 'keys-jupyter:open-incident', { id, ...place });
  for (const step of steps) {
    await open({ tab: 'steps', step: step.id });
    await expect(panel.locator('.jp-Keys-stepTitle').first()).toHaveText(
      step.title
    );
    await unfoldAll(panel);
    await touchAll(panel.locator('.jp-Keys-markdown'));
  }
  await expectNothingCutSideways(panel);
  for (const tab of ['evidence', 'runs', 'timeline', 'close']) {
    await open({ tab });
    await unfoldAll(panel);
    await expectNothingCutSideways(panel);
  }
}
