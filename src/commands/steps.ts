/**
 * Commands on the step of an incident that is shown.
 */

import type { Act } from '../contract';
import { CommandIDs } from '../tokens';
import { showIncident } from './incidents';
import type { IArgument } from './schema';
import { args, count, text } from './schema';
import { shownStep } from './shown';
import type { ICommandSurroundings } from './surroundings';
import { askFor, given } from './surroundings';

/** Acts after which the step in focus is another one. */
const LEADS_ON: Act['type'][] = ['step.focus', 'branch.taken'];

/** Add the commands on the step that is shown. */
export function addStepCommands(options: ICommandSurroundings): void {
  addMarks(options);
  addMarksWithWords(options);
  addLooking(options);
  addPlaces(options);
  addBranches(options);
}

/** A command that marks a step, after asking for words where some are needed. */
function marking(
  options: ICommandSurroundings,
  type: Act['type'],
  ask: (() => Promise<string | null>) | null
): (values: { [name: string]: unknown }) => Promise<void> {
  return async values => {
    const said = given(values, 'text') ?? (ask ? await ask() : '');
    if (said !== null) {
      await act(options, given(values, 'step'), { type, text: said });
    }
  };
}

/** The arguments of commands that mark a step. */
function markArguments(options: ICommandSurroundings): {
  [name: string]: IArgument;
} {
  const { trans } = options;
  return {
    'step?': text(trans.__('The step; the one on screen when left out.')),
    'text?': text(trans.__('What to record; asked for when left out.'))
  };
}

function addMarks(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  commands.addCommand(CommandIDs.markDone, {
    label: trans.__('Mark Step as Done'),
    isEnabled,
    describedBy: { args: args(markArguments(options)) },
    execute: marking(options, 'step.done', null)
  });
  commands.addCommand(CommandIDs.focusStep, {
    label: trans.__('Work on the Step That Is Shown'),
    isEnabled,
    describedBy: { args: args(markArguments(options)) },
    execute: marking(options, 'step.focus', null)
  });
}

function addMarksWithWords(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  const described = markArguments(options);
  commands.addCommand(CommandIDs.markFailed, {
    label: trans.__('Mark Step as Failed…'),
    isEnabled,
    describedBy: { args: args(described) },
    execute: marking(options, 'step.failed', () =>
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
    describedBy: { args: args(described) },
    execute: marking(options, 'step.skipped', () =>
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
    describedBy: { args: args(described) },
    execute: marking(options, 'step.note', () =>
      askFor(
        trans.__('Note'),
        trans.__('What should be remembered?'),
        trans.__('Record'),
        true
      )
    )
  });
}

function addLooking(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.lookAtStep, {
    label: values =>
      values.by === 1
        ? trans.__('Look at the Next Step')
        : values.by === -1
          ? trans.__('Look at the Previous Step')
          : trans.__('Back to the Step in Focus'),
    isEnabled: () => shownStep(options) !== null,
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
}

/** Commands that open what is at a fixed place of an incident. */
function addPlaces(options: ICommandSurroundings): void {
  const { commands, trans, node } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  const press = (selector: string): void =>
    node.querySelector<HTMLElement>(selector)?.click();
  commands.addCommand(CommandIDs.showMap, {
    label: trans.__('Show All Steps'),
    isEnabled,
    describedBy: { args: args() },
    execute: () => press('.jp-Keys-strip')
  });
  commands.addCommand(CommandIDs.showWayOut, {
    label: trans.__('Show Rollback and Escalation'),
    isEnabled,
    describedBy: { args: args() },
    execute: () => press('.jp-Keys-donot .jp-Keys-button')
  });
}

function addBranches(options: ICommandSurroundings): void {
  const { commands, trans, node } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
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
      const type = 'branch.taken';
      await act(options, given(values, 'step'), { type, branch });
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

/** Look at a step, or some steps on; this changes nothing. */
function look(
  options: ICommandSurroundings,
  step: string | null,
  by: number
): void {
  const at = shownStep(options);
  if (at === null) {
    return;
  }
  const { incident } = at;
  const order = incident.steps.map(other => other.id);
  const next = by ? (order[order.indexOf(at.step) + by] ?? at.step) : step;
  const away = next !== null && next !== incident.focus;
  showIncident(options, incident.id, 'steps', away ? next : null);
}

/** Append what a person did, and show where that leads. */
async function act(
  options: ICommandSurroundings,
  step: string | null,
  did: { type: Act['type']; text?: string; branch?: number }
): Promise<void> {
  const at = shownStep(options);
  if (at === null) {
    return;
  }
  const { desk } = options;
  const { type, text: words = '', branch = null } = did;
  const from = desk.navigation.place;
  await desk.attempt(async () => {
    await desk.incidents.act(at.incident.id, {
      type,
      step: step ?? at.step,
      text: words,
      branch
    });
    // A person who went elsewhere meanwhile is left there.
    if (LEADS_ON.includes(type) && desk.navigation.place === from) {
      showIncident(options, at.incident.id, 'steps', null);
    }
  });
}
