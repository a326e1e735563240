import type { ServiceManager } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import type { KeyRow } from '../contract';
import { MarketActs } from '../market';
import { Desk } from '../models/desk';
import { aKey, FakeServer, FakeStream, until } from './fakeserver';

const trans = nullTranslator.load('test');

const aRow = (change: Partial<KeyRow> = {}): KeyRow =>
  aKey('a', { title: 'A', source: 'keys.example.com', ...change });

describe('a breaking update', () => {
  it('shows what it changes before anything is fetched', async () => {
    const server = new FakeServer();
    const services = {
      serverSettings: server.settings(),
      events: new FakeStream()
    };
    const desk = new Desk(services as unknown as ServiceManager.IManager);
    let installed = ['1.0.0'];
    server.on('GET runbooks', () => ({ runbooks: [] }));
    server.on('GET catalog', () => ({
      keys: [aRow({ installed, version: '2.0.0', update: '2.0.0' })],
      stale_since: null,
      problems: []
    }));
    server.on('GET keys/a/changes/2.0.0', () => ({
      slug: 'a',
      version: '2.0.0',
      text: 'The parameter window is now called hours.',
      known: true
    }));
    server.on('POST keys/a/install', () => {
      installed = ['1.0.0', '2.0.0'];
      return { slug: 'a', version: '2.0.0' };
    });
    const acts = new MarketActs({
      commands: new CommandRegistry(),
      desk,
      trans,
      rendermime: null,
      save: () => Promise.resolve(),
      reveal: () => Promise.resolve(),
      node: document.body
    });
    const dialog = (): HTMLElement | null =>
      document.querySelector('.jp-Dialog');
    const press = (name: string): void =>
      [...(dialog()?.querySelectorAll('button') ?? [])]
        .find(button => button.textContent?.includes(name))
        ?.click();
    const declined = acts.update('a', null);
    await until(() => dialog() !== null);
    expect(dialog()?.textContent).toContain('now called hours');
    press('Keep using 1.0.0');
    await declined;
    await until(() => dialog() === null);
    expect(server.count('POST keys/a/install')).toBe(0);
    const accepted = acts.update('a', null);
    await until(() => dialog() !== null);
    press('Use 2.0.0');
    await accepted;
    expect(server.count('POST keys/a/install')).toBe(1);
    desk.feed.dispose();
  });
});
