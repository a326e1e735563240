/**
 * A runbook before an incident: when it fits, when not, and all of its text; start it from here.
 */

import * as React from 'react';

import { titleWords } from '../names';

import type { KeyReference, Runbook, Section, Step } from '../contract';
import { Markdown } from './markdown';
import { Button, Fold, Head, Severity, State } from './parts';
import { DoNot } from './donot';
import { useModels, useReading, useSurroundings } from './surroundings';

/** A runbook whole. */
export function RunbookView(props: { slug: string }): JSX.Element {
  const { desk } = useSurroundings();
  const { catalog, incidents } = desk;
  const { slug } = props;
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
            <Calls runbook={runbook} />
            {runbook.sections.map((section, index) => (
              <SectionText key={index} section={section} />
            ))}
          </div>
          <Start runbook={runbook} />
        </>
      )}
    </>
  );
}

/** Sections that are read before a start are open; the rest unfolds. */
const READ_FIRST = ['when', 'when-not'];

function SectionText(props: { section: Section }): JSX.Element {
  const { trans } = useSurroundings();
  const { section } = props;
  const steps = section.steps.length;
  return (
    <Fold
      title={section.title}
      aside={steps ? trans._n('%1 step', '%1 steps', steps) : undefined}
      open={READ_FIRST.includes(section.name)}
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

function Start(props: { runbook: Runbook }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const [rehearsal, setRehearsal] = React.useState(false);
  const { slug } = props.runbook;
  const open = desk.incidents.open.find(other => other.runbook === slug);
  return (
    <div className="jp-Keys-foot">
      {open && (
        <Button look="go" onClick={() => actions.openIncident(open.id)}>
          {trans.__('Continue incident %1', open.number)}
        </Button>
      )}
      <Button
        look={open ? 'other' : 'go'}
        onClick={() => actions.startIncident(slug, rehearsal)}
      >
        {trans.__('Start incident')}
      </Button>
      <label className="jp-Keys-check">
        <input
          type="checkbox"
          checked={rehearsal}
          onChange={event => setRehearsal(event.target.checked)}
        />
        {trans.__('Rehearsal')}
      </label>
    </div>
  );
}
