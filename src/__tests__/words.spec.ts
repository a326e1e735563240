import { nullTranslator } from '@jupyterlab/translation';

import type { Cell, CellState, Result } from '../contract';
import { minutesWords, titleWords } from '../names';
import { KeysError } from '../request';
import { cellCounts, runWords } from '../runwords';
import { errorWords, expectedWords, secondsWords, valueWords } from '../words';
import { aRun } from './fakeserver';

const trans = nullTranslator.load('');

function cells(...states: CellState[]): Cell[] {
  return states.map((state, index) => ({
    index,
    number: index + 1,
    type: 'code',
    title: `Cell ${index + 1}`,
    state,
    started_at: null,
    duration: null,
    error: null,
    outputs: 0
  }));
}

function result(change: Partial<Result>): Result {
  return {
    name: 'x',
    label: '',
    value: null,
    unit: null,
    expected: null,
    ok: null,
    ...change
  };
}

describe('runWords', () => {
  it('says where the kernel died', () => {
    const run = aRun({
      state: 'KERNEL_DIED',
      cells: cells('ok', 'ok', 'kernel_died', 'never_ran')
    });
    expect(runWords(trans, run)).toEqual({
      shape: 'died',
      word: 'Kernel died in cell 3 of 4'
    });
  });

  it('never calls a cell that did not run ok', () => {
    const run = aRun({
      state: 'TIMED_OUT',
      cells: cells('ok', 'timed_out', 'never_ran', 'never_ran')
    });
    const counts = cellCounts(trans, run).map(
      ({ count, word }) => `${count} ${word}`
    );
    expect(counts).toEqual(['1 ok', '1 timed out', '2 never ran']);
  });

  it('takes an allowed error for no end', () => {
    const run = aRun({
      state: 'CELL_ERROR',
      cells: cells('failed', 'allowed_error')
    });
    expect(runWords(trans, run).word).toBe('Failed in cell 1 of 2');
  });

  it('names a run that ended before its first cell', () => {
    const run = aRun({ state: 'CANCELLED', cells: cells('never_ran') });
    expect(runWords(trans, run).word).toBe('Cancelled');
  });
});

describe('values', () => {
  it.each([
    [91.3, '%', '91.3 %'],
    [5000, null, '5,000'],
    [0, null, '0'],
    [0.000123456789, null, '0.000123457'],
    [true, null, 'yes'],
    [null, '%', 'none'],
    ['invoice.paid', null, 'invoice.paid'],
    ['2026-11-20T23:10:00Z', null, '2026-11-20 23:10 UTC'],
    ['2026-11-20T23:10:05Z', null, '2026-11-20 23:10:05 UTC'],
    ['2026-11-20T23:10:00+02:00', null, '2026-11-20T23:10:00+02:00']
  ])('%j %j', (value, unit, expected) => {
    expect(valueWords(trans, value, unit)).toBe(expected);
  });

  it.each([
    [{ op: '>', value: 95 }, '%', '> 95 %'],
    [{ op: '==', value: 0 }, null, '0'],
    [{ op: '<=', value: 3 }, null, '≤ 3'],
    [{ op: 'between', value: [10, 20] }, '%', '10 to 20 %']
  ])('expects %j', (expected, unit, words) => {
    expect(expectedWords(trans, result({ expected, unit }))).toBe(words);
  });

  it('expects nothing where nothing was said', () => {
    expect(expectedWords(trans, result({}))).toBe('');
  });
});

describe('spans', () => {
  it.each([
    [-5, '0 min'],
    [59999, '0 min'],
    [14 * 60000, '14 min'],
    [130 * 60000, '2 h 10 min']
  ])('%d ms', (ms, words) => {
    expect(minutesWords(trans, ms)).toBe(words);
  });

  it.each([
    [0.04, '0.0 s'],
    [19.4, '19 s'],
    [125, '2 min 5 s']
  ])('%d s', (seconds, words) => {
    expect(secondsWords(trans, seconds)).toBe(words);
  });
});

describe('titles and errors', () => {
  it.each([
    ['Jupyter Keys: Webhook Event Analysis', 'Webhook Event Analysis'],
    ['Stripe Webhook Failure Runbook', 'Stripe Webhook Failure'],
    ['Jupyter Keys: ', 'Jupyter Keys: ']
  ])('%s', (title, words) => {
    expect(titleWords(title)).toBe(words);
  });

  it('has words for what has none', () => {
    const lost = errorWords(trans, new KeysError('SERVER_LOST'));
    expect(lost.message).not.toBe('');
    expect(lost.hint).not.toBe('');
    const ours = new KeysError('X', 'What happened.', 'What to do.');
    expect(errorWords(trans, ours)).toEqual({
      message: 'What happened.',
      hint: 'What to do.'
    });
  });
});
