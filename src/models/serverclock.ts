/**
 * The server's time, which every answer on an incident brings along.
 */

/** The server's time as this page knows it. */
export class ServerClock {
  /** Take the server's time from an answer that just came. */
  take(now: string, here = Date.now()): void {
    const there = Date.parse(now);
    if (!Number.isNaN(there)) {
      this._ahead = there - here;
    }
  }

  /** The server's time, in ms. */
  at(here: number): number {
    return here + this._ahead;
  }

  private _ahead = 0;
}
