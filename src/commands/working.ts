/**
 * Commands on an incident as a whole: notes, facts, who has it, timers.
 */

import { askFields } from '../asking';
import type { IField } from '../asking';
import type { Act, Incident } from '../contract';
import { CommandIDs } from '../tokens';
import { record, shownPlace } from './acting';
import { args, text } from './schema';
import type { IArgument } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';

/** Add the commands on an incident as a whole. */
export function addWorkingCommands(options: ICommandSurroundings): void {
  addWords(options);
  addPeople(options);
  addTimers(options);
  addCounting(options);
  addReopening(options);
}

/** The incident that is on screen. */
export function shown(options: ICommandSurroundings): Incident | null {
  return options.desk.incidents.get(shownPlace(options)?.id ?? '');
}

/** A command that records an act with fields, which are asked for where they are not given. */
interface IActCommand {
  id: string;
  label: string;
  type: Act['type'];
  /** What is asked for; nothing when empty. */
  title: string;
  okLabel: string;
  fields: IField[];
  /** Arguments beside the fields. */
  more?: { [name: string]: IArgument };
  enabled?: (incident: Incident) => boolean;
  /** An argument that says all there is to say. */
  enough?: string;
}

/** Answers that could not be recorded, by command and incident: asked again, they are there. */
const unsaid = new Map<string, { [name: string]: string | null }>();

function add(options: ICommandSurroundings, command: IActCommand): void {
  const { commands, trans } = options;
  const { fields, more = {} } = command;
  const described = Object.fromEntries(
    fields.map(field => [`${field.name}?`, text(field.label)])
  );
  commands.addCommand(command.id, {
    label: command.label,
    isEnabled: () => {
      const incident = shown(options);
      return incident !== null && (command.enabled?.(incident) ?? true);
    },
    describedBy: { args: args({ ...described, ...more }) },
    execute: async values => {
      const incident = shown(options);
      if (incident === null) {
        return;
      }
      const known = fields.map(field => [
        field.name,
        given(values, field.name)
      ]);
      const complete =
        given(values, command.enough ?? '') !== null ||
        fields.every(
          field => !field.required || given(values, field.name) !== null
        );
      const slot = `${command.id} ${incident.id}`;
      const answers = complete
        ? (Object.fromEntries(known) as { [name: string]: string | null })
        : await askFields({
            title: command.title,
            okLabel: command.okLabel,
            cancelLabel: trans.__('Cancel'),
            fields: fields.map(field => ({
              ...field,
              value: unsaid.get(slot)?.[field.name] ?? field.value
            }))
          });
      if (answers !== null) {
        unsaid.set(slot, answers);
        const act = actOf(command, { ...values, ...answers });
        const seen = incident.n;
        const recorded = await record(options, incident.id, act, { seen });
        if (recorded || options.desk.error === null) {
          unsaid.delete(slot);
        }
      }
    }
  });
}

function actOf(command: IActCommand, values: { [name: string]: unknown }): Act {
  const minutes = Number(values.minutes);
  return {
    type: command.type,
    text: given(values, 'text') ?? '',
    to: given(values, 'to'),
    timer: given(values, 'timer'),
    item: given(values, 'item'),
    key: given(values, 'key'),
    name: given(values, 'name'),
    step: given(values, 'step'),
    minutes: minutes > 0 ? minutes : null
  };
}

function addWords(options: ICommandSurroundings): void {
  const { trans } = options;
  add(options, {
    id: CommandIDs.noteIncident,
    label: trans.__('Add Note to Incident…'),
    type: 'incident.note',
    title: trans.__('Note on the incident'),
    okLabel: trans.__('Record'),
    fields: [
      {
        name: 'text',
        label: trans.__('What should be remembered?'),
        kind: 'text',
        required: true
      }
    ]
  });
  add(options, {
    id: CommandIDs.addFact,
    label: trans.__('Add Fact to Incident…'),
    type: 'incident.fact',
    title: trans.__('A fact of this incident'),
    okLabel: trans.__('Record'),
    fields: [
      { name: 'name', label: trans.__('What is it called?'), required: true },
      { name: 'text', label: trans.__('Value'), required: true }
    ]
  });
}

function addPeople(options: ICommandSurroundings): void {
  const { trans } = options;
  add(options, {
    id: CommandIDs.claim,
    label: trans.__('Take Over Incident'),
    type: 'incident.claimed',
    title: '',
    okLabel: '',
    fields: []
  });
  add(options, {
    id: CommandIDs.handOver,
    label: trans.__('Hand Over Incident…'),
    type: 'incident.handover',
    title: trans.__('Hand over this incident'),
    okLabel: trans.__('Hand over'),
    fields: [
      { name: 'to', label: trans.__('Who takes over?'), required: true },
      {
        name: 'text',
        label: trans.__('What must they know?'),
        kind: 'text',
        required: true
      }
    ]
  });
}

function addTimers(options: ICommandSurroundings): void {
  const { trans } = options;
  const timer = text(trans.__('The timer.'));
  add(options, {
    id: CommandIDs.startTimer,
    label: trans.__('Remind Me…'),
    type: 'timer.started',
    title: trans.__('Remind me'),
    okLabel: trans.__('Start'),
    fields: [
      {
        name: 'minutes',
        label: trans.__('In how many minutes?'),
        kind: 'minutes',
        required: true,
        value: '15'
      },
      { name: 'text', label: trans.__('Of what?') }
    ],
    more: {
      'timer?': timer,
      'step?': text(trans.__('The step it belongs to.'))
    },
    enough: 'timer'
  });
}

/** What is done to a timer that counts. */
function addCounting(options: ICommandSurroundings): void {
  const { trans } = options;
  const timer = text(trans.__('The timer.'));
  add(options, {
    id: CommandIDs.stopTimer,
    label: trans.__('Stop Timer'),
    type: 'timer.stopped',
    title: '',
    okLabel: '',
    fields: [],
    more: { timer }
  });
  add(options, {
    id: CommandIDs.postponeTimer,
    label: trans.__('Postpone Timer…'),
    type: 'timer.postponed',
    title: trans.__('Not now'),
    okLabel: trans.__('Postpone'),
    fields: [
      {
        name: 'minutes',
        label: trans.__('Ask again in how many minutes?'),
        kind: 'minutes',
        required: true,
        value: '15'
      },
      { name: 'text', label: trans.__('Why not now?'), required: true }
    ],
    more: { timer }
  });
  add(options, {
    id: CommandIDs.escalate,
    label: trans.__('Record an Escalation'),
    type: 'escalation.raised',
    title: '',
    okLabel: '',
    fields: [],
    more: { timer }
  });
}

/** A closed incident can be opened again. */
function addReopening(options: ICommandSurroundings): void {
  const { trans } = options;
  add(options, {
    id: CommandIDs.reopenIncident,
    label: trans.__('Reopen Incident…'),
    type: 'incident.reopened',
    title: trans.__('Open this incident again'),
    okLabel: trans.__('Reopen'),
    fields: [{ name: 'text', label: trans.__('Why?'), required: true }],
    enabled: incident => incident.closed_at !== null
  });
}
