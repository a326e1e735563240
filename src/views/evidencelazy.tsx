/**
 * The views of evidence, loaded when the first of them is shown.
 */

import * as React from 'react';

import type { Incident } from '../contract';
import type { IEvidencePlace } from '../models/evidencefacts';

const Tab = React.lazy(async () => {
  const { EvidenceTab } = await import('./evidencepages');
  return { default: EvidenceTab };
});

const Page = React.lazy(async () => {
  const { EvidencePages } = await import('./evidencepages');
  return { default: EvidencePages };
});

const Entries = React.lazy(async () => {
  const { EvidenceEntries } = await import('./evidencepages');
  return { default: EvidenceEntries };
});

/** The evidence of an incident. */
export function Evidence(props: { incident: Incident }): JSX.Element {
  return (
    <React.Suspense fallback={<div className="jp-Keys-scroll" />}>
      <Tab incident={props.incident} />
    </React.Suspense>
  );
}

/** A page of evidence. */
export function EvidencePage(props: { place: IEvidencePlace }): JSX.Element {
  return (
    <React.Suspense fallback={<></>}>
      <Page place={props.place} />
    </React.Suspense>
  );
}

/** What home has of evidence. */
export function HomeEvidence(): JSX.Element {
  return (
    <React.Suspense fallback={<></>}>
      <Entries />
    </React.Suspense>
  );
}
