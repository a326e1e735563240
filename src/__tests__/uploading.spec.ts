import type { Contents } from '@jupyterlab/services';

import { freePath, isThere, upload } from '../uploading';

/** A folder in memory behind the part of the contents service that uploads use. */
class Folder {
  readonly files = new Map<string, string>();
  saves = 0;
  refuse = false;

  get manager(): Contents.IManager {
    return this as unknown as Contents.IManager;
  }

  async get(path: string): Promise<{ content: object[] }> {
    const names = [...this.files.keys()]
      .filter(name => name.startsWith(path ? `${path}/` : ''))
      .map(name => name.slice(path ? path.length + 1 : 0));
    return { content: names.map(name => ({ name })) };
  }

  async save(
    path: string,
    model: { content: string; chunk?: number }
  ): Promise<void> {
    this.saves += 1;
    if (this.refuse) {
      throw new Error('The disk is full.');
    }
    const before = (model.chunk ?? 1) === 1 ? '' : this.files.get(path);
    this.files.set(path, before + atob(model.content));
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, this.files.get(from) as string);
    this.files.delete(from);
  }

  async delete(path: string): Promise<void> {
    this.files.delete(path);
  }
}

const large = 'x'.repeat(1024 * 1024) + 'the end';

describe('upload', () => {
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
  });

  it('brings a file whole, in pieces, and says how far it is', async () => {
    const parts: number[] = [];
    await upload(folder.manager, new File([large], 'a.csv'), 'in/a.csv', {
      onProgress: part => parts.push(part)
    });
    expect([...folder.files]).toEqual([['in/a.csv', large]]);
    expect(parts).toEqual([0.5, 1]);
  });

  it('brings an empty file, too', async () => {
    await upload(folder.manager, new File([], 'a.csv'), 'in/a.csv');
    expect([...folder.files]).toEqual([['in/a.csv', '']]);
  });

  it('replaces what is there only by a whole file', async () => {
    folder.files.set('in/a.csv', 'old');
    folder.refuse = true;
    const file = new File(['new'], 'a.csv');
    await expect(upload(folder.manager, file, 'in/a.csv')).rejects.toThrow();
    expect([...folder.files]).toEqual([['in/a.csv', 'old']]);
    folder.refuse = false;
    await upload(folder.manager, file, 'in/a.csv');
    expect([...folder.files]).toEqual([['in/a.csv', 'new']]);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const control = new AbortController();
    const sent = upload(
      folder.manager,
      new File([large], 'a.csv'),
      'in/a.csv',
      { signal: control.signal, onProgress: () => control.abort() }
    );
    await expect(sent).rejects.toThrow();
    expect(folder.saves).toBe(1);
    expect(folder.files.size).toBe(0);
  });
});

describe('freePath', () => {
  it('counts on until a name is free', async () => {
    const folder = new Folder();
    expect(await freePath(folder.manager, 'in/a.csv')).toBe('in/a.csv');
    folder.files.set('in/a.csv', '').set('in/a-2.csv', '');
    expect(await isThere(folder.manager, 'in/a.csv')).toBe(true);
    expect(await freePath(folder.manager, 'in/a.csv')).toBe('in/a-3.csv');
  });
});
