/**
 * An incident: fixed places around the one step that is the next thing to do.
 */

import * as React from 'react';

import type { Incident, Runbook, Section, StepState } from '../contract';
import { isSettled, stepInFocus } from '../models/incident';
import type { IncidentTab, Place } from '../models/navigation';
import { DoNot } from './donot';
import { IncidentRuns } from './history';
import { Evidence } from './evidence';
import { StepMap } from './map';
import { Markdown } from './markdown';
import { Button, Head, Heard, Severity } from './parts';
import { StepView } from './step';
import {
  useModels,
  useNow,
  useReading,
  useRuns,
  useSurroundings,
  useWatch
} from './surroundings';
import { Timeline } from './timeline';
import { minutesWords, titleWords } from '../names';
import { clockWords } from '../words';

/** What a look begins with when it is at a section and not at a step. */
export const SECTION_LOOK = 'section:';

type IncidentPlace = Extract<Place, { view: 'incident' }>;

/** An incident with its tabs. */
export function IncidentView(props: { place: IncidentPlace }): JSX.Element {
  const { desk } = useSurroundings();
  const { catalog, incidents, runs } = desk;
  const { place } = props;
  useModels(catalog, incidents, runs);
  useWatch(true);
  useReading(async () => {
    await Promise.all([
      incidents.load(place.id),
      incidents.loadRunbook(place.id),
      catalog.ensure()
    ]);
  }, [place.id]);
  useRuns({ incident: place.id });
  const incident = incidents.get(place.id);
  if (incident === null) {
    return <Head title="" />;
  }
  const runbook = incidents.runbook(incident.id);
  return (
    <>
      <Head title={titleWords(incident.title)} />
      <Meta incident={incident} />
      <Tabs place={place} incident={incident} />
      {place.tab === 'steps' && runbook && (
        <Steps place={place} incident={incident} runbook={runbook} />
      )}
      {place.tab === 'evidence' && <Evidence incident={incident} />}
      {place.tab === 'runs' && <IncidentRuns incident={incident} />}
      {place.tab === 'timeline' && <Timeline incident={incident} />}
    </>
  );
}

function Meta(props: { incident: Incident }): JSX.Element {
  const { trans } = useSurroundings();
  const now = useNow(15000);
  const { incident } = props;
  const age = minutesWords(trans, now - Date.parse(incident.opened_at));
  return (
    <div className="jp-Keys-meta">
      <Severity severity={incident.severity} />
      {incident.rehearsal && (
        <span className="jp-Keys-chip">{trans.__('Rehearsal')}</span>
      )}
      <span className="jp-Keys-cut">
        {trans.__('%1 · since %2', age, clockWords(trans, incident.opened_at))}
      </span>
      <Heard />
    </div>
  );
}

