/**
 * The words that unlock an action which cannot be undone.
 */

import * as React from 'react';

import type { StepState } from '../contract';
import { CommandIDs } from '../tokens';
import { useSurroundings } from './surroundings';

/** Whether a step's commands wait for its words. */
export function isLocked(state: StepState): boolean {
  return (
    state.confirmation !== null && !state.unlocked && state.state !== 'done'
  );
}

/** What must be typed, and where. */
export function Unlock(props: {
  state: StepState;
  inFocus: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { state, inFocus } = props;
  const [typed, setTyped] = React.useState('');
  const [leads, setLeads] = React.useState(false);
  if (!isLocked(state)) {
    return state.unlocked ? (
      <p className="jp-Keys-help">
        {trans.__('Unlocked until this step is left. Your words are recorded.')}
      </p>
    ) : (
      <></>
    );
  }
  if (!inFocus) {
    return (
      <div className="jp-Keys-unlock">
        <span>
          {trans.__('Locked until it is the step that is worked on.')}
        </span>
        <button
          type="button"
          data-unlock=""
          className="jp-Keys-button jp-mod-go"
          onClick={() => {
            setLeads(true);
            actions.mark(state.id, 'focus');
          }}
        >
          {trans.__('Work on this step')}
        </button>
      </div>
    );
  }
  return <Words state={state} typed={typed} onType={setTyped} leads={leads} />;
}

/** What was typed is not what is asked for. */
function Refused(): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <span role="alert">
      {trans.__('Other words than these. Nothing was unlocked.')}
    </span>
  );
}

/** The form for the words. */
function Words(props: {
  state: StepState;
  typed: string;
  onType: (typed: string) => void;
  /** Whether what had the focus led here. */
  leads: boolean;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { state, typed } = props;
  const wanted = state.confirmation ?? '';
  const [refused, setRefused] = React.useState(false);
  const fits = typed.trim() === wanted && !desk.incidents.isActing;
  return (
    <form
      className="jp-Keys-unlock"
      onSubmit={event => {
        event.preventDefault();
        setRefused(!fits);
        if (fits) {
          actions.command(CommandIDs.confirmAction, {
            step: state.id,
            confirmation: typed.trim()
          });
        }
      }}
    >
      <label>
        <span>
          <b>{trans.__('To go on, type')}</b> <code>{wanted}</code>
        </span>
        <input
          type="text"
          data-unlock=""
          autoFocus={props.leads}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={refused}
          value={typed}
          onChange={event => props.onType(event.target.value)}
          onPaste={event => event.preventDefault()}
        />
      </label>
      {refused && !fits && <Refused />}
      <div className="jp-Keys-buttons">
        <button
          type="submit"
          className="jp-Keys-button jp-mod-go"
          aria-disabled={!fits}
        >
          {trans.__('Confirm and unlock')}
        </button>
        <span className="jp-Keys-help">
          {trans.__('Your words and the time are recorded.')}
        </span>
      </div>
    </form>
  );
}
