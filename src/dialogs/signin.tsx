/**
 * Signing in at a marketplace: the dialog stays open until the answer is "valid", and says which answer it was.
 *
 * What is typed lives in the fields alone, goes to our server once for each attempt, and is gone with the dialog.
 */

import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import '../../style/market.css';

import type { Session, SignInRequest } from '../contract';
import { obstacleWords } from '../marketwords';
import { asKeysError } from '../models/catalog';
import type { SessionModel } from '../models/session';
import { errorWords } from '../words';
import type { Field, ISaid, Way } from './signinfields';
import { Fields } from './signinfields';

/** The dialog; it resolves to a session that is valid, or to null when a person left it. */
export class SignInDialog extends Dialog<null> {
  constructor(
    private _model: SessionModel,
    private _words: TranslationBundle
  ) {
    const body = new SignInBody(_model, _words, () => void this._try());
    super({
      title: _words.__('Sign in to a marketplace'),
      body,
      focusNodeSelector: _model.hasMarketplace
        ? 'input[name="secret"]'
        : 'input[name="marketplace"]',
      buttons: [
        Dialog.cancelButton({ label: _words.__('Cancel') }),
        Dialog.okButton({ label: _words.__('Sign in') })
      ]
    });
    this.addClass('jp-Keys-signIn');
    this._body2 = body;
  }

  /** The session that came of it. */
  session: Session | null = null;

  /** Try instead of closing; only Cancel closes. */
  override resolve(index?: number): void {
    if (index === 0) {
      super.resolve(0);
    } else {
      void this._try();
    }
  }

  /** Forget what was typed, however the dialog ends. */
  override dispose(): void {
    this._body2.forget();
    super.dispose();
  }

  private async _try(): Promise<void> {
    const request = this._body2.request();
    if (this._busy || request === null) {
      return;
    }
    this._busy = true;
    this._body2.say('asking');
    try {
      const session = await this._model.signIn(request);
      if (session.state === 'valid') {
        this.session = session;
        this._body2.forget();
        super.resolve(1);
        return;
      }
      this._body2.say(answered(this._words, session));
    } catch (reason) {
      this._body2.say(failed(this._words, reason));
    } finally {
      this._busy = false;
    }
  }

  private _body2: SignInBody;
  private _busy = false;
}

/** An answer of the marketplace: a refusal is about what was typed, an obstacle is not. */
export function answered(trans: TranslationBundle, session: Session): ISaid {
  if (session.state === 'invalid') {
    return {
      kind: 'error',
      title: session.message || trans.__('This is not valid.'),
      text:
        session.code === 'KEY_REFUSED'
          ? trans.__(
              'Check that all 51 characters were copied, or make a new key. Nothing was stored; your installed keys stay.'
            )
          : session.hint,
      field: 'secret'
    };
  }
  return {
    kind: 'warning',
    title: obstacleWords(trans, session.code),
    text: trans.__(
      '%1 %2 Nothing is known about what you typed: it is neither valid nor invalid, and it was not stored.',
      session.message,
      session.hint
    ),
    field: null
  };
}

/** What was wrong before anybody was asked. */
function failed(trans: TranslationBundle, reason: unknown): ISaid {
  const error = asKeysError(reason);
  const { message, hint } = errorWords(trans, error);
  const field: Field =
    error.code === 'KEY_SHAPE' || error.code === 'NO_CREDENTIALS'
      ? 'secret'
      : /^(ADDRESS|NO_MARKETPLACE)/.test(error.code)
        ? 'marketplace'
        : null;
  return { kind: 'error', title: message, text: hint, field };
}

/** The fields; React draws them and holds nothing of what is in them. */
class SignInBody extends ReactWidget {
  constructor(
    private _model: SessionModel,
    private _words: TranslationBundle,
    private _enter: () => void
  ) {
    super();
    this.addClass('jp-Keys-dialog');
  }

  /** What is to be sent; null, and said, where something is missing. */
  request(): SignInRequest | null {
    const marketplace = this._value('marketplace').trim();
    const secret = this._value('secret');
    if (secret.trim() === '' || (marketplace === '' && !this._known)) {
      this.say(this._missing(secret.trim() === '' ? 'secret' : 'marketplace'));
      return null;
    }
    const where = { marketplace: marketplace || this._known };
    return this._way === 'key'
      ? { ...where, key: secret.trim() }
      : { ...where, email: this._value('email').trim(), password: secret };
  }

  /** Say an answer, or that one is awaited. */
  say(said: ISaid | 'asking' | null): void {
    this._said = said;
    this.update();
    if (said !== null && said !== 'asking' && said.field !== null) {
      this._input(said.field)?.focus();
    }
  }

  /** Empty the fields that hold a secret. */
  forget(): void {
    this.node
      .querySelectorAll<HTMLInputElement>('input')
      .forEach(input => (input.value = ''));
  }

  protected override render(): JSX.Element {
    return (
      <Fields
        trans={this._words}
        known={this._known}
        password={this._model.session?.password_sign_in === true}
        way={this._way}
        said={this._said}
        onWay={way => {
          this._way = way;
          this.forgetSecret();
          this.say(null);
        }}
        onEnter={this._enter}
      />
    );
  }

  /** A key is no password and the other way round. */
  private forgetSecret(): void {
    const input = this._input('secret');
    if (input !== null) {
      input.value = '';
    }
  }

  private get _known(): string | null {
    return this._model.session?.marketplace ?? null;
  }

  private _missing(field: Field): ISaid {
    const trans = this._words;
    const what =
      field === 'marketplace'
        ? trans.__('The address of the marketplace is needed.')
        : this._way === 'key'
          ? trans.__('An API key is needed.')
          : trans.__('E-mail address and password are needed.');
    return { kind: 'warning', title: what, text: '', field };
  }

  private _input(name: string): HTMLInputElement | null {
    return this.node.querySelector(`input[name="${name}"]`);
  }

  private _value(name: string): string {
    return this._input(name)?.value ?? '';
  }

  private _way: Way = 'key';
  private _said: ISaid | 'asking' | null = null;
}
