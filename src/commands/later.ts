/**
 * The commands on keys, runs and incidents: loaded with the panel, or once the application stands.
 */

import { addPanelCommands } from './again';
import { addAroundCommands, lintOnSave } from './around';
import type { IAround } from './around';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { addEndingCommands } from './ending';
import { addEvidenceCommands } from './evidence';
import { addIncidentCommands } from './incidents';
import { addKeyCommands } from './keys';
import { addLookingCommands } from './looking';
import { addMarketCommands } from './market';
import { addNotebookCommands } from './notebook';
import { addToPalette } from './palette';
import { addRunCommands } from './runs';
import { addViewCommands } from './views';
import { addWorkingCommands } from './working';

export { followLink } from '../linking';
export { chooseRunbook } from './questions';
export { startRun } from './starting';

/** Add the commands on keys, runs and incidents. */
export function addLaterCommands(
  options: IAround & { palette: ICommandPalette | null }
): void {
  addViewCommands(options);
  addKeyCommands(options);
  addRunCommands(options);
  addNotebookCommands(options);
  addIncidentCommands(options);
  addPanelCommands(options);
  addMarketCommands(options);
  addLookingCommands(options);
  addWorkingCommands(options);
  addEndingCommands(options);
  addEvidenceCommands(options, options.palette);
  addAroundCommands(options);
  lintOnSave(options);
  addToPalette(options.palette, options.trans);
}
