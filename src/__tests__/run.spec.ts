import { KeysApi } from '../api';
import type { Run } from '../contract';
import { ChangeFeed } from '../events';
import { newRunId, sourceOf, valuesOf } from '../models/repeating';
import type { IRunMove } from '../models/run';
import { hasEnded, RunsModel } from '../models/run';
import { aRun, FakeServer, FakeStream, Refusal, until } from './fakeserver';

describe('RunsModel', () => {
  const id = 'a'.repeat(32);
  let server: FakeServer;
  let stream: FakeStream;
  let feed: ChangeFeed;
  let runs: RunsModel;
  let stored: Run;

  beforeEach(() => {
    server = new FakeServer();
    stored = aRun();
    server.on('GET runs/' + id, () => stored);
    server.on('POST runs', () => stored);
    server.on('POST runs/' + id + '/cancel', () => stored);
    stream = new FakeStream();
    const api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: stream.stream });
    runs = new RunsModel(api, feed);
  });

  afterEach(() => {
    runs.dispose();
    feed.dispose();
  });

  it('reads a run again when a hint says it moved', async () => {
    await runs.load(id);
    stored = aRun({ n: 2, state: 'RUNNING' });
    stream.change('run', id, 2);
    await until(() => runs.get(id)?.state === 'RUNNING');
  });

  it('does not ask for runs nobody looked at', async () => {
    stream.change('run', 'b'.repeat(32), 2);
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(server.calls).toEqual([]);
  });

  it('drops a reply that is older than what is known', async () => {
    stored = aRun({ n: 5, state: 'RUNNING' });
    await runs.load(id);
    stored = aRun({ n: 4, state: 'STARTING' });
    await runs.load(id);
    expect(runs.get(id)?.state).toBe('RUNNING');
  });

  it('takes an end whatever its record number, and keeps it', async () => {
    stored = aRun({ n: 14, state: 'RUNNING' });
    await runs.load(id);
    stored = aRun({ n: 6, state: 'SUCCEEDED' });
    await runs.load(id);
    expect(runs.get(id)?.state).toBe('SUCCEEDED');
    stored = aRun({ n: 15, state: 'RUNNING' });
    await runs.load(id);
    expect(runs.get(id)?.state).toBe('SUCCEEDED');
  });

  it('looks once more, not many times, when hints come in a burst', async () => {
    await runs.load(id);
    for (let n = 2; n < 30; n += 1) {
      stream.change('run', id, n);
    }
    stored = aRun({ n: 30, state: 'RUNNING' });
    await until(() => runs.get(id)?.n === 30);
    expect(server.count(`GET runs/${id}`)).toBeLessThanOrEqual(3);
  });

  it('on a general hint reads only what is still open', async () => {
    await runs.load(id);
    stored = aRun({ n: 2, state: 'CELL_ERROR' });
    stream.change('store', '', 1);
    await until(() => runs.get(id)?.state === 'CELL_ERROR');
    const asked = server.calls.length;
    stream.change('store', '', 2);
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(server.calls.length).toBe(asked);
  });

  it('reads a followed list again when a run may have joined it', async () => {
    const joined = aRun({ id: 'b'.repeat(32), key: 'k' });
    server.on('GET runs', () => ({ runs: [joined] }));
    const follow = runs.follow({ key: 'k' });
    stream.change('run', joined.id, 1);
    await until(() => runs.ofKey('k').length === 1);
    stream.change('store', '', 2);
    await until(() => server.count('GET runs') === 2);
    follow.dispose();
    stream.change('store', '', 3);
    stream.change('run', 'c'.repeat(32), 1);
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(server.count('GET runs')).toBe(2);
  });

  it('finds the open runs again after a reload, and asks for nothing else', async () => {
    server.on('GET status', () => ({ open_runs: 0 }));
    server.on('GET runs', () => ({ runs: [stored] }));
    await runs.recover();
    expect(runs.open).toEqual([]);
    server.on('GET status', () => ({ open_runs: 1 }));
    await runs.recover();
    expect(runs.open.map(run => run.id)).toEqual([id]);
  });

  it('ends a run that a person ran with what its notebook shows', async () => {
    stored = aRun({ mode: 'interactive', state: 'PREPARED' });
    await runs.load(id);
    server.on(`POST runs/${id}/collect`, () =>
      aRun({ mode: 'interactive', n: 2, state: 'SUCCEEDED' })
    );
    await runs.collect(id);
    expect(runs.get(id)?.state).toBe('SUCCEEDED');
  });

  it('says what a run was and what it is', async () => {
    const moves: IRunMove[] = [];
    runs.moved.connect((_, move) => {
      moves.push(move);
    });
    await runs.load(id);
    stored = aRun({ n: 2, state: 'RUNNING' });
    await runs.load(id);
    expect(moves.map(move => move.before?.state)).toEqual([
      undefined,
      'REQUESTED'
    ]);
  });

  it('survives a server that is gone while it looks', async () => {
    await runs.load(id);
    server.down = true;
    stream.change('run', id, 2);
    await new Promise(resolve => setTimeout(resolve, 10));
    server.down = false;
    stored = aRun({ n: 2, state: 'RUNNING' });
    stream.change('run', id, 2);
    await until(() => runs.get(id)?.state === 'RUNNING');
  });

  it('reads a tail on from where it ended', async () => {
    const text = 'first line\nsecond line\n';
    server.on(`GET runs/${id}/output`, ({ query }) => {
      const offset = Number(query.get('offset'));
      const end = Math.min(offset + 11, text.length);
      return { text: text.slice(offset, end), offset, end };
    });
    await runs.readTail(id);
    expect(runs.tail(id)).toBe('first line\n');
    await runs.readTail(id);
    await runs.readTail(id);
    expect(runs.tail(id)).toBe(text);
  });

  it('is cancelling until the run ended', async () => {
    await runs.load(id);
    await runs.cancel(id);
    expect(runs.isCancelling(id)).toBe(true);
    stored = aRun({ n: 2, state: 'CANCELLED' });
    await runs.load(id);
    expect(runs.isCancelling(id)).toBe(false);
  });

  it('is not cancelling when the server refused', async () => {
    await runs.load(id);
    const body = {
      code: 'ENDED',
      message: 'It ended.',
      hint: '',
      request_id: ''
    };
    server.on(`POST runs/${id}/cancel`, () => new Refusal(409, body));
    await expect(runs.cancel(id)).rejects.toThrow('It ended.');
    expect(runs.isCancelling(id)).toBe(false);
  });

  it('lists the runs of a step, newest first', async () => {
    const of = (name: string, at: string, step: string): Run =>
      aRun({ id: name, requested_at: at, incident: 'i1', step });
    server.on('GET runs', () => ({
      runs: [
        of('1', '2026-11-21T03:00:00Z', 'diagnosis-3'),
        of('2', '2026-11-21T04:00:00Z', 'diagnosis-3'),
        of('3', '2026-11-21T05:00:00Z', 'diagnosis-4')
      ]
    }));
    await runs.list({ incident: 'i1' });
    const names = runs.ofStep('i1', 'diagnosis-3').map(run => run.id);
    expect(names).toEqual(['2', '1']);
  });
});

