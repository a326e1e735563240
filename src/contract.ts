// Generated from keys_jupyter/model by `python -m keys_jupyter.contract --write`; do not edit.

/** Any JSON value. */
export type Json =
  string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Something a person does in an incident.
 *
 * ``after`` is the last record the person saw: an act that rests on how things stood is refused when somebody changed
 * just that since. ``branch`` counts from 0 and goes with ``branch.taken``, together with what supported it where the
 * server cannot tell (``run``, ``result``); ``confirmation`` is what was typed for an irreversible action; ``timer``
 * and ``minutes`` go with ``timer.*`` and ``escalation.raised``; ``item`` with ``item.*``; ``to`` with
 * ``incident.handover`` and ``incident.claimed``; ``key`` with ``analysis.added``; ``name`` with ``incident.fact``.
 */
export interface Act {
  type: string;
  step?: string | null;
  text?: string;
  branch?: number | null;
  after?: number | null;
  confirmation?: string;
  run?: string | null;
  result?: string | null;
  timer?: string | null;
  minutes?: number | null;
  item?: string | null;
  to?: string | null;
  key?: string | null;
  name?: string | null;
  root_cause?: string;
  resolution?: string;
  verification?: string;
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

/** Something a rule found and a person said is not a secret: it was left as it is. */
export interface Allowed {
  rule: string;
  place: string;
  commitment: string;
  count: number;
  reason: string;
}

/** A file a run left behind. */
export interface Artifact {
  path: string;
  sha256: string;
  size: number;
}

/** Who asked for something, and when. */
export interface Asked {
  actor: Actor;
  at: string;
}

/** A file to keep as evidence: its bytes in base64 under a name, or a file of the workspace. */
export interface AttachRequest {
  name?: string;
  data?: string;
  path?: string | null;
  step?: string | null;
  text?: string;
}

/** One way on from a step. ``when`` is the author's own condition where one is written in a comment. */
export interface Branch {
  condition: string;
  outcome: string;
  goto: string | null;
  when: string | null;
}

/**
 * A branch of a step as it stands: whether its condition is true, and why we say so.
 *
 * ``result`` names the result that decided; ``why`` is what the person said who took it.
 */
export interface BranchState {
  condition: string;
  outcome: string;
  goto: string | null;
  true: boolean | null;
  suggested: boolean;
  reason: string;
  taken: boolean;
  result: string | null;
  taken_at: string | null;
  taken_by: string | null;
  why: string;
}

/** A step of an open incident that a notebook could belong to. */
export interface Candidate {
  incident: string;
  number: number;
  runbook: string;
  title: string;
  step: string;
  step_title: string;
}

/**
 * A key as a step calls it, in the runbook's words.
 *
 * ``runnable`` is false for keys of other tools: they are shown and fetched, and never executed here. ``code`` are
 * the step's own commands beside such a key.
 */
export interface Card {
  slug: string;
  kind: string;
  title: string | null;
  entitled: boolean;
  installed: string[];
  version: string | null;
  runnable: boolean;
  input: string;
  output: string;
  questions: string[];
  when: string;
  location: string;
  code: string[];
  problem: string;
}

/** The keys of one step, in its order. */
export interface CardList {
  step: string;
  cards: Card[];
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

/** What a version of a key changes, as its author wrote it; not ``known`` where that comes only with the key. */
export interface Changes {
  slug: string;
  version: string;
  text: string;
  known: boolean;
}

/** An incident's checklist with its state, as Markdown that can be printed. */
export interface Checklist {
  incident: string;
  n: number;
  markdown: string;
}

/** Where a key is bought. */
export interface CheckoutPage {
  slug: string;
  url: string;
}

/** Where a checkpoint goes, in words; and, where one is wanted, the older size to prove it from. */
export interface CheckpointRequest {
  outlet?: string;
  since?: number | null;
}

/**
 * How well the ledger is anchored elsewhere: its size and root, and when a checkpoint last left this machine.
 *
 * ``after`` counts the records since then; ``fingerprint`` is None until the key is first needed; ``meaning`` says
 * what that means.
 */
export interface CheckpointState {
  size: number;
  root: string;
  fingerprint: string | null;
  last_at: string | null;
  last_size: number | null;
  last_outlet: string | null;
  after: number;
  meaning: string;
}

/** A checkpoint to copy: ``text`` is what to keep; it holds the proof from an older size where one was asked for. */
export interface CheckpointText {
  text: string;
  size: number;
  root: string;
  origin: string;
  fingerprint: string;
  at: string;
}

/** Which finding is no secret, by its commitment or the beginning of it, and why. */
export interface ClearRequest {
  commitment: string;
  reason: string;
}

/** That a person decided that a finding is no secret, and why. */
export interface Clearing {
  reason: string;
  by: string;
  at: string;
}

/** What was said when the incident was closed, and what was missing then. */
export interface Closing {
  at: string;
  by: string;
  root_cause: string;
  resolution: string;
  verification: string;
  missing: string[];
}

/** A notebook of the workspace to collect; where it belongs, if it is not the notebook of a run. */
export interface CollectRequest {
  path: string;
  incident?: string | null;
  step?: string | null;
}

/**
 * What collecting a notebook kept; ``already`` counts what was there from before.
 *
 * ``standing`` says what it cannot prove.
 */
export interface Collection {
  path: string;
  incident: string | null;
  step: string | null;
  run: string | null;
  kept: EvidenceItem[];
  already: number;
  redactions: number;
  standing: string;
  summary: string;
}

/** One command of a code fence: what a person would enter at once. */
export interface Command {
  text: string;
  language: string;
  lines: number;
  placeholders: string[];
}

/** Two runs of one key side by side; ``summary`` is one sentence. */
export interface Comparison {
  left: string;
  right: string;
  key: string;
  facts: Difference[];
  parameters: Difference[];
  results: Difference[];
  outputs: Difference[];
  cells: Difference[];
  summary: string;
}

/**
 * Incidents by framework and month of their opening: ``rows`` holds the counts by framework, then by month.
 *
 * An incident counts once for each framework its runbook names, so the counts of a month can add up to more than the
 * incidents in it; nothing is counted that no runbook names. ``start`` and ``end`` are the first and the last day.
 */
export interface Compliance {
  start: string;
  end: string;
  months: string[];
  rows: { [key: string]: { [key: string]: number } };
  incidents: ComplianceRow[];
  runbooks: string[];
  severities: string[];
}

/**
 * Which incidents to count: opened from a day to a day, of one runbook, of one severity; None for all.
 *
 * ``rehearsal`` is no, only or all.
 */
export interface ComplianceRequest {
  start: string | null;
  end: string | null;
  runbook: string | null;
  severity: string | null;
  rehearsal: string;
}

/** One incident as an auditor counts it; ``controls`` are the frameworks that its runbook names. */
export interface ComplianceRow {
  id: string;
  number: number;
  title: string;
  runbook: string;
  version: string;
  severity: string | null;
  rehearsal: boolean;
  opened_at: string;
  opened_by: string;
  closed_at: string | null;
  records: number;
  runs: number;
  evidence: number;
  controls: string[];
}

/**
 * Which run, incident and step a notebook belongs to; ``run`` is None for a notebook of no run.
 *
 * ``copy_of`` names the run whose notebook this is a copy of. ``attached`` says that a person put the run under its
 * step afterwards. ``candidates`` are the steps of open incidents that call this notebook's key, where it belongs to
 * none; ``runbooks`` are the runbooks that call it.
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
  attached: boolean;
  candidates: Candidate[];
  runbooks: Reference[];
}

/** A notebook by its path in the workspace and the run named in its metadata. */
export interface ContextRequest {
  path: string;
  run?: string | null;
}

/** The name of the copy; made from the original's when none is given. */
export interface CustomiseRequest {
  name?: string | null;
}

/** A copy of a runbook in the workspace, and what it was made from. */
export interface Customised {
  slug: string;
  path: string;
  origin: string;
  origin_version: string;
  origin_sha256: string;
}

/** A row of a list that cannot be installed, as far as it could be read. */
export interface DamagedRow {
  slug: string;
  title: string;
  reason: string;
}

/** One line of a comparison; ``change`` is same, changed, added or removed, ``by`` the difference of two numbers. */
export interface Difference {
  name: string;
  left: Json;
  right: Json;
  change: string;
  by: number | null;
}

/** What a customised runbook says otherwise than its original; ``outdated`` when the original moved on. */
export interface Differences {
  slug: string;
  origin: string;
  origin_version: string;
  same: boolean;
  outdated: boolean;
  sections: SectionDifference[];
}

/** The right to fetch one key, judged by our own clock. */
export interface Entitlement {
  slug: string;
  state: string;
  expires_at: string | null;
  tenant: string | null;
  stale_since: string | null;
}

/**
 * What a run's kernel had around it when the run was prepared.
 *
 * ``python`` is None where the kernel is not a Python of this machine; ``image`` names the container image
 * where the system tells one.
 */
export interface Environment {
  kernel: string;
  language: string;
  python: string | null;
  packages: Package[];
  system: string;
  machine: string;
  image: string | null;
}

/** The one shape of every error; ``problems`` says which parameters are wrong, where it is about them. */
export interface ErrorReply {
  code: string;
  message: string;
  hint: string;
  request_id: string;
  problems: ParameterProblem[];
}

/**
 * One kept thing: an output, a result table, a notebook, an artifact, with the digest of its bytes.
 *
 * ``redactions`` counts what was taken out of it; ``scanned`` is false where nobody could look, as in a picture;
 * ``standing`` says what it cannot prove, where that is less than usual.
 */
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
  scanned: boolean;
  standing: string;
}

/** All that is kept under an incident, in the order it was kept. */
export interface EvidenceList {
  incident: string;
  evidence: EvidenceItem[];
}

/**
 * A kept thing to be looked at: nothing of it is to be executed.
 *
 * ``form`` is text, image, other or absent. ``text`` is its beginning where it is text, HTML and SVG among it;
 * ``data`` a picture's bytes in base64. ``cut`` when there is more than is shown. ``redaction`` is None where nobody
 * recorded one.
 */
export interface EvidencePreview {
  item: EvidenceItem;
  form: string;
  text: string;
  data: string;
  cut: boolean;
  redaction: RedactionReport | null;
  note: string;
}

/** What a result should be. */
export interface Expectation {
  op: string;
  value: Json;
}

/** What an export wrote that ended lately, for a page that was loaded while it went on. */
export interface ExportEnded {
  id: string;
  exported: Exported;
}

/**
 * One export that is going on: ``done`` of ``total`` bytes of its phase.
 *
 * ``id`` is the incident, or ``period-`` with its two days. ``collecting`` compares kept files with their digests and
 * looks for secrets where that was not done before, ``measuring`` makes the files of the bundle, ``writing`` writes them.
 */
export interface ExportProgress {
  id: string;
  phase: string;
  done: number;
  total: number;
}

/** Which state of an incident to export: its record ``at``, or its newest. */
export interface ExportRequest {
  at?: number | null;
}

/**
 * A bundle that was written.
 *
 * ``at`` is the last record of the incident in it, None for a period; ``warnings`` say what had to be taken out only
 * now, and where the export could not be recorded; ``missing`` what the runbook asks for and nothing shows; ``name``
 * what the bundle calls itself; ``download`` its route, as the other routes are told below this extension's own
 * address, where it lies in the workspace's folder for evidence; else None.
 */
export interface Exported {
  path: string;
  download: string | null;
  sha256: string;
  size: number;
  name: string;
  at: number | null;
  counts: { [key: string]: number };
  missing: string[];
  warnings: string[];
  checkpoint: string;
  fingerprint: string;
}

/** The exports that are going on in this server, and the last of those that were written. */
export interface ExportingList {
  exporting: ExportProgress[];
  ended: ExportEnded[];
}

/** The text of an alert, or words of a person. */
export interface FindRequest {
  text: string;
}

/** One thing that checking found in a runbook's text. */
export interface Finding {
  path: string;
  line: number;
  code: string;
  message: string;
}

/** What redaction found in all that is kept under an incident, in the order it was found. */
export interface FindingList {
  incident: string;
  findings: RedactionFinding[];
}

/** One person passing the incident to another. */
export interface Handover {
  at: string;
  by: string;
  to: string;
  text: string;
}

/**
 * The state of an incident: a fold over its records up to ``n``, with timers as of ``now``.
 *
 * ``next_due`` is when the next running timer comes due. ``missing`` are the artifacts that the runbook asks for and
 * nothing shows. ``amended`` says that something was recorded after the incident was closed.
 */
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
  now: string;
  trigger: string;
  symptoms: string;
  facts: { [key: string]: string };
  owner: string | null;
  notes: Note[];
  handovers: Handover[];
  linked: Link[];
  timers: Timer[];
  next_due: string | null;
  items: ItemState[];
  missing: string[];
  closing: Closing | null;
  amended: boolean;
  newer: Newer[];
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

/** One install that is going on: waiting for another process, or so many bytes of so many. */
export interface InstallProgress {
  slug: string;
  waiting: boolean;
  bytes: number;
  total: number | null;
}

/** Which version to install; the newest when none is named. */
export interface InstallRequest {
  version?: string | null;
}

/**
 * One installed version.
 *
 * ``verified`` says that a digest was published and these bytes have it; without one the bytes are pinned as they
 * first came.
 */
export interface Installed {
  slug: string;
  version: string;
  sha256: string;
  verified: boolean;
  path: string;
  files: number;
  source: string;
}

/** What is installed in this workspace. */
export interface InstalledList {
  installed: InstalledRow[];
}

/** One version in this workspace: whether it is the one in use, and which of its files a person edited. */
export interface InstalledRow {
  slug: string;
  version: string;
  default: boolean;
  sha256: string;
  verified: boolean;
  source: string;
  path: string;
  edited: string[];
}

/** One installation into a kernel's environment; ``log`` is the end of what it printed. */
export interface Installing {
  id: string;
  kernel: string;
  state: string;
  exit_code: number | null;
  log: string;
  requirements: string[];
  asked: Asked;
  ended_at: string | null;
}

/** The installs that are going on in this server. */
export interface InstallingList {
  installing: InstallProgress[];
}

/** Which key's requirements to install, into which kernel; the notebook's own when None. */
export interface InstallingRequest {
  version?: string | null;
  kernel?: string | null;
}

/**
 * One line of what is to be kept or written down.
 *
 * ``kind`` is artifact or entry; ``state`` is missing, part, kept (evidence of this incident shows it) or ticked (a
 * person says so). ``have`` and ``lack`` name what is there and what is not.
 */
export interface ItemState {
  id: string;
  kind: string;
  text: string;
  state: string;
  have: string[];
  lack: string[];
  at: string | null;
  by: string | null;
}

/** One key whole; ``preview`` says whether one may be asked for. */
export interface KeyDetail {
  slug: string;
  kind: string;
  title: string;
  version: string;
  source: string;
  entitled: boolean;
  installed: string[];
  update: string | null;
  breaking: boolean;
  category: string | null;
  maturity: string | null;
  outcome: string | null;
  severity: string | null;
  key_type: string[];
  tags: string[];
  description: string;
  right: string;
  right_until: string | null;
  blocked: string;
  about: string;
  versions: string[];
  readme: string;
  preview: boolean;
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

/**
 * One key of the catalogue.
 *
 * ``update`` is a newer version than the one in use; ``breaking`` says that its major number grew. ``right`` is the
 * right to fetch it as last heard, until ``right_until``; ``blocked`` says why it cannot be installed. ``about`` is what
 * it is for, in its own words, for searching: questions it answers, when to use it, symptoms, alert names.
 */
export interface KeyRow {
  slug: string;
  kind: string;
  title: string;
  version: string;
  source: string;
  entitled: boolean;
  installed: string[];
  update: string | null;
  breaking: boolean;
  category: string | null;
  maturity: string | null;
  outcome: string | null;
  severity: string | null;
  key_type: string[];
  tags: string[];
  description: string;
  right: string;
  right_until: string | null;
  blocked: string;
  about: string;
}

/** One version a marketplace has of a key. */
export interface KeyVersion {
  version: string;
  created_at: string | null;
  current: boolean;
}

/**
 * One appended record. ``seq`` counts within the incident, ``index`` in the whole ledger.
 *
 * ``text`` says the record in one sentence; it is made for the reader and is no part of what is hashed.
 */
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
  text: string;
}

/** Another incident that this one led to, or came from; ``upto`` is the record it was at. */
export interface Link {
  incident: string;
  number: number;
  runbook: string;
  title: string;
  direction: string;
  at: string;
  upto: number;
  step: string | null;
}

/** Which runbook to go on with in a linked incident, from which step, and why. */
export interface LinkRequest {
  runbook: string;
  step?: string | null;
  text?: string;
}

/** What checking a runbook found; ``ok`` when there is no problem, whatever the notes say. */
export interface LintReport {
  slug: string;
  ok: boolean;
  problems: Finding[];
  notes: Finding[];
}

/** A runbook found for a text, with the words that led to it; the highest ``score`` fits best. */
export interface Match {
  slug: string;
  title: string;
  severity: string | null;
  source: string;
  score: number;
  reasons: string[];
  warning: string;
}

/** Runbooks ranked for a text, best first; none where nothing fits. */
export interface MatchList {
  matches: Match[];
}

/** A runbook of this name with other words than the pinned one; it is never taken by itself. */
export interface Newer {
  runbook: string;
  version: string;
  source: string;
  sha256: string;
}

/** A place nobody looked into, and why. */
export interface NotScanned {
  place: string;
  mime: string;
  reason: string;
}

/** Words somebody left at a step, or at the incident when they belong to no step. */
export interface Note {
  at: string;
  by: string;
  text: string;
}

/**
 * Which runbook to open an incident on, and what called for it.
 *
 * ``trigger`` is the alert's own text; ``facts`` are values known from the start, such as those of a link that were
 * shown and confirmed.
 */
export interface OpenRequest {
  runbook: string;
  rehearsal?: boolean;
  claimed_name?: string | null;
  trigger?: string;
  symptoms?: string;
  facts?: { [key: string]: string };
}

/** The keys of this workspace that have a newer version. */
export interface OutdatedList {
  outdated: OutdatedRow[];
}

/** A key with a newer version than the one in use; ``breaking`` when its major number grew. */
export interface OutdatedRow {
  slug: string;
  title: string;
  version: string;
  newest: string;
  source: string;
  breaking: boolean;
}

/** The end of what a run has printed so far, from a byte offset. */
export interface OutputTail {
  text: string;
  offset: number;
  end: number;
}

/** One installed package of an environment. */
export interface Package {
  name: string;
  version: string;
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

/** What is wrong with one parameter, so that a form can say it at its field. */
export interface ParameterProblem {
  name: string;
  code: string;
  message: string;
  hint: string;
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

/** From which day to which, both included, in UTC. */
export interface PeriodRequest {
  start: string;
  end: string;
}

/** Values for a key's form from what this incident already knows; ``origin`` says by name where each is from. */
export interface Prefill {
  key: string;
  values: { [key: string]: Json };
  origin: { [key: string]: string };
}

/** The preview of a key as its publisher wrote it: HTML that is not safe and belongs into a sandbox. */
export interface Preview {
  slug: string;
  html: string;
}

/** One thing that is wrong with a source; the rest of the catalogue is not affected. */
export interface Problem {
  source: string;
  code: string;
  message: string;
  hint: string;
}

/** Whether a runbook could be worked now: every check, and ``ready`` when all that could be looked at hold. */
export interface Readiness {
  runbook: string;
  title: string;
  version: string;
  ready: boolean;
  checks: keys_jupyter__model__working__Check[];
}

/**
 * One secret that was replaced at one place, however often it stood there.
 *
 * The commitment is HMAC-SHA256 of the secret, keyed with a salt that is kept apart; with both, a reviewer can
 * prove later what was there.
 */
export interface Redaction {
  rule: string;
  place: string;
  commitment: string;
  count: number;
  length: string;
}

/**
 * A secret that was found in kept things: by rule and commitment, never by itself.
 *
 * ``items`` are the kept things it was taken out of, or left in once it was cleared; ``held`` when it is a secret that
 * this server holds itself, which nobody can clear.
 */
export interface RedactionFinding {
  commitment: string;
  rule: string;
  length: string;
  count: number;
  items: string[];
  held: boolean;
  cleared: Clearing | null;
}

/** What was replaced, left on purpose, suspected and not looked into, with the digest of what was before. */
export interface RedactionReport {
  rules: string;
  original_sha256: string;
  redactions: Redaction[];
  allowed: Allowed[];
  suspicions: Suspicion[];
  not_scanned: NotScanned[];
}

/** A key by name, with its title where it is known here. */
export interface Reference {
  slug: string;
  title: string | null;
}

/** Versions that were taken away, and where a person's own files of them were kept. */
export interface Removed {
  slug: string;
  versions: string[];
  kept: string[];
}

/** One line of a key's requirements.txt beside what the kernel has; ``found`` is None where it has none. */
export interface RequiredPackage {
  name: string;
  wanted: string;
  found: string | null;
  satisfied: boolean;
}

/**
 * A key's requirements beside one kernel's environment.
 *
 * ``known`` is False where the environment cannot be looked at, and ``note`` says why. ``refused`` are lines that
 * are no plain ``name and version``: they are neither compared nor ever installed. ``installing`` is the last
 * installation into this kernel, whichever key it was for.
 */
export interface Requirements {
  slug: string;
  version: string;
  kernel: string;
  known: boolean;
  note: string;
  python: string | null;
  packages: RequiredPackage[];
  missing: number;
  refused: string[];
  installing: Installing | null;
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

/**
 * A run whole. ``n`` grows with every change, so that a reader can ask for what is newer.
 *
 * ``queue_position`` counts from 1 while the run waits for its turn in the process that was asked. ``notes``
 * say what the record of this run cannot prove, such as the order of cells that a person ran.
 */
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
  queue_position: number | null;
  cancelled_by: Asked | null;
  notes: string[];
}

/** A run that was begun outside any step, and the step it belongs to. */
export interface RunAttachRequest {
  run: string;
  incident: string;
  step: string;
}

/** Runs, newest first. */
export interface RunList {
  runs: Run[];
}

/**
 * What to run, with which values, and for which step.
 *
 * ``id`` is a name the caller chooses: the same id again answers the same run instead of starting another.
 * ``mode`` interactive prepares the same copy and starts nothing: the person opens it, runs it, and has it
 * collected. ``secrets`` are values that only the kernel may know; a secret parameter's value may also stand
 * in ``parameters``. Neither is written anywhere.
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
  mode?: string;
  secrets?: { [key: string]: string };
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

/**
 * One runbook of a list.
 *
 * ``path`` is where a runbook of the workspace lies, ``origin`` the one it was customised from.
 */
export interface RunbookRow {
  slug: string;
  title: string;
  version: string;
  key_types: string[];
  severity: string | null;
  source: string;
  installed: string[];
  path: string | null;
  origin: string | null;
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

/** What one section of a customised runbook says otherwise: a unified difference; ``change`` in one word. */
export interface SectionDifference {
  section: string;
  title: string;
  change: string;
  diff: string;
}

/**
 * Who we are at a marketplace, as last heard from it.
 *
 * ``unreachable`` says nothing about the token: it is kept, and what it opened stays open.
 */
export interface Session {
  state: string;
  marketplace: string | null;
  tenant: string | null;
  tenant_type: string | null;
  expires_at: string | null;
  masked: string | null;
  place: string | null;
  code: string;
  message: string;
  hint: string;
  warning: string;
  password_sign_in: boolean;
}

/** An API key, or e-mail and password; sent once and never answered back. */
export interface SignInRequest {
  marketplace?: string | null;
  key?: string | null;
  email?: string | null;
  password?: string | null;
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

/**
 * A step as it stands in one incident.
 *
 * ``confirmation`` is what must be typed before an irreversible action can be done; ``unlocked`` says that it was.
 * ``undoable`` says that there is a mark or a branch to take back. ``marked_at``, ``marked_by`` and ``text`` say
 * when the mark was set, by whom, and why.
 */
export interface StepState {
  id: string;
  section: string;
  number: string;
  title: string;
  state: string;
  runs: string[];
  evidence: number;
  branches: BranchState[];
  label: string;
  keys: string[];
  marked_at: string | null;
  marked_by: string | null;
  text: string;
  notes: Note[];
  reversible: boolean | null;
  confirmation: string | null;
  unlocked: boolean;
  undoable: boolean;
}

/** A key that does a kind of analysis usual for this type of runbook; ``called`` when a step calls it already. */
export interface SuitedKey {
  kind: string;
  key_type: string;
  slug: string;
  title: string;
  entitled: boolean;
  installed: string[];
  called: boolean;
}

/** The keys that suit an incident's runbook; ``unknown`` are kinds of analysis no key at hand does. */
export interface SuitedList {
  keys: SuitedKey[];
  unknown: string[];
}

/** Values at one place that look random but follow no rule: they were left as they are. */
export interface Suspicion {
  place: string;
  count: number;
}

/** An incident's records in order. */
export interface Timeline {
  incident: string;
  records: LedgerRecord[];
}

/**
 * Something that comes due, by the server's clock.
 *
 * ``kind`` is window (a verification window), escalation (a trigger of the runbook), or reminder (set by a person).
 * ``state`` is waiting (nothing started it yet), running, due, overdue, raised, stopped, done, or listed (a trigger
 * without a time). ``words`` are the runbook's own.
 */
export interface Timer {
  id: string;
  kind: string;
  title: string;
  words: string;
  step: string | null;
  minutes: number | null;
  started_at: string | null;
  due_at: string | null;
  state: string;
  reason: string;
}

/** Which installed version to use from now on. */
export interface UseRequest {
  version: string;
}

/**
 * What a bundle's verification came to; ``bundle`` is what it calls itself, unless it fails.
 *
 * "not proved" is said where all of its own checks hold and the held checkpoint is of a later state.
 */
export interface Verified {
  ok: boolean;
  verdict: string;
  checks: keys_jupyter__model__bundle__Check[];
  missing: string[];
  limits: string[];
  bundle: { [key: string]: Json };
}

/**
 * A bundle to verify: a file of the workspace, or its bytes in base64; exactly one of the two.
 *
 * ``against`` is the text of a checkpoint that somebody kept, ``key`` the fingerprint that the key should have.
 */
export interface VerifyRequest {
  path?: string | null;
  data?: string | null;
  against?: string | null;
  key?: string | null;
}

/**
 * One thing that was checked; ``ok`` where it holds.
 *
 * What the bundle cannot show, and nothing speaks against, is "not proved".
 */
export interface keys_jupyter__model__bundle__Check {
  name: string;
  ok: boolean;
  verdict: string;
  detail: string;
}

/** One thing that was looked at; ``key`` is None for what concerns all, ``looked`` False where it could not be. */
export interface keys_jupyter__model__working__Check {
  key: string | null;
  name: string;
  ok: boolean;
  message: string;
  hint: string;
  looked: boolean;
}
