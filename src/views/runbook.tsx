/**
 * A runbook before an incident: when it fits, when not, and all of its text; start it from here.
 */

import * as React from 'react';

import { titleWords } from '../names';

import type { KeyReference, Runbook, Section, Step } from '../contract';
import type { ICall } from '../models/navigation';
import { CommandIDs } from '../tokens';
import { plain } from './branches';
import { beginningOf, Calling } from './calling';
import type { ICalling } from './calling';
import { Customised } from './customised';
import { Markdown } from './markdown';
import { Button, Fold, Head, Severity, State } from './parts';
import { DoNot } from './donot';
import { ReadyList } from './ready';
import { useModels, useReading, useSurroundings } from './surroundings';

/** A runbook whole. */
export function RunbookView(props: {
  slug: string;
  call: ICall | null;
}): JSX.Element {
  const { desk } = useSurroundings();
  const { catalog, incidents } = desk;
  const { slug, call } = props;
  const [calling, setCalling] = React.useState(() => beginningOf(call));
  useModels(catalog, incidents);
  useReading(async () => {
    await Promise.all([
      catalog.ensure(),
      catalog.loadRunbook(slug),
      incidents.refresh()
    ]);
  }, [slug]);
  const runbook = catalog.runbook(slug);
  const row = catalog.runbooks.find(other => other.slug === slug);
  const title = titleWords(runbook?.title ?? row?.title ?? slug);
  return (
    <>
      <Head title={title} />
      {runbook && (
        <>
          <div className="jp-Keys-meta">
            <Severity severity={runbook.severity} />
            <span className="jp-Keys-cut">
              {[runbook.key_types.join(', '), runbook.version]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </div>
          <DoNot rules={runbook.do_not} open={false} />
          <div className="jp-Keys-scroll jp-Keys-page">
            <ReadFirst runbook={runbook} />
            <Calling
              calling={calling}
              link={call !== null && call.trigger === ''}
              onChange={setCalling}
            />
            <ReadyList slug={slug} />
            <Calls runbook={runbook} />
            {runbook.sections
              .filter(section => !READ_FIRST.includes(section.name))
              .map((section, index) => (
                <SectionText key={index} section={section} />
              ))}
            {row && <Customised row={row} />}
          </div>
          <Start runbook={runbook} calling={calling} call={call} />
        </>
      )}
    </>
  );
}

/** Sections that are read before a start; the rest unfolds. */
const READ_FIRST = ['when', 'when-not'];

/** When it fits, and when not: then with the way to the one that does. */
function ReadFirst(props: { runbook: Runbook }): JSX.Element {
  const { sections } = props.runbook;
  return (
    <>
      {sections
        .filter(section => READ_FIRST.includes(section.name))
        .map(section => (
          <section key={section.name} className="jp-Keys-readFirst">
            <h2>{section.title}</h2>
            {section.branches.length > 0 ? (
              <OtherRunbooks section={section} />
            ) : (
              <Markdown text={section.text} />
            )}
          </section>
        ))}
    </>
  );
}

/** Each reason not to use this one, with the right one beside it; lines without one stay as text. */
function OtherRunbooks(props: { section: Section }): JSX.Element {
  const { actions, desk } = useSurroundings();
  const { section } = props;
  const told = section.branches.filter(branch =>
    branch.goto?.startsWith('runbook:')
  );
  const rest = section.text
    .split('\n')
    .filter(line => !told.some(branch => isOf(line, branch.condition)))
    .join('\n');
  return (
    <>
      <ul className="jp-Keys-list">
        {told.map(branch => {
          const slug = (branch.goto ?? '').slice('runbook:'.length);
          const row = desk.catalog.runbooks.find(other => other.slug === slug);
          return (
            <li key={branch.condition}>
              {plain(branch.condition)}:{' '}
              <Button look="plain" onClick={() => actions.openRunbook(slug)}>
                {titleWords(row?.title ?? slug)} →
              </Button>
            </li>
          );
        })}
      </ul>
      {rest.trim() !== '' && <Markdown text={rest} />}
    </>
  );
}

/** Whether a line of the text is the one a condition was read from. */
function isOf(line: string, condition: string): boolean {
  return plain(line).includes(plain(condition));
}

function SectionText(props: { section: Section }): JSX.Element {
  const { trans } = useSurroundings();
  const { section } = props;
  const steps = section.steps.length;
  return (
    <Fold
      title={section.title}
      aside={steps ? trans._n('%1 step', '%1 steps', steps) : undefined}
    >
      {section.text.trim() && <Markdown text={section.text} />}
      {section.steps.map(step => (
        <StepText key={step.id} step={step} />
      ))}
    </Fold>
  );
}

function StepText(props: { step: Step }): JSX.Element {
  const { step } = props;
  return (
    <article className="jp-Keys-stepText">
      <h3>
        {step.number && <span>{step.number}</span>} {step.title}
      </h3>
      <Markdown text={step.text} />
    </article>
  );
}

/** Keys that the runbook's steps call, each once. */
export function calledKeys(runbook: Runbook): KeyReference[] {
  const found = new Map<string, KeyReference>();
  for (const section of runbook.sections) {
    for (const step of section.steps) {
      step.keys.forEach(key => found.set(key.slug, key));
    }
  }
  return [...found.values()];
}

function Calls(props: { runbook: Runbook }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const keys = calledKeys(props.runbook);
  if (keys.length === 0) {
    return <></>;
  }
  return (
    <section className="jp-Keys-calls">
      <h2>{trans.__('It calls')}</h2>
      {keys.map(key => {
        const row = desk.catalog.row(key.slug);
        const installed = (row?.installed.length ?? 0) > 0;
        return (
          <div key={key.slug} className="jp-Keys-call">
            {row ? (
              <Button look="plain" onClick={() => actions.openKey(key.slug)}>
                {titleWords(row.title)}
              </Button>
            ) : (
              <code>{key.slug}</code>
            )}
            <State shape={installed ? 'ok' : row ? 'ring' : 'never'}>
              {installed
                ? trans.__('installed')
                : row
                  ? trans.__('to install')
                  : trans.__('not in this library')}
            </State>
          </div>
        );
      })}
    </section>
  );
}

function Start(props: {
  runbook: Runbook;
  calling: ICalling;
  call: ICall | null;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { calling, call } = props;
  const { slug } = props.runbook;
  const open = desk.incidents.open.find(other => other.runbook === slug);
  const { rehearsal, name, symptoms, trigger, values } = calling;
  const start = (): void =>
    actions.command(CommandIDs.startIncident, {
      slug,
      rehearsal,
      name,
      symptoms,
      call: { trigger, values, step: call?.step ?? null }
    });
  return (
    <div className="jp-Keys-foot">
      {open && (
        <Button look="go" onClick={() => actions.openIncident(open.id)}>
          {trans.__('Continue incident %1', open.number)}
        </Button>
      )}
      <Button look={open ? 'other' : 'go'} onClick={start}>
        {rehearsal ? trans.__('Start rehearsal') : trans.__('Start incident')}
      </Button>
    </div>
  );
}
