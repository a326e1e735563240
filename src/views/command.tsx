/**
 * A command of a step: copied, or put on the incident's terminal; what it leaves open is asked for first.
 */

import { copyIcon, terminalIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Command, Incident } from '../contract';
import {
  bareName,
  filledIn,
  isPlain,
  lineProblem,
  placeholdersOf
} from '../models/commandline';
import { CommandIDs } from '../tokens';
import { Button, IconButton } from './parts';
import { type IActions, useSurroundings } from './surroundings';

/** Names of values that must not be written into a record. */
const SECRET = /secret|password|passwd|token|api.?key|credential/i;

type Use = 'copy' | 'terminal';

/** One command with what can be done with it. */
export function CommandLine(props: {
  command: Command;
  name: string;
  incident: Incident;
  locked: boolean;
}): JSX.Element {
  const { actions } = useSurroundings();
  const { command, name, incident, locked } = props;
  const [wanted, setWanted] = React.useState<Use | null>(null);
  const holes = placeholdersOf(command.placeholders);
  const known = knownOf(incident, holes);
  const open = holes.filter(hole => known[hole] === undefined);
  const text = filledIn(command.text, known);
  const several = lineProblem(command.text) === 'lines';
  const hidden = lineProblem(command.text) === 'control';
  const use = (how: Use, line: string): void => {
    setWanted(null);
    if (how === 'copy') {
      actions.copy(line);
    } else {
      actions.command(CommandIDs.putOnPrompt, {
        incident: incident.number,
        line
      });
    }
  };
  const want = (how: Use): void =>
    open.length > 0 ? setWanted(how) : use(how, text);
  return (
    <div role="group" aria-label={name} data-command={name}>
      <div className={`jp-Keys-command${locked ? ' jp-mod-locked' : ''}`}>
        <code tabIndex={0}>{text}</code>
        {!locked && (
          <Uses name={name} plain={!several && !hidden} onUse={want} />
        )}
      </div>
      {wanted !== null && !locked ? (
        <Holes
          holes={holes}
          known={known}
          command={command}
          how={wanted}
          onUse={line => use(wanted, line)}
          onCancel={() => setWanted(null)}
        />
      ) : (
        !locked && (
          <Hints
            holes={holes}
            open={open}
            sharp={holes.filter(hole => hole in known && !isPlain(known[hole]))}
            hidden={hidden}
            onChange={() => setWanted('copy')}
          />
        )
      )}
    </div>
  );
}

/** Copy, and for one plain line the terminal. */
function Uses(props: {
  name: string;
  plain: boolean;
  onUse: (how: Use) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { name, plain, onUse } = props;
  return (
    <>
      <IconButton
        act="copy"
        icon={copyIcon}
        label={trans.__('Copy %1', name)}
        onClick={() => onUse('copy')}
      />
      {plain && (
        <IconButton
          act="terminal"
          icon={terminalIcon}
          label={trans.__('Put %1 on the terminal', name)}
          onClick={() => onUse('terminal')}
        />
      )}
    </>
  );
}

/** What a command asks for, and what is odd about it. */
function Hints(props: {
  holes: string[];
  open: string[];
  sharp: string[];
  hidden: boolean;
  onChange: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { holes, open, sharp, hidden } = props;
  return (
    <>
      {hidden && (
        <p className="jp-Keys-help">
          {trans.__(
            'It holds invisible characters, so it can only be copied. Look at it first.'
          )}
        </p>
      )}
      {sharp.length > 0 && <Sharp holes={sharp} />}
      {holes.length > 0 && (
        <p className="jp-Keys-help">
          {open.length > 0
            ? trans.__('Asks for %1.', open.map(bareName).join(', '))
            : trans.__('Filled in from the facts of this incident.')}{' '}
          {open.length === 0 && (
            <Button look="plain" onClick={props.onChange}>
              {trans.__('Change…')}
            </Button>
          )}
        </p>
      )}
    </>
  );
}

/** What the incident knows of a command's placeholders. */
function knownOf(
  incident: Incident,
  holes: string[]
): { [hole: string]: string } {
  const known = holes
    .map(hole => [hole, incident.facts[bareName(hole)]])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [hole: string]: string };
}

/** Keep what was typed for the commands that follow, unless by its name it may be a secret. */
function remember(actions: IActions, name: string, text: string): void {
  if (!SECRET.test(name)) {
    actions.command(CommandIDs.addFact, { name, text });
  }
}

/** The small form for what a command leaves open. */
function Holes(props: {
  holes: string[];
  known: { [hole: string]: string };
  command: Command;
  how: Use;
  onUse: (line: string) => void;
  onCancel: () => void;
}): JSX.Element {
  const { actions } = useSurroundings();
  const { holes, known, command } = props;
  const [values, setValues] = React.useState(known);
  const form = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const bad = holes.filter(hole => lineProblem(values[hole] ?? '') !== null);
  const sharp = holes.filter(
    hole => !bad.includes(hole) && !isPlain(values[hole])
  );
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (bad.length > 0) {
      return;
    }
    for (const hole of holes.filter(one => values[one] !== known[one])) {
      remember(actions, bareName(hole), values[hole]);
    }
    props.onUse(filledIn(command.text, values));
  };
  return (
    <form
      ref={form}
      className="jp-Keys-holes"
      onSubmit={submit}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onCancel();
        }
      }}
    >
      {holes.map(hole => (
        <Hole
          key={hole}
          name={bareName(hole)}
          value={values[hole] ?? ''}
          onChange={value => setValues({ ...values, [hole]: value })}
        />
      ))}
      {sharp.length > 0 && <Sharp holes={sharp} />}
      <Odd holes={bad.filter(hole => values[hole])} />
      <HoleButtons
        how={props.how}
        off={bad.length > 0}
        onCancel={props.onCancel}
      />
    </form>
  );
}

/** What a shell would act on. */
function Sharp(props: { holes: string[] }): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <p className="jp-Keys-help">
      {trans.__(
        '%1 holds characters that a shell acts on. Read the line on the prompt before you press Enter.',
        props.holes.map(bareName).join(', ')
      )}
    </p>
  );
}

/** What may not stand on a prompt at all. */
function Odd(props: { holes: string[] }): JSX.Element {
  const { trans } = useSurroundings();
  if (props.holes.length === 0) {
    return <></>;
  }
  return (
    <p className="jp-Keys-help" role="alert">
      {trans.__(
        '%1 holds only blanks, or an invisible character. Type it instead of pasting it.',
        props.holes.map(bareName).join(', ')
      )}
    </p>
  );
}

/** The form's end: use the line, or leave it. */
function HoleButtons(props: {
  how: Use;
  off: boolean;
  onCancel: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <div className="jp-Keys-buttons">
      <button
        type="submit"
        className="jp-Keys-button jp-mod-go"
        aria-disabled={props.off}
      >
        {props.how === 'copy'
          ? trans.__('Copy')
          : trans.__('Put on the terminal')}
      </button>
      <Button look="plain" onClick={props.onCancel}>
        {trans.__('Cancel')}
      </Button>
      <span className="jp-Keys-help">
        {trans.__('Kept as facts of this incident.')}
      </span>
    </div>
  );
}

function Hole(props: {
  name: string;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      <span>{props.name}</span>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      />
    </label>
  );
}
