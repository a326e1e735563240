/**
 * In which order a person is told of what is open.
 */

import type { Incident } from '../contract';

/** Sorts by severity, rehearsals last; of the same severity the newest first. */
export function byUrgency(a: Incident, b: Incident): number {
  return (
    rank(a).localeCompare(rank(b)) || b.opened_at.localeCompare(a.opened_at)
  );
}

/** What sorts: p0 before p1, none behind them. */
function rank({ rehearsal, severity }: Incident): string {
  return `${Number(rehearsal)} ${severity ?? 'unknown'}`;
}
