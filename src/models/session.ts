/**
 * Who we are at a marketplace, as the server last heard it. No credential is ever held here.
 */

import type { KeysApi } from '../api';
import type { Session, SignInRequest } from '../contract';
import type { KeysError } from '../request';
import { asKeysError } from './catalog';
import { Observable } from './observable';

/** The session of this server with its marketplace. */
export class SessionModel extends Observable {
  constructor(private _api: KeysApi) {
    super();
  }

  /** The session; null before it was read. */
  get session(): Session | null {
    return this._session;
  }

  /** Whether there is a marketplace; nothing about one is shown where there is none. */
  get hasMarketplace(): boolean {
    return this._session !== null && this._session.marketplace !== null;
  }

  /** Whether the marketplace is being asked now. */
  get isAsking(): boolean {
    return this._asking > 0;
  }

  /** Why the session could not be read; null when it could. */
  get error(): KeysError | null {
    return this._error;
  }

  /** Read the session unless it is there. */
  async ensure(): Promise<void> {
    if (this._session === null) {
      await this.load();
    }
  }

  /** Ask who we are; what goes wrong is kept to be shown, and nothing else is affected. */
  async load(): Promise<void> {
    await this._take(() => this._api.session()).catch(reason => {
      this._error = asKeysError(reason);
    });
    this.touch();
  }

  /** Ask the marketplace for everything anew. */
  async ask(): Promise<Session> {
    return this._take(() => this._api.askMarketplace());
  }

  /** Sign in; an answer that is not valid changes nothing of what was known. */
  async signIn(request: SignInRequest): Promise<Session> {
    const session = await this._api.signIn(request);
    if (session.state === 'valid') {
      this._set(session);
    }
    return session;
  }

  /** Sign out. */
  async signOut(): Promise<Session> {
    return this._take(() => this._api.signOut());
  }

  private async _take(ask: () => Promise<Session>): Promise<Session> {
    this._asking += 1;
    this.touch();
    try {
      const session = await ask();
      this._set(session);
      return session;
    } finally {
      this._asking -= 1;
      this.touch();
    }
  }

  private _set(session: Session): void {
    this._session = session;
    this._error = null;
    this.touch();
  }

  private _session: Session | null = null;
  private _error: KeysError | null = null;
  private _asking = 0;
}
