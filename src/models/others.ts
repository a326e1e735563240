/**
 * What several people at one incident need: which records of others matter, and acts that came too late.
 */

import type { Act } from '../contract';
import type { KeysError } from '../request';

/** An act that was refused because somebody was faster. */
export interface IStale {
  act: Act;
  /** What was recorded meanwhile, in the server's words. */
  error: KeysError;
}

/** Records of others that change what a person is looking at. */
export const NEWS =
  /^(step\.(focus|done|failed|skipped|undone)|branch\.taken|action\.confirmed|incident\.(claimed|handover|closed|reopened|fact|linked)|escalation\.raised|timer\.(postponed|stopped)|analysis\.added)$/;
