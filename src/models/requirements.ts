/**
 * What keys need of a kernel: which packages are there, which are missing, and one installation at a time.
 */

import type { KeysApi } from '../api';
import type { Change, Requirements } from '../contract';
import type { ChangeFeed } from '../events';
import { meansAll } from '../events';
import { quietly } from './catalog';
import { Observable } from './observable';

/** An installation of packages into a kernel. */
export type Installation = NonNullable<Requirements['installing']>;

/** How much of a log is kept on screen, in characters. */
const LOG_LENGTH = 20000;

/** Which key for which kernel. */
export interface INeed {
  slug: string;
  version: string | null;
  kernel: string | null;
}

/** What is known of the needs that were asked for. */
export class RequirementsModel extends Observable {
  constructor(
    private _api: KeysApi,
    feed: ChangeFeed
  ) {
    super();
    feed.hinted.connect(this._onHint, this);
  }

  /** What a key needs, once it was read. */
  get(need: INeed): Requirements | null {
    return this._known.get(nameOf(need)) ?? null;
  }

  /** What the last installation for a key printed. */
  log(need: INeed): string {
    return this._logs.get(nameOf(need))?.text ?? '';
  }

  /** Read what a key needs. */
  async load(need: INeed): Promise<void> {
    const { slug, version, kernel } = need;
    this._needs.set(nameOf(need), need);
    const found = await this._api.requirements(slug, { version, kernel });
    this._known.set(nameOf(need), found);
    this.touch();
  }

  /** Install what is missing. */
  async install(need: INeed): Promise<void> {
    const { slug, version, kernel } = need;
    this._logs.delete(nameOf(need));
    await this._api.installRequirements(slug, { version, kernel });
    await this.load(need);
  }

  /** Read on where the log ends. */
  async readLog(need: INeed): Promise<void> {
    const { slug, ...query } = need;
    const known = this._logs.get(nameOf(need)) ?? { text: '', end: 0 };
    const more = await this._api.requirementsLog(slug, query, known.end);
    if (more.end !== known.end) {
      const text = (known.text + more.text).slice(-LOG_LENGTH);
      this._logs.set(nameOf(need), { text, end: more.end });
      this.touch();
    }
  }

  /** Whether an installation for a key is going on. */
  isInstalling(need: INeed): boolean {
    return this.get(need)?.installing?.state === 'RUNNING';
  }

  private _onHint(_: ChangeFeed, change: Change | null): void {
    if (change?.kind !== 'requirements' && !meansAll(change)) {
      return;
    }
    const all = [...this._needs.values()];
    all
      .filter(need => change !== null || this.isInstalling(need))
      .forEach(need => void quietly(this.load(need)));
  }

  private _needs = new Map<string, INeed>();
  private _known = new Map<string, Requirements>();
  private _logs = new Map<string, { text: string; end: number }>();
}

/** A need by name. */
function nameOf(need: INeed): string {
  return [need.slug, need.version ?? '', need.kernel ?? ''].join(' ');
}
