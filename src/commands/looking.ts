/**
 * Commands that look about in an incident, and take its branches.
 */

import type { Incident } from '../contract';
import { CommandIDs } from '../tokens';
import {
  nodeHere,
  pressOnCommand,
  record,
  showIncident,
  shownPlace,
  shownStep
} from './acting';
import { followBranch, lookAtSection } from './incidents';
import { args, count, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { askFor } from './questions';
import { given } from './surroundings';

/** Add the commands that look about, and those on branches. */
export function addLookingCommands(options: ICommandSurroundings): void {
  addLooking(options);
  addPlaces(options);
  addBranches(options);
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
    isEnabled: () => shownPlace(options) !== null,
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
  const { commands, trans } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  const press = (selector: string): void =>
    nodeHere(options).querySelector<HTMLElement>(selector)?.click();
  commands.addCommand(CommandIDs.showMap, {
    label: trans.__('Show All Steps'),
    isEnabled,
    describedBy: { args: args() },
    execute: () => {
      // Where there is room the map is beside the step already.
      const beside = nodeHere(options).querySelector<HTMLElement>(
        '.jp-Keys-beside button[tabindex="0"]'
      );
      if (beside?.offsetParent) {
        beside.focus();
      } else {
        press('.jp-Keys-strip');
      }
    }
  });
  commands.addCommand(CommandIDs.showWayOut, {
    label: trans.__('Show Rollback and Escalation'),
    isEnabled: () => shownPlace(options) !== null,
    describedBy: { args: args() },
    execute: () =>
      lookAtSection(options, shownPlace(options)?.id ?? '', 'rollback')
  });
  commands.addCommand(CommandIDs.toTerminal, {
    label: trans.__('Put the Command of This Step on the Terminal'),
    isEnabled,
    describedBy: { args: args() },
    execute: () => pressOnCommand(options, 'terminal')
  });
  commands.addCommand(CommandIDs.attachFile, {
    label: trans.__('Attach a File to This Step…'),
    isEnabled,
    describedBy: { args: args() },
    execute: () => press('[data-act="attach"]')
  });
}

function addBranches(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  commands.addCommand(CommandIDs.takeBranch, {
    label: trans.__('Take a Branch'),
    isEnabled,
    describedBy: {
      args: args({
        'step?': text(trans.__('The step; the one on screen when left out.')),
        branch: count(trans.__('The branch, counted from 0.')),
        'text?': text(trans.__('Why.')),
        'ask?': flag(trans.__('Whether to ask why.'))
      })
    },
    execute: async values => {
      const at = shownStep(options);
      const why = values.ask === true ? await askWhy(options) : '';
      if (at !== null && why !== null) {
        const step = given(values, 'step') ?? at.step;
        const said = { text: why, ...values };
        await take(options, at.incident, step, said);
      }
    }
  });
  commands.addCommand(CommandIDs.reachBranch, {
    label: trans.__('Go to a Branch of the Step'),
    isEnabled,
    describedBy: {
      args: args({ number: count(trans.__('The branch, counted from 1.')) })
    },
    execute: values => {
      nodeHere(options)
        .querySelector<HTMLElement>(`[data-branch="${Number(values.number)}"]`)
        ?.focus();
    }
  });
}

/** The results speak for another branch, or against this one: why all the same? */
function askWhy(options: ICommandSurroundings): Promise<string | null> {
  const { trans } = options;
  return askFor(
    trans.__('The results do not speak for this branch'),
    trans.__('Why do you take it?'),
    trans.__('Take this branch'),
    true
  );
}

/** Record a branch and go where it leads: a step, a section, or another runbook. */
async function take(
  options: ICommandSurroundings,
  incident: Incident,
  step: string,
  values: { [name: string]: unknown }
): Promise<void> {
  const { id } = incident;
  const branch = Number(values.branch);
  const type = 'branch.taken';
  const act = { type, step, branch, text: given(values, 'text') ?? '' };
  const seen = incident.n;
  if (await record(options, id, act, { seen, leadsTo: null })) {
    const from = incident.steps.find(other => other.id === step);
    const goto = from?.branches[branch]?.goto;
    const isStep = incident.steps.some(other => other.id === goto);
    if (goto && !isStep) {
      await followBranch(options, id, step, goto);
    }
  }
}

/** Look at a step, or some steps on; this changes nothing. */
function look(
  options: ICommandSurroundings,
  step: string | null,
  by: number
): void {
  const incident = options.desk.incidents.get(shownPlace(options)?.id ?? '');
  if (incident === null) {
    return;
  }
  const at = shownStep(options)?.step ?? null;
  const order = incident.steps.map(other => other.id);
  const next = by ? (order[order.indexOf(at ?? '') + by] ?? at) : step;
  const away = next !== incident.focus;
  showIncident(options, incident.id, 'steps', away ? next : null);
}
