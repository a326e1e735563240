/**
 * What the catalogue can be narrowed by: what a key is, and how it stands.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Fact, IFound, Standing } from '../models/filter';
import { choicesOf, FACTS, STANDINGS } from '../models/filter';
import { marketOf } from '../models/market';
import { useSurroundings } from './surroundings';

/** One choice each of kind, category, maturity and outcome. */
export function Facts(): JSX.Element {
  return (
    <div className="jp-Keys-choices">
      {FACTS.map(fact => (
        <FactChoice key={fact} fact={fact} />
      ))}
    </div>
  );
}

function FactChoice(props: { fact: Fact }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { browse } = marketOf(desk);
  const { fact } = props;
  const { rows } = browse.index;
  const choices = React.useMemo(() => choicesOf(rows, fact), [rows, fact]);
  const name = factWords(trans, fact);
  const chosen = browse.filter.facts[fact];
  return (
    <select
      aria-label={name}
      title={chosen ? trans.__('%1: %2', name, chosen) : name}
      className={chosen ? 'jp-mod-chosen' : undefined}
      value={chosen}
      onChange={event => browse.choose(fact, event.target.value)}
    >
      <option value="">{trans.__('%1: all', name)}</option>
      {choices.map(([value, count]) => (
        <option key={value} value={value}>
          {trans.__('%1 (%2)', value, count)}
        </option>
      ))}
    </select>
  );
}

function factWords(trans: TranslationBundle, fact: Fact): string {
  switch (fact) {
    case 'kind':
      return trans.__('Kind');
    case 'category':
      return trans.__('Category');
    case 'maturity':
      return trans.__('Maturity');
    case 'outcome':
      return trans.__('Outcome');
  }
}

/** All, entitled, installed, or with an update; each with its count. */
export function Standings(props: { found: IFound }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { browse } = marketOf(desk);
  const { standing } = browse.filter;
  return (
    <div
      role="radiogroup"
      aria-label={trans.__('Which keys')}
      className="jp-Keys-standings"
      onKeyDown={event => turn(event, standing, next => browse.stand(next))}
    >
      {STANDINGS.map(one => (
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={one === standing}
          tabIndex={one === standing ? 0 : -1}
          onClick={() => browse.stand(one)}
        >
          {standingWords(trans, one)} <span>{props.found.counts[one]}</span>
        </button>
      ))}
    </div>
  );
}

function standingWords(trans: TranslationBundle, standing: Standing): string {
  switch (standing) {
    case 'all':
      return trans.__('All');
    case 'entitled':
      return trans.__('Entitled');
    case 'installed':
      return trans.__('Installed');
    case 'update':
      return trans.__('Updates');
  }
}

/** Left and right choose, as in any group of choices. */
function turn(
  event: React.KeyboardEvent<HTMLElement>,
  from: Standing,
  choose: (to: Standing) => void
): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) {
    return;
  }
  event.preventDefault();
  const at = STANDINGS.indexOf(from) + by + STANDINGS.length;
  const to = at % STANDINGS.length;
  choose(STANDINGS[to]);
  event.currentTarget.querySelectorAll('button')[to].focus();
}
