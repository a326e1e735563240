/**
 * What the runbook asks to be saved and written down: each with what is there, what is not, and the way to mend it.
 */

import * as React from 'react';

import type { Incident, ItemState } from '../contract';
import { isFilled } from '../models/evidencefacts';
import { clockWords } from '../words';
import { MissingGlyph, PartGlyph } from './evidenceparts';
import { Glyph } from './glyph';
import { Button } from './parts';
import { useSurroundings } from './surroundings';
import { Section } from './urgent';

/** What the runbook asks to be saved, or to be written down, filled or empty; nothing where it asks for none. */
export function Slots(props: {
  incident: Incident;
  kind: 'artifact' | 'entry';
}): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, kind } = props;
  const slots = incident.items.filter(item => item.kind === kind);
  const there = slots.filter(isFilled).length;
  if (slots.length === 0) {
    return <></>;
  }
  return (
    <Section
      title={
        kind === 'artifact'
          ? trans.__('Artifacts to save, %1 of %2', there, slots.length)
          : trans.__('To write down, %1 of %2', there, slots.length)
      }
    >
      <ul className="jp-Keys-slots jp-Keys-artifacts">
        {slots.map(slot => (
          <Slot key={slot.id} slot={slot} incident={incident} />
        ))}
      </ul>
    </Section>
  );
}

function Slot(props: { slot: ItemState; incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const { slot } = props;
  const words = slotWords(trans, slot);
  return (
    <li>
      {isFilled(slot) ? (
        <Glyph shape="kept" />
      ) : slot.state === 'part' ? (
        <PartGlyph />
      ) : (
        <MissingGlyph />
      )}
      <span className="jp-Keys-slotText">
        <span className="jp-Keys-wrap">{slot.text.replace(/[*`]/g, '')}</span>
        <span className="jp-Keys-wrap">{words}</span>
      </span>
      <SlotActs {...props} />
    </li>
  );
}

/** What fills a slot: the step that would, or a person's word. */
function SlotActs(props: { slot: ItemState; incident: Incident }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { slot, incident } = props;
  const { state } = slot;
  const tick = (type: string): void => {
    void desk.attempt(() =>
      desk.incidents.act(incident.id, { type, item: slot.id })
    );
  };
  const step = incident.steps.find(({ keys }) =>
    keys.some(key => slot.lack.includes(key))
  );
  const off = desk.incidents.isActing || desk.feed.lostSince !== null;
  const artifact = slot.kind === 'artifact';
  return (
    <span className="jp-Keys-slotActs">
      {!isFilled(slot) && step && (
        <Button
          look="plain"
          title={step.title}
          onClick={() => {
            actions.openIncident(incident.id, 'steps');
            actions.look(step.id);
          }}
        >
          {trans.__('Go to step')}
        </Button>
      )}
      {state !== 'kept' && (
        <Button
          look="plain"
          disabled={off}
          focusName={`slot:${slot.id}`}
          onClick={() =>
            tick(state === 'ticked' ? 'item.unticked' : 'item.ticked')
          }
        >
          {state === 'ticked'
            ? trans.__('Take back')
            : artifact
              ? trans.__('Saved elsewhere')
              : trans.__('Written')}
        </Button>
      )}
    </span>
  );
}

type Trans = ReturnType<typeof useSurroundings>['trans'];

/** How a slot stands, and what is not there. */
function slotWords(trans: Trans, slot: ItemState): string {
  const artifact = slot.kind === 'artifact';
  switch (slot.state) {
    case 'kept':
      return trans.__('Kept: %1', slot.have.join(', '));
    case 'ticked': {
      const at = slot.at ? clockWords(trans, slot.at) : '';
      return artifact
        ? trans.__('Saved elsewhere, says %1, %2', slot.by ?? '', at)
        : trans.__('Written down, says %1, %2', slot.by ?? '', at);
    }
    case 'part':
      return trans.__('In part, without %1', slot.lack.join(', '));
    default:
      return artifact ? trans.__('Missing') : trans.__('Not written down');
  }
}
