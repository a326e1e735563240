/**
 * This notebook: the step that invoked it, what that step asks, what came out, what is kept.
 */

import * as React from 'react';

import { titleWords } from '../names';

import type { BranchState, Candidate, Context, Run } from '../contract';
import { Markdown } from './markdown';
import { BranchReason, plain } from './branches';
import { Button, Head, Note, Severity } from './parts';
import { EvidenceItems } from './evidence';
import { RunCard } from './run';
import { CommandIDs } from '../tokens';
import { useModels, useSurroundings, useWatch } from './surroundings';

/** What the active notebook belongs to. */
export function NotebookView(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { context } = desk.context;
  useModels(desk.context, desk.runs);
  useWatch(context !== null);
  return (
    <>
      <Head title={trans.__('This notebook')} />
      {context === null ? (
        <p className="jp-Keys-empty">
          {trans.__('This notebook is not part of a step.')}
        </p>
      ) : (
        <Belongs context={context} />
      )}
    </>
  );
}

function Belongs(props: { context: Context }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { context } = props;
  const { incident, step } = context;
  const run = currentRun(desk.runs.get(context.run?.id ?? ''), context.run);
  return (
    <>
      <Where context={context} />
      <div className="jp-Keys-scroll jp-Keys-page">
        {context.copy_of && (
          <Note
            kind="info"
            title={trans.__('A copy of run %1.', context.copy_of.slice(0, 8))}
          >
            {trans.__('Nothing is collected from it by itself.')}{' '}
            <Button
              look="plain"
              onClick={() => actions.openRun(context.copy_of ?? '')}
            >
              {trans.__('Show the run')}
            </Button>
          </Note>
        )}
        <Asks context={context} />
        {run && <RunCard run={run} />}
        <Belonging context={context} />
        <Ways branches={context.state?.branches ?? []} />
        <Kept context={context} />
      </div>
      {incident && step && (
        <div className="jp-Keys-foot">
          <Button
            look="go"
            onClick={() =>
              actions.command(CommandIDs.openIncident, {
                id: incident,
                tab: 'steps',
                step: step.id
              })
            }
          >
            {trans.__('Back to the step')}
          </Button>
        </div>
      )}
    </>
  );
}

/** The newer of what the run model and the context know. */
function currentRun(known: Run | null, told: Run | null): Run | null {
  return known && told && known.n > told.n ? known : told;
}

/** Runbook, section and step, in the order of a path. */
function Where(props: { context: Context }): JSX.Element {
  const { trans } = useSurroundings();
  const { context } = props;
  if (context.step === null) {
    return (
      <div className="jp-Keys-meta">
        <span className="jp-Keys-wrap">
          {context.run
            ? trans.__('A run of %1, called by no step.', context.run.key)
            : context.copy_of
              ? trans.__('The run was called by no step.')
              : trans.__('A key, opened outside of any step and run.')}
        </span>
      </div>
    );
  }
  return (
    <div className="jp-Keys-where">
      <div className="jp-Keys-meta">
        <Severity severity={context.severity} />
        <span className="jp-Keys-wrap">
          {context.incident_number === null
            ? titleWords(context.runbook_title ?? '')
            : trans.__(
                '%1, incident %2',
                titleWords(context.runbook_title ?? ''),
                context.incident_number
              )}
        </span>
      </div>
      {context.section && <p>{context.section}</p>}
      <h2 className="jp-Keys-stepTitle">
        {context.step.number
          ? trans.__('%1: %2', context.step.number, context.step.title)
          : context.step.title}
      </h2>
    </div>
  );
}

function Asks(props: { context: Context }): JSX.Element {
  const { trans } = useSurroundings();
  const { step, run } = props.context;
  if (step === null) {
    return <></>;
  }
  const reference = step.keys.find(key => key.slug === run?.key);
  const expects = step.expected || reference?.output || '';
  return (
    <>
      {reference && reference.questions.length > 0 && (
        <section>
          <h3 className="jp-Keys-label">{trans.__('This step asks')}</h3>
          <ul className="jp-Keys-list">
            {reference.questions.map(question => (
              <li key={question}>{question}</li>
            ))}
          </ul>
        </section>
      )}
      {expects && (
        <section>
          <h3 className="jp-Keys-label">{trans.__('It expects')}</h3>
          <Markdown text={expects} />
        </section>
      )}
    </>
  );
}

/** The branches, to read; they are taken in the step only. */
function Ways(props: { branches: BranchState[] }): JSX.Element {
  const { trans } = useSurroundings();
  if (props.branches.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h3 className="jp-Keys-label">{trans.__('Branches')}</h3>
      <ul className="jp-Keys-ways">
        {props.branches.map((branch, index) => (
          <li key={index} className={branch.suggested ? 'jp-mod-on' : ''}>
            {branch.suggested && <b>{trans.__('Suggested')} </b>}
            {branch.taken && <b>{trans.__('Taken')} </b>}
            {trans.__('%1: %2', plain(branch.condition), plain(branch.outcome))}
            <BranchReason branch={branch} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Kept(props: { context: Context }): JSX.Element {
  const { trans } = useSurroundings();
  const { evidence } = props.context;
  if (evidence.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h3 className="jp-Keys-label">
        {trans._n(
          'Evidence so far, %1 item',
          'Evidence so far, %1 items',
          evidence.length
        )}
      </h3>
      <EvidenceItems items={evidence} />
    </section>
  );
}

/** A run that no step called, or a key that was opened: which steps call it, and what to do about it. */
function Belonging(props: { context: Context }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run, step, candidates, runbooks } = props.context;
  if (step !== null || run?.incident || props.context.copy_of) {
    return <></>;
  }
  const take = ({ incident, step }: Candidate): void =>
    run
      ? actions.command(CommandIDs.attachRun, { run: run.id, incident, step })
      : actions.command(CommandIDs.openIncident, { id: incident, step });
  return (
    <section>
      <h3 className="jp-Keys-label">{trans.__('Where it could belong')}</h3>
      {candidates.length === 0 && (
        <p className="jp-Keys-help">
          {runbooks.length === 0
            ? trans.__('No runbook calls this key.')
            : trans.__('No open incident has a step that calls this key.')}
        </p>
      )}
      {run && candidates.length > 1 && (
        <p className="jp-Keys-help">
          {trans.__(
            '%1 steps of open incidents call this key. Choose the one it was run for.',
            candidates.length
          )}
        </p>
      )}
      {candidates.map(one => (
        <div key={one.incident + one.step} className="jp-Keys-call">
          <span className="jp-Keys-wrap">
            {trans.__('%1, incident %2', titleWords(one.title), one.number)}
            <span className="jp-Keys-second">{one.step_title}</span>
          </span>
          <Button look="plain" onClick={() => take(one)}>
            {run ? trans.__('Attach') : trans.__('Go to the step')}
          </Button>
        </div>
      ))}
      {candidates.length === 0 &&
        runbooks.map(book => (
          <div key={book.slug} className="jp-Keys-call">
            <span className="jp-Keys-wrap">
              {titleWords(book.title ?? book.slug)}
            </span>
            <Button look="plain" onClick={() => actions.openRunbook(book.slug)}>
              {trans.__('Read it')}
            </Button>
          </div>
        ))}
    </section>
  );
}
