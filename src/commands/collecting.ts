/**
 * The command that collects the open notebook as evidence.
 */

import { Notification } from '@jupyterlab/apputils';

import type { Collection, Incident } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import { evidenceOf } from '../models/evidence';
import { stepInFocus } from '../models/incident';
import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';
import { incidentOf, whichIncident } from './whichincident';

/** Add it. */
export function addCollecting(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const pathOf = (values: { [name: string]: unknown }): string | null =>
    given(values, 'path') ?? desk.context.notebook?.path ?? null;
  commands.addCommand(EvidenceCommands.collect, {
    label: trans.__('Collect This Notebook as Evidence'),
    caption: trans.__(
      'Keep what it shows as it is saved; nothing is kept twice'
    ),
    isEnabled: values => pathOf(values) !== null,
    describedBy: {
      args: args({
        'path?': text(trans.__('The notebook; the active one when left out.')),
        'incident?': whichIncident(options)
      })
    },
    execute: async values => {
      const path = pathOf(values);
      if (path !== null) {
        await collect(options, path, given(values, 'incident'));
      }
    }
  });
}

/** Collect a notebook where its run belongs, else under the step in focus of an incident. */
async function collect(
  options: ICommandSurroundings,
  path: string,
  named: string | null
): Promise<void> {
  const { desk, trans } = options;
  const evidence = evidenceOf(desk);
  const { context } = desk.context;
  const owner = context?.path === path ? context.incident : null;
  const incident = owner ? null : await openIncident(options, named);
  if (!owner && incident === null) {
    return;
  }
  await options.save(path);
  const step = incident && (stepInFocus(incident)?.id ?? null);
  const done = await evidence.work<Collection>('collect', path, () =>
    evidence.api.collect({ path, incident: incident?.id ?? null, step })
  );
  const id = done?.incident ?? owner ?? incident?.id ?? '';
  if (done !== null) {
    await desk.attempt(() => evidence.readAgain(id));
    desk.announce(done.summary);
  }
  const { place } = desk.navigation;
  const shown = place.view === 'incident' && place.tab === 'evidence';
  const { error } = evidence.job('collect');
  if (!(shown && place.id === id)) {
    const actions = [
      {
        label: trans.__('Show'),
        callback: () =>
          void options.commands.execute(CommandIDs.openIncident, {
            id,
            tab: 'evidence'
          })
      }
    ];
    if (error !== null) {
      Notification.error(`${error.message} ${error.hint}`, {
        actions,
        autoClose: false
      });
    } else if (done !== null) {
      Notification.info(done.summary, { actions, autoClose: 10_000 });
    }
  }
}

/** The incident that is named or on screen, the only one that is open, or the one a person chooses. */
async function openIncident(
  options: ICommandSurroundings,
  named: string | null
): Promise<Incident | null> {
  const { desk } = options;
  await desk.incidents.refresh();
  const { open } = desk.incidents;
  const id = named ?? (open.length === 1 ? open[0].id : null);
  return id === null ? incidentOf(options) : desk.incidents.load(id);
}
