/**
 * Closing an incident: what it was, what mended it, what shows that; and what is missing. Also the closed incident.
 */

import * as React from 'react';

import type { Incident } from '../contract';
import { titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Items } from './evidence';
import { Button, Fold, Head, Note, Severity } from './parts';
import { useSurroundings } from './surroundings';
import { SHAPES, standingWords, useServerNow } from './timers';
import { standingOf } from '../models/clock';
import { State } from './parts';
import { Meanwhile } from './meanwhile';

/** The form that closes. */
export function CloseView(props: { incident: Incident }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { incident } = props;
  const [said, setSaid] = React.useState(
    () => drafts.get(incident.id) ?? emptyOf(incident)
  );
  const change = (name: keyof ISaid, words: string): void => {
    const next = { ...said, [name]: words };
    drafts.set(incident.id, next);
    setSaid(next);
  };
  const empty = Object.values(said).some(words => words.trim() === '');
  const gaps = incident.missing.length;
  const back = (): void => actions.openIncident(incident.id, 'steps');
  const onKeyDown = (event: React.KeyboardEvent): void =>
    onFormKey(event, back);
  const close = (): void => {
    if (!empty) {
      drafts.delete(incident.id);
      actions.command(CommandIDs.closeIncident, { ...said });
    }
  };
  return (
    <>
      <Head
        title={trans.__('Close incident %1', incident.number)}
        onBack={back}
      />
      <div className="jp-Keys-meta">
        <Severity severity={incident.severity} />
        <span className="jp-Keys-cut">{titleWords(incident.title)}</span>
      </div>
      <Meanwhile incident={incident} />
      <div className="jp-Keys-scroll jp-Keys-page" onKeyDown={onKeyDown}>
        <ThreeWords said={said} onChange={change} />
        <Windows incident={incident} />
        <Items incident={incident} kind="artifact" />
        <Items incident={incident} kind="entry" />
        <Gaps count={gaps} />
      </div>
      <div className="jp-Keys-foot" onKeyDown={onKeyDown}>
        <Button
          look="go"
          disabled={empty || desk.incidents.isActing}
          onClick={close}
        >
          {gaps > 0
            ? trans._n('Close with %1 gap', 'Close with %1 gaps', gaps)
            : trans.__('Close')}
        </Button>
        <Button onClick={back}>{trans.__('Not yet')}</Button>
        {empty && (
          <span className="jp-Keys-footNote">
            {trans.__('All three are asked for.')}
          </span>
        )}
      </div>
    </>
  );
}

/** Escape leads back, as in the form of a run: what was typed is kept. */
function onFormKey(event: React.KeyboardEvent, back: () => void): void {
  if (event.key === 'Escape') {
    event.stopPropagation();
    back();
  }
}

/** What is asked for at the end. */
function ThreeWords(props: {
  said: ISaid;
  onChange: (name: keyof ISaid, words: string) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { said, onChange: change } = props;
  return (
    <>
      <Words
        label={trans.__('Root cause')}
        value={said.root_cause}
        onChange={words => change('root_cause', words)}
      />
      <Words
        label={trans.__('Resolution')}
        value={said.resolution}
        onChange={words => change('resolution', words)}
      />
      <Words
        label={trans.__('Verification results')}
        value={said.verification}
        onChange={words => change('verification', words)}
      />
    </>
  );
}

/** Closing with gaps is allowed, and said. */
function Gaps(props: { count: number }): JSX.Element {
  const { trans } = useSurroundings();
  const gaps = props.count;
  return (
    <Note
      kind="info"
      title={
        gaps > 0
          ? trans.__('You can close with these gaps.')
          : trans.__('Nothing is missing.')
      }
    >
      {trans.__(
        'The record and the bundle name what is missing. What comes late can still be added, with its own time. Say “unknown” where something is not known.'
      )}
    </Note>
  );
}

interface ISaid {
  root_cause: string;
  resolution: string;
  verification: string;
}

/** What was typed stays while other views are shown. */
const drafts = new Map<string, ISaid>();

function emptyOf(incident: Incident): ISaid {
  const { root_cause, resolution, verification } = incident.closing ?? {
    root_cause: '',
    resolution: '',
    verification: ''
  };
  return { root_cause, resolution, verification };
}

function Words(props: {
  label: string;
  value: string;
  onChange: (words: string) => void;
}): JSX.Element {
  return (
    <label className="jp-Keys-words">
      <b>{props.label}</b>
      <textarea
        rows={3}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      />
    </label>
  );
}

/** The verification windows and how they stand. */
function Windows(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const now = useServerNow();
  const windows = props.incident.timers.filter(
    timer => timer.kind === 'window'
  );
  if (windows.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h2>{trans.__('Verification windows')}</h2>
      {windows.map(timer => {
        const state = standingOf(timer, now);
        return (
          <div key={timer.id} className="jp-Keys-call">
            <span className="jp-Keys-wrap">{timer.title}</span>
            <State shape={SHAPES[state] ?? 'ring'}>
              {standingWords(trans, timer, state, now)}
            </State>
          </div>
        );
      })}
    </section>
  );
}

/** What was said at the end, above the steps of a closed incident. */
export function Closed(props: { incident: Incident }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { closing, amended } = props.incident;
  if (closing === null || props.incident.closed_at === null) {
    return <></>;
  }
  const missing = closing.missing.length;
  return (
    <div className="jp-Keys-closed">
      <State shape="ok">
        {trans.__(
          'Closed at %1 by %2',
          clockWords(trans, closing.at),
          closing.by
        )}
        {amended && trans.__(', amended since')}
      </State>
      <div className="jp-Keys-buttons">
        <Button
          look="plain"
          onClick={() => actions.command(CommandIDs.reopenIncident)}
        >
          {trans.__('Reopen…')}
        </Button>
        <Button
          look="plain"
          onClick={() => actions.command(CommandIDs.printChecklist)}
        >
          {trans.__('Print…')}
        </Button>
      </div>
      <dl className="jp-Keys-facts">
        <dt>{trans.__('Root cause')}</dt>
        <dd className="jp-Keys-lines">{closing.root_cause}</dd>
        <dt>{trans.__('Resolution')}</dt>
        <dd className="jp-Keys-lines">{closing.resolution}</dd>
        <dt>{trans.__('Verification')}</dt>
        <dd className="jp-Keys-lines">{closing.verification}</dd>
      </dl>
      {missing > 0 && (
        <Fold title={trans.__('Missing')} aside={String(missing)}>
          <ul className="jp-Keys-list">
            {closing.missing.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Fold>
      )}
    </div>
  );
}
