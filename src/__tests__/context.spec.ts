import { KeysApi } from '../api';
import type { Context, ContextRequest } from '../contract';
import { ChangeFeed } from '../events';
import { ContextModel } from '../models/context';
import { following } from '../models/following';
import type { Place } from '../models/navigation';
import { aRun, aStep, FakeServer, FakeStream, until } from './fakeserver';

function aContext(change: Partial<Context> = {}): Context {
  return {
    path: 'x.ipynb',
    run: aRun({ id: 'r1' }),
    copy_of: null,
    incident: 'i1',
    incident_number: 1,
    runbook: 'stripe-webhook-failure',
    runbook_title: 'Stripe Webhook Failure Runbook',
    severity: 'p1',
    section: 'Diagnosis Flow',
    step: null,
    state: aStep('diagnosis-3'),
    evidence: [],
    attached: false,
    candidates: [],
    runbooks: [],
    ...change
  };
}

describe('ContextModel', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let feed: ChangeFeed;
  let model: ContextModel;

  beforeEach(() => {
    server = new FakeServer();
    server.on('POST context', ({ body }) => {
      const { path, run } = body as ContextRequest;
      const known = run === 'r1' || path === 'x.ipynb';
      return aContext({ path, run: known ? aRun({ id: 'r1' }) : null });
    });
    stream = new FakeStream();
    const api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: stream.stream });
    model = new ContextModel(api, feed);
  });

  afterEach(() => {
    model.dispose();
    feed.dispose();
  });

  it('knows the step of a run, by path or by metadata', async () => {
    await model.follow({ path: 'x.ipynb', run: null });
    expect(model.context?.state?.id).toBe('diagnosis-3');
    await model.follow({ path: 'renamed.ipynb', run: 'r1' });
    expect(model.context?.state?.id).toBe('diagnosis-3');
  });

  it('has nothing for a notebook of no run, and for no notebook', async () => {
    await model.follow({ path: 'other.ipynb', run: null });
    expect(model.context).toBeNull();
    await model.follow({ path: 'x.ipynb', run: null });
    await model.follow(null);
    expect(model.context).toBeNull();
  });

  it('drops an answer for a notebook that is no longer active', async () => {
    const slow = model.follow({ path: 'x.ipynb', run: null });
    const fast = model.follow(null);
    await Promise.all([slow, fast]);
    expect(model.context).toBeNull();
  });

  it('asks again when its run or incident moved', async () => {
    await model.follow({ path: 'x.ipynb', run: null });
    stream.change('run', 'r1', 9);
    await until(() => server.calls.length === 2);
    stream.change('incident', 'i1', 9);
    await until(() => server.calls.length === 3);
    stream.change('run', 'another', 9);
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(server.calls.length).toBe(3);
  });

  it('keeps what it knows while the server is gone', async () => {
    await model.follow({ path: 'x.ipynb', run: null });
    server.down = true;
    await model.follow({ path: 'x.ipynb', run: null });
    expect(model.context).not.toBeNull();
  });
});

describe('following', () => {
  const incident = (look: string | null, tab: 'steps' | 'evidence'): Place => ({
    view: 'incident',
    id: 'i1',
    tab,
    look
  });
  const form: Place = {
    view: 'form',
    slug: 'x',
    version: null,
    incident: null,
    step: null
  };

  it.each<[string, Place, string | null, string]>([
    ['home', { view: 'home' }, null, 'show'],
    ['its own view', { view: 'notebook' }, null, 'stay'],
    ['an open form', form, null, 'offer'],
    ['the card of its run', { view: 'run', id: 'r1' }, null, 'stay'],
    ['the card of another run', { view: 'run', id: 'r2' }, null, 'show'],
    ['its step in focus', incident(null, 'steps'), 'diagnosis-3', 'stay'],
    ['its step, only looked at', incident('diagnosis-3', 'steps'), 'x', 'show'],
    ['another step', incident(null, 'steps'), 'diagnosis-4', 'show'],
    [
      'its incident’s evidence',
      incident(null, 'evidence'),
      'diagnosis-3',
      'show'
    ]
  ])('%s', (_, place, focus, expected) => {
    expect(following(place, aContext(), focus)).toBe(expected);
  });
});
