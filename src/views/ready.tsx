/**
 * Whether a runbook could be worked now: a word in lists, every check before a start.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Readiness } from '../contract';
import { titleWords } from '../names';
import type { Shape } from '../shapes';
import { Button, Fold, State } from './parts';
import { useModels, useSurroundings } from './surroundings';

/** The word for a runbook; nothing before it was looked at. */
export function ReadyBadge(props: { slug: string }): JSX.Element {
  const { trans } = useSurroundings();
  const readiness = useReadiness(props.slug);
  if (readiness === null) {
    return <></>;
  }
  const { shape, word } = wordsOf(trans, readiness);
  const failed = readiness.checks.filter(check => check.looked && !check.ok);
  return (
    <span title={failed.map(check => check.message).join('\n')}>
      <State shape={shape}>{word}</State>
    </span>
  );
}

function useReadiness(slug: string): Readiness | null {
  const { desk } = useSurroundings();
  useModels(desk.readiness);
  React.useEffect(() => desk.readiness.want(slug), [slug]);
  return desk.readiness.get(slug);
}

function wordsOf(
  trans: TranslationBundle,
  readiness: Readiness
): { shape: Shape; word: string } {
  const failed = readiness.checks.filter(check => check.looked && !check.ok);
  if (readiness.ready) {
    return { shape: 'ok', word: trans.__('Ready') };
  }
  const keys = new Set(failed.map(check => check.key).filter(Boolean));
  return {
    shape: 'warning',
    word:
      failed.length > 0 && failed.every(check => check.name === 'installed')
        ? trans._n('%1 key to install', '%1 keys to install', keys.size)
        : trans._n('%1 to mend', '%1 to mend', failed.length)
  };
}

/** Every check that was made, those that do not hold first. */
export function ReadyList(props: { slug: string }): JSX.Element {
  const { trans } = useSurroundings();
  const readiness = useReadiness(props.slug);
  if (readiness === null) {
    return (
      <State shape="never">{trans.__('Readiness not looked at yet')}</State>
    );
  }
  const { checks } = readiness;
  const wanting = checks.filter(check => !check.ok || !check.looked);
  const { shape, word } = wordsOf(trans, readiness);
  return (
    <section className="jp-Keys-calls" aria-label={trans.__('Readiness')}>
      <State shape={shape}>{word}</State>
      {wanting.map((check, index) => (
        <Wanting key={index} check={check} />
      ))}
      <Fold
        title={trans.__('What was checked')}
        aside={trans.__(
          '%1 of %2 hold',
          checks.length - wanting.length,
          checks.length
        )}
      >
        <ul className="jp-Keys-list">
          {checks.map((check, index) => (
            <li key={index}>
              {check.key ? `${check.key}: ` : ''}
              {check.message}
            </li>
          ))}
        </ul>
      </Fold>
    </section>
  );
}

/** A check that does not hold, or was not made; what can be installed can be installed from here. */
function Wanting(props: { check: Readiness['checks'][number] }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { check } = props;
  const row = check.key ? desk.catalog.row(check.key) : null;
  const installs = check.name === 'installed' && row?.entitled === true;
  return (
    <div className="jp-Keys-call">
      <span className="jp-Keys-wrap">
        {check.key && <b>{titleWords(row?.title ?? check.key)}: </b>}
        {check.message} {check.hint}
      </span>
      {check.key && installs ? (
        <Button
          look="plain"
          disabled={desk.catalog.isInstalling(check.key)}
          onClick={() => actions.install(check.key ?? '')}
        >
          {desk.catalog.isInstalling(check.key)
            ? trans.__('Installing')
            : trans.__('Install')}
        </Button>
      ) : (
        <State shape={check.looked ? 'failed' : 'never'}>
          {check.looked ? trans.__('not so') : trans.__('not checked')}
        </State>
      )}
    </div>
  );
}
