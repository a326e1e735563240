/**
 * The command that opens the panel; it is there from the start.
 */

import { keyIcon } from '../icons';
import { CommandIDs } from '../tokens';
import { args } from './schema';
import type { ICommandSurroundings } from './surroundings';

/** Add the command. */
export function addPanelCommand(
  options: ICommandSurroundings & { toggle: () => void }
): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.openPanel, {
    label: given =>
      given.isLauncher ? trans.__('Keys') : trans.__('Open Keys Panel'),
    caption: trans.__('Runbooks and keys beside your notebooks'),
    icon: given => (given.isPalette ? undefined : keyIcon),
    describedBy: { args: args() },
    execute: () => options.toggle()
  });
}
