/**
 * The end of a run, told by JupyterLab's own notification, with the way to what came out.
 */

import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Run } from './contract';
import { quietly } from './models/catalog';
import type { Desk } from './models/desk';
import type { IRunMove, RunsModel } from './models/run';
import { hasEnded, isYours } from './models/run';
import { titleWords } from './names';
import { runWords } from './runwords';
import { CommandIDs } from './tokens';

/** How long a good end is shown, in ms; others stay until a person has seen them. */
const GOOD_NEWS = 6000;

/** What the notifications work with. */
export interface INotifying {
  commands: CommandRegistry;
  desk: Desk;
  trans: TranslationBundle;
  /** Whether the notebook of a run that was started here opens at its end. */
  opens: () => boolean;
}

/** Tell the ends of runs that were seen open, also of those that were open before a reload. */
export async function notifyEnds(options: INotifying): Promise<void> {
  const { desk } = options;
  desk.runs.moved.connect((_: RunsModel, { before, run }: IRunMove) => {
    if (before !== null && !hasEnded(before) && hasEnded(run)) {
      tell(options, run);
      open(options, run);
    }
  });
  await quietly(desk.runs.recover());
}

function tell(options: INotifying, run: Run): void {
  const { commands, trans } = options;
  const good = run.state === 'SUCCEEDED' || run.state === 'CANCELLED';
  const { word } = runWords(trans, run);
  Notification.emit(
    trans.__('%1: %2', titleWords(run.title), word),
    run.state === 'SUCCEEDED' ? 'success' : good ? 'info' : 'warning',
    {
      autoClose: good ? GOOD_NEWS : false,
      actions: [
        {
          label: trans.__('Show'),
          caption: trans.__('Show the run in the Keys panel'),
          callback: () =>
            void commands.execute(CommandIDs.openRun, { id: run.id })
        }
      ]
    }
  );
}

/** Behind what a person looks at, so that nothing is taken away. */
function open(options: INotifying, run: Run): void {
  const { commands, desk } = options;
  const wanted = desk.runs.isFromHere(run.id) && !isYours(run);
  if (wanted && options.opens() && run.state === 'SUCCEEDED') {
    void commands
      .execute(CommandIDs.openRunNotebook, { id: run.id, behind: true })
      .catch(() => undefined);
  }
}
