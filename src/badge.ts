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
    const { context } = desk.context;
    if (panel !== null && context?.path === panel.context.path) {
      badgeOf(panel, options).tell(context);
    }
  };
  desk.context.changed.connect(show);
  desk.runs.changed.connect(show);
  show();
}

function badgeOf(
  panel: NotebookPanel,
  options: { desk: Desk; trans: TranslationBundle; commands: CommandRegistry }
): StepBadge {
  const { toolbar } = panel;
  const layout = toolbar.layout as Iterable<Widget> | null;
  for (const item of layout ?? []) {
    if (item instanceof StepBadge) {
      return item;
    }
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
    this._button = document.createElement('button');
    this._button.type = 'button';
    this._button.addEventListener('click', () => {
      const { commands } = this._options;
      void commands.execute(CommandIDs.thisNotebook);
    });
    this.node.append(this._button);
  }

  /** Show where the notebook belongs and how its run stands. */
  tell(context: Context): void {
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

  private _button: HTMLButtonElement;
}

function span(): HTMLSpanElement {
  return document.createElement('span');
}
