/**
 * The names of the shapes that states have.
 */

/** Round for cells, runs and steps, square for evidence. */
export type Shape =
  | 'ok'
  | 'failed'
  | 'died'
  | 'clock'
  | 'stopped'
  | 'skipped'
  | 'never'
  | 'ring'
  | 'now'
  | 'kept'
  | 'warning'
  | 'info'
  | 'forbidden'
  | 'lock';
