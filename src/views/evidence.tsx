/**
 * What a runbook asks to keep, and kept things as a short list with the digests of the bytes.
 */

import * as React from 'react';

import type { EvidenceItem, Incident, ItemState } from '../contract';
import { CommandIDs } from '../tokens';
import { Glyph } from './glyph';
import { IconButton } from './parts';
import { useSurroundings } from './surroundings';
import { copyIcon } from '@jupyterlab/ui-components';
import { shortDigest, sizeWords, clockWords } from '../words';

/** What is to be kept, or to be written down; a person may tick what nothing else can show. */
export function Items(props: {
  incident: Incident;
  kind: 'artifact' | 'entry';
}): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, kind } = props;
  const items = incident.items.filter(item => item.kind === kind);
  if (items.length === 0) {
    return <></>;
  }
  const there = items.filter(item => isThere(item)).length;
  return (
    <section>
      <h2>
        {kind === 'artifact'
          ? trans.__('Artifacts to save: %1 of %2', there, items.length)
          : trans.__('To write down: %1 of %2', there, items.length)}
      </h2>
      <ul className="jp-Keys-items">
        {items.map(item => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

/** Whether an item needs nothing more. */
export function isThere(item: ItemState): boolean {
  return item.state === 'kept' || item.state === 'ticked';
}

function Item(props: { item: ItemState }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { item } = props;
  const words: { [state: string]: string } = {
    missing: trans.__('missing'),
    part: trans.__('in part'),
    kept: trans.__('kept'),
    ticked: trans.__('ticked by %1', item.by ?? '')
  };
  const toggle = (): void =>
    actions.command(CommandIDs.tickItem, {
      item: item.id,
      off: item.state === 'ticked'
    });
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={isThere(item)}
          disabled={item.state === 'kept' || desk.incidents.isActing}
          onChange={toggle}
        />
        <span className="jp-Keys-slotText">
          <span className="jp-Keys-wrap">{item.text}</span>
          <span>
            {words[item.state] ?? item.state}
            {item.state === 'part' &&
              trans.__(', without %1', item.lack.join(', '))}
          </span>
        </span>
      </label>
    </li>
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
