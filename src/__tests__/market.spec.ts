import { nullTranslator } from '@jupyterlab/translation';

import { KeysApi } from '../api';
import type { KeyRow, Session } from '../contract';
import { answered } from '../dialogs/signin';
import { ChangeFeed } from '../events';
import { isBreaking } from '../market';
import {
  ageWords,
  hostWords,
  progressWords,
  rowWords,
  sessionWords
} from '../marketwords';
import { CatalogModel } from '../models/catalog';
import { InstallsModel } from '../models/installs';
import { PurchasesModel } from '../models/purchase';
import { SessionModel } from '../models/session';
import { aKey, FakeServer, FakeStream, Refusal, until } from './fakeserver';

const trans = nullTranslator.load('test');

function aSession(change: Partial<Session> = {}): Session {
  return {
    state: 'valid',
    marketplace: 'https://keys.example.com/api',
    tenant: '22222222-2222-4222-8222-22222222beef',
    tenant_type: 'organization',
    expires_at: null,
    masked: 'kx_live_…f3a9',
    place: 'keyring',
    code: '',
    message: '',
    hint: '',
    warning: '',
    password_sign_in: false,
    ...change
  };
}

const aRow = (change: Partial<KeyRow> = {}): KeyRow =>
  aKey('a', { title: 'A', source: 'keys.example.com', ...change });

describe('words of a session', () => {
  const heard = { since: null, now: 0 };

  it('says who is signed in, with no more of the key than its end', () => {
    expect(sessionWords(trans, aSession(), heard)).toBe(
      'Signed in as organisation …beef · kx_live_…f3a9'
    );
  });

  it('never takes one answer for another', () => {
    const said = ['valid', 'invalid', 'unreachable', 'signed_out'].map(state =>
      sessionWords(trans, aSession({ state }), heard)
    );
    expect(new Set(said).size).toBe(4);
    expect(said[1]).toBe('keys.example.com does not accept your key');
    expect(said[2]).toBe('keys.example.com cannot be reached');
    expect(said[3]).toBe('Not signed in at keys.example.com');
  });

  it('says how old what is shown is', () => {
    const since = '2026-11-21T01:00:00Z';
    const now = Date.parse('2026-11-21T03:00:00Z');
    expect(
      sessionWords(trans, aSession({ state: 'unreachable' }), { since, now })
    ).toBe(
      'keys.example.com cannot be reached; shown is what was heard 2 h ago'
    );
    expect(ageWords(trans, 59 * 60000)).toBe('59 min');
    expect(ageWords(trans, 49 * 3600000)).toBe('2 days');
    expect(hostWords('no address')).toBe('no address');
  });
});

describe('answers to signing in', () => {
  it('marks the field only when what was typed was refused', () => {
    const refused = aSession({ state: 'invalid', message: 'No.' });
    expect(answered(trans, refused).field).toBe('secret');
    for (const code of ['UNREACHABLE_TLS', 'UNREACHABLE_PROXY', 'X']) {
      const said = answered(trans, aSession({ state: 'unreachable', code }));
      expect(said.field).toBeNull();
      expect(said.text).toContain('neither valid nor invalid');
    }
  });

  it('names TLS and proxy', () => {
    const title = (code: string): string =>
      answered(trans, aSession({ state: 'unreachable', code })).title;
    expect(title('UNREACHABLE_TLS')).toContain('TLS');
    expect(title('UNREACHABLE_PROXY')).toContain('proxy');
    expect(title('ANYTHING')).toBe('The marketplace could not be reached.');
  });
});

describe('words of a row', () => {
  const word = (change: Partial<KeyRow>, installing = false): string | null =>
    rowWords(trans, aRow(change), installing)?.word ?? null;

  it('has one word for each way a key can stand', () => {
    expect(word({})).toBeNull();
    expect(word({}, true)).toBe('Installing');
    expect(word({ installed: ['1.0.0'], entitled: false })).toBe('Installed');
    expect(word({ entitled: false, right: 'none' })).toBe('Not entitled');
    expect(word({ entitled: false, right: 'unknown' })).toBe('Right not known');
    const expired = { entitled: false, right: 'expired' };
    const right_until = '2026-11-01T00:00:00Z';
    expect(word({ ...expired, right_until })).toBe('Expired 2026-11-01');
    const damaged = { entitled: false, blocked: 'It is damaged.', version: '' };
    expect(word(damaged)).toBe('Damaged entry');
    expect(word({ ...damaged, version: '1.0.0' })).toBe('No download');
  });

  it('says how far an install is', () => {
    const going = { slug: 'a', waiting: false, bytes: 0, total: null };
    expect(progressWords(trans, going)).toBe('Asking for it');
    expect(progressWords(trans, { ...going, bytes: 400000 })).toBe(
      '400.0 kB fetched'
    );
    expect(
      progressWords(trans, { ...going, bytes: 400000, total: 1200000 })
    ).toBe('400.0 kB of 1.2 MB');
    expect(progressWords(trans, { ...going, waiting: true })).toContain(
      'Waiting'
    );
  });
});

