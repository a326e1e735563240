/**
 * The ledger's checkpoint: how long it is, who else holds it, and the text to keep elsewhere.
 */

import * as React from 'react';

import type { CheckpointState } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import { Whole, JobError, useEvidence, Busy } from './evidenceparts';
import { Glyph } from './glyph';
import { Button, Head } from './parts';
import { useReading, useSurroundings } from './surroundings';
import { stampWords } from '../words';

/** Since when nothing left this machine, and what that means: what holds and what does not, in one size. */
export function Anchor(props: { brief?: boolean }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const evidence = useEvidence();
  const state = evidence.checkpoint;
  if (state === null) {
    return <></>;
  }
  const held = state.last_at !== null && state.after <= 1;
  return (
    <div className="jp-Keys-anchor">
      <Glyph shape={held ? 'ok' : 'warning'} />
      <div>
        <b>
          {state.last_at === null
            ? trans.__('Last checkpoint that left: never.')
            : trans.__(
                'Last checkpoint that left: %1 UTC, %2.',
                stampWords(state.last_at, Date.now()),
                state.last_outlet ?? ''
              )}
        </b>{' '}
        {state.meaning}
        {!props.brief && (
          <div className="jp-Keys-buttons">
            <Button
              look="plain"
              onClick={() => actions.command(EvidenceCommands.checkpoint)}
            >
              {trans.__('Hand out a checkpoint…')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** The page. */
export function CheckpointPage(): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const evidence = useEvidence();
  const [outlet, setOutlet] = React.useState('');
  useReading(() => evidence.loadCheckpoint(), []);
  const job = evidence.job('checkpoint');
  const { checkpoint: state, taken } = evidence;
  const empty = state?.size === 0;
  const copy = (): void =>
    actions.command(EvidenceCommands.copyCheckpoint, {
      outlet: outlet.trim()
    });
  return (
    <>
      <Head title={trans.__('Checkpoint')} />
      <div className="jp-Keys-scroll jp-Keys-page">
        <JobError job={job} onDismiss={() => evidence.forget('checkpoint')} />
        <p>
          {trans.__(
            'A checkpoint is five lines of text: the size of the ledger, the root over all its records, and a signature. Whoever keeps it can tell later whether anything before it was changed.'
          )}
        </p>
        <Anchor brief />
        {state && <Standing state={state} />}
        <label className="jp-Keys-entry">
          <b>{trans.__('Where it goes')}</b>
          <input
            type="text"
            value={outlet}
            maxLength={200}
            placeholder={trans.__('ticket OPS-12')}
            onChange={event => setOutlet(event.target.value)}
            onKeyDown={event => event.key === 'Enter' && !empty && copy()}
          />
        </label>
        <Busy since={job.since} word={trans.__('Signing')} />
        {taken && <Taken text={taken.text} />}
      </div>
      <div className="jp-Keys-foot">
        <Button
          look="go"
          disabled={empty || job.since !== null || desk.feed.lostSince !== null}
          focusName="copy-checkpoint"
          onClick={copy}
        >
          {trans.__('Copy checkpoint')}
        </Button>
        <span className="jp-Keys-footNote">
          {empty
            ? trans.__('Nothing is recorded yet.')
            : trans.__('That it left is recorded.')}
        </span>
      </div>
    </>
  );
}

/** Size, root and key: what a checkpoint says. */
function Standing(props: { state: CheckpointState }): JSX.Element {
  const { trans } = useSurroundings();
  const { state } = props;
  return (
    <>
      <dl className="jp-Keys-facts">
        <dt>{trans.__('Records now')}</dt>
        <dd>{state.size.toLocaleString('en')}</dd>
        <dt>{trans.__('Since the last one')}</dt>
        <dd>
          {state.last_at === null
            ? trans.__('all')
            : state.after.toLocaleString('en')}
        </dd>
      </dl>
      {state.root && <Whole label={trans.__('Root')} value={state.root} />}
      {state.fingerprint ? (
        <>
          <Whole
            label={trans.__('Key fingerprint')}
            value={state.fingerprint}
          />
          <p className="jp-Keys-help">
            {trans.__(
              'Tell the fingerprint by another way than the bundle: then nobody can pass off another key.'
            )}
          </p>
        </>
      ) : (
        <p className="jp-Keys-help">
          {trans.__('The signing key is made when it is first needed.')}
        </p>
      )}
    </>
  );
}

function Taken(props: { text: string }): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <section aria-label={trans.__('Checkpoint that was copied')}>
      <h2>{trans.__('Copied. Paste it where it will be kept:')}</h2>
      <pre className="jp-Keys-tail" tabIndex={0}>
        {props.text}
      </pre>
    </section>
  );
}
