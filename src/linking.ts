/**
 * Follows the link an alert carries: once per page load, after what was there before came back.
 */

import { readLink, withoutLink } from './models/deeplink';
import type { Desk } from './models/desk';

/** Show what a link asks for; nothing is started, and no value is used before a person agreed. */
export async function followLink(options: {
  desk: Desk;
  search: string;
  reveal: () => Promise<void>;
}): Promise<void> {
  const { desk, reveal } = options;
  const link = readLink(options.search);
  if (link === null) {
    return;
  }
  const { runbook, step, values } = link;
  desk.navigation.home();
  desk.navigation.go({
    view: 'runbook',
    slug: runbook,
    call: { trigger: '', step, values }
  });
  // The panel keeps the target from here on; the address must not bring it back over what comes after.
  const { pathname, search, hash } = window.location;
  const address = withoutLink(pathname + search + hash);
  window.history.replaceState(window.history.state, '', address);
  await reveal();
}
