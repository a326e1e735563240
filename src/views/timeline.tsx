/**
 * What happened, in order: every appended record in the server's own sentence.
 */

import * as React from 'react';

import type { Incident, LedgerRecord } from '../contract';
import { useReading, useSurroundings } from './surroundings';
import { shortDigest, stampWords } from '../words';

/** How many records are drawn at once; the older ones on request. */
const MOST = 200;

/** The records of an incident, newest last. */
export function Timeline(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident } = props;
  const [most, setMost] = React.useState(MOST);
  useReading(() => desk.incidents.loadTimeline(incident.id), [incident.id]);
  const records = desk.incidents.records(incident.id);
  const hidden = Math.max(0, records.length - most);
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
        )}{' '}
        {hidden > 0 && (
          <button
            type="button"
            className="jp-Keys-button jp-mod-plain"
            onClick={() => setMost(records.length)}
          >
            {trans.__('Show the %1 before', hidden)}
          </button>
        )}
      </p>
      <ol className="jp-Keys-timeline">
        {records.slice(hidden).map(record => (
          <Entry key={record.seq} record={record} />
        ))}
      </ol>
    </div>
  );
}

function Entry(props: { record: LedgerRecord }): JSX.Element {
  const { trans } = useSurroundings();
  const { record } = props;
  const { claimed_name, display, os_user } = record.actor;
  return (
    <li>
      <time dateTime={record.at}>{stampWords(record.at, Date.now())}</time>
      <span className="jp-Keys-wrap">
        <span>{record.text || record.type}</span>
        <span
          className="jp-Keys-second"
          title={trans.__('Leaf hash %1', record.leaf)}
        >
          {trans.__(
            '%1 · record %2',
            claimed_name ?? display ?? os_user,
            record.seq
          )}{' '}
          <code>{shortDigest(record.leaf)}</code>
        </span>
      </span>
    </li>
  );
}
