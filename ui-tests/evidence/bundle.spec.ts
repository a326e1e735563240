/**
 * From an incident to a bundle that holds, and to the same bundle with one byte changed, which does not, and says where.
 */

import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { execFileSync, spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

import {
  execute,
  expectAccessible,
  expectNothingCutSideways,
  installKey,
  openPanel,
  panelOf,
  pictures,
  setWidth
} from '../tests/desk';

const RUNBOOK = /Stripe Webhook Failure/;
const STEP = /Analyze Webhook Delivery Patterns/;
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Where the server of these tests keeps what is kept. */
const DATA = path.join(
  __dirname,
  '..',
  '..',
  '.build',
  'ui-tests',
  'evidence',
  'data'
);

test.use({ mockState: false });
test.describe.configure({ mode: 'serial' });

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keys-bundle-'));
const bundle = path.join(folder, 'bundle.zip');
test.afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Drop a file on an element, as a file manager does. */
async function drop(page: Page, on: Locator, file: string): Promise<void> {
  const data = fs.readFileSync(file).toString('base64');
  const transfer = await page.evaluateHandle(
    ([data, name]) => {
      const bytes = Uint8Array.from(atob(data), char => char.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [data, path.basename(file)]
  );
  await on.dispatchEvent('dragover', { dataTransfer: transfer });
  await on.dispatchEvent('drop', { dataTransfer: transfer });
}

/** The name of the file of a zip that a byte lies in, as the local header before it says. */
function memberAt(bytes: Buffer, at: number): string {
  const header = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 3, 4]), at);
  const length = bytes.readUInt16LE(header + 26);
  return bytes.toString('utf-8', header + 30, header + 30 + length);
}

/** A view in both themes and three widths, and what axe says of it. */
async function look(page: Page, name: string): Promise<void> {
  const panel = panelOf(page);
  for (const width of [300, 500, 900]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panel);
    await pictures(page, `${name}-${width}`);
    await expectAccessible(page);
  }
  await setWidth(page, 340);
  await execute(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
  await expectAccessible(page);
  await execute(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
}

/** The evidence of the incident that the first test opened. */
async function openEvidence(page: IJupyterLabPageFixture): Promise<Locator> {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:open-incident', { tab: 'evidence' });
  await expect(panel.getByRole('tab', { selected: true })).toContainText(
    /Evidence/
  );
  return panel;
}

test('a run of a step is kept, with slots, pictures and digests', async ({
  page
}) => {
  await installKey(page, 'jupyter-webhook-event-analysis');
  const panel = await openPanel(page);
  await panel
    .getByRole('row', { name: RUNBOOK })
    .getByRole('button')
    .first()
    .click();
  await panel.getByRole('button', { name: 'Start incident' }).click();
  await panel.getByRole('button', { name: /Show all steps/ }).click();
  await panel.getByRole('treeitem', { name: STEP }).click();
  await panel.getByRole('button', { name: /Run this key/ }).click();
  await panel.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel).toContainText(/Succeeded, 12 of 12 cells ok/, {
    timeout: 60_000
  });
  await panel.getByRole('tab', { name: /Evidence/ }).click();
  const kept = panel.getByRole('grid', { name: STEP });
  await expect(
    kept.getByRole('button', { name: /sha256/ }).first()
  ).toBeVisible();
  await expect(kept.locator('img').first()).toBeVisible();
  await expect(panel).toContainText(/Artifacts to save, \d+ of \d+/);
  await expect(panel).toContainText('Last checkpoint that left: never.');
  await look(page, 'evidence-tab');
});

