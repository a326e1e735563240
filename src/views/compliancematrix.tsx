/**
 * Incidents by framework and month, as a table.
 */

import * as React from 'react';

import type { Compliance } from '../contract';
import { Sideways } from './parts';
import { useSurroundings } from './surroundings';

/** Frameworks down, months across; nothing is counted that no runbook names. */
export function Matrix(props: {
  found: Compliance;
  only: string | null;
  onChoose: (framework: string) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { found, only, onChoose } = props;
  const names = Object.keys(found.rows);
  if (names.length === 0) {
    return (
      <p className="jp-Keys-empty">
        {found.incidents.length === 0
          ? trans.__('No incident passes these filters.')
          : trans.__('No runbook of these incidents names a framework.')}
      </p>
    );
  }
  return (
    <Sideways
      label={trans.__('By framework and month')}
      className="jp-Keys-matrix"
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{trans.__('Framework')}</th>
            {found.months.map(month => (
              <th key={month} scope="col">
                {month}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map(name => (
            <tr key={name} className={name === only ? 'jp-mod-chosen' : ''}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={name === only}
                  onClick={() => onChoose(name)}
                >
                  {name}
                </button>
              </th>
              {found.months.map(month => (
                <td key={month}>{found.rows[name][month] || '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Sideways>
  );
}
