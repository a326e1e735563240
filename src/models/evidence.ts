/**
 * What the panel knows of bundles, checkpoints and kept bytes; what is under way goes on while other views are shown.
 */

import { nameOf } from '../attaching';
import type {
  Change,
  CheckpointState,
  CheckpointText,
  Compliance,
  EvidenceItem,
  EvidencePreview,
  ExportProgress,
  Incident,
  RedactionFinding
} from '../contract';
import type { IComplianceQuery } from '../evidenceapi';
import { EvidenceApi } from '../evidenceapi';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import type { KeysError } from '../request';
import { base64 } from '../uploading';
import { asKeysError } from './catalog';
import type { Desk } from './desk';
import { Observable } from './observable';

/** The subject of hints on exports that are further than before. */
const EXPORTS = 'exports';

/** What an export of a period is called while it goes on. */
export function periodName(start: string, end: string): string {
  return `period-${start}-${end}`;
}

/** What the job of an export is called. */
function jobOf(id: string): string {
  return id.startsWith('period-') ? 'export-period' : `export:${id}`;
}

/** How many kept things stay in memory once they were looked at. */
const MOST_KEPT = 40;

/** Something that was asked of the server, and how it stands. */
export interface IJob<T> {
  /** What it is about, in a word of the person's. */
  about: string;
  /** Since when it is under way, in ms; null when it is not. */
  since: number | null;
  result: T | null;
  error: KeysError | null;
}

const NO_JOB: IJob<never> = {
  about: '',
  since: null,
  result: null,
  error: null
};

/** Bundles, checkpoints and kept bytes. */
export class EvidenceModel extends Observable {
  constructor(private _desk: Desk) {
    super();
    this.api = new EvidenceApi(_desk.api.settings);
    _desk.feed.hinted.connect(this._onHint, this);
  }

  readonly api: EvidenceApi;

  /** How well the ledger is anchored elsewhere, once it was read. */
  get checkpoint(): CheckpointState | null {
    return this._checkpoint;
  }

  /** The checkpoint that was taken last on this page. */
  get taken(): CheckpointText | null {
    return this._taken;
  }

  /** Every incident, closed ones too, newest first, once they were read. */
  get incidents(): ReadonlyArray<Incident> | null {
    return this._incidents;
  }

  /** How something that was asked for stands. */
  job<T>(name: string): IJob<T> {
    return (this._jobs.get(name) as IJob<T> | undefined) ?? NO_JOB;
  }

  /** Ask for something; while it is under way, asking again does nothing. */
  async work<T>(
    name: string,
    about: string,
    ask: () => Promise<T>
  ): Promise<T | null> {
    if (this.job(name).since !== null) {
      return null;
    }
    this._set(name, { ...NO_JOB, about, since: Date.now() });
    try {
      const result = await ask();
      this._set(name, { ...NO_JOB, about, result });
      return result;
    } catch (reason) {
      this._set(name, { ...NO_JOB, about, error: asKeysError(reason) });
      return null;
    }
  }

  /** How far an export is; null when none of it goes on. */
  going(id: string): ExportProgress | null {
    return this._exporting.find(one => one.id === id) ?? null;
  }

  /** Whether a person has asked an export to stop, and it has not yet. */
  isStopping(id: string): boolean {
    return this._stopping.has(id);
  }

  /** Read how far exports are, also those that another page began. */
  async lookAtExports(): Promise<void> {
    const { exporting, ended } = await this.api.exporting();
    const seen = ended.filter(({ id }) => this.going(id) !== null);
    this._take(exporting);
    for (const { id, exported } of seen) {
      const name = jobOf(id);
      // Who asked for it on this page is answered; a page that was loaded meanwhile has only this.
      if (this.going(id) === null && this.job(name).since === null) {
        this._set(name, { ...NO_JOB, about: name, result: exported });
      }
    }
  }

  /** Stop an export. */
  async stopExport(id: string): Promise<void> {
    this._stopping.add(id);
    this.touch();
    try {
      await this.api.stopExport(id);
    } catch (reason) {
      this._stopping.delete(id);
      // It may have ended before it could be stopped; what came of it stands where it was begun.
      if (asKeysError(reason).code !== 'NOT_EXPORTING') {
        throw reason;
      }
    }
  }

  /** Forget how something ended. */
  forget(name: string): void {
    if (this.job(name).since === null) {
      this._jobs.delete(name);
      this.touch();
    }
  }

  /** Read how well the ledger is anchored. */
  async loadCheckpoint(): Promise<void> {
    this._checkpoint = await this.api.checkpoint();
    this.touch();
  }

  /** Let a checkpoint leave; that it left is recorded. */
  async takeCheckpoint(outlet: string): Promise<CheckpointText> {
    this._taken = await this.api.takeCheckpoint(outlet);
    this.touch();
    await this.loadCheckpoint();
    return this._taken;
  }

