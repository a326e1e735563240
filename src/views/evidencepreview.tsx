/**
 * Kept bytes as a picture, a table, a notebook or text. They are of others: nothing of them acts or asks a server.
 */

import * as React from 'react';

import type { EvidencePreview, Result } from '../contract';
import { headOf, lookOf, pictureOf } from '../models/evidencefacts';
import type { INotebook } from '../plots';
import { plotsOf } from '../plots';
import { Markdown } from './markdown';
import { Results } from './results';
import { Sideways } from './parts';
import { useSurroundings } from './surroundings';

/** The rows of a table that are shown. */
const MOST_ROWS = 50;

/** The cells of a notebook that are shown. */
const MOST_CELLS = 200;

/** What can be looked at. */
export function Shown(props: { preview: EvidencePreview }): JSX.Element {
  const { trans } = useSurroundings();
  const { preview } = props;
  const { form, note, cut, item } = preview;
  return (
    <section className="jp-Keys-shown" aria-label={trans.__('Preview')}>
      {form === 'other' || form === 'absent' ? (
        <p>{note}</p>
      ) : (
        <>
          <Body preview={preview} />
          {(note || cut) && (
            <p className="jp-Keys-help">
              {note}{' '}
              {cut &&
                trans.__('Only its beginning is shown; download it whole.')}
            </p>
          )}
        </>
      )}
      <span className="jp-Keys-aside">{item.mime}</span>
    </section>
  );
}

function Body(props: { preview: EvidencePreview }): JSX.Element {
  const { preview } = props;
  const { text, cut, item } = preview;
  const picture = pictureOf(preview);
  if (picture !== null) {
    return <img src={picture} alt={item.name} />;
  }
  switch (lookOf(item)) {
    case 'table':
      return <Table text={text} />;
    case 'markdown':
      return <Markdown text={text} />;
    case 'html':
      return <Markdown text={text} mime="text/html" />;
    case 'results':
      return <ResultTable text={text} />;
    case 'notebook':
      return cut ? <Plain text={text} /> : <Notebook text={text} />;
    case 'json':
      return <Plain text={pretty(text)} />;
    default:
      return <Plain text={text} />;
  }
}

function Plain(props: { text: string }): JSX.Element {
  return (
    <pre className="jp-Keys-tail jp-Keys-text" tabIndex={0}>
      {props.text}
    </pre>
  );
}

/** JSON on several lines; as it is where it is none. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Table(props: { text: string }): JSX.Element {
  const { trans } = useSurroundings();
  const [head = [], ...rows] = headOf(props.text, MOST_ROWS + 1);
  return (
    <>
      <Sideways label={trans.__('Table')}>
        <table>
          <thead>
            <tr>
              {head.map((cell, at) => (
                <th key={at} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Sideways>
      {rows.length === MOST_ROWS && (
        <p className="jp-Keys-help">
          {trans.__('The first %1 rows.', MOST_ROWS)}
        </p>
      )}
    </>
  );
}

function ResultTable(props: { text: string }): JSX.Element {
  try {
    const { results } = JSON.parse(props.text) as { results: Result[] };
    return <Results rows={results} />;
  } catch {
    return <Plain text={props.text} />;
  }
}

interface ICell {
  cell_type: string;
  source: string | string[];
  outputs?: Array<{ text?: unknown; data?: { [mime: string]: unknown } }>;
}

/** A notebook as it was kept: sources, what they printed, pictures; no kernel, no output that acts. */
function Notebook(props: { text: string }): JSX.Element {
  const { trans } = useSurroundings();
  const cells = React.useMemo(() => cellsOf(props.text), [props.text]);
  if (cells === null) {
    return <Plain text={props.text} />;
  }
  return (
    <div className="jp-Keys-cellList">
      {cells.slice(0, MOST_CELLS).map((cell, at) => (
        <article key={at} aria-label={trans.__('Cell %1', at + 1)}>
          {cell.cell_type === 'markdown' ? (
            <Markdown text={joined(cell.source)} />
          ) : (
            <pre tabIndex={0}>{joined(cell.source)}</pre>
          )}
          <Outputs cell={cell} />
        </article>
      ))}
    </div>
  );
}

function Outputs(props: { cell: ICell }): JSX.Element {
  const { trans } = useSurroundings();
  const { cell } = props;
  const printed = (cell.outputs ?? [])
    .map(output => output.text ?? output.data?.['text/plain'])
    .filter(text => text !== undefined && text !== null)
    .map(joined)
    .join('\n');
  const plots = plotsOf({ cells: [cell] });
  return (
    <>
      {printed !== '' && (
        <pre className="jp-Keys-printed" tabIndex={0}>
          {printed}
        </pre>
      )}
      {plots.map((plot, at) => (
        <img key={at} src={plot.url} alt={trans.__('Picture %1', at + 1)} />
      ))}
    </>
  );
}

function cellsOf(text: string): ICell[] | null {
  try {
    const { cells } = JSON.parse(text) as INotebook;
    return Array.isArray(cells) ? (cells as ICell[]) : null;
  } catch {
    return null;
  }
}

function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : String(text);
}
