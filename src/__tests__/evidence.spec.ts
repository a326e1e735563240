import type { ServiceManager } from '@jupyterlab/services';

import { Desk } from '../models/desk';
import type { EvidenceModel } from '../models/evidence';
import { evidenceOf } from '../models/evidence';
import { anItem, FakeServer, FakeStream, Refusal } from './fakeserver';

describe('EvidenceModel', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let desk: Desk;
  let evidence: EvidenceModel;

  beforeEach(() => {
    server = new FakeServer();
    stream = new FakeStream();
    const services = { serverSettings: server.settings(), events: stream };
    desk = new Desk(services as unknown as ServiceManager.IManager);
    evidence = evidenceOf(desk);
  });

  afterEach(() => {
    evidence.dispose();
    desk.feed.dispose();
  });

  it('is one for a desk', () => {
    expect(evidenceOf(desk)).toBe(evidence);
  });

  it('does one thing once while it is under way, and keeps how it ended', async () => {
    server.on('POST incidents/i1/bundle', () => ({ path: 'evidence/x.zip' }));
    const ask = (): Promise<unknown> => evidence.api.export('i1');
    const first = evidence.work('export:i1', '', ask);
    expect(evidence.job('export:i1').since).not.toBeNull();
    expect(await evidence.work('export:i1', '', ask)).toBeNull();
    await first;
    expect(server.count('POST incidents/i1/bundle')).toBe(1);
    expect(evidence.job('export:i1')).toMatchObject({
      since: null,
      error: null,
      result: { path: 'evidence/x.zip' }
    });
  });

  it('keeps the server’s words where something did not work', async () => {
    const words = {
      code: 'NOTHING',
      message: 'No.',
      hint: 'Look.',
      request_id: ''
    };
    server.on('POST incidents/i1/bundle', () => new Refusal(409, words));
    await evidence.work('export:i1', '', () => evidence.api.export('i1'));
    expect(evidence.job('export:i1').error?.message).toBe('No.');
    evidence.forget('export:i1');
    expect(evidence.job('export:i1').error).toBeNull();
  });

  it('is told what an export wrote that it saw going on and did not ask for', async () => {
    const going = { id: 'i1', phase: 'writing', done: 1, total: 2 };
    const written = (id: string): unknown => ({
      id,
      exported: { path: `evidence/${id}.zip` }
    });
    server.on('GET evidence/exporting', () => ({
      exporting: [going, { ...going, id: 'period-a-b' }],
      ended: [written('i0'), written('i1')]
    }));
    await evidence.lookAtExports();
    expect(evidence.job('export:i1').result).toBeNull();
    server.on('GET evidence/exporting', () => ({
      exporting: [],
      ended: [written('i0'), written('i1'), written('period-a-b')]
    }));
    await evidence.lookAtExports();
    expect(evidence.job('export:i1').result).toEqual({
      path: 'evidence/i1.zip'
    });
    expect(evidence.job('export-period').result).toEqual({
      path: 'evidence/period-a-b.zip'
    });
    expect(evidence.job('export:i0').result).toBeNull();
  });

  it('leaves an export of its own to its own answer', async () => {
    const going = { id: 'i1', phase: 'writing', done: 1, total: 2 };
    server.on('GET evidence/exporting', () => ({
      exporting: [going],
      ended: []
    }));
    await evidence.lookAtExports();
    let answer: (made: unknown) => void = () => undefined;
    const own = evidence.work('export:i1', '', () => {
      return new Promise(resolve => {
        answer = resolve;
      });
    });
    server.on('GET evidence/exporting', () => ({
      exporting: [],
      ended: [{ id: 'i1', exported: { path: 'told' } }]
    }));
    await evidence.lookAtExports();
    expect(evidence.job('export:i1').result).toBeNull();
    answer({ path: 'answered' });
    await own;
    expect(evidence.job('export:i1').result).toEqual({ path: 'answered' });
  });

  it('asks for kept bytes once, and again where they did not come', async () => {
    const path = 'GET incidents/i1/evidence/a';
    const item = anItem('a');
    await expect(evidence.preview('i1', item)).rejects.toThrow();
    server.on(path, () => ({ item, form: 'text', text: 'x' }));
    await evidence.preview('i1', item);
    await evidence.preview('i1', item);
    expect(server.count(path)).toBe(2);
  });

  it('stops at the first file that is refused and says which', async () => {
    const words = {
      code: 'FILE_EMPTY',
      message: 'Empty.',
      hint: '',
      request_id: ''
    };
    server.on('POST incidents/i1/attachments', ({ body }) =>
      (body as { name: string }).name === 'b.txt'
        ? new Refusal(400, words)
        : { incident: 'i1', evidence: [] }
    );
    const files = ['a.txt', 'b.txt', 'c.txt'].map(
      name => new File(['x'], name)
    );
    expect(await evidence.attach('i1', files, 'safety-1')).toEqual(['a.txt']);
    expect(evidence.job('attach:i1')).toMatchObject({ about: 'b.txt' });
    expect(evidence.job('attach:i1').error?.code).toBe('FILE_EMPTY');
    expect(
      server.calls.find(call => call.method === 'POST')?.body
    ).toMatchObject({
      name: 'a.txt',
      step: 'safety-1'
    });
  });

  it('never lets an older count take the place of a newer one', async () => {
    const query = { start: null, end: null, runbook: null, severity: null };
    server.on('GET evidence/compliance', ({ query }) => ({
      months: [query.get('rehearsal')]
    }));
    await Promise.all([
      evidence.loadCompliance({ ...query, rehearsal: 'all' }),
      evidence.loadCompliance({ ...query, rehearsal: 'only' })
    ]);
    expect(evidence.compliance?.months).toEqual(['only']);
  });
});
