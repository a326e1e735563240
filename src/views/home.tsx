/**
 * Home: this notebook, open incidents, runbooks, keys; the order is urgency.
 */

import { notebookIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { titleWords } from '../names';

import type { KeyRow, RunbookRow } from '../contract';
import { runbookIcon } from '../icons';
import { OpenRuns } from './history';
import { Button, ErrorNote, Head, Note, Severity, State } from './parts';
import { Row, Rows } from './rows';
import { useModels, useReading, useSurroundings } from './surroundings';
import { Incidents, NotebookSection, Section } from './urgent';

/** The first view. */
export function Home(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const [query, setQuery] = React.useState('');
  useModels(desk.catalog, desk.incidents, desk.context);
  useReading(async () => {
    await Promise.all([desk.catalog.ensure(), desk.incidents.refresh()]);
  }, []);
  const { catalog } = desk;
  const runbooks = catalog.runbooks.filter(row => matches(query, row));
  const keys = catalog.keys.filter(row => matches(query, row));
  return (
    <>
      <Head title={trans.__('Keys')} />
      <Search query={query} onQuery={setQuery} />
      <div className="jp-Keys-scroll">
        {catalog.error && <ErrorNote error={catalog.error} />}
        {query === '' && <NotebookSection context={desk.context.context} />}
        {query === '' && <Incidents incidents={desk.incidents.open} />}
        {query === '' && <OpenRuns />}
        <Runbooks rows={runbooks} query={query} />
        <Keys rows={keys} query={query} />
        <Problems />
      </div>
      <Found count={runbooks.length + keys.length} query={query} />
    </>
  );
}

/** Whether a row holds all the words that were typed. */
function matches(query: string, row: KeyRow | RunbookRow): boolean {
  const tags = 'tags' in row ? row.tags : [];
  const types = 'key_types' in row ? row.key_types : row.key_type;
  const text = [row.title, row.slug, row.severity, ...types, ...tags];
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
  const label = trans.__('Search runbooks and keys');
  return (
    <div className="jp-Keys-search">
      <searchIcon.react tag="span" width="16px" height="16px" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={props.query}
        onChange={event => props.onQuery(event.target.value)}
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
            sub={[row.key_types.join(', '), row.version]
              .filter(Boolean)
              .join(' · ')}
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
  const { trans, desk } = useSurroundings();
  const title = trans.__('Keys');
  return (
    <Section title={title} count={props.rows.length}>
      {props.rows.length === 0 && (
        <Nothing query={props.query} read={desk.catalog.catalog !== null} />
      )}
      <Rows label={title}>
        {props.rows.map(row => (
          <KeyEntry key={row.slug} row={row} />
        ))}
      </Rows>
    </Section>
  );
}

function KeyEntry(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { row } = props;
  const installed = row.installed.length > 0;
  const busy = desk.catalog.isInstalling(row.slug);
  const stands = installed
    ? trans.__('installed')
    : busy
      ? trans.__('installing')
      : trans.__('to install');
  return (
    <Row
      id={`key:${row.slug}`}
      name={trans.__('%1, key, %2, %3', row.title, row.version, stands)}
      lead={<notebookIcon.react tag="span" width="16px" height="16px" />}
      title={titleWords(row.title)}
      sub={[row.version, row.maturity].filter(Boolean).join(' · ')}
      state={
        installed ? (
          <State shape="ok">{trans.__('Installed')}</State>
        ) : busy ? (
          <State shape="now">{trans.__('Installing')}</State>
        ) : undefined
      }
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
