/**
 * Declared parameters as a form understands them, and a filled form as a run request.
 */

import type { UiSchema } from '@rjsf/utils';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { Parameter, ParametersReply } from '../contract';
import type { Draft } from '../models/navigation';

/** A JSON Schema, as far as we look into it. */
type Schema = { [keyword: string]: unknown };

/** From how many optional values on the rest is folded away. */
const SHOWN_OPTIONAL = 6;

/** The schemas of the parameters, by name. */
function declaredOf(reply: ParametersReply): { [name: string]: Schema } {
  return (reply.json_schema.properties ?? {}) as { [name: string]: Schema };
}

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
export function schemaOf(reply: ParametersReply): Schema {
  const declared = declaredOf(reply);
  const shown = asked(reply.parameters);
  const properties: { [name: string]: Schema } = {};
  for (const parameter of shown) {
    properties[parameter.name] = fieldSchema(
      parameter,
      declared[parameter.name] ?? {}
    );
  }
  const required = shown.filter(p => p.required).map(p => p.name);
  return { type: 'object', properties, required };
}

/** One parameter: "something or nothing" becomes a field that may stay empty. */
function fieldSchema(parameter: Parameter, declared: Schema): Schema {
  const schema: Schema = { ...plainOf(declared), title: parameter.title };
  delete schema.default;
  delete schema.description;
  if (schema.format === 'date-time') {
    // A moment without its time zone is one, too; the server reads both.
    delete schema.format;
  }
  if (typeof schema.pattern === 'string' && !isPattern(schema.pattern)) {
    // Python knows more forms than the browser; the server looks again.
    delete schema.pattern;
  }
  const typed = schema.type ?? schema.enum ?? schema.anyOf;
  return typed || parameter.type === 'Any'
    ? schema
    : { ...schema, type: 'string' };
}

/** The schema without "or nothing"; still a choice of schemas where several kinds of value fit. */
function plainOf(declared: Schema): Schema {
  const { anyOf, ...rest } = declared;
  if (!Array.isArray(anyOf)) {
    return rest;
  }
  const members = (anyOf as Schema[]).filter(other => other.type !== 'null');
  return members.length === 1
    ? { ...rest, ...members[0] }
    : { ...rest, anyOf: members };
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** How each field is drawn; `unset` stands in a field that may stay empty. */
export function uiOf(
  reply: ParametersReply,
  unset = ''
): UiSchema<ReadonlyJSONObject> {
  const ui: UiSchema<ReadonlyJSONObject> = {
    'ui:options': { folded: folded(reply.parameters) }
  };
  const declared = declaredOf(reply);
  for (const parameter of asked(reply.parameters)) {
    ui[parameter.name] = {
      ...drawn(parameter, plainOf(declared[parameter.name] ?? {})),
      'ui:autocomplete': parameter.secret ? 'new-password' : 'off',
      'ui:placeholder': parameter.optional ? unset : leftOut(parameter),
      'ui:options': { parameter }
    };
  }
  return ui;
}

/** What a number is that is left empty: the notebook's own value runs. */
function leftOut(parameter: Parameter): string {
  const { default: own } = parameter;
  return typeof own === 'number' ? String(own) : '';
}

/** Which widget or field of ours draws a parameter; nothing where the form's own will do. */
function drawn(parameter: Parameter, schema: Schema): Schema {
  const field = (name: string): Schema => ({
    'ui:field': name,
    'ui:fieldReplacesAnyOrOneOf': true
  });
  if (parameter.file) {
    return { 'ui:widget': 'path' };
  }
  if (parameter.secret) {
    return { 'ui:widget': 'password' };
  }
  if (schema.enum || (schema.type === 'boolean' && parameter.optional)) {
    return { 'ui:widget': 'choice' };
  }
  if (schema.type === 'array') {
    const { type } = (schema.items ?? {}) as Schema;
    const plain = ['string', 'integer', 'number'].includes(String(type));
    return field(plain ? 'lines' : 'json');
  }
  if (schema.type === 'object' || schema.anyOf || parameter.type === 'Any') {
    return field('json');
  }
  return schema.format === 'date-time' ? { 'ui:widget': 'moment' } : {};
}

/** The values a form begins with: the notebook's own, or those of an earlier run. */
export function initialValues(
  parameters: Parameter[],
  example: Draft = {}
): Draft {
  const draft: Draft = {};
  for (const parameter of asked(parameters)) {
    const { name, default: own } = parameter;
    const value = isUsable(parameter, example) ? example[name] : own;
    if (value !== null && value !== undefined) {
      draft[name] = value;
    }
  }
  return draft;
}

/** Whether an earlier run's value may be used again: never a secret, and no choice that is gone. */
function isUsable(parameter: Parameter, example: Draft): boolean {
  const { name, choices, secret } = parameter;
  const value = example[name];
  const there = choices === null || value === null || choices.includes(value);
  return name in example && !secret && there;
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

/** The values that others may see and that may be kept. */
export function withoutSecrets(parameters: Parameter[], values: Draft): Draft {
  const secret = parameters.filter(one => one.secret).map(one => one.name);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !secret.includes(name))
  );
}

/** The secret values, which only the kernel may see. */
export function secretsOf(
  parameters: Parameter[],
  values: Draft
): { [name: string]: string } {
  const secret = parameters.filter(one => one.secret && one.name in values);
  return Object.fromEntries(
    secret.map(({ name }) => [name, String(values[name])])
  );
}

/** Whether two values are the same JSON. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
