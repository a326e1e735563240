/**
 * A person and a marketplace: signing in, the catalogue, installing, updating, buying, and working without it.
 */

import { expect, test } from '@jupyterlab/galata';

import {
  execute,
  expectAccessible,
  expectNothingCutSideways,
  openPanel,
  pictures,
  setWidth
} from '../tests/desk';
import { watchForKeys } from './canary';
import {
  ask,
  newKey,
  openCatalogue,
  openDetails,
  rowOf,
  signedIn,
  steer
} from './steering';

test.describe.configure({ mode: 'serial' });
watchForKeys(test);

const WRONG = `kx_live_${'A'.repeat(43)}`;

test('signing in says which of three answers it was, and the key is nowhere in the browser', async ({
  page
}) => {
  const key = await newKey(page);
  const carried: string[] = [];
  page.on('request', request => {
    const text = `${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`;
    if (text.includes(key)) {
      carried.push(new URL(request.url()).pathname);
    }
  });
  const panel = await openPanel(page);
  await expect(panel).toContainText('Not signed in at 127.0.0.1');
  await panel.getByRole('button', { name: 'Sign in…' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel(/API key/).last();
  await pictures(page, 'sign-in');

  await field.fill('not a key');
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('That is no API key');
  await expect(field).toHaveAttribute('aria-invalid', 'true');

  await field.fill(WRONG);
  await field.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText(
    'does not accept the key'
  );
  await expect(dialog.getByRole('alert')).toContainText(
    'your installed keys stay'
  );
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await pictures(page, 'sign-in-invalid');

  await steer(page, { do: 'stop' });
  await field.fill(key);
  await field.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('could not be reached');
  await expect(dialog.getByRole('alert')).toContainText(
    'neither valid nor invalid'
  );
  await expect(field).toHaveAttribute('aria-invalid', 'false');
  await expect(field).toHaveValue(key);
  await pictures(page, 'sign-in-unreachable');

  await steer(page, { do: 'start' });
  await field.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(panel).toContainText('Signed in as');
  await expect(panel).toContainText(`…${key.slice(-4)}`);

  await panel.getByRole('button', { name: 'Account' }).click();
  await expect(page.getByRole('dialog')).toContainText('private file');
  await pictures(page, 'account');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Close' })
    .last()
    .click();

  expect([...new Set(carried)]).toEqual(['/keys-jupyter/marketplace/sign-in']);
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const stores: string[] = [];
    for (const { name } of databases) {
      stores.push(
        await new Promise<string>((resolve, reject) => {
          const opening = indexedDB.open(name ?? '');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const database = opening.result;
            const names = [...database.objectStoreNames];
            if (names.length === 0) {
              resolve('');
              return;
            }
            const found: string[] = [];
            const reading = database.transaction(names);
            names.forEach(one => {
              reading.objectStore(one).getAll().onsuccess = event =>
                found.push(JSON.stringify((event.target as IDBRequest).result));
            });
            reading.oncomplete = () => resolve(found.join(' '));
          };
        })
      );
    }
    const values = [...document.querySelectorAll('input, textarea')].map(
      field => (field as HTMLInputElement).value
    );
    return [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
      document.documentElement.outerHTML,
      location.href,
      ...values,
      ...stores
    ].join('\n');
  });
  expect(kept).toContain(key.slice(-4));
  expect(kept).not.toContain(key);
  expect(kept).not.toContain(key.slice(8, 40));
  const replies = JSON.stringify(await ask(page, 'marketplace/session', null));
  expect(replies).not.toContain(key);
});

test('the catalogue is searched and filtered, and says why a key cannot be had', async ({
  page
}) => {
  await steer(page, { do: 'grant', slug: 'jupyter-queue-depth' });
  await steer(page, { do: 'grant', slug: 'jupyter-cache-hits' });
  await steer(page, { do: 'damage' });
  await signedIn(page);
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await expect(rowOf(panel, 'Invoice Aging Review')).toContainText(
    'Not entitled'
  );
  await expect(rowOf(panel, 'A slug that is a path')).toContainText(
    'Damaged entry'
  );
  await pictures(page, 'catalogue');
  await expectNothingCutSideways(panel);
  await expectAccessible(page);
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await pictures(page, `catalogue-${width}`);
    await expectNothingCutSideways(panel);
  }
  await setWidth(page, 340);

  await panel.getByRole('searchbox').fill('cache hit');
  await expect(panel.getByRole('row')).toHaveCount(1);
  await panel.getByRole('searchbox').fill('');
  await panel.getByRole('combobox', { name: 'Outcome' }).selectOption('audit');
  await expect(panel.getByRole('row')).toHaveCount(1);
  await expect(panel.getByRole('row')).toContainText('Invoice Aging Review');
  await panel.getByRole('radio', { name: /Entitled/ }).click();
  await expect(panel).toContainText('No key is like this.');
  await panel.getByRole('button', { name: 'Show all keys' }).click();

  // An alert as it is pasted, over several lines.
  await panel.getByRole('searchbox').focus();
  await page.evaluate(() => {
    const text = [
      'FIRING: WebhookDeliveryFailing',
      'Stripe webhook endpoint returns 500, deliveries are retried,',
      'invoices are not paid and subscriptions are missing'
    ].join('\n');
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', {
        clipboardData,
        bubbles: true,
        cancelable: true
      })
    );
  });
  await expect(panel).toContainText('best first');
  await expect(panel.getByRole('row').first()).toContainText(
    'Stripe Webhook Failure'
  );
  await pictures(page, 'catalogue-pasted');
  await panel.getByRole('searchbox').fill('');

  await openDetails(panel, 'A slug that is a path');
  await expect(panel).toContainText('Damaged entry.');
  await expect(panel.getByRole('button', { name: /^Install/ })).toHaveCount(0);
});

