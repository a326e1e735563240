/**
 * Two runs of one key side by side: what they were given, what came of it, what changed.
 */

import * as React from 'react';

import type {
  CellState,
  Comparison,
  Difference,
  Run,
  RunState
} from '../contract';
import { endWords } from '../endwords';
import { asKeysError } from '../models/catalog';
import type { IPart } from '../models/comparing';
import { partsOf } from '../models/comparing';
import { titleWords } from '../names';
import type { KeysError } from '../request';
import { cellWords, runWords } from '../runwords';
import { shortDigest, stampWords, valueWords } from '../words';
import { useEvidence } from './evidenceparts';
import { ErrorNote, Head, Sideways } from './parts';
import { useReading, useSurroundings } from './surroundings';

/** The page; without runs it asks for them. */
export function ComparePage(props: {
  left: string;
  right: string;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  useEvidence();
  const [left, setLeft] = React.useState(props.left);
  const [right, setRight] = React.useState(props.right);
  const known = desk.runs.get(left);
  useReading(async () => {
    await (left === '' ? desk.runs.list({}) : desk.runs.load(left));
  }, [left]);
  useReading(async () => {
    await (known ? desk.runs.list({ key: known.key }) : undefined);
  }, [known?.key]);
  const runs = known ? desk.runs.ofKey(known.key) : [];
  // The run before this one is what a person compares with first.
  const at = runs.findIndex(run => run.id === left);
  const other = right || (runs[at + 1] ?? runs[at - 1])?.id || '';
  const { found, error } = useComparison(left, other);
  return (
    <>
      <Head
        title={
          known
            ? trans.__('Compare runs: %1', titleWords(known.title))
            : trans.__('Compare runs')
        }
      />
      <div className="jp-Keys-scroll jp-Keys-page">
        {known === null ? (
          <p>
            {trans.__(
              'Open a run, or a key with runs, and choose “Compare…” there.'
            )}
          </p>
        ) : runs.length < 2 ? (
          <p>
            {trans.__('This key has run once; there is nothing to compare.')}
          </p>
        ) : (
          <Pair
            runs={runs}
            before={other}
            after={left}
            onChange={(before, after) => {
              setRight(before);
              setLeft(after);
            }}
          />
        )}
        {error && <ErrorNote error={error} />}
        {found && <Parts found={found} />}
      </div>
    </>
  );
}

/** Which run counts as before and which as after. */
function Pair(props: {
  runs: Run[];
  before: string;
  after: string;
  onChange: (before: string, after: string) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { runs, before, after, onChange } = props;
  return (
    <div className="jp-Keys-filters jp-mod-pair">
      <Which
        label={trans.__('Before')}
        value={before}
        runs={runs.filter(run => run.id !== after)}
        onChange={id => onChange(id, after)}
      />
      <Which
        label={trans.__('After')}
        value={after}
        runs={runs.filter(run => run.id !== before)}
        onChange={id => onChange(before, id)}
      />
    </div>
  );
}

/** The comparison of the other run, as before, with this one. */
function useComparison(
  after: string,
  before: string
): { found: Comparison | null; error: KeysError | null } {
  const evidence = useEvidence();
  const [found, setFound] = React.useState<Comparison | null>(null);
  const [error, setError] = React.useState<KeysError | null>(null);
  React.useEffect(() => {
    let shown = true;
    setFound(null);
    setError(null);
    if (after !== '' && before !== '') {
      evidence.api
        .compare(before, after)
        .then(answer => shown && setFound(answer))
        .catch(reason => shown && setError(asKeysError(reason)));
    }
    return () => {
      shown = false;
    };
  }, [after, before]);
  return { found, error };
}

function Which(props: {
  label: string;
  value: string;
  runs: Run[];
  onChange: (id: string) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <label className="jp-Keys-entry">
      <b>{props.label}</b>
      <select
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      >
        {props.runs.map(run => (
          <option key={run.id} value={run.id}>
            {trans.__(
              '%1 UTC, %2',
              stampWords(run.requested_at, Date.now()),
              runWords(trans, run).word
            )}
          </option>
        ))}
      </select>
    </label>
  );
}

function Parts(props: { found: Comparison }): JSX.Element {
  const { trans } = useSurroundings();
  const [all, setAll] = React.useState(false);
  const { found } = props;
  return (
    <>
      <p>
        <b>{found.summary}</b>
      </p>
      <label className="jp-Keys-check">
        <input
          type="checkbox"
          checked={all}
          onChange={event => setAll(event.target.checked)}
        />
        {trans.__('Show what is the same, too')}
      </label>
      {partsOf(found).map(part => (
        <Part key={part.name} part={part} all={all} />
      ))}
    </>
  );
}

function Part(props: { part: IPart; all: boolean }): JSX.Element {
  const { trans } = useSurroundings();
  const { part, all } = props;
  const titles = {
    parameters: trans.__('Values'),
    results: trans.__('Results'),
    outputs: trans.__('Outputs'),
    cells: trans.__('Cells'),
    facts: trans.__('How they ran')
  };
  const title = titles[part.name];
  const rows = part.rows.filter(row => all || row.change !== 'same');
  const about = trans.__(
    '%1, %2 of %3 differ',
    title,
    part.changed,
    part.rows.length
  );
  return (
    <section>
      <h2>{about}</h2>
      {rows.length > 0 && (
        <Sideways label={title}>
          <table className="jp-Keys-compared">
            <thead>
              <tr>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Before')}</th>
                <th scope="col">{trans.__('After')}</th>
                <th scope="col">{trans.__('Change')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <Line key={row.name} row={row} cell={part.name === 'cells'} />
              ))}
            </tbody>
          </table>
        </Sideways>
      )}
    </section>
  );
}

function Line(props: { row: Difference; cell: boolean }): JSX.Element {
  const { trans } = useSurroundings();
  const { row, cell } = props;
  const told = (value: unknown): JSX.Element => {
    if (cell && value !== null) {
      return <>{cellWords(trans, value as CellState).word}</>;
    }
    return row.name === 'state' ? (
      <>{endWords(trans, value as RunState)}</>
    ) : (
      <Value value={value} />
    );
  };
  const words: { [change: string]: string } = {
    same: trans.__('same'),
    changed: trans.__('changed'),
    added: trans.__('only after'),
    removed: trans.__('only before')
  };
  const by =
    row.by === null
      ? (words[row.change] ?? row.change)
      : trans.__(
          '%1%2',
          row.by > 0 ? '+' : '',
          valueWords(trans, row.by, null)
        );
  return (
    <tr className={row.change === 'same' ? '' : 'jp-mod-changed'}>
      <th scope="row">{row.name}</th>
      <td>{row.change === 'added' ? '–' : told(row.left)}</td>
      <td>{row.change === 'removed' ? '–' : told(row.right)}</td>
      <td>{by}</td>
    </tr>
  );
}

/** A value; a digest is shortened, and whole in its tooltip. */
function Value(props: { value: unknown }): JSX.Element {
  const { trans } = useSurroundings();
  const { value } = props;
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? (
    <code title={value}>{shortDigest(value)}</code>
  ) : (
    <>{valueWords(trans, value, null)}</>
  );
}
