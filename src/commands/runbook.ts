/**
 * The command that opens a runbook; it is there from the start, for the launcher shows it.
 */

import { runbookIcon } from '../icons';
import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';

/** Add the command. */
export function addRunbookCommand(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.openRunbook, {
    label: values =>
      values.isLauncher ? trans.__('Runbooks') : trans.__('Open Runbook…'),
    icon: values => (values.isPalette ? undefined : runbookIcon),
    describedBy: {
      args: args({
        'slug?': text(trans.__('The runbook; asked for when left out.')),
        'trigger?': text(trans.__('The text of the alert that calls for it.'))
      })
    },
    execute: async values => {
      const slug = given(values, 'slug') ?? (await ask(options));
      if (slug !== null) {
        const trigger = given(values, 'trigger');
        const call = trigger ? { trigger, step: null, values: {} } : undefined;
        desk.lookFrom(null);
        desk.navigation.go({ view: 'runbook', slug, call });
        await options.reveal();
      }
    }
  });
}

async function ask(options: ICommandSurroundings): Promise<string | null> {
  const { chooseRunbook } = await import('./later');
  return chooseRunbook(options);
}
