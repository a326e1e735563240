/**
 * The catalogue as it is looked at: what is searched and chosen, kept while other views are open.
 */

import type { KeyRow } from '../contract';
import type { CatalogModel } from './catalog';
import type { Fact, IFilter, IFound, Standing } from './filter';
import { applied, EVERYTHING } from './filter';
import { Observable } from './observable';
import { SearchIndex } from './search';

/** What a person looks for in the catalogue. */
export class BrowseModel extends Observable {
  constructor(private _catalog: CatalogModel) {
    super();
    _catalog.changed.connect(this._onCatalog, this);
  }

  /** Where the list was scrolled to, in px, and which row had the focus. */
  top = 0;
  active = 0;

  /** What is chosen. */
  get filter(): IFilter {
    return this._filter;
  }

  /** The rows of the catalogue, ready for searching. */
  get index(): SearchIndex {
    const rows = this._catalog.catalog?.keys ?? NONE;
    if (this._index.rows !== rows) {
      this._index = new SearchIndex(rows);
      readOn(this._index);
    }
    return this._index;
  }

  /** What is left; the same object until something changed. */
  get found(): IFound {
    this._found ??= applied(this.index, this._filter);
    return this._found;
  }

  /** Look for words. */
  search(query: string): void {
    this._change({ query });
  }

  /** Show keys that stand so. */
  stand(standing: Standing): void {
    this._change({ standing });
  }

  /** Show keys with this value of a fact; with any when it is empty. */
  choose(fact: Fact, value: string): void {
    this._change({ facts: { ...this._filter.facts, [fact]: value } });
  }

  /** Show everything. */
  reset(): void {
    this._change(EVERYTHING);
  }

  private _change(change: Partial<IFilter>): void {
    this._filter = { ...this._filter, ...change };
    this._found = null;
    this.top = 0;
    this.active = 0;
    this.touch();
  }

  private _onCatalog(): void {
    if (this._catalog.catalog?.keys !== this._index.rows) {
      this._found = null;
      this.touch();
    }
  }

  private _filter: IFilter = EVERYTHING;
  private _found: IFound | null = null;
  private _index = new SearchIndex([]);
}

const NONE: ReadonlyArray<KeyRow> = [];

/** How many rows are read at once for pasted texts: no keystroke waits longer. */
const PORTION = 250;

/** Make an index ready little by little; a text pasted meanwhile waits for the rest. */
function readOn(index: SearchIndex): void {
  window.setTimeout(() => {
    if (!index.prepare(PORTION)) {
      readOn(index);
    }
  }, 20);
}
