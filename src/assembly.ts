/**
 * Puts the panel together: models, frame, commands, and whatever the application has for them.
 */

import type {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd
} from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { ILauncher } from '@jupyterlab/launcher';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import { addPanelCommand } from './commands/panel';
import { addRunbookCommand } from './commands/runbook';
import type { ICommandSurroundings } from './commands/surroundings';
import { KeysFrame } from './frame';
import { keepKernelless } from './kernelless';
import { Desk } from './models/desk';
import type { Place } from './models/navigation';
import type { IPanelOptions } from './panel';
import { CommandIDs, PANEL_ID } from './tokens';
import { addWide } from './widening';

/** The width the views are made for. */
const WIDTH = '320px';

/** What the application has for the panel; only the first two are always there. */
export interface IAssembly {
  app: JupyterFrontEnd;
  trans: TranslationBundle;
  labShell: ILabShell | null;
  restorer: ILayoutRestorer | null;
  palette: ICommandPalette | null;
  launcher: ILauncher | null;
  tracker: INotebookTracker | null;
  documents: IDocumentManager | null;
  rendermime: IRenderMimeRegistry | null;
  settings: ISettingRegistry | null;
  state: IStateDB | null;
  /** The id of the plugin, which is the name of its settings. */
  id: string;
}

/** Make the models and the panel, and register all that leads to it. */
export function assemble(options: IAssembly): Desk {
  const { app, trans, restorer } = options;
  const desk = new Desk(app.serviceManager);
  // What the address asks for is read before anything rewrites it.
  const { search } = window.location;
  const views = viewOptions(options, desk, () => common);
  const frame = makeFrame(trans, views, () => later());
  if (options.labShell !== null) {
    // Only JupyterLab makes room for it; Notebook 7 would cut it off.
    frame.node.style.minWidth = WIDTH;
  }
  app.shell.add(frame, 'left', { rank: 300, type: 'Keys' });
  restorer?.add(frame, PANEL_ID);
  const common: ICommandSurroundings = {
    commands: app.commands,
    desk,
    trans,
    node: frame.node,
    save: async (path: string): Promise<void> => {
      const context = options.documents?.findWidget(path)?.context;
      if (context?.model.dirty) {
        await context.save();
      }
    },
    reveal: async (): Promise<void> => {
      app.shell.activateById(PANEL_ID);
      await frame.filled;
    }
  };
  const toggle = (): void => togglePanel(options, frame);
  addPanelCommand({ ...common, toggle });
  addRunbookCommand(common);
  const later = once(async () => {
    const { addLaterCommands, followLink } = await import('./commands/later');
    const { rendermime, palette } = options;
    addLaterCommands({ ...common, app, rendermime, palette });
    return followLink;
  });
  addWide({ app, restorer, views, frame: frame.node });
  addEntries(options);
  followNotebooks(options, desk, frame);
  const { reveal } = common;
  void rememberPlace(options, desk).then(async () => {
    const followLink = await later();
    await followLink({ desk, search, reveal });
  });
  return desk;
}

/** What every view of the models needs. */
function viewOptions(
  options: IAssembly,
  desk: Desk,
  common: () => ICommandSurroundings
): IPanelOptions {
  const { app, trans, rendermime, documents } = options;
  return {
    commands: app.commands,
    contents: app.serviceManager.contents,
    kernelspecs: app.serviceManager.kernelspecs,
    desk,
    trans,
    rendermime,
    documents,
    start: async request => {
      const { startRun } = await import('./commands/later');
      return startRun(common(), request);
    }
  };
}

/** Something that is done when it is first asked for. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

function makeFrame(
  trans: TranslationBundle,
  views: IPanelOptions,
  later: () => Promise<unknown>
): KeysFrame {
  return new KeysFrame(trans, async () => {
    const [{ KeysPanel }] = await Promise.all([import('./panel'), later()]);
    return new KeysPanel(views);
  });
}

/** To the panel, and from the panel back to where one was. */
function togglePanel(options: IAssembly, frame: KeysFrame): void {
  const { shell } = options.app;
  const inside = frame.node.contains(document.activeElement);
  const main = shell.currentWidget;
  if (inside && main !== null) {
    shell.activateById(main.id);
  } else {
    shell.activateById(PANEL_ID);
  }
}

function followNotebooks(
  options: IAssembly,
  desk: Desk,
  frame: KeysFrame
): void {
  const { app, tracker } = options;
  if (tracker !== null) {
    keepKernelless(tracker);
  }
  void app.restored.then(async () => {
    const { followAll } = await import('./afterwards');
    await followAll(options, desk, frame);
  });
}

function addEntries(options: IAssembly): void {
  const { launcher, trans } = options;
  const category = trans.__('Keys');
  const tiles = [CommandIDs.openPanel, CommandIDs.openRunbook];
  tiles.forEach((command, rank) =>
    launcher?.add({ command, category, rank, args: { isLauncher: true } })
  );
}

/** Bring back, after a reload, what the panel showed. */
async function rememberPlace(options: IAssembly, desk: Desk): Promise<void> {
  const { app, state } = options;
  const key = `${options.id}:trail`;
  const { navigation } = desk;
  if (state === null) {
    return app.restored;
  }
  const keep = (): void => {
    const trail = navigation.trail.filter(place => place.view !== 'notebook');
    const value = JSON.parse(JSON.stringify(trail)) as ReadonlyPartialJSONValue;
    void state.save(key, value);
  };
  const [kept] = await Promise.all([state.fetch(key), app.restored]);
  if (navigation.trail.length === 1 && Array.isArray(kept)) {
    navigation.restore(kept as unknown as Place[]);
  }
  navigation.changed.connect(keep);
}
