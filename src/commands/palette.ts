/**
 * What stands in the command palette.
 */

import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../tokens';

/** What stands in the palette without any arguments. */
const PALETTE = [
  CommandIDs.openPanel,
  CommandIDs.home,
  CommandIDs.search,
  CommandIDs.refresh,
  CommandIDs.openKey,
  CommandIDs.installKey,
  CommandIDs.runKey,
  CommandIDs.cancelRun,
  CommandIDs.openRunNotebook,
  CommandIDs.thisNotebook,
  CommandIDs.openRunbook,
  CommandIDs.startIncident,
  CommandIDs.openIncident,
  CommandIDs.showMap,
  CommandIDs.showWayOut,
  CommandIDs.markDone,
  CommandIDs.markFailed,
  CommandIDs.markSkipped,
  CommandIDs.addNote,
  CommandIDs.focusStep,
  CommandIDs.copyCommand,
  CommandIDs.toTerminal,
  CommandIDs.undo,
  CommandIDs.attachFile,
  CommandIDs.noteIncident,
  CommandIDs.addFact,
  CommandIDs.startTimer,
  CommandIDs.addAnalysis,
  CommandIDs.linkRunbook,
  CommandIDs.claim,
  CommandIDs.handOver,
  CommandIDs.closeIncident,
  CommandIDs.reopenIncident,
  CommandIDs.openWide,
  CommandIDs.printChecklist,
  CommandIDs.showKeyboard,
  CommandIDs.openCatalogue,
  CommandIDs.signIn,
  CommandIDs.signOut,
  CommandIDs.showAccount,
  CommandIDs.askMarketplace,
  CommandIDs.cancelInstall,
  CommandIDs.updateKey,
  CommandIDs.buyKey,
  CommandIDs.stopLooking
];

/** Put our commands into the palette. */
export function addToPalette(
  palette: ICommandPalette | null,
  trans: TranslationBundle
): void {
  const category = trans.__('Keys');
  for (const command of PALETTE) {
    palette?.addItem({ command, category, args: { isPalette: true } });
  }
  [1, -1, 0].forEach(by =>
    palette?.addItem({ command: CommandIDs.lookAtStep, category, args: { by } })
  );
}
