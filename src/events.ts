/**
 * When to look again: the server's hints, a slow clock, a page that comes back.
 *
 * A hint carries nothing a person acts on; whoever hears one asks the server.
 */

import type { Event } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { KeysApi } from './api';
import type { Change } from './contract';

/** The event our server emits. */
export const CHANGE_SCHEMA = 'https://keys-jupyter/events/change/v1';

/** How long between two looks while a run or an incident is on screen, in ms. */
export const LOOK_INTERVAL = 10000;

/** How long between two attempts to reach a server that is gone, in ms. */
const RETRY_INTERVAL = 3000;

/** How long after the last answer we still call it live, in ms. */
const LIVE_FOR = 15000;

/**
 * Whether a hint names nothing in particular: all that is on screen may be old.
 *
 * Another process writing to the store is told in this way too; what it wrote, nobody here knows.
 */
export function meansAll(change: Change | null): boolean {
  return change === null || change.kind === 'store';
}

/** Tells models when something may have changed. */
export class ChangeFeed implements IDisposable {
  constructor(options: ChangeFeed.IOptions) {
    this._api = options.api;
    this._stream = options.stream;
    this._now = options.now ?? Date.now;
    this._interval = options.interval ?? LOOK_INTERVAL;
    this._retryInterval = options.interval ?? RETRY_INTERVAL;
    this._api.answered.connect(this._onAnswer, this);
    this._stream?.connect(this._onEmission, this);
    document.addEventListener('visibilitychange', this._onVisible);
  }

  /** Something is at record `n`; `null` means that nobody knows what is newer. */
  get hinted(): ISignal<this, Change | null> {
    return this._hinted;
  }

  /** The connection was lost, came back, or was heard from. */
  get heard(): ISignal<this, void> {
    return this._heard;
  }

  /** When the server last answered or sent something, in ms; null before that. */
  get heardAt(): number | null {
    return this._heardAt;
  }

  /** Since when the server cannot be reached, in ms; null while it can. */
  get lostSince(): number | null {
    return this._lostSince;
  }

  /** Whether what is on screen can be taken as present. */
  get live(): boolean {
    return (
      this._lostSince === null &&
      this._heardAt !== null &&
      this._now() - this._heardAt < LIVE_FOR
    );
  }

  /** Whether the feed is disposed. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Look again every ten seconds until the returned object is disposed.
   *
   * Whoever puts a run or an incident on screen asks for this.
   */
  watch(): IDisposable {
    this._watchers += 1;
    if (this._watchers === 1) {
      this._poll = this._startPoll();
    }
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (this._watchers === 0) {
        this._poll?.dispose();
        this._poll = null;
      }
    });
  }

  /** Stop listening. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll?.dispose();
    this._retry?.dispose();
    this._stream?.disconnect(this._onEmission, this);
    this._api.answered.disconnect(this._onAnswer, this);
    document.removeEventListener('visibilitychange', this._onVisible);
    Signal.clearData(this);
  }

  private _startPoll(): Poll {
    return new Poll({
      factory: async () => {
        this._hinted.emit(null);
      },
      frequency: { interval: this._interval, backoff: false },
      standby: 'when-hidden',
      name: 'keys-jupyter:look'
    });
  }

  /** Ask until there is an answer; whoever waits for one hears of it by `hinted`. */
  private _startRetry(): Poll {
    return new Poll({
      factory: async () => {
        await this._api.status().catch(() => undefined);
      },
      frequency: { interval: this._retryInterval, backoff: false },
      standby: 'when-hidden',
      name: 'keys-jupyter:retry'
    });
  }

  private _onEmission(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id !== CHANGE_SCHEMA) {
      return;
    }
    const { kind, id, n } = emission;
    if (typeof kind !== 'string' || typeof id !== 'string') {
      return;
    }
    this._note();
    this._hinted.emit(typeof n === 'number' ? { kind, id, n } : null);
  }

  private _onAnswer(_: KeysApi, answered: boolean): void {
    if (!answered) {
      this._lostSince = this._lostSince ?? this._now();
      this._retry ??= this._startRetry();
      this._heard.emit();
      return;
    }
    const returned = this._lostSince !== null;
    this._lostSince = null;
    this._retry?.dispose();
    this._retry = null;
    this._note();
    if (returned) {
      this._hinted.emit(null);
    }
  }

  private _note(): void {
    this._heardAt = this._now();
    this._heard.emit();
  }

  private _onVisible = (): void => {
    if (document.visibilityState === 'visible') {
      this._hinted.emit(null);
    }
  };

  private _api: KeysApi;
  private _stream: Event.Stream | null;
  private _now: () => number;
  private _interval: number;
  private _retryInterval: number;
  private _heardAt: number | null = null;
  private _lostSince: number | null = null;
  private _watchers = 0;
  private _poll: Poll | null = null;
  private _retry: Poll | null = null;
  private _isDisposed = false;
  private _hinted = new Signal<this, Change | null>(this);
  private _heard = new Signal<this, void>(this);
}

/** A namespace for `ChangeFeed` statics. */
export namespace ChangeFeed {
  /** What a feed listens to. */
  export interface IOptions {
    /** Whose answers tell whether the server is there. */
    api: KeysApi;
    /** The server's event stream, where the application has one. */
    stream: Event.Stream | null;
    /** The clock, in ms. */
    now?: () => number;
    /** Time between two looks, in ms. */
    interval?: number;
  }
}
