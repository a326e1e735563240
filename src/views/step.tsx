/**
 * A step: do this, expect that, run this key, then take one branch.
 */

import * as React from 'react';

import type { Incident, KeyReference, Run, Step, StepState } from '../contract';
import { clockWords, stepWords } from '../words';
import { Branches } from './branches';
import { CommandLine } from './command';
import { KeyCard, KeyFacts } from './keycard';
import { Markdown } from './markdown';
import { Fold, State } from './parts';
import { RunCard } from './run';
import { useSurroundings } from './surroundings';
import { StepTimers } from './timers';
import { isLocked, Unlock } from './unlock';

interface IStepProps {
  step: Step;
  state: StepState;
  incident: Incident;
}

/** The step that is shown. */
export function StepView(
  props: IStepProps & {
    /** Whether it takes the place of another step. */
    follows: boolean;
  }
): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { step, state, incident } = props;
  const runs = desk.runs.ofStep(incident.id, step.id);
  const open = runs.length === 0;
  const id = React.useId();
  return (
    <div className="jp-Keys-scroll">
      <article className="jp-Keys-step" aria-labelledby={id}>
        <Head step={step} id={id} follows={props.follows} />
        <Marked state={state} />
        <StepTimers incident={incident} step={step.id} />
        {open ? (
          <Doing {...props} />
        ) : (
          <Fold
            title={trans.__('Action')}
            aside={trans._n('%1 command', '%1 commands', step.commands.length)}
          >
            <Doing {...props} />
          </Fold>
        )}
        {step.keys.map(key => (
          <KeyPlace
            key={key.slug}
            {...props}
            reference={key}
            runs={runs.filter(run => run.key === key.slug)}
          />
        ))}
        <Branches state={state} step={step} incident={incident} />
        <Notes state={state} />
        <Fold title={trans.__('As the runbook has it')} open={isBare(step)}>
          <Markdown text={step.text} />
        </Fold>
      </article>
    </div>
  );
}

/** The title, which takes the focus when the step takes the place of another. */
function Head(props: {
  step: Step;
  id: string;
  follows: boolean;
}): JSX.Element {
  const { step, id } = props;
  const title = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => {
    // What was in focus led here and is gone, or was no more than a heading.
    const active = document.activeElement;
    const heading = props.follows && active?.closest('.jp-Keys h1');
    if (active === document.body || heading) {
      title.current?.focus();
    }
  }, []);
  return (
    <div className="jp-Keys-stepHead">
      <h2
        ref={title}
        id={id}
        className="jp-Keys-stepTitle"
        tabIndex={-1}
        data-focus={`step:${step.id}`}
      >
        {step.title}
      </h2>
      <Reversible step={step} />
    </div>
  );
}

/** Whether a step is only text. */
function isBare(step: Step): boolean {
  const said = [step.when, step.action, step.expected].join('').trim();
  return said === '' && step.commands.length + step.keys.length === 0;
}

/** The runbook's own mark, on the title's line. */
function Reversible(props: { step: Step }): JSX.Element {
  const { trans } = useSurroundings();
  const { reversible } = props.step;
  if (reversible === null) {
    return <></>;
  }
  return (
    <span className={`jp-Keys-chip${reversible ? '' : ' jp-mod-irreversible'}`}>
      {reversible ? trans.__('REVERSIBLE') : trans.__('IRREVERSIBLE')}
    </span>
  );
}

/** How the step was marked, by whom, and why. */
function Marked(props: { state: StepState }): JSX.Element {
  const { trans } = useSurroundings();
  const { state } = props;
  if (state.state === 'not_started') {
    return <></>;
  }
  const { shape, word } = stepWords(trans, state, false);
  return (
    <div className="jp-Keys-help">
      <State shape={shape}>
        {state.marked_at && state.marked_by
          ? trans.__(
              '%1, %2 by %3',
              word,
              clockWords(trans, state.marked_at),
              state.marked_by
            )
          : word}
      </State>
      {state.text && <q className="jp-Keys-wrap">{state.text}</q>}
    </div>
  );
}

function Notes(props: { state: StepState }): JSX.Element {
  const { trans } = useSurroundings();
  const { notes, evidence } = props.state;
  return (
    <>
      {notes.map(note => (
        <p key={note.at} className="jp-Keys-help">
          <b>{trans.__('%1, %2:', clockWords(trans, note.at), note.by)}</b>{' '}
          {note.text}
        </p>
      ))}
      {evidence > 0 && (
        <State shape="kept">{trans.__('%1 kept as evidence', evidence)}</State>
      )}
    </>
  );
}

/** When, what, the commands, and what to expect. */
function Doing(props: IStepProps): JSX.Element {
  const { trans } = useSurroundings();
  const { step, state, incident } = props;
  const locked = isLocked(state);
  return (
    <div className="jp-Keys-doing">
      <Part label={trans.__('When')} text={step.when} />
      <Part label={trans.__('Action')} text={step.action} />
      {step.commands.map((command, index) => (
        <CommandLine
          key={index}
          command={command}
          name={trans.__('Command %1 of %2', index + 1, step.commands.length)}
          incident={incident}
          locked={locked}
        />
      ))}
      {state.confirmation !== null && (
        <Unlock state={state} inFocus={incident.focus === step.id} />
      )}
      <Part label={trans.__('Expected')} text={step.expected} />
    </div>
  );
}

function Part(props: { label: string; text: string }): JSX.Element {
  if (props.text.trim() === '') {
    return <></>;
  }
  return (
    <div className="jp-Keys-part">
      <b>{props.label}</b>
      <Markdown text={props.text} />
    </div>
  );
}

/** A key of the step: its card, or the card of its newest run. */
function KeyPlace(
  props: IStepProps & { reference: KeyReference; runs: Run[] }
): JSX.Element {
  const { trans } = useSurroundings();
  const { reference, runs, incident, step } = props;
  if (runs.length === 0) {
    return (
      <KeyCard
        reference={reference}
        incident={incident}
        step={step.id}
        commands={step.commands.map(command => command.text)}
      />
    );
  }
  return (
    <>
      <Fold title={trans.__('Key')} aside={reference.slug}>
        <KeyFacts reference={reference} />
      </Fold>
      <RunCard run={runs[0]} />
      {runs.length > 1 && (
        <Fold title={trans.__('Earlier runs')} aside={String(runs.length - 1)}>
          {runs.slice(1).map(run => (
            <RunCard key={run.id} run={run} />
          ))}
        </Fold>
      )}
    </>
  );
}
