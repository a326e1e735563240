import { KeysApi } from '../api';
import type { KeyRow, RunbookRow } from '../contract';
import { ChangeFeed } from '../events';
import { CatalogModel } from '../models/catalog';
import { aKey, FakeServer, FakeStream, Refusal, until } from './fakeserver';

function aRunbook(slug: string, severity: string | null): RunbookRow {
  return {
    slug,
    title: slug,
    version: '1.0.0',
    key_types: [],
    severity,
    source: 'embedded',
    installed: [],
    path: null,
    origin: null
  };
}

describe('CatalogModel', () => {
  let server: FakeServer;
  let stream: FakeStream;
  let feed: ChangeFeed;
  let catalog: CatalogModel;
  let keys: KeyRow[];

  beforeEach(() => {
    server = new FakeServer();
    keys = [aKey('b'), aKey('a'), aKey('r', { kind: 'runbook' })];
    server.on('GET catalog', () => ({ keys, stale_since: null, problems: [] }));
    server.on('GET runbooks', () => ({
      runbooks: [aRunbook('z', null), aRunbook('y', 'p2'), aRunbook('x', 'p1')]
    }));
    server.on('POST keys/a/install', () => {
      keys = [aKey('a', { installed: ['1.0.0'] })];
      return {
        slug: 'a',
        version: '1.0.0',
        sha256: '0'.repeat(64),
        verified: true,
        path: 'keys/a/1.0.0',
        files: 3
      };
    });
    stream = new FakeStream();
    const api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: stream.stream });
    catalog = new CatalogModel(api, feed);
  });

  afterEach(() => {
    catalog.dispose();
    feed.dispose();
  });

  it('orders runbooks by severity and keys by name', async () => {
    await catalog.refresh();
    expect(catalog.runbooks.map(row => row.slug)).toEqual(['x', 'y', 'z']);
    expect(catalog.keys.map(row => row.slug)).toEqual(['a', 'b']);
  });

  it('shows a key as installed after it was installed', async () => {
    await catalog.refresh();
    const installing = catalog.install('a', null);
    expect(catalog.isInstalling('a')).toBe(true);
    await installing;
    expect(catalog.isInstalling('a')).toBe(false);
    expect(catalog.row('a')?.installed).toEqual(['1.0.0']);
  });

  it('is as before after an install was refused', async () => {
    await catalog.refresh();
    const body = { code: 'DIGEST', message: 'No.', hint: '', request_id: '' };
    server.on('POST keys/a/install', () => new Refusal(422, body));
    await expect(catalog.install('a', null)).rejects.toThrow('No.');
    expect(catalog.isInstalling('a')).toBe(false);
    expect(catalog.row('a')?.installed).toEqual([]);
  });

  it('keeps the list, and says why, when it cannot be read again', async () => {
    await catalog.refresh();
    server.down = true;
    await catalog.refresh();
    expect(catalog.error?.lost).toBe(true);
    expect(catalog.keys.length).toBe(2);
  });

  it('reads again what is shown when somebody else wrote', async () => {
    await catalog.refresh();
    const asked = server.count('GET catalog');
    stream.change('store', '', 1);
    await until(() => server.count('GET catalog') === asked + 1);
    stream.change('catalog', 'a', 0);
    await until(() => server.count('GET catalog') === asked + 2);
  });

  it('reads again by itself once the server is back', async () => {
    server.down = true;
    await catalog.refresh();
    server.down = false;
    stream.change('store', '', 1);
    await until(() => catalog.catalog !== null);
    expect(catalog.error).toBeNull();
  });
});
