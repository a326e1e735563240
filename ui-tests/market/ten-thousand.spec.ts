/**
 * Ten thousand keys: scrolled, filtered and searched within 50 ms a keystroke.
 */

import { expect, test } from '@jupyterlab/galata';

import { openPanel, picture } from '../tests/desk';
import { openCatalogue, signedIn, steer } from './steering';

/** The most a keystroke may take, in ms, from the key to the next frame. */
const LIMIT = 50;

test('10,000 keys are searched within 50 ms a keystroke and scrolled row by row', async ({
  page
}) => {
  await steer(page, { do: 'fill', count: 10_000 });
  await signedIn(page);
  const panel = await openPanel(page);
  await expect(panel).toContainText(/Catalogue of all 10,\d{3} keys/, {
    timeout: 60_000
  });
  await openCatalogue(panel);
  const grid = panel.getByRole('grid', { name: 'Keys' });
  await expect(grid).toHaveAttribute('aria-rowcount', /^10\d{3}$/);
  expect(await panel.getByRole('row').count()).toBeLessThan(60);

  const field = panel.getByRole('searchbox');
  await field.focus();
  await page.evaluate(() => {
    const taken: number[] = [];
    (window as never as { taken: number[] }).taken = taken;
    let begun = 0;
    document.addEventListener(
      'keydown',
      () => (begun = performance.now()),
      true
    );
    document.addEventListener(
      'input',
      () =>
        // The frame is drawn when the task after its callback runs.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => taken.push(performance.now() - begun);
          port2.postMessage(null);
        }),
      true
    );
  });
  const text = 'latency drift grows w';
  for (const [at, letter] of [...text].entries()) {
    await page.keyboard.type(letter);
    await page.waitForFunction(
      count => (window as never as { taken: number[] }).taken.length === count,
      at + 1
    );
  }
  const taken = await page.evaluate(
    () => (window as never as { taken: number[] }).taken
  );
  const sorted = [...taken].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const worst = sorted[sorted.length - 1];
  console.log(
    `keystroke in 10,000 keys: median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${taken.length}: ${taken.map(Math.round).join(' ')}`
  );
  await expect(panel.getByRole('row').first()).toContainText('Drift Latency');
  await picture(page, 'catalogue-10000-light');
  // The worst is printed only: it is the machine's as much as ours.
  expect(median).toBeLessThan(LIMIT);

  await field.fill('');
  await panel
    .getByRole('combobox', { name: 'Category' })
    .selectOption('security');
  await expect(grid).toHaveAttribute('aria-rowcount', '2500');
  await panel.getByRole('row').first().getByRole('button').first().focus();
  await page.keyboard.press('End');
  const last = grid.locator('[aria-rowindex="2500"]');
  await expect(last.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(
    grid.locator('[aria-rowindex="2499"]').getByRole('button').first()
  ).toBeFocused();
  await page.keyboard.press('Home');
  await expect(
    grid.locator('[aria-rowindex="1"]').getByRole('button').first()
  ).toBeFocused();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Back' }).click();
  await expect(grid).toHaveAttribute('aria-rowcount', '2500');
  expect(
    await grid.evaluate(element => element.parentElement?.scrollTop ?? 0)
  ).toBeGreaterThanOrEqual(0);
});
