/**
 * What is known of an incident: what called for it, who has it, facts, other incidents. One line until it is wanted.
 */

import * as React from 'react';

import type { Incident } from '../contract';
import { titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Button, Fold } from './parts';
import { useSurroundings } from './surroundings';

/** The line under the header, and what it unfolds to. */
export function Known(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const { incident } = props;
  const { trigger, symptoms, newer } = incident;
  const person = incident.owner ?? nameOf(incident);
  const first = firstLine(trigger) || firstLine(symptoms);
  const title = first || trans.__('Incident %1, %2', incident.number, person);
  return (
    <div className="jp-Keys-known">
      <Fold
        title={title}
        aside={newer.length > 0 ? trans.__('newer runbook') : undefined}
      >
        <dl className="jp-Keys-facts">
          <Fact name={trans.__('Trigger')} value={trigger} />
          <Fact name={trans.__('Symptoms')} value={symptoms} />
          <Fact name={trans.__('With')} value={person} />
          <Fact
            name={trans.__('Runbook')}
            value={trans.__('%1, pinned', incident.runbook_version)}
          />
          {Object.entries(incident.facts).map(([name, value]) => (
            <Fact key={name} name={name} value={value} />
          ))}
        </dl>
        <Others incident={incident} />
        <Said incident={incident} />
        <Adding />
      </Fold>
    </div>
  );
}

function Fact(props: { name: string; value: string }): JSX.Element {
  if (props.value.trim() === '') {
    return <></>;
  }
  return (
    <>
      <dt>{props.name}</dt>
      <dd className="jp-Keys-lines">{props.value}</dd>
    </>
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0];
}

function nameOf(incident: Incident): string {
  const { claimed_name, display } = incident.opened_by;
  return claimed_name ?? display;
}

/** A newer runbook, and the incidents before and after this one. */
function Others(props: { incident: Incident }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { newer, linked } = props.incident;
  return (
    <>
      {newer.map(one => (
        <p key={one.sha256 + one.version} className="jp-Keys-help">
          {trans.__(
            '%1 %2 has other words. This incident stays on what was pinned.',
            one.runbook,
            one.version
          )}{' '}
          <Button look="plain" onClick={() => actions.openRunbook(one.runbook)}>
            {trans.__('Read it')}
          </Button>
        </p>
      ))}
      {linked.map(link => (
        <p key={link.incident} className="jp-Keys-help">
          {link.direction === 'from'
            ? trans.__('Came from')
            : trans.__('Went on in')}{' '}
          <Button
            look="plain"
            onClick={() => actions.openIncident(link.incident)}
          >
            {trans.__('%1, incident %2', titleWords(link.title), link.number)}
          </Button>
        </p>
      ))}
    </>
  );
}

/** What people said to each other. */
function Said(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const { notes, handovers } = props.incident;
  return (
    <>
      {handovers.map(one => (
        <p key={one.at} className="jp-Keys-help">
          <b>
            {trans.__(
              '%1, %2 to %3:',
              clockWords(trans, one.at),
              one.by,
              one.to
            )}
          </b>{' '}
          {one.text}
        </p>
      ))}
      {notes.map(note => (
        <p key={note.at} className="jp-Keys-help">
          <b>{trans.__('%1, %2:', clockWords(trans, note.at), note.by)}</b>{' '}
          {note.text}
        </p>
      ))}
    </>
  );
}

function Adding(): JSX.Element {
  const { trans, actions } = useSurroundings();
  return (
    <div className="jp-Keys-buttons">
      <Button look="plain" onClick={() => actions.command(CommandIDs.addFact)}>
        {trans.__('Add a fact…')}
      </Button>
      <Button
        look="plain"
        onClick={() => actions.command(CommandIDs.noteIncident)}
      >
        {trans.__('Note…')}
      </Button>
      <Button look="plain" onClick={() => actions.command(CommandIDs.handOver)}>
        {trans.__('Hand over…')}
      </Button>
    </div>
  );
}
