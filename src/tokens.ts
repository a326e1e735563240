/**
 * What other extensions may use: the models behind the panel, and the command names.
 */

import { Token } from '@lumino/coreutils';

import type { Desk } from './models/desk';

/** The models behind the Keys panel. */
export type IKeys = Desk;

/** The token of the models behind the Keys panel. */
export const IKeys = new Token<IKeys>(
  'keys-jupyter:IKeys',
  'The catalogue, runs, incidents and current notebook of the Keys panel.'
);

/** The id of the panel's widget. */
export const PANEL_ID = 'keys-jupyter:panel';

/** The MIME type of a key's results. */
export const RESULT_MIME = 'application/vnd.keys.result+json';

/** The names of our commands. */
export namespace CommandIDs {
  export const openPanel = 'keys-jupyter:open-panel';
  export const home = 'keys-jupyter:show-home';
  export const back = 'keys-jupyter:go-back';
  export const refresh = 'keys-jupyter:refresh';
  export const search = 'keys-jupyter:search';
  export const openKey = 'keys-jupyter:open-key';
  export const installKey = 'keys-jupyter:install-key';
  export const runKey = 'keys-jupyter:run-key';
  export const startRun = 'keys-jupyter:start-run';
  export const runAgain = 'keys-jupyter:run-again';
  export const collectRun = 'keys-jupyter:collect-run';
  export const installRequirements = 'keys-jupyter:install-requirements';
  export const openRun = 'keys-jupyter:open-run';
  export const cancelRun = 'keys-jupyter:cancel-run';
  export const openRunNotebook = 'keys-jupyter:open-run-notebook';
  export const thisNotebook = 'keys-jupyter:show-this-notebook';
  export const openRunbook = 'keys-jupyter:open-runbook';
  export const startIncident = 'keys-jupyter:start-incident';
  export const openIncident = 'keys-jupyter:open-incident';
  export const lookAtStep = 'keys-jupyter:look-at-step';
  export const showMap = 'keys-jupyter:show-map';
  export const showWayOut = 'keys-jupyter:show-rollback';
  export const focusStep = 'keys-jupyter:focus-step';
  export const markDone = 'keys-jupyter:mark-done';
  export const markFailed = 'keys-jupyter:mark-failed';
  export const markSkipped = 'keys-jupyter:mark-skipped';
  export const addNote = 'keys-jupyter:add-note';
  export const takeBranch = 'keys-jupyter:take-branch';
  export const reachBranch = 'keys-jupyter:reach-branch';
  export const openCatalogue = 'keys-jupyter:open-catalogue';
  export const signIn = 'keys-jupyter:sign-in';
  export const signOut = 'keys-jupyter:sign-out';
  export const showAccount = 'keys-jupyter:show-account';
  export const askMarketplace = 'keys-jupyter:ask-marketplace';
  export const cancelInstall = 'keys-jupyter:cancel-install';
  export const updateKey = 'keys-jupyter:update-key';
  export const useVersion = 'keys-jupyter:use-version';
  export const removeKey = 'keys-jupyter:remove-key';
  export const buyKey = 'keys-jupyter:buy-key';
  export const stopLooking = 'keys-jupyter:stop-looking';
  export const copyCommand = 'keys-jupyter:copy-command';
  export const toTerminal = 'keys-jupyter:put-on-terminal';
  export const putOnPrompt = 'keys-jupyter:put-on-prompt';
  export const undo = 'keys-jupyter:undo-mark';
  export const confirmAction = 'keys-jupyter:confirm-action';
  export const attachFile = 'keys-jupyter:attach-file';
  export const attachRun = 'keys-jupyter:attach-run';
  export const linkRunbook = 'keys-jupyter:link-runbook';
  export const addAnalysis = 'keys-jupyter:add-analysis';
  export const addFact = 'keys-jupyter:add-fact';
  export const tickItem = 'keys-jupyter:tick-item';
  export const startTimer = 'keys-jupyter:start-timer';
  export const stopTimer = 'keys-jupyter:stop-timer';
  export const postponeTimer = 'keys-jupyter:postpone-timer';
  export const escalate = 'keys-jupyter:escalate';
  export const claim = 'keys-jupyter:claim-incident';
  export const handOver = 'keys-jupyter:hand-over-incident';
  export const closeIncident = 'keys-jupyter:close-incident';
  export const reopenIncident = 'keys-jupyter:reopen-incident';
  export const noteIncident = 'keys-jupyter:add-incident-note';
  export const openWide = 'keys-jupyter:open-wide';
  export const printChecklist = 'keys-jupyter:print-checklist';
  export const customise = 'keys-jupyter:customise-runbook';
  export const incidentMenu = 'keys-jupyter:show-incident-menu';
  export const showKeyboard = 'keys-jupyter:show-keyboard-help';
}
