/**
 * Commands on keys and their runs.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { KeyRow, Run, RunRequest } from '../contract';
import type { Draft, IFormPlace } from '../models/navigation';
import { placeName } from '../models/navigation';
import { hasEnded } from '../models/run';
import { CommandIDs } from '../tokens';
import { args, flag, record, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { shownStep } from './steps';
import { choose, given } from './surroundings';

/** Add the commands on keys. */
export function addKeyCommands(options: ICommandSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  const slug = text(trans.__('The key; asked for when left out.'));
  const version = text(trans.__('The version; the newest when left out.'));
  commands.addCommand(CommandIDs.openKey, {
    label: trans.__('Open Key…'),
    describedBy: { args: args({ 'slug?': slug }) },
    execute: async values => {
      const key = await keyOf(options, values, () => true);
      if (key !== null) {
        desk.navigation.go({ view: 'key', slug: key });
        await reveal();
      }
    }
  });
  commands.addCommand(CommandIDs.installKey, {
    label: trans.__('Install Key…'),
    caption: trans.__('Verify a key and unpack it into the workspace'),
    describedBy: { args: args({ 'slug?': slug, 'version?': version }) },
    execute: async values => {
      const key = await keyOf(options, values, row => row.entitled);
      if (key !== null) {
        await install(options, key, given(values, 'version'));
      }
    }
  });
  commands.addCommand(CommandIDs.runKey, {
    label: trans.__('Run Key…'),
    caption: trans.__('Open the form of an installed key'),
    describedBy: {
      args: args({
        'slug?': slug,
        'version?': version,
        'incident?': text(trans.__('The incident the run belongs to.')),
        'step?': text(trans.__('The step that calls the key.')),
        'like?': text(trans.__('A run whose values the form begins with.')),
        'shown?': flag(trans.__('Whether the step on screen says which key.'))
      })
    },
    execute: async values => {
      const called = values.shown === true ? calledKey(options) : values;
      const ready = (row: KeyRow): boolean => row.installed.length > 0;
      const key = called && (await keyOf(options, called, ready));
      if (key) {
        fillIn(options, key, called);
        await reveal();
      }
    }
  });
}

/** The key that the step on screen calls; null when it calls none. */
function calledKey(
  options: ICommandSurroundings
): ReadonlyPartialJSONObject | null {
  const at = shownStep(options);
  const { catalog } = options.desk;
  const key = at
    ? catalog
        .runbook(at.incident.runbook)
        ?.sections.flatMap(section => section.steps)
        .find(step => step.id === at.step)?.keys[0]
    : null;
  return at && key
    ? { slug: key.slug, incident: at.incident.id, step: at.step }
    : null;
}

function fillIn(
  options: ICommandSurroundings,
  slug: string,
  values: ReadonlyPartialJSONObject
): void {
  const { navigation, runs } = options.desk;
  const place: IFormPlace = {
    view: 'form',
    slug,
    version: given(values, 'version'),
    incident: given(values, 'incident'),
    step: given(values, 'step')
  };
  const like = runs.get(given(values, 'like') ?? '');
  if (like !== null) {
    navigation.drafts.delete(placeName(place));
    navigation.examples.set(placeName(place), valuesOf(like));
  }
  navigation.go(place);
}

/** The values of a run, its files as a person would name them. */
function valuesOf(run: Run): Draft {
  const files = run.inputs.map(input => [input.parameter, input.path]);
  return { ...run.parameters, ...Object.fromEntries(files) } as Draft;
}

/** The key that is meant: the one given, or the one a person chooses. */
async function keyOf(
  options: ICommandSurroundings,
  values: ReadonlyPartialJSONObject,
  fits: (row: KeyRow) => boolean
): Promise<string | null> {
  const { desk, trans } = options;
  const slug = given(values, 'slug');
  if (slug !== null) {
    return slug;
  }
  await desk.catalog.ensure();
  const rows = desk.catalog.keys.filter(
    row => row.kind === 'jupyter' && fits(row)
  );
  const row = await choose(trans.__('Which key?'), trans.__('Choose'), rows);
  return row?.slug ?? null;
}

async function install(
  options: ICommandSurroundings,
  slug: string,
  version: string | null
): Promise<void> {
  const { desk, trans } = options;
  await desk.attempt(async () => {
    const installed = await desk.catalog.install(slug, version);
    desk.announce(
      trans.__('%1 %2 is installed.', installed.slug, installed.version)
    );
  });
}

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
      const run = await desk.runs.start(
        values.request as unknown as RunRequest
      );
      showStarted(options, run);
      return run.id;
    }
  });
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

/** After a start: the step that called it, or the run itself. */
function showStarted(options: ICommandSurroundings, run: Run): void {
  const { navigation, incidents } = options.desk;
  const form = navigation.place;
  if (form.view === 'form') {
    navigation.drafts.delete(placeName(form));
    navigation.examples.delete(placeName(form));
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
