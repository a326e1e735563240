/**
 * The catalogue: every key of every source, searched and filtered as one types, however many they are.
 */

import { searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import '../../style/catalogue.css';

import { marketOf } from '../models/market';
import type { IFound } from '../models/filter';
import { CommandIDs } from '../tokens';
import { AccountLine, StaleLine } from './account';
import { CatalogueRow } from './cataloguerow';
import { Facts, Standings } from './filters';
import { Button, ErrorNote, Fold, Head } from './parts';
import { pasteAsOneLine } from './pasting';
import { useModels, useReading, useSurroundings } from './surroundings';
import { Windowed } from './windowed';

/** The catalogue. */
export function CatalogueView(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { catalog } = desk;
  const market = marketOf(desk);
  const { browse, installs, session } = market;
  useModels(browse, catalog, installs);
  useReading(async () => {
    await Promise.all([catalog.ensure(), session.ensure(), installs.look()]);
  }, []);
  const { found } = browse;
  const read = catalog.catalog !== null;
  return (
    <>
      <Head title={trans.__('Catalogue')} />
      <StaleLine />
      <SearchBox />
      <Facts />
      <Standings found={found} />
      {catalog.error && <ErrorNote error={catalog.error} />}
      <Count found={found} />
      {found.rows.length > 0 ? (
        <Windowed
          label={trans.__('Keys')}
          count={found.rows.length}
          memory={browse}
          titleOf={index => found.rows[index].title}
          keyOf={index =>
            `${found.rows[index].slug} ${found.rows[index].title}`
          }
        >
          {({ index, stop }) => (
            <CatalogueRow
              row={found.rows[index]}
              stop={stop}
              installing={installs.going(found.rows[index].slug) !== null}
            />
          )}
        </Windowed>
      ) : (
        <div className="jp-Keys-scroll">
          {read ? (
            <NothingFound />
          ) : (
            <p className="jp-Keys-empty">{trans.__('Not read yet.')}</p>
          )}
        </div>
      )}
      <ProblemsFold />
      <AccountLine brief={true} />
    </>
  );
}

/** The words to look for; several lines, as of an alert, become one. */
function SearchBox(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { browse } = marketOf(desk);
  const total = desk.catalog.catalog?.keys.length ?? 0;
  const label = trans.__('Search %1 keys, or paste an alert', counted(total));
  return (
    <div className="jp-Keys-search">
      <searchIcon.react tag="span" width="16px" height="16px" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={browse.filter.query}
        onChange={event => browse.search(event.target.value)}
        onPaste={event => pasteAsOneLine(event, text => browse.search(text))}
        onKeyDown={event => {
          if (event.key === 'Escape' && browse.filter.query !== '') {
            event.stopPropagation();
            browse.search('');
          }
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** How many are left of how many, and how they are ordered; said after the typing paused. */
function Count(props: { found: IFound }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { browse } = marketOf(desk);
  const { rows, ranked } = props.found;
  const total = desk.catalog.catalog?.keys.length ?? 0;
  const sentence = ranked
    ? trans._n(
        '%1 key holds the most of these %2 words',
        '%1 keys hold the most of these %2 words, best first',
        rows.length,
        ranked
      )
    : rows.length === total
      ? total === 1
        ? trans.__('1 key')
        : trans.__('%1 keys', counted(total))
      : trans.__('%1 of %2 keys', counted(rows.length), counted(total));
  React.useEffect(() => {
    const timer = window.setTimeout(() => desk.announce(sentence), 600);
    return () => window.clearTimeout(timer);
  }, [browse.filter]);
  return <p className="jp-Keys-count">{sentence}</p>;
}

/** An empty list says what would fill it. */
function NothingFound(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { browse } = marketOf(desk);
  const { query } = browse.filter;
  return (
    <div className="jp-Keys-empty">
      <p>
        {query === ''
          ? trans.__('No key is like this.')
          : trans.__('Nothing here matches “%1”.', shortened(query))}
      </p>
      <Button look="plain" onClick={() => browse.reset()}>
        {trans.__('Show all keys')}
      </Button>
    </div>
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What is wrong with sources, folded: the list above is not affected. */
function ProblemsFold(): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const problems = desk.catalog.catalog?.problems ?? [];
  const stale = desk.catalog.catalog?.stale_since ?? null;
  if (problems.length === 0) {
    return <></>;
  }
  return (
    <div className="jp-Keys-problems">
      <Fold
        title={trans._n('%1 problem', '%1 problems', problems.length)}
        aside={trans.__('What is listed is not affected')}
      >
        <ul className="jp-Keys-list">
          {problems.map((problem, index) => (
            <li key={index}>
              <b>{problem.message}</b> {problem.hint}
            </li>
          ))}
        </ul>
        {stale === null && (
          <Button
            look="plain"
            onClick={() => actions.command(CommandIDs.askMarketplace)}
          >
            {trans.__('Look again')}
          </Button>
        )}
      </Fold>
    </div>
  );
}

/** A number as people read it. */
function counted(count: number): string {
  return count.toLocaleString('en');
}
