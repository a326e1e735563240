/**
 * The command that opens the notebook of a run.
 */

import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { choose, given } from './surroundings';

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
        'id?': text(trans.__('The run; asked for when left out.'))
      })
    },
    execute: async values => {
      const id = given(values, 'id') ?? (await chooseRun(options));
      if (id !== null) {
        await desk.attempt(async () => {
          const run = desk.runs.get(id) ?? (await desk.runs.load(id));
          // Without a kernel, so that nothing is rewritten that only wanted to be read.
          await commands.execute(OPEN_DOCUMENT, {
            path: run.notebook,
            factory: 'Notebook',
            kernelPreference: { shouldStart: false, canStart: false }
          });
        });
      }
    }
  });
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
