/**
 * A key's results as a table in notebooks; data only, so that untrusted notebooks show it too.
 */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { Json, Result } from './contract';
import { RESULT_MIME } from './tokens';
import { expectedWords, valueWords } from './words';

/** Rows that are drawn; more than that no person reads in a notebook. */
const MOST_ROWS = 500;

/** Draws results. */
export class ResultRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(private _trans: TranslationBundle) {
    super();
    this.addClass('jp-Keys-output');
  }

  /** Draw the results of a model; what has not their shape is shown as text. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const rows = resultsOf(model.data[RESULT_MIME]);
    if (rows === null) {
      const pre = document.createElement('pre');
      pre.textContent = JSON.stringify(model.data[RESULT_MIME], null, 2);
      this.node.replaceChildren(pre);
      return;
    }
    this.node.replaceChildren(table(this._trans, rows.slice(0, MOST_ROWS)));
  }
}

/** A factory of renderers that need no trust. */
export function resultFactory(
  trans: TranslationBundle
): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [RESULT_MIME],
    defaultRank: 40,
    createRenderer: () => new ResultRenderer(trans)
  };
}

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

function table(trans: TranslationBundle, rows: Result[]): HTMLElement {
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
