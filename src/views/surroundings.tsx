/**
 * What every view has at hand: the words, the actions, the clock, and models to follow.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { RunRequest } from '../contract';
import type { Desk } from '../models/desk';
import type { IncidentTab } from '../models/navigation';
import type { Observable } from '../models/observable';

/** What a person may do to a step. */
export type Mark = 'done' | 'failed' | 'skipped' | 'note' | 'focus';

/** Where a form was opened from. */
export interface IFormOrigin {
  version?: string | null;
  incident?: string | null;
  step?: string | null;
  /** A run whose values the form begins with. */
  like?: string;
}

/** What views call back; each of these is a command. */
export interface IActions {
  home(): void;
  back(): void;
  refresh(): void;
  openKey(slug: string): void;
  install(slug: string, version?: string): void;
  fillIn(slug: string, origin: IFormOrigin): void;
  start(request: RunRequest): Promise<void>;
  cancel(id: string): void;
  openNotebook(id: string): void;
  showNotebook(): void;
  openRunbook(slug: string): void;
  startIncident(slug: string, rehearsal: boolean): void;
  openIncident(id: string, tab?: IncidentTab): void;
  look(step: string | null): void;
  mark(step: string, mark: Mark): void;
  takeBranch(step: string, branch: number): void;
  copy(text: string): void;
  browse(): Promise<string | null>;
  suggestPaths(typed: string): Promise<string[]>;
}

/** What is handed to all views. */
export interface ISurroundings {
  trans: TranslationBundle;
  actions: IActions;
  desk: Desk;
  rendermime: IRenderMimeRegistry | null;
}

const Surroundings = React.createContext<ISurroundings | null>(null);

/** Gives its children what every view has at hand. */
export const Surround = Surroundings.Provider;

/** What every view has at hand. */
export function useSurroundings(): ISurroundings {
  const found = React.useContext(Surroundings);
  if (found === null) {
    throw new Error('A view of Keys was rendered outside of its panel.');
  }
  return found;
}

/** The translations. */
export function useTrans(): TranslationBundle {
  return useSurroundings().trans;
}

/** Render again when one of the models changed. */
export function useModels(...models: Observable[]): void {
  const [, again] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    models.forEach(model => model.changed.connect(again));
    return () => models.forEach(model => model.changed.disconnect(again));
  }, models);
}

/** The time, in ms, renewed at an interval; standing still when it is 0. */
export function useNow(interval: number): number {
  const [now, setNow] = React.useState(Date.now());
  React.useEffect(() => {
    if (interval === 0) {
      return;
    }
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), interval);
    return () => window.clearInterval(timer);
  }, [interval]);
  return now;
}

/** Read something when a view opens; an error of ours goes to the top of the view. */
export function useReading(read: () => Promise<unknown>, on: unknown[]): void {
  const { desk } = useSurroundings();
  React.useEffect(() => {
    void desk.attempt(read);
  }, on);
}
