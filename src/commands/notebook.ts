/**
 * The command that opens the notebook of a run: without a kernel when we ran it, with one when a person does.
 */

import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type { NotebookPanel } from '@jupyterlab/notebook';

import type { Run } from '../contract';
import { isYours } from '../models/run';
import { CommandIDs } from '../tokens';
import { args, count, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { choose } from './questions';
import { given } from './surroundings';

/** The application's command that opens a file. */
const OPEN_DOCUMENT = 'docmanager:open';

/** Add the command that opens a run's notebook. */
export function addNotebookCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.openRunNotebook, {
    label: trans.__('Open the Notebook of a Run…'),
    isEnabled: () => commands.hasCommand(OPEN_DOCUMENT),
    describedBy: {
      args: args({
        'id?': text(trans.__('The run; asked for when left out.')),
        'cell?': count(trans.__('The cell to go to, counted from 0.')),
        'behind?': flag(trans.__('Whether it opens behind what is shown.'))
      })
    },
    execute: async values => {
      const id = given(values, 'id') ?? (await chooseRun(options));
      if (id !== null) {
        await desk.attempt(async () => {
          const run = desk.runs.get(id) ?? (await desk.runs.load(id));
          const panel = await open(options, run, values.behind === true);
          if (typeof values.cell === 'number') {
            await goTo(panel, values.cell);
          }
        });
      }
    }
  });
}

async function open(
  options: ICommandSurroundings,
  run: Run,
  behind: boolean
): Promise<NotebookPanel> {
  // Without a kernel nothing is rewritten that only wanted to be read.
  const kernelPreference = isYours(run)
    ? { name: run.kernel, autoStartDefault: true }
    : { shouldStart: false, canStart: false };
  const opened: unknown = await options.commands.execute(OPEN_DOCUMENT, {
    path: run.notebook,
    factory: 'Notebook',
    kernelPreference,
    ...(behind ? { options: { activate: false } } : {})
  });
  return opened as IDocumentWidget as NotebookPanel;
}

/** Scroll to a cell and select it. */
async function goTo(panel: NotebookPanel, index: number): Promise<void> {
  await panel.context.ready;
  await panel.revealed;
  const { content } = panel;
  const cell = content.widgets[index];
  if (cell) {
    content.deselectAll();
    content.activeCellIndex = index;
    await content.scrollToCell(cell, 'start');
  }
}

async function chooseRun(
  options: ICommandSurroundings
): Promise<string | null> {
  const { desk, trans } = options;
  const { runs } = await desk.api.runs({});
  const choices = runs.map(run => ({ id: run.id, title: run.notebook }));
  const run = await choose(trans.__('Which run?'), trans.__('Open'), choices);
  return run?.id ?? null;
}
