/**
 * What stands around an incident: a runbook of one's own, keys of other tools, the notebook of a step in Lab and Notebook 7.
 */

import { expect as plain, test } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

import {
  execute,
  expectAccessible,
  expectNothingCutSideways,
  openPanel,
  panelOf,
  pictures,
  setWidth
} from '../tests/desk';
import { stepTitle } from './help';

test.use({ mockState: false });

/** A busy machine is waited for. */
const expect = plain.configure({ timeout: 20_000 });

const BOOK = `# Queue Stuck Runbook

## Immediate Safety Checks

**DO NOT**:

- Do not delete jobs

### Check 1: Look at the queue

\`\`\`bash
redis-cli -h <redis_host> llen jobs
\`\`\`

**Interpret Results**:

- **If the model answers wrongly**: see: AI Output Regression Incident Runbook (\`ai-output-regression\`)
- **If it grows**: Continue to Step 1

## Diagnosis Flow

### Step 1: Drain the queue

- **KEY**: \`node-queue-drain\`
- **Input**: the queue's name
- **Location**: \`/node-keys/queue-drain/index.ts\`

\`\`\`bash
npx keys run node-queue-drain --queue default
\`\`\`
`;

/** A picture of the view at two widths, in both themes, with nothing cut off. */
async function look(page: Page, name: string): Promise<void> {
  for (const width of [300, 500]) {
    await setWidth(page, width);
    await expectNothingCutSideways(panelOf(page));
    await pictures(page, `${name}-${width}`);
  }
  await expectAccessible(page);
}

async function ask<T>(page: Page, path: string, data?: object): Promise<T> {
  const address = `${process.env.TARGET_URL}/keys-jupyter/${path}`;
  const reply = data
    ? await page.request.post(address, { data })
    : await page.request.get(address);
  expect(reply.ok(), path).toBe(true);
  return (await reply.json()) as T;
}

async function choose(page: Page, entry: RegExp): Promise<void> {
  const more = panelOf(page).getByRole('button', {
    name: 'More for this incident'
  });
  await more.click();
  await page.getByRole('menuitem', { name: entry }).click();
}

