/**
 * The map of an incident: its steps by section, where one is in it, and what is behind.
 */

import type { Incident, Runbook, Section, StepState } from '../contract';

/** What a look begins with when it is at a section and not at a step. */
export const SECTION_LOOK = 'section:';

/** A section with the states of its steps. */
export interface IGroup {
  section: Section;
  index: number;
  steps: StepState[];
}

/** The sections that have steps to work, in the runbook's order. */
export function groupsOf(runbook: Runbook, incident: Incident): IGroup[] {
  const states = new Map(incident.steps.map(step => [step.id, step]));
  return runbook.sections
    .map((section, index) => ({
      section,
      index,
      steps: section.steps.flatMap(step => states.get(step.id) ?? [])
    }))
    .filter(group => group.steps.length > 0);
}

/** The section a step is in. */
export function groupOf(
  groups: ReadonlyArray<IGroup>,
  step: StepState | null
): IGroup | null {
  return (
    groups.find(group => group.steps.some(other => other.id === step?.id)) ??
    null
  );
}

/** Whether a step needs nothing more. */
export function isSettled(step: StepState): boolean {
  return ['done', 'failed', 'skipped'].includes(step.state);
}

/** How many steps have which mark. */
export function countsOf(steps: ReadonlyArray<StepState>): {
  done: number;
  failed: number;
  skipped: number;
} {
  const count = (state: string): number =>
    steps.filter(step => step.state === state).length;
  return {
    done: count('done'),
    failed: count('failed'),
    skipped: count('skipped')
  };
}

/** The step whose mark or branch was set last and can be taken back. */
export function lastUndoable(incident: Incident): StepState | null {
  const at = (step: StepState): string =>
    [step.marked_at, ...step.branches.map(branch => branch.taken_at)]
      .map(time => time ?? '')
      .sort()
      .pop() ?? '';
  return (
    incident.steps
      .filter(step => step.undoable)
      .sort((a, b) => at(b).localeCompare(at(a)))[0] ?? null
  );
}
