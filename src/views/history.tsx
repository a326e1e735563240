/**
 * Runs as lists: what waits and runs first, then what was, of a key, of an incident, or all that is open.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Incident, Run } from '../contract';
import { hasEnded } from '../models/run';
import { titleWords } from '../names';
import { runWords } from '../runwords';
import { stampWords } from '../words';
import { State } from './parts';
import { Row, Rows } from './rows';
import { RunCard } from './run';
import { Section } from './urgent';
import {
  useModels,
  useReading,
  useRuns,
  useSurroundings,
  useWatch
} from './surroundings';

/** How many runs are listed at first. */
const SHOWN = 20;

/** Runs of a key: the newest whole, the others as rows. */
export function RunsOfKey(props: { name: string }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const [chosen, setChosen] = React.useState<string | null>(null);
  useRuns({ key: props.name });
  const runs = desk.runs.ofKey(props.name);
  if (runs.length === 0) {
    return <></>;
  }
  const shown = runs.find(run => run.id === chosen) ?? runs[0];
  return (
    <section>
      <h2>{trans.__('Runs')}</h2>
      <RunCard key={shown.id} run={shown} />
      <RunRows
        label={trans.__('Other runs')}
        runs={runs.filter(run => run !== shown)}
        onOpen={run => setChosen(run.id)}
      />
    </section>
  );
}

/** Runs that the steps of an incident called. */
export function IncidentRuns(props: { incident: Incident }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { incident } = props;
  const runs = desk.runs.ofIncident(incident.id);
  const open = runs.filter(run => !hasEnded(run)).reverse();
  const past = runs.filter(hasEnded);
  const titleOf = (run: Run): string =>
    incident.steps.find(step => step.id === run.step)?.title ?? '';
  const show = (run: Run): void => actions.openRun(run.id);
  return (
    <div
      className="jp-Keys-scroll"
      role="tabpanel"
      aria-label={trans.__('Runs')}
      tabIndex={0}
    >
      {runs.length === 0 && (
        <p className="jp-Keys-empty">
          {trans.__('No step of this incident has run a key yet.')}
        </p>
      )}
      {open.length > 0 && (
        <Section title={trans.__('Under way')} count={open.length}>
          <RunRows
            label={trans.__('Under way')}
            runs={open}
            titleOf={titleOf}
            onOpen={show}
          />
        </Section>
      )}
      {past.length > 0 && (
        <Section title={trans.__('Ended')} count={past.length}>
          <RunRows
            label={trans.__('Ended')}
            runs={past}
            titleOf={titleOf}
            onOpen={show}
          />
        </Section>
      )}
    </div>
  );
}

/** Runs that have not ended, wherever they were started; nothing where there are none. */
export function OpenRuns(): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { open } = desk.runs;
  useModels(desk.runs);
  useReading(() => desk.runs.recover(), []);
  useWatch(open.length > 0);
  if (open.length === 0) {
    return <></>;
  }
  return (
    <Section title={trans.__('Runs under way')} count={open.length}>
      <RunRows
        label={trans.__('Runs under way')}
        runs={open}
        titleOf={run => titleWords(run.title)}
        onOpen={run => actions.openRun(run.id)}
      />
    </Section>
  );
}

function RunRows(props: {
  label: string;
  runs: Run[];
  titleOf?: (run: Run) => string;
  onOpen: (run: Run) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { label, runs, titleOf, onOpen } = props;
  const [all, setAll] = React.useState(false);
  const listed = all ? runs : runs.slice(0, SHOWN);
  return (
    <>
      <Rows label={label}>
        {listed.map(run => (
          <RunRow
            key={run.id}
            run={run}
            title={titleOf?.(run) || null}
            onOpen={() => onOpen(run)}
          />
        ))}
      </Rows>
      {listed.length < runs.length && (
        <button
          type="button"
          className="jp-Keys-button jp-mod-plain"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1', runs.length)}
        </button>
      )}
    </>
  );
}

function RunRow(props: {
  run: Run;
  title: string | null;
  onOpen: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { run, title, onOpen } = props;
  const { shape, word } = runWords(trans, run);
  const at = trans.__('%1 UTC', stampWords(run.requested_at, Date.now()));
  return (
    <Row
      id={`run:${run.id}`}
      name={trans.__('Run of %1, %2: %3', title ?? run.version, at, word)}
      lead={<notebookIcon.react tag="span" width="16px" height="16px" />}
      title={title ?? at}
      sub={title ? at : run.version}
      state={<State shape={shape}>{word}</State>}
      onOpen={onOpen}
    />
  );
}
