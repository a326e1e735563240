/**
 * How the commands ask a person what they were not told.
 */

import { InputDialog } from '@jupyterlab/apputils';

import { titleWords } from '../names';
import type { ICommandSurroundings } from './surroundings';

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

/** Ask for words, again while they are needed and none were typed; null when nobody wants to say. */
export async function askFor(
  title: string,
  label: string,
  okLabel: string,
  required: boolean,
  text = ''
): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title,
    label,
    okLabel,
    required,
    text
  });
  if (!button.accept) {
    return null;
  }
  const words = (value ?? '').trim();
  return words === '' && required
    ? askFor(title, label, okLabel, required)
    : words;
}

/** Ask which runbook is meant. */
export async function chooseRunbook(
  options: ICommandSurroundings
): Promise<string | null> {
  const { desk, trans } = options;
  await desk.catalog.ensure();
  const row = await choose(
    trans.__('Which runbook?'),
    trans.__('Choose'),
    desk.catalog.runbooks.map(({ slug, title, path }) => ({
      slug,
      // A copy has its original's title.
      title: [titleWords(title), path && `(${path})`].filter(Boolean).join(' ')
    }))
  );
  return row?.slug ?? null;
}
