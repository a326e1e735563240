/**
 * The runbooks that fit the text of an alert, ranked, each with why.
 */

import * as React from 'react';

import type { Match } from '../contract';
import { asKeysError } from '../models/catalog';
import { titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { Severity } from './parts';
import { Row, Rows } from './rows';
import { useSurroundings } from './surroundings';
import { Section } from './urgent';

/** How long typing has to pause before the server is asked, in ms. */
const PAUSE = 300;

/** From how many words on a search is the text of something. */
const WORDS = 4;

/** How many reasons of a runbook are told. */
const REASONS = 2;

/** Whether what was typed or pasted reads like an alert, and not like a name. */
export function isAlert(query: string): boolean {
  const words = query.trim().split(/\s+/).length;
  return words >= WORDS || /[\n={}:]/.test(query.trim()) || query.length > 40;
}

/** The runbooks that fit; null while a plain search is meant. */
export function useFinding(query: string): ReadonlyArray<Match> | null {
  const { desk } = useSurroundings();
  const [found, setFound] = React.useState<{
    query: string;
    matches: ReadonlyArray<Match>;
  } | null>(null);
  React.useEffect(() => {
    if (!isAlert(query)) {
      setFound(null);
      return;
    }
    let wanted = true;
    const timer = window.setTimeout(() => {
      desk.api
        .find(query)
        .then(({ matches }) => wanted && setFound({ query, matches }))
        .catch(reason => desk.fail(asKeysError(reason)));
    }, PAUSE);
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [query]);
  return found?.matches ?? null;
}

/** The reasons that weigh most; the rest say the same words of other places. */
function told(match: Match): string[] {
  return match.reasons.slice(0, REASONS);
}

/** The ranked runbooks; the first is not preferred by anything but its place. */
export function Fitting(props: {
  found: ReadonlyArray<Match>;
  query: string;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { found, query } = props;
  const title = trans.__('Runbooks that fit this text');
  return (
    <div className="jp-Keys-finding">
      <Section title={title} count={found.length}>
        {found.length === 0 && (
          <p className="jp-Keys-empty">
            {trans.__(
              'No runbook fits this text. Try the alert’s name, or what is seen.'
            )}
          </p>
        )}
        <Rows label={title}>
          {found.map(match => (
            <Row
              key={match.slug}
              id={`match:${match.slug}`}
              name={trans.__(
                '%1, %2',
                match.title,
                [...told(match), match.warning].filter(Boolean).join(', ')
              )}
              lead={<Severity severity={match.severity} />}
              title={titleWords(match.title)}
              sub={
                <span className="jp-Keys-wrap">
                  {told(match).map(reason => (
                    <span key={reason}>{reason}</span>
                  ))}
                  {match.warning && <b>{match.warning}</b>}
                </span>
              }
              onOpen={() =>
                actions.command(CommandIDs.openRunbook, {
                  slug: match.slug,
                  trigger: query
                })
              }
            />
          ))}
        </Rows>
      </Section>
    </div>
  );
}
