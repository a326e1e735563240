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
import { ReadinessModel } from './readiness';
import { RequirementsModel } from './requirements';
import { RunsModel } from './run';

/** A sentence for those who do not see the panel. */
export interface IAnnouncement {
  /** The sentence. */
  text: string;
  /** Whether it may interrupt. */
  urgent: boolean;
}

/** One of several views on the same models. */
export interface IOutlook {
  /** Where a person is in it. */
  readonly navigation: NavigationModel;
  /** Its element; that of the panel where it is left out. */
  readonly node?: HTMLElement;
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
    this.readiness = new ReadinessModel(this.api, this.feed);
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
  readonly readiness: ReadinessModel;
  readonly context: ContextModel;
  readonly navigation: NavigationModel;

  /** Where the view is in that a person used last: the panel's place, or that of a wide view. */
  get here(): IOutlook {
    return this._outlook ?? this;
  }

  /** A person uses another view; null for the panel. */
  lookFrom(outlook: IOutlook | null): void {
    this._outlook = outlook;
  }

  /** The same models for another view, with a place of its own. */
  beside(navigation: NavigationModel): Desk {
    return Object.create(this, {
      navigation: { value: navigation },
      // What went wrong is one thing in all views.
      fail: { value: (error: KeysError | null) => this.fail(error) }
    }) as Desk;
  }

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

  private _outlook: IOutlook | null = null;
  private _error: KeysError | null = null;
  private _announced = new Signal<this, IAnnouncement>(this);
}
