/**
 * Sees whatever others' texts make happen in a page: what they ask for, open, run and execute, and what they become.
 */

import { expect } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

/** What this puts on the page beside what Galata does. */
interface IWindow {
  /** What a payload would set. */
  ran?: unknown;
  /** What was drawn at any time that acts, asks or leads away. */
  acting: string[];
  executed: string[];
  jupyterapp: {
    commands: {
      commandExecuted: {
        connect(slot: (_: unknown, done: { id: string }) => void): void;
      };
    };
  };
}

/** What the tests have the panel do. */
const ASKED_FOR =
  /^keys-jupyter:(open-(catalogue|key|runbook|incident)|run-key)$/;

/** Watch a page from now on; what is answered grows with everything that must not happen. */
export async function watched(page: Page): Promise<string[]> {
  const own = new URL(process.env.TARGET_URL ?? '').origin;
  const seen: string[] = [];
  const look = (what: string, address: string): void => {
    // A frame that goes nowhere has no address.
    const { origin, protocol } = new URL(
      address.replace(/^ws/, 'http') || 'about:blank'
    );
    if (origin !== own && !['data:', 'blob:', 'about:'].includes(protocol)) {
      seen.push(`${what} ${address}`);
    }
  };
  page.context().on('request', request => look('asked', request.url()));
  page.context().on('requestfailed', request => {
    // The policy of the frame stopped it before it left the browser.
    if (request.failure()?.errorText === 'csp') {
      seen.splice(seen.indexOf(`asked ${request.url()}`), 1);
    }
  });
  page.on('websocket', socket => look('connected to', socket.url()));
  page.on('framenavigated', frame => look('went to', frame.url()));
  page.on('popup', popup => seen.push(`opened ${popup.url()}`));
  page.on('download', file => seen.push(`saved ${file.url()}`));
  page.on('pageerror', error => seen.push(`threw ${error.message}`));
  page.on('dialog', dialog => {
    seen.push(`asked the person ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.evaluate(watchDrawing);
  return seen;
}

/** Look at every element and attribute as it comes, so that nothing is missed between two looks. */
function watchDrawing(): void {
  const OURS = '[id="keys-jupyter:panel"], .jp-Dialog, .Toastify';
  const PREVIEW = 'iframe.jp-Keys-preview[sandbox=""]';
  const ACTING =
    'script, frame, object, embed, portal, base, link, meta, style, template, animate, set, ' +
    '[data-commandlinker-command], [src]:not([src^="data:image/"])';
  const IN_TEXTS =
    'form, button, select, textarea, input:not([type="checkbox"][disabled]), dialog[open], [contenteditable], ' +
    '[style], [id], [name], [popover]';
  const { acting, executed, jupyterapp } = Object.assign(
    window as never as IWindow,
    { acting: [] as string[], executed: [] as string[] }
  );

  const acts = (one: Element): boolean => {
    if (one.matches('iframe')) {
      return !one.matches(PREVIEW);
    }
    const leads = Array.from(one.attributes).some(({ name, value }) => {
      // eslint-disable-next-line no-control-regex
      const plain = value.replace(/[\u0000-\u0020]/g, '');
      return (
        /^(on.*|srcdoc|srcset|poster|ping|background|formaction|action)$/i.test(
          name
        ) ||
        (/^(xlink:)?href$/i.test(name) &&
          /^(?!https?:|mailto:)[a-z]+:/i.test(plain))
      );
    });
    const text = one.closest('.jp-Keys-markdown');
    return (
      leads ||
      one.matches(ACTING) ||
      (text !== null && text !== one && one.matches(IN_TEXTS))
    );
  };

  new MutationObserver(records => {
    for (const { target, addedNodes, type } of records) {
      if ((target as Element).closest?.(OURS)) {
        const roots = type === 'attributes' ? [target] : [...addedNodes];
        const elements = roots.filter(node => node instanceof Element);
        for (const root of elements as Element[]) {
          const all = type === 'attributes' ? [] : root.querySelectorAll('*');
          acting.push(...[root, ...all].filter(acts).map(one => one.outerHTML));
        }
      }
    }
  }).observe(document.body, {
    attributes: true,
    childList: true,
    subtree: true
  });
  jupyterapp.commands.commandExecuted.connect((_, { id }) => {
    executed.push(id);
  });
}

/** Touch everything of some texts as a person might; only what leads to the web is left alone. */
export async function touchAll(texts: Locator): Promise<void> {
  await texts.evaluateAll(all => {
    const types = 'pointerenter mouseover focus toggle animationstart load';
    // What has no attribute can do nothing, and there may be thousands of them.
    const elements = all
      .flatMap(text => [...text.querySelectorAll('*')])
      .filter(one => one.attributes.length > 0);
    for (const one of elements) {
      types.split(' ').forEach(type => one.dispatchEvent(new Event(type)));
      if (one instanceof HTMLElement && !one.closest('a[href*="//"]')) {
        one.click();
      }
    }
  });
}

/** Nothing ran in any frame, acts in what is drawn, opened a dialog, or executed a command that nobody asked for. */
export async function expectHarmless(
  page: Page,
  seen: string[]
): Promise<void> {
  expect(seen).toEqual([]);
  const { acting, executed } = await page.evaluate(() => {
    const { acting, executed } = window as never as IWindow;
    return { acting, executed: [...new Set(executed)] };
  });
  expect(acting).toEqual([]);
  expect(executed.filter(id => !ASKED_FOR.test(id))).toEqual([]);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Last: a frame that others' texts have made may never answer.
  for (const frame of page.frames()) {
    const ran = await frame.evaluate(() => (window as never as IWindow).ran);
    expect(ran).toBeUndefined();
  }
}
