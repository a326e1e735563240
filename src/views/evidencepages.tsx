/**
 * Which page of evidence is shown, and what home has of it.
 */

import * as React from 'react';

import '../../style/evidence.css';

import { EvidenceCommands } from '../evidencecommands';
import type { IEvidencePlace } from '../models/evidencefacts';
import { CheckpointPage } from './bundlecheckpoint';
import { ExportPage } from './bundleexport';
import { ComparePage } from './compare';
import { CompliancePage } from './compliance';
import { ItemPage } from './evidenceitem';
import { Row, Rows } from './rows';
import { useSurroundings } from './surroundings';
import { Section } from './urgent';
import { VerifyPage } from './verify';
import { MatrixGlyph, SealGlyph } from './evidenceparts';
import { Glyph } from './glyph';

export { EvidenceTab } from './evidencetab';

/** A page of evidence; one that takes the place of another takes the focus, too. */
export function EvidencePages(props: { place: IEvidencePlace }): JSX.Element {
  const { place } = props;
  const name = `${place.page}:${place.id ?? ''}:${place.other ?? ''}`;
  React.useEffect(() => {
    const active = document.activeElement;
    if (active === null || active === document.body) {
      document.querySelector<HTMLElement>('.jp-Keys-evidence h1')?.focus();
    }
  }, [name]);
  return <React.Fragment key={name}>{pageOf(place)}</React.Fragment>;
}

function pageOf(place: IEvidencePlace): JSX.Element {
  const { id = '', other = '' } = place;
  switch (place.page) {
    case 'item':
      return <ItemPage incident={id} item={other} />;
    case 'export':
      return <ExportPage id={id} />;
    case 'verify':
      return <VerifyPage />;
    case 'checkpoint':
      return <CheckpointPage />;
    case 'compliance':
      return <CompliancePage />;
    case 'compare':
      return <ComparePage left={id} right={other} />;
  }
}

/** What concerns evidence as a whole and no single incident. */
export function EvidenceEntries(): JSX.Element {
  const { trans, actions } = useSurroundings();
  const title = trans.__('Evidence');
  const entries: Array<[string, JSX.Element, string, string]> = [
    [
      EvidenceCommands.verify,
      <Glyph key="" shape="ok" />,
      trans.__('Verify a bundle'),
      trans.__('Drop a file, see whether it holds')
    ],
    [
      EvidenceCommands.checkpoint,
      <SealGlyph key="" />,
      trans.__('Checkpoint'),
      trans.__('What others hold of the ledger')
    ],
    [
      EvidenceCommands.compliance,
      <MatrixGlyph key="" />,
      trans.__('All incidents'),
      trans.__('By framework and month, export of a period')
    ]
  ];
  return (
    <Section title={title}>
      <Rows label={title}>
        {entries.map(([command, lead, name, sub]) => (
          <Row
            key={command}
            id={command}
            name={trans.__('%1: %2', name, sub)}
            lead={lead}
            title={name}
            sub={sub}
            onOpen={() => actions.command(command)}
          />
        ))}
      </Rows>
    </Section>
  );
}
