/**
 * What a form begins with: what was typed, an earlier run's values, or the key's own; and the line that says which.
 */

import * as React from 'react';

import type { ParametersReply, Run } from '../contract';
import type { Desk } from '../models/desk';
import type { Draft, IFormPlace } from '../models/navigation';
import { placeName } from '../models/navigation';
import { valuesOf } from '../models/repeating';
import { clockWords } from '../words';
import { initialValues, same } from './parameters';
import { Button } from './parts';
import { useSurroundings } from './surroundings';

/** The values of a form and where they came from. */
export interface IBeginning {
  values: Draft;
  /** The run whose values these are; null for the key's own. */
  run: Run | null;
}

/** The run whose values are offered: the one that was named, the step's last, or the key's last. */
export function exampleOf(desk: Desk, place: IFormPlace): Run | null {
  const named = desk.runs.get(
    desk.navigation.examples.get(placeName(place)) ?? ''
  );
  const { incident, step } = place;
  const ofStep = incident && step ? desk.runs.ofStep(incident, step) : [];
  const last =
    ofStep.find(run => run.key === place.slug) ??
    desk.runs.ofKey(place.slug)[0];
  return named ?? last ?? null;
}

/** What the form begins with when nothing was typed yet. */
export function beginning(
  reply: ParametersReply,
  example: Run | null
): IBeginning {
  const own = initialValues(reply.parameters);
  const values =
    example === null ? own : initialValues(reply.parameters, valuesOf(example));
  return same(values, own)
    ? { values: own, run: null }
    : { values, run: example };
}

/** A quiet line: whose values these are, and the way to the others. */
export function BeginningLine(props: {
  reply: ParametersReply;
  example: Run | null;
  shown: Run | null;
  onChange: (to: IBeginning) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { reply, example, shown } = props;
  const offered = beginning(reply, example);
  if (offered.run === null) {
    return <></>;
  }
  const own = { values: initialValues(reply.parameters), run: null };
  return (
    <p className="jp-Keys-beginning">
      {shown
        ? trans.__(
            'Values of your last run, %1.',
            clockWords(trans, shown.requested_at)
          )
        : trans.__('The key’s own values.')}{' '}
      <Button
        look="plain"
        onClick={() => props.onChange(shown ? own : offered)}
      >
        {shown
          ? trans.__('Use the defaults')
          : trans.__('Use those of your last run')}
      </Button>
    </p>
  );
}
