/**
 * What happened, in order: every appended record, readable.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Incident, LedgerRecord } from '../contract';
import { useReading, useSurroundings } from './surroundings';
import { shortDigest, stampWords } from '../words';

/** The records of an incident, newest last. */
export function Timeline(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident } = props;
  useReading(() => desk.incidents.loadTimeline(incident.id), [incident.id]);
  const records = desk.incidents.records(incident.id);
  return (
    <div
      className="jp-Keys-scroll"
      role="tabpanel"
      aria-label={trans.__('Timeline')}
      tabIndex={0}
    >
      <p className="jp-Keys-empty">
        {trans._n(
          '%1 record, newest last, UTC',
          '%1 records, newest last, UTC',
          records.length
        )}
      </p>
      <ol className="jp-Keys-timeline">
        {records.map(record => (
          <Entry key={record.seq} record={record} incident={incident} />
        ))}
      </ol>
    </div>
  );
}

function Entry(props: {
  record: LedgerRecord;
  incident: Incident;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { record, incident } = props;
  const step = incident.steps.find(other => other.id === record.step);
  const who =
    record.actor.claimed_name ?? record.actor.display ?? record.actor.os_user;
  const text = textOf(record, 'text');
  return (
    <li>
      <time dateTime={record.at}>{stampWords(record.at, Date.now())}</time>
      <span className="jp-Keys-wrap">
        <span>{what(trans, record)}</span>
        {text && <q>{text}</q>}
        {step && <span className="jp-Keys-second">{step.title}</span>}
        <span
          className="jp-Keys-second"
          title={trans.__('Leaf hash %1', record.leaf)}
        >
          {trans.__('%1 · record %2', who, record.index)}{' '}
          <code>{shortDigest(record.leaf)}</code>
        </span>
      </span>
    </li>
  );
}

/** A text of a record's data; empty where there is none. */
function textOf(record: LedgerRecord, name: string): string {
  const value = record.data[name];
  return typeof value === 'string' ? value : '';
}

/** What a record says; one of a later version is named by its type. */
function what(trans: TranslationBundle, record: LedgerRecord): string {
  switch (record.type) {
    case 'incident.opened':
      return trans.__('Incident opened');
    case 'step.focus':
      return trans.__('Step taken up');
    case 'step.done':
      return trans.__('Done');
    case 'step.failed':
      return trans.__('Failed');
    case 'step.skipped':
      return trans.__('Skipped');
    case 'step.note':
      return trans.__('Note');
    case 'branch.taken':
      return record.data.suggested === true
        ? trans.__('Branch taken, as suggested: %1', branchOf(record))
        : trans.__('Branch taken: %1', branchOf(record));
    case 'run.requested':
      return trans.__('Run requested: %1', textOf(record, 'key'));
    case 'run.ended':
      return trans.__('Run ended: %1', endOf(trans, record));
    case 'evidence.kept':
      return trans.__('Kept: %1', textOf(record, 'name'));
    default:
      return record.type;
  }
}

function branchOf(record: LedgerRecord): string {
  return textOf(record, 'outcome').replace(/\*\*|`/g, '');
}

/** How a run ended, in the words of its card. */
function endOf(trans: TranslationBundle, record: LedgerRecord): string {
  switch (record.data.state) {
    case 'SUCCEEDED':
      return trans.__('succeeded');
    case 'CELL_ERROR':
      return trans.__('failed');
    case 'TIMED_OUT':
      return trans.__('timed out');
    case 'KERNEL_DIED':
      return trans.__('kernel died');
    case 'CANCELLED':
      return trans.__('cancelled');
    case 'START_FAILED':
      return trans.__('did not start');
    case 'CAPTURE_FAILED':
      return trans.__('results not captured');
    case 'INTERRUPTED':
      return trans.__('interrupted');
    default:
      return textOf(record, 'state');
  }
}
