/**
 * The exact cell that a run would get, shown on demand.
 */

import * as React from 'react';

import type { CellPreview, ParametersReply } from '../contract';
import { asKeysError } from '../models/catalog';
import type { Draft, IFormPlace } from '../models/navigation';
import { KeysError } from '../request';
import { given } from './parameters';
import { Fold, Note } from './parts';
import { useSurroundings } from './surroundings';

/** How long typing has to pause before the cell is asked for again, in ms. */
const PREVIEW_PAUSE = 400;

/** The cell of these values. */
export function Preview(props: {
  reply: ParametersReply;
  place: IFormPlace;
  values: Draft;
}): JSX.Element {
  const { trans } = useSurroundings();
  const [open, setOpen] = React.useState(false);
  const shown = usePreview(props, open);
  const aside =
    shown && !(shown instanceof KeysError)
      ? trans._n('%1 line', '%1 lines', lineCount(shown.source))
      : undefined;
  return (
    <Fold
      title={trans.__('Cell that will be injected')}
      aside={open ? aside : undefined}
      onToggle={setOpen}
    >
      {shown instanceof KeysError ? (
        <Note kind="warning" title={shown.message}>
          {shown.hint}
        </Note>
      ) : (
        <pre className="jp-Keys-tail" tabIndex={0}>
          {shown?.source.trim() === ''
            ? trans.__('Nothing: all values are the notebook’s own.')
            : shown?.source}
        </pre>
      )}
    </Fold>
  );
}

function lineCount(source: string): number {
  return source.trim() === '' ? 0 : source.trimEnd().split('\n').length;
}

/** What the server says of the values, a moment after they last changed. */
function usePreview(
  props: { reply: ParametersReply; place: IFormPlace; values: Draft },
  wanted: boolean
): CellPreview | KeysError | null {
  const { desk } = useSurroundings();
  const { reply, place, values } = props;
  const [shown, setShown] = React.useState<CellPreview | KeysError | null>(
    null
  );
  React.useEffect(() => {
    if (!wanted) {
      return;
    }
    const ask = (): void => {
      const { parameters, nulls } = given(reply.parameters, values);
      desk.api
        .cell(place.slug, { version: reply.version, values: parameters, nulls })
        .then(setShown)
        .catch(reason => setShown(asKeysError(reason)));
    };
    const timer = window.setTimeout(ask, shown === null ? 0 : PREVIEW_PAUSE);
    return () => window.clearTimeout(timer);
  }, [wanted, values]);
  return shown;
}
