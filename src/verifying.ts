/**
 * What a verification found, in the words of somebody who has to rely on it.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Verified } from './contract';

/** The largest bundle that goes through the browser, in bytes. */
export const MOST_BYTES = 100 * 1024 * 1024;

/** One line of the result: what was checked, whether it holds; null when nobody looked. */
export interface ILine {
  name: string;
  title: string;
  ok: boolean | null;
  verdict: string | null;
  detail: string;
}

/** All checks in their order, also those that were not reached. */
export function linesOf(trans: TranslationBundle, found: Verified): ILine[] {
  const titles = titlesOf(trans);
  const said = new Map(found.checks.map(check => [check.name, check]));
  const others = found.checks.filter(({ name }) => !(name in titles));
  const known = Object.keys(titles).map(name => {
    const check = said.get(name);
    return {
      name,
      title: titles[name],
      ok: check ? check.ok : null,
      verdict: check ? check.verdict : null,
      detail: check?.detail ?? unlooked(trans, name)
    };
  });
  const rest = others.map(check => ({ ...check, title: check.name }));
  return [...known, ...rest];
}

function unlooked(trans: TranslationBundle, name: string): string {
  return name === HELD
    ? trans.__('Not checked: none was given.')
    : trans.__('Not checked: what comes before it failed.');
}

const HELD = 'against the held checkpoint';

function titlesOf(trans: TranslationBundle): { [name: string]: string } {
  return {
    archive: trans.__('Form of the zip'),
    digests: trans.__('Digests of the files'),
    signature: trans.__('Signature'),
    statement: trans.__('What was signed'),
    sources: trans.__('Records and runbook'),
    files: trans.__('No file more, none less'),
    checkpoint: trans.__('Checkpoint in it'),
    records: trans.__('No record missing'),
    inclusion: trans.__('Records in the tree'),
    'checkpoints that left': trans.__('Checkpoints that left before'),
    'kept files': trans.__('Kept files'),
    runs: trans.__('Runs'),
    state: trans.__('State of the steps'),
    'derived files': trans.__('Report, made again'),
    [HELD]: trans.__('Against a held checkpoint')
  };
}

/** What neither holds nor fails: the bundle cannot show it. */
export const UNPROVED = 'not proved';

/** The verdict in one sentence. */
export function verdictOf(trans: TranslationBundle, found: Verified): string {
  if (found.verdict === UNPROVED) {
    return trans.__(
      'Its own checks hold. Against the held checkpoint it is not proved, and not disproved.'
    );
  }
  const failed = found.checks.filter(check => check.verdict === 'fails').length;
  return found.ok
    ? trans._n(
        'It holds: %1 check, none failed.',
        'It holds: %1 checks, none failed.',
        found.checks.length
      )
    : trans._n(
        'It does not hold: %1 of %2 checks failed.',
        'It does not hold: %1 of %2 checks failed.',
        failed,
        found.checks.length
      );
}

/** The bytes of a file in base64. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
