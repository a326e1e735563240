/**
 * Something that goes on: its word, how far it is, and a way to stop it.
 */

import * as React from 'react';

import '../../style/going.css';

import { Button, State } from './parts';
import { useSurroundings } from './surroundings';

/** A bar with its words; without a total it only says that something goes on. */
export function GoingBar(props: {
  title: string;
  /** What the bar counts. */
  label: string;
  /** How far it is. */
  words: string;
  done: number;
  total: number | null;
  /** Whether it was asked to stop, and has not yet. */
  stopping: boolean;
  onCancel: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { title, label, words, done, total, stopping, onCancel } = props;
  return (
    <section className="jp-Keys-going" aria-label={title}>
      <div className="jp-Keys-goingLine">
        <State shape="now">{title}</State>
        <span>{stopping ? trans.__('Stopping') : words}</span>
        <Button disabled={stopping} focusName="stop" onClick={onCancel}>
          {trans.__('Cancel')}
        </Button>
      </div>
      <progress
        aria-label={label}
        aria-valuetext={words}
        max={total ?? undefined}
        value={total === null ? undefined : done}
      />
    </section>
  );
}
