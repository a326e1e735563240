/**
 * What is kept under an incident, with the digests of the bytes.
 */

import * as React from 'react';

import type { EvidenceItem, Incident } from '../contract';
import { Glyph } from './glyph';
import { IconButton } from './parts';
import { useReading, useSurroundings } from './surroundings';
import { copyIcon } from '@jupyterlab/ui-components';
import { shortDigest, sizeWords, clockWords } from '../words';

/** The evidence of an incident, by step. */
export function Evidence(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident } = props;
  useReading(() => desk.incidents.loadEvidence(incident.id), [incident.id]);
  const items = desk.incidents.evidence(incident.id);
  const artifacts = desk.incidents.runbook(incident.id)?.artifacts ?? [];
  return (
    <div
      className="jp-Keys-scroll"
      role="tabpanel"
      aria-label={trans.__('Evidence')}
      tabIndex={0}
    >
      {items?.length === 0 && (
        <p className="jp-Keys-empty">
          {trans.__(
            'Nothing is kept yet. The outputs of a run that a step calls are kept here by themselves.'
          )}
        </p>
      )}
      {items && <Kept items={items} incident={incident} />}
      {artifacts.length > 0 && (
        <section className="jp-Keys-section">
          <h2>
            <span>{trans.__('Artifacts to save, as the runbook says')}</span>
            <span>{artifacts.length}</span>
          </h2>
          <ul className="jp-Keys-list jp-Keys-page">
            {artifacts.map(artifact => (
              <li key={artifact}>{artifact.replace(/\*\*|`/g, '')}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Kept(props: {
  items: ReadonlyArray<EvidenceItem>;
  incident: Incident;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { items, incident } = props;
  const steps = [...new Set(items.map(item => item.step))];
  return (
    <>
      {steps.map(step => {
        const kept = items.filter(item => item.step === step);
        const title = incident.steps.find(other => other.id === step)?.title;
        return (
          <section key={step ?? ''} className="jp-Keys-section">
            <h2>
              <span>{title ?? trans.__('No step')}</span>
              <span>{kept.length}</span>
            </h2>
            <EvidenceItems items={kept} />
          </section>
        );
      })}
    </>
  );
}

/** Kept things with name, time, size and digest. */
export function EvidenceItems(props: {
  items: ReadonlyArray<EvidenceItem>;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  return (
    <ul className="jp-Keys-slots">
      {props.items.map(item => (
        <li key={item.id}>
          <Glyph shape="kept" />
          <span className="jp-Keys-slotText">
            <span className="jp-Keys-wrap">
              {item.name}
              <span className="jp-Keys-aside">{trans.__('kept')}</span>
            </span>
            <span>
              {trans.__(
                '%1, %2, %3',
                item.kind,
                sizeWords(trans, item.size),
                clockWords(trans, item.at)
              )}
            </span>
            {item.redactions > 0 && (
              <span>{trans._n('%1 hidden', '%1 hidden', item.redactions)}</span>
            )}
          </span>
          <code title={item.sha256}>{shortDigest(item.sha256)}</code>
          <IconButton
            icon={copyIcon}
            label={trans.__('Copy the sha256 of %1', item.name)}
            onClick={() => actions.copy(item.sha256)}
          />
        </li>
      ))}
    </ul>
  );
}
