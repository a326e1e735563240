/**
 * Incidents as the server folds them, with their timeline and evidence.
 */

import type { KeysApi } from '../api';
import type {
  Act,
  Change,
  EvidenceItem,
  Incident,
  LedgerRecord,
  OpenRequest,
  Runbook,
  StepState
} from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { KeysError } from '../request';
import { Observable } from './observable';

/** All incidents this page knows. */
export class IncidentsModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** Open incidents, newest first. */
  get open(): ReadonlyArray<Incident> {
    return [...this._incidents.values()]
      .filter(incident => incident.closed_at === null)
      .sort((a, b) => b.opened_at.localeCompare(a.opened_at));
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

  /** Append what a person did. */
  async act(id: string, act: Act): Promise<Incident> {
    this._acting += 1;
    this.touch();
    try {
      return this._take(await this._api.act(id, act));
    } finally {
      this._acting -= 1;
      this.touch();
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
    const before = this._incidents.get(incident.id);
    if (before && before.n > incident.n) {
      return before;
    }
    this._incidents.set(incident.id, incident);
    if (before && before.n !== incident.n) {
      void this._quietly(() => this._follow(incident.id));
    }
    this.touch();
    return incident;
  }

  /** Bring up to date what of the incident was shown already. */
  private async _follow(id: string): Promise<void> {
    if (this._records.has(id)) {
      await this.loadTimeline(id);
    }
    if (this._evidence.has(id)) {
      await this.loadEvidence(id);
    }
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
  private _read = false;
  private _acting = 0;
}

/** The step that is the next thing to do; null in an incident that has none. */
export function stepInFocus(incident: Incident): StepState | null {
  return incident.steps.find(step => step.id === incident.focus) ?? null;
}

/** Whether a step needs nothing more. */
export function isSettled(step: StepState): boolean {
  return ['done', 'failed', 'skipped'].includes(step.state);
}
