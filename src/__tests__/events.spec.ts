import { KeysApi } from '../api';
import type { Change } from '../contract';
import { ChangeFeed, meansAll } from '../events';
import { FakeServer, FakeStream, until } from './fakeserver';

describe('ChangeFeed', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let api: KeysApi;
  let feed: ChangeFeed;
  let now: number;
  let hints: Array<Change | null>;

  beforeEach(() => {
    server = new FakeServer();
    server.on('GET status', () => ({}));
    stream = new FakeStream();
    api = new KeysApi(server.settings());
    now = 1000;
    feed = new ChangeFeed({
      api,
      stream: stream.stream,
      now: () => now,
      interval: 5
    });
    hints = [];
    feed.hinted.connect((_, hint) => {
      hints.push(hint);
    });
  });

  afterEach(() => feed.dispose());

  it('passes on our changes and nothing else', () => {
    stream.send({ schema_id: 'https://others/v1', kind: 'run', id: 'a', n: 1 });
    stream.send({
      schema_id: 'https://keys-jupyter/events/change/v1',
      kind: 7,
      id: null
    });
    stream.change('run', 'a', 3);
    expect(hints).toEqual([{ kind: 'run', id: 'a', n: 3 }]);
  });

  it('asks for everything when another process wrote', () => {
    stream.change('store', '', 12);
    expect(hints).toEqual([{ kind: 'store', id: '', n: 12 }]);
    expect(hints.every(meansAll)).toBe(true);
  });

  it('looks again and again only while somebody watches', async () => {
    const one = feed.watch();
    const two = feed.watch();
    await until(() => hints.length > 2);
    one.dispose();
    const before = hints.length;
    await until(() => hints.length > before);
    two.dispose();
    const after = hints.length;
    await new Promise(resolve => setTimeout(resolve, 30));
    expect(hints.length).toBe(after);
  });

  it('looks again after a failed request was followed by one that worked', async () => {
    await api.status();
    expect(hints).toEqual([]);
    server.down = true;
    now = 5000;
    await expect(api.status()).rejects.toThrow();
    now = 9000;
    await expect(api.status()).rejects.toThrow();
    expect(feed.lostSince).toBe(5000);
    expect(feed.live).toBe(false);
    server.down = false;
    await api.status();
    expect(feed.lostSince).toBeNull();
    expect(hints).toEqual([null]);
  });

  it('asks by itself until a server that was gone answers', async () => {
    server.down = true;
    await expect(api.catalog()).rejects.toThrow();
    expect(feed.lostSince).toBe(1000);
    server.down = false;
    await until(() => feed.lostSince === null);
    expect(hints).toEqual([null]);
    const asked = server.calls.length;
    await new Promise(resolve => setTimeout(resolve, 30));
    expect(server.calls.length).toBe(asked);
  });

  it('is live only shortly after it heard something', async () => {
    expect(feed.live).toBe(false);
    await api.status();
    expect(feed.live).toBe(true);
    now += 14000;
    expect(feed.live).toBe(true);
    now += 2000;
    expect(feed.live).toBe(false);
    stream.change('run', 'a', 1);
    expect(feed.live).toBe(true);
  });

  it('counts an error that the server sent as heard', async () => {
    await expect(api.key('gone')).rejects.toThrow();
    expect(feed.lostSince).toBeNull();
    expect(feed.live).toBe(true);
  });

  it('looks again when the page is seen again', () => {
    document.dispatchEvent(new Event('visibilitychange'));
    expect(hints).toEqual([null]);
  });

  it('is silent after it was disposed', () => {
    feed.dispose();
    stream.change('run', 'a', 1);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(hints).toEqual([]);
  });
});
