/**
 * A file of the person's computer into the workspace: piece by piece, beside its place, then into it.
 */

import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';

/** Where files go that are given to a form. */
export const UPLOAD_FOLDER = 'key-inputs';

/** How much is sent at once, in bytes. */
const PIECE = 1024 * 1024;

/** How many arguments a function may safely be called with. */
const SPREAD = 8192;

/** What an upload tells and obeys. */
export interface IUploadControl {
  /** Called with the part that is there, from 0 to 1. */
  onProgress?: (part: number) => void;
  /** Stops the upload. */
  signal?: AbortSignal;
}

/** Whether there is something at a path. */
export async function isThere(
  contents: Contents.IManager,
  path: string
): Promise<boolean> {
  const folder = PathExt.dirname(path);
  const listing = await contents.get(folder).catch(() => null);
  const items = (listing?.content ?? []) as Contents.IModel[];
  return items.some(item => item.name === PathExt.basename(path));
}

/** A name beside `path` that is free: "log.csv", "log-2.csv", "log-3.csv". */
export async function freePath(
  contents: Contents.IManager,
  path: string
): Promise<string> {
  const end = PathExt.extname(path);
  const begin = path.slice(0, path.length - end.length);
  let free = path;
  for (let n = 2; await isThere(contents, free); n += 1) {
    free = `${begin}-${n}${end}`;
  }
  return free;
}

/** Make the folder for uploads unless it is there. */
export async function ensureFolder(contents: Contents.IManager): Promise<void> {
  if (!(await isThere(contents, UPLOAD_FOLDER))) {
    await contents.save(UPLOAD_FOLDER, { type: 'directory' });
  }
}

/**
 * Upload a file to a path, replacing what is there.
 *
 * A file that was not sent whole never stands at the path.
 *
 * @throws what the server says, or an `AbortError`
 */
export async function upload(
  contents: Contents.IManager,
  file: File,
  path: string,
  control: IUploadControl = {}
): Promise<void> {
  const beside = await freePath(contents, `${path}.part`);
  try {
    await send(contents, file, beside, control);
    if (await isThere(contents, path)) {
      await contents.delete(path);
    }
    await contents.rename(beside, path);
  } catch (error) {
    await contents.delete(beside).catch(() => undefined);
    throw error;
  }
}

async function send(
  contents: Contents.IManager,
  file: File,
  path: string,
  control: IUploadControl
): Promise<void> {
  const count = Math.max(1, Math.ceil(file.size / PIECE));
  for (let at = 0; at < count; at += 1) {
    stopIfAborted(control);
    const last = at === count - 1;
    const piece = file.slice(at * PIECE, (at + 1) * PIECE);
    await contents.save(path, {
      type: 'file',
      format: 'base64',
      content: await base64(piece),
      ...(count > 1 ? { chunk: last ? -1 : at + 1 } : {})
    });
    control.onProgress?.((at + 1) / count);
  }
  stopIfAborted(control);
}

function stopIfAborted(control: IUploadControl): void {
  if (control.signal?.aborted) {
    throw new DOMException('The upload was stopped.', 'AbortError');
  }
}

/** Bytes as the contents service takes them. */
export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += SPREAD) {
    text += String.fromCharCode(...bytes.subarray(at, at + SPREAD));
  }
  return btoa(text);
}
