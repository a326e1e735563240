/**
 * The arguments of commands, described for those who call them.
 */

import type { ReadonlyJSONObject } from '@lumino/coreutils';

/** A described argument. */
export interface IArgument {
  type: 'string' | 'number' | 'boolean' | 'object' | 'array';
  description: string;
}

/** The JSON Schema of a command's arguments; names ending in "?" are optional. */
export function args(
  described: { [name: string]: IArgument } = {}
): ReadonlyJSONObject {
  const names = Object.keys(described);
  const properties: { [name: string]: ReadonlyJSONObject } = {};
  for (const name of names) {
    properties[bare(name)] = { ...described[name] };
  }
  return {
    type: 'object',
    properties,
    required: names.filter(name => name === bare(name))
  };
}

/** A text argument. */
export function text(description: string): IArgument {
  return { type: 'string', description };
}

/** A number. */
export function count(description: string): IArgument {
  return { type: 'number', description };
}

/** Yes or no. */
export function flag(description: string): IArgument {
  return { type: 'boolean', description };
}

/** Several texts. */
export function list(description: string): IArgument {
  return { type: 'array', description };
}

/** An object. */
export function record(description: string): IArgument {
  return { type: 'object', description };
}

function bare(name: string): string {
  return name.replace(/\?$/, '');
}
