/**
 * Runs: what was started here or is looked at, brought up to date on hints.
 *
 * The server's record is the truth; a reply older than what is known is dropped.
 */

import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { KeysApi } from '../api';
import type { Change, Run, RunRequest } from '../contract';
import type { ChangeFeed } from '../events';
import { KeysError } from '../request';
import { Observable } from './observable';

/** How much of a run's text is kept for the tail, in characters. */
const TAIL_LENGTH = 4000;

const OPEN_STATES = ['REQUESTED', 'PREPARED', 'STARTING', 'RUNNING'];

/** Whether a run has ended. */
export function hasEnded(run: Run): boolean {
  return !OPEN_STATES.includes(run.state);
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
    return this._take(await this._api.start(request));
  }

  /** Read a run again. */
  async load(id: string): Promise<Run> {
    return this._take(await this._api.run(id));
  }

  /** Read the runs of an incident or of a key. */
  async list(query: { incident?: string; key?: string }): Promise<void> {
    const { runs } = await this._api.runs(query);
    runs.forEach(run => this._take(run));
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
    if (change === null) {
      [...this._runs.values()]
        .filter(run => !hasEnded(run))
        .forEach(run => void this._look(run.id));
      return;
    }
    const known = this._runs.get(change.id);
    if (change.kind === 'run' && known) {
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
    try {
      await this.load(id);
    } catch (error) {
      if (!(error instanceof KeysError)) {
        throw error;
      }
    } finally {
      this._looking.delete(id);
    }
    if (this._again.delete(id)) {
      await this._look(id);
    }
  }

  private _runs = new Map<string, Run>();
  private _tails = new Map<string, { text: string; end: number }>();
  private _cancelling = new Set<string>();
  private _looking = new Set<string>();
  private _again = new Set<string>();
  private _moved = new Signal<this, IRunMove>(this);
}

/** Whether a reply says more than what is known: an end is final, else the record decides. */
function isNewer(run: Run, known: Run): boolean {
  return hasEnded(run) === hasEnded(known) ? run.n >= known.n : hasEnded(run);
}

/** A run before and after a change. */
export interface IRunMove {
  /** As it was known; null when it was not. */
  before: Run | null;
  /** As it is. */
  run: Run;
}

/** A name for a run that no other run has. */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
