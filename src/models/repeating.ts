/**
 * What it takes to run something once more, under a name of its own.
 */

import type { Json, Run } from '../contract';

/** What a form is asked for to repeat a run; a notebook of the workspace has no version. */
export function sourceOf(run: Run): { slug: string; version: string | null } {
  return { slug: run.key, version: run.version || null };
}

/** The values of a run, its files as a person would name them. */
export function valuesOf(run: Run): { [name: string]: Json } {
  const files = run.inputs.map(input => [input.parameter, input.path]);
  return { ...run.parameters, ...Object.fromEntries(files) } as {
    [name: string]: Json;
  };
}

/** A name for a run that no other run has. */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
