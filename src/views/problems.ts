/**
 * What is wrong with a value of a form, in our words.
 */

import type { RJSFValidationError } from '@rjsf/utils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Parameter } from '../contract';
import type { Draft } from '../models/navigation';
import type { KeysError } from '../request';
import { asked, same } from './parameters';

/** What the server said of values, by the names of their fields. */
export type Wrong = { [name: string]: string[] };

/** What an error says of the fields of a form; null when it is not about them alone. */
export function wrongFields(
  parameters: Parameter[],
  error: KeysError
): Wrong | null {
  const names = asked(parameters).map(parameter => parameter.name);
  const { problems } = error;
  if (
    problems.length === 0 ||
    problems.some(one => !names.includes(one.name))
  ) {
    return null;
  }
  const wrong: Wrong = {};
  for (const { name, message, hint } of problems) {
    wrong[name] = [...(wrong[name] ?? []), `${message} ${hint}`.trim()];
  }
  return wrong;
}

/** The numbers of a form that a browser cannot read, such as "1e": it tells them as empty, so no check sees them. */
export function unreadable(
  trans: TranslationBundle,
  form: HTMLElement | null
): Wrong {
  const inputs = form?.querySelectorAll<HTMLInputElement>('input') ?? [];
  return Object.fromEntries(
    [...inputs]
      .filter(input => input.validity.badInput)
      .map(({ id }) => [
        id.replace(/^root_/, ''),
        [typeProblem(trans, 'number')]
      ])
  );
}

/** What was said of values that are still as they were then. */
export function stillWrong(
  before: { values: Draft; wrong: Wrong },
  values: Draft
): Wrong {
  return Object.fromEntries(
    Object.entries(before.wrong).filter(([name]) =>
      same(before.values[name] ?? null, values[name] ?? null)
    )
  );
}

/** What is said of a field that has to be filled in and is empty. */
export function neededWords(trans: TranslationBundle): string {
  return trans.__('A value is needed.');
}

/** What is wrong with a value. */
export function problemWords(
  trans: TranslationBundle,
  problem: RJSFValidationError
): string {
  const limits = (problem.params ?? {}) as { [name: string]: unknown };
  const limit = String(limits.limit ?? '');
  switch (problem.name) {
    case 'required':
      return neededWords(trans);
    case 'minimum':
      return trans.__('At least %1 is needed.', limit);
    case 'maximum':
      return trans.__('At most %1 is allowed.', limit);
    case 'pattern':
      return trans.__(
        'This is not in the form that is needed. As a pattern: %1',
        String(limits.pattern)
      );
    case 'format':
      return trans.__('A date is needed, for example 2026-11-21.');
    case 'enum':
    case 'oneOf':
    case 'const':
      return trans.__('One of the choices is needed.');
    case 'uniqueItems':
      return trans.__('No value may be there twice.');
    case 'type':
      return typeProblem(trans, String(limits.type));
    default:
      return problem.message ?? trans.__('This value does not fit.');
  }
}

function typeProblem(trans: TranslationBundle, type: string): string {
  switch (type) {
    case 'integer':
      return trans.__('A whole number is needed, for example 95.');
    case 'number':
      return trans.__('A number is needed, without its unit, for example 95.');
    case 'array':
      return trans.__('A list is needed, for example [1, 2].');
    case 'object':
      return trans.__('Names with values are needed, for example {"a": 1}.');
    default:
      return trans.__('This value does not fit.');
  }
}
