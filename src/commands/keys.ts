/**
 * Commands on keys and their runs.
 */

import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { KeyRow } from '../contract';
import type { IFormPlace } from '../models/navigation';
import { placeName } from '../models/navigation';
import { CommandIDs } from '../tokens';
import { args, flag, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { shownStep } from './acting';
import { choose } from './questions';
import { given } from './surroundings';

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
  const key = at
    ? options.desk.incidents
        .runbook(at.incident.id)
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
    navigation.examples.set(placeName(place), like.id);
  }
  navigation.go(place);
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
      installed === null
        ? trans.__('Cancelled. Nothing was left behind.')
        : trans.__('%1 %2 is installed.', installed.slug, installed.version)
    );
  });
}
