/**
 * Commands on evidence: look at it, attach, export, verify, anchor, compare. Loaded after the start.
 */

import type { ICommandPalette } from '@jupyterlab/apputils';
import { Notification } from '@jupyterlab/apputils';

import type { Collection, Exported, Incident, Verified } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import type { IEvidencePlace } from '../models/evidencefacts';
import { evidenceOf } from '../models/evidence';
import { stepInFocus } from '../models/incident';
import { CommandIDs } from '../tokens';
import type { IArgument } from './schema';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { askFor, choose } from './questions';
import { given } from './surroundings';

/** Add the commands on evidence, and those without arguments to the palette. */
export function addEvidenceCommands(
  options: ICommandSurroundings,
  palette: ICommandPalette | null
): void {
  addPages(options);
  addVerifying(options);
  addBundles(options);
  addCheckpoint(options);
  addAttaching(options);
  addReview(options);
  addCollecting(options);
  const category = options.trans.__('Keys');
  for (const command of [
    EvidenceCommands.openExport,
    EvidenceCommands.attach,
    EvidenceCommands.collect,
    EvidenceCommands.verify,
    EvidenceCommands.checkpoint,
    EvidenceCommands.copyCheckpoint,
    EvidenceCommands.compliance,
    EvidenceCommands.compare
  ]) {
    palette?.addItem({ command, category });
  }
}

/** The commands that show a page. */
function addPages(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  const show = async (place: Omit<IEvidencePlace, 'view'>): Promise<void> => {
    options.desk.navigation.go({ view: 'evidence', ...place });
    await options.reveal();
  };
  commands.addCommand(EvidenceCommands.item, {
    label: trans.__('Show Something That Is Kept'),
    describedBy: {
      args: args({
        incident: text(trans.__('The incident.')),
        item: text(trans.__('The id of what is kept.'))
      })
    },
    execute: values =>
      show({
        page: 'item',
        id: given(values, 'incident') ?? '',
        other: given(values, 'item') ?? ''
      })
  });
  commands.addCommand(EvidenceCommands.openExport, {
    label: trans.__('Export Evidence Bundle…'),
    caption: trans.__('See what will be in the bundle, then write it'),
    describedBy: { args: args({ 'incident?': whichIncident(options) }) },
    execute: async values => {
      const id = given(values, 'incident') ?? (await incidentOf(options))?.id;
      return id ? show({ page: 'export', id }) : undefined;
    }
  });
  commands.addCommand(EvidenceCommands.checkpoint, {
    label: trans.__('Show the Ledger’s Checkpoint'),
    describedBy: { args: args() },
    execute: () => show({ page: 'checkpoint' })
  });
  commands.addCommand(EvidenceCommands.compliance, {
    label: trans.__('Show All Incidents for Compliance'),
    describedBy: { args: args() },
    execute: () => show({ page: 'compliance' })
  });
  commands.addCommand(EvidenceCommands.compare, {
    label: trans.__('Compare Two Runs…'),
    describedBy: {
      args: args({
        'left?': text(trans.__('The run that counts as before.')),
        'right?': text(trans.__('The run that counts as after.'))
      })
    },
    execute: values => {
      const id = given(values, 'left') ?? undefined;
      const other = given(values, 'right') ?? undefined;
      return show({ page: 'compare', id, other });
    }
  });
}

/** The command that shows the page of verification, and verifies at once what is named. */
function addVerifying(options: ICommandSurroundings): void {
  const { commands, trans } = options;
  commands.addCommand(EvidenceCommands.verify, {
    label: trans.__('Verify a Bundle…'),
    describedBy: {
      args: args({
        'path?': text(trans.__('A bundle in the workspace to verify at once.'))
      })
    },
    execute: async values => {
      const path = given(values, 'path');
      options.desk.navigation.go({ view: 'evidence', page: 'verify' });
      await options.reveal();
      if (path !== null) {
        const evidence = evidenceOf(options.desk);
        await evidence.work<Verified>('verify', path, () =>
          evidence.api.verify({ path })
        );
      }
    }
  });
}

