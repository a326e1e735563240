/**
 * Commands on runbooks and incidents.
 */

import type { Act, Incident } from '../contract';
import { stepInFocus } from '../models/incident';
import type { IncidentTab } from '../models/navigation';
import { CommandIDs } from '../tokens';
import { args, count, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { askFor, choose, given } from './surroundings';

/** Add the commands on runbooks and incidents. */
export function addIncidentCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const slug = text(trans.__('The runbook; asked for when left out.'));
  commands.addCommand(CommandIDs.openRunbook, {
    label: trans.__('Open Runbook…'),
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
        'tab?': text(trans.__('One of steps, evidence, timeline.'))
      })
    },
    execute: async values => {
      const id = given(values, 'id') ?? (await chooseIncident(options));
      if (id !== null) {
        show(options, id, tabOf(given(values, 'tab')), null);
        await options.reveal();
      }
    }
  });
}

function tabOf(tab: string | null): IncidentTab {
  return tab === 'evidence' || tab === 'timeline' ? tab : 'steps';
}

/** Show an incident; one that is on screen changes in place. */
function show(
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

/** The incident on screen and the step that is shown of it. */
function shown(
  options: ICommandSurroundings
): { incident: Incident; step: string; look: string | null } | null {
  const { place } = options.desk.navigation;
  if (place.view !== 'incident') {
    return null;
  }
  const incident = options.desk.incidents.get(place.id);
  const focus = incident ? stepInFocus(incident) : null;
  const step = place.look ?? focus?.id ?? null;
  return incident && step ? { incident, step, look: place.look } : null;
}

/** Add the commands on the step that is shown. */
export function addStepCommands(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const isEnabled = (): boolean => shown(options) !== null;
  const step = text(trans.__('The step; the one on screen when left out.'));
  const words = text(trans.__('What to record; asked for when left out.'));
  const mark = (
    type: Act['type'],
    ask: (() => Promise<string | null>) | null
  ) => {
    return async (values: { [name: string]: unknown }): Promise<void> => {
      const said = given(values, 'text') ?? (ask ? await ask() : '');
      if (said !== null) {
        await act(options, type, given(values, 'step'), said);
      }
    };
  };
  commands.addCommand(CommandIDs.markDone, {
    label: trans.__('Mark Step as Done'),
    isEnabled,
    describedBy: { args: args({ 'step?': step, 'text?': words }) },
    execute: mark('step.done', null)
  });
  commands.addCommand(CommandIDs.markFailed, {
    label: trans.__('Mark Step as Failed…'),
    isEnabled,
    describedBy: { args: args({ 'step?': step, 'text?': words }) },
    execute: mark('step.failed', () =>
      askFor(
        trans.__('This step failed'),
        trans.__('What did you see?'),
        trans.__('Record'),
        false
      )
    )
  });
  commands.addCommand(CommandIDs.markSkipped, {
    label: trans.__('Skip Step…'),
    isEnabled,
    describedBy: { args: args({ 'step?': step, 'text?': words }) },
    execute: mark('step.skipped', () =>
      askFor(
        trans.__('Skip this step'),
        trans.__('Why is it skipped?'),
        trans.__('Skip'),
        true
      )
    )
  });
  commands.addCommand(CommandIDs.addNote, {
    label: trans.__('Add Note to Step…'),
    isEnabled,
    describedBy: { args: args({ 'step?': step, 'text?': words }) },
    execute: mark('step.note', () =>
      askFor(
        trans.__('Note'),
        trans.__('What should be remembered?'),
        trans.__('Record'),
        true
      )
    )
  });
  commands.addCommand(CommandIDs.focusStep, {
    label: trans.__('Work on the Step That Is Shown'),
    isEnabled,
    describedBy: { args: args({ 'step?': step }) },
    execute: mark('step.focus', null)
  });
  addLooking(options, isEnabled);
}

function addLooking(
  options: ICommandSurroundings,
  isEnabled: () => boolean
): void {
  const { commands, trans, node } = options;
  commands.addCommand(CommandIDs.lookAtStep, {
    label: values =>
      values.by === 1
        ? trans.__('Look at the Next Step')
        : values.by === -1
          ? trans.__('Look at the Previous Step')
          : trans.__('Back to the Step in Focus'),
    isEnabled,
    describedBy: {
      args: args({
        'step?': text(trans.__('The step; the one in focus when left out.')),
        'by?': count(trans.__('How many steps on from the one shown.'))
      })
    },
    execute: values => {
      const by = typeof values.by === 'number' ? values.by : 0;
      look(options, given(values, 'step'), by);
    }
  });
  commands.addCommand(CommandIDs.takeBranch, {
    label: trans.__('Take a Branch'),
    isEnabled,
    describedBy: {
      args: args({
        'step?': text(trans.__('The step; the one on screen when left out.')),
        branch: count(trans.__('The branch, counted from 0.'))
      })
    },
    execute: async values => {
      const branch = Number(values.branch);
      await act(options, 'branch.taken', given(values, 'step'), '', branch);
    }
  });
  commands.addCommand(CommandIDs.reachBranch, {
    label: trans.__('Go to a Branch of the Step'),
    isEnabled,
    describedBy: {
      args: args({ number: count(trans.__('The branch, counted from 1.')) })
    },
    execute: values => {
      node
        .querySelector<HTMLElement>(`[data-branch="${Number(values.number)}"]`)
        ?.focus();
    }
  });
}

function look(
  options: ICommandSurroundings,
  step: string | null,
  by: number
): void {
  const at = shown(options);
  if (at === null) {
    return;
  }
  const { incident } = at;
  const order = incident.steps.map(other => other.id);
  const next = by ? (order[order.indexOf(at.step) + by] ?? at.step) : step;
  const away = next !== null && next !== incident.focus;
  show(options, incident.id, 'steps', away ? next : null);
}

async function act(
  options: ICommandSurroundings,
  type: Act['type'],
  step: string | null,
  said: string,
  branch: number | null = null
): Promise<void> {
  const at = shown(options);
  if (at === null) {
    return;
  }
  const { desk } = options;
  const on = step ?? at.step;
  await desk.attempt(async () => {
    await desk.incidents.act(at.incident.id, {
      type,
      step: on,
      text: said,
      branch
    });
    if (type !== 'step.note') {
      show(options, at.incident.id, 'steps', null);
    }
  });
}
