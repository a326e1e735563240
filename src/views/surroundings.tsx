/**
 * What every view has at hand: the words, the actions, the clock, and models to follow.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type { RequiredPackage, RunRequest } from '../contract';
import type { Desk } from '../models/desk';
import type { IncidentTab } from '../models/navigation';
import type { Observable } from '../models/observable';
import type { INeed } from '../models/requirements';
import type { IRunQuery } from '../models/run';
import type { IPlot } from '../plots';
import type { IUploadControl } from '../uploading';

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

/** A kernel of this server. */
export interface IKernel {
  /** The name a run is asked for with. */
  name: string;
  /** The name a person knows. */
  title: string;
}

/** What views call back; each of these is a command, but for what may hold a secret. */
export interface IActions {
  /** Any of our commands that has no name of its own here. */
  command(id: string, values?: ReadonlyPartialJSONObject): void;
  home(): void;
  back(): void;
  refresh(): void;
  openKey(slug: string): void;
  install(slug: string, version?: string): void;
  fillIn(slug: string, origin: IFormOrigin): void;
  start(request: RunRequest): Promise<unknown>;
  again(id: string): void;
  cancel(id: string): void;
  openRun(id: string): void;
  openNotebook(id: string, cell?: number): void;
  plots(notebook: string): Promise<IPlot[]>;
  kernels(): Promise<IKernel[]>;
  installRequirements(
    need: INeed,
    kernel: string,
    packages: RequiredPackage[]
  ): void;
  collect(id: string): void;
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
  upload(file: File, control: IUploadControl): Promise<string | null>;
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

/** Look at the server again and again while something on screen can change. */
export function useWatch(wanted: boolean): void {
  const { desk } = useSurroundings();
  React.useEffect(() => {
    if (wanted) {
      const watch = desk.feed.watch();
      return () => watch.dispose();
    }
  }, [wanted]);
}

/** Keep a list of runs up to date while it is on screen. */
export function useRuns(query: IRunQuery): void {
  const { desk } = useSurroundings();
  const { incident, key } = query;
  useReading(() => desk.runs.list(query), [incident, key]);
  React.useEffect(() => {
    const follow = desk.runs.follow(query);
    return () => follow.dispose();
  }, [incident, key]);
}
