/**
 * The evidence of an incident: what the runbook asks for, what is kept by step, what was hidden, who else could tell.
 */

import * as React from 'react';

import type { Collection, EvidenceItem, Incident } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import type { IGroup } from '../models/evidencefacts';
import { byStep, redactionsOf } from '../models/evidencefacts';
import { stepInFocus } from '../models/incident';
import { clockWords, shortDigest, sizeWords } from '../words';
import { Anchor } from './bundlecheckpoint';
import { RedactionLines } from './evidencehidden';
import { Busy, JobError, Thumb, useDrop, useEvidence } from './evidenceparts';
import { Button, Note } from './parts';
import { Rows } from './rows';
import { useModels, useReading, useSurroundings } from './surroundings';
import { Section } from './urgent';
import { Slots } from './evidenceslots';

/** How many things of one step are listed at first. */
const SHOWN = 12;

/** The tab. */
export function EvidenceTab(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const evidence = useEvidence();
  const { incident } = props;
  const { id } = incident;
  useReading(
    () => Promise.all([evidence.readAgain(id), evidence.loadCheckpoint()]),
    [id]
  );
  const focus = stepInFocus(incident);
  const give = (files: File[]): void => {
    void evidence.attach(id, files, focus?.id ?? null);
  };
  const { over, handlers } = useDrop(give);
  const items = desk.incidents.evidence(id);
  const job = evidence.job(`attach:${id}`);
  return (
    <>
      <div
        className={`jp-Keys-scroll jp-Keys-drop${over ? ' jp-mod-over' : ''}`}
        role="tabpanel"
        aria-label={trans.__('Evidence')}
        tabIndex={0}
        {...handlers}
      >
        <JobError job={job} onDismiss={() => evidence.forget(`attach:${id}`)} />
        <Busy since={job.since} word={trans.__('Keeping %1', job.about)} />
        <Collected incident={id} />
        <Slots incident={incident} kind="artifact" />
        {items?.length === 0 && (
          <p className="jp-Keys-empty">
            {trans.__(
              'Nothing is kept yet. The outputs of a run that a step calls are kept here by themselves; files can be dropped or pasted here.'
            )}
          </p>
        )}
        {items &&
          byStep(incident, items).map(group => (
            <Kept key={group.step ?? ''} incident={id} group={group} />
          ))}
        <Slots incident={incident} kind="entry" />
        <Hidden incident={incident} />
        <Section title={trans.__('Ledger')} count={evidence.checkpoint?.size}>
          <div className="jp-Keys-page">
            <Anchor />
          </div>
        </Section>
      </div>
      <Foot incident={incident} />
    </>
  );
}

/** What came of the notebook that was collected last. */
function Collected(props: { incident: string }): JSX.Element {
  const { trans } = useSurroundings();
  const evidence = useEvidence();
  const job = evidence.job<Collection>('collect');
  const { result } = job;
  const forget = (): void => evidence.forget('collect');
  return (
    <>
      <JobError job={job} onDismiss={forget} />
      <Busy since={job.since} word={trans.__('Collecting %1', job.about)} />
      {result?.incident === props.incident && (
        <Note kind="info" title={result.path}>
          {result.summary}{' '}
          <Button look="plain" onClick={forget}>
            {trans.__('Dismiss')}
          </Button>
        </Note>
      )}
    </>
  );
}

/** The next thing to do with it. */
function Foot(props: { incident: Incident }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const evidence = useEvidence();
  const { incident } = props;
  const { id } = incident;
  const focus = stepInFocus(incident);
  const busy = evidence.job(`attach:${id}`).since !== null;
  const gaps = incident.missing.length;
  return (
    <div className="jp-Keys-foot">
      <Button
        look="go"
        focusName="export"
        onClick={() =>
          actions.command(EvidenceCommands.openExport, { incident: id })
        }
      >
        {trans.__('Export bundle…')}
      </Button>
      <Button
        focusName="attach"
        title={
          focus
            ? trans.__(
                'To “%1”; files can also be dropped or pasted',
                focus.title
              )
            : undefined
        }
        disabled={busy}
        onClick={() =>
          actions.command(EvidenceCommands.attach, { incident: id })
        }
      >
        {trans.__('Attach…')}
      </Button>
      <CollectButton incident={id} />
      <span className="jp-Keys-footNote">
        {gaps > 0 &&
          trans._n(
            'The bundle names the %1 missing artifact.',
            'The bundle names the %1 missing artifacts.',
            gaps
          )}
      </span>
    </div>
  );
}

