/**
 * The cells of a run: as a bar, as counts, as a list, and what they print.
 */

import * as React from 'react';

import type { Cell, Run } from '../contract';
import { quietly } from '../models/catalog';
import { cellCounts, cellWords, currentCell, runWords } from '../runwords';
import { secondsWords } from '../words';
import { Glyph } from './glyph';
import { useSurroundings } from './surroundings';

/** How often the tail of a running run is read on, in ms. */
const TAIL_INTERVAL = 1500;

/** One segment a cell, so that a cell that never ran keeps its place. */
export function Segments(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  const { run } = props;
  const settled = run.cells.filter(
    cell => cell.state !== 'pending' && cell.state !== 'running'
  ).length;
  return (
    <div
      className="jp-Keys-segments"
      role="progressbar"
      aria-label={trans.__('Cells')}
      aria-valuemin={0}
      aria-valuemax={run.cells.length}
      aria-valuenow={settled}
      aria-valuetext={positionWords(trans, run)}
    >
      {run.cells.map(cell => (
        <i key={cell.number} className={`jp-mod-${cell.state}`} />
      ))}
    </div>
  );
}

function positionWords(
  trans: ReturnType<typeof useSurroundings>['trans'],
  run: Run
): string {
  const cell = currentCell(run);
  return cell === null
    ? runWords(trans, run).word
    : trans.__('Cell %1 of %2, %3', cell.number, run.cells.length, cell.title);
}

/** How many cells ended how. */
export function Counts(props: { run: Run }): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <div className="jp-Keys-counts">
      {cellCounts(trans, props.run).map(({ shape, word, count }) => (
        <span key={word} className="jp-Keys-state">
          <Glyph shape={shape} size={14} />
          {trans.__('%1 %2', count, word)}
        </span>
      ))}
    </div>
  );
}

/** All cells with their state in a word; the one that counts is bold. */
export function Cells(props: {
  cells: Cell[];
  /** Whether the cells before the first that counts are one line. */
  brief?: boolean;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { cells, brief = false } = props;
  const away = brief ? leadingOk(cells) : 0;
  return (
    <ol className="jp-Keys-cells">
      {away > 0 && <Leading cells={cells.slice(0, away)} />}
      {cells.slice(away).map(cell => {
        const { shape, word } = cellWords(trans, cell.state);
        const bold = !['ok', 'pending', 'never_ran'].includes(cell.state);
        return (
          <li key={cell.number} className={bold ? 'jp-mod-strong' : ''}>
            <Glyph shape={shape} size={14} />
            <span>{cell.number}</span>
            <span className="jp-Keys-cut" title={cell.title}>
              {cell.title}
            </span>
            <span>
              {cell.state === 'ok' && cell.duration !== null ? (
                secondsWords(trans, cell.duration)
              ) : (
                <span
                  className={cell.state === 'pending' ? 'jp-Keys-aside' : ''}
                >
                  {word}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** How many cells at the beginning were ok; none where folding them saves nothing. */
function leadingOk(cells: Cell[]): number {
  const other = cells.findIndex(cell => cell.state !== 'ok');
  return other > 2 ? other : 0;
}

/** The cells that were ok before anything else happened. */
function Leading(props: { cells: Cell[] }): JSX.Element {
  const { trans } = useSurroundings();
  const { cells } = props;
  const seconds = cells.reduce((sum, cell) => sum + (cell.duration ?? 0), 0);
  return (
    <li>
      <Glyph shape="ok" size={14} />
      <span>{cells[0].number}</span>
      <span>{trans.__('to %1', cells[cells.length - 1].number)}</span>
      <span>{trans.__('ok, %1', secondsWords(trans, seconds))}</span>
    </li>
  );
}

/** What the run prints, as it prints it. */
export function Tail(props: { run: Run }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { id } = props.run;
  const end = React.useRef<HTMLPreElement>(null);
  const text = desk.runs.tail(id);
  React.useEffect(() => {
    // A server that is gone is said once, above; the tail goes on when it is back.
    const read = (): void => void quietly(desk.runs.readTail(id));
    read();
    const timer = window.setInterval(read, TAIL_INTERVAL);
    return () => window.clearInterval(timer);
  }, [id]);
  React.useEffect(() => {
    if (end.current) {
      end.current.scrollTop = end.current.scrollHeight;
    }
  }, [text]);
  if (text === '') {
    return <></>;
  }
  return (
    <div>
      <pre
        ref={end}
        className="jp-Keys-tail"
        role="log"
        aria-live="off"
        aria-label={trans.__('What the run prints')}
        tabIndex={0}
      >
        {text}
      </pre>
    </div>
  );
}
