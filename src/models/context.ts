/**
 * Which run, incident and step the active notebook belongs to.
 *
 * The notebook's own metadata is only the question; the server has the answer.
 */

import type { KeysApi } from '../api';
import type { Change, Context } from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { KeysError } from '../request';
import { Observable } from './observable';

/** A notebook as it can be asked about. */
export interface INotebookName {
  /** Its path in the workspace. */
  path: string;
  /** The run its metadata names. */
  run: string | null;
}

/** Whether a notebook is a run's or a copy of one; else it is at most the notebook of a key. */
export function isBound(context: Context): boolean {
  return context.run !== null || context.copy_of !== null;
}

/** The active notebook and what the server says of it. */
export class ContextModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** The active notebook; null when something else is active. */
  get notebook(): INotebookName | null {
    return this._notebook;
  }

  /** The answer; null while there is none, or for a notebook of no run and no key. */
  get context(): Context | null {
    return this._context;
  }

  /** Another notebook is active, or the same one was renamed or saved. */
  async follow(notebook: INotebookName | null): Promise<void> {
    const same = this._notebook?.path === notebook?.path;
    this._notebook = notebook;
    if (!same) {
      this._context = null;
      this.touch();
    }
    if (notebook !== null) {
      await this._ask(notebook);
    }
  }

  /** Ask again: something was done to the active notebook. */
  async askAgain(): Promise<void> {
    if (this._notebook !== null) {
      await this._ask(this._notebook);
    }
  }

  private async _ask(notebook: INotebookName): Promise<void> {
    try {
      const context = await this._api.context(notebook);
      // Another tab may have become active while the server looked.
      if (this._notebook?.path === notebook.path) {
        const { runbooks = [], candidates = [] } = context;
        const belongs =
          isBound(context) || runbooks.length + candidates.length > 0;
        this._context = belongs ? context : null;
        this.touch();
      }
    } catch (error) {
      if (!(error instanceof KeysError)) {
        throw error;
      }
    }
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    const context = this._context;
    if (this._notebook === null || context === null) {
      return;
    }
    const mine =
      meansAll(change) ||
      change?.id === context.run?.id ||
      change?.id === context.incident;
    if (mine) {
      void this._ask(this._notebook);
    }
  }

  private _notebook: INotebookName | null = null;
  private _context: Context | null = null;
}
