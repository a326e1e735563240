/**
 * Home: this notebook, open incidents, runbooks, keys; the order is urgency.
 */

import { notebookIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { titleWords } from '../names';

import type { KeyRow, RunbookRow } from '../contract';
import { runbookIcon } from '../icons';
import { rowWords } from '../marketwords';
import { marketOf } from '../models/market';
import type { SearchIndex } from '../models/search';
import { CommandIDs } from '../tokens';
import { AccountLine } from './account';
import { HomeEvidence } from './evidencelazy';
import { OpenRuns } from './history';
import { Button, ErrorNote, Head, Note, Severity, State } from './parts';
import { Fitting, useFinding } from './finding';
import { ReadyBadge } from './ready';
import { Row, Rows } from './rows';
import { useModels, useReading, useSurroundings } from './surroundings';
import { Incidents, NotebookSection, Section } from './urgent';

/** How many keys are shown here; the catalogue has all. */
const MOST_KEYS = 40;

/** The first view. */
export function Home(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const [query, setQuery] = React.useState('');
  const { browse, session, installs } = marketOf(desk);
  useModels(desk.catalog, desk.incidents, desk.context, installs);
  useReading(async () => {
    await Promise.all([desk.catalog.ensure(), desk.incidents.refresh()]);
    await Promise.all([session.ensure(), installs.look()]);
  }, []);
  const { catalog } = desk;
  const { index } = browse;
  const fitting = useFinding(query);
  const { runbooks, keys } = React.useMemo(
    () => found(query, index, catalog.runbooks, catalog.keys),
    [query, index, catalog.runbooks]
  );
  return (
    <>
      <Head title={trans.__('Keys')} />
      <Search query={query} onQuery={setQuery} />
      <div className="jp-Keys-scroll">
        {catalog.error && <ErrorNote error={catalog.error} />}
        {query === '' && <NotebookSection context={desk.context.context} />}
        {query === '' && <Incidents incidents={desk.incidents.open} />}
        {query === '' && <OpenRuns />}
        {fitting ? (
          <Fitting found={fitting} query={query} />
        ) : (
          <Runbooks rows={runbooks} query={query} />
        )}
        {(fitting === null || keys.length > 0) && (
          <Keys rows={keys} query={query} />
        )}
        <Problems />
        {query === '' && <HomeEvidence />}
      </div>
      <AccountLine />
      <Found count={(fitting ?? runbooks).length + keys.length} query={query} />
    </>
  );
}

/** The rows for a query, those that fit it best first; all that one can have when there is none. */
function found(
  query: string,
  index: SearchIndex,
  runbooks: ReadonlyArray<RunbookRow>,
  keys: ReadonlyArray<KeyRow>
): { runbooks: ReadonlyArray<RunbookRow>; keys: ReadonlyArray<KeyRow> } {
  const hits = index.find(query);
  if (hits === null) {
    return {
      runbooks,
      keys: keys.filter(row => row.entitled || row.installed.length > 0)
    };
  }
  const rows = hits.places.map(place => index.rows[place]);
  const rank = new Map(rows.map((row, at) => [row.slug, at]));
  const last = rows.length;
  return {
    runbooks: runbooks
      .filter(row => rank.has(row.slug) || matches(query, row))
      .sort((a, b) => (rank.get(a.slug) ?? last) - (rank.get(b.slug) ?? last)),
    keys: rows.filter(row => row.kind !== 'runbook')
  };
}

/** Whether a runbook of the workspace, which no source lists, holds all the words that were typed. */
function matches(query: string, row: RunbookRow): boolean {
  const text = [row.title, row.slug, row.severity, ...row.key_types];
  const hay = text.join(' ').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => hay.includes(word));
}

