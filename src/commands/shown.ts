/**
 * Which step of which incident is on screen, for the commands that mean it.
 */

import type { Incident } from '../contract';
import { stepInFocus } from '../models/incident';
import type { ICommandSurroundings } from './surroundings';

/** An incident and the step of it that is on screen. */
export interface IShown {
  incident: Incident;
  step: string;
}

/** The step that is shown; null where no incident is on screen. */
export function shownStep(options: ICommandSurroundings): IShown | null {
  const { place } = options.desk.navigation;
  if (place.view !== 'incident') {
    return null;
  }
  const incident = options.desk.incidents.get(place.id);
  const focus = incident ? stepInFocus(incident) : null;
  const looked = incident?.steps.find(other => other.id === place.look);
  const step = looked?.id ?? focus?.id ?? null;
  return incident && step ? { incident, step } : null;
}
