/**
 * The server's routes of evidence, one typed function each; loaded with the first view that needs one.
 */

import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

import type {
  AttachRequest,
  CheckpointState,
  CheckpointText,
  ClearRequest,
  Collection,
  CollectRequest,
  Comparison,
  Compliance,
  EvidenceList,
  EvidencePreview,
  Exported,
  ExportingList,
  FindingList,
  PeriodRequest,
  Verified,
  VerifyRequest
} from './contract';
import { NAMESPACE, request } from './request';

/** Which incidents to count; null for all. */
export interface IComplianceQuery {
  start: string | null;
  end: string | null;
  runbook: string | null;
  severity: string | null;
  rehearsal: 'no' | 'only' | 'all';
}

/** What the views of evidence ask the server for. */
export class EvidenceApi {
  /**
   * @param settings - the settings of the application's service manager
   */
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** When a checkpoint last left this machine, and what that means. */
  checkpoint(): Promise<CheckpointState> {
    return request(this.settings, 'evidence/checkpoint');
  }

  /** Take a checkpoint to keep elsewhere. */
  takeCheckpoint(outlet: string): Promise<CheckpointText> {
    return this._send('evidence/checkpoint', { outlet });
  }

  /** Write the bundle of an incident into the workspace. */
  export(id: string): Promise<Exported> {
    return this._send(`incidents/${encodeURIComponent(id)}/bundle`, {});
  }

  /** Write the bundle of a period into the workspace. */
  exportPeriod(body: PeriodRequest): Promise<Exported> {
    return this._send('evidence/period', body);
  }

  /** How far the exports of this server are. */
  exporting(): Promise<ExportingList> {
    return request(this.settings, 'evidence/exporting');
  }

  /** Stop an export; it leaves nothing behind. */
  stopExport(id: string): Promise<ExportingList> {
    const path = `evidence/exporting/${encodeURIComponent(id)}`;
    return request(this.settings, path, { method: 'DELETE' });
  }

  /** Keep what a notebook shows as it is saved. */
  collect(body: CollectRequest): Promise<Collection> {
    return this._send('evidence/collect', body);
  }

  /** Verify a bundle. */
  verify(body: VerifyRequest): Promise<Verified> {
    return this._send('evidence/verify', body);
  }

  /** What differs between two runs. */
  compare(left: string, right: string): Promise<Comparison> {
    const pair = [left, right].map(encodeURIComponent).join('/');
    return request(this.settings, `evidence/compare/${pair}`);
  }

  /** Keep a file as evidence. */
  attach(id: string, body: AttachRequest): Promise<EvidenceList> {
    return this._send(`incidents/${encodeURIComponent(id)}/attachments`, body);
  }

  /** What can be looked at of a kept thing; nothing of it is to be executed. */
  preview(incident: string, item: string): Promise<EvidencePreview> {
    return request(this.settings, itemPath(incident, item));
  }

  /** What redaction found under an incident. */
  findings(id: string): Promise<FindingList> {
    const path = `incidents/${encodeURIComponent(id)}/findings`;
    return request(this.settings, path);
  }

  /** Say that a finding is no secret. */
  clear(id: string, body: ClearRequest): Promise<FindingList> {
    const path = `incidents/${encodeURIComponent(id)}/findings/cleared`;
    return this._send(path, body);
  }

  /** All incidents by framework and month. */
  compliance(query: IComplianceQuery): Promise<Compliance> {
    return request(this.settings, 'evidence/compliance', {
      query: { ...query }
    });
  }

  /** Where the bytes of a kept thing are saved from. */
  itemUrl(incident: string, item: string): string {
    const path = `${itemPath(incident, item)}/file`;
    return URLExt.join(this.settings.baseUrl, NAMESPACE, path);
  }

  /** Where a bundle is saved from; null where it is not in the workspace. */
  bundleUrl(made: Exported): string | null {
    return made.download === null
      ? null
      : URLExt.join(this.settings.baseUrl, NAMESPACE, made.download);
  }

  private _send<T>(path: string, body: unknown): Promise<T> {
    return request(this.settings, path, { method: 'POST', body });
  }
}

function itemPath(incident: string, item: string): string {
  const [id, name] = [incident, item].map(encodeURIComponent);
  return `incidents/${id}/evidence/${name}`;
}
