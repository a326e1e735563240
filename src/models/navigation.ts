/**
 * Where in the panel a person is, and how they got there.
 */

import type { Json } from '../contract';
import type { IEvidencePlace } from './evidencefacts';
import { Observable } from './observable';

/** The tabs of an incident. */
export type IncidentTab = 'steps' | 'evidence' | 'runs' | 'timeline' | 'close';

/** Values typed into a form and not yet run. */
export type Draft = { [name: string]: Json };

/** What a form is for. */
export interface IFormPlace {
  view: 'form';
  slug: string;
  version: string | null;
  incident: string | null;
  step: string | null;
}

/** What called for a runbook: an alert's text, or a link with values to confirm. */
export interface ICall {
  trigger: string;
  step: string | null;
  values: { [name: string]: string };
}

/** A view with what it shows. */
export type Place =
  | { view: 'home' }
  | { view: 'catalogue' }
  | { view: 'key'; slug: string }
  | IFormPlace
  | { view: 'run'; id: string }
  | { view: 'runbook'; slug: string; call?: ICall }
  | { view: 'incident'; id: string; tab: IncidentTab; look: string | null }
  | IEvidencePlace
  | { view: 'notebook' };

const HOME: Place = { view: 'home' };

/** A home and two more: deeper than that nobody knows where Back leads. */
const DEPTH = 3;

/** A name for a place under which its scroll position and draft are kept. */
export function placeName(place: Place): string {
  switch (place.view) {
    case 'key':
    case 'runbook':
      return `${place.view}:${place.slug}`;
    case 'form':
      return `form:${place.slug}:${place.incident ?? ''}:${place.step ?? ''}`;
    case 'run':
    case 'incident':
      return `${place.view}:${place.id}`;
    default:
      return place.view;
  }
}

/** The trail of views, home first. */
export class NavigationModel extends Observable {
  /** The view that is shown. */
  get place(): Place {
    return this._trail[this._trail.length - 1];
  }

  /** Home, and how one came from there to the view that is shown. */
  get trail(): ReadonlyArray<Place> {
    return this._trail;
  }

  /** Whether there is anything to go back to. */
  get canGoBack(): boolean {
    return this._trail.length > 1;
  }

  /** What was typed into forms and not run yet, by place name. */
  readonly drafts = new Map<string, Draft>();

  /** Runs whose values forms begin with, by place name. */
  readonly examples = new Map<string, string>();

  /** Show a view; one that is on the trail already is gone back to. */
  go(place: Place): void {
    const name = placeName(place);
    const at = this._trail.findIndex(other => placeName(other) === name);
    const kept = at < 0 ? this._trail : this._trail.slice(0, at);
    this._aside = null;
    this._set([...kept.slice(0, DEPTH - 1), place]);
  }

  /** Show a view in place of the one that is shown. */
  replace(place: Place): void {
    this._trail = this._trail.slice(0, -1);
    this.go(place);
  }

  /** Leave the view that is shown. */
  back(): void {
    if (this.place.view === 'notebook' && this._aside) {
      this._leaveNotebook();
    } else if (this.canGoBack) {
      this._set(this._trail.slice(0, -1));
    }
  }

  /** Show home. */
  home(): void {
    this._aside = null;
    this._set([HOME]);
  }

  /** Take up a trail that was kept over a reload. */
  restore(trail: Place[]): void {
    this._set([HOME, ...trail.filter(place => place.view !== 'home')]);
  }

  /** Show the step of the active notebook, and remember what was there. */
  showNotebook(): void {
    if (this.place.view === 'notebook') {
      return;
    }
    const before = this._trail;
    this._set([HOME, { view: 'notebook' }]);
    this._aside = before;
  }

  /** The notebook is no longer active: what was there before comes back. */
  leaveNotebook(): void {
    if (this.place.view === 'notebook') {
      this._leaveNotebook();
    }
  }

  private _leaveNotebook(): void {
    const before = this._aside ?? [HOME];
    this._aside = null;
    this._set(before);
  }

  private _set(trail: ReadonlyArray<Place>): void {
    this._trail = trail;
    this.touch();
  }

  private _trail: ReadonlyArray<Place> = [HOME];
  private _aside: ReadonlyArray<Place> | null = null;
}
