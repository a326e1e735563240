/**
 * The step of a notebook in its own toolbar; it opens the panel there.
 */

import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import '../style/badge.css';

import type { Context } from './contract';
import type { Desk } from './models/desk';
import { keyIcon } from './icons';
import { titleWords } from './names';
import { endWords } from './endwords';
import { CommandIDs } from './tokens';

/** The command that collects the active notebook. */
const COLLECT = 'keys-jupyter:collect-notebook';

/** The name of the badge among a toolbar's items. */
const ITEM = 'keys-step';

/** Keep the badge of the active notebook as what the server says of it. */
export function keepBadges(options: {
  desk: Desk;
  trans: TranslationBundle;
  commands: CommandRegistry;
  current: () => NotebookPanel | null;
}): void {
  const { desk, current } = options;
  const show = (): void => {
    const panel = current();
    const { context, notebook } = desk.context;
    if (panel === null || notebook?.path !== panel.context.path) {
      return;
    }
    // While an incident is open, any notebook may be collected under it.
    const open = desk.incidents.open.length > 0;
    if (context !== null || open || StepBadge.on(panel) !== null) {
      badgeOf(panel, options).tell(context, open);
    }
  };
  desk.context.changed.connect(show);
  desk.incidents.changed.connect(show);
  desk.runs.changed.connect(show);
  show();
}

function badgeOf(
  panel: NotebookPanel,
  options: { desk: Desk; trans: TranslationBundle; commands: CommandRegistry }
): StepBadge {
  const { toolbar } = panel;
  const known = StepBadge.on(panel);
  if (known !== null) {
    return known;
  }
  const badge = new StepBadge(options);
  if (!toolbar.insertBefore('spacer', ITEM, badge)) {
    toolbar.addItem(ITEM, badge);
  }
  return badge;
}

/** A button with the step's name and how its run stands. */
class StepBadge extends Widget {
  constructor(
    private _options: {
      desk: Desk;
      trans: TranslationBundle;
      commands: CommandRegistry;
    }
  ) {
    super();
    this.addClass('jp-Keys-badge');
    this._button = this._add(CommandIDs.thisNotebook);
    this._collect = this._add(COLLECT);
    const { trans } = _options;
    this._collect.textContent = trans.__('Collect');
    this._collect.title = trans.__(
      'Collect this notebook as evidence, as it is saved; nothing is kept twice'
    );
  }

  /** The badge of a notebook; null where it has none. */
  static on(panel: NotebookPanel): StepBadge | null {
    const layout = panel.toolbar.layout as Iterable<Widget> | null;
    for (const item of layout ?? []) {
      if (item instanceof StepBadge) {
        return item;
      }
    }
    return null;
  }

  /** Show where the notebook belongs, how its run stands, and whether it may be collected. */
  tell(context: Context | null, open: boolean): void {
    this._button.hidden = context === null;
    this._collect.hidden = !open && !context?.incident;
    if (context !== null) {
      this._place(context);
    }
  }

  private _place(context: Context): void {
    const { desk, trans } = this._options;
    const run = desk.runs.get(context.run?.id ?? '') ?? context.run;
    const place =
      context.state?.label || titleWords(context.step?.title ?? '') || 'Keys';
    const word = run
      ? endWords(trans, run.state)
      : context.copy_of
        ? trans.__('a copy')
        : '';
    const text = [place, word].filter(Boolean).join(': ');
    const label = trans.__('%1. Show the step in the Keys panel', text);
    this._button.replaceChildren();
    keyIcon.element({
      container: this._button.appendChild(span()),
      tag: 'span'
    });
    this._button.append(Object.assign(span(), { textContent: text }));
    this._button.setAttribute('aria-label', label);
    this._button.title = [label, context.step?.title]
      .filter(Boolean)
      .join('\n');
  }

  private _add(command: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => {
      void this._options.commands.execute(command);
    });
    this.node.append(button);
    return button;
  }

  private _button: HTMLButtonElement;
  private _collect: HTMLButtonElement;
}

function span(): HTMLSpanElement {
  return document.createElement('span');
}
