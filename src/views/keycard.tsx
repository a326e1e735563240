/**
 * The card of a key that a step calls: whether it can be run, what it would begin with, and the way to it.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Card, Incident, Json, KeyReference, Prefill } from '../contract';
import { quietly } from '../models/catalog';
import { placeName } from '../models/navigation';
import { titleWords } from '../names';
import { valueWords } from '../words';
import { Markdown } from './markdown';
import { initialValues } from './parameters';
import { Button, State } from './parts';
import { useSurroundings } from './surroundings';

interface ICardProps {
  reference: KeyReference;
  incident: Incident;
  step: string;
  /** The step's own commands, which stand beside the key of another tool. */
  commands: string[];
}

/** A key before its first run in this step. */
export function KeyCard(props: ICardProps): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { reference } = props;
  const row = desk.catalog.row(reference.slug);
  const installed = row?.installed ?? [];
  const foreign = isForeign(reference.slug, row?.kind);
  const prefill = usePrefill(props, installed.length > 0 && !foreign);
  return (
    <section
      className="jp-Keys-card"
      aria-label={trans.__('Key: %1', row?.title ?? reference.slug)}
    >
      <header>
        <notebookIcon.react tag="span" width="16px" height="16px" />
        <b className="jp-Keys-cut">
          {titleWords(row?.title ?? reference.slug)}
        </b>
        {row && (
          <State shape={installed.length ? 'ok' : 'ring'}>
            {installed.length
              ? trans.__('%1 installed', installed[0])
              : row.version}
          </State>
        )}
      </header>
      <div>
        <KeyFacts reference={reference} />
      </div>
      {prefill && <Prefilled prefill={prefill} incident={props.incident} />}
      {foreign ? (
        <Foreign {...props} />
      ) : (
        <KeyButtons {...props} prefill={prefill} />
      )}
    </section>
  );
}

/** Whether a key belongs to another tool; where it is not listed, its name says so. */
function isForeign(slug: string, kind: string | undefined): boolean {
  return kind ? kind !== 'jupyter' : !slug.startsWith('jupyter-');
}

/** What this incident knows of a key's values already. */
function usePrefill(props: ICardProps, wanted: boolean): Prefill | null {
  const { desk } = useSurroundings();
  const { incident, step, reference } = props;
  const [prefill, setPrefill] = React.useState<Prefill | null>(null);
  React.useEffect(() => {
    let shown = true;
    const read = async (): Promise<void> => {
      const known = await desk.api.prefill(incident.id, step, reference.slug);
      if (shown && Object.keys(known.values).length > 0) {
        setPrefill(known);
      }
    };
    if (wanted) {
      void quietly(read());
    }
    return () => {
      shown = false;
    };
  }, [incident.id, incident.runs.length, step, reference.slug, wanted]);
  return prefill;
}

