/**
 * The branches of a step, in the runbook's order; a true one is marked, a person chooses.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { BranchState, Incident, Step, StepState } from '../contract';
import { CommandIDs } from '../tokens';
import { State } from './parts';
import { useSurroundings } from './surroundings';

/** The ways on from a step. */
export function Branches(props: {
  state: StepState;
  step: Step;
  incident: Incident;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { state, incident } = props;
  const { branches } = state;
  if (branches.length === 0) {
    return <></>;
  }
  const true_ = branches.filter(branch => branch.true === true);
  return (
    <section>
      <h3 className="jp-Keys-label">{trans.__('Then take one branch')}</h3>
      <div className="jp-Keys-branches" role="list">
        {branches.map((branch, index) => (
          <div role="listitem" key={index}>
            <BranchEntry
              branch={branch}
              index={index}
              step={state.id}
              target={targetTitle(incident, branch)}
              off={incident.closed_at !== null}
              against={
                branch.true === false ||
                (!branch.suggested && branches.some(one => one.suggested))
              }
            />
          </div>
        ))}
      </div>
      {state.runs.length > 0 && true_.length !== 1 && (
        <p className="jp-Keys-help">
          {true_.length === 0
            ? trans.__('No condition is shown to be true. Choose for yourself.')
            : trans.__(
                '%1 conditions are true, so none is suggested. Choose for yourself.',
                true_.length
              )}
        </p>
      )}
    </section>
  );
}

/** The title of the step a branch leads to; empty where it leads elsewhere. */
function targetTitle(incident: Incident, branch: BranchState): string {
  const step = incident.steps.find(other => other.id === branch.goto);
  return step?.title ?? '';
}

function BranchEntry(props: {
  branch: BranchState;
  index: number;
  step: string;
  target: string;
  /** Whether no branch can be taken any more. */
  off: boolean;
  /** Whether what the results say speaks for another one. */
  against: boolean;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { branch, index, step, target } = props;
  const take = (): void =>
    actions.command(CommandIDs.takeBranch, {
      step,
      branch: index,
      ask: props.against
    });
  const off =
    desk.incidents.isActing || desk.feed.lostSince !== null || props.off;
  if (branch.suggested && !branch.taken) {
    return <Suggested {...props} off={off} onTake={take} />;
  }
  return (
    <button
      type="button"
      className={`jp-Keys-branch${branch.true ? ' jp-mod-true' : ''}`}
      data-branch={index + 1}
      aria-disabled={off}
      onClick={() => off || take()}
    >
      <span className="jp-Keys-wrap">
        {sentence(trans, branch.condition)}
        <b>{plain(branch.outcome)}</b>
        {target && !branch.outcome.includes(target) && <span>{target}</span>}
        <BranchReason branch={branch} />
      </span>
      <span aria-hidden="true">→</span>
      {branch.taken && (
        <State shape="ok">
          {branch.taken_by
            ? trans.__('taken by %1', branch.taken_by)
            : trans.__('taken')}
        </State>
      )}
    </button>
  );
}

function Suggested(props: {
  branch: BranchState;
  index: number;
  target: string;
  onTake: () => void;
  off: boolean;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { branch, index, target } = props;
  const reason = `jp-Keys-reason-${index}`;
  return (
    <div className="jp-Keys-suggested">
      <span className="jp-Keys-wrap">
        <b>{trans.__('Suggested')}</b> {sentence(trans, branch.condition)}
      </span>
      <b className="jp-Keys-wrap">{plain(branch.outcome)}</b>
      {target && !branch.outcome.includes(target) && <span>{target}</span>}
      <span id={reason}>{branch.reason}</span>
      <div className="jp-Keys-buttons">
        <button
          type="button"
          className="jp-Keys-button jp-mod-go"
          data-branch={index + 1}
          aria-describedby={reason}
          aria-disabled={props.off}
          onClick={() => props.off || props.onTake()}
        >
          {trans.__('Take this branch')}
        </button>
        <span>{trans.__('Recorded with its reason.')}</span>
      </div>
    </div>
  );
}

/** Whether a condition is true, and the result that says so. */
export function BranchReason(props: { branch: BranchState }): JSX.Element {
  const { trans } = useSurroundings();
  const { branch } = props;
  if (branch.true === null) {
    return <></>;
  }
  return (
    <span className="jp-Keys-second">
      {branch.true
        ? trans.__('True: %1', branch.reason)
        : trans.__('Not the case: %1', branch.reason)}
    </span>
  );
}

/** A condition as the beginning of a sentence. */
function sentence(trans: TranslationBundle, condition: string): string {
  const text = plain(condition);
  // A word such as HTTP keeps its capitals, and so does a name such as Success Rate.
  const begin = /^(.[A-Z]|\S+ [A-Z])/.test(text)
    ? text.charAt(0)
    : text.charAt(0).toLowerCase();
  return trans.__('If %1', begin + text.slice(1));
}

/** A text without its Markdown marks. */
export function plain(text: string): string {
  return text.replace(/\*\*|`/g, '').trim();
}
