/**
 * The notebook of a run opens without a kernel, also when JupyterLab opens it again after a reload.
 *
 * A kernel that nobody asked for would change the notebook's metadata, and saving would rewrite what ran. A person who
 * wants one can still choose it.
 */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

/** The folder of all runs. */
const RUNS = 'key-runs/';

/** Watch over notebooks that open; a kernel that is there already is kept. */
export function keepKernelless(tracker: INotebookTracker): void {
  tracker.widgetAdded.connect((_: INotebookTracker, panel: NotebookPanel) => {
    const { context, sessionContext } = panel;
    const preference = sessionContext.kernelPreference;
    const wanted = preference.autoStartDefault === true;
    if (context.localPath.startsWith(RUNS) && !wanted) {
      sessionContext.kernelPreference = { ...preference, shouldStart: false };
    }
  });
}
