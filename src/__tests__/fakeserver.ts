/**
 * A server in memory that the real requests talk to; it remembers, and it can be down.
 */

import { ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { Event } from '@jupyterlab/services';

import type {
  EvidenceItem,
  Incident,
  KeyRow,
  Run,
  StepState
} from '../contract';

/** A call as the server saw it. */
export interface ICall {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Answer = (call: ICall) => unknown;

/** An answer that is not a success. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: unknown
  ) {}
}

/** Answers by "METHOD path", and keeps what it was asked. */
export class FakeServer {
  readonly calls: ICall[] = [];
  down = false;

  /** Settings whose requests come here. */
  settings(
    baseUrl = 'http://localhost/user/demo/'
  ): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl,
      fetch: (input: RequestInfo | URL, init?: RequestInit) =>
        this._answer(input as Request, init)
    });
  }

  /** Answer a route. */
  on(route: string, answer: Answer): void {
    this._routes.set(route, answer);
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.calls.filter(call => `${call.method} ${call.path}` === route)
      .length;
  }

  private async _answer(
    request: Request,
    init?: RequestInit
  ): Promise<Response> {
    if (this.down) {
      throw new TypeError('Failed to fetch');
    }
    const url = new URL(request.url);
    const text = init?.body ? String(init.body) : await request.text();
    const call = {
      method: request.method,
      path: url.pathname.split('/keys-jupyter/')[1],
      query: url.searchParams,
      body: text ? (JSON.parse(text) as unknown) : null
    };
    this.calls.push(call);
    const answer = this._routes.get(`${call.method} ${call.path}`);
    const reply = answer
      ? answer(call)
      : new Refusal(404, '<html>not here</html>');
    const refused = reply instanceof Refusal;
    const body = refused ? reply.body : reply;
    return new Response(
      typeof body === 'string' ? body : JSON.stringify(body),
      { status: refused ? reply.status : 200 }
    );
  }

  private _routes = new Map<string, Answer>();
}

/** An event stream that a test sends to. */
export class FakeStream {
  private _signal = new Signal<FakeStream, Event.Emission>(this);

  /** As the application hands it out. */
  get stream(): Event.Stream {
    return this._signal as unknown as Event.Stream;
  }

  /** Send an event. */
  send(emission: Event.Emission): void {
    this._signal.emit(emission);
  }

  /** Send a change. */
  change(kind: string, id: string, n: number): void {
    const schema_id = 'https://keys-jupyter/events/change/v1';
    this.send({ schema_id, kind, id, n });
  }
}

/** Wait until something holds; a test that waits in vain fails by its time limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

/** A run of twelve cells, with what a test says otherwise. */
export function aRun(change: Partial<Run> = {}): Run {
  return {
    id: 'a'.repeat(32),
    n: 1,
    key: 'jupyter-webhook-event-analysis',
    title: 'Jupyter Keys: Webhook Event Analysis',
    version: '1.0.0',
    pack_sha256: '0'.repeat(64),
    mode: 'headless',
    state: 'REQUESTED',
    reason: '',
    requested_at: '2026-11-21T03:00:00Z',
    started_at: null,
    ended_at: null,
    folder: 'key-runs/2026-11-21/x',
    notebook: 'key-runs/2026-11-21/x/x.ipynb',
    kernel: 'python3',
    parameters: {},
    inputs: [],
    incident: null,
    step: null,
    cells: [],
    results: [],
    artifacts: [],
    usual_seconds: null,
    queue_position: null,
    cancelled_by: null,
    notes: [],
    ...change
  };
}

/** A step that nobody has touched. */
export function aStep(id: string, change: Partial<StepState> = {}): StepState {
  return {
    id,
    section: 'diagnosis',
    number: '1',
    title: `Title of ${id}`,
    state: 'not_started',
    runs: [],
    evidence: 0,
    branches: [],
    label: '',
    keys: [],
    marked_at: null,
    marked_by: null,
    text: '',
    notes: [],
    reversible: null,
    confirmation: null,
    unlocked: false,
    undoable: false,
    ...change
  };
}

/** An open incident with three steps, the second in focus. */
export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'i1',
    n: 0,
    number: 1,
    runbook: 'stripe-webhook-failure',
    title: 'Stripe Webhook Failure Runbook',
    runbook_version: '1.0.0',
    runbook_sha256: '0'.repeat(64),
    severity: 'p1',
    rehearsal: false,
    state: 'open',
    opened_at: '2026-11-21T03:00:00Z',
    opened_by: {
      subject: 'operator',
      display: 'operator',
      method: 'os',
      os_user: 'operator',
      host: 'host',
      claimed_name: null
    },
    closed_at: null,
    focus: 'diagnosis-2',
    steps: ['safety-1', 'diagnosis-2', 'diagnosis-3'].map(id => aStep(id)),
    runs: [],
    evidence: 0,
    now: '2026-11-21T03:00:00Z',
    trigger: '',
    symptoms: '',
    facts: {},
    owner: null,
    notes: [],
    handovers: [],
    linked: [],
    timers: [],
    next_due: null,
    items: [],
    missing: [],
    closing: null,
    amended: false,
    newer: [],
    ...change
  };
}

/** A key of a list, as the server tells it. */
export function aKey(slug: string, change: Partial<KeyRow> = {}): KeyRow {
  return {
    slug,
    kind: 'jupyter',
    title: slug,
    version: '1.0.0',
    source: 'embedded',
    entitled: true,
    installed: [],
    update: null,
    breaking: false,
    category: null,
    maturity: null,
    outcome: null,
    severity: null,
    key_type: [],
    tags: [],
    description: '',
    right: 'active',
    right_until: null,
    blocked: '',
    about: '',
    ...change
  };
}

/** A kept thing, as the server tells it. */
export function anItem(
  id: string,
  change: Partial<EvidenceItem> = {}
): EvidenceItem {
  return {
    id,
    run: null,
    step: null,
    kind: 'attachment',
    name: `${id}.txt`,
    mime: 'text/plain',
    sha256: 'ab'.repeat(32),
    size: 12,
    redactions: 0,
    at: '2026-11-21T03:00:00Z',
    scanned: true,
    standing: '',
    ...change
  };
}
