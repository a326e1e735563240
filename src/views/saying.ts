/**
 * What is said of runs to those who do not see the card.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Run } from '../contract';
import type { Desk } from '../models/desk';
import type { IRunMove, RunsModel } from '../models/run';
import { hasEnded } from '../models/run';
import { titleWords } from '../names';
import { currentCell, runWords } from '../runwords';

/** How long between two sentences on the cells of a run, in ms. */
const PAUSE = 10000;

const URGENT = ['CELL_ERROR', 'KERNEL_DIED', 'TIMED_OUT', 'START_FAILED'];

/** Say how runs go on. */
export function sayRuns(desk: Desk, trans: TranslationBundle): void {
  let last = 0;
  desk.runs.moved.connect((_: RunsModel, move: IRunMove) => {
    const { before, run } = move;
    if (before === null && hasEnded(run)) {
      return;
    }
    const stateMoved = before?.state !== run.state;
    const cell = currentCell(run);
    const cellMoved = cell?.number !== (before && currentCell(before)?.number);
    if (stateMoved && (before === null || hasEnded(run))) {
      desk.announce(sentence(trans, run), URGENT.includes(run.state));
    } else if (cellMoved && cell && Date.now() - last > PAUSE) {
      last = Date.now();
      desk.announce(trans.__('%1, %2.', runWords(trans, run).word, cell.title));
    }
  });
}

function sentence(trans: TranslationBundle, run: Run): string {
  return trans.__('%1: %2.', titleWords(run.title), runWords(trans, run).word);
}
