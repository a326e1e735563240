/**
 * The first parts of home: the step of this notebook, and the open incidents.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Context, Incident } from '../contract';
import { stepInFocus } from '../models/incident';
import { minutesWords, titleWords } from '../names';
import { Severity } from './parts';
import { Row, Rows } from './rows';
import { useNow, useSurroundings } from './surroundings';

/** A part of home with its count. */
export function Section(props: {
  title: string;
  count?: number;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(true);
  return (
    <section className="jp-Keys-section">
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {props.title}
        </button>
        <span>{props.count}</span>
      </h2>
      {open && props.children}
    </section>
  );
}

/** The step the active notebook belongs to. */
export function NotebookSection(props: {
  context: Context | null;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { context } = props;
  const active = desk.context.notebook !== null;
  if (context === null) {
    return (
      <Section title={trans.__('This notebook')}>
        <p className="jp-Keys-empty">
          {active
            ? trans.__('This notebook is not part of a step.')
            : trans.__(
                'No notebook is active. When a step opens one, the step shows here.'
              )}
        </p>
      </Section>
    );
  }
  const title =
    context.step?.title ?? titleWords(context.run?.title ?? context.path);
  const sub = titleWords(context.runbook_title ?? context.run?.key ?? '');
  return (
    <Section title={trans.__('This notebook')}>
      <Rows label={trans.__('This notebook')}>
        <Row
          id="this-notebook"
          name={trans.__('%1, %2', title, sub)}
          lead={<notebookIcon.react tag="span" width="16px" height="16px" />}
          title={title}
          sub={sub}
          onOpen={() => actions.showNotebook()}
        />
      </Rows>
    </Section>
  );
}

/** Open incidents; the most urgent owns the filled button. */
export function Incidents(props: {
  incidents: ReadonlyArray<Incident>;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { incidents } = props;
  if (incidents.length === 0) {
    return <></>;
  }
  const title = trans.__('Open incidents');
  return (
    <Section title={title} count={incidents.length}>
      <Rows label={title}>
        {incidents.map((incident, index) => (
          <IncidentRow
            key={incident.id}
            incident={incident}
            first={index === 0}
          />
        ))}
      </Rows>
    </Section>
  );
}

function IncidentRow(props: {
  incident: Incident;
  first: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const now = useNow(30000);
  const { incident } = props;
  const open = (): void => actions.openIncident(incident.id);
  const focus = stepInFocus(incident);
  const age = minutesWords(trans, now - Date.parse(incident.opened_at));
  const sub = focus
    ? trans.__('Step %1 · %2', focus.number || focus.title, age)
    : age;
  return (
    <Row
      id={`incident:${incident.id}`}
      name={trans.__(
        '%1, incident %2, %3',
        incident.title,
        incident.number,
        sub
      )}
      lead={<Severity severity={incident.severity} />}
      title={titleWords(incident.title)}
      strong={true}
      sub={
        incident.rehearsal
          ? trans.__('Rehearsal %1 · %2', incident.number, sub)
          : trans.__('No. %1 · %2', incident.number, sub)
      }
      onOpen={open}
      action={{
        label: trans.__('Continue'),
        look: props.first ? 'go' : 'plain',
        onClick: open
      }}
    />
  );
}
