/**
 * How a run stands, in one or two words.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunState } from './contract';

/** The word for a state of a run. */
export function endWords(trans: TranslationBundle, state: RunState): string {
  const words: { [state in RunState]: string } = {
    REQUESTED: trans.__('waiting'),
    PREPARED: trans.__('prepared'),
    STARTING: trans.__('starting'),
    RUNNING: trans.__('running'),
    SUCCEEDED: trans.__('succeeded'),
    CELL_ERROR: trans.__('failed'),
    TIMED_OUT: trans.__('timed out'),
    KERNEL_DIED: trans.__('kernel died'),
    CANCELLED: trans.__('cancelled'),
    START_FAILED: trans.__('did not start'),
    CAPTURE_FAILED: trans.__('results not captured'),
    INTERRUPTED: trans.__('interrupted')
  };
  return words[state];
}
