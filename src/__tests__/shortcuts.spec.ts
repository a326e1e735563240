/**
 * The shortcut of the help is what a keyboard sends for "?": no event ever has "?" as its key.
 */

import { CommandRegistry } from '@lumino/commands';

import schema from '../../schema/plugin.json';

describe('the shortcut of the help', () => {
  it('is what is sent when "?" is typed', () => {
    const typed = new KeyboardEvent('keydown', {
      keyCode: 191,
      shiftKey: true
    });
    const help = schema['jupyter.lab.shortcuts'].find(
      ({ command }) => command === 'keys-jupyter:show-keyboard-help'
    );
    expect(help?.keys).toEqual([
      CommandRegistry.keystrokeForKeydownEvent(typed)
    ]);
  });
});
