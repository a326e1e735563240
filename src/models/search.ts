/**
 * Finds keys by words, in as many rows as a marketplace has, within one frame.
 *
 * A few words must all be there, as they are typed. A pasted text, such as an alert, is another thing: the rows that
 * hold most of its words come first.
 */

import type { KeyRow } from '../contract';

/** From so many different words on, a text is taken for a pasted one. */
const PASTED = 6;

/** Words of a pasted text that count; shorter ones are in everything. */
const SHORTEST = 3;

/** A word that so large a part of many rows holds tells nothing apart. */
const COMMON = 0.5;

/** So many rows have to be there before a word can be common. */
const MANY = 20;

/** A word of a text. */
const WORD = /[\p{L}\p{N}]+/gu;

/** What a search left: places in the list of rows, in the order to show them. */
export interface IHits {
  places: ReadonlyArray<number>;
  /** How many words were looked for, when it was ranked by them; 0 when all words had to be there. */
  ranked: number;
}

/** Text without case and accents, so that what is typed plainly is found. */
export function fold(text: string): string {
  const plain = text.toLowerCase();
  return isPlain(plain)
    ? plain
    : plain.normalize('NFKD').replace(/\p{M}/gu, '');
}

function isPlain(text: string): boolean {
  return !/[^\s!-~]/.test(text);
}

/** The different words of a text, folded. */
export function wordsOf(text: string): string[] {
  return [...new Set(fold(text).match(WORD) ?? [])];
}

/** The words of a query as they are typed: what stands between spaces. */
function typedWords(query: string): string[] {
  return [...new Set(fold(query).split(/\s+/).filter(Boolean))];
}

/** The rows of a catalogue, made ready for searching. */
export class SearchIndex {
  constructor(readonly rows: ReadonlyArray<KeyRow>) {
    this._titles = rows.map(row => fold(row.title));
    this._texts = rows.map((row, at) =>
      [this._titles[at], fold(restOf(row))].join('\n')
    );
  }

  /** The rows for a query; null when it holds no word, and so asks for all. */
  find(query: string): IHits | null {
    const words = typedWords(query);
    if (words.length === 0) {
      return null;
    }
    if (words.length < PASTED) {
      const places = this._withAll(words);
      if (places.length > 0 || words.length === 1) {
        return { places, ranked: 0 };
      }
    }
    return this._ranked(query);
  }

  /**
   * Make the part ready that only pasted texts need.
   *
   * @param most - how many rows to read now, so that nobody waits for all of them
   * @returns whether all are read
   */
  prepare(most = Infinity): boolean {
    const end = Math.min(this._texts.length, this._read + most);
    for (; this._read < end; this._read += 1) {
      this._note(this._read);
    }
    return this._read === this._texts.length;
  }

  /** The rows that hold all words; those with all of them in the title first. */
  private _withAll(words: string[]): number[] {
    const titled: number[] = [];
    const other: number[] = [];
    for (let at = 0; at < this._texts.length; at += 1) {
      if (holds(this._texts[at], words)) {
        (holds(this._titles[at], words) ? titled : other).push(at);
      }
    }
    return titled.concat(other);
  }

  /** The rows by how many different words they hold, rare words deciding between equals. */
  private _ranked(query: string): IHits {
    this.prepare();
    const words = wordsOf(query).filter(word => word.length >= SHORTEST);
    const met = new Map<number, { count: number; weight: number }>();
    const limit = Math.max(MANY, this.rows.length * COMMON);
    for (const word of words) {
      const places = this._postings.get(word) ?? [];
      if (places.length > limit) {
        continue;
      }
      const weight = Math.log(1 + this.rows.length / (places.length || 1));
      for (const place of places) {
        const score = met.get(place) ?? { count: 0, weight: 0 };
        score.count += 1;
        score.weight += weight;
        met.set(place, score);
      }
    }
    return { places: bestOf(met), ranked: words.length };
  }

  /** Note which words a row holds. */
  private _note(place: number): void {
    for (const word of new Set(this._texts[place].match(WORD) ?? [])) {
      const places = this._postings.get(word);
      if (places === undefined) {
        this._postings.set(word, [place]);
      } else {
        places.push(place);
      }
    }
  }

  private _titles: string[];
  private _texts: string[];
  private _postings = new Map<string, number[]>();
  private _read = 0;
}

/** What is searched of a row beside its title. */
function restOf(row: KeyRow): string {
  return [
    row.slug,
    row.description,
    row.about,
    row.kind,
    row.severity ?? '',
    ...row.tags,
    ...row.key_type
  ].join('\n');
}

function holds(text: string, words: string[]): boolean {
  return words.every(word => text.includes(word));
}

/** The places with most words first; those with less than half as many as the best are noise. */
function bestOf(met: Map<number, { count: number; weight: number }>): number[] {
  const best = Math.max(0, ...[...met.values()].map(score => score.count));
  return [...met.entries()]
    .filter(([, score]) => score.count * 2 >= best)
    .sort(
      ([a, one], [b, other]) =>
        other.count - one.count || other.weight - one.weight || a - b
    )
    .map(([place]) => place);
}
