/**
 * One key: what it answers, what calls it, its versions; install it and run it.
 */

import * as React from 'react';

import type { KeyDetail, KeyRow, Reference } from '../contract';
import { Markdown } from './markdown';
import { Button, Fold, Head, State } from './parts';
import { RunCard } from './run';
import { Row, Rows } from './rows';
import { useModels, useReading, useSurroundings } from './surroundings';
import { titleWords } from '../names';
import { runWords, stampWords } from '../words';

/** A key whole. */
export function KeyView(props: { slug: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { catalog, runs } = desk;
  const { slug } = props;
  useModels(catalog, runs);
  useReading(async () => {
    await catalog.ensure();
    await Promise.all([catalog.loadDetail(slug), runs.list({ key: slug })]);
  }, [slug]);
  const row = catalog.detail(slug) ?? catalog.row(slug);
  if (row === null) {
    return <Head title={slug} />;
  }
  return (
    <>
      <Head title={titleWords(row.title)} />
      <Meta row={row} />
      <div className="jp-Keys-scroll jp-Keys-page">
        <p>{row.description}</p>
        <Facts row={row} />
        <Detail detail={catalog.detail(slug)} />
        <RunsOf slug={slug} />
      </div>
      <div className="jp-Keys-foot">
        <NextThing row={row} />
        <span className="jp-Keys-footNote">
          {row.installed.length > 0
            ? trans.__('Works on a copy. The installed key stays as it is.')
            : trans.__('Its digest is checked before it is unpacked.')}
        </span>
      </div>
    </>
  );
}

function Meta(props: { row: KeyRow }): JSX.Element {
  const { trans } = useSurroundings();
  const { row } = props;
  const facts = [row.version, row.maturity, row.category].filter(Boolean);
  return (
    <div className="jp-Keys-meta">
      <span className="jp-Keys-cut">{facts.join(' · ')}</span>
      {row.installed.length > 0 ? (
        <State shape="ok">{trans.__('Installed')}</State>
      ) : (
        <State shape="ring">{trans.__('To install')}</State>
      )}
    </div>
  );
}

function NextThing(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { row } = props;
  if (row.installed.length > 0) {
    return (
      <Button look="go" onClick={() => actions.fillIn(row.slug, {})}>
        {trans.__('Run key…')}
      </Button>
    );
  }
  const busy = desk.catalog.isInstalling(row.slug);
  return (
    <Button
      look="go"
      disabled={busy || !row.entitled}
      onClick={() => actions.install(row.slug)}
    >
      {busy ? trans.__('Installing') : trans.__('Install %1', row.version)}
    </Button>
  );
}

function Facts(props: { row: KeyRow }): JSX.Element {
  const { trans } = useSurroundings();
  const { row } = props;
  return (
    <dl className="jp-Keys-facts">
      <dt>{trans.__('KEY')}</dt>
      <dd>
        <code>{row.slug}</code>
      </dd>
      {row.outcome && (
        <>
          <dt>{trans.__('Outcome')}</dt>
          <dd>{row.outcome}</dd>
        </>
      )}
      <dt>{trans.__('Source')}</dt>
      <dd>{row.source}</dd>
      {row.installed.length > 0 && (
        <>
          <dt>{trans.__('Installed')}</dt>
          <dd>{row.installed.join(', ')}</dd>
        </>
      )}
    </dl>
  );
}

function Detail(props: { detail: KeyDetail | null }): JSX.Element {
  const { trans } = useSurroundings();
  const { detail } = props;
  if (detail === null) {
    return <></>;
  }
  return (
    <>
      {detail.questions.length > 0 && (
        <section>
          <h2>{trans.__('It answers')}</h2>
          <ul className="jp-Keys-list">
            {detail.questions.map(question => (
              <li key={question}>{question}</li>
            ))}
          </ul>
        </section>
      )}
      <Callers references={detail.referenced_by} />
      {detail.readme && (
        <Fold title={trans.__('Read me')}>
          <Markdown text={detail.readme} />
        </Fold>
      )}
      {detail.changelog && (
        <Fold title={trans.__('Changes')} aside={detail.versions.join(', ')}>
          <Markdown text={detail.changelog} />
        </Fold>
      )}
    </>
  );
}

function Callers(props: { references: Reference[] }): JSX.Element {
  const { trans, actions } = useSurroundings();
  if (props.references.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h2>{trans.__('Runbooks that call it')}</h2>
      {props.references.map(reference => (
        <div key={reference.slug}>
          {reference.title === null ? (
            <code>{reference.slug}</code>
          ) : (
            <Button
              look="plain"
              onClick={() => actions.openRunbook(reference.slug)}
            >
              {titleWords(reference.title)}
            </Button>
          )}
        </div>
      ))}
    </section>
  );
}

/** Runs of the key, newest first; the newest one whole. */
function RunsOf(props: { slug: string }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const [chosen, setChosen] = React.useState<string | null>(null);
  const runs = desk.runs.ofKey(props.slug);
  if (runs.length === 0) {
    return <></>;
  }
  const shown = runs.find(run => run.id === chosen) ?? runs[0];
  const others = runs.filter(run => run !== shown).slice(0, 20);
  return (
    <section>
      <h2>{trans.__('Runs')}</h2>
      <RunCard
        run={shown}
        onAgain={() =>
          actions.fillIn(props.slug, { version: shown.version, like: shown.id })
        }
      />
      <Rows label={trans.__('Other runs')}>
        {others.map(run => {
          const { shape, word } = runWords(trans, run);
          const at = trans.__(
            '%1 UTC',
            stampWords(run.requested_at, Date.now())
          );
          return (
            <Row
              key={run.id}
              id={`run:${run.id}`}
              name={trans.__('Run of %1: %2', at, word)}
              lead={null}
              title={at}
              sub={run.version}
              state={<State shape={shape}>{word}</State>}
              onOpen={() => setChosen(run.id)}
            />
          );
        })}
      </Rows>
    </section>
  );
}
