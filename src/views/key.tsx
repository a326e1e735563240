/**
 * One key: what it answers, what calls it, its versions; install it and run it.
 */

import * as React from 'react';

import type { KeyDetail, KeyRow, Reference } from '../contract';
import { Markdown } from './markdown';
import { Button, Fold, Head, State } from './parts';
import { RunsOfKey } from './history';
import { useKernels } from './kernel';
import { RequirementsLine } from './requirements';
import { useModels, useReading, useSurroundings } from './surroundings';
import { titleWords } from '../names';

/** A key whole. */
export function KeyView(props: { slug: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { catalog, runs } = desk;
  const { slug } = props;
  useModels(catalog, runs);
  useReading(async () => {
    await catalog.ensure();
    await catalog.loadDetail(slug);
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
        <KeyNeeds row={row} />
        <RunsOfKey name={slug} />
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

/** Whether the notebook's own kernel has what the key needs; asked for installed keys only. */
function KeyNeeds(props: { row: KeyRow }): JSX.Element {
  const { row } = props;
  const kernels = useKernels();
  if (row.installed.length === 0) {
    return <></>;
  }
  return (
    <RequirementsLine
      slug={row.slug}
      version={null}
      kernel={null}
      kernels={kernels}
    />
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
