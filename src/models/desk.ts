/**
 * Everything the panel works on, made once and handed down.
 */

import type { ServiceManager } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { KeysApi } from '../api';
import { ChangeFeed } from '../events';
import type { KeysError } from '../request';
import { asKeysError, CatalogModel } from './catalog';
import { ContextModel } from './context';
import { IncidentsModel } from './incident';
import { NavigationModel } from './navigation';
import { Observable } from './observable';
import { RequirementsModel } from './requirements';
import { RunsModel } from './run';

/** A sentence for those who do not see the panel. */
export interface IAnnouncement {
  /** The sentence. */
  text: string;
  /** Whether it may interrupt. */
  urgent: boolean;
}

/** The models, and what went wrong last. */
export class Desk extends Observable {
  constructor(services: ServiceManager.IManager) {
    super();
    this.api = new KeysApi(services.serverSettings);
    this.feed = new ChangeFeed({
      api: this.api,
      stream: services.events.stream
    });
    this.catalog = new CatalogModel(this.api, this.feed);
    this.runs = new RunsModel(this.api, this.feed);
    this.requirements = new RequirementsModel(this.api, this.feed);
    this.incidents = new IncidentsModel(this.api, this.feed);
    this.context = new ContextModel(this.api, this.feed);
    this.navigation = new NavigationModel();
    this.navigation.changed.connect(this._onPlace, this);
    this.feed.heard.connect(this.touch, this);
  }

  readonly api: KeysApi;
  readonly feed: ChangeFeed;
  readonly catalog: CatalogModel;
  readonly runs: RunsModel;
  readonly requirements: RequirementsModel;
  readonly incidents: IncidentsModel;
  readonly context: ContextModel;
  readonly navigation: NavigationModel;

  /** What the last action said when it did not work; null otherwise. */
  get error(): KeysError | null {
    return this._error;
  }

  /** A sentence to say. */
  get announced(): ISignal<this, IAnnouncement> {
    return this._announced;
  }

  /** Show an error at the top of the view until the next action. */
  fail(error: KeysError | null): void {
    this._error = error;
    this.touch();
  }

  /** Do something whose failure a person should see; resolves to whether it worked. */
  async attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.fail(asKeysError(error));
      return false;
    }
  }

  /** Say a sentence to those who do not see the panel. */
  announce(text: string, urgent = false): void {
    this._announced.emit({ text, urgent });
  }

  private _onPlace(): void {
    if (this._error !== null) {
      this.fail(null);
    }
  }

  private _error: KeysError | null = null;
  private _announced = new Signal<this, IAnnouncement>(this);
}
