/**
 * What the commands of the marketplace do; loaded when the first of them is used.
 */

import { Notification } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import type { ICommandSurroundings } from './commands/surroundings';
import type { Changes, Session } from './contract';
import { confirmSignOut, showAccount } from './dialogs/account';
import { SignInDialog } from './dialogs/signin';
import type { IStep } from './dialogs/versions';
import {
  confirmChanges,
  confirmFetch,
  confirmRemoval
} from './dialogs/versions';
import { hostWords } from './marketwords';
import { updateOf } from './models/filter';
import type { Market } from './models/market';
import { marketOf } from './models/market';
import { titleWords } from './names';
import { request } from './request';

/** What these commands work with. */
export interface IMarketSurroundings extends ICommandSurroundings {
  rendermime: IRenderMimeRegistry | null;
}

/** The acts of a person on a marketplace and on versions. */
export class MarketActs {
  constructor(private _options: IMarketSurroundings) {
    this._market = marketOf(_options.desk);
  }

  /** Ask for a credential until one is valid or a person leaves. */
  async signIn(): Promise<void> {
    const { desk, trans } = this._options;
    const { session } = this._market;
    await session.ensure();
    const dialog = new SignInDialog(session, trans);
    await dialog.launch().finally(() => dialog.dispose());
    if (dialog.session !== null) {
      this._warn(dialog.session);
      desk.announce(
        trans.__('Signed in at %1.', hostWords(dialog.session.marketplace))
      );
      await desk.attempt(() => desk.catalog.refresh());
    }
  }

  /** Show who one is, and do what a person wants about it. */
  async account(): Promise<void> {
    const { session } = this._market;
    await session.ensure();
    if (session.session === null || session.session.masked === null) {
      return this.signIn();
    }
    const wish = await showAccount(this._options.trans, session.session);
    if (wish === 'out') {
      await this.signOut();
    } else if (wish === 'in') {
      await this.signIn();
    }
  }

  /** Sign out, when a person confirms it. */
  async signOut(): Promise<void> {
    const { desk, trans } = this._options;
    const { session } = this._market;
    await session.ensure();
    const known = session.session;
    if (known !== null && (await confirmSignOut(trans, known))) {
      await desk.attempt(async () => {
        this._warn(await session.signOut());
        desk.announce(trans.__('Signed out. Installed keys stay.'));
        await desk.catalog.refresh();
      });
    }
  }

  /** Ask the marketplace for everything anew. */
  async ask(): Promise<void> {
    const { desk } = this._options;
    await desk.attempt(async () => {
      await this._market.session.ask();
      await desk.catalog.refresh();
    });
  }

  /** Stop an install. */
  async cancelInstall(slug: string): Promise<void> {
    await this._options.desk.attempt(() => this._market.installs.stop(slug));
  }

  /** Install a version beside those there are; of a breaking one the changes are shown before it is used. */
  async update(slug: string, version: string | null): Promise<void> {
    const { desk } = this._options;
    await desk.catalog.ensure();
    const row = desk.catalog.row(slug);
    const to = version ?? (row && updateOf(row));
    if (row === null || to === null) {
      return;
    }
    const from = row.installed[row.installed.length - 1];
    const step = { title: titleWords(row.title), from, to };
    await desk.attempt(async () => {
      if (from === undefined || !isBreaking(from, to)) {
        await this._install(slug, to);
      } else {
        await this._takeBreaking(slug, step);
      }
    });
  }

  /** Use an installed version. */
  async use(slug: string, version: string): Promise<void> {
    const { desk, trans } = this._options;
    await desk.attempt(async () => {
      await this._market.installs.use(slug, version);
      desk.announce(trans.__('%1 %2 is in use.', slug, version));
    });
  }

  /** Take a version away, when a person confirms it. */
  async remove(slug: string, version: string): Promise<void> {
    const { desk, trans } = this._options;
    const { installs } = this._market;
    await desk.attempt(async () => {
      await Promise.all([installs.load(), desk.catalog.ensure()]);
      const row = installs.of(slug)?.find(one => one.version === version);
      const title = titleWords(desk.catalog.row(slug)?.title ?? slug);
      if (row === undefined || !(await confirmRemoval(trans, title, row))) {
        return;
      }
      const { kept } = await installs.remove(slug, version);
      const gone = trans.__('%1 %2 is removed.', title, version);
      if (kept.length > 0) {
        const where = trans.__('Your own files are in %1.', kept.join(', '));
        Notification.info(`${gone} ${where}`, { autoClose: false });
      }
      desk.announce(gone);
    });
  }

  /** Open the checkout of a key and look for the right to it. */
  async buy(slug: string): Promise<void> {
    const { desk, trans } = this._options;
    await desk.attempt(async () => {
      const { url } = await this._market.purchases.begin(slug);
      window.open(url, '_blank', 'noopener,noreferrer');
      desk.announce(
        trans.__('The checkout is open in another tab. Looking for the right.')
      );
    });
  }

  /** Look for a right no longer. */
  stopLooking(slug: string): void {
    this._market.purchases.stop(slug);
  }

  private async _install(slug: string, version: string): Promise<boolean> {
    const { desk, trans } = this._options;
    const installed = await desk.catalog.install(slug, version);
    desk.announce(
      installed === null
        ? trans.__('Cancelled. Nothing was left behind.')
        : trans.__('%1 %2 is installed.', slug, version)
    );
    return installed !== null;
  }

  /** The changes first where they can be read, else the version first and the old one in use meanwhile. */
  private async _takeBreaking(slug: string, step: IStep): Promise<void> {
    const { desk, trans, rendermime } = this._options;
    const { installs } = this._market;
    const told = await this._changes(slug, step.to);
    if (told.known) {
      if (await confirmChanges(trans, rendermime, step, told.text)) {
        await this._install(slug, step.to);
      }
      return;
    }
    if (!(await confirmFetch(trans, step))) {
      return;
    }
    if (!(await this._install(slug, step.to))) {
      return;
    }
    await installs.use(slug, step.from);
    const { text } = await this._changes(slug, step.to);
    if (await confirmChanges(trans, rendermime, step, text)) {
      await installs.use(slug, step.to);
      desk.announce(trans.__('%1 %2 is in use.', slug, step.to));
    }
  }

  /** What a version changes, as far as that is known before it is fetched. */
  private _changes(slug: string, version: string): Promise<Changes> {
    const [name, at] = [slug, version].map(encodeURIComponent);
    const { settings } = this._options.desk.api;
    return request(settings, `keys/${name}/changes/${at}`);
  }

  /** What a person should know, said once by the server and once here. */
  private _warn(session: Session): void {
    if (session.warning) {
      Notification.warning(session.warning, { autoClose: false });
    }
  }

  private _market: Market;
}

/** Whether what worked with one version may not work with another. */
export function isBreaking(from: string, to: string): boolean {
  return from.split('.')[0] !== to.split('.')[0];
}
