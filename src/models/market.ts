/**
 * What the panel knows of a marketplace; made when the panel or one of its commands first needs it.
 */

import { BrowseModel } from './browse';
import type { Desk } from './desk';
import { InstallsModel } from './installs';
import { PurchasesModel } from './purchase';
import { SessionModel } from './session';

/** The models of a marketplace. */
export class Market {
  constructor(desk: Desk) {
    this.session = new SessionModel(desk.api);
    this.installs = new InstallsModel(desk.api, desk.feed, desk.catalog);
    this.purchases = new PurchasesModel(desk.api, desk.catalog);
    this.browse = new BrowseModel(desk.catalog);
  }

  readonly session: SessionModel;
  readonly installs: InstallsModel;
  readonly purchases: PurchasesModel;
  readonly browse: BrowseModel;
}

const MADE = new WeakMap<Desk, Market>();

/** The models of a marketplace that belong to a desk: always the same ones. */
export function marketOf(desk: Desk): Market {
  const known = MADE.get(desk) ?? new Market(desk);
  MADE.set(desk, known);
  return known;
}
