/**
 * Commands that take an incident out of the panel: the main area, the printer, an editor; and its menu.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Menu } from '@lumino/widgets';

import { IncidentTerminals } from '../terminal';
import { CommandIDs } from '../tokens';
import { nodeHere, shownPlace } from './acting';
import { args, count, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { askFor } from './questions';
import { textOf } from '../names';
import { given } from './surroundings';

/** What these commands need beside the others. */
export interface IAround extends ICommandSurroundings {
  app: JupyterFrontEnd;
  rendermime: IRenderMimeRegistry | null;
}

/** What the menu of an incident holds; a null is a line between groups. */
const MENU: Array<string | null> = [
  CommandIDs.undo,
  CommandIDs.noteIncident,
  CommandIDs.addFact,
  CommandIDs.startTimer,
  null,
  CommandIDs.addAnalysis,
  CommandIDs.linkRunbook,
  null,
  CommandIDs.claim,
  CommandIDs.handOver,
  CommandIDs.closeIncident,
  CommandIDs.reopenIncident,
  null,
  CommandIDs.openWide,
  CommandIDs.printChecklist,
  CommandIDs.showKeyboard
];

/** Add the commands that lead out of the panel. */
export function addAroundCommands(options: IAround): void {
  addMenu(options);
  addTerminal(options);
  addPrint(options);
  addCustomise(options);
  addKeyboardHelp(options);
}

function addMenu(options: IAround): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.incidentMenu, {
    label: trans.__('More for This Incident'),
    isEnabled: () => shownPlace(options) !== null,
    describedBy: { args: args() },
    execute: () => {
      const menu = new Menu({ commands });
      for (const command of MENU) {
        if (command === null) {
          menu.addItem({ type: 'separator' });
        } else if (commands.isEnabled(command)) {
          menu.addItem({ command });
        }
      }
      const opener = nodeHere(options).querySelector('[data-act="menu"]');
      const { left = 0, bottom = 0 } = opener?.getBoundingClientRect() ?? {};
      menu.aboutToClose.connect(() => {
        // The choice runs first; then nothing of the menu is left.
        window.setTimeout(() => menu.dispose());
        (opener as HTMLElement | null)?.focus();
      });
      menu.node.addEventListener('keydown', event => chooseBy(menu, event));
      menu.open(left, bottom);
    }
  });
}

/** A letter that begins one entry only takes it at once. */
function chooseBy(menu: Menu, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const letter = event.key.toLowerCase();
  const fitting = menu.items.filter(
    item => item.label.charAt(0).toLowerCase() === letter
  );
  if (fitting.length === 1) {
    event.preventDefault();
    event.stopImmediatePropagation();
    menu.activeIndex = menu.items.indexOf(fitting[0]);
    menu.triggerActiveItem();
  }
}

/** One line onto the incident's own terminal. */
function addTerminal(options: IAround): void {
  const { commands, desk, trans, app } = options;
  const terminals = new IncidentTerminals(app);
  commands.addCommand(CommandIDs.putOnPrompt, {
    label: trans.__('Put a Line on the Incident’s Terminal'),
    isEnabled: () => terminals.isAvailable,
    describedBy: {
      args: args({
        incident: count(trans.__('The number of the incident.')),
        line: text(trans.__('The line; it is not entered.'))
      })
    },
    execute: async values => {
      await terminals.put(Number(values.incident), given(values, 'line') ?? '');
      desk.announce(trans.__('On the terminal’s prompt, not entered.'));
    }
  });
}

function addPrint(options: IAround): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.printChecklist, {
    label: trans.__('Print Checklist…'),
    caption: trans.__('The incident as it stands, for paper'),
    isEnabled: () => shownPlace(options) !== null,
    describedBy: {
      args: args({ 'id?': text(trans.__('The incident; the one on screen.')) })
    },
    execute: async values => {
      const id = given(values, 'id') ?? shownPlace(options)?.id;
      if (id) {
        await desk.attempt(async () => {
          const { markdown } = await desk.api.checklist(id);
          const { printMarkdown } = await import('../printing');
          await printMarkdown(options.rendermime, markdown);
        });
      }
    }
  });
}

function addCustomise(options: IAround): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.customise, {
    label: trans.__('Customise Runbook…'),
    caption: trans.__('Copy a runbook into the workspace and edit the copy'),
    describedBy: {
      args: args({
        slug: text(trans.__('The runbook.')),
        'name?': text(trans.__('The copy’s name; asked for when left out.'))
      })
    },
    execute: async values => {
      const slug = given(values, 'slug');
      const name =
        given(values, 'name') ??
        (await askFor(
          trans.__('Customise this runbook'),
          trans.__('Name of the copy; made from the original’s when empty'),
          trans.__('Copy'),
          false
        ));
      if (slug === null || name === null) {
        return;
      }
      await desk.attempt(async () => {
        const copy = await desk.api.customise(slug, name || null);
        await desk.catalog.refresh();
        desk.navigation.go({ view: 'runbook', slug: copy.slug });
        const path = textOf(copy.path);
        await commands.execute('docmanager:open', { path });
      });
    }
  });
}

/** The keys that work here, as they are set. */
function addKeyboardHelp(options: IAround): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.showKeyboard, {
    label: trans.__('Keyboard Shortcuts of Keys'),
    describedBy: { args: args() },
    execute: async () => {
      const { showKeyboard } = await import('../keyboard');
      await showKeyboard(commands, trans);
    }
  });
}

/** Look at a runbook of the workspace whenever it is saved. */
export function lintOnSave(options: IAround): void {
  const { app, desk, trans, commands } = options;
  app.serviceManager.contents.fileChanged.connect((_, change) => {
    const path = change.newValue?.path ?? '';
    const saved = change.type === 'save' && path.startsWith('runbooks/');
    if (!saved || !path.endsWith('.md')) {
      return;
    }
    // A runbook is a folder with a README.md, or one file.
    const [, name, inside] = path.split('/');
    const place = inside ? `runbooks/${name}` : path;
    void desk.attempt(async () => {
      const { ok, problems } = await desk.api.lint(place);
      await desk.catalog.refresh();
      const row = desk.catalog.runbooks.find(book => book.path === place);
      const slug = row?.slug ?? place;
      desk.readiness.again(slug);
      if (ok) {
        desk.announce(trans.__('No problem in %1.', name));
      } else {
        const [first] = problems;
        Notification.emit(
          trans.__('%1, line %2: %3', name, first.line, first.message),
          'warning',
          {
            actions: [
              {
                label: trans.__('Show all'),
                callback: () =>
                  void commands.execute(CommandIDs.openRunbook, { slug })
              }
            ]
          }
        );
      }
      await desk.catalog.loadRunbook(slug);
    });
  });
}
