/**
 * An incident: fixed places around the one step that is the next thing to do.
 */

import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { filesOf, requestOf } from '../attaching';
import type { Incident, Runbook, StepState } from '../contract';
import { stepInFocus } from '../models/incident';
import type { IncidentTab, Place } from '../models/navigation';
import { minutesWords, titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { clockWords } from '../words';
import { Closed, CloseView } from './close';
import { DoNot } from './donot';
import { isThere } from './evidence';
import { IncidentRuns } from './history';
import { Evidence } from './evidencelazy';
import { Known } from './known';
import { lookedAt, Looking, SectionPage, sectionLook, WayOut } from './looking';
import { BesideMap, StepMap } from './map';
import { Marks } from './marks';
import { Meanwhile } from './meanwhile';
import { Head, Heard, IconButton, Severity } from './parts';
import { StepView } from './step';
import {
  useModels,
  useReading,
  useRuns,
  useSurroundings,
  useWatch
} from './surroundings';
import { Timeline } from './timeline';
import { DueBars, EscalateAt, useServerNow } from './timers';

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
  if (place.tab === 'close' && incident.closed_at === null) {
    return <CloseView incident={incident} />;
  }
  return <Open place={place} incident={incident} />;
}

function Open(props: {
  place: IncidentPlace;
  incident: Incident;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { place, incident } = props;
  const runbook = desk.incidents.runbook(incident.id);
  const wayOut = runbook ? sectionLook(runbook, 'rollback') : null;
  return (
    <>
      <Head title={titleWords(incident.title)}>
        <IconButton
          act="menu"
          icon={ellipsesIcon}
          label={trans.__('More for this incident')}
          onClick={() => actions.command(CommandIDs.incidentMenu)}
        />
      </Head>
      <Meta incident={incident} />
      <Known incident={incident} />
      <Tabs place={place} incident={incident} />
      <Meanwhile incident={incident} />
      <Closed incident={incident} />
      <DueBars
        incident={incident}
        onEscalate={() => wayOut && actions.look(wayOut)}
      />
      {(place.tab === 'steps' || place.tab === 'close') && runbook && (
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
  const now = useServerNow();
  const { incident } = props;
  const until = incident.closed_at ? Date.parse(incident.closed_at) : now;
  const age = minutesWords(trans, until - Date.parse(incident.opened_at));
  return (
    <div className="jp-Keys-meta jp-mod-wrap">
      <Severity severity={incident.severity} />
      {incident.rehearsal && (
        <span className="jp-Keys-chip">{trans.__('Rehearsal')}</span>
      )}
      <span>
        {trans.__('%1 · since %2', age, clockWords(trans, incident.opened_at))}
      </span>
      {incident.closed_at === null && <EscalateAt incident={incident} />}
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
  const wanted = incident.items.length;
  const there = incident.items.filter(isThere).length;
  const tabs: Array<[IncidentTab, string]> = [
    ['steps', trans.__('Steps')],
    [
      'evidence',
      wanted > 0
        ? trans.__('Evidence %1/%2', there, wanted)
        : trans.__('Evidence %1', incident.evidence)
    ],
    ['runs', trans.__('Runs %1', incident.runs.length)],
    ['timeline', trans.__('Timeline')]
  ];
  const at = Math.max(
    0,
    tabs.findIndex(([tab]) => tab === place.tab)
  );
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
      {tabs.map(([tab, label], index) => (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={index === at}
          tabIndex={index === at ? 0 : -1}
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
  const give = useAttaching(incident, section ? null : (shown?.id ?? null));
  const maps = { incident, runbook, shown };
  return (
    <>
      <DoNot
        rules={runbook.do_not}
        open={section === null && shown?.section === 'safety'}
      >
        <WayOut runbook={runbook} />
      </DoNot>
      <StepMap {...maps} open={map} onToggle={() => setMap(!map)} />
      <div className="jp-Keys-body" hidden={map}>
        <BesideMap {...maps} />
        <div className="jp-Keys-column" {...give}>
          <Looking incident={incident} shown={shown} section={section} />
          {section && <SectionPage section={section} incident={incident} />}
          {shown && !section && (
            <Step incident={incident} runbook={runbook} shown={shown} />
          )}
          {shown === null && !section && <div className="jp-Keys-scroll" />}
        </div>
      </div>
      {shown && section === null && (
        <Marks key={shown.id} step={shown} incident={incident} />
      )}
    </>
  );
}

/** What is pasted or dropped into a step is kept under it. */
function useAttaching(
  incident: Incident,
  step: string | null
): React.HTMLAttributes<HTMLElement> {
  const { trans, desk } = useSurroundings();
  const keep = (data: DataTransfer | null): boolean => {
    const files = filesOf(data);
    files.forEach(
      file =>
        void desk.attempt(async () => {
          const request = await requestOf(file, step);
          await desk.incidents.attach(incident.id, request);
          desk.announce(trans.__('Kept: %1.', request.name ?? ''));
        })
    );
    return files.length > 0;
  };
  return {
    onPaste: event => {
      if (keep(event.clipboardData)) {
        event.preventDefault();
      }
    },
    onDragOver: event => event.preventDefault(),
    onDrop: event => {
      if (keep(event.dataTransfer)) {
        event.preventDefault();
        event.stopPropagation();
      }
    }
  };
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
  const before = React.useRef(shown.id);
  const follows = before.current !== shown.id;
  before.current = shown.id;
  return step ? (
    <StepView
      key={step.id}
      step={step}
      state={shown}
      incident={incident}
      follows={follows}
    />
  ) : (
    <div className="jp-Keys-scroll" />
  );
}