/** Collect the notebook that is open beside the panel. */
function CollectButton(props: { incident: string }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const evidence = useEvidence();
  useModels(desk.context);
  const path = desk.context.notebook?.path;
  return (
    <Button
      focusName="collect"
      title={
        path
          ? trans.__('%1, as it is saved; nothing is kept twice', path)
          : trans.__('Open a notebook to collect it')
      }
      disabled={!path || evidence.job('collect').since !== null}
      onClick={() => actions.command(EvidenceCommands.collect, props)}
    >
      {trans.__('Collect notebook')}
    </Button>
  );
}

function Kept(props: { incident: string; group: IGroup }): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, group } = props;
  const [all, setAll] = React.useState(false);
  const title = group.title ?? trans.__('No step');
  const listed = all ? group.items : group.items.slice(0, SHOWN);
  return (
    <Section title={title} count={group.items.length}>
      <Rows label={title}>
        {listed.map(item => (
          <KeptRow key={item.id} incident={incident} item={item} />
        ))}
      </Rows>
      {listed.length < group.items.length && (
        <p className="jp-Keys-more">
          <Button look="plain" onClick={() => setAll(true)}>
            {trans.__('Show all %1', group.items.length)}
          </Button>
        </p>
      )}
    </Section>
  );
}

/** A kept thing: what it is, whether values were hidden in it, its digest to copy. */
function KeptRow(props: { incident: string; item: EvidenceItem }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { incident, item } = props;
  const short = shortDigest(item.sha256);
  const about = [
    kindWords(trans, item),
    sizeWords(trans, item.size),
    clockWords(trans, item.at)
  ].join(' · ');
  const hidden =
    item.redactions > 0
      ? trans._n('%1 hidden', '%1 hidden', item.redactions)
      : null;
  return (
    <div role="row" className="jp-Keys-row">
      <div role="gridcell" className="jp-Keys-rowOpen">
        <button
          type="button"
          data-focus={`kept:${item.id}`}
          title={item.name}
          aria-label={[item.name, trans.__('kept'), about, hidden]
            .filter(Boolean)
            .join(', ')}
          onClick={() =>
            actions.command(EvidenceCommands.item, { incident, item: item.id })
          }
        >
          <Thumb incident={incident} item={item} />
          <span className="jp-Keys-rowText">
            <span className="jp-Keys-wrap">{item.name}</span>
            <span className="jp-Keys-sub">
              <span className="jp-Keys-cut">{about}</span>
              {hidden && <span className="jp-Keys-chip">{hidden}</span>}
            </span>
          </span>
        </button>
      </div>
      <div role="gridcell" className="jp-Keys-rowAct">
        <button
          type="button"
          className="jp-Keys-button jp-mod-plain"
          title={item.sha256}
          aria-label={trans.__('%1, copy the sha256 of %2', short, item.name)}
          onClick={() => actions.copy(item.sha256)}
        >
          <code>{short}</code>
        </button>
      </div>
    </div>
  );
}

type Trans = ReturnType<typeof useSurroundings>['trans'];

/** What a kept thing is, in a word. */
export function kindWords(trans: Trans, item: EvidenceItem): string {
  switch (item.kind) {
    case 'attachment':
      return trans.__('attached');
    case 'artifact':
      return trans.__('file of the run');
    case 'notebook':
      return trans.__('notebook as run');
    case 'results':
      return trans.__('results');
    case 'error':
      return trans.__('error');
    case 'output':
      return trans.__('output');
    default:
      return item.kind;
  }
}

function Hidden(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { id } = props.incident;
  const found = redactionsOf(desk.incidents.records(id));
  return (
    <Section title={trans.__('Redactions')} count={found.count}>
      <div className="jp-Keys-page">
        <RedactionLines incident={id} found={found} />
      </div>
    </Section>
  );
}
