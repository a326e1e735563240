/**
 * The keys that work in the panel, as this application has them set.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import '../style/asking.css';

const OURS = 'keys-jupyter:';

/** Show which key does what. */
export async function showKeyboard(
  commands: CommandRegistry,
  trans: TranslationBundle
): Promise<void> {
  const body = new Widget();
  body.addClass('jp-Keys-keyboard');
  const table = document.createElement('table');
  for (const binding of commands.keyBindings) {
    if (binding.command.startsWith(OURS)) {
      const row = table.insertRow();
      const keys = binding.keys.map(CommandRegistry.formatKeystroke);
      const kbd = document.createElement('kbd');
      kbd.textContent = keys.join(' ');
      row.insertCell().append(kbd);
      row.insertCell().textContent = labelOf(commands, binding, trans);
    }
  }
  body.node.append(table);
  await showDialog({
    title: trans.__('Keyboard shortcuts of Keys'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

function labelOf(
  commands: CommandRegistry,
  binding: CommandRegistry.IKeyBinding,
  trans: TranslationBundle
): string {
  const { number, tab } = binding.args;
  const label = commands.label(binding.command, binding.args);
  return typeof number === 'number'
    ? trans.__('%1: %2', label, number)
    : typeof tab === 'string'
      ? trans.__('%1: %2', label, tab)
      : label;
}
