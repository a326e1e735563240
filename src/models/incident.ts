/**
 * Incidents as the server folds them, with their timeline and evidence.
 */

import type { KeysApi } from '../api';
import type {
  Act,
  AttachRequest,
  Change,
  EvidenceItem,
  Incident,
  LedgerRecord,
  LinkRequest,
  OpenRequest,
  RunAttachRequest,
  Runbook,
  StepState
} from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { KeysError } from '../request';
import { ServerClock } from './serverclock';
import { Observable } from './observable';
import type { IStale } from './others';
import { NEWS } from './others';
import { byUrgency } from './urgency';

/** All incidents this page knows. */
export class IncidentsModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** The server's time. */
  readonly clock = new ServerClock();

  /** An act on an incident that was refused, until a person decided; null when there is none. */
  stale(id: string): IStale | null {
    return this._stale.get(id) ?? null;
  }

  /** What others recorded since a person last said to have seen it. */
  news(id: string): ReadonlyArray<LedgerRecord> {
    return this._news.get(id) ?? [];
  }

  /** A person has seen what others recorded. */
  seen(id: string): void {
    this._news.delete(id);
    this.touch();
  }

  /** Open incidents, the most urgent first. */
  get open(): ReadonlyArray<Incident> {
    return [...this._incidents.values()]
      .filter(incident => incident.closed_at === null)
      .sort(byUrgency);
  }

  /** An incident, once it was read. */
  get(id: string): Incident | null {
    return this._incidents.get(id) ?? null;
  }

  /** The records read so far, in order. */
  records(id: string): ReadonlyArray<LedgerRecord> {
    return this._records.get(id) ?? [];
  }

  /** What is kept under the incident, as far as it was read. */
  evidence(id: string): ReadonlyArray<EvidenceItem> | null {
    return this._evidence.get(id) ?? null;
  }

  /** The runbook as it was when the incident was opened, once it was read. */
  runbook(id: string): Runbook | null {
    return this._runbooks.get(id) ?? null;
  }

  /** Whether an act is on its way. */
  get isActing(): boolean {
    return this._acting > 0;
  }

  /** Read all incidents. */
  async refresh(): Promise<void> {
    this._read = true;
    const { incidents } = await this._api.incidents();
    incidents.forEach(incident => this._take(incident));
    this.touch();
  }

  /** Open an incident on a runbook. */
  async start(request: OpenRequest): Promise<Incident> {
    return this._take(await this._api.open(request));
  }

  /** Read one incident. */
  async load(id: string): Promise<Incident> {
    this._read = true;
    return this._take(await this._api.incident(id));
  }

  /** Read the runbook the incident was opened on; it never changes. */
  async loadRunbook(id: string): Promise<void> {
    if (!this._runbooks.has(id)) {
      this._runbooks.set(id, await this._api.pinnedRunbook(id));
      this.touch();
    }
  }

  /** Read the runbook once more: an analysis was added to it. */
  async readRunbookAgain(id: string): Promise<void> {
    this._runbooks.set(id, await this._api.pinnedRunbook(id));
    this.touch();
  }

  /**
   * Append what a person did.
   *
   * @param after - the last record the person saw; the last one known here when left out
   * @returns how the incident stands then; null when somebody was faster and a person has to decide
   */
  async act(
    id: string,
    act: Act,
    after: number | null = this.get(id)?.n ?? null
  ): Promise<Incident | null> {
    try {
      const incident = await this._write(id, () =>
        this._api.act(id, { ...act, after })
      );
      this._stale.delete(id);
      return incident;
    } catch (error) {
      if (!(error instanceof KeysError) || error.code !== 'STALE') {
        throw error;
      }
      this._stale.set(id, { act, error });
      await this.load(id);
      this.touch();
      return null;
    }
  }

  /** Record what was refused after all, or leave it. */
  async decide(id: string, anyway: boolean): Promise<Incident | null> {
    const stale = this.stale(id);
    this._stale.delete(id);
    this.touch();
    return anyway && stale !== null
      ? this._write(id, () => this._api.act(id, { ...stale.act, after: null }))
      : null;
  }

  /** Go on in another runbook; the same one again answers the incident that is open already. */
  async link(id: string, request: LinkRequest): Promise<Incident> {
    const linked = this._take(await this._api.link(id, request));
    await this._quietly(async () => {
      await this.load(id);
    });
    return linked;
  }

  /** Keep a file as evidence. */
  async attach(id: string, request: AttachRequest): Promise<void> {
    const { evidence } = await this._api.attach(id, request);
    this._evidence.set(id, evidence);
    await this.load(id);
  }

  /** Put a run that was begun outside any step under one. */
  async attachRun(request: RunAttachRequest): Promise<Incident> {
    return this._take(await this._api.attachRun(request));
  }

  /** Write, and remember that what comes of it is one's own. */
  private async _write(
    id: string,
    send: () => Promise<Incident>
  ): Promise<Incident> {
    this._acting += 1;
    this.touch();
    try {
      const incident = await send();
      const own = this._own.get(id) ?? new Set<number>();
      this._own.set(id, own.add(incident.n));
      return this._take(incident);
    } finally {
      this._acting -= 1;
      this.touch();
      this._hearWhatWaited();
    }
  }

  /** Read the records that are new. */
  async loadTimeline(id: string): Promise<void> {
    const known = this._records.get(id) ?? [];
    const after = known.length ? known[known.length - 1].seq : -1;
    const { records } = await this._api.timeline(id, after);
    const fresh = records.filter(
      record => !known.some(other => other.seq === record.seq)
    );
    this._records.set(id, [...known, ...fresh]);
    this.touch();
  }

  /** Read what is kept. */
  async loadEvidence(id: string): Promise<void> {
    const { evidence } = await this._api.evidence(id);
    this._evidence.set(id, evidence);
    this.touch();
  }

  private _take(incident: Incident): Incident {
    this.clock.take(incident.now);
    const before = this._incidents.get(incident.id);
    if (before && before.n > incident.n) {
      return before;
    }
    this._incidents.set(incident.id, incident);
    if (before && before.n !== incident.n) {
      void this._quietly(() => this._follow(incident.id));
      void this._quietly(() => this._hear(incident.id, before.n, incident.n));
    }
    this.touch();
    return incident;
  }

  /** Bring up to date what of the incident was shown already. */
  private async _follow(id: string): Promise<void> {
    const known = this._runbooks
      .get(id)
      ?.sections.flatMap(({ steps }) => steps);
    const steps = this.get(id)?.steps ?? [];
    if (known && steps.length > known.length) {
      await this.readRunbookAgain(id);
    }
    if (this._records.has(id)) {
      await this.loadTimeline(id);
    }
    if (this._evidence.has(id)) {
      await this.loadEvidence(id);
    }
  }

  /** Look what others recorded between two states; nothing when all of it is one's own. */
  private async _hear(id: string, from: number, to: number): Promise<void> {
    if (this._acting > 0) {
      // Whether it is one's own is known once the act is answered.
      this._unheard.set(id, Math.min(from, this._unheard.get(id) ?? from));
      return;
    }
    const own = this._own.get(id) ?? new Set<number>();
    if (own.has(to) && to === from + 1) {
      return;
    }
    const { records } = await this._api.timeline(id, from);
    const fresh = records.filter(
      record => !own.has(record.seq) && NEWS.test(record.type)
    );
    if (fresh.length > 0) {
      const known = this._news.get(id) ?? [];
      const unheard = fresh.filter(
        record => !known.some(other => other.seq === record.seq)
      );
      this._news.set(id, [...known, ...unheard]);
      this.touch();
    }
  }

  private _hearWhatWaited(): void {
    if (this._acting > 0) {
      return;
    }
    const waited = [...this._unheard];
    this._unheard.clear();
    waited.forEach(([id, from]) => {
      const to = this.get(id)?.n ?? from;
      void this._quietly(() => this._hear(id, from, to));
    });
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    if (change === null || meansAll(change)) {
      if (this._read) {
        void this._quietly(() => this.refresh());
      }
      return;
    }
    const known = this._incidents.get(change.id);
    const news = !known || known.n < change.n;
    if (change.kind === 'incident' && news) {
      void this._quietly(async () => {
        await this.load(change.id);
      });
    }
  }

  /** What cannot be read on a hint is read at the next one. */
  private async _quietly(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof KeysError)) {
        throw error;
      }
    }
  }

  private _incidents = new Map<string, Incident>();
  private _records = new Map<string, LedgerRecord[]>();
  private _runbooks = new Map<string, Runbook>();
  private _evidence = new Map<string, EvidenceItem[]>();
  private _stale = new Map<string, IStale>();
  private _news = new Map<string, LedgerRecord[]>();
  private _own = new Map<string, Set<number>>();
  private _unheard = new Map<string, number>();
  private _read = false;
  private _acting = 0;
}

/** The step that is the next thing to do; null in an incident that has none. */
export function stepInFocus(incident: Incident): StepState | null {
  return incident.steps.find(step => step.id === incident.focus) ?? null;
}
