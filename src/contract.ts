// Generated from keys_jupyter/model by `python -m keys_jupyter.contract --write`; do not edit.

/** Any JSON value. */
export type Json =
  string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Something a person does to a step of an incident.
 *
 * ``type`` is one of ``step.focus``, ``step.done``, ``step.failed``, ``step.skipped``, ``step.note``,
 * ``branch.taken``; ``branch`` counts from 0 and goes with ``branch.taken`` only.
 */
export interface Act {
  type: string;
  step: string;
  text?: string;
  branch?: number | null;
}

/** Who did something, and how we know. */
export interface Actor {
  subject: string;
  display: string;
  method: string;
  os_user: string;
  host: string;
  claimed_name: string | null;
}

/** A file a run left behind. */
export interface Artifact {
  path: string;
  sha256: string;
  size: number;
}

/** One way on from a step. ``when`` is the author's own condition where one is written in a comment. */
export interface Branch {
  condition: string;
  outcome: string;
  goto: string | null;
  when: string | null;
}

/** A branch of a step as it stands: whether its condition is true, and why we say so. */
export interface BranchState {
  condition: string;
  outcome: string;
  goto: string | null;
  true: boolean | null;
  suggested: boolean;
  reason: string;
  taken: boolean;
}

/** All keys of all sources, and what could not be read. */
export interface Catalog {
  keys: KeyRow[];
  stale_since: string | null;
  problems: Problem[];
}

/** One code cell of a run; ``number`` counts code cells from 1, ``index`` all cells from 0. */
export interface Cell {
  index: number;
  number: number;
  type: string;
  title: string;
  state: CellState;
  started_at: string | null;
  duration: number | null;
  error: CellError | null;
  outputs: number;
}

/** What a cell raised. */
export interface CellError {
  name: string;
  message: string;
  traceback: string;
}

/** The exact cell a run with these values would inject. */
export interface CellPreview {
  source: string;
  language: string;
}

/** Values to look at before a run. */
export interface CellPreviewRequest {
  version?: string | null;
  values?: { [key: string]: Json };
  nulls?: string[];
}

/** How a cell ended; ``pending`` and ``running`` only while the run is open. */
export type CellState =
  | 'pending'
  | 'running'
  | 'ok'
  | 'failed'
  | 'timed_out'
  | 'kernel_died'
  | 'cancelled'
  | 'interrupted'
  | 'skipped'
  | 'allowed_error'
  | 'never_ran';

/** The event's data: something is at record ``n``; the reader asks for what is newer. */
export interface Change {
  kind: string;
  id: string;
  n: number;
}

/** One command of a code fence: what a person would enter at once. */
export interface Command {
  text: string;
  language: string;
  lines: number;
  placeholders: string[];
}

/**
 * Which run, incident and step a notebook belongs to; ``run`` is None for a notebook of no run.
 *
 * ``copy_of`` names the run whose notebook this is a copy of.
 */
export interface Context {
  path: string;
  run: Run | null;
  copy_of: string | null;
  incident: string | null;
  incident_number: number | null;
  runbook: string | null;
  runbook_title: string | null;
  severity: string | null;
  section: string | null;
  step: Step | null;
  state: StepState | null;
  evidence: EvidenceItem[];
}

/** A notebook by its path in the workspace and the run named in its metadata. */
export interface ContextRequest {
  path: string;
  run?: string | null;
}

/** The one shape of every error. */
export interface ErrorReply {
  code: string;
  message: string;
  hint: string;
  request_id: string;
}

/** One kept thing: an output, a result table, a notebook, an artifact, with the digest of its bytes. */
export interface EvidenceItem {
  id: string;
  run: string | null;
  step: string | null;
  kind: string;
  name: string;
  mime: string;
  sha256: string;
  size: number;
  redactions: number;
  at: string;
}

/** All that is kept under an incident, in the order it was kept. */
export interface EvidenceList {
  incident: string;
  evidence: EvidenceItem[];
}

/** What a result should be. */
export interface Expectation {
  op: string;
  value: Json;
}

/** The state of an incident: a fold over its records up to ``n``. */
export interface Incident {
  id: string;
  n: number;
  number: number;
  runbook: string;
  title: string;
  runbook_version: string;
  runbook_sha256: string;
  severity: string | null;
  rehearsal: boolean;
  state: string;
  opened_at: string;
  opened_by: Actor;
  closed_at: string | null;
  focus: string | null;
  steps: StepState[];
  runs: string[];
  evidence: number;
}

/** Incidents, open ones first, newest first. */
export interface IncidentList {
  incidents: Incident[];
}

/** A file a run read, by its parameter. */
export interface InputFile {
  parameter: string;
  path: string;
  sha256: string;
  size: number;
}

/** Which version to install; the source's newest when none is named. */
export interface InstallRequest {
  version?: string | null;
}

/** One installed version. */
export interface Installed {
  slug: string;
  version: string;
  sha256: string;
  verified: boolean;
  path: string;
  files: number;
}

/** One key whole. */
export interface KeyDetail {
  slug: string;
  kind: string;
  title: string;
  version: string;
  source: string;
  entitled: boolean;
  installed: string[];
  update: string | null;
  category: string | null;
  maturity: string | null;
  outcome: string | null;
  severity: string | null;
  key_type: string[];
  tags: string[];
  description: string;
  versions: string[];
  readme: string;
  changelog: string;
  questions: string[];
  referenced_by: Reference[];
  references: Reference[];
}

/** A step's call of a key, in the runbook's words. */
export interface KeyReference {
  slug: string;
  input: string;
  output: string;
  questions: string[];
  when: string;
  next_steps: string;
  location: string;
}