test('an install shows its bytes, survives a reload, is cancelled, and then goes through', async ({
  page
}) => {
  await steer(page, { do: 'clear' });
  const stall = await steer(page, { do: 'add', fault: 'STALL', at: 400000 });
  await signedIn(page);
  let panel = await openPanel(page);
  await openCatalogue(panel);
  await openDetails(panel, 'Queue Depth Forecast');
  await panel.getByRole('button', { name: 'Install 1.0.0' }).first().click();
  await expect(panel.getByRole('region', { name: 'Installing' })).toContainText(
    /400\.0 kB of 1\.\d MB/
  );
  await pictures(page, 'installing');

  await page.reload();
  panel = await openPanel(page);
  await execute(page, 'keys-jupyter:open-catalogue');
  await expect(rowOf(panel, 'Queue Depth Forecast')).toContainText(
    'Installing'
  );
  await openDetails(panel, 'Queue Depth Forecast');
  await expect(panel.getByRole('region', { name: 'Installing' })).toContainText(
    /400\.0 kB of 1\.\d MB/
  );
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByRole('region', { name: 'Installing' })).toHaveCount(
    0,
    { timeout: 30_000 }
  );
  expect(await page.contents.directoryExists('keys/jupyter-queue-depth')).toBe(
    false
  );

  await steer(page, { do: 'release', rule: stall.rule });
  await steer(page, { do: 'clear' });
  await panel.getByRole('button', { name: 'Install 1.0.0' }).first().click();
  await expect(panel).toContainText('1.0.0, in use');
  await expect(panel).toContainText('Not verified');
  expect(
    await page.contents.directoryExists('keys/jupyter-queue-depth/1.0.0')
  ).toBe(true);
  await pictures(page, 'key-details');
  await expectNothingCutSideways(panel);
  await expectAccessible(page);
});

test('a breaking version shows its changes before it is used; removing says what is kept', async ({
  page
}) => {
  await ask(page, 'keys/jupyter-cache-hits/install');
  const changes =
    '# 2.0.0\n\n- The parameter `window` is now called `hours`.\n\n<img src="http://127.0.0.1:9/x.png">\n';
  await steer(page, {
    do: 'put',
    slug: 'jupyter-cache-hits',
    version: '2.0.0',
    changes
  });
  await signedIn(page);
  await page.contents.uploadContent(
    'mine',
    'text',
    'keys/jupyter-cache-hits/1.0.0/README.md'
  );
  const away: string[] = [];
  page.on('request', request => {
    if (request.url().includes('127.0.0.1:9/')) {
      away.push(request.url());
    }
  });
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await panel.getByRole('radio', { name: /Updates/ }).click();
  await expect(panel.getByRole('row')).toHaveCount(1);
  await expect(panel.getByRole('row')).toContainText(
    'Update to 2.0.0, breaking'
  );
  await openDetails(panel, 'Cache Hit Analysis');
  await expect(panel).toContainText('2.0.0 is available, and breaking.');
  for (const width of [500, 300]) {
    await setWidth(page, width);
    await pictures(page, `key-breaking-${width}`);
    await expectNothingCutSideways(panel);
  }
  await panel.getByRole('button', { name: /Update to 2.0.0/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Fetch 2.0.0/ }).click();
  await expect(dialog).toContainText('is now called hours');
  await expect(panel).toContainText('1.0.0, in use');
  await pictures(page, 'changes');
  await dialog.getByRole('button', { name: 'Use 2.0.0' }).click();
  await expect(panel).toContainText('2.0.0, in use');
  await expect(panel).toContainText('1 file edited by you');

  await panel.getByRole('button', { name: 'Remove 1.0.0…' }).click();
  await expect(dialog).toContainText('The 1 file you edited is kept');
  await pictures(page, 'remove');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.locator('.Toastify')).toContainText(
    'Your own files are in'
  );
  await expect(
    panel.getByRole('button', { name: 'Remove 1.0.0…' })
  ).toHaveCount(0);
  expect(away).toEqual([]);
});

