/**
 * Commands on runs: start, again, show, cancel, and packages for a kernel.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';

import type { Run, RunRequest } from '../contract';
import type { Place } from '../models/navigation';
import { placeName } from '../models/navigation';
import { hasEnded, isYours, newRunId, sourceOf, valuesOf } from '../models/run';
import { CommandIDs } from '../tokens';
import { given as changed, initialValues } from '../views/parameters';
import { args, list, record, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { given } from './surroundings';

/** Add the commands on runs. */
export function addRunCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  const id = text(trans.__('The run.'));
  commands.addCommand(CommandIDs.startRun, {
    label: trans.__('Start a Run'),
    describedBy: {
      args: args({
        request: record(trans.__('What to run, with which values.'))
      })
    },
    execute: async values => {
      const from = desk.navigation.place;
      const run = await desk.runs.start(
        values.request as unknown as RunRequest
      );
      showStarted(options, run, from);
      if (isYours(run)) {
        await commands.execute(CommandIDs.openRunNotebook, { id: run.id });
      }
      return run.id;
    }
  });
  addAgain(options);
  addInstallation(options);
  addCollecting(options);
  commands.addCommand(CommandIDs.openRun, {
    label: trans.__('Open a Run'),
    describedBy: { args: args({ id }) },
    execute: async values => {
      const run = given(values, 'id');
      if (run !== null) {
        desk.navigation.go({ view: 'run', id: run });
        await reveal();
      }
    }
  });
  commands.addCommand(CommandIDs.cancelRun, {
    label: trans.__('Cancel Run'),
    isEnabled: () => openRun(options) !== null,
    describedBy: {
      args: args({ 'id?': text(trans.__('The run; the one on screen.')) })
    },
    execute: async values => {
      const named = given(values, 'id');
      const run = named ?? openRun(options)?.id ?? null;
      // A button says which run is meant; a single key could be a slip.
      const meant = named !== null || (await confirmCancel(options));
      if (run !== null && meant) {
        await desk.attempt(() => desk.runs.cancel(run));
      }
    }
  });
}

/** A run like another, with the same values; where a secret is needed, the form for it. */
function addAgain(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.runAgain, {
    label: trans.__('Run Again'),
    caption: trans.__('Run the same version with the same values'),
    describedBy: { args: args({ id: text(trans.__('The run to repeat.')) }) },
    execute: async values => {
      const run = desk.runs.get(given(values, 'id') ?? '');
      if (run !== null) {
        await desk.attempt(() => again(options, run));
      }
    }
  });
}

async function again(options: ICommandSurroundings, run: Run): Promise<void> {
  const { commands, desk } = options;
  const { slug, version } = sourceOf(run);
  const { incident, step } = run;
  const from = desk.navigation.place;
  const reply = await desk.api.parameters(slug, version);
  if (reply.parameters.some(parameter => parameter.secret)) {
    const like = run.id;
    await commands.execute(CommandIDs.runKey, {
      ...{ slug, version, incident, step, like }
    });
    return;
  }
  const values = initialValues(reply.parameters, valuesOf(run));
  const kernel = run.kernel === reply.kernel ? null : run.kernel;
  const started = await desk.runs.start({
    ...changed(reply.parameters, values),
    ...{ key: slug, version, kernel, incident, step, id: newRunId() }
  });
  showStarted(options, started, from);
}

/** The end of a run that a person ran: its notebook is saved, then read. */
function addCollecting(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.collectRun, {
    label: trans.__('Collect What a Notebook Shows'),
    caption: trans.__('End a run that you ran yourself'),
    describedBy: { args: args({ id: text(trans.__('The run.')) }) },
    execute: async values => {
      const run = desk.runs.get(given(values, 'id') ?? '');
      if (run !== null) {
        await desk.attempt(async () => {
          await options.save(run.notebook);
          await desk.runs.collect(run.id);
        });
      }
    }
  });
}

/** Packages into a kernel: only after a person agreed, who sees what is installed. */
function addInstallation(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  commands.addCommand(CommandIDs.installRequirements, {
    label: trans.__('Install the Packages of a Key…'),
    describedBy: {
      args: args({
        slug: text(trans.__('The key.')),
        'version?': text(trans.__('Its version; the newest when left out.')),
        'kernel?': text(trans.__('The kernel; the notebook’s when left out.')),
        'title?': text(trans.__('What the kernel is called.')),
        'packages?': list(trans.__('What will be installed.'))
      })
    },
    execute: async values => {
      const slug = given(values, 'slug');
      const need = {
        slug: slug ?? '',
        version: given(values, 'version'),
        kernel: given(values, 'kernel')
      };
      const packages = (values.packages ?? []) as string[];
      const kernel = given(values, 'title') ?? need.kernel ?? '';
      if (slug !== null && (await agreed(options, kernel, packages))) {
        await desk.attempt(() => desk.requirements.install(need));
      }
    }
  });
}

async function agreed(
  options: ICommandSurroundings,
  kernel: string,
  packages: string[]
): Promise<boolean> {
  const { trans } = options;
  const { button } = await showDialog({
    title: trans.__('Install into %1?', kernel),
    body: trans.__(
      'pip installs %1 into the environment of this kernel. Other notebooks of this kernel see it, too.',
      packages.join(', ')
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Install') })
    ]
  });
  return button.accept;
}

/** After a start: the step that called it, or the run itself. */
function showStarted(
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

/** The run on screen that has not ended. */
function openRun(options: ICommandSurroundings): Run | null {
  const { navigation, runs, incidents, context } = options.desk;
  const { place } = navigation;
  const candidates =
    place.view === 'run'
      ? [runs.get(place.id)]
      : place.view === 'notebook'
        ? [context.context?.run ?? null]
        : place.view === 'incident'
          ? (incidents.get(place.id)?.runs ?? []).map(id => runs.get(id))
          : place.view === 'key'
            ? runs.ofKey(place.slug)
            : [];
  return candidates.find(run => run !== null && !hasEnded(run)) ?? null;
}

async function confirmCancel(options: ICommandSurroundings): Promise<boolean> {
  const { trans } = options;
  const { button } = await showDialog({
    title: trans.__('Cancel this run?'),
    body: trans.__(
      'The cell that runs is stopped. What the cells before it left is kept.'
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Go on') }),
      Dialog.warnButton({ label: trans.__('Cancel run') })
    ]
  });
  return button.accept;
}
