/**
 * Starting a run from a form, and where the panel goes then.
 *
 * The form calls this itself: what a command is given can be heard by every extension, and a secret must not be.
 */

import type { Run, RunRequest } from '../contract';
import type { Place } from '../models/navigation';
import { placeName } from '../models/navigation';
import { isYours } from '../models/run';
import { CommandIDs } from '../tokens';
import { args, record } from './schema';
import type { ICommandSurroundings } from './surroundings';

/** Add the command that starts a run. */
export function addStarting(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(CommandIDs.startRun, {
    label: trans.__('Start a Run'),
    describedBy: {
      args: args({
        request: record(
          trans.__(
            'What to run, with which values; other extensions hear them.'
          )
        )
      })
    },
    execute: values =>
      startRun(options, values.request as unknown as RunRequest)
  });
}

/** Start a run and show it; resolves to its id. */
export async function startRun(
  options: ICommandSurroundings,
  request: RunRequest
): Promise<string> {
  const { commands, desk } = options;
  const from = desk.navigation.place;
  const run = await desk.runs.start(request);
  showStarted(options, run, from);
  if (isYours(run)) {
    await commands.execute(CommandIDs.openRunNotebook, { id: run.id });
  }
  return run.id;
}

/** After a start: the step that called it, or the run itself. */
export function showStarted(
  options: ICommandSurroundings,
  run: Run,
  from: Place
): void {
  const { navigation, incidents } = options.desk;
  if (from.view === 'form') {
    navigation.drafts.delete(placeName(from));
    navigation.examples.delete(placeName(from));
  }
  if (navigation.place !== from) {
    // A person who went elsewhere meanwhile is left there.
    return;
  }
  if (run.incident === null) {
    navigation.replace({ view: 'run', id: run.id });
    return;
  }
  navigation.replace({
    view: 'incident',
    id: run.incident,
    tab: 'steps',
    look: incidents.get(run.incident)?.focus === run.step ? null : run.step
  });
}
