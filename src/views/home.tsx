/**
 * Home: this notebook, open incidents, runbooks, keys; the order is urgency.
 */

import { notebookIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Context, Incident, KeyRow, RunbookRow } from '../contract';
import { runbookIcon } from '../icons';
import { stepInFocus } from '../models/incident';
import { Button, ErrorNote, Head, Note, Severity, State } from './parts';
import { Row, Rows } from './rows';
import { useModels, useNow, useReading, useSurroundings } from './surroundings';
import { minutesWords } from '../words';

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

/** A part of home with its count. */
function Section(props: {
  title: string;
  count?: number;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(true);
  return (
    <section className="jp-Keys-section">
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {props.title}
        </button>
        <span>{props.count}</span>
      </h2>
      {open && props.children}
    </section>
  );
}

function NotebookSection(props: { context: Context | null }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { context } = props;
  const active = desk.context.notebook !== null;
  if (context === null) {
    return (
      <Section title={trans.__('This notebook')}>
        <p className="jp-Keys-empty">
          {active
            ? trans.__('This notebook is not part of a step.')
            : trans.__(
                'No notebook is active. When a step opens one, the step shows here.'
              )}
        </p>
      </Section>
    );
  }
  const title = context.step?.title ?? context.run?.title ?? context.path;
  const sub = context.runbook_title ?? context.run?.key ?? '';
  return (
    <Section title={trans.__('This notebook')}>
      <Rows label={trans.__('This notebook')}>
        <Row
          id="this-notebook"
          name={trans.__('%1, %2', title, sub)}
          lead={<notebookIcon.react tag="span" width="16px" height="16px" />}
          title={title}
          sub={sub}
          onOpen={() => actions.showNotebook()}
        />
      </Rows>
    </Section>
  );
}

function Incidents(props: { incidents: ReadonlyArray<Incident> }): JSX.Element {
  const { trans } = useSurroundings();
  const { incidents } = props;
  if (incidents.length === 0) {
    return <></>;
  }
  const title = trans.__('Open incidents');
  return (
    <Section title={title} count={incidents.length}>
      <Rows label={title}>
        {incidents.map((incident, index) => (
          <IncidentRow
            key={incident.id}
            incident={incident}
            first={index === 0}
          />
        ))}
      </Rows>
    </Section>
  );
}

function IncidentRow(props: {
  incident: Incident;
  first: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const now = useNow(30000);
  const { incident } = props;
  const open = (): void => actions.openIncident(incident.id);
  const focus = stepInFocus(incident);
  const age = minutesWords(trans, now - Date.parse(incident.opened_at));
  const sub = focus
    ? trans.__('Step %1 · %2', focus.number || focus.title, age)
    : age;
  return (
    <Row
      id={`incident:${incident.id}`}
      name={trans.__(
        '%1, incident %2, %3',
        incident.title,
        incident.number,
        sub
      )}
      lead={<Severity severity={incident.severity} />}
      title={incident.title}
      strong={true}
      sub={incident.rehearsal ? trans.__('Rehearsal · %1', sub) : sub}
      onOpen={open}
      action={{
        label: trans.__('Continue'),
        look: props.first ? 'go' : 'plain',
        onClick: open
      }}
    />
  );
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
              row.severity ?? trans.__('no severity')
            )}
            lead={
              row.severity ? (
                <Severity severity={row.severity} />
              ) : (
                <runbookIcon.react tag="span" width="16px" height="16px" />
              )
            }
            title={row.title}
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
      title={row.title}
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
