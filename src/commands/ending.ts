/**
 * Commands on what an incident leaves: what is kept, analyses and runs put under it, its end.
 */

import { titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { record } from './acting';
import { args, count, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { choose } from './questions';
import { given } from './surroundings';
import { shown } from './working';

/** Add the commands on what an incident leaves. */
export function addEndingCommands(options: ICommandSurroundings): void {
  addItems(options);
  addAnalyses(options);
  addAttaching(options);
  addEnds(options);
}

function addItems(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.tickItem, {
    label: trans.__('Tick What Is Kept or Written Down'),
    isEnabled: () => shown(options) !== null,
    describedBy: {
      args: args({
        item: text(trans.__('The item.')),
        'off?': flag(trans.__('Whether the tick is taken back.'))
      })
    },
    execute: async values => {
      const incident = shown(options);
      const item = given(values, 'item');
      if (incident !== null && item !== null) {
        const type = values.off === true ? 'item.unticked' : 'item.ticked';
        await record(options, incident.id, { type, item });
      }
    }
  });
}

function addAnalyses(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.addAnalysis, {
    label: trans.__('Add an Analysis…'),
    caption: trans.__('A key that suits this type of runbook, as a step'),
    isEnabled: () => shown(options)?.closed_at === null,
    describedBy: {
      args: args({
        'key?': text(trans.__('The key; asked for when left out.'))
      })
    },
    execute: async values => {
      const incident = shown(options);
      if (incident === null) {
        return;
      }
      const key =
        given(values, 'key') ?? (await chooseKey(options, incident.id));
      if (key === null) {
        return;
      }
      const done = await record(options, incident.id, {
        type: 'analysis.added',
        key
      });
      if (done) {
        await desk.attempt(() => desk.incidents.readRunbookAgain(incident.id));
        const added = desk.incidents
          .get(incident.id)
          ?.steps.filter(step => step.section === 'added')
          .pop();
        await commands.execute(CommandIDs.lookAtStep, {
          step: added?.id ?? ''
        });
      }
    }
  });
}

/** A run that was begun outside any step, under one. */
function addAttaching(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.attachRun, {
    label: trans.__('Attach a Run to a Step'),
    describedBy: {
      args: args({
        run: text(trans.__('The run.')),
        incident: text(trans.__('The incident.')),
        step: text(trans.__('The step it was run for.'))
      })
    },
    execute: async values => {
      const [run, incident, step] = ['run', 'incident', 'step'].map(
        name => given(values, name) ?? ''
      );
      await desk.attempt(async () => {
        await desk.incidents.attachRun({ run, incident, step });
        await desk.context.askAgain();
        desk.announce(trans.__('Attached, with its results and evidence.'));
      });
    }
  });
}

async function chooseKey(
  options: ICommandSurroundings,
  id: string
): Promise<string | null> {
  const { desk, trans } = options;
  const { keys } = await desk.api.suited(id);
  const choices = keys.map(key => ({
    slug: key.slug,
    title: key.called
      ? trans.__('%1 (%2; a step calls it)', titleWords(key.title), key.kind)
      : trans.__('%1 (%2)', titleWords(key.title), key.kind)
  }));
  const chosen = await choose(
    trans.__('Which analysis?'),
    trans.__('Add'),
    choices
  );
  return chosen?.slug ?? null;
}

function addEnds(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.closeIncident, {
    label: trans.__('Close Incident…'),
    isEnabled: () => shown(options)?.closed_at === null,
    describedBy: {
      args: args({
        'root_cause?': text(trans.__('What it was.')),
        'resolution?': text(trans.__('What mended it.')),
        'verification?': text(trans.__('What shows that it is mended.')),
        'seen?': count(trans.__('The last record that was seen.'))
      })
    },
    execute: async values => {
      const incident = shown(options);
      if (incident === null) {
        return;
      }
      const said = ['root_cause', 'resolution', 'verification'].map(
        name => given(values, name) ?? ''
      );
      const [root_cause, resolution, verification] = said;
      if (said.every(words => words === '')) {
        desk.here.navigation.go({
          view: 'incident',
          id: incident.id,
          tab: 'close',
          look: null
        });
        return;
      }
      const act = { root_cause, resolution, verification };
      await record(
        options,
        incident.id,
        { type: 'incident.closed', ...act },
        { leadsTo: null }
      );
    }
  });
}
