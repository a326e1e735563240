/**
 * The few words that the status bar needs before the panel is loaded.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

/** A title without the word for its kind, which the place it stands in says already. */
export function titleWords(title: string): string {
  return (
    title.replace(/^Jupyter Keys?: /, '').replace(/ Runbook$/, '') || title
  );
}

/** The text of a runbook of the workspace, which is a folder with a README.md or one file. */
export function textOf(path: string): string {
  return path.endsWith('.md') ? path : `${path}/README.md`;
}

/** A span in minutes, in hours and minutes when it is long. */
export function minutesWords(trans: TranslationBundle, ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  return minutes < 120
    ? trans.__('%1 min', minutes)
    : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}
