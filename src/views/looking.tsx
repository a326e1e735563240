/**
 * A look at a section or at another step: it changes nothing, and says so.
 */

import * as React from 'react';

import type { Incident, Runbook, Section, StepState } from '../contract';
import { stepInFocus } from '../models/incident';
import { SECTION_LOOK } from '../models/map';
import { Markdown } from './markdown';
import { Button } from './parts';
import { useSurroundings } from './surroundings';
import { Triggers } from './timers';

/** The section a look is at; null when it is at a step. */
export function lookedAt(
  runbook: Runbook,
  look: string | null
): Section | null {
  if (look === null || !look.startsWith(SECTION_LOOK)) {
    return null;
  }
  return runbook.sections[Number(look.slice(SECTION_LOOK.length))] ?? null;
}

/** The look at a section by its name; null where there is none. */
export function sectionLook(runbook: Runbook, name: string): string | null {
  const at = runbook.sections.findIndex(section => section.name === name);
  return at < 0 ? null : `${SECTION_LOOK}${at}`;
}

/** A section whole. */
export function SectionPage(props: {
  section: Section;
  incident: Incident;
}): JSX.Element {
  const { section, incident } = props;
  const title = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => title.current?.focus(), [section]);
  return (
    <div className="jp-Keys-scroll jp-Keys-page">
      <h2 ref={title} tabIndex={-1} className="jp-Keys-stepTitle">
        {section.title}
      </h2>
      {section.name === 'rollback' && <Triggers incident={incident} />}
      <Markdown text={section.text} />
      {section.steps.map(step => (
        <article key={step.id} className="jp-Keys-stepText">
          <Markdown text={step.text} />
        </article>
      ))}
    </div>
  );
}

/** Always one click away: how to stop, revert and call somebody. */
export function WayOut(props: { runbook: Runbook }): JSX.Element {
  const { actions } = useSurroundings();
  const look = sectionLook(props.runbook, 'rollback');
  if (look === null) {
    return <></>;
  }
  const { sections } = props.runbook;
  const { title } = sections[Number(look.slice(SECTION_LOOK.length))];
  return (
    <Button look="plain" onClick={() => actions.look(look)}>
      {title}
    </Button>
  );
}

/** A look changes nothing, and says so. */
export function Looking(props: {
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
        {section === null && shown && incident.closed_at === null && (
          <Button look="plain" onClick={() => actions.mark(shown.id, 'focus')}>
            {trans.__('Work on this step')}
          </Button>
        )}
      </div>
    </div>
  );
}
