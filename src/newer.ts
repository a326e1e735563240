/**
 * An open notebook of a run shows what ran: it is read again while nobody edited it, and says so when somebody did.
 *
 * Where documents are shared, the server brings what changed; nothing is done here.
 */

import type { Contents } from '@jupyterlab/services';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import '../style/output.css';

import type { Run } from './contract';
import type { Desk } from './models/desk';
import type { IRunMove, RunsModel } from './models/run';
import { isYours } from './models/run';

/** Follows the files of runs whose notebooks are open. */
export class NewerOutput {
  constructor(private _options: NewerOutput.IOptions) {
    _options.desk.runs.moved.connect(this._onRun, this);
  }

  private _onRun(_: RunsModel, move: IRunMove): void {
    const { run } = move;
    if (isYours(run)) {
      return;
    }
    this._options.tracker.forEach(panel => {
      if (panel.context.path === run.notebook) {
        void this._look(panel, run);
      }
    });
  }

  /** One look at a time; what happened meanwhile is looked at once more. */
  private async _look(panel: NotebookPanel, run: Run): Promise<void> {
    if (this._looking.has(panel)) {
      this._again.add(panel);
      return;
    }
    this._looking.add(panel);
    try {
      await this._compare(panel);
    } finally {
      this._looking.delete(panel);
    }
    if (this._again.delete(panel)) {
      await this._look(panel, run);
    }
  }

  private async _compare(panel: NotebookPanel): Promise<void> {
    const { context } = panel;
    if (!context.isReady || context.model.collaborative) {
      return;
    }
    const shown = context.contentsModel;
    const there = await this._stat(context.path);
    if (there === null || panel.isDisposed || isSame(shown, there)) {
      return;
    }
    if (context.model.dirty) {
      this._say(panel);
    } else {
      await reload(panel);
    }
  }

  /** The file without its content; null where it is gone or the server is. */
  private async _stat(path: string): Promise<Contents.IModel | null> {
    const { contents } = this._options;
    return contents.get(path, { content: false, hash: true }).catch(() => null);
  }

  /** A line on top of the notebook; it goes when the notebook is as the file again. */
  private _say(panel: NotebookPanel): void {
    const there = [...panel.contentHeader.children()];
    if (!there.some(child => child instanceof NewerBar)) {
      const bar = new NewerBar(this._options.trans, () => reload(panel));
      panel.contentHeader.addWidget(bar);
      panel.context.saveState.connect((_, state) => {
        if (state === 'completed') {
          bar.dispose();
        }
      });
    }
  }

  private _looking = new Set<NotebookPanel>();
  private _again = new Set<NotebookPanel>();
}

/** A namespace for `NewerOutput` statics. */
export namespace NewerOutput {
  /** What it works with. */
  export interface IOptions {
    /** The models. */
    desk: Desk;
    /** The open notebooks. */
    tracker: INotebookTracker;
    /** Where the files are. */
    contents: Contents.IManager;
    /** The words. */
    trans: TranslationBundle;
  }
}

/** The line that a run has newer output than an edited notebook shows. */
class NewerBar extends Widget {
  constructor(trans: TranslationBundle, onReload: () => Promise<void>) {
    super();
    this.addClass('jp-Keys-newer');
    this.node.setAttribute('role', 'status');
    const text = document.createElement('span');
    text.textContent = trans.__(
      'The run has newer output. Reload replaces your edits.'
    );
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = trans.__('Reload');
    button.addEventListener('click', () => {
      void onReload().then(() => this.dispose());
    });
    this.node.append(text, button);
  }
}

/** Whether a file is as it was when it was read. */
function isSame(
  shown: Omit<Contents.IModel, 'content'> | null,
  there: Contents.IModel
): boolean {
  return shown?.hash && there.hash
    ? shown.hash === there.hash
    : shown?.last_modified === there.last_modified;
}

/** Read the file again and stay at the same place of it. */
async function reload(panel: NotebookPanel): Promise<void> {
  const { content, context } = panel;
  const { activeCellIndex } = content;
  const { scrollTop } = content.outerNode;
  await context.revert();
  content.activeCellIndex = Math.min(
    activeCellIndex,
    content.widgets.length - 1
  );
  content.outerNode.scrollTop = scrollTop;
}
