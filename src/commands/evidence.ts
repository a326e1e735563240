/**
 * Commands on evidence: look at it, attach, export, verify, anchor, compare. Loaded after the start.
 */

import type { ICommandPalette } from '@jupyterlab/apputils';

import type { Exported, Verified } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import type { IEvidencePlace } from '../models/evidencefacts';
import { evidenceOf } from '../models/evidence';
import { stepInFocus } from '../models/incident';
import { args, text } from './schema';
import type { ICommandSurroundings } from './surroundings';
import { addCollecting } from './collecting';
import { askFor } from './questions';
import { given } from './surroundings';
import { incidentOf, whichIncident } from './whichincident';

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
