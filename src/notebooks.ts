/**
 * The notebook beside the panel: which one is active, and what the panel shows of it.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import type { Desk } from './models/desk';
import { stepInFocus } from './models/incident';
import { isBound } from './models/context';
import { following } from './models/following';

/** Where a run's notebook names its run. */
const METADATA = 'keys_jupyter';

/** Follows the active notebook. */
export class NotebookFollower {
  constructor(private _options: NotebookFollower.IOptions) {
    const { app, desk } = _options;
    app.shell.currentChanged?.connect(this._onCurrent, this);
    desk.context.changed.connect(this._onContext, this);
    this._onCurrent();
  }

  private get _current(): NotebookPanel | null {
    const { app, tracker } = this._options;
    const widget: Widget | null = app.shell.currentWidget;
    return widget && tracker.has(widget) ? (widget as NotebookPanel) : null;
  }

  private _onCurrent(): void {
    const panel = this._current;
    // Who comes back to a notebook finds its step again.
    this._shownFor = null;
    this._watch(panel);
    if (panel === null) {
      void this._options.desk.context.follow(null);
      this._options.desk.navigation.leaveNotebook();
    } else {
      void panel.context.ready.then(() => this._ask());
    }
  }

  /** Renaming and saving can change what a notebook belongs to. */
  private _watch(panel: NotebookPanel | null): void {
    const before = this._watched;
    if (before === panel) {
      return;
    }
    if (before && !before.isDisposed) {
      before.context.pathChanged.disconnect(this._ask, this);
      before.context.saveState.disconnect(this._onSave, this);
    }
    this._watched = panel;
    panel?.context.pathChanged.connect(this._ask, this);
    panel?.context.saveState.connect(this._onSave, this);
  }

  private _onSave(_: unknown, state: DocumentRegistry.SaveState): void {
    if (state === 'completed') {
      this._ask();
    }
  }

  private _ask(): void {
    const panel = this._current;
    if (panel !== null && panel === this._watched) {
      const named: unknown = panel.model?.getMetadata(METADATA);
      void this._options.desk.context.follow({
        path: panel.context.path,
        run: runOf(named)
      });
    }
  }

  /** Another notebook's step: show it, unless a person is in the middle of something. */
  private _onContext(): void {
    const { desk, follows } = this._options;
    const { context, notebook } = desk.context;
    if (context === null || !isBound(context)) {
      if (notebook !== null && notebook.path !== this._shownFor) {
        desk.navigation.leaveNotebook();
      }
      // Who asks for the notebook of a key stays with it.
      this._shownFor = context?.path ?? this._shownFor;
      return;
    }
    if (this._shownFor === context.path || !follows()) {
      return;
    }
    this._shownFor = context.path;
    const { place } = desk.navigation;
    const shown = place.view === 'incident' ? place.id : null;
    const incident = shown ? desk.incidents.get(shown) : null;
    const focus = incident ? (stepInFocus(incident)?.id ?? null) : null;
    if (following(place, context, focus) === 'show') {
      desk.navigation.showNotebook();
    }
    // Notebook 7 has one document a page: nobody loses a place by the panel's coming.
    this._options.reveals?.();
  }

  private _watched: NotebookPanel | null = null;
  private _shownFor: string | null = null;
}

/** A namespace for `NotebookFollower` statics. */
export namespace NotebookFollower {
  /** What a follower needs. */
  export interface IOptions {
    /** The application. */
    app: JupyterFrontEnd;
    /** The models. */
    desk: Desk;
    /** The open notebooks. */
    tracker: INotebookTracker;
    /** Whether the person wants the panel to follow. */
    follows: () => boolean;
    /** Opens the panel for a notebook of a step, where that is wanted. */
    reveals: (() => void) | null;
  }
}

/** The run a notebook's metadata names. */
function runOf(metadata: unknown): string | null {
  if (typeof metadata !== 'object' || metadata === null) {
    return null;
  }
  const { run } = metadata as { run?: unknown };
  return typeof run === 'string' ? run : null;
}
