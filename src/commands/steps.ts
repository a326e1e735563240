/**
 * Commands that mark the step that is shown, and take a mark back.
 */

import { askFields } from '../asking';
import type { Act } from '../contract';
import { lastUndoable } from '../models/map';
import { CommandIDs } from '../tokens';
import { nodeHere, record, shownStep } from './acting';
import type { IArgument } from './schema';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { askFor } from './questions';
import { given } from './surroundings';

/** Add the commands on the step that is shown. */
export function addStepCommands(options: ICommandSurroundings): void {
  addMarks(options);
  addMarksWithWords(options);
  addConfirmation(options);
  addUndo(options);
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

/** Words that could not be recorded, by incident, step and kind of act: asked again, they are there. */
const unsaid = new Map<string, string>();

/** A command that marks a step, after asking for words where some are needed. */
function marking(
  options: ICommandSurroundings,
  type: Act['type'],
  ask: ((text?: string) => Promise<string | null>) | null
): (values: { [name: string]: unknown }) => Promise<void> {
  return async values => {
    const at = shownStep(options);
    if (at === null) {
      return;
    }
    const step = given(values, 'step') ?? at.step;
    const slot = [at.incident.id, step, type].join(' ');
    const said =
      given(values, 'text') ?? (ask ? await ask(unsaid.get(slot)) : '');
    if (said !== null) {
      unsaid.set(slot, said);
      const leadsTo = type === 'step.note' ? undefined : null;
      const recorded = await record(
        options,
        at.incident.id,
        { type, step, text: said },
        { seen: at.incident.n, leadsTo }
      );
      if (recorded || options.desk.error === null) {
        unsaid.delete(slot);
      }
    }
  };
}

function addMarks(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const isEnabled = (): boolean => shownStep(options) !== null;
  const done = marking(options, 'step.done', null);
  commands.addCommand(CommandIDs.markDone, {
    label: trans.__('Mark Step as Done'),
    isEnabled,
    describedBy: { args: args(markArguments(options)) },
    execute: async values => {
      const lock =
        nodeHere(options).querySelector<HTMLElement>('[data-unlock]');
      if (lock !== null) {
        // It cannot be done before its words were typed.
        lock.focus();
        return;
      }
      await done(values);
    }
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
    execute: marking(options, 'step.failed', words =>
      askFor(
        trans.__('This step failed'),
        trans.__('What did you see?'),
        trans.__('Record'),
        false,
        words
      )
    )
  });
  commands.addCommand(CommandIDs.markSkipped, {
    label: trans.__('Skip Step…'),
    isEnabled,
    describedBy: { args: args(described) },
    execute: marking(options, 'step.skipped', words =>
      askFor(
        trans.__('Skip this step'),
        trans.__('Why is it skipped?'),
        trans.__('Skip'),
        true,
        words
      )
    )
  });
  commands.addCommand(CommandIDs.addNote, {
    label: trans.__('Add Note to Step…'),
    isEnabled,
    describedBy: { args: args(described) },
    execute: marking(options, 'step.note', async value => {
      const answers = await askFields({
        title: trans.__('Note'),
        okLabel: trans.__('Record'),
        cancelLabel: trans.__('Cancel'),
        fields: [
          {
            name: 'text',
            label: trans.__('What should be remembered?'),
            kind: 'text',
            required: true,
            value
          }
        ]
      });
      return answers?.text ?? null;
    })
  });
}

/** The words that unlock an action which cannot be undone. */
function addConfirmation(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.confirmAction, {
    label: trans.__('Confirm an Irreversible Action'),
    isEnabled: () => shownStep(options) !== null,
    describedBy: {
      args: args({
        'step?': text(trans.__('The step; the one on screen when left out.')),
        confirmation: text(trans.__('The words that were typed.'))
      })
    },
    execute: async values => {
      const at = shownStep(options);
      if (at !== null) {
        await record(options, at.incident.id, {
          type: 'action.confirmed',
          step: given(values, 'step') ?? at.step,
          confirmation: given(values, 'confirmation') ?? ''
        });
      }
    }
  });
}

/** A wrong mark is taken back: that of the step one looks at, else the last one. */
function addUndo(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.undo, {
    label: trans.__('Undo the Last Mark of a Step'),
    isEnabled: () => {
      const at = shownStep(options);
      return at !== null && lastUndoable(at.incident) !== null;
    },
    describedBy: {
      args: args({
        'step?': text(
          trans.__('The step; the one looked at, or the last one marked.')
        )
      })
    },
    execute: async values => {
      const at = shownStep(options);
      if (at === null) {
        return;
      }
      const { incident } = at;
      const named = given(values, 'step') ?? lookedAt(options);
      const step =
        incident.steps.find(other => other.id === named && other.undoable) ??
        lastUndoable(incident);
      if (step !== null) {
        const type = 'step.undone';
        const act = { type, step: step.id };
        if (await record(options, incident.id, act, { leadsTo: null })) {
          desk.announce(trans.__('Taken back: “%1”.', step.title));
        }
      }
    }
  });
}

/** The step that is looked at and not in focus. */
function lookedAt(options: ICommandSurroundings): string | null {
  const { place } = options.desk.here.navigation;
  return place.view === 'incident' ? place.look : null;
}
