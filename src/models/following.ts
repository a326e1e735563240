/**
 * What the panel does when a notebook of a run becomes active.
 */

import type { Context } from '../contract';
import type { Place } from './navigation';

/** To leave the view as it is, to show the notebook's, or to offer that. */
export type Following = 'stay' | 'show' | 'offer';

/**
 * Decide what follows the notebook.
 *
 * @param place - the view that is shown
 * @param context - what the notebook belongs to
 * @param focus - the step in focus of the incident that is shown
 * @returns `stay` when its step is on screen already, `show` when its view may take
 * the place of this one, `offer` when a person is in the middle of something
 */
export function following(
  place: Place,
  context: Context,
  focus: string | null
): Following {
  switch (place.view) {
    case 'notebook':
      return 'stay';
    case 'form':
    case 'evidence':
      return 'offer';
    case 'run':
      return place.id === context.run?.id ? 'stay' : 'show';
    case 'incident': {
      const same = place.id === context.incident && focus === context.state?.id;
      const shown = place.tab === 'steps' && place.look === null;
      return same && shown ? 'stay' : 'show';
    }
    default:
      return 'show';
  }
}
