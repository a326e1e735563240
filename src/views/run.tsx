/**
 * The card of a run: it changes in place from preparing to its end and says what every cell did.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Run } from '../contract';
import { sourceOf } from '../models/repeating';
import { hasEnded, isYours } from '../models/run';
import { titleWords } from '../names';
import { placeInQueue } from '../runwords';
import { Cells, Counts, Segments, Tail } from './cells';
import { CompareRun } from './comparerun';
import { Ended } from './ended';
import { Button, Head, Heard, Note } from './parts';
import { Standing } from './standing';
import {
  useModels,
  useReading,
  useSurroundings,
  useWatch
} from './surroundings';

/** A run that no step called, in a view of its own. */
export function RunView(props: { id: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  useModels(desk.runs);
  useReading(() => desk.runs.load(props.id), [props.id]);
  const run = desk.runs.get(props.id);
  return (
    <>
      <Head title={run ? titleWords(run.title) : trans.__('Run')} />
      {run && (
        <div className="jp-Keys-meta">
          <span className="jp-Keys-cut" title={run.folder}>
            {run.folder}
          </span>
          <Heard />
        </div>
      )}
      <div className="jp-Keys-scroll jp-Keys-page">
        {run && <RunCard run={run} />}
      </div>
    </>
  );
}

/** A run with what can be done about it. */
export function RunCard(props: { run: Run }): JSX.Element {
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
        <b className="jp-Keys-cut" title={run.title}>
          {titleWords(run.title)}
        </b>
        <span>{run.version}</span>
      </header>
      <div>
        <Standing run={run} />
        {!isYours(run) && <Segments run={run} />}
        {ended && run.state !== 'SUCCEEDED' && !isYours(run) && (
          <Counts run={run} />
        )}
      </div>
      {isYours(run) && !ended && <Yours run={run} />}
      {ended && <Ended run={run} />}
      <RunButtons run={run} />
      {/* Below the buttons, so that Cancel stays where it is while output grows. */}
      {!ended && !isYours(run) && <Running run={run} />}
    </section>
  );
}

/** What a run that a person runs cannot show. */
function Yours(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { notes } = props.run;
  return (
    <div>
      <Note kind="info" title={trans.__('You run its cells yourself.')}>
        {notes.length > 0
          ? notes.join(' ')
          : trans.__(
              'The record then holds what the saved notebook shows. It cannot prove when or in which order cells ran, or that nothing was edited.'
            )}
      </Note>
    </div>
  );
}

function Running(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  if (placeInQueue(run) !== null) {
    return (
      <div>
        <p className="jp-Keys-help">
          {trans.__(
            'Other runs are under way; this one begins by itself when its turn comes.'
          )}
        </p>
      </div>
    );
  }
  return (
    <>
      <div>
        <Cells cells={run.cells} />
      </div>
      <Tail run={run} />
    </>
  );
}

function RunButtons(props: { run: Run }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { run } = props;
  const ended = hasEnded(run);
  const prepared = run.state !== 'REQUESTED' && run.notebook !== '';
  const lost = desk.feed.lostSince !== null;
  // The same again would fail again; only an interruption had nothing to do with the run.
  const other = ended && !['SUCCEEDED', 'INTERRUPTED'].includes(run.state);
  const again = (look: 'go' | 'plain'): JSX.Element => (
    <Button look={look} disabled={lost} onClick={() => actions.again(run.id)}>
      {trans.__('Run again')}
    </Button>
  );
  useModels(desk);
  const cancel = !ended && (
    <Button
      disabled={lost || desk.runs.isCancelling(run.id)}
      focusName={`cancel:${run.id}`}
      onClick={() => actions.cancel(run.id)}
    >
      {trans.__('Cancel run')}
    </Button>
  );
  return (
    <div className="jp-Keys-buttons">
      {!ended && isYours(run) && (
        <Button
          look="go"
          disabled={lost}
          onClick={() => actions.collect(run.id)}
        >
          {trans.__('Collect its results')}
        </Button>
      )}
      {other && <Change run={run} first={true} />}
      {run.state === 'INTERRUPTED' && again('go')}
      {!isYours(run) && cancel}
      {prepared && <OpenNotebook run={run} />}
      {isYours(run) && cancel}
      {ended && run.state !== 'INTERRUPTED' && again('plain')}
      {ended && !other && <Change run={run} first={false} />}
      {ended && <CompareRun run={run} />}
    </div>
  );
}

/** To the form, with the values of this run; the next thing to do when it did not succeed. */
function Change(props: { run: Run; first: boolean }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run, first } = props;
  const { slug, version } = sourceOf(run);
  return (
    <Button
      look={first ? 'go' : 'plain'}
      onClick={() =>
        actions.fillIn(slug, {
          version,
          like: run.id,
          incident: run.incident,
          step: run.step
        })
      }
    >
      {first
        ? trans.__('Change values and run again…')
        : trans.__('Change values…')}
    </Button>
  );
}

function OpenNotebook(props: { run: Run }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run } = props;
  const cell = run.cells.find(
    ({ state }) =>
      !['ok', 'pending', 'skipped', 'allowed_error'].includes(state)
  );
  return cell && hasEnded(run) && cell.state !== 'never_ran' ? (
    <Button
      look="plain"
      onClick={() => actions.openNotebook(run.id, cell.index)}
    >
      {trans.__('Open notebook at cell %1', cell.number)}
    </Button>
  ) : (
    <Button look="plain" onClick={() => actions.openNotebook(run.id)}>
      {trans.__('Open notebook')}
    </Button>
  );
}
