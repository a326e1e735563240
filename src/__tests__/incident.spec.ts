import { KeysApi } from '../api';
import type { Incident, LedgerRecord } from '../contract';
import { ChangeFeed } from '../events';
import { IncidentsModel, stepInFocus } from '../models/incident';
import { isSettled } from '../models/map';
import {
  anIncident,
  aStep,
  FakeServer,
  FakeStream,
  Refusal,
  until
} from './fakeserver';

function aRecord(seq: number): LedgerRecord {
  return {
    seq,
    index: seq + 40,
    at: '2026-11-21T03:00:00Z',
    monotonic: seq,
    actor: anIncident().opened_by,
    type: 'step.done',
    step: 'safety-1',
    data: {},
    text: '',
    leaf: '0'.repeat(64)
  };
}

describe('IncidentsModel', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let feed: ChangeFeed;
  let incidents: IncidentsModel;
  let stored: Incident;
  let records: LedgerRecord[];

  beforeEach(() => {
    server = new FakeServer();
    stored = anIncident();
    records = [aRecord(0), aRecord(1)];
    server.on('GET incidents', () => ({ incidents: [stored] }));
    server.on('GET incidents/i1', () => stored);
    server.on('POST incidents/i1/acts', () => {
      stored = anIncident({ n: stored.n + 1, focus: 'diagnosis-3' });
      return stored;
    });
    server.on('GET incidents/i1/timeline', ({ query }) => ({
      incident: 'i1',
      records: records.filter(item => item.seq > Number(query.get('after')))
    }));
    server.on('GET incidents/i1/evidence', () => ({
      incident: 'i1',
      evidence: []
    }));
    stream = new FakeStream();
    const api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: stream.stream });
    incidents = new IncidentsModel(api, feed);
  });

  afterEach(() => {
    incidents.dispose();
    feed.dispose();
  });

  it('has the runbook the incident was opened on, read once', async () => {
    const pinned = { slug: 'x', title: 'As it was', sections: [] };
    server.on('GET incidents/i1/runbook', () => pinned);
    expect(incidents.runbook('i1')).toBeNull();
    await incidents.loadRunbook('i1');
    await incidents.loadRunbook('i1');
    expect(incidents.runbook('i1')?.title).toBe('As it was');
    expect(server.count('GET incidents/i1/runbook')).toBe(1);
  });

  it('brings what is on screen up to date when somebody else wrote', async () => {
    await incidents.load('i1');
    await incidents.loadTimeline('i1');
    stored = anIncident({ n: 5, focus: 'diagnosis-3' });
    records = [...records, aRecord(2)];
    stream.change('store', '', 1);
    await until(() => incidents.get('i1')?.focus === 'diagnosis-3');
    await until(() => incidents.records('i1').length === 3);
  });

  it('lists open incidents only', async () => {
    await incidents.refresh();
    expect(incidents.open.map(incident => incident.id)).toEqual(['i1']);
    stored = anIncident({ n: 9, closed_at: '2026-11-21T04:00:00Z' });
    await incidents.refresh();
    expect(incidents.open).toEqual([]);
  });

  it('puts what is severe before what is new, and rehearsals last', async () => {
    const rows: Array<[string, string | null, string, boolean]> = [
      ['exercise', 'p0', '2026-11-21T03:09:00Z', true],
      ['none', null, '2026-11-21T03:08:00Z', false],
      ['newest', 'p2', '2026-11-21T03:07:00Z', false],
      ['older', 'p1', '2026-11-21T03:01:00Z', false],
      ['newer', 'p1', '2026-11-21T03:02:00Z', false]
    ];
    server.on('GET incidents', () => ({
      incidents: rows.map(([id, severity, opened_at, rehearsal]) =>
        anIncident({ id, severity, opened_at, rehearsal })
      )
    }));
    await incidents.refresh();
    expect(incidents.open.map(incident => incident.id)).toEqual([
      'newer',
      'older',
      'newest',
      'none',
      'exercise'
    ]);
  });

  it('takes the state that an act led to', async () => {
    await incidents.load('i1');
    const acting = incidents.act('i1', {
      type: 'step.done',
      step: 'diagnosis-2',
      text: '',
      branch: null
    });
    expect(incidents.isActing).toBe(true);
    await acting;
    expect(incidents.isActing).toBe(false);
    expect(incidents.get('i1')?.focus).toBe('diagnosis-3');
  });

  it('says what a person saw, and keeps an act that somebody was faster than', async () => {
    await incidents.load('i1');
    const error = {
      code: 'STALE',
      message: 'Maria marked it failed.',
      hint: '',
      request_id: ''
    };
    server.on('POST incidents/i1/acts', ({ body }) =>
      (body as { after: number | null }).after === null
        ? anIncident({ n: 9, focus: 'diagnosis-3' })
        : new Refusal(409, error)
    );
    stored = anIncident({ n: 8 });
    const act = { type: 'step.done', step: 'diagnosis-2' };
    expect(await incidents.act('i1', act, 0)).toBeNull();
    expect(incidents.get('i1')?.n).toBe(8);
    expect(incidents.stale('i1')?.error.message).toBe(error.message);
    await incidents.decide('i1', true);
    expect(incidents.stale('i1')).toBeNull();
    expect(incidents.get('i1')?.focus).toBe('diagnosis-3');
    const sent = server.calls
      .filter(call => call.method === 'POST')
      .map(call => (call.body as { after: number | null }).after);
    expect(sent).toEqual([0, null]);
  });

  it('leaves an act that a person gave up', async () => {
    await incidents.load('i1');
    await incidents.decide('i1', true);
    await incidents.decide('i1', false);
    expect(server.count('POST incidents/i1/acts')).toBe(0);
  });

  it('tells what others did, and not what one did oneself', async () => {
    await incidents.load('i1');
    await incidents.act('i1', { type: 'step.done', step: 'diagnosis-2' });
    expect(server.count('GET incidents/i1/timeline')).toBe(0);
    records = [...records, { ...aRecord(2), text: 'Step 2 failed.' }];
    stored = anIncident({ n: 2 });
    stream.change('incident', 'i1', 2);
    await until(() => incidents.news('i1').length === 1);
    expect(incidents.news('i1')[0].text).toBe('Step 2 failed.');
    incidents.seen('i1');
    expect(incidents.news('i1')).toEqual([]);
  });

  it('can act again after an act was refused', async () => {
    await incidents.load('i1');
    server.down = true;
    const act = {
      type: 'step.done' as const,
      step: 'x',
      text: '',
      branch: null
    };
    await expect(incidents.act('i1', act)).rejects.toThrow();
    expect(incidents.isActing).toBe(false);
  });

  it('reads the first record and then only what is new', async () => {
    await incidents.loadTimeline('i1');
    expect(incidents.records('i1').map(item => item.seq)).toEqual([0, 1]);
    records = [...records, aRecord(2)];
    await incidents.loadTimeline('i1');
    expect(incidents.records('i1').map(item => item.seq)).toEqual([0, 1, 2]);
    const last = server.calls[server.calls.length - 1];
    expect(last.query.get('after')).toBe('1');
  });

  it('brings a timeline that was shown up to date by itself', async () => {
    await incidents.load('i1');
    await incidents.loadTimeline('i1');
    records = [...records, aRecord(2)];
    stored = anIncident({ n: 2 });
    stream.change('incident', 'i1', 2);
    await until(() => incidents.records('i1').length === 3);
  });

  it('learns of an incident that another person opened', async () => {
    stream.change('incident', 'i1', 0);
    await until(() => incidents.get('i1') !== null);
  });

  it('keeps the newer of two states', async () => {
    stored = anIncident({ n: 5, focus: 'diagnosis-3' });
    await incidents.load('i1');
    stored = anIncident({ n: 4 });
    await incidents.load('i1');
    expect(incidents.get('i1')?.focus).toBe('diagnosis-3');
  });
});

describe('steps', () => {
  it('finds the step in focus', () => {
    expect(stepInFocus(anIncident())?.id).toBe('diagnosis-2');
    expect(stepInFocus(anIncident({ focus: null }))).toBeNull();
  });

  it.each([
    ['not_started', false],
    ['done', true],
    ['failed', true],
    ['skipped', true]
  ])('%s is settled: %s', (state, settled) => {
    expect(isSettled(aStep('x', { state }))).toBe(settled);
  });
});
