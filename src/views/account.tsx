/**
 * The session in one quiet line; nothing at all where there is no marketplace.
 */

import * as React from 'react';

import { ageWords, hostWords, sessionWords } from '../marketwords';
import { marketOf } from '../models/market';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Glyph } from './glyph';
import { Button, Note } from './parts';
import { useModels, useNow, useSurroundings } from './surroundings';

/** Who is signed in where, and the way to change that. */
export function AccountLine(props: {
  /** Whether the age of the list is said elsewhere on screen. */
  brief?: boolean;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { session: model } = marketOf(desk);
  useModels(model, desk.catalog);
  const now = useNow(60000);
  const { session } = model;
  if (session === null || session.marketplace === null) {
    return <></>;
  }
  const stale = desk.catalog.catalog?.stale_since ?? null;
  const since = props.brief ? null : stale;
  const told = props.brief && stale !== null;
  const valid = session.state === 'valid';
  const odd = session.state === 'invalid' || session.state === 'unreachable';
  return (
    <div className="jp-Keys-foot jp-Keys-account">
      {odd && <Glyph shape="warning" />}
      <span className="jp-Keys-footNote">
        {sessionWords(trans, session, { since, now })}
      </span>
      {session.state === 'unreachable' && !told && (
        <Button
          look="plain"
          disabled={model.isAsking}
          onClick={() => actions.command(CommandIDs.askMarketplace)}
        >
          {model.isAsking ? trans.__('Asking') : trans.__('Try again')}
        </Button>
      )}
      <Button
        onClick={() =>
          actions.command(
            valid || session.state === 'unreachable'
              ? CommandIDs.showAccount
              : CommandIDs.signIn
          )
        }
      >
        {valid || session.state === 'unreachable'
          ? trans.__('Account')
          : trans.__('Sign in…')}
      </Button>
    </div>
  );
}

/** The age of the list, before anything of it is read; what works is said first. */
export function StaleLine(): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { session: model } = marketOf(desk);
  useModels(model, desk.catalog);
  const now = useNow(60000);
  const since = desk.catalog.catalog?.stale_since ?? null;
  if (since === null) {
    return <></>;
  }
  const host = hostWords(model.session?.marketplace ?? null);
  return (
    <Note
      kind="warning"
      title={trans.__(
        'Catalogue of %1, %2 (%3 old).',
        since.slice(0, 10),
        clockWords(trans, since),
        ageWords(trans, now - Date.parse(since))
      )}
    >
      {trans.__(
        'Everything installed works as always. %1 did not answer; installing from it has to wait.',
        host || trans.__('A source')
      )}
      <div className="jp-Keys-buttons">
        <Button
          look="plain"
          disabled={model.isAsking}
          onClick={() => actions.command(CommandIDs.askMarketplace)}
        >
          {model.isAsking ? trans.__('Asking') : trans.__('Try again')}
        </Button>
      </div>
    </Note>
  );
}