test('a runbook is customised, looked at when saved, compared and worked; a running incident keeps its words', async ({
  page
}) => {
  const slug = 'ai-output-regression';
  const panel = await openPanel(page);
  const { id } = await ask<{ id: string }>(page, 'incidents', {
    runbook: slug
  });
  await execute(page, 'keys-jupyter:open-runbook', { slug });
  await panel.getByRole('button', { name: 'Customise…' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Copy', exact: true })
    .click();
  const editor = page.locator('.jp-FileEditor:visible .cm-content');
  await expect(editor).toContainText('AI Output Regression');
  await expect(panel).toContainText('What differs from the original');
  await expect(panel.getByRole('button', { name: 'Customise…' })).toHaveCount(
    0
  );

  // A step that leads nowhere, saved in the editor, is told at once.
  const path = `runbooks/${slug}-custom/README.md`;
  const before = await page.evaluate(() => {
    const { content } = (window as never as ILab).jupyterapp.shell
      .currentWidget as never as IEditor;
    return content.model.sharedModel.getSource();
  });
  await write(
    before.replace(
      /(### (?:Check|Step) 1[^\n]*\n)/,
      '$1\nCall the model’s owner first.\n\n- **KEY**: `jupyter-not-there`\n'
    )
  );
  await expect(panel).toContainText(/Line \d+: .*jupyter-not-there/);
  await expect(panel.getByRole('region', { name: 'Readiness' })).toContainText(
    'jupyter-not-there is in no source at hand.'
  );
  await expect(panel).toContainText('1 section');
  await expect(panel.locator('pre.jp-Keys-code')).toContainText(
    'Call the model’s owner first.'
  );
  await look(page, 'customised');
  await panel.getByRole('button', { name: 'Start incident' }).click();
  await expect(panel.locator('.jp-Keys-stepTitle')).toBeVisible();
  const { incidents } = await ask<{ incidents: IIncident[] }>(
    page,
    'incidents'
  );
  expect(incidents[0].runbook).toBe(`${slug}-custom`);

  // The one that was open stays on its bytes, and says that there are others.
  await execute(page, 'keys-jupyter:open-incident', { id });
  await panel.locator('.jp-Keys-known').getByText('newer runbook').click();
  await expect(panel.locator('.jp-Keys-known')).toContainText(
    'This incident stays on what was pinned.'
  );
  const pinned = await ask<object>(page, `incidents/${id}/runbook`);
  expect(JSON.stringify(pinned)).not.toContain('owner first');

  async function write(text: string): Promise<void> {
    await page.evaluate(source => {
      const { content } = (window as never as ILab).jupyterapp.shell
        .currentWidget as never as IEditor;
      content.model.sharedModel.setSource(source);
    }, text);
    await execute(page, 'docmanager:save');
    expect(await page.contents.fileExists(path)).toBe(true);
  }
});

test('an alert finds its runbook; terminal, evidence, another tool’s key, an analysis, paper, and the right runbook', async ({
  page
}) => {
  const faults: string[] = [];
  const sent: string[] = [];
  page.on('console', said => {
    if (said.type() === 'error') {
      faults.push(said.text());
    }
  });
  page.on('websocket', socket =>
    socket.on('framesent', frame => sent.push(String(frame.payload)))
  );
  const panel = await openPanel(page);
  // What is saved in the workspace is listed at once.
  await page.evaluate(async content => {
    const { contents } = (window as never as ILab).jupyterapp.serviceManager;
    const file = { type: 'file', format: 'text', content };
    await contents.save('runbooks', { type: 'directory' });
    await contents.save('runbooks/queue-stuck.md', file);
  }, BOOK);
  await expect(panel.getByRole('row', { name: /^Queue Stuck/ })).toBeVisible();
  const search = panel.getByRole('searchbox');
  await paste(search, { text: 'FIRING\nqueue stuck: the queue only grows' });
  const found = panel
    .locator('.jp-Keys-finding')
    .getByRole('row')
    .filter({ hasText: 'Queue Stuck' });
  await expect(found).toContainText('Queue Stuck');
  await expect(found).toContainText('title: queue, stuck');
  await look(page, 'found');
  await found.getByRole('button').first().click();
  await panel.getByRole('button', { name: 'Start incident' }).click();
  await expect(stepTitle(panel, 'Look at the queue')).toBeVisible();

  // What cannot be seen is refused; what is left stands on the prompt.
  await panel.getByRole('button', { name: /on the terminal/ }).click();
  const host = panel.getByRole('textbox', { name: 'redis_host' });
  const put = panel.getByRole('button', { name: 'Put on the terminal' });
  await host.fill('db\u200b1');
  await expect(put).toHaveAttribute('aria-disabled', 'true');
  await expect(panel.getByRole('alert')).toContainText('invisible');
  await host.fill('db1');
  await put.click();
  const line = (): string | undefined =>
    sent.find(frame => frame.includes('redis-cli -h db1 llen jobs'));
  await expect.poll(line, { timeout: 20_000 }).toBeTruthy();
  expect(JSON.parse(line() ?? '[]')[1]).toBe('redis-cli -h db1 llen jobs');

  // A fact of anybody's is filled in as well, so what a shell would make of it is said.
  await expect(panel).not.toContainText('that a shell acts on');
  const fact = { name: 'redis_host', text: 'db1; reboot' };
  await execute(page, 'keys-jupyter:add-fact', fact);
  await expect(panel).toContainText('redis_host holds characters that a shell');
  expect(faults).toEqual([]);

  // A file that is chosen, and a picture that is pasted.
  await panel.getByLabel('Files to attach').setInputFiles({
    name: 'queue.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('17 jobs')
  });
  await expect(panel).toContainText('1 kept as evidence');
  await paste(stepTitle(panel, 'Look at the queue'), { picture: true });
  await expect(panel).toContainText('2 kept as evidence');
  const { incidents } = await ask<{ incidents: IIncident[] }>(
    page,
    'incidents'
  );
  const { id } = incidents[0];
  const { evidence } = await ask<{
    evidence: Array<{ name: string; step: string }>;
  }>(page, `incidents/${id}/evidence`);
  expect(evidence.map(item => item.step)).toEqual(['safety-1', 'safety-1']);
  expect(evidence[1].name).toMatch(/screenshot-\d{8}T\d{6}Z\.png/);

  // The other tool's key: shown, fetched, and nowhere to run it.
  await panel.locator('[data-branch="2"]').click();
  const card = panel.locator('.jp-Keys-card');
  await expect(card).toContainText('Queue Drain');
  await expect(card).toContainText('it is not run here');
  await expect(card).toContainText('entitled');
  await expect(card).toContainText('/node-keys/queue-drain/index.ts');
  await expect(card.locator('pre')).toHaveText(
    'npx keys run node-queue-drain --queue default'
  );
  await look(page, 'other-tool');
  await card.getByRole('button', { name: /^Fetch/ }).click();
  await expect(card).toContainText('in your workspace');
  await expect(card.getByRole('button', { name: /run/i })).toHaveCount(0);

  // An analysis that suits this kind of runbook, as a step of its own.
  await choose(page, /Add an Analysis/);
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('combobox')
    .selectOption({ label: 'Job Failure Analysis (Log analysis)' });
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(stepTitle(panel, /^Job Failure Analysis/)).toBeVisible();
  await expect(panel.locator('.jp-Keys-card')).toContainText(
    'jupyter-job-failure-analysis'
  );

  // On paper every box is as it stands, in black on white.
  await choose(page, /Print Checklist/);
  const paper = page.frameLocator('iframe[sandbox*="allow-modals"]');
  const boxes = paper.getByRole('listitem');
  await expect(
    boxes.filter({ hasText: 'Check 1: Look at the queue' }).first()
  ).toContainText('taken: it grows → Continue to Step 1');
  await expect(
    boxes.filter({ hasText: 'Check 1' }).first().getByRole('checkbox')
  ).toBeChecked();
  await expect(
    boxes.filter({ hasText: 'Step 1: Drain' }).first().getByRole('checkbox')
  ).not.toBeChecked();
  await expect(paper.locator('body')).toHaveCSS('color', 'rgb(0, 0, 0)');
  await page.mouse.move(600, 300);

  // "see: … Runbook" goes on there, with what is known.
  await execute(page, 'keys-jupyter:open-incident', { id, step: 'safety-1' });
  await panel.locator('[data-branch="1"]').click();
  await expect(panel.getByRole('heading', { level: 1 })).toHaveText(
    'AI Output Regression Incident'
  );
  const known = panel.locator('.jp-Keys-known');
  await known.getByText('FIRING').click();
  await expect(known).toContainText('redis_host');
  await expect(known).toContainText('db1');
  await panel.getByRole('tab', { name: 'Timeline' }).click();
  await expect(panel.getByRole('tabpanel')).toContainText(
    /linked from incident \d+/
  );
  await known.getByRole('button', { name: /Queue Stuck, incident/ }).click();

  // The same from the menu, where a person names the right one.
  await expect(panel.getByRole('heading', { level: 1 })).toHaveText(
    'Queue Stuck'
  );
  await choose(page, /Wrong Runbook/);
  await dialog
    .getByRole('combobox')
    .selectOption({ label: 'Supabase RLS Lockout Recovery' });
  await dialog.getByRole('button', { name: 'Choose' }).click();
  await expect(panel.getByRole('heading', { level: 1 })).toHaveText(
    'Supabase RLS Lockout Recovery'
  );
});

test('a notebook knows its step wherever it goes, a copy says of which run, and Notebook 7 opens its panel', async ({
  page,
  context
}) => {
  const key = 'jupyter-job-failure-analysis';
  const panel = await openPanel(page);
  const incident = await ask<{ id: string }>(page, 'incidents', {
    runbook: 'background-job-failure-replay'
  });
  await ask(page, `keys/${key}/install`, {});
  const home = `keys/${key}/1.0.0/notebooks`;
  await expect
    .poll(() => page.contents.fileExists(`${home}/job-failure-analysis.ipynb`))
    .toBe(true);
  const bound = await run({ incident: incident.id, step: STEP });
  const free = await run({});

  await open(bound.notebook);
  const badge = page.locator(
    '.jp-NotebookPanel:visible .jp-Keys-badge button >> nth=0'
  );
  await expect(badge).toContainText('succeeded');
  const shown = panel.locator('.jp-Keys-where');
  await expect(shown).toContainText('Background Job Failure & Replay');
  await page.contents.createDirectory('elsewhere');
  await page.contents.renameFile(bound.notebook, 'elsewhere/moved.ipynb');
  await expect(
    page.locator('.lm-TabBar-tab.jp-mod-current', { hasText: 'moved.ipynb' })
  ).toBeVisible();
  await expect(shown).toBeVisible();
  // The panel closed, the badge brings it back.
  await page.locator('.jp-SideBar [data-id="keys-jupyter:panel"]').click();
  await expect(panel).toBeHidden();
  await badge.click();
  await expect(shown).toBeVisible();

  await page.evaluate(() =>
    (window as never as ILab).jupyterapp.serviceManager.contents.copy(
      'elsewhere/moved.ipynb',
      'elsewhere'
    )
  );
  await open('elsewhere/moved-Copy1.ipynb');
  await expect(panel).toContainText(`A copy of run ${bound.id.slice(0, 8)}.`);
  await expect(badge).toContainText('a copy');
  await look(page, 'copy');

  // A run of no step says so, and can be put under one.
  await open(free.notebook);
  await expect(panel).toContainText('called by no step');
  await pictures(page, 'no-step');
  await panel.getByRole('button', { name: 'Attach' }).first().click();
  await expect(shown).toContainText('Background Job Failure & Replay');

  // So does a key that was merely opened.
  await open(`${home}/job-failure-analysis.ipynb`);
  await badge.click();
  await expect(panel).toContainText('opened outside of any step');

  const seven = await context.newPage();
  await seven.goto(`${process.env.TARGET_URL}/notebooks/elsewhere/moved.ipynb`);
  const other = panelOf(seven);
  const title = other.locator('.jp-Keys-where');
  await expect(title).toContainText('Background Job Failure & Replay', {
    timeout: 60_000
  });
  expect(
    await other.evaluate(node => node.contains(document.activeElement))
  ).toBe(false);
  const step = seven.locator('.jp-Keys-badge button >> nth=0');
  await seven.locator('.jp-SidePanel-collapse:visible').first().click();
  await expect(other).toBeHidden();
  await step.click();
  await expect(title).toBeVisible();

  async function open(path: string): Promise<void> {
    await execute(page, 'docmanager:open', { path });
  }

  async function run(place: object): Promise<{ id: string; notebook: string }> {
    const made = await ask<{ id: string; notebook: string }>(page, 'runs', {
      key,
      parameters: {},
      ...place
    });
    await expect
      .poll(
        async () =>
          (await ask<{ state: string }>(page, `runs/${made.id}`)).state,
        { timeout: 60_000 }
      )
      .toBe('SUCCEEDED');
    return made;
  }
});

/** The step of the runbook that calls the key. */
const STEP = 'diagnosis-3';

interface IIncident {
  id: string;
  runbook: string;
}

interface ILab {
  jupyterapp: {
    shell: { currentWidget: object };
    serviceManager: {
      contents: {
        copy(from: string, to: string): Promise<unknown>;
        save(path: string, model: object): Promise<unknown>;
      };
    };
  };
}

interface IEditor {
  content: {
    model: {
      sharedModel: { getSource(): string; setSource(text: string): void };
    };
  };
}

/** Paste a text or a picture, as the browser hands it over. */
async function paste(
  target: Locator,
  what: { text?: string; picture?: boolean }
): Promise<void> {
  await target.focus();
  await target.evaluate((node, { text, picture }) => {
    const clipboardData = new DataTransfer();
    if (text) {
      clipboardData.setData('text/plain', text);
    }
    if (picture) {
      clipboardData.items.add(
        new File(['a picture'], 'image.png', { type: 'image/png' })
      );
    }
    node.dispatchEvent(
      new ClipboardEvent('paste', {
        clipboardData,
        bubbles: true,
        cancelable: true
      })
    );
  }, what);
}
