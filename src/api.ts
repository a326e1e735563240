/**
 * The server's routes, one typed function each.
 *
 * No state and no retries here; whether an answer came is told by a signal.
 */

import type { ServerConnection } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  Act,
  AttachRequest,
  CardList,
  Catalog,
  CellPreview,
  CellPreviewRequest,
  Checklist,
  CheckoutPage,
  Context,
  ContextRequest,
  Customised,
  Differences,
  Entitlement,
  EvidenceList,
  Incident,
  IncidentList,
  InstalledList,
  InstallingList,
  KeyDetail,
  LinkRequest,
  LintReport,
  MatchList,
  OpenRequest,
  OutputTail,
  ParametersReply,
  Prefill,
  Preview,
  Readiness,
  Removed,
  Requirements,
  Run,
  RunAttachRequest,
  RunList,
  RunRequest,
  Runbook,
  RunbookList,
  Session,
  SignInRequest,
  Status,
  SuitedList,
  Timeline
} from './contract';
import type { IRequestOptions } from './request';
import { KeysError, request } from './request';

/** A key and one of its versions. */
export interface IVersionedKey {
  slug: string;
  version: string;
}

/** What the models ask the server for. */
export class KeysApi {
  /**
   * @param settings - the settings of the application's service manager
   */
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** True when the server answered anything, false when it could not be reached. */
  get answered(): ISignal<this, boolean> {
    return this._answered;
  }

  /** The server half: its version and workspace. */
  status(): Promise<Status> {
    return this._ask('status');
  }

  /** Every key of every source. */
  catalog(): Promise<Catalog> {
    return this._ask('catalog');
  }

  /** One key whole. */
  key(slug: string): Promise<KeyDetail> {
    return this._ask(`keys/${encodeURIComponent(slug)}`);
  }

  /** Verify and unpack a version; the newest when none is named. */
  install(slug: string, version: string | null): Promise<IVersionedKey> {
    return this._send(`keys/${encodeURIComponent(slug)}/install`, { version });
  }

  /** How far the installs of this server are. */
  installing(): Promise<InstallingList> {
    return this._ask('installing');
  }

  /** Stop an install that is going on. */
  stopInstall(slug: string): Promise<InstallingList> {
    const path = `keys/${encodeURIComponent(slug)}/install`;
    return this._ask(path, { method: 'DELETE' });
  }

  /** What is installed in the workspace, and which of its files were edited. */
  installed(): Promise<InstalledList> {
    return this._ask('installed');
  }

  /** Use an installed version from now on. */
  useVersion(slug: string, version: string): Promise<InstalledList> {
    return this._send(`keys/${encodeURIComponent(slug)}/use`, { version });
  }

  /** Take an installed version away. */
  removeVersion(slug: string, version: string): Promise<Removed> {
    return this._send(`keys/${encodeURIComponent(slug)}/remove`, { version });
  }

  /** Who we are at the marketplace. */
  session(): Promise<Session> {
    return this._ask('marketplace/session');
  }

  /** Sign in; what is sent here is sent nowhere else and kept nowhere. */
  signIn(body: SignInRequest): Promise<Session> {
    return this._send('marketplace/sign-in', body);
  }

  /** Sign out. */
  signOut(): Promise<Session> {
    return this._send('marketplace/sign-out', {});
  }

  /** Ask the marketplace for everything anew. */
  askMarketplace(): Promise<Session> {
    return this._send('marketplace/refresh', {});
  }

  /** The page on which a key is bought. */
  checkout(slug: string): Promise<CheckoutPage> {
    return this._send(`keys/${encodeURIComponent(slug)}/checkout`, {});
  }

  /** Ask anew for the right to a key. */
  entitlement(slug: string): Promise<Entitlement> {
    return this._send(`keys/${encodeURIComponent(slug)}/entitlement`, {});
  }

  /** The preview of a key: HTML that belongs into a sandbox. */
  preview(slug: string): Promise<Preview> {
    return this._ask(`keys/${encodeURIComponent(slug)}/preview`);
  }

  /** What a key takes, with the schema of its form. */
  parameters(slug: string, version: string | null): Promise<ParametersReply> {
    const path = `keys/${encodeURIComponent(slug)}/parameters`;
    return this._ask(path, { query: { version } });
  }

  /** The cell a run with these values would inject. */
  cell(slug: string, body: CellPreviewRequest): Promise<CellPreview> {
    return this._send(`keys/${encodeURIComponent(slug)}/cell`, body);
  }

  /** What a key needs of a kernel, and what is there. */
  requirements(
    slug: string,
    query: { version: string | null; kernel: string | null }
  ): Promise<Requirements> {
    const path = `keys/${encodeURIComponent(slug)}/requirements`;
    return this._ask(path, { query });
  }

  /** Install what a kernel lacks of a key's packages. */
  installRequirements(
    slug: string,
    body: { version: string | null; kernel: string | null }
  ): Promise<NonNullable<Requirements['installing']>> {
    return this._send(`keys/${encodeURIComponent(slug)}/requirements`, body);
  }

  /** What an installation of packages printed, from a byte offset. */
  requirementsLog(
    slug: string,
    query: { version: string | null; kernel: string | null },
    offset: number
  ): Promise<OutputTail> {
    const path = `keys/${encodeURIComponent(slug)}/requirements/log`;
    return this._ask(path, { query: { ...query, offset } });
  }

