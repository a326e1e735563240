/**
 * Commands that mean what the panel shows, loaded with it: on steps, on repeating and collecting runs, on packages.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';

import type { Run } from '../contract';
import { newRunId, sourceOf, valuesOf } from '../models/repeating';
import { CommandIDs } from '../tokens';
import { given as changed, initialValues } from '../views/parameters';
import { args, list, text } from './schema';
import { addStarting, showStarted } from './starting';
import type { ICommandSurroundings } from './surroundings';
import { addStepCommands } from './steps';
import { given } from './surroundings';

/** Add the commands that only the panel uses. */
export function addPanelCommands(options: ICommandSurroundings): void {
  addStarting(options);
  addAgain(options);
  addInstallation(options);
  addCollecting(options);
  addStepCommands(options);
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
        const from = desk.navigation.place;
        await desk.attempt(async () => {
          const started = await again(options, run);
          if (started !== null) {
            showStarted(options, started, from);
          }
        });
      }
    }
  });
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

/** Repeat a run; null when a person has to give a secret again first. */
async function again(
  options: ICommandSurroundings,
  run: Run
): Promise<Run | null> {
  const { commands, desk } = options;
  const { slug, version } = sourceOf(run);
  const { incident, step } = run;
  const reply = await desk.api.parameters(slug, version);
  if (reply.parameters.some(parameter => parameter.secret)) {
    const like = run.id;
    await commands.execute(CommandIDs.runKey, {
      ...{ slug, version, incident, step, like }
    });
    return null;
  }
  const values = initialValues(reply.parameters, valuesOf(run));
  const kernel = run.kernel === reply.kernel ? null : run.kernel;
  return desk.runs.start({
    ...changed(reply.parameters, values),
    ...{ key: slug, version, kernel, incident, step, id: newRunId() }
  });
}

/** Whether a person agrees to packages being installed. */
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
