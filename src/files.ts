/**
 * Files given to a form: chosen in the workspace, completed while typed, or uploaded into it.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IUploadControl } from './uploading';
import {
  ensureFolder,
  freePath,
  isThere,
  upload,
  UPLOAD_FOLDER
} from './uploading';
import { KeysError } from './request';

/** Let a person choose a file of the workspace. */
export async function browse(options: {
  documents: IDocumentManager | null;
  trans: TranslationBundle;
}): Promise<string | null> {
  const { documents, trans } = options;
  if (documents === null) {
    return null;
  }
  const { FileDialog } = await import('@jupyterlab/filebrowser');
  const { button, value } = await FileDialog.getOpenFiles({
    manager: documents,
    title: trans.__('Choose a file')
  });
  const chosen = value?.find(item => item.type !== 'directory');
  return button.accept && chosen ? chosen.path : null;
}

/** The files and folders beside what was typed. */
export async function suggestPaths(
  contents: Contents.IManager,
  typed: string
): Promise<string[]> {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  try {
    const listing = await contents.get(folder.replace(/\/$/, ''));
    const items = listing.content as Contents.IModel[];
    return items.map(item =>
      item.type === 'directory' ? `${item.path}/` : item.path
    );
  } catch {
    // A folder that is not there has nothing to suggest; the server says so at the run.
    return [];
  }
}

/**
 * Upload a file into the folder for inputs; never over another one without asking.
 *
 * @returns its path, or null when a person stopped it
 * @throws KeysError when the server did not take it
 */
export async function giveFile(
  contents: Contents.IManager,
  trans: TranslationBundle,
  file: File,
  control: IUploadControl
): Promise<string | null> {
  try {
    await ensureFolder(contents);
    const path = await placeFor(contents, trans, file.name);
    if (path !== null) {
      await upload(contents, file, path, control);
    }
    return path;
  } catch (error) {
    if (control.signal?.aborted) {
      return null;
    }
    throw new KeysError(
      'UPLOAD_FAILED',
      trans.__('“%1” could not be uploaded. Nothing was changed.', file.name),
      error instanceof Error ? error.message : ''
    );
  }
}

/** Where the file goes; null when a person thinks better of it. */
async function placeFor(
  contents: Contents.IManager,
  trans: TranslationBundle,
  name: string
): Promise<string | null> {
  const path = `${UPLOAD_FOLDER}/${name}`;
  if (!(await isThere(contents, path))) {
    return path;
  }
  const both = Dialog.okButton({ label: trans.__('Keep both') });
  const replace = Dialog.warnButton({ label: trans.__('Replace') });
  const { button } = await showDialog({
    title: trans.__('“%1” is there already', name),
    body: trans.__(
      'It is in the folder %1, and earlier runs may have read it.',
      UPLOAD_FOLDER
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), replace, both]
  });
  if (!button.accept) {
    return null;
  }
  return button.label === replace.label ? path : freePath(contents, path);
}
