/**
 * What comes due, by the server's clock: how a timer stands now and how long it has.
 *
 * Which timers there are, and what starts them, the server says.
 */

import type { Incident, Timer } from '../contract';

/** How long something is due before it is overdue, in ms. */
const OVERDUE = 5 * 60000;

const MINUTE = 60000;

/** How a timer stands at a moment; what was running may have come due since the server was asked. */
export function standingOf(timer: Timer, now: number): string {
  const due = Date.parse(timer.due_at ?? '');
  const counts = ['running', 'due', 'overdue'].includes(timer.state);
  if (!counts || Number.isNaN(due)) {
    return timer.state;
  }
  if (now < due) {
    return 'running';
  }
  return now < due + OVERDUE ? 'due' : 'overdue';
}

/** Whole minutes until a timer is due, begun ones counted; below 0 since it is. */
export function minutesLeft(timer: Timer, now: number): number | null {
  const due = Date.parse(timer.due_at ?? '');
  if (Number.isNaN(due)) {
    return null;
  }
  const left = (due - now) / MINUTE;
  return left >= 0 ? Math.ceil(left) : -Math.floor(-left);
}

/** The timers that ask for somebody now, the longest due first. */
export function dueTimers(incident: Incident, now: number): Timer[] {
  return incident.timers
    .filter(timer => ['due', 'overdue'].includes(standingOf(timer, now)))
    .sort(byDue);
}

/** The next timer of a kind that is still running. */
export function nextTimer(
  incident: Incident,
  kind: string,
  now: number
): Timer | null {
  return (
    incident.timers
      .filter(timer => timer.kind === kind)
      .filter(timer => standingOf(timer, now) === 'running')
      .sort(byDue)[0] ?? null
  );
}

/** In how many ms the next running timer of several incidents comes due; null when none does. */
export function untilNextDue(
  incidents: ReadonlyArray<Incident>,
  now: number
): number | null {
  const left = incidents
    .flatMap(incident => incident.timers)
    .filter(timer => standingOf(timer, now) === 'running')
    .map(timer => Date.parse(timer.due_at ?? '') - now);
  return left.length > 0 ? Math.max(0, Math.min(...left)) : null;
}

function byDue(a: Timer, b: Timer): number {
  return (a.due_at ?? '').localeCompare(b.due_at ?? '');
}
