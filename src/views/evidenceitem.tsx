/**
 * One kept thing: what it is, where it is from, what was hidden in it, and what can be looked at of it.
 */

import * as React from 'react';

import type { EvidenceItem, EvidencePreview } from '../contract';
import { asKeysError } from '../models/catalog';
import { redactionsOf } from '../models/evidencefacts';
import { KeysError } from '../request';
import { clockWords, errorWords, sizeWords } from '../words';
import { RedactionLines } from './evidencehidden';
import { useEvidence, Whole } from './evidenceparts';
import { Shown } from './evidencepreview';
import { kindWords } from './evidencetab';
import { Button, Head, Note } from './parts';
import { useReading, useSurroundings } from './surroundings';

/** The page. */
export function ItemPage(props: {
  incident: string;
  item: string;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  const evidence = useEvidence();
  useReading(() => evidence.readAgain(props.incident), [props.incident]);
  const item = desk.incidents
    .evidence(props.incident)
    ?.find(other => other.id === props.item);
  return item ? (
    <Item incident={props.incident} item={item} />
  ) : (
    <Head title={trans.__('Evidence')} />
  );
}

function Item(props: { incident: string; item: EvidenceItem }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident, item } = props;
  const step = desk.incidents
    .get(incident)
    ?.steps.find(({ id }) => id === item.step);
  const found = redactionsOf(desk.incidents.records(incident), item.id);
  const preview = usePreview(incident, item);
  const about = [
    kindWords(trans, item),
    sizeWords(trans, item.size),
    clockWords(trans, item.at)
  ].join(' · ');
  return (
    <>
      <Head title={item.name} />
      <div className="jp-Keys-meta">
        <span className="jp-Keys-wrap">
          {about}
          {step && <span className="jp-Keys-second">{step.title}</span>}
        </span>
      </div>
      <div className="jp-Keys-scroll jp-Keys-page">
        {item.standing !== '' && (
          <Note kind="info" title={trans.__('What it cannot prove.')}>
            {item.standing}
          </Note>
        )}
        {preview instanceof KeysError ? (
          <Note kind="warning" title={errorWords(trans, preview).message}>
            {errorWords(trans, preview).hint}
          </Note>
        ) : (
          preview && <Shown preview={preview} />
        )}
        <Whole label={trans.__('sha256')} value={item.sha256} />
        <section>
          <h2>{trans.__('Redactions')}</h2>
          {item.scanned ? (
            <RedactionLines incident={incident} found={found} one />
          ) : (
            <p>
              {trans.__(
                'Not searched for secrets: nobody can look into this kind of file. Look at it yourself before you hand it on.'
              )}
            </p>
          )}
        </section>
      </div>
      <Foot incident={incident} item={item} />
    </>
  );
}

function Foot(props: { incident: string; item: EvidenceItem }): JSX.Element {
  const { trans } = useSurroundings();
  const evidence = useEvidence();
  const { incident, item } = props;
  return (
    <div className="jp-Keys-foot">
      <a
        className="jp-Keys-button jp-mod-other"
        href={evidence.api.itemUrl(incident, item.id)}
        download={item.name.split('/').pop()}
      >
        {trans.__('Download')}
      </a>
      {item.run !== null && <OfRun run={item.run} kind={item.kind} />}
    </div>
  );
}

function OfRun(props: { run: string; kind: string }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run, kind } = props;
  return kind === 'notebook' ? (
    <Button look="plain" onClick={() => actions.openNotebook(run)}>
      {trans.__('Open the notebook of the run')}
    </Button>
  ) : (
    <Button look="plain" onClick={() => actions.openRun(run)}>
      {trans.__('Show its run')}
    </Button>
  );
}

function usePreview(
  incident: string,
  item: EvidenceItem
): EvidencePreview | KeysError | null {
  const evidence = useEvidence();
  const [found, setFound] = React.useState<EvidencePreview | KeysError | null>(
    null
  );
  React.useEffect(() => {
    let shown = true;
    evidence
      .preview(incident, item)
      .then(preview => shown && setFound(preview))
      .catch(reason => shown && setFound(asKeysError(reason)));
    return () => {
      shown = false;
    };
  }, [item.id]);
  return found;
}