describe('hasEnded', () => {
  it.each([
    ['REQUESTED', false],
    ['PREPARED', false],
    ['STARTING', false],
    ['RUNNING', false],
    ['SUCCEEDED', true],
    ['CELL_ERROR', true],
    ['TIMED_OUT', true],
    ['KERNEL_DIED', true],
    ['CANCELLED', true],
    ['START_FAILED', true],
    ['CAPTURE_FAILED', true],
    ['INTERRUPTED', true]
  ] as const)('%s: %s', (state, ended) => {
    expect(hasEnded(aRun({ state }))).toBe(ended);
  });
});

describe('sourceOf', () => {
  it('is the version that ran, and no version for a notebook', () => {
    expect(sourceOf(aRun({ key: 'k', version: '1.0.0' }))).toEqual({
      slug: 'k',
      version: '1.0.0'
    });
    expect(sourceOf(aRun({ key: 'a/x.ipynb', version: '' }))).toEqual({
      slug: 'a/x.ipynb',
      version: null
    });
  });
});

describe('valuesOf', () => {
  it('names files as a person would', () => {
    const inputs = [{ parameter: 'log', path: 'a.csv', sha256: '', size: 1 }];
    const parameters = { log: '../../a.csv', rate: 90 };
    expect(valuesOf(aRun({ inputs, parameters }))).toEqual({
      log: 'a.csv',
      rate: 90
    });
  });
});

describe('newRunId', () => {
  it('has the form the server takes and is never the same', () => {
    const names = new Set(Array.from({ length: 100 }, newRunId));
    expect(names.size).toBe(100);
    names.forEach(name => expect(name).toMatch(/^[0-9a-f]{32}$/));
  });
});
