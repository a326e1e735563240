/**
 * A key that needs a package and a secret: the package is installed into the kernel, and the secret is nowhere but in it.
 */

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { endRuns, execute, expectAccessible, newestRun, openPanel, pictures } from './desk';

const SLUG = 'jupyter-token-check';
const SECRET = 'Zebra-Quill-4242';

test.use({ mockState: false });
test.describe.configure({ mode: 'serial' });
test.afterEach(async ({ page }) => endRuns(page));

async function fillInToken(page: IJupyterLabPageFixture): Promise<Locator> {
  const panel = await openPanel(page);
  await execute(page, 'keys-jupyter:run-key', { slug: SLUG });
  await expect(panel.getByLabel('Token', { exact: true })).toBeVisible();
  return panel;
}

async function chooseKernel(panel: Locator, name: string): Promise<void> {
  await panel.getByText('Kernel and time limit').click();
  await panel.getByRole('combobox', { name: 'Kernel' }).selectOption(name);
}

function run(panel: Locator): Promise<void> {
  return panel.getByRole('button', { name: 'Run', exact: true }).click();
}

test('an installation that fails says so and keeps its log', async ({ page }) => {
  const panel = await fillInToken(page);
  await chooseKernel(panel, 'bare');
  await expect(panel).toContainText('1 package is missing in Bare Python.');
  await panel.getByRole('button', { name: 'Install into this kernel…' }).click();
  await page.locator('.jp-Dialog').getByRole('button', { name: 'Install' }).click();
  await expect(panel).toContainText('failed, exit code 1', { timeout: 30_000 });
  await expect(panel).toContainText('No module named pip');
  await expect(panel).toContainText('1 package is missing in Bare Python.');
  await pictures(page, 'requirements-failed');
});

test('a missing package is shown before the run, asked for, installed, and there', async ({
  page
}) => {
  const panel = await fillInToken(page);
  await chooseKernel(panel, 'mendable');
  await expect(panel).toContainText('1 package is missing in Mendable Python.');
  await pictures(page, 'requirements-missing');
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Install into this kernel…' }).click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('Install into Mendable Python?');
  await expect(dialog).toContainText('keys-token-form==1.0.0');
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(panel).toContainText('Log of the installation');
  await pictures(page, 'requirements-installing');
  await expect(panel).toContainText('Mendable Python, its package is there', {
    timeout: 60_000
  });
  await expect(panel).not.toContainText('missing');
  await execute(page, 'keys-jupyter:show-home');
  await execute(page, 'keys-jupyter:run-key', { slug: SLUG });
  await chooseKernel(panel, 'mendable');
  await panel.getByText('Log of the installation').click();
  await expect(panel).toContainText('Successfully installed keys-token-form-1.0.0');
  await pictures(page, 'requirements-installed');
});

test('a secret reaches the kernel and nothing else', async ({ page }) => {
  const sent: string[] = [];
  const heard: string[] = [];
  page.on('request', request => {
    if ((request.postData() ?? '').includes(SECRET) || request.url().includes(SECRET)) {
      sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    }
  });
  page.on('websocket', socket => {
    socket.on('framereceived', ({ payload }) => heard.push(String(payload)));
    socket.on('framesent', ({ payload }) => heard.push(String(payload)));
  });
  await page.reload({ waitForIsReady: false });
  const panel = await fillInToken(page);
  await page.evaluate(() => {
    const { jupyterapp, told } = Object.assign(window, { told: [] as string[] }) as never as {
      jupyterapp: {
        commands: {
          commandExecuted: { connect(slot: (_: unknown, what: { args: unknown }) => void): void };
        };
      };
      told: string[];
    };
    jupyterapp.commands.commandExecuted.connect((_, what) => told.push(JSON.stringify(what.args)));
  });
  const token = panel.getByLabel('Token', { exact: true });
  await expect(token).toHaveAttribute('type', 'password');
  await chooseKernel(panel, 'mendable');
  await token.fill('abc');
  await run(panel);
  const field = panel.locator('.jp-Keys-field', { has: page.locator('[type=password]') });
  const alert = field.getByRole('alert');
  await expect(alert).toContainText('fewer than 4 characters');
  await expect(panel.getByRole('alert')).toHaveCount(1);
  await expect(token).toBeFocused();
  await pictures(page, 'form-secret-error');
  await expectAccessible(page);

  await token.fill(SECRET);
  await expect(alert).toHaveCount(0);
  await execute(page, 'keys-jupyter:show-home');
  await execute(page, 'keys-jupyter:run-key', { slug: SLUG });
  await expect(token, 'it is not remembered while another view is shown').toHaveValue('');
  await token.fill(SECRET);
  await chooseKernel(panel, 'mendable');
  await run(panel);
  await expect(panel).toContainText('Succeeded, 4 of 4 cells ok', { timeout: 30_000 });

  const { id, notebook } = await newestRun(page, SLUG);
  const root = process.env.TARGET_URL;
  const read = async (address: string): Promise<string> =>
    (await page.request.get(`${root}/${address}`)).text();
  const output = await read(`keys-jupyter/runs/${id}/output?offset=0`);
  expect(output).toContain('the token is [secret token]');
  expect(output).toContain('16 characters');
  const record = await read(`keys-jupyter/runs/${id}`);
  expect(record).toContain('secret, hmac-sha256');
  const kept = await page.evaluate(() =>
    JSON.stringify([
      document.documentElement.outerHTML,
      Array.from(document.querySelectorAll('input, textarea'), field => (field as HTMLInputElement).value),
      { ...localStorage },
      { ...sessionStorage },
      (window as never as { told: string[] }).told
    ])
  );
  for (const text of [
    kept,
    output,
    record,
    await read(`api/contents/${notebook}`),
    await read('lab/api/workspaces'),
    await read('lab/api/settings'),
    heard.join('\n')
  ]) {
    expect(text.length).toBeGreaterThan(0);
    expect(text).not.toContain(SECRET);
  }
  expect(sent).toEqual(['POST /keys-jupyter/runs']);

  await panel.getByRole('button', { name: 'Run again', exact: true }).click();
  await expect(token, 'a run like it asks for the secret again').toHaveValue('');
});
