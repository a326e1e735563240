/**
 * The words for states, times and numbers: the same ones in every view.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Result, StepState } from './contract';
import type { KeysError } from './request';
import { LocalCode } from './request';
import type { Shape } from './shapes';

/** A shape with its word. */
export interface IStateWords {
  shape: Shape;
  word: string;
}

/** How a step stands; `now` when it is the one in focus. */
export function stepWords(
  trans: TranslationBundle,
  step: StepState,
  inFocus: boolean
): IStateWords {
  if (inFocus) {
    return { shape: 'now', word: trans.__('in focus') };
  }
  switch (step.state) {
    case 'done':
      return { shape: 'ok', word: trans.__('done') };
    case 'failed':
      return { shape: 'failed', word: trans.__('failed') };
    case 'skipped':
      return { shape: 'skipped', word: trans.__('skipped') };
    default:
      return { shape: 'ring', word: trans.__('not started') };
  }
}

/** What an error says: what happened, and what to do. */
export function errorWords(
  trans: TranslationBundle,
  error: KeysError
): { message: string; hint: string } {
  switch (error.code) {
    case LocalCode.LOST:
      return {
        message: trans.__('The Jupyter server could not be reached.'),
        hint: trans.__(
          'What is shown is the last known state. A run goes on without this page. Look at the server, then refresh.'
        )
      };
    case LocalCode.NOT_OURS:
      return {
        message: trans.__('The server half of Keys does not answer.'),
        hint: trans.__(
          'Run “jupyter server extension enable keys_jupyter” and start the server again.'
        )
      };
    case LocalCode.FORBIDDEN:
      return {
        message: trans.__('The Jupyter server does not let you do this.'),
        hint: trans.__('Sign in to the server again, then refresh.')
      };
    case LocalCode.UNREADABLE:
      return {
        message: trans.__('The server’s answer could not be read.'),
        hint: trans.__('Look at the server’s log, then refresh.')
      };
    default:
      return { message: error.message, hint: error.hint };
  }
}

/** A number as people read it; other values as they are. */
export function valueWords(
  trans: TranslationBundle,
  value: unknown,
  unit: string | null
): string {
  const text = plainValue(trans, value);
  return unit && value !== null && value !== undefined
    ? trans.__('%1 %2', text, unit)
    : text;
}

function plainValue(trans: TranslationBundle, value: unknown): string {
  if (value === null || value === undefined) {
    return trans.__('none');
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('yes') : trans.__('no');
  }
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? value.toLocaleString('en')
      : value.toLocaleString('en', { maximumSignificantDigits: 6 });
  }
  return typeof value === 'string'
    ? momentWords(trans, value)
    : JSON.stringify(value);
}

/** A moment of ISO 8601 in UTC as people write it; any other text as it is. */
function momentWords(trans: TranslationBundle, text: string): string {
  const moment =
    /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?(\.0+)?(Z|\+00:00)$/.exec(text);
  if (moment === null) {
    return text;
  }
  const [, day, clock, seconds = ':00'] = moment;
  return trans.__('%1 %2 UTC', day, clock + seconds.replace(':00', ''));
}

const SIGNS: { [op: string]: string } = { '<=': '≤', '>=': '≥', '==': '' };

/** What a result should be; empty where nothing was said. */
export function expectedWords(trans: TranslationBundle, row: Result): string {
  if (row.expected === null) {
    return '';
  }
  const { op, value } = row.expected;
  if (op === 'between' && Array.isArray(value)) {
    return trans.__(
      '%1 to %2',
      valueWords(trans, value[0], null),
      valueWords(trans, value[1], row.unit)
    );
  }
  const sign = SIGNS[op] ?? op;
  return `${sign} ${valueWords(trans, value, row.unit)}`.trim();
}

/** Hours and minutes in UTC. */
export function clockWords(trans: TranslationBundle, at: string): string {
  const time = new Date(at).toISOString();
  return trans.__('%1 UTC', time.slice(11, 16));
}

/** Hours, minutes and seconds; the day too when it is not today. */
export function stampWords(at: string, now: number): string {
  const time = new Date(at).toISOString();
  const today = new Date(now).toISOString().slice(0, 10);
  const clock = time.slice(11, 19);
  return time.startsWith(today) ? clock : `${time.slice(0, 10)} ${clock}`;
}

/** A span in seconds, as a running card counts. */
export function secondsWords(
  trans: TranslationBundle,
  seconds: number
): string {
  const whole = Math.max(0, seconds);
  if (whole < 10) {
    return trans.__('%1 s', whole.toFixed(1));
  }
  return whole < 120
    ? trans.__('%1 s', Math.round(whole))
    : trans.__('%1 min %2 s', Math.floor(whole / 60), Math.floor(whole % 60));
}

/** A size in bytes. */
export function sizeWords(trans: TranslationBundle, bytes: number): string {
  if (bytes < 1000) {
    return trans.__('%1 bytes', bytes);
  }
  return bytes < 1e6
    ? trans.__('%1 kB', (bytes / 1e3).toFixed(1))
    : trans.__('%1 MB', (bytes / 1e6).toFixed(1));
}

/** A digest, short enough to compare by eye. */
export function shortDigest(sha256: string): string {
  return `${sha256.slice(0, 4)}…${sha256.slice(-4)}`;
}
