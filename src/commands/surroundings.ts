/**
 * What the commands work with, and how they ask a person what they were not told.
 */

import { InputDialog } from '@jupyterlab/apputils';
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

/** Ask which of several things is meant; null when nobody wants to say. */
export async function choose<T extends { title: string }>(
  title: string,
  okLabel: string,
  choices: ReadonlyArray<T>
): Promise<T | null> {
  if (choices.length === 0) {
    return null;
  }
  const { value } = await InputDialog.getItem({
    title,
    okLabel,
    items: choices.map(choice => choice.title)
  });
  return choices.find(choice => choice.title === value) ?? null;
}

/** Ask for words; null when nobody wants to say. */
export async function askFor(
  title: string,
  label: string,
  okLabel: string,
  required: boolean
): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title,
    label,
    okLabel,
    required
  });
  return button.accept ? (value ?? '').trim() : null;
}
