/**
 * Commands on runbooks and incidents.
 */

import type { IncidentTab } from '../models/navigation';
import { runbookIcon } from '../icons';
import { CommandIDs } from '../tokens';
import { args, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { choose, given } from './surroundings';

/** Add the commands on runbooks and incidents. */
export function addIncidentCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const slug = text(trans.__('The runbook; asked for when left out.'));
  commands.addCommand(CommandIDs.openRunbook, {
    label: values =>
      values.isLauncher ? trans.__('Runbooks') : trans.__('Open Runbook…'),
    icon: values => (values.isPalette ? undefined : runbookIcon),
    describedBy: { args: args({ 'slug?': slug }) },
    execute: async values => {
      const runbook = given(values, 'slug') ?? (await chooseRunbook(options));
      if (runbook !== null) {
        desk.navigation.go({ view: 'runbook', slug: runbook });
        await options.reveal();
      }
    }
  });
  commands.addCommand(CommandIDs.startIncident, {
    label: trans.__('Start Incident…'),
    caption: trans.__('Open an incident on a runbook'),
    describedBy: {
      args: args({
        'slug?': slug,
        'rehearsal?': flag(trans.__('Whether every record is marked so.'))
      })
    },
    execute: async values => {
      const runbook = given(values, 'slug') ?? (await chooseRunbook(options));
      if (runbook !== null) {
        await start(options, runbook, values.rehearsal === true);
      }
    }
  });
  commands.addCommand(CommandIDs.openIncident, {
    label: trans.__('Open Incident…'),
    describedBy: {
      args: args({
        'id?': text(trans.__('The incident; asked for when left out.')),
        'tab?': text(trans.__('One of steps, evidence, runs, timeline.'))
      })
    },
    execute: async values => {
      const tab = given(values, 'tab');
      const here = tab === null ? null : shownIncident(options);
      const id = given(values, 'id') ?? here ?? (await chooseIncident(options));
      if (id !== null) {
        const { place } = desk.navigation;
        const same = place.view === 'incident' && place.id === id;
        showIncident(options, id, tabOf(tab), same ? place.look : null);
        await options.reveal();
      }
    }
  });
}

/** The incident on screen. */
function shownIncident(options: ICommandSurroundings): string | null {
  const { place } = options.desk.navigation;
  return place.view === 'incident' ? place.id : null;
}

function tabOf(tab: string | null): IncidentTab {
  return tab === 'evidence' || tab === 'runs' || tab === 'timeline'
    ? tab
    : 'steps';
}

/** Show an incident; one that is on screen changes in place. */
export function showIncident(
  options: ICommandSurroundings,
  id: string,
  tab: IncidentTab,
  look: string | null
): void {
  options.desk.navigation.go({ view: 'incident', id, tab, look });
}

async function start(
  options: ICommandSurroundings,
  runbook: string,
  rehearsal: boolean
): Promise<void> {
  const { desk } = options;
  await desk.attempt(async () => {
    const incident = await desk.incidents.start({
      runbook,
      rehearsal,
      claimed_name: null
    });
    desk.navigation.replace({
      view: 'incident',
      id: incident.id,
      tab: 'steps',
      look: null
    });
    await options.reveal();
  });
}

async function chooseRunbook(
  options: ICommandSurroundings
): Promise<string | null> {
  const { desk, trans } = options;
  await desk.catalog.ensure();
  const row = await choose(
    trans.__('Which runbook?'),
    trans.__('Choose'),
    desk.catalog.runbooks
  );
  return row?.slug ?? null;
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
