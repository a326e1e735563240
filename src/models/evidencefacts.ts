/**
 * What the views of evidence say, worked out of records, lists and bytes; nothing is asked for here.
 */

import type {
  EvidenceItem,
  EvidencePreview,
  Incident,
  ItemState,
  LedgerRecord
} from '../contract';

/** One page of evidence: an item, an export, a verification, and so on. */
export interface IEvidencePlace {
  view: 'evidence';
  page: 'item' | 'export' | 'verify' | 'checkpoint' | 'compliance' | 'compare';
  /** The incident, or the run that is compared. */
  id?: string;
  /** The item, or the run it is compared with. */
  other?: string;
}

/** Kept things of one step, in the order they were kept. */
export interface IGroup {
  step: string | null;
  title: string | null;
  items: EvidenceItem[];
}

/** What is kept, by step in the runbook's order; what belongs to no step comes last. */
export function byStep(
  incident: Incident,
  items: ReadonlyArray<EvidenceItem>
): IGroup[] {
  const groups = incident.steps.map(({ id, title }) => ({
    step: id as string | null,
    title: title as string | null,
    items: items.filter(item => item.step === id)
  }));
  const known = new Set<string | null>(incident.steps.map(step => step.id));
  const others = items.filter(item => !known.has(item.step));
  return [...groups, { step: null, title: null, items: others }].filter(
    group => group.items.length > 0
  );
}

/** Whether a slot needs nothing more. */
export function isFilled(item: ItemState): boolean {
  return item.state === 'kept' || item.state === 'ticked';
}

/** A place where something was hidden, left on purpose, or not looked into. */
export interface IPlaceOf {
  /** The kept thing; empty where it is the words of a record, and then the name is the record's number. */
  item: string;
  name: string;
  place: string;
  count: number;
  /** A class of lengths, a reason, or empty. */
  words: string;
  commitment: string;
}

/** What one rule hid. */
export interface IHidden {
  rule: string;
  count: number;
  places: IPlaceOf[];
}

/** What redaction did under an incident, as its records say. */
export interface IRedactions {
  count: number;
  hidden: IHidden[];
  allowed: IPlaceOf[];
  notScanned: IPlaceOf[];
  suspicions: number;
}

interface IFound {
  rule?: string;
  place?: string;
  count?: number;
  length?: string;
  reason?: string;
  commitment?: string;
}

/** Add up what the records say was redacted, in kept things and in words; of one thing when it is named. */
export function redactionsOf(
  records: ReadonlyArray<LedgerRecord>,
  only?: string
): IRedactions {
  const hidden = new Map<string, IHidden>();
  const all: IRedactions = {
    count: 0,
    hidden: [],
    allowed: [],
    notScanned: [],
    suspicions: 0
  };
  for (const { type, seq, data } of records) {
    const kept = type === 'evidence.kept';
    const at = (found: IFound, words = '', item = true): IPlaceOf => ({
      item: item ? String(data.id) : '',
      name: item ? String(data.name) : String(seq),
      place: found.place ?? '',
      count: found.count ?? 1,
      words,
      commitment: found.commitment ?? ''
    });
    const hide = (report: unknown, item: boolean): void => {
      for (const found of listed(report, 'redactions')) {
        const rule = found.rule ?? '';
        const row = hidden.get(rule) ?? { rule, count: 0, places: [] };
        row.count += found.count ?? 1;
        row.places.push(at(found, found.length, item));
        hidden.set(rule, row);
      }
    };
    if (!only) {
      hide(data.redacted, false);
    }
    if (!kept || (only && data.id !== only)) {
      continue;
    }
    hide(data.redaction, true);
    listed(data.redaction, 'allowed').forEach(found =>
      all.allowed.push(at(found, found.reason))
    );
    listed(data.redaction, 'not_scanned').forEach(found =>
      all.notScanned.push(at(found, found.reason))
    );
    for (const found of listed(data.redaction, 'suspicions')) {
      all.suspicions += found.count ?? 1;
    }
  }
  all.hidden = [...hidden.values()].sort((a, b) => b.count - a.count);
  all.count = all.hidden.reduce((sum, row) => sum + row.count, 0);
  return all;
}

/** A list of a report that came as JSON; empty where it has none. */
function listed(report: unknown, name: string): IFound[] {
  const found = (report as { [name: string]: unknown } | undefined)?.[name];
  return Array.isArray(found) ? (found as IFound[]) : [];
}

/** How a kept thing is looked at. */
export type Look =
  | 'image'
  | 'table'
  | 'results'
  | 'notebook'
  | 'html'
  | 'markdown'
  | 'json'
  | 'text'
  | 'none';

const LOOKS: { [mime: string]: Look } = {
  'application/vnd.keys.result+json': 'results',
  'application/x-ipynb+json': 'notebook',
  'application/json': 'json',
  'text/csv': 'table',
  'text/tab-separated-values': 'table',
  'text/html': 'html',
  'text/markdown': 'markdown'
};

/** How to show something of a MIME type and a name. */
export function lookOf(item: { mime: string; name: string }): Look {
  const mime = item.mime.split(';')[0].trim().toLowerCase();
  const known = LOOKS[mime];
  if (known) {
    return known;
  }
  if (/^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mime)) {
    return 'image';
  }
  if (/\.(csv|tsv)$/i.test(item.name) && mime.startsWith('text/')) {
    return 'table';
  }
  return mime.startsWith('text/') || mime.endsWith('+json') ? 'text' : 'none';
}

/** The address of a preview that is a picture; as the source of an image nothing of it can act. */
export function pictureOf(preview: EvidencePreview): string | null {
  const { form, data, text, cut, item } = preview;
  if (lookOf(item) !== 'image') {
    return null;
  }
  if (form === 'image') {
    return `data:${item.mime};base64,${data}`;
  }
  return form === 'text' && item.mime.startsWith('image/svg') && !cut
    ? `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
    : null;
}

/** The first rows of separated values, quotes undone. */
export function headOf(text: string, most: number): string[][] {
  const first = text.slice(0, text.search(/\r?\n|$/));
  const mark = [',', ';', '\t'].reduce((a, b) =>
    first.split(b).length > first.split(a).length ? b : a
  );
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') {
        cell += char;
      } else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else {
        quoted = false;
      }
    } else if (char === '"' && cell === '') {
      quoted = true;
    } else if (char === mark) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else {
      cell += char;
    }
  }
  const open = rows.length < most && (cell !== '' || row.length > 0);
  return open ? [...rows, [...row, cell]] : rows;
}
