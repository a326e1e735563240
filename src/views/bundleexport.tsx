/**
 * Exporting an incident: what will be in the bundle, what is hidden, what is missing, what it does not prove.
 */

import * as React from 'react';

import type { EvidenceItem, Exported, Incident } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import { redactionsOf } from '../models/evidencefacts';
import { sizeWords } from '../words';
import { Anchor } from './bundlecheckpoint';
import { RedactionLines } from './evidencehidden';
import { MissingGlyph, useEvidence, Whole } from './evidenceparts';
import { ExportGoing } from './exporting';
import { Glyph } from './glyph';
import { Button, Head, Note } from './parts';
import { useReading, useSurroundings } from './surroundings';

/** The page. */
export function ExportPage(props: { id: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const evidence = useEvidence();
  const { id } = props;
  useReading(
    () => Promise.all([evidence.readAgain(id), evidence.loadCheckpoint()]),
    [id]
  );
  const incident = desk.incidents.get(id);
  const items = desk.incidents.evidence(id);
  if (incident === null || items === null) {
    return <Head title={trans.__('Export')} />;
  }
  return <Export incident={incident} items={items} />;
}

function Export(props: {
  incident: Incident;
  items: ReadonlyArray<EvidenceItem>;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const evidence = useEvidence();
  const { incident } = props;
  const job = evidence.job<Exported>(`export:${incident.id}`);
  const made = job.result;
  const busy = job.since !== null || evidence.going(incident.id) !== null;
  const stale = made !== null && made.at !== null && made.at < incident.n;
  return (
    <>
      <Head title={trans.__('Export incident %1', incident.number)} />
      <div className="jp-Keys-scroll jp-Keys-page">
        <ExportGoing id={incident.id} name={`export:${incident.id}`} />
        {made && <Made made={made} />}
        {stale && <Stale since={incident.n - (made?.at ?? 0)} />}
        <Contents {...props} />
        <section>
          <h2>{trans.__('Hidden in it')}</h2>
          <RedactionLines
            incident={incident.id}
            found={redactionsOf(desk.incidents.records(incident.id))}
          />
        </section>
        <Missing incident={incident} />
        <NotProved />
      </div>
      <div className="jp-Keys-foot">
        <Button
          look={made && !stale ? 'other' : 'go'}
          focusName="write"
          disabled={busy || desk.feed.lostSince !== null}
          onClick={() =>
            actions.command(EvidenceCommands.write, { incident: incident.id })
          }
        >
          {busy
            ? trans.__('Exporting')
            : made
              ? trans.__('Export again')
              : trans.__('Export')}
        </Button>
        <span className="jp-Keys-footNote">
          {trans.__('That it was exported is recorded.')}
        </span>
      </div>
    </>
  );
}

/** What was recorded after a bundle is not in it. */
function Stale(props: { since: number }): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <Note
      kind="info"
      title={trans._n(
        '%1 record was added since.',
        '%1 records were added since.',
        props.since
      )}
    >
      {trans.__('They are not in that bundle.')}
    </Note>
  );
}

function NotProved(): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <section>
      <h2>{trans.__('What it does not prove')}</h2>
      <Anchor />
      <ul className="jp-Keys-list">
        <li>{trans.__('That the clock of this machine was right.')}</li>
        <li>
          {trans.__(
            'That people are who their accounts say, and that a notebook’s logic is right.'
          )}
        </li>
      </ul>
    </section>
  );
}

function Contents(props: {
  incident: Incident;
  items: ReadonlyArray<EvidenceItem>;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, items } = props;
  const size = items.reduce((sum, item) => sum + item.size, 0);
  const lines = [
    trans._n(
      '%1 record of the ledger, with its proof',
      '%1 records of the ledger, with their proofs',
      incident.n + 1
    ),
    trans._n(
      '%1 run, with what every cell did',
      '%1 runs, with what every cell did',
      incident.runs.length
    ),
    trans._n(
      '%1 kept file, %2',
      '%1 kept files, %2',
      items.length,
      sizeWords(trans, size)
    ),
    trans.__('The runbook as it was, report.html, VERIFY.md and verify.py')
  ];
  return (
    <section>
      <h2>{trans.__('In the bundle')}</h2>
      <ul className="jp-Keys-marked">
        {lines.map(line => (
          <li key={line}>
            <Glyph shape="kept" />
            <span>{line}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Missing(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const { missing } = props.incident;
  return (
    <section>
      <h2>{trans.__('Missing, and said so')}</h2>
      {missing.length === 0 ? (
        <p>{trans.__('Nothing that the runbook asks for.')}</p>
      ) : (
        <ul className="jp-Keys-marked">
          {missing.map(text => (
            <li key={text}>
              <MissingGlyph />
              <span className="jp-Keys-wrap">{text.replace(/[*`]/g, '')}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A bundle that was written. */
export function Made(props: { made: Exported }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const evidence = useEvidence();
  const { made } = props;
  const url = evidence.api.bundleUrl(made);
  return (
    <section
      className="jp-Keys-card jp-Keys-made"
      aria-label={trans.__('The bundle')}
    >
      <header>
        <Glyph shape="ok" />
        <b className="jp-Keys-wrap">{made.path}</b>
        <span>{sizeWords(trans, made.size)}</span>
      </header>
      <div>
        <Whole label={trans.__('sha256')} value={made.sha256} />
        {made.warnings.map(warning => (
          <Note key={warning} kind="warning" title={warning}>
            {trans.__('It was not found when it was captured.')}
          </Note>
        ))}
      </div>
      <div className="jp-Keys-buttons">
        {url && (
          <a
            className="jp-Keys-button jp-mod-go"
            href={url}
            download={made.path.split('/').pop()}
          >
            {trans.__('Download')}
          </a>
        )}
        <Button onClick={() => actions.copy(made.sha256)}>
          {trans.__('Copy digest')}
        </Button>
        <Button
          look="plain"
          onClick={() =>
            actions.command(EvidenceCommands.verify, { path: made.path })
          }
        >
          {trans.__('Verify it')}
        </Button>
      </div>
    </section>
  );
}
