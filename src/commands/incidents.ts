/**
 * Commands that begin an incident, show one, and hand it from one to another.
 */

import { SECTION_LOOK } from '../models/map';
import type { ICall, IncidentTab } from '../models/navigation';
import { CommandIDs } from '../tokens';
import { showIncident, shownPlace } from './acting';
import { args, flag, record, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { choose, chooseRunbook } from './questions';
import { given } from './surroundings';

/** Add the commands on incidents. */
export function addIncidentCommands(options: ICommandSurroundings): void {
  addStart(options);
  addOpening(options);
  addLinking(options);
}

function addStart(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.startIncident, {
    label: trans.__('Start Incident…'),
    caption: trans.__('Open an incident on a runbook'),
    describedBy: {
      args: args({
        'slug?': text(trans.__('The runbook; asked for when left out.')),
        'rehearsal?': flag(trans.__('Whether every record is marked so.')),
        'name?': text(trans.__('The name a person gives.')),
        'symptoms?': text(trans.__('What is seen.')),
        'call?': record(trans.__('What called for it: trigger, step, values.'))
      })
    },
    execute: async values => {
      const runbook = given(values, 'slug') ?? (await chooseRunbook(options));
      if (runbook !== null) {
        await start(options, runbook, values);
      }
    }
  });
}

function addOpening(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.openIncident, {
    label: trans.__('Open Incident…'),
    describedBy: {
      args: args({
        'id?': text(trans.__('The incident; asked for when left out.')),
        'tab?': text(
          trans.__('One of steps, evidence, runs, timeline, close.')
        ),
        'step?': text(trans.__('The step to look at.'))
      })
    },
    execute: async values => {
      const tab = given(values, 'tab');
      const shown = tab === null ? null : shownPlace(options);
      const id =
        given(values, 'id') ?? shown?.id ?? (await chooseIncident(options));
      if (id === null) {
        return;
      }
      const inPlace =
        shownPlace(options)?.id === id ? shownPlace(options) : null;
      const look = given(values, 'step') ?? inPlace?.look ?? null;
      if (inPlace === null) {
        options.desk.lookFrom(null);
      }
      showIncident(options, id, tabOf(tab), look);
      if (inPlace === null || options.desk.here.node === undefined) {
        await options.reveal();
      }
    }
  });
}

/** "Wrong runbook": go on in another one, with what is known. */
function addLinking(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.linkRunbook, {
    label: trans.__('Wrong Runbook: Go On in Another…'),
    caption: trans.__('Open a linked incident that takes along what is known'),
    isEnabled: () => shownPlace(options) !== null,
    describedBy: {
      args: args({
        'runbook?': text(trans.__('The runbook; asked for when left out.')),
        'step?': text(trans.__('The step that leads there.')),
        'text?': text(trans.__('Why.'))
      })
    },
    execute: async values => {
      const id = shownPlace(options)?.id;
      const runbook =
        given(values, 'runbook') ?? (await chooseRunbook(options));
      if (id && runbook) {
        await desk.attempt(async () => {
          const linked = await desk.incidents.link(id, {
            runbook,
            step: given(values, 'step'),
            text: given(values, 'text') ?? ''
          });
          showIncident(options, linked.id, 'steps', null);
        });
      }
    }
  });
}

function tabOf(tab: string | null): IncidentTab {
  const known: IncidentTab[] = ['evidence', 'runs', 'timeline', 'close'];
  return known.find(name => name === tab) ?? 'steps';
}

async function start(
  options: ICommandSurroundings,
  runbook: string,
  values: { [name: string]: unknown }
): Promise<void> {
  const { desk } = options;
  const { navigation } = desk;
  const call = values.call as ICall | undefined;
  await desk.attempt(async () => {
    const incident = await desk.incidents.start({
      runbook,
      rehearsal: values.rehearsal === true,
      claimed_name: given(values, 'name'),
      symptoms: given(values, 'symptoms') ?? '',
      trigger: call?.trigger ?? '',
      facts: call?.values ?? {}
    });
    const known = incident.steps.some(step => step.id === call?.step);
    const look = known && call ? call.step : null;
    desk.lookFrom(null);
    navigation.replace({
      view: 'incident',
      id: incident.id,
      tab: 'steps',
      look
    });
    await options.reveal();
  });
}

/** Where a branch leads that leads to no step: another runbook, or a section. */
export async function followBranch(
  options: ICommandSurroundings,
  id: string,
  step: string,
  goto: string
): Promise<void> {
  const { commands } = options;
  if (goto.startsWith('runbook:')) {
    await commands.execute(CommandIDs.linkRunbook, {
      runbook: goto.slice('runbook:'.length),
      step
    });
    return;
  }
  if (goto === 'evidence') {
    showIncident(options, id, 'evidence', null);
    return;
  }
  lookAtSection(options, id, goto);
}

/** Look at a section of the runbook, where it has one of that name. */
export function lookAtSection(
  options: ICommandSurroundings,
  id: string,
  name: string
): void {
  const sections = options.desk.incidents.runbook(id)?.sections ?? [];
  const at = sections.findIndex(section => section.name === name);
  if (at >= 0) {
    showIncident(options, id, 'steps', `${SECTION_LOOK}${at}`);
  }
}

/** The only open incident, or the one a person chooses. */
async function chooseIncident(
  options: ICommandSurroundings
): Promise<string | null> {
  const { desk, trans } = options;
  await desk.attempt(() => desk.incidents.refresh());
  const open = desk.incidents.open.map(incident => ({
    id: incident.id,
    title: trans.__('%1 %2', incident.number, incident.title)
  }));
  if (open.length === 1) {
    return open[0].id;
  }
  const chosen = await choose(
    trans.__('Which incident?'),
    trans.__('Choose'),
    open
  );
  return chosen?.id ?? null;
}