  /** Read every incident. */
  async loadIncidents(): Promise<void> {
    const { incidents } = await this._desk.api.incidents();
    this._incidents = [...incidents].sort((a, b) =>
      b.opened_at.localeCompare(a.opened_at)
    );
    this.touch();
  }

  /** Read what is kept under an incident, and what its records say of it. */
  async readAgain(id: string): Promise<void> {
    const { incidents } = this._desk;
    await Promise.all([
      incidents.load(id),
      incidents.loadEvidence(id),
      incidents.loadTimeline(id),
      this._loadFindings(id)
    ]);
  }

  /**
   * Keep files under an incident, one after another; a refusal ends it and stands in the job `attach:<id>`.
   *
   * @returns the names of those that are kept
   */
  async attach(
    id: string,
    files: ReadonlyArray<File>,
    step: string | null
  ): Promise<string[]> {
    const kept: string[] = [];
    for (const file of files) {
      const done = await this.work(`attach:${id}`, file.name, async () =>
        this.api.attach(id, {
          name: nameOf(file, new Date()),
          data: await base64(file),
          step
        })
      );
      if (done === null) {
        break;
      }
      kept.push(file.name);
    }
    await this._desk.attempt(() => this.readAgain(id));
    return kept;
  }

  /** What can be looked at of a kept thing; its bytes never change, so it is asked for once. */
  preview(incident: string, item: EvidenceItem): Promise<EvidencePreview> {
    const name = `${incident}/${item.id}`;
    const known = this._previews.get(name);
    if (known) {
      return known;
    }
    const asked = this.api.preview(incident, item.id);
    this._previews.set(name, asked);
    // What could not be read is asked for again the next time.
    asked.catch(() => this._previews.delete(name));
    const [oldest] = this._previews.keys();
    if (this._previews.size > MOST_KEPT) {
      this._previews.delete(oldest);
    }
    return asked;
  }

  /** What redaction found under an incident, once it was read. */
  findings(id: string): ReadonlyArray<RedactionFinding> {
    return this._findings.get(id) ?? [];
  }

  /** Say that a finding is no secret. */
  async clear(id: string, commitment: string, reason: string): Promise<void> {
    const { findings } = await this.api.clear(id, { commitment, reason });
    this._findings.set(id, findings);
    this.touch();
    await this._desk.incidents.loadTimeline(id);
  }

  /** The incidents that pass the filters, once they were read. */
  get compliance(): Compliance | null {
    return this._compliance;
  }

  /** Count incidents; an older answer never takes the place of a newer one. */
  async loadCompliance(query: IComplianceQuery): Promise<void> {
    this._asked += 1;
    const asked = this._asked;
    const found = await this.api.compliance(query);
    if (asked === this._asked) {
      this._compliance = found;
      this.touch();
    }
  }

  private async _loadFindings(id: string): Promise<void> {
    const { findings } = await this.api.findings(id);
    this._findings.set(id, findings);
    this.touch();
  }

  private _take(exporting: ReadonlyArray<ExportProgress>): void {
    this._exporting = exporting;
    for (const id of this._stopping) {
      if (this.going(id) === null) {
        this._stopping.delete(id);
      }
    }
    this.touch();
  }

  private _set(name: string, job: IJob<unknown>): void {
    this._jobs.set(name, job);
    this.touch();
  }

  /** Every record makes the distance to the last checkpoint longer. */
  private _onHint(_: ChangeFeed, change: Change | null): void {
    if (change?.id === EXPORTS) {
      this.lookAtExports().catch(() => undefined);
      return;
    }
    const ours = change?.kind === 'evidence' || change?.kind === 'incident';
    if (this._checkpoint !== null && (meansAll(change) || ours)) {
      // What cannot be read on a hint is read when a view is opened.
      this.loadCheckpoint().catch(() => undefined);
    }
  }

  private _exporting: ReadonlyArray<ExportProgress> = [];
  private _stopping = new Set<string>();
  private _checkpoint: CheckpointState | null = null;
  private _taken: CheckpointText | null = null;
  private _incidents: Incident[] | null = null;
  private _jobs = new Map<string, IJob<unknown>>();
  private _previews = new Map<string, Promise<EvidencePreview>>();
  private _findings = new Map<string, RedactionFinding[]>();
  private _compliance: Compliance | null = null;
  private _asked = 0;
}

const MADE = new WeakMap<Desk, EvidenceModel>();

/** The evidence that belongs to a desk: always the same model. */
export function evidenceOf(desk: Desk): EvidenceModel {
  const known = MADE.get(desk) ?? new EvidenceModel(desk);
  MADE.set(desk, known);
  return known;
}
