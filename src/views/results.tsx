/**
 * The results of a run: actual beside expected, met or not as shape and word.
 */

import * as React from 'react';

import type { Result } from '../contract';
import { Glyph } from './glyph';
import { useTrans } from './surroundings';
import { expectedWords, valueWords } from '../words';

/** A word of which three beside each other are wider than the panel: then the columns are of one width and break it. */
const LONG = /\S{16}/;

/** A table of results. */
export function Results(props: { rows: Result[] }): JSX.Element {
  const trans = useTrans();
  const long = props.rows.some(row =>
    LONG.test(
      [
        row.label || row.name,
        valueWords(trans, row.value, row.unit),
        expectedWords(trans, row)
      ].join(' ')
    )
  );
  return (
    <table className={`jp-Keys-results${long ? ' jp-mod-long' : ''}`}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Result')}</th>
          <th scope="col">{trans.__('Actual')}</th>
          <th scope="col">{trans.__('Expected')}</th>
          <th scope="col">
            <span className="jp-Keys-aside">{trans.__('Met')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(row => (
          <ResultRow key={row.name} row={row} />
        ))}
      </tbody>
    </table>
  );
}

/** A number stays on one line with its unit. */
function number(value: unknown): string {
  return typeof value === 'number' ? 'jp-mod-number' : '';
}

function ResultRow(props: { row: Result }): JSX.Element {
  const trans = useTrans();
  const { row } = props;
  // A text that nothing is expected of may need the room of both columns; a number stands among the numbers.
  const long = row.expected === null && typeof row.value !== 'number';
  return (
    <tr>
      <th scope="row">{row.label || row.name}</th>
      <td
        className={`jp-mod-strong ${number(row.value)}`}
        colSpan={long ? 2 : undefined}
      >
        {valueWords(trans, row.value, row.unit)}
      </td>
      {!long && (
        <td className={number(row.expected?.value)}>
          {row.expected !== null && expectedWords(trans, row)}
        </td>
      )}
      <td>
        {row.ok !== null && (
          <>
            <Glyph shape={row.ok ? 'ok' : 'failed'} size={14} />
            <span className="jp-Keys-aside">
              {row.ok ? trans.__('met') : trans.__('not met')}
            </span>
          </>
        )}
      </td>
    </tr>
  );
}
