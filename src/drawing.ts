/**
 * A result document as a table; loaded when the first one is shown.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import '../style/output.css';
import type { Json, Result } from './contract';
import { expectedWords, valueWords } from './words';

/** Rows that are drawn; more than that no person reads in a notebook. */
const MOST_ROWS = 500;

/** The rows of a result document; null when it is none. */
export function resultsOf(data: unknown): Result[] | null {
  const rows = isObject(data) ? data.results : null;
  if (!Array.isArray(rows) || !rows.every(isObject)) {
    return null;
  }
  return rows
    .filter(row => typeof row.name === 'string')
    .map(row => ({
      name: String(row.name),
      label: typeof row.label === 'string' ? row.label : '',
      value: scalar(row.value),
      unit: typeof row.unit === 'string' ? row.unit : null,
      expected: expectation(row.expected),
      ok: typeof row.ok === 'boolean' ? row.ok : null
    }));
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): Result['value'] {
  return typeof value === 'number' ||
    typeof value === 'string' ||
    typeof value === 'boolean'
    ? value
    : null;
}

function expectation(value: unknown): Result['expected'] {
  return isObject(value) && typeof value.op === 'string'
    ? { op: value.op, value: value.value as Json }
    : null;
}

/** A table of results; more rows than a person reads are left out. */
export function table(trans: TranslationBundle, all: Result[]): HTMLElement {
  const rows = all.slice(0, MOST_ROWS);
  const element = document.createElement('table');
  const heads = [
    trans.__('Result'),
    trans.__('Actual'),
    trans.__('Expected'),
    trans.__('Met')
  ];
  const head = element.createTHead().insertRow();
  heads.forEach(text => head.appendChild(cell('th', text)));
  const body = element.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const met = row.ok ? trans.__('met') : trans.__('not met');
    line.appendChild(cell('td', row.label || row.name));
    line.appendChild(cell('td', valueWords(trans, row.value, row.unit)));
    line.appendChild(cell('td', expectedWords(trans, row)));
    const last = cell('td', row.ok === null ? '' : met);
    last.dataset.met = String(row.ok);
    line.appendChild(last);
  }
  return element;
}

function cell(tag: 'td' | 'th', text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