function Tabs(props: {
  place: IncidentPlace;
  incident: Incident;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { place, incident } = props;
  const tabs: Array<[IncidentTab, string]> = [
    ['steps', trans.__('Steps')],
    ['evidence', trans.__('Evidence %1', incident.evidence)],
    ['runs', trans.__('Runs %1', incident.runs.length)],
    ['timeline', trans.__('Timeline')]
  ];
  const at = tabs.findIndex(([tab]) => tab === place.tab);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const [tab] = tabs[(at + by + tabs.length) % tabs.length];
      actions.openIncident(incident.id, tab);
      const list = event.currentTarget;
      window.requestAnimationFrame(() =>
        list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus()
      );
    }
  };
  return (
    <div
      role="tablist"
      aria-label={trans.__('Incident')}
      className="jp-Keys-tabs"
      onKeyDown={onKeyDown}
    >
      {tabs.map(([tab, label]) => (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={tab === place.tab}
          tabIndex={tab === place.tab ? 0 : -1}
          onClick={() => actions.openIncident(incident.id, tab)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Steps(props: {
  place: IncidentPlace;
  incident: Incident;
  runbook: Runbook;
}): JSX.Element {
  const { place, incident, runbook } = props;
  const [map, setMap] = React.useState(false);
  const focus = stepInFocus(incident);
  const section = lookedAt(runbook, place.look);
  const shown = incident.steps.find(step => step.id === place.look) ?? focus;
  return (
    <>
      <DoNot
        rules={runbook.do_not}
        open={section === null && shown?.section === 'safety'}
      >
        <WayOut runbook={runbook} />
      </DoNot>
      <StepMap
        incident={incident}
        runbook={runbook}
        shown={shown}
        open={map}
        onToggle={() => setMap(!map)}
      />
      <Looking incident={incident} shown={shown} section={section} />
      {section && !map && <SectionPage section={section} />}
      {shown && !section && !map && (
        <Step incident={incident} runbook={runbook} shown={shown} />
      )}
      {shown && section === null && <Marks step={shown} />}
    </>
  );
}

/** The section a look is at; null when it is at a step. */
function lookedAt(runbook: Runbook, look: string | null): Section | null {
  if (look === null || !look.startsWith(SECTION_LOOK)) {
    return null;
  }
  return runbook.sections[Number(look.slice(SECTION_LOOK.length))] ?? null;
}

function Step(props: {
  incident: Incident;
  runbook: Runbook;
  shown: StepState;
}): JSX.Element {
  const { incident, runbook, shown } = props;
  const step = runbook.sections
    .flatMap(section => section.steps)
    .find(other => other.id === shown.id);
  return step ? (
    <StepView key={step.id} step={step} state={shown} incident={incident} />
  ) : (
    <div className="jp-Keys-scroll" />
  );
}

function SectionPage(props: { section: Section }): JSX.Element {
  const { section } = props;
  return (
    <div className="jp-Keys-scroll jp-Keys-page">
      <h2 className="jp-Keys-stepTitle">{section.title}</h2>
      <Markdown text={section.text} />
      {section.steps.map(step => (
        <article key={step.id} className="jp-Keys-stepText">
          <h3>{step.title}</h3>
          <Markdown text={step.text} />
        </article>
      ))}
    </div>
  );
}

/** Always one click away: how to stop, revert and call somebody. */
function WayOut(props: { runbook: Runbook }): JSX.Element {
  const { actions } = useSurroundings();
  const at = props.runbook.sections.findIndex(
    section => section.name === 'rollback'
  );
  if (at < 0) {
    return <></>;
  }
  return (
    <Button look="plain" onClick={() => actions.look(`${SECTION_LOOK}${at}`)}>
      {props.runbook.sections[at].title}
    </Button>
  );
}

/** A look changes nothing, and says so. */
function Looking(props: {
  incident: Incident;
  shown: StepState | null;
  section: Section | null;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { incident, shown, section } = props;
  const focus = stepInFocus(incident);
  if (section === null && (shown === null || shown.id === focus?.id)) {
    return <></>;
  }
  const at = section?.title ?? shown?.title ?? '';
  return (
    <div className="jp-Keys-looking">
      <span>{trans.__('You are looking at “%1”.', at)}</span>
      <div className="jp-Keys-buttons">
        {focus && (
          <Button look="plain" onClick={() => actions.look(null)}>
            {trans.__('Back to “%1”', focus.title)}
          </Button>
        )}
        {section === null && shown && (
          <Button look="plain" onClick={() => actions.mark(shown.id, 'focus')}>
            {trans.__('Work on this step')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** What a person says of a step. */
function Marks(props: { step: StepState }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { step } = props;
  const off = desk.incidents.isActing || desk.feed.lostSince !== null;
  return (
    <div
      className="jp-Keys-foot"
      role="toolbar"
      aria-label={trans.__('Mark this step')}
    >
      <Button
        disabled={off}
        title={isSettled(step) ? trans.__('Marked: %1', step.state) : undefined}
        onClick={() => actions.mark(step.id, 'done')}
      >
        {trans.__('Done')}
      </Button>
      <Button disabled={off} onClick={() => actions.mark(step.id, 'failed')}>
        {trans.__('Failed…')}
      </Button>
      <Button disabled={off} onClick={() => actions.mark(step.id, 'skipped')}>
        {trans.__('Skip…')}
      </Button>
      <span className="jp-Keys-fill" />
      <Button disabled={off} onClick={() => actions.mark(step.id, 'note')}>
        {trans.__('Note…')}
      </Button>
    </div>
  );
}