/** One key of the catalogue. */
export interface KeyRow {
  slug: string;
  kind: string;
  title: string;
  version: string;
  source: string;
  entitled: boolean;
  installed: string[];
  update: string | null;
  category: string | null;
  maturity: string | null;
  outcome: string | null;
  severity: string | null;
  key_type: string[];
  tags: string[];
  description: string;
}

/** One appended record. ``seq`` counts within the incident, ``index`` in the whole ledger. */
export interface LedgerRecord {
  seq: number;
  index: number;
  at: string;
  monotonic: number;
  actor: Actor;
  type: string;
  step: string | null;
  data: { [key: string]: Json };
  leaf: string;
}

/** Which runbook to open an incident on. */
export interface OpenRequest {
  runbook: string;
  rehearsal?: boolean;
  claimed_name?: string | null;
}

/** The end of what a run has printed so far, from a byte offset. */
export interface OutputTail {
  text: string;
  offset: number;
  end: number;
}

/**
 * One declared parameter of a notebook.
 *
 * ``type`` is the declaration as a person reads it (``int | None``); ``default`` is JSON: a date is its ISO
 * text, a path its text; ``required`` is true when the cell declares the name without a value; ``computed`` is
 * true when the cell's default is no literal, so that only the kernel knows it and ``default`` is None. A secret
 * never has a default here.
 */
export interface Parameter {
  name: string;
  type: string;
  default: Json;
  required: boolean;
  title: string;
  help: string;
  unit: string | null;
  choices: Json[] | null;
  optional: boolean;
  secret: boolean;
  file: boolean;
  output_folder: boolean;
  minimum: number | null;
  maximum: number | null;
  pattern: string | null;
  computed: boolean;
}

/** All parameters of one notebook, with the schema of a form; ``cell`` is None where no cell is tagged. */
export interface ParameterSet {
  parameters: Parameter[];
  schema_: { [key: string]: Json };
  cell: number | null;
  language: string;
}

/** What one version of a key takes. */
export interface ParametersReply {
  slug: string | null;
  version: string | null;
  notebook: string;
  kernel: string;
  has_cell: boolean;
  parameters: Parameter[];
  json_schema: { [key: string]: Json };
}

/** One thing that is wrong with a source; the rest of the catalogue is not affected. */
export interface Problem {
  source: string;
  code: string;
  message: string;
  hint: string;
}

/** A key by name, with its title where it is known here. */
export interface Reference {
  slug: string;
  title: string | null;
}

/** One named result a key reports. */
export interface Result {
  name: string;
  label: string;
  value: number | string | boolean | null;
  unit: string | null;
  expected: Expectation | null;
  ok: boolean | null;
}

/** A run whole. ``n`` grows with every change, so that a reader can ask for what is newer. */
export interface Run {
  id: string;
  n: number;
  key: string;
  title: string;
  version: string;
  pack_sha256: string;
  mode: string;
  state: RunState;
  reason: string;
  requested_at: string;
  started_at: string | null;
  ended_at: string | null;
  folder: string;
  notebook: string;
  kernel: string;
  parameters: { [key: string]: Json };
  inputs: InputFile[];
  incident: string | null;
  step: string | null;
  cells: Cell[];
  results: Result[];
  artifacts: Artifact[];
  usual_seconds: number | null;
}

/** Runs, newest first. */
export interface RunList {
  runs: Run[];
}

/**
 * What to run, with which values, and for which step.
 *
 * ``id`` is a name the caller chooses: the same id again answers the same run instead of starting another.
 */
export interface RunRequest {
  key: string;
  version?: string | null;
  parameters?: { [key: string]: Json };
  nulls?: string[];
  kernel?: string | null;
  timeout?: number | null;
  cell_timeout?: number | null;
  incident?: string | null;
  step?: string | null;
  id?: string | null;
}

/** The states of a run; the last eight are terminal. */
export type RunState =
  | 'REQUESTED'
  | 'PREPARED'
  | 'STARTING'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'CELL_ERROR'
  | 'TIMED_OUT'
  | 'KERNEL_DIED'
  | 'CANCELLED'
  | 'START_FAILED'
  | 'CAPTURE_FAILED'
  | 'INTERRUPTED';

/** A runbook whole. */
export interface Runbook {
  slug: string;
  title: string;
  version: string;
  sha256: string;
  key_types: string[];
  severity: string | null;
  sections: Section[];
  artifacts: string[];
  do_not: string[];
}

/** All runbooks at hand. */
export interface RunbookList {
  runbooks: RunbookRow[];
}

/** One runbook of a list. */
export interface RunbookRow {
  slug: string;
  title: string;
  version: string;
  key_types: string[];
  severity: string | null;
  source: string;
  installed: string[];
}

/**
 * One section. ``text`` is the Markdown before its first step, ``branches`` are those of that text.
 *
 * ``name`` is the canonical name or "other".
 */
export interface Section {
  name: string;
  title: string;
  text: string;
  branches: Branch[];
  steps: Step[];
}

/** The server half: its version and where it keeps what. */
export interface Status {
  version: string;
  workspace: string;
  writable: boolean;
  demo: boolean;
  open_runs: number;
}

/** One numbered step of a section. ``text`` is its whole Markdown, nothing left out. */
export interface Step {
  id: string;
  number: string;
  title: string;
  text: string;
  when: string;
  action: string;
  commands: Command[];
  expected: string;
  branches: Branch[];
  keys: KeyReference[];
  reversible: boolean | null;
}

/** A step as it stands in one incident. */
export interface StepState {
  id: string;
  section: string;
  number: string;
  title: string;
  state: string;
  runs: string[];
  evidence: number;
  branches: BranchState[];
}

/** An incident's records in order. */
export interface Timeline {
  incident: string;
  records: LedgerRecord[];
}
