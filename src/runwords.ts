/**
 * The words for runs and their cells: the same ones in every view.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cell, CellState, Run } from './contract';
import { hasEnded, isYours } from './models/run';
import type { IStateWords } from './words';

/** How a cell stands. */
export function cellWords(
  trans: TranslationBundle,
  state: CellState
): IStateWords {
  const words: { [state in CellState]: IStateWords } = {
    pending: { shape: 'ring', word: trans.__('waiting') },
    running: { shape: 'now', word: trans.__('running') },
    ok: { shape: 'ok', word: trans.__('ok') },
    failed: { shape: 'failed', word: trans.__('failed') },
    timed_out: { shape: 'clock', word: trans.__('timed out') },
    kernel_died: { shape: 'died', word: trans.__('kernel died') },
    cancelled: { shape: 'stopped', word: trans.__('cancelled') },
    interrupted: { shape: 'stopped', word: trans.__('interrupted') },
    skipped: { shape: 'skipped', word: trans.__('skipped') },
    allowed_error: { shape: 'skipped', word: trans.__('error allowed') },
    never_ran: { shape: 'never', word: trans.__('never ran') }
  };
  return words[state];
}

/** The cell a run is at, or the one that ended it; null before the first. */
export function currentCell(run: Run): Cell | null {
  const told = run.cells.filter(
    cell => !['pending', 'never_ran', 'ok', 'skipped'].includes(cell.state)
  );
  const last = told.filter(cell => cell.state !== 'allowed_error').pop();
  return last ?? null;
}

/** How a run stands, in one line. */
export function runWords(trans: TranslationBundle, run: Run): IStateWords {
  const at = currentCell(run)?.number ?? 0;
  const all = run.cells.length;
  const ok = run.cells.filter(cell => cell.state === 'ok').length;
  switch (run.state) {
    case 'SUCCEEDED':
      return {
        shape: 'ok',
        word: trans.__('Succeeded, %1 of %2 cells ok', ok, all)
      };
    case 'CELL_ERROR':
      return {
        shape: 'failed',
        word: trans.__('Failed in cell %1 of %2', at, all)
      };
    case 'TIMED_OUT':
      return {
        shape: 'clock',
        word: at
          ? trans.__('Timed out in cell %1 of %2', at, all)
          : trans.__('Timed out')
      };
    case 'KERNEL_DIED':
      return {
        shape: 'died',
        word: at
          ? trans.__('Kernel died in cell %1 of %2', at, all)
          : trans.__('Kernel died')
      };
    case 'CANCELLED':
      return {
        shape: 'stopped',
        word: at
          ? trans.__('Cancelled in cell %1 of %2', at, all)
          : trans.__('Cancelled')
      };
    case 'INTERRUPTED':
      return { shape: 'stopped', word: trans.__('Interrupted') };
    case 'START_FAILED':
      return { shape: 'failed', word: trans.__('Did not start') };
    case 'CAPTURE_FAILED':
      return { shape: 'warning', word: trans.__('Results not captured') };
    case 'RUNNING':
      return {
        shape: 'now',
        word: at
          ? trans.__('Running cell %1 of %2', at, all)
          : ok > 0
            ? trans.__('Collecting the results')
            : trans.__('Running')
      };
    case 'STARTING':
      return { shape: 'now', word: trans.__('Starting the kernel') };
    default:
      return waitingWords(trans, run);
  }
}

/** How a run stands that no kernel works on yet. */
function waitingWords(trans: TranslationBundle, run: Run): IStateWords {
  if (isYours(run)) {
    return { shape: 'ring', word: trans.__('Yours to run') };
  }
  const place = placeInQueue(run);
  if (place !== null) {
    return { shape: 'ring', word: trans.__('Waiting, place %1', place) };
  }
  return { shape: 'now', word: trans.__('Preparing the run folder') };
}

/** Which place in the queue a run has, counted from 1; null when it does not wait. */
export function placeInQueue(run: Run): number | null {
  return hasEnded(run) ? null : run.queue_position;
}

/** What an end means and what to do about it; empty where the card says all. */
export function endWords(trans: TranslationBundle, run: Run): string {
  switch (run.state) {
    case 'CELL_ERROR':
      return trans.__(
        'What the cells before it left is kept. Correct the values or the data, then run again.'
      );
    case 'KERNEL_DIED':
      return trans.__(
        'There are no results; what the cells before it left is kept. Run on less data, or free memory, then run again.'
      );
    case 'TIMED_OUT':
      return trans.__(
        'There are no results; what the cells before it left is kept. Run on less data, then run again.'
      );
    case 'CANCELLED':
      return trans.__('What the cells before it left is kept.');
    case 'INTERRUPTED':
      return trans.__(
        'The server stopped in the middle of it; what was written until then is kept. Run it again.'
      );
    case 'START_FAILED':
      return trans.__('No cell ran, and nothing was changed.');
    default:
      return '';
  }
}

/** How many cells ended how, in the order a person asks. */
export function cellCounts(
  trans: TranslationBundle,
  run: Run
): Array<IStateWords & { count: number }> {
  const order: CellState[] = [
    'ok',
    'failed',
    'kernel_died',
    'timed_out',
    'cancelled',
    'interrupted',
    'allowed_error',
    'skipped',
    'never_ran'
  ];
  return order
    .map(state => ({
      ...cellWords(trans, state),
      count: run.cells.filter(cell => cell.state === state).length
    }))
    .filter(entry => entry.count > 0);
}