test('a file is attached by dropping, its secret is hidden and reviewed', async ({
  page
}) => {
  const panel = await openEvidence(page);
  const attached = path.join(folder, 'handler.csv');
  const secret = ['whsec', 'a1b2c3d4e5f6A7B8C9D0e1f2a3b4c5d6'].join('_');
  fs.writeFileSync(
    attached,
    `time,note\n10:00,"signed with ${secret}, again"\n10:01,ok\n`
  );
  await drop(page, panel.getByRole('tabpanel'), attached);
  const row = panel.getByRole('row', { name: /handler\.csv/ });
  await expect(row).toContainText('1 hidden');

  const picture = path.join(folder, 'alert.png');
  fs.writeFileSync(picture, Buffer.from(PIXEL, 'base64'));
  await drop(page, panel.getByRole('tabpanel'), picture);
  await expect(
    panel.getByRole('row', { name: /alert\.png/ }).locator('img')
  ).toBeVisible();

  await row.getByRole('button').first().click();
  await expect(
    panel.getByRole('heading', { name: 'handler.csv' })
  ).toBeVisible();
  const table = panel.getByRole('region', { name: 'Table' });
  await expect(table).toContainText('[redacted');
  await expect(table).not.toContainText(secret);
  await look(page, 'evidence-item');
  await panel.locator('.jp-Keys-hidden summary').first().click();
  await panel.getByRole('button', { name: /Not a secret/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('textbox')
    .fill('the example of the manual');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Record' })
    .click();
  await expect(panel).toContainText('the example of the manual');
});

test('HTML that is attached is text and asks no server', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  const panel = await openEvidence(page);
  const file = path.join(folder, 'page.md');
  fs.writeFileSync(
    file,
    '# Note\n\n<img src="https://outside.example/a.png" onerror="window.hurt=1"><script>window.hurt=1</script>\n\n<video poster="https://outside.example/b.png"></video>\n\n[a](javascript:window.hurt=1)\n'
  );
  await drop(page, panel.getByRole('tabpanel'), file);
  await panel
    .getByRole('row', { name: /page\.md/ })
    .getByRole('button')
    .first()
    .click();
  await expect(panel.getByRole('region', { name: 'Preview' })).toContainText(
    'Note'
  );
  expect(asked.filter(url => url.includes('outside.example'))).toEqual([]);
  expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
});

test('an open notebook is collected once, and that is said', async ({
  page
}) => {
  const file = path.join(__dirname, '..', 'notebooks', 'plain.ipynb');
  await page.contents.uploadFile(file, 'looked-at.ipynb');
  const panel = await openEvidence(page);
  const button = panel.getByRole('button', { name: 'Collect notebook' });
  await expect(button).toBeDisabled();
  // Without a kernel, which would write what it is into the notebook, and so make it another one.
  await execute(page, 'docmanager:open', {
    path: 'looked-at.ipynb',
    kernelPreference: { shouldStart: false, canStart: false }
  });
  await openEvidence(page);
  await button.click();
  await expect(panel).toContainText(/Collected: \d+ things? kept/);
  await expect(
    panel.getByRole('row', { name: /looked-at\.ipynb/ })
  ).toBeVisible();
  await pictures(page, 'evidence-collected');
  await button.click();
  await expect(panel).toContainText('nothing was kept a second time');

  // The same from the notebook's own toolbar, with the panel elsewhere.
  await execute(page, 'keys-jupyter:show-home');
  await page
    .locator('.jp-NotebookPanel:visible')
    .getByRole('button', { name: 'Collect', exact: true })
    .click();
  await expect(page.locator('.jp-toast-message')).toContainText(
    'nothing was kept a second time'
  );
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(panel.getByRole('tab', { selected: true })).toContainText(
    /Evidence/
  );
});

test('an export tells how far it is, and cancelled it leaves nothing', async ({
  page
}) => {
  const panel = await openEvidence(page);
  const name = panel.getByRole('row', { name: /handler\.csv/ });
  const copy = await name
    .getByRole('button', { name: /sha256/ })
    .getAttribute('title');
  const kept = fs
    .readdirSync(DATA, { recursive: true })
    .map(String)
    .filter(file => path.basename(file) === copy);
  expect(kept).toHaveLength(1);
  const blob = path.join(DATA, kept[0]);
  const { size, mode } = fs.statSync(blob);
  // A kept file that has grown is read to its end, which takes as long as a person needs to cancel.
  fs.chmodSync(blob, 0o600);
  fs.truncateSync(blob, 12e9);
  try {
    await panel.getByRole('button', { name: 'Export bundle…' }).click();
    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    const going = panel.getByRole('region', { name: 'Exporting' });
    await expect(going).toContainText(/Checking kept files, .* of /);
    await expect(going.getByRole('progressbar')).toBeVisible();
    for (const width of [300, 500, 900]) {
      await setWidth(page, width);
      await expectNothingCutSideways(panel);
      await pictures(page, `export-busy-${width}`);
    }
    await expectAccessible(page);
    // Another page hears of it, too.
    await page.reload();
    await expect(going).toContainText(/Checking kept files/);
    await going.getByRole('button', { name: 'Cancel' }).click();
    await expect(going).toHaveCount(0);
    // Once more, without leaving the page.
    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    await going.getByRole('button', { name: 'Cancel' }).click();
    await expect(panel).toContainText('The export was cancelled.');
    await expect(going).toHaveCount(0);
    expect(await page.contents.directoryExists('evidence')).toBe(false);
    // A page that is loaded while one goes on is told what it wrote.
    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    await expect(going).toContainText(/Checking kept files/);
    await page.reload();
    await expect(going).toContainText(/Checking kept files/);
    fs.truncateSync(blob, size);
    const made = panel.getByRole('region', { name: 'The bundle' });
    await expect(made).toContainText(/evidence\/incident-\d+-record-\d+\.zip/);
    await page.contents.deleteDirectory('evidence');
  } finally {
    fs.truncateSync(blob, size);
    fs.chmodSync(blob, mode);
  }
});

test('the incident is exported and the bundle downloaded', async ({ page }) => {
  const panel = await openEvidence(page);
  await panel.getByRole('button', { name: 'Export bundle…' }).click();
  await expect(
    panel.getByRole('heading', { name: /^Export incident/ })
  ).toBeVisible();
  await expect(panel).toContainText('Missing, and said so');
  await expect(panel).toContainText('1 value was hidden');
  await look(page, 'export-before');
  await panel.getByRole('button', { name: 'Export', exact: true }).click();
  const made = panel.getByRole('region', { name: 'The bundle' });
  await expect(made).toContainText(/evidence\/incident-\d+-record-\d+\.zip/, {
    timeout: 30_000
  });
  await look(page, 'export-done');
  const digest = (await made.locator('code').first().textContent()) ?? '';
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    made.getByRole('link', { name: 'Download' }).click()
  ]);
  await download.saveAs(bundle);
  expect(
    createHash('sha256').update(fs.readFileSync(bundle)).digest('hex')
  ).toBe(digest);
});

