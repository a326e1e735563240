/**
 * From a run to what differs between it and another one of its key.
 */

import * as React from 'react';

import type { Run } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import { Button } from './parts';
import { useSurroundings } from './surroundings';

/** The way to a comparison. */
export function CompareRun(props: { run: Run }): JSX.Element {
  const { trans, actions } = useSurroundings();
  return (
    <Button
      look="plain"
      onClick={() =>
        actions.command(EvidenceCommands.compare, { left: props.run.id })
      }
    >
      {trans.__('Compare…')}
    </Button>
  );
}
