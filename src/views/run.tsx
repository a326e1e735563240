/**
 * The card of a run: it changes in place from preparing to its end and says what every cell did.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Run } from '../contract';
import { hasEnded } from '../models/run';
import { Cells, Counts, Segments, Tail } from './cells';
import { Arc, Glyph } from './glyph';
import { Button, Fold, Head, Note } from './parts';
import { Results } from './results';
import { useModels, useNow, useReading, useSurroundings } from './surroundings';
import { titleWords } from '../names';
import {
  endWords,
  runWords,
  secondsWords,
  shortDigest,
  sizeWords
} from '../words';

/** A run that no step called, in a view of its own. */
export function RunView(props: { id: string }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  useModels(desk.runs);
  useReading(() => desk.runs.load(props.id), [props.id]);
  const run = desk.runs.get(props.id);
  return (
    <>
      <Head title={run ? titleWords(run.title) : trans.__('Run')} />
      <div className="jp-Keys-scroll jp-Keys-page">
        {run && (
          <RunCard
            run={run}
            onAgain={() =>
              actions.fillIn(run.key, { version: run.version, like: run.id })
            }
          />
        )}
      </div>
    </>
  );
}

/** A run with what can be done about it. */
export function RunCard(props: {
  run: Run;
  onAgain?: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  const ended = hasEnded(run);
  const card = React.useRef<HTMLElement>(null);
  useWatch(!ended);
  React.useEffect(() => {
    if (!ended) {
      card.current?.scrollIntoView({ block: 'nearest' });
    }
  }, []);
  return (
    <section
      ref={card}
      className={`jp-Keys-card jp-Keys-run jp-mod-${ended ? 'ended' : 'open'}`}
      aria-label={trans.__('Run of %1', run.title)}
    >
      <header>
        <notebookIcon.react tag="span" width="16px" height="16px" />
        <b className="jp-Keys-cut">{titleWords(run.title)}</b>
        <span>{run.version}</span>
      </header>
      <div>
        <Standing run={run} />
        <Segments run={run} />
        {ended && run.state !== 'SUCCEEDED' && <Counts run={run} />}
      </div>
      {ended && <Ended run={run} />}
      <RunButtons run={run} onAgain={props.onAgain} />
      {/* Below the buttons, so that Cancel stays where it is while output grows. */}
      {!ended && <Running run={run} />}
    </section>
  );
}

/** Look at the server again and again while something on screen can change. */
export function useWatch(wanted: boolean): void {
  const { desk } = useSurroundings();
  React.useEffect(() => {
    if (wanted) {
      const watch = desk.feed.watch();
      return () => watch.dispose();
    }
  }, [wanted]);
}

function Standing(props: { run: Run }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { run } = props;
  const ended = hasEnded(run);
  const { shape, word } = runWords(trans, run);
  return (
    <div className="jp-Keys-standing">
      {ended ? <Glyph shape={shape} /> : <Arc />}
      <b>{desk.runs.isCancelling(run.id) ? trans.__('Cancelling') : word}</b>
      <Elapsed run={run} />
    </div>
  );
}

function Elapsed(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  const now = useNow(hasEnded(run) ? 0 : 1000);
  if (run.started_at === null) {
    return <span />;
  }
  const end = run.ended_at ? Date.parse(run.ended_at) : now;
  const seconds = (end - Date.parse(run.started_at)) / 1000;
  if (hasEnded(run)) {
    return <span>{secondsWords(trans, seconds)}</span>;
  }
  const whole = trans.__('%1 s', Math.max(0, Math.floor(seconds)));
  return (
    <span>
      {run.usual_seconds === null
        ? whole
        : trans.__(
            '%1, usually %2 s',
            whole,
            Math.max(1, Math.round(run.usual_seconds))
          )}
    </span>
  );
}

function Running(props: { run: Run }): JSX.Element {
  const { run } = props;
  return (
    <>
      <div>
        <Cells cells={run.cells} />
      </div>
      <Tail run={run} />
    </>
  );
}

function Ended(props: { run: Run }): JSX.Element {
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
      <div>
        <Fold
          title={trans.__('Cells')}
          aside={trans._n('%1 cell', '%1 cells', run.cells.length)}
          open={!ok}
        >
          <Cells cells={run.cells} />
        </Fold>
        {run.artifacts.length > 0 && <Artifacts run={run} />}
        <Values run={run} />
      </div>
    </>
  );
}

/** What ended the run, and the error of the first cell that had one. */
function Reason(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  const cell = run.cells.find(cell => cell.error !== null);
  const title = run.reason || runWords(trans, run).word;
  if (!cell || cell.error === null) {
    const kind = run.state === 'CANCELLED' ? 'info' : 'error';
    return (
      <Note kind={kind} title={title}>
        {endWords(trans, run)}
      </Note>
    );
  }
  const { error } = cell;
  return (
    <Note kind="error" title={title}>
      {trans.__('Cell %1, %2.', cell.number, cell.title)}
      <pre className="jp-Keys-tail" tabIndex={0}>
        {`${error.name}: ${error.message}`}
      </pre>
      {error.traceback && (
        <Fold title={trans.__('Traceback')}>
          <pre className="jp-Keys-tail" tabIndex={0}>
            {error.traceback}
          </pre>
        </Fold>
      )}
    </Note>
  );
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

function RunButtons(props: { run: Run; onAgain?: () => void }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { run, onAgain } = props;
  const ended = hasEnded(run);
  const prepared = run.state !== 'REQUESTED' && run.notebook !== '';
  return (
    <div className="jp-Keys-buttons">
      {!ended && (
        <Button
          disabled={desk.runs.isCancelling(run.id)}
          onClick={() => actions.cancel(run.id)}
        >
          {trans.__('Cancel run')}
        </Button>
      )}
      {prepared && (
        <Button look="plain" onClick={() => actions.openNotebook(run.id)}>
          {trans.__('Open notebook')}
        </Button>
      )}
      {ended && onAgain && (
        <Button look="plain" onClick={onAgain}>
          {trans.__('Run again…')}
        </Button>
      )}
    </div>
  );
}
