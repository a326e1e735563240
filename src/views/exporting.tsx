/**
 * An export that goes on, and the word when it was cancelled.
 */

import * as React from 'react';

import type { Exported, ExportProgress } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import type { IJob } from '../models/evidence';
import { sizeWords } from '../words';
import { JobError, useEvidence } from './evidenceparts';
import { GoingBar } from './going';
import { Note } from './parts';
import { useNow, useReading, useSurroundings } from './surroundings';

/** How far an export is, with a way to stop it; how it failed, or that it was stopped. */
export function ExportGoing(props: {
  /** What it is called at the server. */
  id: string;
  /** What the page calls it. */
  name: string;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const evidence = useEvidence();
  const { id, name } = props;
  useReading(() => evidence.lookAtExports(), [id]);
  const job = evidence.job<Exported>(name);
  const going = evidence.going(id);
  const now = useNow(job.since === null ? 0 : 500);
  // What is over within a second needs no word; what another page began is told at once.
  const shown = job.since === null ? going !== null : now - job.since >= 1000;
  return (
    <>
      <Ended job={job} name={name} />
      {shown && (
        <GoingBar
          title={trans.__('Exporting')}
          label={trans.__('Written')}
          words={phaseWords(trans, going)}
          done={going?.done ?? 0}
          total={going?.total ?? null}
          stopping={evidence.isStopping(id)}
          onCancel={() => actions.command(EvidenceCommands.stop, { id })}
        />
      )}
    </>
  );
}

function Ended(props: { job: IJob<Exported>; name: string }): JSX.Element {
  const { trans } = useSurroundings();
  const evidence = useEvidence();
  const { job, name } = props;
  return job.error?.code === 'EXPORT_CANCELLED' ? (
    <Note kind="info" title={trans.__('The export was cancelled.')}>
      {trans.__('No file was written and nothing was recorded.')}
    </Note>
  ) : (
    <JobError job={job} onDismiss={() => evidence.forget(name)} />
  );
}

type Trans = ReturnType<typeof useSurroundings>['trans'];

/** What it does now, and how much of that is done. */
function phaseWords(trans: Trans, going: ExportProgress | null): string {
  if (going === null) {
    return trans.__('Reading the records');
  }
  const done = sizeWords(trans, going.done);
  const total = sizeWords(trans, going.total);
  switch (going.phase) {
    case 'collecting':
      return trans.__('Checking kept files, %1 of %2', done, total);
    case 'measuring':
      return trans.__('Making digests and proofs, %1 of %2', done, total);
    default:
      return trans.__('Writing, %1 of %2', done, total);
  }
}
