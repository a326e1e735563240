/**
 * The names of the commands on evidence; apart from the others, so that they are not loaded at the start.
 */

/** The names of the commands on evidence. */
export namespace EvidenceCommands {
  export const item = 'keys-jupyter:show-evidence';
  export const attach = 'keys-jupyter:attach-evidence';
  export const collect = 'keys-jupyter:collect-notebook';
  export const stop = 'keys-jupyter:cancel-export';
  export const openExport = 'keys-jupyter:export-bundle';
  export const clear = 'keys-jupyter:clear-finding';
  export const write = 'keys-jupyter:write-bundle';
  export const period = 'keys-jupyter:export-period';
  export const verify = 'keys-jupyter:verify-bundle';
  export const checkpoint = 'keys-jupyter:show-checkpoint';
  export const copyCheckpoint = 'keys-jupyter:copy-checkpoint';
  export const compliance = 'keys-jupyter:show-compliance';
  export const compare = 'keys-jupyter:compare-runs';
}