function addBundles(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const evidence = evidenceOf(desk);
  const write = async (
    name: string,
    ask: () => Promise<Exported>
  ): Promise<void> => {
    const made = await evidence.work<Exported>(name, name, ask);
    if (made !== null) {
      desk.announce(trans.__('The bundle is written: %1', made.path));
    }
  };
  commands.addCommand(EvidenceCommands.write, {
    label: trans.__('Write an Evidence Bundle'),
    describedBy: {
      args: args({ incident: text(trans.__('The incident.')) })
    },
    execute: values => {
      const id = given(values, 'incident') ?? '';
      return write(`export:${id}`, () => evidence.api.export(id));
    }
  });
  commands.addCommand(EvidenceCommands.period, {
    label: trans.__('Export All Incidents and Runs of a Period'),
    describedBy: {
      args: args({
        start: text(trans.__('The first day in UTC, such as 2026-10-01.')),
        end: text(trans.__('The last day in UTC, included.'))
      })
    },
    execute: values => {
      const start = given(values, 'start') ?? '';
      const end = given(values, 'end') ?? '';
      return write('export-period', () =>
        evidence.api.exportPeriod({ start, end })
      );
    }
  });
  commands.addCommand(EvidenceCommands.stop, {
    label: trans.__('Cancel an Export'),
    describedBy: {
      args: args({ id: text(trans.__('What the server calls the export.')) })
    },
    execute: values =>
      desk.attempt(() => evidence.stopExport(given(values, 'id') ?? ''))
  });
}

function addCollecting(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const pathOf = (values: { [name: string]: unknown }): string | null =>
    given(values, 'path') ?? desk.context.notebook?.path ?? null;
  commands.addCommand(EvidenceCommands.collect, {
    label: trans.__('Collect This Notebook as Evidence'),
    caption: trans.__(
      'Keep what it shows as it is saved; nothing is kept twice'
    ),
    isEnabled: values => pathOf(values) !== null,
    describedBy: {
      args: args({
        'path?': text(trans.__('The notebook; the active one when left out.')),
        'incident?': whichIncident(options)
      })
    },
    execute: async values => {
      const path = pathOf(values);
      if (path !== null) {
        await collect(options, path, given(values, 'incident'));
      }
    }
  });
}

/** Collect a notebook where its run belongs, else under the step in focus of an incident. */
async function collect(
  options: ICommandSurroundings,
  path: string,
  named: string | null
): Promise<void> {
  const { desk, trans } = options;
  const evidence = evidenceOf(desk);
  const { context } = desk.context;
  const owner = context?.path === path ? context.incident : null;
  const incident = owner ? null : await openIncident(options, named);
  if (!owner && incident === null) {
    return;
  }
  await options.save(path);
  const step = incident && (stepInFocus(incident)?.id ?? null);
  const done = await evidence.work<Collection>('collect', path, () =>
    evidence.api.collect({ path, incident: incident?.id ?? null, step })
  );
  const id = done?.incident ?? owner ?? incident?.id ?? '';
  if (done !== null) {
    await desk.attempt(() => evidence.readAgain(id));
    desk.announce(done.summary);
  }
  const { place } = desk.navigation;
  const shown = place.view === 'incident' && place.tab === 'evidence';
  const { error } = evidence.job('collect');
  if (!(shown && place.id === id)) {
    const actions = [
      {
        label: trans.__('Show'),
        callback: () =>
          void options.commands.execute(CommandIDs.openIncident, {
            id,
            tab: 'evidence'
          })
      }
    ];
    if (error !== null) {
      Notification.error(`${error.message} ${error.hint}`, {
        actions,
        autoClose: false
      });
    } else if (done !== null) {
      Notification.info(done.summary, { actions, autoClose: 10_000 });
    }
  }
}

