/**
 * The panel's content: it hands models, words and actions to the views.
 */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Contents, KernelSpec } from '@jupyterlab/services';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import '../style/panel.css';

import type { RunRequest } from './contract';
import { browse, giveFile, suggestPaths } from './files';
import type { Desk } from './models/desk';
import type { INotebook, IPlot } from './plots';
import { plotsOf } from './plots';
import { CommandIDs } from './tokens';
import { App } from './views/app';
import { sayRuns } from './views/saying';
import type { IActions, IKernel, Mark } from './views/surroundings';
import { Surround } from './views/surroundings';

/** What the panel needs of the application. */
export interface IPanelOptions {
  commands: CommandRegistry;
  contents: Contents.IManager;
  kernelspecs: KernelSpec.IManager;
  desk: Desk;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry | null;
  documents: IDocumentManager | null;
  /** Starts a run; what it is given is heard by nobody else. */
  start: (request: RunRequest) => Promise<unknown>;
}

/** The panel's content. */
export class KeysPanel extends ReactWidget {
  constructor(private _options: IPanelOptions) {
    super();
    this.addClass('jp-Keys-content');
    this._actions = actionsOf(_options);
    sayRuns(_options.desk, _options.trans);
  }

  protected override render(): JSX.Element {
    const { desk, trans, rendermime } = this._options;
    return (
      <Surround value={{ desk, trans, rendermime, actions: this._actions }}>
        <App />
      </Surround>
    );
  }

  private _actions: IActions;
}

const MARKS: { [mark in Mark]: string } = {
  done: CommandIDs.markDone,
  failed: CommandIDs.markFailed,
  skipped: CommandIDs.markSkipped,
  note: CommandIDs.addNote,
  focus: CommandIDs.focusStep
};

/** Everything the panel does is a command, but for a start, which may hold a secret. */
export function actionsOf(options: IPanelOptions): IActions {
  const { commands, desk } = options;
  const run = (id: string, values: ReadonlyPartialJSONObject = {}): void => {
    void desk.attempt(() => commands.execute(id, values));
  };
  return {
    command: run,
    home: () => run(CommandIDs.home),
    back: () => run(CommandIDs.back),
    refresh: () => run(CommandIDs.refresh),
    openKey: slug => run(CommandIDs.openKey, { slug }),
    install: (slug, version) => run(CommandIDs.installKey, { slug, version }),
    fillIn: (slug, origin) => run(CommandIDs.runKey, { slug, ...origin }),
    start: options.start,
    cancel: id => run(CommandIDs.cancelRun, { id }),
    again: id => run(CommandIDs.runAgain, { id }),
    collect: id => run(CommandIDs.collectRun, { id }),
    openRun: id => run(CommandIDs.openRun, { id }),
    openNotebook: (id, cell) => run(CommandIDs.openRunNotebook, { id, cell }),
    plots: notebook => readPlots(options.contents, notebook),
    kernels: () => readKernels(options.kernelspecs),
    installRequirements: (need, kernel, packages) =>
      run(CommandIDs.installRequirements, {
        ...need,
        title: kernel,
        packages: packages.map(one => one.wanted)
      }),
    showNotebook: () => run(CommandIDs.thisNotebook),
    openRunbook: slug => run(CommandIDs.openRunbook, { slug }),
    startIncident: (slug, rehearsal) =>
      run(CommandIDs.startIncident, { slug, rehearsal }),
    openIncident: (id, tab) => run(CommandIDs.openIncident, { id, tab }),
    look: step => run(CommandIDs.lookAtStep, { step }),
    mark: (step, mark) => run(MARKS[mark], { step }),
    takeBranch: (step, branch) => run(CommandIDs.takeBranch, { step, branch }),
    copy: text => run(CommandIDs.copyCommand, { text }),
    browse: () => browse(options),
    suggestPaths: typed => suggestPaths(options.contents, typed),
    upload: (file, control) =>
      giveFile(options.contents, options.trans, file, control)
  };
}

/** The plots of a notebook; none where it was moved away since. */
async function readPlots(
  contents: Contents.IManager,
  path: string
): Promise<IPlot[]> {
  try {
    const { content } = await contents.get(path, {
      type: 'notebook',
      content: true
    });
    return plotsOf(content as INotebook);
  } catch {
    return [];
  }
}

/** The kernels of this server, by the name a person knows. */
async function readKernels(specs: KernelSpec.IManager): Promise<IKernel[]> {
  await specs.ready;
  return Object.values(specs.specs?.kernelspecs ?? {})
    .flatMap(spec =>
      spec ? [{ name: spec.name, title: spec.display_name }] : []
    )
    .sort((a, b) => a.title.localeCompare(b.title));
}
