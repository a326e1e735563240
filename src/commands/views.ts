/**
 * Commands that move about in the panel.
 */

import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import { pressOnCommand } from './acting';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';

/** Add the commands that show something. */
export function addViewCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  const { navigation } = desk;
  commands.addCommand(CommandIDs.home, {
    label: trans.__('Show All Runbooks and Keys'),
    describedBy: { args: args() },
    execute: async () => {
      navigation.home();
      await reveal();
    }
  });
  commands.addCommand(CommandIDs.back, {
    label: trans.__('Go Back in Keys'),
    isEnabled: () => navigation.canGoBack,
    describedBy: { args: args() },
    execute: () => navigation.back()
  });
  commands.addCommand(CommandIDs.thisNotebook, {
    label: trans.__('Show the Step of This Notebook'),
    isEnabled: () => desk.context.context !== null,
    describedBy: { args: args() },
    execute: async () => {
      navigation.showNotebook();
      await reveal();
    }
  });
  addReading(options);
}

function addReading(options: ICommandSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Keys'),
    caption: trans.__('Read everything on screen again'),
    describedBy: { args: args() },
    execute: async () => {
      desk.fail(null);
      await desk.attempt(async () => {
        await Promise.all([desk.catalog.refresh(), desk.incidents.refresh()]);
      });
    }
  });
  commands.addCommand(CommandIDs.search, {
    label: trans.__('Search Runbooks and Keys'),
    describedBy: { args: args() },
    execute: async () => {
      if (desk.navigation.place.view !== 'catalogue') {
        desk.navigation.home();
      }
      await reveal();
      options.node.querySelector<HTMLElement>('.jp-Keys-search input')?.focus();
    }
  });
  commands.addCommand(CommandIDs.copyCommand, {
    label: trans.__('Copy the Command of This Step'),
    describedBy: {
      args: args({
        'text?': text(
          trans.__('What to copy; the first command of the step when left out.')
        )
      })
    },
    execute: async values => {
      const copied = given(values, 'text');
      if (copied === null) {
        pressOnCommand(options, 'copy');
      } else {
        await navigator.clipboard.writeText(copied);
        desk.announce(trans.__('Copied.'));
      }
    }
  });
}