test('the bundle holds, in the panel and by its own verifier', async ({
  page
}) => {
  execFileSync('python3', [
    '-m',
    'zipfile',
    '-e',
    bundle,
    path.join(folder, 'out')
  ]);
  const [verifier] = fs
    .readdirSync(path.join(folder, 'out'), { recursive: true })
    .map(String)
    .filter(name => path.basename(name) === 'verify.py');
  const plain = spawnSync(
    'python3',
    ['-I', path.join(folder, 'out', verifier), bundle],
    { encoding: 'utf-8' }
  );
  expect(plain.stdout + plain.stderr).toContain('ok');
  expect(plain.status).toBe(0);

  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:verify-bundle');
  await drop(page, panel.locator('.jp-Keys-drop'), bundle);
  const found = panel.getByRole('region', { name: 'What was found' });
  await expect(found.getByRole('status')).toContainText(
    /It holds: \d+ checks, none failed/
  );
  await expect(found).toContainText('Not checked: none was given.');
  await look(page, 'verify-holds');
});

test('one byte changed: it does not hold, and both verifiers say where', async ({
  page
}) => {
  const bytes = fs.readFileSync(bundle);
  const at = bytes.indexOf('Stripe Webhook Failure');
  expect(at).toBeGreaterThan(0);
  const where = memberAt(bytes, at);
  bytes[at] = 's'.charCodeAt(0);
  const changed = path.join(folder, 'changed.zip');
  fs.writeFileSync(changed, bytes);

  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:verify-bundle');
  await drop(page, panel.locator('.jp-Keys-drop'), changed);
  const found = panel.getByRole('region', { name: 'What was found' });
  await expect(found.getByRole('alert')).toContainText('It does not hold');
  await expect(found.getByRole('alert')).toContainText(where);
  await look(page, 'verify-fails');

  const [verifier] = fs
    .readdirSync(path.join(folder, 'out'), { recursive: true })
    .map(String)
    .filter(name => path.basename(name) === 'verify.py');
  const plain = spawnSync(
    'python3',
    ['-I', path.join(folder, 'out', verifier), changed],
    {
      encoding: 'utf-8'
    }
  );
  expect(plain.status).toBe(5);
  expect(plain.stdout + plain.stderr).toContain(where);
});

test('a checkpoint leaves, and a later bundle holds against it', async ({
  page,
  context
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:show-checkpoint');
  await panel
    .getByRole('textbox', { name: 'Where it goes' })
    .fill('ticket OPS-12');
  await panel.getByRole('button', { name: 'Copy checkpoint' }).click();
  await expect(panel).toContainText(
    /Last checkpoint that left: .*ticket OPS-12/
  );
  await look(page, 'checkpoint');
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain('keys-jupyter/');

  const incidents = await (
    await page.request.get(`${process.env.TARGET_URL}/keys-jupyter/incidents`)
  ).json();
  const [{ id }] = incidents.incidents;
  await execute(page, 'keys-jupyter:open-incident', { id, tab: 'steps' });
  await panel.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(panel).toContainText('1 of');
  await execute(page, 'keys-jupyter:export-bundle', { incident: id });
  await panel
    .getByRole('button', { name: /^Export/ })
    .last()
    .click();
  const made = panel.getByRole('region', { name: 'The bundle' });
  await expect(made).toBeVisible({ timeout: 30_000 });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    made.getByRole('link', { name: 'Download' }).click()
  ]);
  const later = path.join(folder, 'later.zip');
  await download.saveAs(later);

  await execute(page, 'keys-jupyter:verify-bundle');
  await panel.getByText('Against what somebody else holds').click();
  await panel
    .getByRole('textbox', { name: /Checkpoint that was kept/ })
    .fill(text);
  await drop(page, panel.locator('.jp-Keys-drop'), later);
  const found = panel.getByRole('region', { name: 'What was found' });
  await expect(found.getByRole('status')).toContainText('It holds');
  await expect(found).not.toContainText('Not checked: none was given.');

  // Nothing is wrong with a bundle that is older than what somebody holds.
  const { text: newer } = await (
    await page.request.post(
      `${process.env.TARGET_URL}/keys-jupyter/evidence/checkpoint`,
      { data: { outlet: 'ticket OPS-13' } }
    )
  ).json();
  await panel
    .getByRole('textbox', { name: /Checkpoint that was kept/ })
    .fill(newer);
  await panel.getByRole('button', { name: 'Verify with these' }).click();
  await expect(found.getByRole('status')).toContainText('not proved');
  await expect(found).not.toContainText('failed');
  await expect(found).not.toContainText('Do not rely on it');
});
