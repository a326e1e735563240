/**
 * The shapes of states: round for cells, runs and steps, square for evidence.
 *
 * A shape never stands alone: whoever draws one also has the word.
 */

import * as React from 'react';

import type { Shape } from '../shapes';

const DISC = <circle cx="8" cy="8" r="6.5" fill="currentColor" />;
const RING = (
  <circle
    cx="8"
    cy="8"
    r="5.75"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
  />
);

function Cut(props: { d: string }): JSX.Element {
  return <path d={props.d} className="jp-Keys-glyphCut" />;
}

const SHAPES: { [shape in Shape]: JSX.Element } = {
  ok: (
    <>
      {DISC}
      <Cut d="M5 8.3l2.1 2.1L11.2 6" />
    </>
  ),
  failed: (
    <>
      {DISC}
      <Cut d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
    </>
  ),
  died: (
    <>
      <path
        d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z"
        fill="currentColor"
      />
      <Cut d="M8 4.4v4.4M8 11v.4" />
    </>
  ),
  clock: (
    <>
      {DISC}
      <Cut d="M8 4.5V8l2.3 1.6" />
    </>
  ),
  stopped: (
    <>
      {RING}
      <rect x="5.75" y="5.75" width="4.5" height="4.5" fill="currentColor" />
    </>
  ),
  skipped: (
    <>
      {RING}
      <path d="M5.2 8h5.6" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  never: (
    <circle
      cx="8"
      cy="8"
      r="5.75"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2.2 2.3"
    />
  ),
  ring: RING,
  now: (
    <>
      {RING}
      <circle cx="8" cy="8" r="3" fill="currentColor" />
    </>
  ),
  kept: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="1.5" fill="currentColor" />
      <Cut d="M4.9 8.2l2.2 2.2L11.3 6" />
    </>
  ),
  warning: (
    <path
      d="M8 2.3L14.2 13.2H1.8zM8 6.2v3.4M8 11.1v.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinejoin="round"
    />
  ),
  info: (
    <>
      {RING}
      <path
        d="M8 7.3v3.7M8 4.8v.6"
        stroke="currentColor"
        strokeWidth="1.6"
        fill="none"
      />
    </>
  ),
  forbidden: (
    <>
      {RING}
      <path d="M4 4l8 8" stroke="currentColor" strokeWidth="1.6" />
    </>
  ),
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1" fill="currentColor" />
      <path
        d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
    </>
  )
};

/** A shape. The word beside it is what is read out. */
export function Glyph(props: { shape: Shape; size?: number }): JSX.Element {
  const size = props.size ?? 16;
  return (
    <svg
      className={`jp-Keys-glyph jp-mod-${props.shape}`}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {SHAPES[props.shape]}
    </svg>
  );
}

/** The arc of something that is going on. */
export function Arc(): JSX.Element {
  return (
    <svg
      className="jp-Keys-arc"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      <circle cx="8" cy="8" r="6" fill="none" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" strokeWidth="2" />
    </svg>
  );
}
