/**
 * Whether runbooks could be worked now; looked at one after the other, and not again for a while.
 */

import type { KeysApi } from '../api';
import type { Change, Readiness } from '../contract';
import type { ChangeFeed } from '../events';
import { quietly } from './catalog';
import { Observable } from './observable';

/** How long an answer is taken for present, in ms. */
const FRESH = 60000;

/** What is known of the readiness of runbooks. */
export class ReadinessModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** What was found last; null before the first look. */
  get(slug: string): Readiness | null {
    return this._known.get(slug)?.readiness ?? null;
  }

  /** Look, unless that was done a moment ago. */
  want(slug: string): void {
    const known = this._known.get(slug);
    const fresh = known !== undefined && Date.now() - known.at < FRESH;
    if (!fresh && !this._wanted.includes(slug)) {
      this._wanted.push(slug);
      void this._work();
    }
  }

  /** Look anew at what was shown: it is known to be from before a change. */
  again(slug: string): void {
    const known = this._known.get(slug);
    if (known) {
      this._known.set(slug, { ...known, at: 0 });
      this.want(slug);
    }
  }

  private async _work(): Promise<void> {
    if (this._busy) {
      return;
    }
    this._busy = true;
    for (let slug = this._wanted[0]; slug; slug = this._wanted[0]) {
      const before = this._changes;
      await quietly(this._look(slug));
      if (before === this._changes) {
        this._wanted.shift();
      }
    }
    this._busy = false;
  }

  private async _look(slug: string): Promise<void> {
    const readiness = await this._api.readiness(slug);
    this._known.set(slug, { readiness, at: Date.now() });
    this.touch();
  }

  /** An install or a sign-in can change every answer. */
  private _onHint(_: ChangeFeed, change: Change | null): void {
    if (change?.kind === 'catalog') {
      this._changes += 1;
      [...this._known.keys()].forEach(slug => this.again(slug));
    }
  }

  private _known = new Map<string, { readiness: Readiness; at: number }>();
  private _wanted: string[] = [];
  private _busy = false;
  /** How often something changed; an answer from before is asked for again. */
  private _changes = 0;
}