/** The values the form will begin with, each with where it is from. */
function Prefilled(props: {
  prefill: Prefill;
  incident: Incident;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { prefill, incident } = props;
  return (
    <div className="jp-Keys-prefilled">
      <b>{trans.__('Begins with')}</b>
      <ul className="jp-Keys-list">
        {Object.entries(prefill.values).map(([name, value]) => (
          <li key={name}>
            <code>{name}</code> {valueWords(trans, value, null)}{' '}
            <span className="jp-Keys-second">
              {originWords(trans, incident, prefill.origin[name] ?? '')}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** "from the run in Step 2". */
function originWords(
  trans: TranslationBundle,
  incident: Incident,
  origin: string
): string {
  const [run, step] = origin.split('/', 2);
  const here = incident.runs.includes(run);
  const from = incident.steps.find(other => other.id === step);
  if (!here || from === undefined) {
    return trans.__('from the incident this one came from');
  }
  return trans.__('from the run in %1', from.label || from.title);
}

function KeyButtons(
  props: ICardProps & { prefill: Prefill | null }
): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { slug } = props.reference;
  const row = desk.catalog.row(slug);
  if (row === null) {
    return (
      <div>
        <State shape="never">{trans.__('Not in this library')}</State>
      </div>
    );
  }
  const busy = desk.catalog.isInstalling(slug);
  const ready = row.installed.length > 0;
  const origin = { incident: props.incident.id, step: props.step };
  const fillIn = async (): Promise<void> => {
    if (props.prefill) {
      await beginWith(desk, { slug, ...origin }, props.prefill.values);
    }
    actions.fillIn(slug, origin);
  };
  return (
    <div className="jp-Keys-buttons">
      {ready || row.entitled ? (
        <Button
          look="go"
          focusName={`run-key:${slug}`}
          disabled={busy || props.incident.closed_at !== null}
          onClick={() =>
            ready ? void desk.attempt(fillIn) : actions.install(slug)
          }
        >
          {busy
            ? trans.__('Installing')
            : ready
              ? trans.__('Run this key…')
              : trans.__('Install %1', row.version)}
        </Button>
      ) : (
        <State shape="forbidden">{trans.__('not entitled')}</State>
      )}
      <Button look="plain" onClick={() => actions.openKey(slug)}>
        {trans.__('Details')}
      </Button>
    </div>
  );
}

/** The form begins with what is known, unless somebody typed into it already. */
async function beginWith(
  desk: ReturnType<typeof useSurroundings>['desk'],
  at: { slug: string; incident: string; step: string },
  values: { [name: string]: Json }
): Promise<void> {
  // The form is in the panel, wherever this card is.
  const { drafts } = desk.navigation;
  const name = placeName({ view: 'form', version: null, ...at });
  if (!drafts.has(name)) {
    const { parameters } = await desk.api.parameters(at.slug, null);
    drafts.set(name, initialValues(parameters, values));
  }
}

/** A key of another tool: shown, fetched, and never executed here. */
function Foreign(props: ICardProps): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { reference, incident, step } = props;
  const [card, setCard] = React.useState<Card | null>(null);
  const row = desk.catalog.row(reference.slug);
  const fetched = row?.installed.length ?? 0;
  React.useEffect(() => {
    const read = async (): Promise<void> => {
      const { cards } = await desk.api.cards(incident.id, step);
      setCard(cards.find(one => one.slug === reference.slug) ?? null);
    };
    void quietly(read());
  }, [incident.id, step, reference.slug, fetched]);
  const code = card?.code ?? props.commands;
  return (
    <div>
      <p className="jp-Keys-help">
        {trans.__('A key of another tool: it is not run here.')} {card?.problem}
      </p>
      {(card?.location || reference.location) && (
        <p className="jp-Keys-help">
          <code>{card?.location || reference.location}</code>
        </p>
      )}
      {code.map((line, index) => (
        <pre key={index} className="jp-Keys-code">
          {line}
        </pre>
      ))}
      <div className="jp-Keys-buttons">
        {fetched > 0 ? (
          <State shape="ok">{trans.__('in your workspace')}</State>
        ) : row?.entitled ? (
          <>
            <Button onClick={() => actions.install(reference.slug)}>
              {trans.__('Fetch it into the workspace')}
            </Button>
            <State shape="ok">{trans.__('entitled')}</State>
          </>
        ) : (
          <State shape="never">
            {row ? trans.__('not entitled') : trans.__('not in this library')}
          </State>
        )}
      </div>
    </div>
  );
}

/** A step's call of a key, in the runbook's words. */
export function KeyFacts(props: { reference: KeyReference }): JSX.Element {
  const { trans } = useSurroundings();
  const { reference } = props;
  const facts: Array<[string, string]> = [
    [trans.__('When'), reference.when],
    [trans.__('Input'), reference.input],
    [trans.__('Output'), reference.output]
  ];
  return (
    <dl className="jp-Keys-facts">
      <dt>{trans.__('KEY')}</dt>
      <dd>
        <code>{reference.slug}</code>
      </dd>
      {facts
        .filter(([, text]) => text.trim() !== '')
        .map(([label, text]) => (
          <React.Fragment key={label}>
            <dt>{label}</dt>
            <dd>
              <Markdown text={text} />
            </dd>
          </React.Fragment>
        ))}
      {reference.questions.length > 0 && (
        <>
          <dt>{trans.__('Questions')}</dt>
          <dd>
            <ul className="jp-Keys-list">
              {reference.questions.map(question => (
                <li key={question}>{question}</li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}
