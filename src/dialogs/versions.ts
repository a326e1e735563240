/**
 * Questions before a version is changed: what a breaking one changes, and what a removal leaves.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import '../../style/market.css';

import type { InstalledRow } from '../contract';
import { show } from '../views/markdown';

/** Two versions of a key. */
export interface IStep {
  title: string;
  from: string;
  to: string;
}

/** Ask whether to fetch a breaking version whose changes can only be read once it is here. */
export async function confirmFetch(
  trans: TranslationBundle,
  step: IStep
): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('%1 of %2 is breaking', step.to, step.title),
    body: trans.__(
      'The marketplace gives its changes with the key itself. It is fetched and put beside %1, which stays in use until you have read them and say so.',
      step.from
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({
        label: trans.__('Fetch %1 and show its changes', step.to)
      })
    ]
  });
  return button.accept;
}

/** Show what changes, and ask whether to use the new version. */
export async function confirmChanges(
  trans: TranslationBundle,
  rendermime: IRenderMimeRegistry | null,
  step: IStep,
  changes: string
): Promise<boolean> {
  const body = new Changes(
    trans.__(
      'Its parameters or results may differ from those of %1. Runs made with %1 still open it, and you can go back to it.',
      step.from
    ),
    changes || trans.__('The key carries no list of changes.'),
    rendermime
  );
  const { button } = await showDialog({
    title: trans.__('What changes with %1 of %2', step.to, step.title),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep using %1', step.from) }),
      Dialog.okButton({ label: trans.__('Use %1', step.to) })
    ],
    defaultButton: 0
  });
  return button.accept;
}

/** Ask whether to take a version away, saying what is kept. */
export async function confirmRemoval(
  trans: TranslationBundle,
  title: string,
  row: InstalledRow
): Promise<boolean> {
  const kept = row.edited.length
    ? trans._n(
        'The %1 file you edited is kept, and you are told where.',
        'The %1 files you edited are kept, and you are told where.',
        row.edited.length
      )
    : trans.__('None of its files was edited.');
  const { button } = await showDialog({
    title: trans.__('Remove %1 %2?', title, row.version),
    body: trans.__(
      'The files that were installed with it are removed from %1. %2 Runs made with it, their notebooks and their evidence stay whole.',
      row.path,
      kept
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Remove') })
    ],
    defaultButton: 0
  });
  return button.accept;
}

/** A sentence, and the changes below it as their author wrote them. */
class Changes extends Widget {
  constructor(
    sentence: string,
    changes: string,
    rendermime: IRenderMimeRegistry | null
  ) {
    super();
    this.addClass('jp-Keys-dialog');
    const said = document.createElement('p');
    said.textContent = sentence;
    const text = document.createElement('div');
    text.className = 'jp-Keys-changes jp-Keys-markdown';
    text.tabIndex = 0;
    this.node.append(said, text);
    if (rendermime === null) {
      text.textContent = changes;
    } else {
      this._release = show(text, rendermime, changes);
    }
  }

  /** Let go of the renderer. */
  override dispose(): void {
    this._release();
    super.dispose();
  }

  private _release = (): void => undefined;
}
