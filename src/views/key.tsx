/**
 * One key: what it answers, what calls it, its versions; install it and run it.
 */

import * as React from 'react';

import '../../style/market.css';

import type { KeyDetail, KeyRow, Reference } from '../contract';
import { rowWords } from '../marketwords';
import { isDamaged, updateOf } from '../models/filter';
import { marketOf } from '../models/market';
import { HtmlPreview } from './htmlpreview';
import { Markdown } from './markdown';
import { Button, Fold, Head, State } from './parts';
import { RunsOfKey } from './history';
import { useKernels } from './kernel';
import { RequirementsLine } from './requirements';
import { GetIt, RightNote } from './right';
import { useModels, useReading, useSurroundings } from './surroundings';
import { Going, UpdateButton, UpdateNote, Versions } from './versions';
import { titleWords } from '../names';

/** A key whole. */
export function KeyView(props: { slug: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { catalog, runs } = desk;
  const { slug } = props;
  const { installs, session } = marketOf(desk);
  useModels(catalog, runs, installs);
  useReading(async () => {
    await catalog.ensure();
    const known = catalog.row(slug);
    if (known === null || !isDamaged(known)) {
      const others = [session.ensure(), installs.load(), installs.look()];
      await Promise.all([catalog.loadDetail(slug), ...others]);
    }
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
        <Going slug={slug} />
        <RightNote row={row} />
        <UpdateNote row={row} />
        {row.description && <p>{row.description}</p>}
        <Facts row={row} />
        <Detail detail={catalog.detail(slug)} />
        <KeyNeeds row={row} />
        <RunsOfKey name={slug} />
      </div>
      <div className="jp-Keys-foot">
        <NextThing row={row} />
        <span className="jp-Keys-footNote">
          {row.installed.length > 0
            ? row.kind === 'jupyter'
              ? trans.__('Works on a copy. The installed key stays as it is.')
              : ''
            : row.entitled
              ? trans.__('Its digest is checked before it is unpacked.')
              : ''}
        </span>
      </div>
    </>
  );
}

function Meta(props: { row: KeyRow }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { row } = props;
  const version = row.installed[row.installed.length - 1] ?? row.version;
  const facts = [version, row.maturity, row.category].filter(Boolean);
  const going = marketOf(desk).installs.going(row.slug) !== null;
  const { shape, word } = rowWords(trans, row, going) ?? {
    shape: 'ring',
    word: trans.__('To install')
  };
  return (
    <div className="jp-Keys-meta">
      <span className="jp-Keys-cut">{facts.join(' · ')}</span>
      <State shape={shape}>{word}</State>
    </div>
  );
}

function NextThing(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { row } = props;
  const busy = marketOf(desk).installs.going(row.slug) !== null;
  if (row.installed.length > 0) {
    const updates = updateOf(row) !== null && row.entitled && !busy;
    return (
      <>
        {updates && <UpdateButton row={row} />}
        <UseIt row={row} look={updates ? 'other' : 'go'} />
      </>
    );
  }
  if (!row.entitled) {
    return <GetIt row={row} />;
  }
  return (
    <Button look="go" disabled={busy} onClick={() => actions.install(row.slug)}>
      {busy ? trans.__('Installing') : trans.__('Install %1', row.version)}
    </Button>
  );
}

/** What an installed key is for: a notebook is run, a runbook opened. */
function UseIt(props: { row: KeyRow; look: 'go' | 'other' }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { row, look } = props;
  switch (row.kind) {
    case 'jupyter':
      return (
        <Button look={look} onClick={() => actions.fillIn(row.slug, {})}>
          {trans.__('Run key…')}
        </Button>
      );
    case 'runbook':
      return (
        <Button look={look} onClick={() => actions.openRunbook(row.slug)}>
          {trans.__('Open runbook')}
        </Button>
      );
    default:
      return <span>{trans.__('Keys of this kind are not run here.')}</span>;
  }
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
    </dl>
  );
}

/** Whether the notebook's own kernel has what the key needs; asked for installed keys only. */
function KeyNeeds(props: { row: KeyRow }): JSX.Element {
  const { row } = props;
  const kernels = useKernels();
  if (row.installed.length === 0 || row.kind !== 'jupyter') {
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
      <Called references={detail.references} />
      <Versions detail={detail} />
      {detail.readme && (
        <Fold title={trans.__('Read me')}>
          <Markdown text={detail.readme} />
        </Fold>
      )}
      {detail.changelog && (
        <Fold title={trans.__('Changes')}>
          <Markdown text={detail.changelog} />
        </Fold>
      )}
      {detail.preview && <HtmlPreview slug={detail.slug} />}
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

/** What a runbook calls; a name that is not known here is shown as it is. */
function Called(props: { references: Reference[] }): JSX.Element {
  const { trans, actions } = useSurroundings();
  if (props.references.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h2>{trans.__('Keys it calls')}</h2>
      {props.references.map(reference => (
        <div key={reference.slug}>
          {reference.title === null ? (
            <code>{reference.slug}</code>
          ) : (
            <Button
              look="plain"
              onClick={() => actions.openKey(reference.slug)}
            >
              {titleWords(reference.title)}
            </Button>
          )}
        </div>
      ))}
    </section>
  );
}
