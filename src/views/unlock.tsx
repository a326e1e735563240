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
  const { trans } = useSurroundings();
  const { state, inFocus } = props;
  const [typed, setTyped] = React.useState('');
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
      <p className="jp-Keys-help">
        {trans.__('Locked. Work on this step to unlock it.')}
      </p>
    );
  }
  return <Words state={state} typed={typed} onType={setTyped} />;
}

/** The form for the words. */
function Words(props: {
  state: StepState;
  typed: string;
  onType: (typed: string) => void;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { state, typed } = props;
  const wanted = state.confirmation ?? '';
  const fits = typed.trim() === wanted && !desk.incidents.isActing;
  return (
    <form
      className="jp-Keys-unlock"
      onSubmit={event => {
        event.preventDefault();
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
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={event => props.onType(event.target.value)}
          onPaste={event => event.preventDefault()}
        />
      </label>
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