  /** All runbooks at hand. */
  runbooks(): Promise<RunbookList> {
    return this._ask('runbooks');
  }

  /** One runbook whole. */
  runbook(slug: string): Promise<Runbook> {
    return this._ask(`runbooks/${encodeURIComponent(slug)}`);
  }

  /** Runs, newest first, of an incident or of a key. */
  runs(query: { incident?: string; key?: string }): Promise<RunList> {
    return this._ask('runs', { query });
  }

  /** Start a run; the same id again answers the same run. */
  start(body: RunRequest): Promise<Run> {
    return this._send('runs', body);
  }

  /** One run whole. */
  run(id: string): Promise<Run> {
    return this._ask(`runs/${encodeURIComponent(id)}`);
  }

  /** Ask a run to stop. */
  cancel(id: string): Promise<Run> {
    return this._send(`runs/${encodeURIComponent(id)}/cancel`, {});
  }

  /** Take what the saved notebook of a run shows that a person ran. */
  collect(id: string): Promise<Run> {
    return this._send(`runs/${encodeURIComponent(id)}/collect`, {});
  }

  /** What a run printed, from a byte offset. */
  output(id: string, offset: number): Promise<OutputTail> {
    const path = `runs/${encodeURIComponent(id)}/output`;
    return this._ask(path, { query: { offset } });
  }

  /** Incidents, open ones first. */
  incidents(): Promise<IncidentList> {
    return this._ask('incidents');
  }

  /** Open an incident on a runbook. */
  open(body: OpenRequest): Promise<Incident> {
    return this._send('incidents', body);
  }

  /** One incident as it stands. */
  incident(id: string): Promise<Incident> {
    return this._ask(`incidents/${encodeURIComponent(id)}`);
  }

  /** The runbook of an incident, as it was when the incident was opened. */
  pinnedRunbook(id: string): Promise<Runbook> {
    return this._ask(`incidents/${encodeURIComponent(id)}/runbook`);
  }

  /** An incident's records that follow `after`. */
  timeline(id: string, after: number): Promise<Timeline> {
    const path = `incidents/${encodeURIComponent(id)}/timeline`;
    return this._ask(path, { query: { after } });
  }

  /** Append what a person did to a step. */
  act(id: string, body: Act): Promise<Incident> {
    return this._send(`incidents/${encodeURIComponent(id)}/acts`, body);
  }

  /** What is kept under an incident. */
  evidence(id: string): Promise<EvidenceList> {
    return this._ask(`incidents/${encodeURIComponent(id)}/evidence`);
  }

  /** Go on in another runbook. */
  link(id: string, body: LinkRequest): Promise<Incident> {
    return this._send(`incidents/${encodeURIComponent(id)}/links`, body);
  }

  /** Keep a file as evidence. */
  attach(id: string, body: AttachRequest): Promise<EvidenceList> {
    return this._send(`incidents/${encodeURIComponent(id)}/attachments`, body);
  }

  /** An incident as a checklist for paper. */
  checklist(id: string): Promise<Checklist> {
    return this._ask(`incidents/${encodeURIComponent(id)}/checklist`);
  }

  /** The keys that suit an incident. */
  suited(id: string): Promise<SuitedList> {
    return this._ask(`incidents/${encodeURIComponent(id)}/analyses`);
  }

  /** The keys that a step calls, with what is known of them here. */
  cards(id: string, step: string): Promise<CardList> {
    return this._ask(`${stepPath(id, step)}/cards`);
  }

  /** Values that an incident has for a key already. */
  prefill(id: string, step: string, key: string): Promise<Prefill> {
    return this._ask(`${stepPath(id, step)}/prefill`, { query: { key } });
  }

  /** Put a run under a step. */
  attachRun(body: RunAttachRequest): Promise<Incident> {
    return this._send('context/attach', body);
  }

  /** The runbooks that fit a text. */
  find(text: string): Promise<MatchList> {
    return this._send('runbooks/find', { text });
  }

  /** Whether a runbook could be worked now. */
  readiness(slug: string): Promise<Readiness> {
    return this._ask(`runbooks/${encodeURIComponent(slug)}/readiness`);
  }

  /** What is wrong with a runbook's text. */
  lint(slug: string): Promise<LintReport> {
    return this._ask(`runbooks/${encodeURIComponent(slug)}/lint`);
  }

  /** What a customised runbook says otherwise. */
  differences(slug: string): Promise<Differences> {
    return this._ask(`runbooks/${encodeURIComponent(slug)}/differences`);
  }

  /** Copy a runbook into the workspace. */
  customise(slug: string, name: string | null): Promise<Customised> {
    const path = `runbooks/${encodeURIComponent(slug)}/customise`;
    return this._send(path, { name });
  }

  /** Which run, incident and step a notebook belongs to. */
  context(body: ContextRequest): Promise<Context> {
    return this._send('context', body);
  }

  private _send<T>(path: string, body: unknown): Promise<T> {
    return this._ask(path, { method: 'POST', body });
  }

  private async _ask<T>(path: string, options?: IRequestOptions): Promise<T> {
    try {
      const reply = await request<T>(this.settings, path, options);
      this._answered.emit(true);
      return reply;
    } catch (error) {
      this._answered.emit(!(error instanceof KeysError && error.lost));
      throw error;
    }
  }

  private _answered = new Signal<this, boolean>(this);
}

function stepPath(id: string, step: string): string {
  return `incidents/${encodeURIComponent(id)}/steps/${encodeURIComponent(step)}`;
}
