/**
 * The fields of signing in; React draws them and holds nothing of what is typed.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Glyph } from '../views/glyph';

/** How every address of a marketplace begins. */
const SCHEME = 'https://';

/** What a person signs in with. */
export type Way = 'key' | 'password';

/** A field that an answer concerns. */
export type Field = 'marketplace' | 'secret' | null;

/** What is said above the fields. */
export interface ISaid {
  kind: 'error' | 'warning';
  title: string;
  text: string;
  field: Field;
}

/** The fields of the dialog and what is said above them. */
export function Fields(props: {
  trans: TranslationBundle;
  known: string | null;
  password: boolean;
  way: Way;
  said: ISaid | 'asking' | null;
  onWay: (way: Way) => void;
  onEnter: () => void;
}): JSX.Element {
  const { trans, known, said, way } = props;
  const wrong = said !== null && said !== 'asking' && said.field;
  const isKey = way === 'key';
  return (
    <>
      <p>
        {trans.__(
          'Not needed for the embedded library. Signing in adds the keys you have a right to.'
        )}
      </p>
      <Answer trans={trans} said={said} />
      <label>
        <b>{trans.__('Marketplace')}</b>
        <input
          name="marketplace"
          type="text"
          inputMode="url"
          spellCheck={false}
          autoComplete="off"
          className="jp-mod-styled"
          defaultValue={known ?? ''}
          placeholder={SCHEME}
          aria-invalid={wrong === 'marketplace'}
        />
      </label>
      {props.password && <Ways trans={trans} way={way} onWay={props.onWay} />}
      {!isKey && <Mail trans={trans} />}
      <label>
        <b>{isKey ? trans.__('API key') : trans.__('Password')}</b>
        {isKey && <span>{trans.__('begins with kx_live_ or kx_test_')}</span>}
        <input
          name="secret"
          type="password"
          spellCheck={false}
          autoComplete="off"
          className="jp-mod-styled"
          aria-invalid={wrong === 'secret'}
        />
      </label>
      <Kept trans={trans} isKey={isKey} />
    </>
  );
}

function Mail(props: { trans: TranslationBundle }): JSX.Element {
  const { trans } = props;
  return (
    <label>
      <b>{trans.__('E-mail address')}</b>
      <input
        name="email"
        type="text"
        inputMode="email"
        spellCheck={false}
        autoComplete="off"
        className="jp-mod-styled"
      />
    </label>
  );
}

/** Where what is typed goes, said before it is typed. */
function Kept(props: {
  trans: TranslationBundle;
  isKey: boolean;
}): JSX.Element {
  const { trans, isKey } = props;
  return (
    <p className="jp-Keys-kept">
      <Glyph shape="lock" size={14} />
      <span>
        {isKey
          ? trans.__(
              'Kept by the Jupyter server: in its computer’s keyring, or else in a private file. Never in this browser, a notebook, a log or a kernel.'
            )
          : trans.__(
              'Used once to make an API key that ends after 90 days; only that is kept, by the Jupyter server. The password is not.'
            )}
      </span>
    </p>
  );
}

/** Key or password. */
function Ways(props: {
  trans: TranslationBundle;
  way: Way;
  onWay: (way: Way) => void;
}): JSX.Element {
  const { trans, way } = props;
  const ways: Array<[Way, string]> = [
    ['key', trans.__('API key')],
    ['password', trans.__('E-mail and password')]
  ];
  return (
    <div
      role="radiogroup"
      aria-label={trans.__('Sign in with')}
      className="jp-Keys-standings"
    >
      {ways.map(([one, word]) => (
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={one === way}
          onClick={() => props.onWay(one)}
        >
          {word}
        </button>
      ))}
    </div>
  );
}

/** What was answered: what happened, what it means, what to do. */
function Answer(props: {
  trans: TranslationBundle;
  said: ISaid | 'asking' | null;
}): JSX.Element {
  const { said, trans } = props;
  if (said === null) {
    return <></>;
  }
  if (said === 'asking') {
    return <p role="status">{trans.__('Asking the marketplace')}</p>;
  }
  return (
    <div className={`jp-Keys-said jp-Keys-said-${said.kind}`} role="alert">
      <Glyph shape={said.kind === 'error' ? 'failed' : 'warning'} />
      <div>
        <b>{said.title}</b> {said.text}
      </div>
    </div>
  );
}
