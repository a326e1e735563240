/**
 * What comes due: the bar above the step, the line in the header, the windows of a step.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Incident, Timer } from '../contract';
import { dueTimers, minutesLeft, nextTimer, standingOf } from '../models/clock';
import { minutesWords } from '../names';
import type { Shape } from '../shapes';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Glyph } from './glyph';
import { Button, State } from './parts';
import { useNow, useSurroundings } from './surroundings';

/** How often what comes due is looked at, in ms. */
const INTERVAL = 5000;

/** The server's time, renewed while it is shown. */
export function useServerNow(): number {
  const { desk } = useSurroundings();
  useNow(INTERVAL);
  // All that is drawn at once shows the same time, whenever each was renewed last.
  return desk.incidents.clock.at(Date.now());
}

/** When the next escalation is due, as a time and not as a countdown. */
export function EscalateAt(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const now = useServerNow();
  const next = nextTimer(props.incident, 'escalation', now);
  return next?.due_at ? (
    <span>{trans.__('Escalate at %1', clockWords(trans, next.due_at))}</span>
  ) : (
    <></>
  );
}

/** What is due now, above the step. */
export function DueBars(props: {
  incident: Incident;
  onEscalate: () => void;
}): JSX.Element {
  const now = useServerNow();
  const { incident } = props;
  if (incident.closed_at !== null) {
    return <></>;
  }
  return (
    <>
      {dueTimers(incident, now).map(timer => (
        <DueBar key={timer.id} timer={timer} onEscalate={props.onEscalate} />
      ))}
    </>
  );
}

/** One timer that is due. */
function DueBar(props: { timer: Timer; onEscalate: () => void }): JSX.Element {
  const { trans } = useSurroundings();
  const { timer } = props;
  return (
    <div className="jp-Keys-due" role="status">
      <Glyph shape="clock" />
      <div>
        <div className="jp-Keys-two" title={plainWords(timer.words)}>
          <b>
            {timer.kind === 'escalation'
              ? trans.__('Escalation is due: %1.', timer.title)
              : trans.__('Due now: %1.', timer.title)}
          </b>{' '}
          {timer.words !== timer.title && plainWords(timer.words)}
        </div>
        <DueButtons {...props} />
      </div>
    </div>
  );
}

/** What can be done with a timer that is due. */
function DueButtons(props: {
  timer: Timer;
  onEscalate: () => void;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { timer } = props;
  const command = (id: string): void =>
    actions.command(id, { timer: timer.id });
  const escalate = (): void => {
    command(CommandIDs.escalate);
    props.onEscalate();
  };
  return (
    <div className="jp-Keys-buttons">
      {timer.kind === 'escalation' ? (
        <Button look="plain" onClick={escalate}>
          {trans.__('Escalate now')}
        </Button>
      ) : (
        timer.step !== null && (
          <Button look="plain" onClick={() => actions.look(timer.step)}>
            {trans.__('Go there')}
          </Button>
        )
      )}
      <Button look="plain" onClick={() => command(CommandIDs.postponeTimer)}>
        {trans.__('Not now…')}
      </Button>
      {timer.kind === 'reminder' && (
        <Button look="plain" onClick={() => command(CommandIDs.stopTimer)}>
          {trans.__('Stop')}
        </Button>
      )}
    </div>
  );
}

/** The verification windows and reminders of a step. */
export function StepTimers(props: {
  incident: Incident;
  step: string;
}): JSX.Element {
  const { incident, step } = props;
  const timers = incident.timers.filter(
    timer => timer.step === step && timer.kind !== 'escalation'
  );
  return (
    <>
      {timers.map(timer => (
        <TimerLine
          key={timer.id}
          timer={timer}
          off={incident.closed_at !== null}
        />
      ))}
    </>
  );
}

/** All triggers of the runbook and what people set, as they stand. */
export function Triggers(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const { incident } = props;
  const timers = incident.timers.filter(timer => timer.kind !== 'window');
  if (timers.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h3 className="jp-Keys-label">{trans.__('Triggers')}</h3>
      <div className="jp-Keys-triggers">
        {timers.map(timer => (
          <TimerLine
            key={timer.id}
            timer={timer}
            off={incident.closed_at !== null}
            words={true}
          />
        ))}
      </div>
    </section>
  );
}

/** How the state of a timer looks. */
export const SHAPES: { [state: string]: Shape } = {
  running: 'now',
  due: 'clock',
  overdue: 'clock',
  raised: 'ok',
  done: 'ok',
  stopped: 'stopped'
};

/** One timer: how it stands, and what can be done with it. */
function TimerLine(props: {
  timer: Timer;
  off: boolean;
  words?: boolean;
}): JSX.Element {
  const { trans } = useSurroundings();
  const now = useServerNow();
  const { timer, off } = props;
  const state = standingOf(timer, now);
  return (
    <div className="jp-Keys-timer">
      <div>
        <b className="jp-Keys-wrap">{timer.title}</b>
        <State shape={SHAPES[state] ?? 'ring'}>
          {standingWords(trans, timer, state, now)}
        </State>
      </div>
      {props.words && timer.words !== timer.title && (
        <p className="jp-Keys-second">{plainWords(timer.words)}</p>
      )}
      {timer.reason && (
        <p className="jp-Keys-second">
          {trans.__('Postponed: %1', timer.reason)}
        </p>
      )}
      {!off && <TimerButtons timer={timer} state={state} />}
    </div>
  );
}

/** What can be done with a timer, as it stands. */
function TimerButtons(props: { timer: Timer; state: string }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { timer, state } = props;
  const command = (id: string): void =>
    actions.command(id, { timer: timer.id });
  const counts = ['running', 'due', 'overdue'].includes(state);
  return (
    <div className="jp-Keys-buttons">
      {!counts && state !== 'done' && timer.minutes !== null && (
        <Button look="plain" onClick={() => command(CommandIDs.startTimer)}>
          {trans.__(
            'Start %1',
            minutesWords(trans, (timer.minutes ?? 0) * 60000)
          )}
        </Button>
      )}
      {counts && (
        <Button look="plain" onClick={() => command(CommandIDs.stopTimer)}>
          {trans.__('Stop')}
        </Button>
      )}
      {counts && (
        <Button look="plain" onClick={() => command(CommandIDs.postponeTimer)}>
          {trans.__('Postpone…')}
        </Button>
      )}
      {timer.kind === 'escalation' && state !== 'raised' && (
        <Button look="plain" onClick={() => command(CommandIDs.escalate)}>
          {trans.__('Record as escalated')}
        </Button>
      )}
    </div>
  );
}

/** How a timer stands, in words. */
export function standingWords(
  trans: TranslationBundle,
  timer: Timer,
  state: string,
  now: number
): string {
  const left = minutesLeft(timer, now) ?? 0;
  const at = timer.due_at ? clockWords(trans, timer.due_at) : '';
  const span = minutesWords(trans, Math.abs(left) * 60000);
  switch (state) {
    case 'running':
      return trans.__('due at %1, in %2', at, span);
    case 'due':
      return trans.__('due since %1', at);
    case 'overdue':
      return trans.__('overdue since %1', at);
    case 'raised':
      return trans.__('escalated');
    case 'stopped':
      return trans.__('stopped');
    case 'done':
      return trans.__('done');
    case 'waiting':
      return trans.__('starts with the last action');
    default:
      return trans.__('no time set');
  }
}

function plainWords(text: string): string {
  return text.replace(/\*\*|`/g, '');
}
