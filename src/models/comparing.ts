/**
 * The lines of a comparison as people look for them: what changed first, what is the same only when asked for.
 */

import type { Comparison, Difference } from '../contract';

/** A part of a comparison. */
export interface IPart {
  name: 'facts' | 'parameters' | 'results' | 'outputs' | 'cells';
  rows: Difference[];
  /** How many of its lines differ. */
  changed: number;
}

const PARTS: Array<IPart['name']> = [
  'parameters',
  'results',
  'outputs',
  'cells',
  'facts'
];

/** The parts that have any lines, in the order in which a person asks. */
export function partsOf(comparison: Comparison): IPart[] {
  return PARTS.map(name => ({
    name,
    rows: comparison[name],
    changed: comparison[name].filter(row => row.change !== 'same').length
  })).filter(part => part.rows.length > 0);
}
