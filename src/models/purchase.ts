/**
 * Looking for a right after a checkout: with a limit, and never promising that it comes.
 */

import type { KeysApi } from '../api';
import type { CatalogModel } from './catalog';
import { asKeysError } from './catalog';
import { Observable } from './observable';

/** How often the right is asked for, and for how long, in ms. */
const EVERY = 5000;
const LIMIT = 600000;

/** How a search for a right stands. */
export type Looking = 'looking' | 'found' | 'gave_up' | 'stopped';

/** A search for a right. */
export interface IPurchase {
  slug: string;
  /** The page on which the key is bought. */
  url: string;
  /** When the search ends, in ms. */
  until: number;
  state: Looking;
  /** Why the last look told nothing; empty when it told something. */
  trouble: string;
}

/** The searches of this page. */
export class PurchasesModel extends Observable {
  constructor(
    private _api: KeysApi,
    private _catalog: CatalogModel,
    private _times: { every: number; limit: number } = {
      every: EVERY,
      limit: LIMIT
    }
  ) {
    super();
  }

  /** The search for the right to a key; null when nobody searched. */
  of(slug: string): IPurchase | null {
    return this._all.get(slug) ?? null;
  }

  /** Ask for the page on which a key is bought, and begin to look for the right. */
  async begin(slug: string): Promise<IPurchase> {
    const { url } = await this._api.checkout(slug);
    const until = Date.now() + this._times.limit;
    const begun: IPurchase = {
      slug,
      url,
      until,
      state: 'looking',
      trouble: ''
    };
    this._put(begun);
    this._wait(slug);
    return begun;
  }

  /** Look once, whether or not anybody bought anything; resolves to whether the right is there. */
  async look(slug: string): Promise<boolean> {
    const right = await this._api.entitlement(slug);
    if (right.state !== 'active') {
      return false;
    }
    await this._catalog.refresh();
    const known = this.of(slug);
    if (known !== null) {
      this._put({ ...known, state: 'found', trouble: '' });
    }
    return true;
  }

  /** Look no longer. */
  stop(slug: string): void {
    const known = this.of(slug);
    if (known?.state === 'looking') {
      this._put({ ...known, state: 'stopped' });
    }
  }

  private _wait(slug: string): void {
    window.clearTimeout(this._timers.get(slug));
    this._timers.set(
      slug,
      window.setTimeout(() => void this._turn(slug), this._times.every)
    );
  }

  /** One look of a search, and what follows from it. */
  private async _turn(slug: string): Promise<void> {
    if (this.of(slug)?.state !== 'looking') {
      return;
    }
    const trouble = await this.look(slug)
      .then(() => '')
      .catch(reason => asKeysError(reason).message);
    const known = this.of(slug);
    if (this.isDisposed || known?.state !== 'looking') {
      return;
    }
    const over = Date.now() >= known.until;
    this._put({ ...known, trouble, state: over ? 'gave_up' : 'looking' });
    if (!over) {
      this._wait(slug);
    }
  }

  private _put(purchase: IPurchase): void {
    this._all.set(purchase.slug, purchase);
    this.touch();
  }

  private _all = new Map<string, IPurchase>();
  private _timers = new Map<string, number>();
}
