/**
 * The panel's content: it hands models, words and actions to the views.
 */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Contents } from '@jupyterlab/services';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import '../style/panel.css';

import type { RunRequest } from './contract';
import type { Desk } from './models/desk';
import { CommandIDs } from './tokens';
import { App } from './views/app';
import { sayRuns } from './views/saying';
import type { IActions, Mark } from './views/surroundings';
import { Surround } from './views/surroundings';

/** What the panel needs of the application. */
export interface IPanelOptions {
  commands: CommandRegistry;
  contents: Contents.IManager;
  desk: Desk;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry | null;
  documents: IDocumentManager | null;
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

/** Everything the panel does is a command. */
function actionsOf(options: IPanelOptions): IActions {
  const { commands, desk } = options;
  const run = (id: string, values: ReadonlyPartialJSONObject = {}): void => {
    void desk.attempt(() => commands.execute(id, values));
  };
  return {
    home: () => run(CommandIDs.home),
    back: () => run(CommandIDs.back),
    refresh: () => run(CommandIDs.refresh),
    openKey: slug => run(CommandIDs.openKey, { slug }),
    install: (slug, version) => run(CommandIDs.installKey, { slug, version }),
    fillIn: (slug, origin) => run(CommandIDs.runKey, { slug, ...origin }),
    start: async (request: RunRequest) => {
      await commands.execute(CommandIDs.startRun, {
        request: request as unknown as ReadonlyPartialJSONObject
      });
    },
    cancel: id => run(CommandIDs.cancelRun, { id }),
    openNotebook: id => run(CommandIDs.openRunNotebook, { id }),
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
    suggestPaths: typed => suggestPaths(options.contents, typed)
  };
}

/** Let a person choose a file of the workspace. */
async function browse(options: IPanelOptions): Promise<string | null> {
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
async function suggestPaths(
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
