/**
 * What is wrong with a value of a form, in our words.
 */

import type { RJSFValidationError } from '@rjsf/utils';
import type { TranslationBundle } from '@jupyterlab/translation';

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
      return trans.__('The form is not right: %1.', String(limits.pattern));
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