describe('versions', () => {
  it('knows a breaking step', () => {
    expect(isBreaking('1.9.0', '2.0.0')).toBe(true);
    expect(isBreaking('1.9.0', '1.10.0')).toBe(false);
  });
});

describe('models of a marketplace', () => {
  let server: FakeServer;
  let api: KeysApi;
  let feed: ChangeFeed;
  let catalog: CatalogModel;
  let right: string;
  let made: Array<{ dispose(): void }>;

  beforeEach(() => {
    right = 'none';
    made = [];
    server = new FakeServer();
    api = new KeysApi(server.settings());
    feed = new ChangeFeed({ api, stream: new FakeStream().stream });
    catalog = new CatalogModel(api, feed);
    server.on('GET runbooks', () => ({ runbooks: [] }));
    server.on('GET catalog', () => ({
      keys: [aRow({ entitled: right === 'active', right })],
      stale_since: null,
      problems: []
    }));
    server.on('POST keys/a/checkout', () => ({
      slug: 'a',
      url: 'https://pay.example.com/1'
    }));
    server.on('POST keys/a/entitlement', () => ({
      slug: 'a',
      state: right,
      expires_at: null,
      tenant: null,
      stale_since: null
    }));
  });

  /** Disposed after the test. */
  function own<T extends { dispose(): void }>(one: T): T {
    made.push(one);
    return one;
  }

  afterEach(() => {
    made.forEach(one => one.dispose());
    catalog.dispose();
    feed.dispose();
  });

  it('keeps the session when signing in is refused, and holds no key', async () => {
    const session = own(new SessionModel(api));
    server.on('GET marketplace/session', () => aSession());
    await session.ensure();
    server.on('POST marketplace/sign-in', () =>
      aSession({ state: 'invalid', masked: null })
    );
    const said = await session.signIn({ key: 'kx_live_secret' });
    expect(said.state).toBe('invalid');
    expect(session.session?.state).toBe('valid');
    expect(JSON.stringify(session.session)).not.toContain('secret');
    server.down = true;
    await session.load();
    expect(session.error?.lost).toBe(true);
    expect(session.session?.state).toBe('valid');
  });

  it('finds a right that appears, and shows it in the catalogue', async () => {
    const purchases = own(
      new PurchasesModel(api, catalog, {
        every: 1,
        limit: 60000
      })
    );
    const { url } = await purchases.begin('a');
    expect(url).toBe('https://pay.example.com/1');
    await until(() => server.count('POST keys/a/entitlement') > 2);
    expect(purchases.of('a')?.state).toBe('looking');
    right = 'active';
    await until(() => purchases.of('a')?.state === 'found');
    expect(catalog.row('a')?.entitled).toBe(true);
  });

  it('gives up at its limit and stops when told to', async () => {
    const short = own(new PurchasesModel(api, catalog, { every: 1, limit: 5 }));
    await short.begin('a');
    await until(() => short.of('a')?.state === 'gave_up');
    const long = own(
      new PurchasesModel(api, catalog, { every: 1, limit: 60000 })
    );
    await long.begin('a');
    long.stop('a');
    expect(long.of('a')?.state).toBe('stopped');
  });

  it('goes on looking when an answer fails, and says so', async () => {
    const purchases = own(
      new PurchasesModel(api, catalog, {
        every: 1,
        limit: 60000
      })
    );
    const body = { code: 'X', message: 'No answer.', hint: '', request_id: '' };
    server.on('POST keys/a/entitlement', () => new Refusal(502, body));
    await purchases.begin('a');
    await until(() => purchases.of('a')?.trouble === 'No answer.');
    expect(purchases.of('a')?.state).toBe('looking');
    purchases.stop('a');
  });

  it('follows an install that began before this page, to its end', async () => {
    const installs = own(new InstallsModel(api, feed, catalog));
    let bytes = 0;
    server.on('GET installing', () => {
      bytes += 100;
      const one = { slug: 'a', waiting: false, bytes, total: 200 };
      return { installing: bytes > 200 ? [] : [one] };
    });
    await installs.look();
    expect(installs.going('a')?.bytes).toBe(100);
    await until(() => installs.going('a') === null);
    const asked = server.count('GET installing');
    expect(asked).toBe(3);
  });

  it('is as before after an install was cancelled', async () => {
    const body = { code: 'CANCELLED', message: '', hint: '', request_id: '' };
    server.on('POST keys/a/install', () => new Refusal(409, body));
    expect(await catalog.install('a', null)).toBeNull();
    expect(catalog.isInstalling('a')).toBe(false);
  });
});
