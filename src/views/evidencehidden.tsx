/**
 * What was hidden, by which rule and where; what was left on purpose, and what nobody looked into.
 */

import * as React from 'react';

import type { IPlaceOf, IRedactions } from '../models/evidencefacts';
import { EvidenceCommands } from '../evidencecommands';
import { useEvidence } from './evidenceparts';
import { Button, Fold } from './parts';
import { useSurroundings } from './surroundings';

/** The redactions of an incident or of one kept thing. */
export function RedactionLines(props: {
  incident: string;
  found: IRedactions;
  /** Whether it is one thing's: its name is not said again. */
  one?: boolean;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, found, one = false } = props;
  const { count, hidden, allowed, notScanned, suspicions } = found;
  const rest: Array<[string, IPlaceOf[]]> = [
    [trans.__('Said to be no secret'), allowed],
    [trans.__('Not searched'), notScanned]
  ];
  return (
    <div className="jp-Keys-hidden">
      <p>
        {count > 0
          ? trans._n(
              '%1 value was hidden when it was captured. What stood there is not kept.',
              '%1 values were hidden when they were captured. What stood there is not kept.',
              count
            )
          : trans.__('Nothing was hidden.')}{' '}
        {suspicions > 0 &&
          trans._n(
            '%1 value looks random and follows no rule; it was left. Look at it before you hand this on.',
            '%1 values look random and follow no rule; they were left. Look at them before you hand this on.',
            suspicions
          )}
      </p>
      {hidden.map(row => (
        <Fold
          key={row.rule}
          title={ruleWords(row.rule)}
          aside={String(row.count)}
        >
          <Places incident={incident} places={row.places} one={one} />
        </Fold>
      ))}
      {rest.map(
        ([title, places]) =>
          places.length > 0 && (
            <Fold key={title} title={title} aside={String(places.length)}>
              <Places incident={incident} places={places} one={one} />
            </Fold>
          )
      )}
    </div>
  );
}

function Places(props: {
  incident: string;
  places: IPlaceOf[];
  one: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { incident, places, one } = props;
  return (
    <ul className="jp-Keys-places">
      {places.map((at, index) => (
        <li key={index}>
          {!one && at.item === '' && (
            <span>{trans.__('Record %1', at.name)}</span>
          )}
          {!one && at.item !== '' && (
            <Button
              look="plain"
              onClick={() =>
                actions.command(EvidenceCommands.item, {
                  incident,
                  item: at.item
                })
              }
            >
              {at.name}
            </Button>
          )}
          <span className="jp-Keys-wrap">
            {[
              placeWords(at.place),
              at.count > 1 ? trans.__('%1 times', at.count) : '',
              at.words
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
          <Clear incident={incident} at={at} />
        </li>
      ))}
    </ul>
  );
}

/** What a person said of a finding, or the way to say it. */
function Clear(props: { incident: string; at: IPlaceOf }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { incident, at } = props;
  const finding = useEvidence()
    .findings(incident)
    .find(({ commitment }) => commitment === at.commitment);
  if (!finding || at.commitment === '') {
    return <></>;
  }
  const { cleared, held, commitment } = finding;
  if (cleared) {
    return (
      <span className="jp-Keys-wrap">
        {trans.__('Not a secret, says %1: %2', cleared.by, cleared.reason)}
      </span>
    );
  }
  return held ? (
    <span>{trans.__('A secret of this server')}</span>
  ) : (
    <Button
      look="plain"
      onClick={() =>
        actions.command(EvidenceCommands.clear, { incident, commitment })
      }
    >
      {trans.__('Not a secret…')}
    </Button>
  );
}

/** A place as it is read: the empty one is the whole of it. */
function placeWords(place: string): string {
  return place.replace(/^\/|\/$/g, '');
}

/** A rule's name as words: "connection string password". */
export function ruleWords(rule: string): string {
  const words = rule.replace(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
