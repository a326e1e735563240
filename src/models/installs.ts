/**
 * What is installed and what is being installed, by whichever page began it.
 */

import { Poll } from '@lumino/polling';

import type { KeysApi } from '../api';
import type {
  Change,
  InstalledRow,
  InstallProgress,
  Removed
} from '../contract';
import type { ChangeFeed } from '../events';
import type { CatalogModel } from './catalog';
import { quietly } from './catalog';
import { Observable } from './observable';

/** How often the server is asked how far an install is, in ms. */
const INTERVAL = 500;

/** Installs of this server and versions of this workspace. */
export class InstallsModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed,
    private _catalog: CatalogModel
  ) {
    super();
    _catalog.changed.connect(this._onCatalog, this);
    feed.hinted.connect(this._onHint, this);
  }

  /** How far an install of a key is; null when none is going on. */
  going(slug: string): InstallProgress | null {
    return (
      this._going.find(one => one.slug === slug) ??
      (this._catalog.isInstalling(slug)
        ? { slug, waiting: false, bytes: 0, total: null }
        : null)
    );
  }

  /** Whether a person has asked an install to stop, and it has not yet. */
  isStopping(slug: string): boolean {
    return this._stopping.has(slug);
  }

  /** The installed versions of a key; null before they were read. */
  of(slug: string): ReadonlyArray<InstalledRow> | null {
    return this._rows?.filter(row => row.slug === slug) ?? null;
  }

  /** Read what is installed. */
  async load(): Promise<void> {
    this._rows = (await this._api.installed()).installed;
    this.touch();
  }

  /** Ask for installs that go on, also those of before a reload, and follow them to their ends. */
  async look(): Promise<void> {
    this._take((await this._api.installing()).installing);
  }

  /** Stop an install. */
  async stop(slug: string): Promise<void> {
    this._stopping.add(slug);
    this.touch();
    await this._api.stopInstall(slug);
  }

  /** Use an installed version from now on. */
  async use(slug: string, version: string): Promise<void> {
    this._rows = (await this._api.useVersion(slug, version)).installed;
    this.touch();
    await this._reread(slug);
  }

  /** Take an installed version away. */
  async remove(slug: string, version: string): Promise<Removed> {
    const removed = await this._api.removeVersion(slug, version);
    await this._reread(slug);
    return removed;
  }

  private async _reread(slug: string): Promise<void> {
    await Promise.all([
      this.load(),
      this._catalog.refresh(),
      quietly(this._catalog.loadDetail(slug))
    ]);
  }

  private _take(going: ReadonlyArray<InstallProgress>): void {
    const ended = this._going.some(
      one => !going.some(other => other.slug === one.slug)
    );
    const moved = JSON.stringify(going) !== JSON.stringify(this._going);
    this._going = going;
    this._settle();
    if (going.length > 0) {
      this._poll ??= this._startPoll();
    }
    if (ended && this._rows !== null) {
      void quietly(this.load());
    }
    if (moved) {
      this.touch();
    }
  }

  /** Ask until no install goes on here or there. */
  private _startPoll(): Poll {
    return new Poll({
      factory: async () => {
        await quietly(this.look());
        const ours = this._catalog.installing.length > 0;
        if (this._going.length === 0 && !ours) {
          this._poll?.dispose();
          this._poll = null;
        }
      },
      frequency: { interval: INTERVAL, backoff: false },
      standby: 'when-hidden',
      name: 'keys-jupyter:installing'
    });
  }

  private _onCatalog(): void {
    if (this._catalog.installing.length > 0) {
      this._poll ??= this._startPoll();
    }
    this._settle();
    this.touch();
  }

  /** What has stopped is no longer stopping. */
  private _settle(): void {
    for (const slug of this._stopping) {
      if (this.going(slug) === null) {
        this._stopping.delete(slug);
      }
    }
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    if (change?.kind === 'catalog' && this._rows !== null) {
      void quietly(this.load());
    }
  }

  private _rows: ReadonlyArray<InstalledRow> | null = null;
  private _going: ReadonlyArray<InstallProgress> = [];
  private _stopping = new Set<string>();
  private _poll: Poll | null = null;
}
