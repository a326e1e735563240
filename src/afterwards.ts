/**
 * What is loaded once the application stands: it follows notebooks, runs and timers while nobody looks at the panel.
 */

import type { NotebookPanel } from '@jupyterlab/notebook';

import type { IAssembly } from './assembly';
import { keepBadges } from './badge';
import type { KeysFrame } from './frame';
import type { Desk } from './models/desk';
import { NewerOutput } from './newer';
import { NotebookFollower } from './notebooks';
import { notifyEnds } from './notifying';
import { PANEL_ID } from './tokens';
import { DueWatch } from './watching';

/** Follow all that goes on. */
export async function followAll(
  options: IAssembly,
  desk: Desk,
  frame: KeysFrame
): Promise<void> {
  const { app, tracker, trans } = options;
  const { commands } = app;
  const likes = taste(options);
  new DueWatch({ desk, trans, commands });
  if (tracker !== null) {
    const { contents } = app.serviceManager;
    new NewerOutput({ desk, tracker, contents, trans });
    const follows = (): boolean => likes('followNotebook');
    const reveal = (): void => {
      frame.calm = true;
      app.shell.activateById(PANEL_ID);
    };
    const reveals = options.labShell === null ? reveal : null;
    new NotebookFollower({ app, desk, tracker, follows, reveals });
    const current = (): NotebookPanel | null => tracker.currentWidget;
    keepBadges({ desk, trans, commands, current });
  }
  const opens = (): boolean => likes('openNotebookAtEnd');
  await notifyEnds({ commands, desk, trans, opens });
}

/** What a person set, as it is now. */
function taste(options: IAssembly): (name: string) => boolean {
  const values = new Map<string, boolean>();
  const { settings, id } = options;
  void settings?.load(id).then(loaded => {
    const read = (): void =>
      ['followNotebook', 'openNotebookAtEnd'].forEach(name =>
        values.set(name, loaded.get(name).composite !== false)
      );
    loaded.changed.connect(read);
    read();
  });
  return name => values.get(name) ?? true;
}
