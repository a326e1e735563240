/**
 * The preview of a key in a frame without any rights, read when it is opened.
 */

import * as React from 'react';

import { asKeysError } from '../models/catalog';
import { framed } from '../previewing';
import { KeysError } from '../request';
import { errorWords } from '../words';
import { Fold, Note } from './parts';
import { useSurroundings } from './surroundings';

/** A preview, folded until it is wanted. */
export function HtmlPreview(props: { slug: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const [open, setOpen] = React.useState(false);
  const [shown, setShown] = React.useState<string | KeysError | null>(null);
  React.useEffect(() => {
    if (open && shown === null) {
      desk.api
        .preview(props.slug)
        .then(preview => setShown(framed(preview.html)))
        .catch(reason => setShown(asKeysError(reason)));
    }
  }, [open]);
  return (
    <Fold
      title={trans.__('Preview')}
      aside={open ? trans.__('Shown without scripts and links') : undefined}
      onToggle={setOpen}
    >
      {shown === null && <p>{trans.__('Reading it')}</p>}
      {shown instanceof KeysError && (
        <Note kind="info" title={errorWords(trans, shown).message}>
          {errorWords(trans, shown).hint}
        </Note>
      )}
      {typeof shown === 'string' && (
        <iframe
          className="jp-Keys-preview"
          title={trans.__('Preview of %1', props.slug)}
          sandbox=""
          referrerPolicy="no-referrer"
          srcDoc={shown}
        />
      )}
    </Fold>
  );
}
