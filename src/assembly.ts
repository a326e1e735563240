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

import { addIncidentCommands } from './commands/incidents';
import { addKeyCommands } from './commands/keys';
import { addRunCommands } from './commands/runs';
import type { ICommandSurroundings } from './commands/surroundings';
import { addViewCommands } from './commands/views';
import { KeysFrame } from './frame';
import { keepKernelless } from './kernelless';
import { Desk } from './models/desk';
import type { Place } from './models/navigation';
import { CommandIDs, PANEL_ID } from './tokens';

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
  const frame = makeFrame(options, desk, () => common);
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
  addViewCommands({ ...common, toggle });
  addKeyCommands(common);
  addRunCommands(common);
  addIncidentCommands(common);
  addEntries(options);
  addMarket(options, common);
  followNotebooks(options, common);
  rememberPlace(options, desk);
  return desk;
}

function makeFrame(
  options: IAssembly,
  desk: Desk,
  common: () => ICommandSurroundings
): KeysFrame {
  const { app, trans, rendermime, documents } = options;
  return new KeysFrame(trans, async () => {
    const { addPanelCommands, KeysPanel, startRun } = await import('./panel');
    addPanelCommands(common());
    await marketCommands(options, common());
    return new KeysPanel({
      commands: app.commands,
      contents: app.serviceManager.contents,
      kernelspecs: app.serviceManager.kernelspecs,
      desk,
      trans,
      rendermime,
      documents,
      start: request => startRun(common(), request)
    });
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

/** What a person set, as it is now. */
function taste(options: IAssembly): (name: string) => boolean {
  const values = new Map<string, boolean>();
  const { settings, id } = options;
  void settings?.load(id).then(loaded => {
    const read = (): void =>
      ['followNotebook', 'openNotebookAtEnd'].forEach(name =>
        values.set(name, loaded.get(name).composite !== false)
      );
    loaded.changed.connect(read);
    read();
  });
  return name => values.get(name) ?? true;
}

function followNotebooks(
  options: IAssembly,
  common: ICommandSurroundings
): void {
  const { desk } = common;
  const { app, tracker, trans } = options;
  const likes = taste(options);
  if (tracker !== null) {
    keepKernelless(tracker);
  }
  void app.restored.then(async () => {
    const { addNotebookCommands, notifyEnds, NewerOutput, NotebookFollower } =
      await import('./afterwards');
    addNotebookCommands(common);
    if (tracker !== null) {
      const { contents } = app.serviceManager;
      new NewerOutput({ desk, tracker, contents, trans });
      const follows = (): boolean => likes('followNotebook');
      new NotebookFollower({ app, desk, tracker, follows });
    }
    const opens = (): boolean => likes('openNotebookAtEnd');
    await notifyEnds({ commands: app.commands, desk, trans, opens });
  });
}

/** What stands in the palette without any arguments. */
const PALETTE = [
  CommandIDs.openPanel,
  CommandIDs.home,
  CommandIDs.search,
  CommandIDs.refresh,
  CommandIDs.openKey,
  CommandIDs.installKey,
  CommandIDs.runKey,
  CommandIDs.cancelRun,
  CommandIDs.openRunNotebook,
  CommandIDs.thisNotebook,
  CommandIDs.openRunbook,
  CommandIDs.startIncident,
  CommandIDs.openIncident,
  CommandIDs.showMap,
  CommandIDs.showWayOut,
  CommandIDs.markDone,
  CommandIDs.markFailed,
  CommandIDs.markSkipped,
  CommandIDs.addNote,
  CommandIDs.focusStep,
  CommandIDs.copyCommand
];

/** The same of the marketplace. */
const MARKET_PALETTE = [
  CommandIDs.openCatalogue,
  CommandIDs.signIn,
  CommandIDs.signOut,
  CommandIDs.showAccount,
  CommandIDs.askMarketplace,
  CommandIDs.cancelInstall,
  CommandIDs.updateKey,
  CommandIDs.buyKey,
  CommandIDs.stopLooking
];

/** Register the commands of the marketplace once the application stands, or with the panel if that comes first. */
function addMarket(options: IAssembly, common: ICommandSurroundings): void {
  void options.app.restored.then(async () => {
    await marketCommands(options, common);
    const category = options.trans.__('Keys');
    for (const command of MARKET_PALETTE) {
      options.palette?.addItem({ command, category });
    }
  });
}

async function marketCommands(
  options: IAssembly,
  common: ICommandSurroundings
): Promise<void> {
  const { addMarketCommands } = await import('./afterwards');
  if (!common.commands.hasCommand(CommandIDs.openCatalogue)) {
    addMarketCommands({ ...common, rendermime: options.rendermime });
  }
}

function addEntries(options: IAssembly): void {
  const { palette, launcher, trans } = options;
  const category = trans.__('Keys');
  for (const command of PALETTE) {
    palette?.addItem({ command, category, args: { isPalette: true } });
  }
  [1, -1, 0].forEach(by =>
    palette?.addItem({ command: CommandIDs.lookAtStep, category, args: { by } })
  );
  const tiles = [CommandIDs.openPanel, CommandIDs.openRunbook];
  tiles.forEach((command, rank) =>
    launcher?.add({ command, category, rank, args: { isLauncher: true } })
  );
}

/** Bring back, after a reload, what the panel showed. */
function rememberPlace(options: IAssembly, desk: Desk): void {
  const { app, state } = options;
  const key = `${options.id}:trail`;
  const { navigation } = desk;
  if (state === null) {
    return;
  }
  const keep = (): void => {
    const trail = navigation.trail.filter(place => place.view !== 'notebook');
    const value = JSON.parse(JSON.stringify(trail)) as ReadonlyPartialJSONValue;
    void state.save(key, value);
  };
  void Promise.all([state.fetch(key), app.restored]).then(([kept]) => {
    if (navigation.trail.length === 1 && Array.isArray(kept)) {
      navigation.restore(kept as unknown as Place[]);
    }
    navigation.changed.connect(keep);
  });
}
