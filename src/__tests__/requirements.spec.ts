import { KeysApi } from '../api';
import type { Requirements } from '../contract';
import { ChangeFeed } from '../events';
import { RequirementsModel } from '../models/requirements';
import { FakeServer, FakeStream, Refusal, until } from './fakeserver';

const NEED = { slug: 'x', version: '1.0.0', kernel: 'bare' };

function some(state: string | null, missing = 1): Requirements {
  return {
    slug: 'x',
    version: '1.0.0',
    kernel: 'bare',
    known: true,
    note: '',
    python: '/bin/python',
    packages: [],
    missing,
    refused: [],
    installing: state === null ? null : anInstallation(state)
  };
}

function anInstallation(
  state: string
): NonNullable<Requirements['installing']> {
  const actor = {
    subject: 'o',
    display: 'o',
    method: 'os',
    os_user: 'o',
    host: 'h',
    claimed_name: null
  };
  return {
    id: '1',
    kernel: 'bare',
    state,
    exit_code: null,
    log: '',
    requirements: ['a'],
    asked: { actor, at: '2026-11-21T03:00:00Z' },
    ended_at: null
  };
}

describe('RequirementsModel', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let feed: ChangeFeed;
  let model: RequirementsModel;
  let stored: Requirements;

  beforeEach(() => {
    server = new FakeServer();
    stored = some(null);
    server.on('GET keys/x/requirements', () => stored);
    server.on('POST keys/x/requirements', () => {
      stored = some('RUNNING');
      return stored.installing;
    });
    stream = new FakeStream();
    const api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: stream.stream });
    model = new RequirementsModel(api, feed);
  });

  afterEach(() => {
    model.dispose();
    feed.dispose();
  });

  it('asks for the kernel that is meant', async () => {
    await model.load(NEED);
    const [call] = server.calls;
    expect(call.query.get('kernel')).toBe('bare');
    expect(call.query.get('version')).toBe('1.0.0');
    expect(model.get(NEED)?.missing).toBe(1);
    expect(model.get({ ...NEED, kernel: null })).toBeNull();
  });

  it('is installing until the server says that it ended', async () => {
    await model.load(NEED);
    await model.install(NEED);
    expect(model.isInstalling(NEED)).toBe(true);
    stored = some('DONE', 0);
    stream.change('store', '', 1);
    await until(() => !model.isInstalling(NEED));
    expect(model.get(NEED)?.missing).toBe(0);
  });

  it('is as before when the server refused', async () => {
    await model.load(NEED);
    const body = { code: 'NO', message: 'No.', hint: '', request_id: '' };
    server.on('POST keys/x/requirements', () => new Refusal(409, body));
    await expect(model.install(NEED)).rejects.toThrow('No.');
    expect(model.isInstalling(NEED)).toBe(false);
  });

  it('reads a log on from where it ended', async () => {
    const text = 'Collecting a\nDone\n';
    server.on('GET keys/x/requirements/log', ({ query }) => {
      const offset = Number(query.get('offset'));
      const end = Math.min(offset + 13, text.length);
      return { text: text.slice(offset, end), offset, end };
    });
    await model.readLog(NEED);
    expect(model.log(NEED)).toBe('Collecting a\n');
    await model.readLog(NEED);
    await model.readLog(NEED);
    expect(model.log(NEED)).toBe(text);
  });
});
