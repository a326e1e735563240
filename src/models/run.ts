/**
 * Runs: what was started here or is looked at, brought up to date on hints.
 *
 * The server's record is the truth; a reply older than what is known is dropped.
 */

import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { KeysApi } from '../api';
import type { Change, Run, RunRequest } from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { quietly } from './catalog';
import { Observable } from './observable';

/** How much of a run's text is kept for the tail, in characters. */
const TAIL_LENGTH = 4000;

const OPEN_STATES = ['REQUESTED', 'PREPARED', 'STARTING', 'RUNNING'];

/** Whether a run has ended. */
export function hasEnded(run: Run): boolean {
  return !OPEN_STATES.includes(run.state);
}

/** Whether a person runs it in the opened notebook. */
export function isYours(run: Run): boolean {
  return run.mode === 'interactive';
}

/** All runs this page knows. */
export class RunsModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** A run is newer than before; the arguments are the run as it was and as it is. */
  get moved(): ISignal<this, IRunMove> {
    return this._moved;
  }

  /** A run, once it was read. */
  get(id: string): Run | null {
    return this._runs.get(id) ?? null;
  }

  /** The end of what a run printed. */
  tail(id: string): string {
    return this._tails.get(id)?.text ?? '';
  }

  /** Whether a cancel was asked for and the run has not ended. */
  isCancelling(id: string): boolean {
    const run = this.get(id);
    return this._cancelling.has(id) && run !== null && !hasEnded(run);
  }

  /** Known runs of a step of an incident, newest first. */
  ofStep(incident: string, step: string): Run[] {
    return this._select(run => run.incident === incident && run.step === step);
  }

  /** Known runs of a key, newest first. */
  ofKey(key: string): Run[] {
    return this._select(run => run.key === key);
  }

  /** Start a run. */
  async start(request: RunRequest): Promise<Run> {
    const run = await this._api.start(request);
    this._started.add(run.id);
    return this._take(run);
  }

  /** Whether a run was started on this page. */
  isFromHere(id: string): boolean {
    return this._started.has(id);
  }

  /** Read a run again. */
  async load(id: string): Promise<Run> {
    return this._take(await this._api.run(id));
  }

  /** Known runs that have not ended, the one asked for first first. */
  get open(): Run[] {
    return this._select(run => !hasEnded(run)).reverse();
  }

  /** Known runs of an incident, newest first. */
  ofIncident(incident: string): Run[] {
    return this._select(run => run.incident === incident);
  }

  /** Read the runs of an incident, of a key, or all. */
  async list(query: IRunQuery): Promise<void> {
    const { runs } = await this._api.runs(query);
    runs.forEach(run => this._take(run));
  }

  /** Read the runs that have not ended, unless the server says that there are none. */
  async recover(): Promise<void> {
    const { open_runs } = await this._api.status();
    if (open_runs > 0) {
      await this.list({});
    }
  }

  /** Read a list again when a run may have joined it, until the returned object is disposed. */
  follow(query: IRunQuery): IDisposable {
    this._followed.add(query);
    return new DisposableDelegate(() => this._followed.delete(query));
  }

  /** Ask a run to stop. */
  async cancel(id: string): Promise<void> {
    this._cancelling.add(id);
    this.touch();
    try {
      this._take(await this._api.cancel(id));
    } catch (error) {
      this._cancelling.delete(id);
      this.touch();
      throw error;
    }
  }

  /** End a run that a person ran, with what its saved notebook shows. */
  async collect(id: string): Promise<void> {
    this._take(await this._api.collect(id));
  }

  /** Read on where the tail ends. */
  async readTail(id: string): Promise<void> {
    const known = this._tails.get(id) ?? { text: '', end: 0 };
    const more = await this._api.output(id, known.end);
    if (more.end === known.end) {
      return;
    }
    const text = (known.text + more.text).slice(-TAIL_LENGTH);
    this._tails.set(id, { text, end: more.end });
    this.touch();
  }

  private _select(wanted: (run: Run) => boolean): Run[] {
    return [...this._runs.values()]
      .filter(wanted)
      .sort((a, b) => b.requested_at.localeCompare(a.requested_at));
  }

  private _take(run: Run): Run {
    const before = this._runs.get(run.id) ?? null;
    if (before !== null && !isNewer(run, before)) {
      return before;
    }
    this._runs.set(run.id, run);
    this._moved.emit({ before, run });
    this.touch();
    return run;
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    const all = meansAll(change);
    if (all) {
      this.open.forEach(run => void this._look(run.id));
    }
    const joined = change?.kind === 'run' && !this._runs.has(change.id);
    if (all || joined) {
      this._followed.forEach(query => void quietly(this.list(query)));
    } else if (change?.kind === 'run') {
      void this._look(change.id);
    }
  }

  /** Read again because of a hint; what cannot be read now is read at the next one. */
  private async _look(id: string): Promise<void> {
    if (this._looking.has(id)) {
      this._again.add(id);
      return;
    }
    this._looking.add(id);
    await quietly(this.load(id)).finally(() => this._looking.delete(id));
    if (this._again.delete(id)) {
      await this._look(id);
    }
  }

  private _runs = new Map<string, Run>();
  private _tails = new Map<string, { text: string; end: number }>();
  private _started = new Set<string>();
  private _cancelling = new Set<string>();
  private _followed = new Set<IRunQuery>();
  private _looking = new Set<string>();
  private _again = new Set<string>();
  private _moved = new Signal<this, IRunMove>(this);
}

/** Whether a reply says more than what is known: an end is final, else the record decides. */
function isNewer(run: Run, known: Run): boolean {
  return hasEnded(run) === hasEnded(known) ? run.n >= known.n : hasEnded(run);
}

/** Which runs are meant; all when nothing is named. */
export interface IRunQuery {
  incident?: string;
  key?: string;
}

/** A run before and after a change. */
export interface IRunMove {
  /** As it was known; null when it was not. */
  before: Run | null;
  /** As it is. */
  run: Run;
}
