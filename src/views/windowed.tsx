/**
 * A list of rows of one height, of which only those in sight are drawn; arrows walk through all of them.
 */

import * as React from 'react';

import type { IViewport } from '../models/windowing';
import { inSight, led, lettered, showing } from '../models/windowing';

/** The height of a row at the application's usual size of type, in px. */
const ROW = 44;

/** The usual size of type the height belongs to, in px. */
const TYPE = 13;

/** Where a list is, kept by whoever keeps it while other views are shown. */
export interface IListMemory {
  top: number;
  active: number;
}

/** What is drawn for a row. */
export interface IDrawnRow {
  index: number;
  /** Whether Tab stops here. */
  stop: boolean;
}

/** A list that draws what is in sight. */
export function Windowed(props: {
  label: string;
  count: number;
  memory: IListMemory;
  titleOf: (index: number) => string;
  keyOf: (index: number) => string;
  children: (row: IDrawnRow) => React.ReactNode;
}): JSX.Element {
  const { count, memory } = props;
  const list = React.useRef<HTMLDivElement>(null);
  const { port, rowHeight, scrolled } = usePort(list, count, memory);
  const { active, follow, walk } = useWalk(list, port, memory, props.titleOf);
  return (
    <div
      ref={list}
      className="jp-Keys-scroll jp-Keys-windowed"
      onScroll={scrolled}
    >
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={count}
        style={{ height: count * rowHeight }}
        onKeyDown={walk}
        onFocus={follow}
      >
        {drawn(port, active).map(index => (
          <div
            key={props.keyOf(index)}
            role="row"
            aria-rowindex={index + 1}
            data-index={index}
            className="jp-Keys-row"
            style={{ top: index * rowHeight, height: rowHeight }}
          >
            {props.children({ index, stop: index === active })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The rows in sight, and the one that Tab stops at, wherever it is: a focus is never lost by scrolling. */
function drawn(port: IViewport, active: number): number[] {
  const { first, last } = inSight(port);
  const rows = Array.from({ length: last - first }, (_, at) => first + at);
  if (active < first && active < port.count) {
    rows.unshift(active);
  } else if (active >= last && active < port.count) {
    rows.push(active);
  }
  return rows;
}

/** How the list is scrolled and how much of it is in sight. */
function usePort(
  list: React.RefObject<HTMLDivElement>,
  count: number,
  memory: IListMemory
): { port: IViewport; rowHeight: number; scrolled: () => void } {
  const [height, setHeight] = React.useState(600);
  const [rowHeight, setRowHeight] = React.useState(ROW);
  const [top, setTop] = React.useState(memory.top);
  React.useLayoutEffect(() => {
    const element = list.current;
    if (element === null) {
      return;
    }
    const measure = (): void => {
      setHeight(element.clientHeight);
      const size = parseFloat(getComputedStyle(element).fontSize) || TYPE;
      setRowHeight(Math.max(ROW, Math.ceil((size / TYPE) * ROW)));
    };
    measure();
    element.scrollTop = memory.top;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  React.useLayoutEffect(() => {
    // Another filter begins at its first row.
    if (list.current && list.current.scrollTop !== memory.top) {
      list.current.scrollTop = memory.top;
      setTop(memory.top);
    }
  }, [count, memory.top]);
  const scrolled = (): void => {
    memory.top = list.current?.scrollTop ?? 0;
    setTop(memory.top);
  };
  return { port: { count, rowHeight, top, height }, rowHeight, scrolled };
}

/** The row Tab stops at, and the keys that lead to others. */
function useWalk(
  list: React.RefObject<HTMLDivElement>,
  port: IViewport,
  memory: IListMemory,
  titleOf: (index: number) => string
): {
  active: number;
  follow: (event: React.FocusEvent) => void;
  walk: (event: React.KeyboardEvent) => void;
} {
  const [, again] = React.useReducer((count: number) => count + 1, 0);
  const wanted = React.useRef<number | null>(null);
  React.useLayoutEffect(() => {
    if (wanted.current !== null) {
      focusRow(list.current, wanted.current, 0);
      wanted.current = null;
    }
  });
  const active = Math.min(memory.active, Math.max(0, port.count - 1));
  const follow = (event: React.FocusEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>(
      '[data-index]'
    );
    if (row !== null && Number(row.dataset.index) !== memory.active) {
      memory.active = Number(row.dataset.index);
      again();
    }
  };
  const walk = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      focusRow(list.current, active, event.key === 'ArrowRight' ? 1 : 0);
    } else {
      const row = targetOf(event.key, port, active, titleOf);
      if (row === null || list.current === null) {
        return;
      }
      memory.active = row;
      wanted.current = row;
      memory.top = showing(port, row);
      again();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return { active, follow, walk };
}

function targetOf(
  key: string,
  port: IViewport,
  from: number,
  titleOf: (index: number) => string
): number | null {
  return /^\p{L}$/u.test(key)
    ? lettered(titleOf, port, from, key)
    : led(port, from, key);
}

/** Focus a button of a row: the one that opens it, or the one that acts on it. */
function focusRow(
  list: HTMLElement | null,
  index: number,
  button: number
): void {
  const buttons = list?.querySelectorAll<HTMLElement>(
    `[data-index="${index}"] button`
  );
  buttons?.item(button)?.focus({ preventScroll: true });
}
