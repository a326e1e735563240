/**
 * The address an alert carries: which runbook, which step, and values to be confirmed.
 *
 * A link never does anything by itself; it only says what to show.
 */

/** What a link asks to be shown. */
export interface ILink {
  /** The runbook. */
  runbook: string;
  /** The step to look at once an incident is open. */
  step: string | null;
  /** Values by name, for a person to confirm. */
  values: { [name: string]: string };
}

/** The name of the parameter that makes an address ours. */
export const LINK_PARAMETER = 'keys';

// The server's login makes "runbook://" of "runbook:" on its way back.
const SLUG = /^runbook:(?:\/\/)?([a-z0-9][a-z0-9-]{0,99})$/;
const STEP = /^[a-z0-9][a-z0-9-]{0,99}$/;
const NAME = /^[A-Za-z_][\w.-]{0,63}$/;
const HIDDEN = /[\p{Cc}\p{Cf}]/u;
const MOST_VALUES = 50;
const LONGEST = 2000;

/** Read a link from the query of an address; null where there is none, or none that can be read. */
export function readLink(search: string): ILink | null {
  const query = new URLSearchParams(search);
  // Lab encodes the address of a second window once more.
  const said = decoded(query.get(LINK_PARAMETER) ?? '');
  const runbook = SLUG.exec(said)?.[1];
  if (runbook === undefined) {
    return null;
  }
  const step = decoded(query.get('step') ?? '');
  return {
    runbook,
    step: STEP.test(step) ? step : null,
    values: valuesOf(query)
  };
}

/** An address without what belongs to a link. */
export function withoutLink(address: string): string {
  const [head, hash] = split(address, '#');
  const [path, search] = split(head, '?');
  const query = new URLSearchParams(search);
  for (const name of [...query.keys()]) {
    if ([LINK_PARAMETER, 'step'].includes(name) || name.startsWith('p.')) {
      query.delete(name);
    }
  }
  const rest = query.toString();
  return path + (rest && `?${rest}`) + (hash && `#${hash}`);
}

function valuesOf(query: URLSearchParams): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const [key, value] of query) {
    const name = key.startsWith('p.') ? key.slice(2) : '';
    const fits = NAME.test(name) && value.length <= LONGEST;
    if (
      fits &&
      !HIDDEN.test(value) &&
      Object.keys(values).length < MOST_VALUES
    ) {
      values[name] = value;
    }
  }
  return values;
}

function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