test('a publisher’s texts can neither act nor ask', async ({ page }) => {
  await signedIn(page);
  const away: string[] = [];
  page.on('request', request => {
    if (request.url().includes('127.0.0.1:9/')) {
      away.push(request.url());
    }
  });
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await openDetails(panel, 'Queue Depth Forecast');
  await panel.getByText('Read me', { exact: true }).click();
  await expect(panel).toContainText('Reads a log.');
  await panel.getByText('Changes', { exact: true }).click();
  await expect(panel).toContainText('First version.');
  const texts = panel.locator('.jp-Keys-markdown');
  await expect(
    texts.locator(
      'script, iframe, style, link, meta, object, form, [style], [id], [data-commandlinker-command], [src^="http"]'
    )
  ).toHaveCount(0);
  for (const word of ['link', 'other', 'sign out']) {
    await texts.getByText(word, { exact: true }).first().click();
  }
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(
    await page.evaluate(() => (window as never as { ran?: string }).ran)
  ).toBeUndefined();
  expect(away).toEqual([]);
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await pictures(page, `key-texts-${width}`);
    await expectNothingCutSideways(panel);
  }
});

test('a preview can neither run nor ask nor lead anywhere', async ({
  page
}) => {
  await signedIn(page);
  const away: string[] = [];
  page.on('request', request => {
    if (request.url().includes('127.0.0.1:9/')) {
      away.push(request.url());
    }
  });
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await openDetails(panel, 'Invoice Aging Review');
  await panel.getByText('Preview', { exact: true }).click();
  const frame = panel.locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', '');
  await expect(frame.contentFrame().locator('#shown')).toHaveText(
    'made from sample data'
  );
  await frame.contentFrame().getByText('away').click();
  await expect(frame.contentFrame().locator('#shown')).toHaveText(
    'made from sample data'
  );
  await pictures(page, 'preview');
  expect(away).toEqual([]);
});

test('an embedded key shows its preview in the same frame without rights', async ({
  page
}) => {
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await openDetails(panel, 'Webhook Event Analysis');
  await panel.getByText('Preview', { exact: true }).click();
  const frame = panel.locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', '');
  await expect(frame.contentFrame().locator('img').first()).toBeVisible();
  await expect(frame.contentFrame().locator('script')).toHaveCount(0);
  for (const width of [300, 500, 900]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `preview-embedded-${width}`);
  }
});

test('a checkout is opened, and the right appears when it is paid', async ({
  page,
  context
}) => {
  await signedIn(page);
  await context.route('**/*stripe*/**', route => route.abort());
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await openDetails(panel, 'Invoice Aging Review');
  await expect(panel).toContainText('Not entitled.');
  await pictures(page, 'not-entitled');
  const opening = context.waitForEvent('page');
  await panel.getByRole('button', { name: 'Buy…' }).click();
  const shop = await opening;
  await shop.close();
  await expect(panel).toContainText('Looking for the right until');
  await expect(
    panel.getByRole('button', { name: 'Stop looking' })
  ).toBeVisible();
  await pictures(page, 'looking');
  await steer(page, { do: 'pay' });
  await expect(panel).toContainText('The marketplace lists your right', {
    timeout: 20_000
  });
  await panel.getByRole('button', { name: 'Install 1.0.0' }).first().click();
  await expect(panel).toContainText('1.0.0, in use');
});

test('with the marketplace down everything installed works, and the age of the list is said', async ({
  page
}) => {
  await signedIn(page);
  await steer(page, { do: 'stop' });
  const panel = await openPanel(page);
  await openCatalogue(panel);
  await panel.getByRole('button', { name: 'Refresh' }).click();
  await page.evaluate(() =>
    (
      window as never as {
        jupyterapp: { commands: { execute(id: string): Promise<void> } };
      }
    ).jupyterapp.commands.execute('keys-jupyter:ask-marketplace')
  );
  await expect(panel).toContainText('Everything installed works as always', {
    timeout: 30_000
  });
  await expect(panel).toContainText('cannot be reached');
  await panel.getByText(/^\d problems?$/).click();
  await pictures(page, 'offline');
  await expectNothingCutSideways(panel);
  await panel.getByRole('radio', { name: /Installed/ }).click();
  await openDetails(panel, 'Queue Depth Forecast');
  await panel.getByRole('button', { name: 'Run key…' }).click();
  await expect(
    panel.getByRole('button', { name: 'Run', exact: true })
  ).toBeVisible();
  await steer(page, { do: 'start' });
});

test('signing out asks first and leaves what is installed', async ({
  page
}) => {
  await signedIn(page);
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Account' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Sign out…' })
    .click();
  await expect(page.getByRole('dialog')).toContainText(
    'Installed keys, runs and evidence stay'
  );
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Sign out', exact: true })
    .click();
  await expect(panel).toContainText('Not signed in at');
  await expect(rowOf(panel, 'Queue Depth Forecast')).toContainText('Installed');
});
