/**
 * What an ended run left: why it ended, results, plots, cells, files, values.
 */

import * as React from 'react';

import type { Run } from '../contract';
import { endWords, runWords } from '../runwords';
import { clockWords, shortDigest, sizeWords } from '../words';
import { Cells } from './cells';
import { Button, Fold, Note } from './parts';
import { Plots } from './plots';
import { Results } from './results';
import { useSurroundings } from './surroundings';

/** All of it, the first question first. */
export function Ended(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  const ok = run.state === 'SUCCEEDED';
  return (
    <>
      {!ok && (
        <div>
          <Reason run={run} />
        </div>
      )}
      {run.results.length > 0 && (
        <div>
          <Results rows={run.results} />
        </div>
      )}
      <Notes run={run} />
      <Plots run={run} />
      <div>
        {run.cells.length > 0 && (
          <Fold
            title={trans.__('Cells')}
            aside={trans._n('%1 cell', '%1 cells', run.cells.length)}
            open={!ok}
          >
            <Cells cells={run.cells} brief={!ok} />
          </Fold>
        )}
        {run.artifacts.length > 0 && <Artifacts run={run} />}
        <Values run={run} />
      </div>
    </>
  );
}

/** What the record of this run cannot prove, and who cancelled it. */
function Notes(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { notes, cancelled_by: cancelled } = props.run;
  if (notes.length === 0 && cancelled === null) {
    return <></>;
  }
  return (
    <div className="jp-Keys-second">
      {cancelled && (
        <p>
          {trans.__(
            'Cancelled by %1 at %2.',
            cancelled.actor.display,
            clockWords(trans, cancelled.at)
          )}
        </p>
      )}
      {notes.map(note => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}

/** What ended the run, and the error of the first cell that had one. */
function Reason(props: { run: Run }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run } = props;
  const cell = run.cells.find(
    cell => cell.error !== null && cell.state !== 'allowed_error'
  );
  const title = sentence(run.reason || runWords(trans, run).word);
  const kind = run.state === 'CANCELLED' ? 'info' : 'error';
  const { error = null } = cell ?? {};
  return (
    <Note kind={kind} title={title}>
      {cell && trans.__('In “%1”.', cell.title)} {endWords(trans, run)}
      {error && !title.includes(error.message) && (
        <pre className="jp-Keys-tail" tabIndex={0}>
          {`${error.name}: ${error.message}`}
        </pre>
      )}
      {error?.traceback && (
        <Fold title={trans.__('Traceback')}>
          <pre className="jp-Keys-tail" tabIndex={0}>
            {error.traceback}
          </pre>
        </Fold>
      )}
      {kind === 'error' && (
        <div className="jp-Keys-buttons">
          <Button look="plain" onClick={() => actions.copy(details(run))}>
            {trans.__('Copy details')}
          </Button>
        </div>
      )}
    </Note>
  );
}

/** A reason as a sentence: an error's own words may end in anything. */
function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** All that helps another person to see what ended a run; no value of it. */
function details(run: Run): string {
  const cell = run.cells.find(cell => cell.error !== null);
  const lines = [
    `run ${run.id}`,
    `${run.key} ${run.version} ${run.pack_sha256}`,
    `${run.state} ${run.reason}`,
    `started ${run.started_at ?? '-'} ended ${run.ended_at ?? '-'}`,
    ...run.cells.map(
      ({ number, title, state }) => `${number} ${state} ${title}`
    )
  ];
  return [...lines, cell?.error?.traceback ?? ''].join('\n').trim();
}

function Artifacts(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { artifacts } = props.run;
  return (
    <Fold
      title={trans.__('Files it left')}
      aside={trans._n('%1 file', '%1 files', artifacts.length)}
    >
      <ul className="jp-Keys-files">
        {artifacts.map(artifact => (
          <li key={artifact.path} title={artifact.sha256}>
            <span className="jp-Keys-wrap">{artifact.path}</span>
            <span>
              {sizeWords(trans, artifact.size)}{' '}
              <code>{shortDigest(artifact.sha256)}</code>
            </span>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Values(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const entries = Object.entries(props.run.parameters);
  if (entries.length === 0) {
    return <></>;
  }
  return (
    <Fold
      title={trans.__('Values')}
      aside={trans._n('%1 value', '%1 values', entries.length)}
    >
      <dl className="jp-Keys-facts">
        {entries.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{JSON.stringify(value)}</code>
            </dd>
          </React.Fragment>
        ))}
      </dl>
    </Fold>
  );
}
