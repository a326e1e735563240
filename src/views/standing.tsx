/**
 * How a run stands, in one line: shape, words, time beside the usual time; and the title of its cell.
 */

import * as React from 'react';

import type { Run } from '../contract';
import { hasEnded, isYours } from '../models/run';
import { currentCell, placeInQueue, runWords } from '../runwords';
import { secondsWords } from '../words';
import { Arc, Glyph } from './glyph';
import { useNow, useSurroundings } from './surroundings';

/** The line. */
export function Standing(props: { run: Run }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { run } = props;
  const ended = hasEnded(run);
  const { shape, word } = runWords(trans, run);
  const cell = ended ? null : currentCell(run);
  const still = ended || isYours(run) || placeInQueue(run) !== null;
  return (
    <>
      <div className="jp-Keys-standing">
        {still ? <Glyph shape={shape} /> : <Arc />}
        <b>{desk.runs.isCancelling(run.id) ? trans.__('Cancelling') : word}</b>
        <Elapsed run={run} />
      </div>
      {cell && (
        <p className="jp-Keys-now jp-Keys-cut" title={cell.title}>
          {cell.title}
        </p>
      )}
    </>
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
    return (
      <span>
        {run.state === 'SUCCEEDED'
          ? secondsWords(trans, seconds)
          : trans.__('after %1', secondsWords(trans, seconds))}
      </span>
    );
  }
  const whole = wholeSeconds(trans, seconds);
  return (
    <span>
      {run.usual_seconds === null
        ? whole
        : trans.__(
            '%1, usually %2',
            whole,
            wholeSeconds(trans, Math.max(1, Math.round(run.usual_seconds)))
          )}
    </span>
  );
}

/** A counting time: no tenths, so that it does not flicker. */
function wholeSeconds(
  trans: ReturnType<typeof useSurroundings>['trans'],
  seconds: number
): string {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 10 ? trans.__('%1 s', whole) : secondsWords(trans, whole);
}
