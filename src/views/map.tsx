/**
 * The map of an incident: a strip of one glyph a step and the list it opens; beside the step where there is room.
 */

import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Incident, Runbook, StepState } from '../contract';
import { standingOf } from '../models/clock';
import type { IGroup } from '../models/map';
import { countsOf, groupOf, groupsOf, isSettled } from '../models/map';
import { clockWords, stepWords } from '../words';
import { Glyph } from './glyph';
import { useSurroundings } from './surroundings';

/** Above so many steps, sections away from the one in focus become counters. */
const MOST_GLYPHS = 20;

interface IMapProps {
  incident: Incident;
  runbook: Runbook;
  shown: StepState | null;
}

/** The strip, and below it the list while it is open. */
export function StepMap(
  props: IMapProps & { open: boolean; onToggle: () => void }
): JSX.Element {
  const { trans } = useSurroundings();
  const { incident, shown, open } = props;
  const strip = React.useRef<HTMLButtonElement>(null);
  const groups = groupsOf(props.runbook, incident);
  const current = groupOf(groups, shown);
  const position = positionWords(trans, current, shown);
  const count = countWords(trans, incident);
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
          takesFocus={true}
          onChosen={props.onToggle}
          onEscape={() => {
            props.onToggle();
            strip.current?.focus();
          }}
        />
      )}
    </>
  );
}

/** The list beside the step; shown only where there is room for both. */
export function BesideMap(props: IMapProps): JSX.Element {
  const { trans } = useSurroundings();
  const { incident } = props;
  return (
    <nav className="jp-Keys-beside" aria-label={trans.__('All steps')}>
      <p>{countWords(trans, incident)}</p>
      <StepTree
        {...props}
        groups={groupsOf(props.runbook, incident)}
        takesFocus={false}
        onChosen={() => undefined}
        onEscape={() => undefined}
      />
    </nav>
  );
}

/** "5 of 18 done, 2 skipped". */
function countWords(trans: TranslationBundle, incident: Incident): string {
  const { steps } = incident;
  const { done, failed, skipped } = countsOf(steps);
  return [
    trans.__('%1 of %2 done', done, steps.length),
    failed > 0 ? trans.__('%1 failed', failed) : '',
    skipped > 0 ? trans.__('%1 skipped', skipped) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** Where the step is: "Diagnosis Flow, 3 of 9". */
function positionWords(
  trans: TranslationBundle,
  group: IGroup | null,
  shown: StepState | null
): string {
  if (group === null) {
    return trans.__('All steps');
  }
  return trans.__(
    '%1, %2 of %3',
    group.section.title,
    group.steps.findIndex(step => step.id === shown?.id) + 1,
    group.steps.length
  );
}

function Dots(
  props: IMapProps & { groups: IGroup[]; current: IGroup | null }
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

interface ITreeProps extends IMapProps {
  groups: IGroup[];
  takesFocus: boolean;
  onChosen: () => void;
  onEscape: () => void;
}

/** Every step by its name; arrows move, Enter goes there, Esc closes. */
function StepTree(props: ITreeProps): JSX.Element {
  const { trans } = useSurroundings();
  const tree = React.useRef<HTMLDivElement>(null);
  const items = (): HTMLElement[] =>
    Array.from(tree.current?.querySelectorAll<HTMLElement>('button') ?? []);
  React.useEffect(() => {
    const at = items().find(item => item.tabIndex === 0);
    if (props.takesFocus) {
      at?.focus();
    } else {
      at?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [props.shown?.id]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(event.target as HTMLElement);
    const next = {
      ArrowDown: all[at + 1],
      ArrowUp: all[at - 1],
      Home: all[0],
      End: all[all.length - 1]
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

function Group(props: ITreeProps & { group: IGroup }): JSX.Element {
  const { trans } = useSurroundings();
  const { group } = props;
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
        {group.steps.map(step => (
          <Leaf key={step.id} {...props} step={step} />
        ))}
      </div>
    </div>
  );
}

function Leaf(props: ITreeProps & { step: StepState }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { step, incident, shown } = props;
  const focused = step.id === incident.focus;
  const { shape, word } = stepWords(trans, step, focused);
  const aside = asideWords(trans, incident, step);
  return (
    <button
      type="button"
      role="treeitem"
      tabIndex={step.id === (shown ?? incident.steps[0]).id ? 0 : -1}
      aria-selected={step.id === shown?.id}
      aria-current={focused ? 'step' : undefined}
      aria-label={[step.title, word, aside].filter(Boolean).join(', ')}
      onClick={() => {
        props.onChosen();
        actions.look(focused ? null : step.id);
      }}
    >
      <Glyph shape={shape} size={14} />
      <span>{step.number ? `${step.number}. ${step.title}` : step.title}</span>
      <span className="jp-Keys-leafAside">{aside}</span>
    </button>
  );
}

/** When it was marked, when it is due, or that it cannot be undone. */
function asideWords(
  trans: TranslationBundle,
  incident: Incident,
  step: StepState
): string {
  if (step.marked_at !== null && isSettled(step)) {
    const at = clockWords(trans, step.marked_at);
    return step.state === 'done' ? at : stepWords(trans, step, false).word;
  }
  const timer = incident.timers.find(
    other => other.step === step.id && other.kind === 'window'
  );
  if (timer?.due_at) {
    const due = standingOf(timer, Date.parse(incident.now)) !== 'running';
    return due
      ? trans.__('due')
      : trans.__('at %1', clockWords(trans, timer.due_at));
  }
  return step.reversible === false ? trans.__('irreversible') : '';
}
