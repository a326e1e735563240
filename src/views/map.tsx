/**
 * The map of an incident: a strip of one glyph a step, and the list it opens.
 */

import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Incident, Runbook, Section, StepState } from '../contract';
import { isSettled } from '../models/incident';
import { Glyph } from './glyph';
import { useSurroundings } from './surroundings';
import { stepWords } from '../words';

/** Above so many steps, sections away from the one in focus become counters. */
const MOST_GLYPHS = 20;

interface IMapProps {
  incident: Incident;
  runbook: Runbook;
  shown: StepState | null;
  open: boolean;
  onToggle: () => void;
}

/** A section with the states of its steps. */
interface IGroup {
  section: Section;
  index: number;
  steps: StepState[];
}

/** The strip, and below it the list while it is open. */
export function StepMap(props: IMapProps): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, shown, open } = props;
  const strip = React.useRef<HTMLButtonElement>(null);
  const groups = groupsOf(props.runbook, incident);
  const current = groups.find(group => group.steps.some(is(shown)));
  const done = incident.steps.filter(isSettled).length;
  const position = positionWords(trans, current, shown);
  const count = trans.__('%1 of %2 done', done, incident.steps.length);
  return (
    <>
      <button
        ref={strip}
        type="button"
        className="jp-Keys-strip"
        aria-expanded={open}
        aria-label={
          open
            ? trans.__('%1. %2. Hide all steps', position, count)
            : trans.__('%1. %2. Show all steps', position, count)
        }
        onClick={props.onToggle}
      >
        <span className="jp-Keys-stripText">
          <b>{position}</b>
          <span>{count}</span>
          {open ? (
            <caretUpIcon.react tag="span" />
          ) : (
            <caretDownIcon.react tag="span" />
          )}
        </span>
        {!open && <Dots {...props} groups={groups} current={current} />}
      </button>
      {open && (
        <StepTree
          {...props}
          groups={groups}
          onEscape={() => {
            props.onToggle();
            strip.current?.focus();
          }}
        />
      )}
    </>
  );
}

function is(step: StepState | null): (other: StepState) => boolean {
  return other => other.id === step?.id;
}

function groupsOf(runbook: Runbook, incident: Incident): IGroup[] {
  const states = new Map(incident.steps.map(step => [step.id, step]));
  return runbook.sections
    .map((section, index) => ({
      section,
      index,
      steps: section.steps.flatMap(step => states.get(step.id) ?? [])
    }))
    .filter(group => group.steps.length > 0);
}

/** Where the step is: "Diagnosis Flow, 3 of 9". */
function positionWords(
  trans: TranslationBundle,
  group: IGroup | undefined,
  shown: StepState | null
): string {
  if (!group) {
    return trans.__('All steps');
  }
  return trans.__(
    '%1, %2 of %3',
    group.section.title,
    group.steps.findIndex(is(shown)) + 1,
    group.steps.length
  );
}

function Dots(
  props: IMapProps & { groups: IGroup[]; current: IGroup | undefined }
): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, groups, current } = props;
  const many = incident.steps.length > MOST_GLYPHS;
  return (
    <span className="jp-Keys-dots" aria-hidden="true">
      {groups.map(group => (
        <span
          key={group.index}
          className={group === current ? 'jp-mod-current' : ''}
        >
          {many && group !== current
            ? `${group.steps.filter(isSettled).length}/${group.steps.length}`
            : group.steps.map(step => (
                <Glyph
                  key={step.id}
                  size={13}
                  shape={
                    stepWords(trans, step, step.id === incident.focus).shape
                  }
                />
              ))}
        </span>
      ))}
    </span>
  );
}

/** Every step by its name; arrows move, Enter goes there, Esc closes. */
function StepTree(
  props: IMapProps & { groups: IGroup[]; onEscape: () => void }
): JSX.Element {
  const { trans } = useSurroundings();
  const tree = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const items = tree.current?.querySelectorAll<HTMLElement>('button');
    const at = Array.from(items ?? []).find(item => item.tabIndex === 0);
    at?.focus();
  }, []);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const items = Array.from(
      tree.current?.querySelectorAll<HTMLElement>('button') ?? []
    );
    const at = items.indexOf(event.target as HTMLElement);
    const next = {
      ArrowDown: items[at + 1],
      ArrowUp: items[at - 1],
      Home: items[0],
      End: items[items.length - 1]
    }[event.key];
    if (event.key === 'Escape') {
      event.stopPropagation();
      props.onEscape();
    } else if (next) {
      event.preventDefault();
      event.stopPropagation();
      next.focus();
    }
  };
  return (
    <div
      ref={tree}
      role="tree"
      aria-label={trans.__('Steps')}
      className="jp-Keys-scroll jp-Keys-tree"
      onKeyDown={onKeyDown}
    >
      {props.groups.map(group => (
        <Group key={group.index} {...props} group={group} />
      ))}
    </div>
  );
}

function Group(props: IMapProps & { group: IGroup }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { group, incident, shown } = props;
  const done = group.steps.filter(isSettled).length;
  return (
    <div
      role="treeitem"
      aria-expanded={true}
      aria-selected={false}
      aria-label={group.section.title}
    >
      <div className="jp-Keys-treeHead" aria-hidden="true">
        <b>{group.section.title}</b>
        <span>{trans.__('%1 of %2', done, group.steps.length)}</span>
      </div>
      <div role="group">
        {group.steps.map(step => {
          const focused = step.id === incident.focus;
          const { shape, word } = stepWords(trans, step, focused);
          return (
            <button
              key={step.id}
              type="button"
              role="treeitem"
              tabIndex={step.id === shown?.id ? 0 : -1}
              aria-selected={step.id === shown?.id}
              aria-current={focused ? 'step' : undefined}
              aria-label={trans.__('%1, %2', step.title, word)}
              onClick={() => {
                props.onToggle();
                actions.look(focused ? null : step.id);
              }}
            >
              <Glyph shape={shape} size={14} />
              <span>{step.title}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
