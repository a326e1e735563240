/**
 * Lists of rows: one stop for Tab, arrows inside, a title to open and an action beside it.
 */

import * as React from 'react';

import { useTrans } from './surroundings';

/** A list that arrows walk through. */
export function Rows(props: {
  label: string;
  children: React.ReactNode;
}): JSX.Element {
  const list = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => settle(list.current));
  return (
    <div
      ref={list}
      role="grid"
      aria-label={props.label}
      className="jp-Keys-rows"
      onKeyDown={event => walk(list.current, event)}
      onFocus={event => settle(list.current, event.target)}
    >
      {props.children}
    </div>
  );
}

/** A row: what it opens, and what can be done to it without opening it. */
export function Row(props: {
  id: string;
  name: string;
  lead: React.ReactNode;
  title: string;
  sub: React.ReactNode;
  state?: React.ReactNode;
  strong?: boolean;
  onOpen: () => void;
  action?: { label: string; look: 'go' | 'plain'; onClick: () => void };
}): JSX.Element {
  const trans = useTrans();
  const { action } = props;
  return (
    <div role="row" className="jp-Keys-row">
      <div role="gridcell" className="jp-Keys-rowOpen">
        <button
          type="button"
          data-focus={props.id}
          aria-label={props.name}
          title={props.title}
          onClick={props.onOpen}
        >
          {props.lead}
          <span className="jp-Keys-rowText">
            <span
              className={`jp-Keys-cut${props.strong ? ' jp-mod-strong' : ''}`}
            >
              {props.title}
            </span>
            <span className="jp-Keys-sub">
              <span className="jp-Keys-cut">{props.sub}</span>
              {props.state}
            </span>
          </span>
        </button>
      </div>
      {action && (
        <div role="gridcell" className="jp-Keys-rowAct">
          <button
            type="button"
            className={`jp-Keys-button jp-mod-${action.look}`}
            aria-label={trans.__('%1: %2', action.label, props.title)}
            onClick={action.onClick}
          >
            {action.label}
          </button>
        </div>
      )}
    </div>
  );
}

/** The buttons of a list, row by row. */
function cells(list: HTMLElement): HTMLButtonElement[][] {
  return Array.from(list.querySelectorAll('[role="row"]'), row =>
    Array.from(row.querySelectorAll('button'))
  );
}

/** Leave one button of the list in the order of Tab: the one last in focus. */
function settle(list: HTMLElement | null, focused?: Element): void {
  if (list === null) {
    return;
  }
  const all = cells(list).flat();
  const kept =
    all.find(button => button === focused) ??
    all.find(button => button.tabIndex === 0 && button.dataset.stop) ??
    all[0];
  all.forEach(button => {
    button.tabIndex = button === kept ? 0 : -1;
    if (button === kept) {
      button.dataset.stop = 'true';
    } else {
      delete button.dataset.stop;
    }
  });
}

/** Move the focus as the key says. */
function walk(list: HTMLElement | null, event: React.KeyboardEvent): void {
  if (list === null || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const grid = cells(list);
  const at = grid.findIndex(row =>
    row.includes(event.target as HTMLButtonElement)
  );
  const target = at < 0 ? null : wanted(grid, at, event);
  if (target) {
    event.preventDefault();
    event.stopPropagation();
    target.focus();
  }
}

function wanted(
  grid: HTMLButtonElement[][],
  at: number,
  event: React.KeyboardEvent
): HTMLButtonElement | undefined {
  switch (event.key) {
    case 'ArrowDown':
      return grid[at + 1]?.[0];
    case 'ArrowUp':
      return grid[at - 1]?.[0];
    case 'Home':
      return grid[0][0];
    case 'End':
      return grid[grid.length - 1][0];
    case 'ArrowRight':
      return grid[at][1];
    case 'ArrowLeft':
      return grid[at][0];
    default:
      return startingWith(grid, at, event.key);
  }
}

/** The next row whose title begins with a letter. */
function startingWith(
  grid: HTMLButtonElement[][],
  at: number,
  key: string
): HTMLButtonElement | undefined {
  if (!/^\p{L}$/u.test(key)) {
    return undefined;
  }
  const order = [...grid.slice(at + 1), ...grid.slice(0, at)];
  return order
    .map(row => row[0])
    .find(button => button.title.toLowerCase().startsWith(key.toLowerCase()));
}