function Search(props: {
  query: string;
  onQuery: (query: string) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const label = trans.__('Search, or paste an alert');
  return (
    <div className="jp-Keys-search">
      <searchIcon.react tag="span" width="16px" height="16px" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={props.query}
        onChange={event => props.onQuery(event.target.value)}
        onPaste={event => {
          // The lines of an alert keep their ends, which a field of one line would throw away.
          const text = event.clipboardData.getData('text');
          if (text.includes('\n') && props.query === '') {
            event.preventDefault();
            props.onQuery(text.trim());
          }
        }}
        onKeyDown={event => {
          if (event.key === 'Escape' && props.query !== '') {
            event.stopPropagation();
            props.onQuery('');
          }
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** Say how much a search left, after the typing paused. */
function Found(props: { count: number; query: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { count, query } = props;
  React.useEffect(() => {
    if (query === '') {
      return;
    }
    const sentence = trans._n('%1 found', '%1 found', count);
    const timer = window.setTimeout(() => desk.announce(sentence), 600);
    return () => window.clearTimeout(timer);
  }, [count, query]);
  return <></>;
}

function Runbooks(props: {
  rows: ReadonlyArray<RunbookRow>;
  query: string;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const title = trans.__('Runbooks');
  return (
    <Section title={title} count={props.rows.length}>
      {props.rows.length === 0 && (
        <Nothing query={props.query} read={desk.catalog.catalog !== null} />
      )}
      <Rows label={title}>
        {props.rows.map(row => (
          <Row
            key={row.slug}
            id={`runbook:${row.slug}`}
            name={trans.__(
              '%1, runbook, %2',
              row.title,
              row.severity?.toUpperCase() ?? trans.__('no severity')
            )}
            lead={
              row.severity ? (
                <Severity severity={row.severity} />
              ) : (
                <runbookIcon.react tag="span" width="16px" height="16px" />
              )
            }
            title={titleWords(row.title)}
            sub={[
              row.origin ? trans.__('customised') : row.key_types.join(', '),
              row.version
            ]
              .filter(Boolean)
              .join(' · ')}
            state={<ReadyBadge slug={row.slug} />}
            onOpen={() => actions.openRunbook(row.slug)}
          />
        ))}
      </Rows>
    </Section>
  );
}

function Keys(props: {
  rows: ReadonlyArray<KeyRow>;
  query: string;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const title = trans.__('Keys');
  const all = desk.catalog.catalog?.keys.length ?? 0;
  return (
    <Section title={title} count={props.rows.length}>
      {props.rows.length === 0 && (
        <Nothing query={props.query} read={desk.catalog.catalog !== null} />
      )}
      <Rows label={title}>
        {props.rows.slice(0, MOST_KEYS).map(row => (
          <KeyEntry key={row.slug} row={row} />
        ))}
      </Rows>
      {all > 0 && (
        <p className="jp-Keys-more">
          <Button
            look="plain"
            onClick={() =>
              actions.command(CommandIDs.openCatalogue, { query: props.query })
            }
          >
            {props.query && props.rows.length > MOST_KEYS
              ? trans.__('Show all %1 in the catalogue', props.rows.length)
              : trans.__('Catalogue of all %1 keys', all.toLocaleString('en'))}
          </Button>
        </p>
      )}
    </Section>
  );
}

function KeyEntry(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { row } = props;
  const installed = row.installed.length > 0;
  const busy = marketOf(desk).installs.going(row.slug) !== null;
  const words = rowWords(trans, row, busy);
  const stands = words?.word ?? trans.__('to install');
  return (
    <Row
      id={`key:${row.slug}`}
      name={trans.__('%1, key, %2, %3', row.title, row.version, stands)}
      lead={<notebookIcon.react tag="span" width="16px" height="16px" />}
      title={titleWords(row.title)}
      sub={[row.version, row.maturity].filter(Boolean).join(' · ')}
      state={words && <State shape={words.shape}>{words.word}</State>}
      onOpen={() => actions.openKey(row.slug)}
      action={
        installed || busy || !row.entitled || row.kind !== 'jupyter'
          ? undefined
          : {
              label: trans.__('Install'),
              look: 'plain',
              onClick: () => actions.install(row.slug)
            }
      }
    />
  );
}

/** An empty list says what would fill it. */
function Nothing(props: { query: string; read: boolean }): JSX.Element {
  const { trans } = useSurroundings();
  const text = !props.read
    ? trans.__('Not read yet.')
    : props.query
      ? trans.__('Nothing here matches “%1”.', props.query)
      : trans.__('This library has none.');
  return <p className="jp-Keys-empty">{text}</p>;
}

/** What could not be read of the sources, under the lists it does not touch. */
function Problems(): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const problems = desk.catalog.catalog?.problems ?? [];
  return (
    <>
      {problems.map((problem, index) => (
        <Note key={index} kind="warning" title={problem.message}>
          {problem.hint}
          <div className="jp-Keys-buttons">
            <Button look="plain" onClick={() => actions.refresh()}>
              {trans.__('Look again')}
            </Button>
          </div>
        </Note>
      ))}
    </>
  );
}