/** The incident that is named or on screen, the only one that is open, or the one a person chooses. */
async function openIncident(
  options: ICommandSurroundings,
  named: string | null
): Promise<Incident | null> {
  const { desk } = options;
  await desk.incidents.refresh();
  const { open } = desk.incidents;
  const id = named ?? (open.length === 1 ? open[0].id : null);
  return id === null ? incidentOf(options) : desk.incidents.load(id);
}

function addCheckpoint(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const evidence = evidenceOf(desk);
  commands.addCommand(EvidenceCommands.copyCheckpoint, {
    label: trans.__('Copy a Checkpoint of the Ledger'),
    caption: trans.__(
      'Five lines to keep elsewhere; that they left is recorded'
    ),
    describedBy: {
      args: args({
        'outlet?': text(trans.__('Where it goes, such as “ticket OPS-12”.'))
      })
    },
    execute: async values => {
      const outlet = given(values, 'outlet') ?? trans.__('copied as text');
      const taken = await evidence.work('checkpoint', outlet, () =>
        evidence.takeCheckpoint(outlet)
      );
      if (taken !== null) {
        await navigator.clipboard.writeText(taken.text);
        desk.announce(trans.__('The checkpoint is copied.'));
      }
    }
  });
}

function addAttaching(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const evidence = evidenceOf(desk);
  commands.addCommand(EvidenceCommands.attach, {
    label: trans.__('Attach Files as Evidence…'),
    describedBy: {
      args: args({
        'incident?': whichIncident(options),
        'step?': text(trans.__('The step; the one in focus when left out.'))
      })
    },
    execute: async values => {
      const id = given(values, 'incident') ?? (await incidentOf(options))?.id;
      if (id !== undefined) {
        const incident = await desk.incidents.load(id);
        const focus = stepInFocus(incident)?.id ?? null;
        const step = given(values, 'step') ?? focus;
        const files = await chosenFiles();
        const kept = await evidence.attach(id, files, step);
        if (kept.length > 0) {
          desk.announce(trans.__('Kept: %1', kept.join(', ')));
        }
      }
    }
  });
}

function addReview(options: ICommandSurroundings): void {
  const { commands, desk, trans } = options;
  const evidence = evidenceOf(desk);
  commands.addCommand(EvidenceCommands.clear, {
    label: trans.__('Say That a Finding Is No Secret…'),
    describedBy: {
      args: args({
        incident: text(trans.__('The incident.')),
        commitment: text(trans.__('The commitment of what was found.')),
        'reason?': text(trans.__('What it is instead; asked for.'))
      })
    },
    execute: async values => {
      const reason =
        given(values, 'reason') ??
        (await askFor(
          trans.__('Not a secret?'),
          trans.__(
            'What is it instead? Your reason is recorded. What was hidden stays hidden; what is captured from now on keeps it.'
          ),
          trans.__('Record'),
          true
        ));
      if (reason) {
        const incident = given(values, 'incident') ?? '';
        const commitment = given(values, 'commitment') ?? '';
        await desk.attempt(() => evidence.clear(incident, commitment, reason));
      }
    }
  });
}

/** The files a person chooses; none when nobody does. */
function chosenFiles(): Promise<File[]> {
  return new Promise(resolve => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

function whichIncident(options: ICommandSurroundings): IArgument {
  return text(
    options.trans.__(
      'The incident; the one on screen, or asked for, when left out.'
    )
  );
}

/** The incident on screen, the only one there is, or the one a person chooses. */
async function incidentOf(
  options: ICommandSurroundings
): Promise<Incident | null> {
  const { desk, trans } = options;
  const evidence = evidenceOf(desk);
  const { place } = desk.navigation;
  const shown = 'id' in place ? desk.incidents.get(place.id ?? '') : null;
  if (shown !== null) {
    return shown;
  }
  await desk.attempt(() => evidence.loadIncidents());
  const all = evidence.incidents ?? [];
  const chosen = await choose(
    trans.__('Which incident?'),
    trans.__('Choose'),
    all.map(({ id, number, title }) => ({
      id,
      title: trans.__('%1 %2', number, title)
    }))
  );
  return all.find(({ id }) => id === chosen?.id) ?? null;
}
