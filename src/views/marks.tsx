/**
 * What a person says of a step: done, failed, skipped, a note, a file; and the way back from a slip.
 */

import { editIcon, fileUploadIcon, undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { requestOf } from '../attaching';
import type { Incident, StepState } from '../contract';
import { isSettled, lastUndoable } from '../models/map';
import { CommandIDs } from '../tokens';
import { stepWords } from '../words';
import { Button, IconButton } from './parts';
import { useSurroundings } from './surroundings';
import { isLocked } from './unlock';

/** The toolbar under the step. */
export function Marks(props: {
  step: StepState;
  incident: Incident;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { step, incident } = props;
  const away = desk.incidents.isActing || desk.feed.lostSince !== null;
  const off = away || incident.closed_at !== null;
  const { word } = stepWords(trans, step, false);
  return (
    <div
      className="jp-Keys-foot"
      role="toolbar"
      aria-label={trans.__('Mark this step')}
    >
      {incident.closed_at === null && (
        <>
          <Button
            disabled={off || isLocked(step)}
            title={
              isLocked(step)
                ? trans.__('Confirm the action first')
                : isSettled(step)
                  ? trans.__('Marked: %1', word)
                  : undefined
            }
            onClick={() => actions.mark(step.id, 'done')}
          >
            {trans.__('Done')}
          </Button>
          <Button
            disabled={off}
            onClick={() => actions.mark(step.id, 'failed')}
          >
            {trans.__('Failed…')}
          </Button>
          <Button
            disabled={off}
            onClick={() => actions.mark(step.id, 'skipped')}
          >
            {trans.__('Skip…')}
          </Button>
        </>
      )}
      {!off && incident.steps.every(isSettled) && <ToClose {...props} />}
      <span className="jp-Keys-fill" />
      <Undo {...props} off={off} />
      <IconButton
        icon={editIcon}
        label={trans.__('Note on this step…')}
        disabled={away}
        onClick={() => actions.mark(step.id, 'note')}
      />
      <Attach {...props} />
    </div>
  );
}

/** No step is left: what remains is the close. */
function ToClose(props: { incident: Incident }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { id } = props.incident;
  return (
    <Button look="go" onClick={() => actions.openIncident(id, 'close')}>
      {trans.__('Close incident…')}
    </Button>
  );
}

/** The last mark can be taken back from wherever it led. */
function Undo(props: {
  step: StepState;
  incident: Incident;
  off: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { incident, step, off } = props;
  const looking = step.id !== incident.focus;
  const last = looking && step.undoable ? step : lastUndoable(incident);
  return last === null || incident.closed_at !== null ? (
    <></>
  ) : (
    <IconButton
      icon={undoIcon}
      label={trans.__('Undo the mark of “%1”', last.title)}
      disabled={off}
      onClick={() => actions.command(CommandIDs.undo, { step: last.id })}
    />
  );
}

function Attach(props: { step: StepState; incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { step, incident } = props;
  const chosen = React.useRef<HTMLInputElement>(null);
  const keep = (files: FileList | null): void =>
    Array.from(files ?? []).forEach(
      file =>
        void desk.attempt(async () => {
          const request = await requestOf(file, step.id);
          await desk.incidents.attach(incident.id, request);
          desk.announce(trans.__('Kept: %1.', request.name ?? ''));
        })
    );
  return (
    <>
      <input
        ref={chosen}
        type="file"
        multiple={true}
        hidden={true}
        aria-label={trans.__('Files to attach')}
        onChange={event => {
          keep(event.target.files);
          event.target.value = '';
        }}
      />
      <IconButton
        act="attach"
        icon={fileUploadIcon}
        label={trans.__('Attach a file, or paste a screenshot into the step')}
        onClick={() => chosen.current?.click()}
      />
    </>
  );
}
