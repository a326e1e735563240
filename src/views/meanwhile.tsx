/**
 * What others did meanwhile: told, and never overwritten.
 */

import * as React from 'react';

import type { Incident } from '../contract';
import { clockWords } from '../words';
import { Button } from './parts';
import { useSurroundings } from './surroundings';

/** The most changes of others that are told one by one. */
const MOST = 2;

/** What others recorded, and an act of one's own that was refused for it. */
export function Meanwhile(props: { incident: Incident }): JSX.Element {
  return (
    <>
      <Refused {...props} />
      <News {...props} />
    </>
  );
}

/** Somebody was faster: what changed, and whether to do it all the same. */
function Refused(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident } = props;
  const stale = desk.incidents.stale(incident.id);
  if (stale === null) {
    return <></>;
  }
  const decide = (anyway: boolean): void => {
    void desk.attempt(() => desk.incidents.decide(incident.id, anyway));
  };
  return (
    <div className="jp-Keys-due" role="alert">
      <span />
      <div>
        <b>{trans.__('Not recorded: somebody was faster.')}</b>{' '}
        {stale.error.message}
        <div className="jp-Keys-buttons">
          <Button look="plain" onClick={() => decide(false)}>
            {trans.__('Look')}
          </Button>
          <Button look="plain" onClick={() => decide(true)}>
            {trans.__('Do it anyway')}
          </Button>
        </div>
      </div>
    </div>
  );
}

function News(props: { incident: Incident }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident } = props;
  const news = desk.incidents.news(incident.id);
  const last = news[news.length - 1];
  const said = last ? trans.__('%1: %2', nameOf(last.actor), last.text) : '';
  React.useEffect(() => {
    if (said) {
      desk.announce(said);
    }
  }, [said]);
  if (news.length === 0) {
    return <></>;
  }
  return (
    <div className="jp-Keys-looking">
      {news.length > MOST && (
        <span>
          {trans.__('%1 changes by others. The last ones:', news.length)}
        </span>
      )}
      <ul className="jp-Keys-list">
        {news.slice(-MOST).map(record => (
          <li key={record.seq} title={record.text}>
            <span className="jp-Keys-two">
              {trans.__(
                '%1, %2: %3',
                clockWords(trans, record.at),
                nameOf(record.actor),
                record.text
              )}
            </span>
          </li>
        ))}
      </ul>
      <Button look="plain" onClick={() => desk.incidents.seen(incident.id)}>
        {trans.__('Seen')}
      </Button>
    </div>
  );
}

function nameOf(actor: Incident['opened_by']): string {
  return actor.claimed_name ?? actor.display;
}
