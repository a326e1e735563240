/**
 * What the commands work with.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Desk } from '../models/desk';

/** What the commands work with. */
export interface ICommandSurroundings {
  /** Where they are registered. */
  commands: CommandRegistry;
  /** The models. */
  desk: Desk;
  /** The words. */
  trans: TranslationBundle;
  /** Save a document that is open and was changed. */
  save: (path: string) => Promise<void>;
  /** Show the panel. */
  reveal: () => Promise<void>;
  /** The panel's element. */
  node: HTMLElement;
}

/** A text argument of a command; null when it was not given. */
export function given(
  values: { [name: string]: unknown },
  name: string
): string | null {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
