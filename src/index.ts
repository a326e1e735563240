/**
 * The plugins of Keys for Jupyter.
 */

import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

// Activation needs these at once; what only the panel needs is loaded when it is first shown.
/* eslint-disable jupyter/prefer-lazy-imports */
import { assemble } from './assembly';
import { resultFactory } from './renderer';
/* eslint-enable jupyter/prefer-lazy-imports */
import { IKeys } from './tokens';

export { CommandIDs, IKeys, PANEL_ID, RESULT_MIME } from './tokens';

/** The name under which our strings are translated. */
const DOMAIN = 'keys_jupyter';

/** The panel, its commands, and what follows the active notebook. */
const panel: JupyterFrontEndPlugin<IKeys> = {
  id: 'keys-jupyter:plugin',
  description:
    'The Keys side panel: runbooks and keys, incidents, and the step of the active notebook.',
  autoStart: true,
  provides: IKeys,
  optional: [
    ITranslator,
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    INotebookTracker,
    IDocumentManager,
    IRenderMimeRegistry,
    ISettingRegistry,
    IStateDB
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    tracker: INotebookTracker | null,
    documents: IDocumentManager | null,
    rendermime: IRenderMimeRegistry | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null
  ): IKeys =>
    assemble({
      app,
      trans: (translator ?? nullTranslator).load(DOMAIN),
      labShell,
      restorer,
      palette,
      launcher,
      tracker,
      documents,
      rendermime,
      settings,
      state,
      id: panel.id
    })
};

/** The open incident in the status bar. */
const status: JupyterFrontEndPlugin<void> = {
  id: 'keys-jupyter:status',
  description: 'The open incident, its step and its age in the status bar.',
  autoStart: true,
  requires: [IKeys],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    desk: IKeys,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (statusBar === null) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    void app.restored.then(async () => {
      const { IncidentStatus } = await import('./status');
      const item = new IncidentStatus({ desk, trans, commands: app.commands });
      statusBar.registerStatusItem(status.id, { item, rank: 90 });
      // The panel says what is wrong with the server; the status bar stays quiet.
      await desk.incidents.refresh().catch(() => undefined);
    });
  }
};

/** Results of keys in notebooks. */
const renderer: JupyterFrontEndPlugin<void> = {
  id: 'keys-jupyter:results',
  description: 'Shows the results of a key in notebooks, trusted or not.',
  autoStart: true,
  optional: [IRenderMimeRegistry, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    rendermime?.addFactory(resultFactory(trans));
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [panel, status, renderer];

export default plugins;
