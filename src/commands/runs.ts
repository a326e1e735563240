/**
 * Commands on runs that are there before the panel is: show one, cancel one.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';

import type { Run } from '../contract';
import { hasEnded } from '../models/run';
import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';

/** Add the commands on runs. */
export function addRunCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  const id = text(trans.__('The run.'));
  commands.addCommand(CommandIDs.openRun, {
    label: trans.__('Open a Run'),
    describedBy: { args: args({ id }) },
    execute: async values => {
      const run = given(values, 'id');
      if (run !== null) {
        desk.navigation.go({ view: 'run', id: run });
        await reveal();
      }
    }
  });
  commands.addCommand(CommandIDs.cancelRun, {
    label: trans.__('Cancel Run'),
    isEnabled: () => openRun(options) !== null,
    describedBy: {
      args: args({ 'id?': text(trans.__('The run; the one on screen.')) })
    },
    execute: async values => {
      const named = given(values, 'id');
      const run = named ?? openRun(options)?.id ?? null;
      // A button says which run is meant; a single key could be a slip.
      const meant = named !== null || (await confirmCancel(options));
      if (run !== null && meant) {
        await desk.attempt(() => desk.runs.cancel(run));
      }
    }
  });
}

/** The run on screen that has not ended. */
function openRun(options: ICommandSurroundings): Run | null {
  const { navigation, runs, incidents, context } = options.desk;
  const { place } = navigation;
  const candidates =
    place.view === 'run'
      ? [runs.get(place.id)]
      : place.view === 'notebook'
        ? [context.context?.run ?? null]
        : place.view === 'incident'
          ? (incidents.get(place.id)?.runs ?? []).map(id => runs.get(id))
          : place.view === 'key'
            ? runs.ofKey(place.slug)
            : [];
  return candidates.find(run => run !== null && !hasEnded(run)) ?? null;
}

async function confirmCancel(options: ICommandSurroundings): Promise<boolean> {
  const { trans } = options;
  const { button } = await showDialog({
    title: trans.__('Cancel this run?'),
    body: trans.__(
      'The cell that runs is stopped. What the cells before it left is kept.'
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Go on') }),
      Dialog.warnButton({ label: trans.__('Cancel run') })
    ]
  });
  return button.accept;
}
