/**
 * The arithmetic of a long list of rows of one height, of which only those in sight are drawn.
 */

/** How a list is scrolled. */
export interface IViewport {
  /** How many rows there are. */
  count: number;
  /** The height of one, in px. */
  rowHeight: number;
  /** How far it is scrolled, in px. */
  top: number;
  /** How much of it is in sight, in px. */
  height: number;
}

/** How many rows are drawn above and below what is in sight. */
const AROUND = 6;

/** The rows to draw: from the first up to, and without, the last. */
export function inSight(port: IViewport): { first: number; last: number } {
  const { count, rowHeight, height } = port;
  const top = clamped(port);
  const first = Math.floor(top / rowHeight) - AROUND;
  const last = Math.ceil((top + height) / rowHeight) + AROUND;
  return { first: Math.max(0, first), last: Math.min(count, last) };
}

/** How far it can be scrolled at most, and so is. */
export function clamped(port: IViewport): number {
  const { count, rowHeight, top, height } = port;
  return Math.max(0, Math.min(top, count * rowHeight - height));
}

/** Where to scroll so that a row is whole in sight; as it is when it is so already. */
export function showing(port: IViewport, row: number): number {
  const { rowHeight, top, height } = port;
  const above = row * rowHeight;
  const below = above + rowHeight - height;
  return clamped({ ...port, top: Math.min(above, Math.max(below, top)) });
}

/** The row that a key leads to; null when the key leads nowhere. */
export function led(port: IViewport, from: number, key: string): number | null {
  const page = Math.max(1, Math.floor(port.height / port.rowHeight) - 1);
  const steps: { [key: string]: number } = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: port.count - 1
  };
  return key in steps
    ? Math.max(0, Math.min(port.count - 1, steps[key]))
    : null;
}

/** The next row whose title begins with a letter, from the one after; null when none does. */
export function lettered(
  titles: (row: number) => string,
  port: IViewport,
  from: number,
  letter: string
): number | null {
  for (let step = 1; step <= port.count; step += 1) {
    const row = (from + step) % port.count;
    if (titles(row).toLowerCase().startsWith(letter.toLowerCase())) {
      return row;
    }
  }
  return null;
}
