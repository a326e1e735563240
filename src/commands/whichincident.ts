/**
 * Which incident a command is about, where it was not named.
 */

import type { Incident } from '../contract';
import { evidenceOf } from '../models/evidence';
import { choose } from './questions';
import type { IArgument } from './schema';
import { text } from './schema';
import type { ICommandSurroundings } from './surroundings';

/** The argument that names one. */
export function whichIncident(options: ICommandSurroundings): IArgument {
  return text(
    options.trans.__(
      'The incident; the one on screen, or asked for, when left out.'
    )
  );
}

/** The incident on screen, the only one there is, or the one a person chooses. */
export async function incidentOf(
  options: ICommandSurroundings
): Promise<Incident | null> {
  const { desk, trans } = options;
  const evidence = evidenceOf(desk);
  const { place } = desk.navigation;
  const shown = 'id' in place ? desk.incidents.get(place.id ?? '') : null;
  if (shown !== null) {
    return shown;
  }
  await desk.attempt(() => evidence.loadIncidents());
  const all = evidence.incidents ?? [];
  const chosen = await choose(
    trans.__('Which incident?'),
    trans.__('Choose'),
    all.map(({ id, number, title }) => ({
      id,
      title: trans.__('%1 %2', number, title)
    }))
  );
  return all.find(({ id }) => id === chosen?.id) ?? null;
}
