/**
 * What every act of a person goes through: where it is done, what was seen, and where it leads.
 */

import type { Act, Incident } from '../contract';
import type { IncidentTab, Place } from '../models/navigation';
import { stepInFocus } from '../models/incident';
import type { ICommandSurroundings } from './surroundings';

type IncidentPlace = Extract<Place, { view: 'incident' }>;

/** An incident and the step of it that is on screen. */
export interface IShown {
  incident: Incident;
  step: string;
}

/** The incident that is on screen where a person is. */
export function shownPlace(
  options: ICommandSurroundings
): IncidentPlace | null {
  const { place } = options.desk.here.navigation;
  return place.view === 'incident' ? place : null;
}

/** The step that is shown; null where no incident is on screen. */
export function shownStep(options: ICommandSurroundings): IShown | null {
  const place = shownPlace(options);
  const incident = place && options.desk.incidents.get(place.id);
  if (!place || !incident) {
    return null;
  }
  const looked = incident.steps.find(other => other.id === place.look);
  const step = looked?.id ?? stepInFocus(incident)?.id ?? null;
  return step ? { incident, step } : null;
}

/** The element of the view a person is in. */
export function nodeHere(options: ICommandSurroundings): HTMLElement {
  return options.desk.here.node ?? options.node;
}

/** Show an incident; one that is on screen changes in place. */
export function showIncident(
  options: ICommandSurroundings,
  id: string,
  tab: IncidentTab,
  look: string | null
): void {
  options.desk.here.navigation.go({ view: 'incident', id, tab, look });
}

/**
 * Append what a person did, and show where that leads.
 *
 * @param seen - the last record the person saw when asked
 * @param leadsTo - what to look at afterwards; left as it is when undefined
 * @returns whether it was recorded
 */
export async function record(
  options: ICommandSurroundings,
  id: string,
  act: Act,
  more: { seen?: number; leadsTo?: string | null } = {}
): Promise<boolean> {
  const { desk } = options;
  const { navigation } = desk.here;
  const from = navigation.place;
  let recorded = false;
  await desk.attempt(async () => {
    recorded = (await desk.incidents.act(id, act, more.seen)) !== null;
    // A person who went elsewhere meanwhile is left there.
    if (recorded && more.leadsTo !== undefined && navigation.place === from) {
      navigation.go({ view: 'incident', id, tab: 'steps', look: more.leadsTo });
    }
  });
  return recorded;
}

/** Press a button of the command that has the focus, or of the step's first one. */
export function pressOnCommand(
  options: ICommandSurroundings,
  act: 'copy' | 'terminal'
): void {
  const node = nodeHere(options);
  const group = document.activeElement?.closest('[data-command]');
  const within = group && node.contains(group) ? group : node;
  within.querySelector<HTMLElement>(`[data-act="${act}"]`)?.click();
}
