/**
 * Why a key cannot be had, and the way to it: sign in, buy, look again.
 */

import * as React from 'react';

import type { KeyRow } from '../contract';
import { reasonWords } from '../marketwords';
import { isDamaged } from '../models/filter';
import { marketOf } from '../models/market';
import type { IPurchase } from '../models/purchase';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Glyph } from './glyph';
import { Button, Note } from './parts';
import { useModels, useSurroundings } from './surroundings';

/** What stands between a person and a key; nothing when nothing does. */
export function RightNote(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { session: model, purchases } = marketOf(desk);
  useModels(model, purchases);
  const { row } = props;
  const purchase = purchases.of(row.slug);
  if (row.entitled) {
    return purchase?.state === 'found' && row.installed.length === 0 ? (
      <Note kind="info" title={trans.__('Entitled.')}>
        {trans.__('The marketplace lists your right to this key now.')}
      </Note>
    ) : (
      <></>
    );
  }
  const { title, text } = reasonWords(trans, row, model.session);
  const asks = !isDamaged(row) && !row.blocked && model.hasMarketplace;
  const act = (id: string): void => actions.command(id, { slug: row.slug });
  return (
    <div className="jp-Keys-note jp-mod-warning">
      <Glyph shape={row.blocked ? 'forbidden' : 'lock'} />
      <div>
        <b>{title}</b> {text}
        {asks && purchase === null && (
          <p>
            {trans.__(
              'Buying opens the marketplace’s checkout in a new browser tab. The right is looked for during 10 minutes then; you can go on working.'
            )}
          </p>
        )}
        {purchase && <Search purchase={purchase} />}
        {asks && (
          <div className="jp-Keys-buttons">
            {purchase?.state === 'looking' ? (
              <Button look="plain" onClick={() => act(CommandIDs.stopLooking)}>
                {trans.__('Stop looking')}
              </Button>
            ) : (
              <Button
                look="plain"
                onClick={() => actions.command(CommandIDs.askMarketplace)}
              >
                {trans.__('Look again')}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

/** How the search for a right stands after a checkout. */
function Search(props: { purchase: IPurchase }): JSX.Element {
  const { trans } = useSurroundings();
  const { purchase } = props;
  const until = clockWords(trans, new Date(purchase.until).toISOString());
  return (
    <p role="status">
      {purchase.state === 'looking' && (
        <>
          {trans.__('Looking for the right until %1.', until)}{' '}
          {purchase.trouble}{' '}
        </>
      )}
      {purchase.state === 'gave_up' &&
        trans.__(
          'The right did not appear until %1. A purchase can take longer; look again later, or ask whoever runs the marketplace. ',
          until
        )}
      {purchase.state === 'stopped' && trans.__('No longer looked for. ')}
      <a href={purchase.url} target="_blank" rel="noopener noreferrer">
        {trans.__('Open the checkout page')}
      </a>
    </p>
  );
}

/** The one filled button of a key that cannot be had yet. */
export function GetIt(props: { row: KeyRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { session: model, purchases } = marketOf(desk);
  useModels(model, purchases);
  const { row } = props;
  const state = model.session?.state;
  if (isDamaged(row) || row.blocked || !model.hasMarketplace) {
    return <></>;
  }
  if (state === 'signed_out' || state === 'invalid') {
    return (
      <Button look="go" onClick={() => actions.command(CommandIDs.signIn)}>
        {trans.__('Sign in…')}
      </Button>
    );
  }
  const looking = purchases.of(row.slug)?.state === 'looking';
  return (
    <Button
      look="go"
      disabled={looking}
      onClick={() => actions.command(CommandIDs.buyKey, { slug: row.slug })}
    >
      {looking ? trans.__('Looking for the right') : trans.__('Buy…')}
    </Button>
  );
}
