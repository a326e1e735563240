/**
 * What of a catalogue is shown: words, and what a key is and how it stands.
 */

import type { KeyRow } from '../contract';
import type { SearchIndex } from './search';

/** How a key stands with a person. */
export type Standing = 'all' | 'entitled' | 'installed' | 'update';

/** All standings, in the order they are shown. */
export const STANDINGS: ReadonlyArray<Standing> = [
  'all',
  'entitled',
  'installed',
  'update'
];

/** The facts of a key that can be chosen by. */
export type Fact = 'kind' | 'category' | 'maturity' | 'outcome';

/** All facts, in the order they are shown. */
export const FACTS: ReadonlyArray<Fact> = [
  'kind',
  'category',
  'maturity',
  'outcome'
];

/** What a person chose; an empty fact stands for all. */
export interface IFilter {
  query: string;
  standing: Standing;
  facts: { [fact in Fact]: string };
}

/** A filter that leaves everything. */
export const EVERYTHING: IFilter = {
  query: '',
  standing: 'all',
  facts: { kind: '', category: '', maturity: '', outcome: '' }
};

/** What a filter left. */
export interface IFound {
  rows: ReadonlyArray<KeyRow>;
  /** How many there are for each standing, everything else being as chosen. */
  counts: { [standing in Standing]: number };
  /** How many words were looked for when the rows are ranked by them; 0 otherwise. */
  ranked: number;
}

/** Whether a row is one that a source lists and nobody can use. */
export function isDamaged(row: KeyRow): boolean {
  return row.blocked !== '' && row.version === '';
}

/** The version that would be an update; null when there is none, or it is installed and not in use. */
export function updateOf(row: KeyRow): string | null {
  return row.update !== null && !row.installed.includes(row.update)
    ? row.update
    : null;
}

/** Whether a row stands so. */
export function stands(row: KeyRow, standing: Standing): boolean {
  switch (standing) {
    case 'entitled':
      return row.entitled;
    case 'installed':
      return row.installed.length > 0;
    case 'update':
      return updateOf(row) !== null;
    default:
      return true;
  }
}

/** Apply a filter; without words the rows keep their order. */
export function applied(index: SearchIndex, filter: IFilter): IFound {
  const { rows } = index;
  const hits = index.find(filter.query);
  const counts = { all: 0, entitled: 0, installed: 0, update: 0 };
  const left: KeyRow[] = [];
  const look = (row: KeyRow): void => {
    if (!FACTS.every(fact => fits(row, fact, filter.facts[fact]))) {
      return;
    }
    STANDINGS.forEach(standing => {
      counts[standing] += stands(row, standing) ? 1 : 0;
    });
    if (stands(row, filter.standing)) {
      left.push(row);
    }
  };
  if (hits === null) {
    rows.forEach(look);
  } else {
    hits.places.forEach(place => look(rows[place]));
  }
  return { rows: left, counts, ranked: hits?.ranked ?? 0 };
}

function fits(row: KeyRow, fact: Fact, wanted: string): boolean {
  return wanted === '' || row[fact] === wanted;
}

/** The values a fact has, each with how many keys have it, by name. */
export function choicesOf(
  rows: ReadonlyArray<KeyRow>,
  fact: Fact
): Array<[string, number]> {
  const counts = new Map<string, number>();
  rows.forEach(row => {
    const value = row[fact];
    if (value) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  });
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}
