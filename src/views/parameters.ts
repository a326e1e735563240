/**
 * Declared parameters as a form understands them, and a filled form as a run request.
 */

import type { RJSFValidationError, UiSchema } from '@rjsf/utils';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Parameter, ParametersReply } from '../contract';
import type { Draft } from '../models/navigation';

/** A JSON Schema, as far as we look into it. */
type Schema = { [keyword: string]: unknown };

/** From how many optional values on the rest is folded away. */
const SHOWN_OPTIONAL = 6;

/** The parameters a person fills in; the folder for artifacts is the run's own. */
export function asked(parameters: Parameter[]): Parameter[] {
  return parameters.filter(parameter => !parameter.output_folder);
}

/** Names of the parameters that are folded away: optional, with a default, and many. */
export function folded(parameters: Parameter[]): string[] {
  const optional = asked(parameters).filter(
    parameter => !parameter.required && !parameter.file
  );
  return optional.slice(SHOWN_OPTIONAL).map(parameter => parameter.name);
}

/** The schema of the form: the server's, flattened to what a field can show. */
export function schemaOf(
  trans: TranslationBundle,
  reply: ParametersReply
): Schema {
  const declared = (reply.json_schema.properties ?? {}) as {
    [name: string]: Schema;
  };
  const shown = asked(reply.parameters);
  const properties: { [name: string]: Schema } = {};
  for (const parameter of shown) {
    properties[parameter.name] = fieldSchema(
      trans,
      parameter,
      declared[parameter.name] ?? {}
    );
  }
  const required = shown.filter(p => p.required).map(p => p.name);
  return { type: 'object', properties, required };
}

/** One parameter: "something or nothing" becomes a field that may stay empty. */
function fieldSchema(
  trans: TranslationBundle,
  parameter: Parameter,
  declared: Schema
): Schema {
  const { anyOf, ...plain } = declared;
  const members = (anyOf ?? []) as Schema[];
  const member = members.find(other => other.type !== 'null') ?? {};
  const schema: Schema = { ...plain, ...member, title: parameter.title };
  delete schema.default;
  delete schema.description;
  if (schema.format === 'date-time') {
    // A date without its time zone is what people type; the server reads it as UTC.
    delete schema.format;
  }
  if (parameter.optional && Array.isArray(schema.enum)) {
    const options = schema.enum as unknown[];
    delete schema.enum;
    schema.oneOf = [
      { const: '', title: trans.__('Not set') },
      ...options.map(value => ({ const: value, title: String(value) }))
    ];
    delete schema.type;
  }
  return schema.type || schema.oneOf || schema.enum
    ? schema
    : { ...schema, type: 'string' };
}

/** How each field is drawn. */
export function uiOf(reply: ParametersReply): UiSchema<ReadonlyJSONObject> {
  const ui: UiSchema<ReadonlyJSONObject> = {
    'ui:options': { folded: folded(reply.parameters) }
  };
  for (const parameter of asked(reply.parameters)) {
    ui[parameter.name] = {
      'ui:widget': widgetOf(parameter),
      'ui:autocomplete': 'off',
      'ui:placeholder': '',
      'ui:options': { sample: parameter.default }
    };
  }
  return ui;
}

function widgetOf(parameter: Parameter): string | undefined {
  if (parameter.file) {
    return 'path';
  }
  return parameter.secret ? 'password' : undefined;
}

/** The values a form begins with: the notebook's own, or those of an earlier run. */
export function initialValues(
  parameters: Parameter[],
  example: Draft = {}
): Draft {
  const draft: Draft = {};
  for (const { name, default: own } of asked(parameters)) {
    const value = example[name] ?? own;
    if (value !== null && value !== undefined) {
      draft[name] = value;
    }
  }
  return draft;
}

/**
 * What a person changed.
 *
 * A value left at its default is not sent: the notebook's own cell has it, and a sample
 * file's path means something only inside the run folder.
 */
export function given(
  parameters: Parameter[],
  values: Draft
): { parameters: Draft; nulls: string[] } {
  const changed: Draft = {};
  const nulls: string[] = [];
  for (const parameter of asked(parameters)) {
    const value = values[parameter.name];
    const empty = value === undefined || value === '' || value === null;
    if (empty && parameter.optional) {
      if (parameter.default !== null) {
        nulls.push(parameter.name);
      }
    } else if (!empty && !same(value, parameter.default)) {
      changed[parameter.name] = value;
    } else if (empty && isEmptiedText(parameter)) {
      changed[parameter.name] = '';
    }
  }
  return { parameters: changed, nulls };
}

/** A text that had a default and was emptied on purpose. */
function isEmptiedText(parameter: Parameter): boolean {
  return (
    parameter.type === 'str' &&
    typeof parameter.default === 'string' &&
    parameter.default !== ''
  );
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What is wrong with a value, in our words. */
export function problemWords(
  trans: TranslationBundle,
  problem: RJSFValidationError
): string {
  const limits = (problem.params ?? {}) as { [name: string]: unknown };
  const limit = String(limits.limit ?? '');
  switch (problem.name) {
    case 'required':
      return trans.__('A value is needed.');
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
    default:
      return trans.__('This value does not fit.');
  }
}
