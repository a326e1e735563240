/**
 * What there is: the keys and runbooks of every source, and what is installed.
 */

import type { IVersionedKey, KeysApi } from '../api';
import type {
  Catalog,
  Change,
  KeyDetail,
  KeyRow,
  Runbook,
  RunbookRow
} from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { KeysError } from '../request';
import { Observable } from './observable';

/** The catalogue with what was read of single keys and runbooks. */
export class CatalogModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** The catalogue; null before it was read. */
  get catalog(): Catalog | null {
    return this._catalog;
  }

  /** The runbooks, by severity and then by name. */
  get runbooks(): ReadonlyArray<RunbookRow> {
    return this._runbooks;
  }

  /** Keys that are not runbooks, by name. */
  get keys(): ReadonlyArray<KeyRow> {
    return this._keys;
  }

  /** Why the catalogue could not be read; null when it could. */
  get error(): KeysError | null {
    return this._error;
  }

  /** The row of a key. */
  row(slug: string): KeyRow | null {
    return this._catalog?.keys.find(row => row.slug === slug) ?? null;
  }

  /** A key whole, once it was read. */
  detail(slug: string): KeyDetail | null {
    return this._details.get(slug) ?? null;
  }

  /** A runbook whole, once it was read. */
  runbook(slug: string): Runbook | null {
    return this._texts.get(slug) ?? null;
  }

  /** Whether a key is being installed now. */
  isInstalling(slug: string): boolean {
    return this._installing.has(slug);
  }

  /** The keys that this page is having installed. */
  get installing(): ReadonlyArray<string> {
    return [...this._installing];
  }

  /** Read the catalogue and the runbooks. */
  async refresh(): Promise<void> {
    try {
      const [catalog, list] = await Promise.all([
        this._api.catalog(),
        this._api.runbooks()
      ]);
      this._catalog = catalog;
      this._runbooks = [...list.runbooks].sort(bySeverity);
      this._keys = catalog.keys
        .filter(row => row.kind !== 'runbook')
        .sort((a, b) => byName.compare(a.title, b.title));
      this._error = null;
    } catch (error) {
      this._error = asKeysError(error);
    }
    this.touch();
  }

  /** Read the catalogue unless it is there. */
  async ensure(): Promise<void> {
    if (this._catalog === null) {
      await this.refresh();
    }
  }

  /** Read one key whole. */
  async loadDetail(slug: string): Promise<void> {
    this._details.set(slug, await this._api.key(slug));
    this.touch();
  }

  /** Read one runbook whole. */
  async loadRunbook(slug: string): Promise<void> {
    this._texts.set(slug, await this._api.runbook(slug));
    this.touch();
  }

  /** Install a key, and read again what that changed; null when a person stopped it. */
  async install(
    slug: string,
    version: string | null
  ): Promise<IVersionedKey | null> {
    this._installing.add(slug);
    this.touch();
    try {
      const installed = await this._api.install(slug, version);
      await this.refresh();
      if (this._details.has(slug)) {
        await this.loadDetail(slug);
      }
      return installed;
    } catch (error) {
      if (asKeysError(error).code === 'CANCELLED') {
        return null;
      }
      throw error;
    } finally {
      this._installing.delete(slug);
      this.touch();
    }
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    const wrote = change?.kind === 'catalog' || change?.kind === 'store';
    if (wrote && this._catalog !== null) {
      void this._renew();
    } else if (meansAll(change) && this._error !== null) {
      void this.refresh();
    }
  }

  /** Read again all that was read; what cannot be read now stays as it was. */
  private async _renew(): Promise<void> {
    await this.refresh();
    const details = [...this._details.keys()].map(slug =>
      this.loadDetail(slug)
    );
    const texts = [...this._texts.keys()].map(slug => this.loadRunbook(slug));
    await Promise.all([...details, ...texts].map(quietly));
  }

  private _catalog: Catalog | null = null;
  private _runbooks: RunbookRow[] = [];
  private _keys: KeyRow[] = [];
  private _details = new Map<string, KeyDetail>();
  private _texts = new Map<string, Runbook>();
  private _installing = new Set<string>();
  private _error: KeysError | null = null;
}

/** Wait for something whose failure by the server is no news. */
export async function quietly(reading: Promise<unknown>): Promise<void> {
  try {
    await reading;
  } catch (error) {
    asKeysError(error);
  }
}

/** The error as one of ours; anything else is a fault of this page and is thrown on. */
export function asKeysError(error: unknown): KeysError {
  if (error instanceof KeysError) {
    return error;
  }
  throw error;
}

/** Compares titles; made once, because there may be thousands. */
const byName = new Intl.Collator();

/** Most severe first, then by name; no severity comes last. */
function bySeverity(a: RunbookRow, b: RunbookRow): number {
  if ((a.severity === null) !== (b.severity === null)) {
    return a.severity === null ? 1 : -1;
  }
  const severity = (a.severity ?? '').localeCompare(b.severity ?? '');
  return severity || a.title.localeCompare(b.title);
}
