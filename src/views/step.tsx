/**
 * A step: do this, expect that, run this key, then take one branch.
 */

import { copyIcon, notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type {
  Command,
  Incident,
  KeyReference,
  Run,
  Step,
  StepState
} from '../contract';
import { Branches } from './branches';
import { Markdown } from './markdown';
import { Button, Fold, IconButton, State } from './parts';
import { RunCard } from './run';
import { useSurroundings } from './surroundings';
import { titleWords } from '../names';
import { stepWords } from '../words';

interface IStepProps {
  step: Step;
  state: StepState;
  incident: Incident;
}

/** The step that is shown. */
export function StepView(props: IStepProps): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { step, state, incident } = props;
  const runs = desk.runs.ofStep(incident.id, step.id);
  const open = runs.length === 0;
  const title = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => {
    // What was in focus led here and is gone.
    if (document.activeElement === document.body) {
      title.current?.focus();
    }
  }, []);
  const { shape, word } = stepWords(trans, state, false);
  return (
    <div className="jp-Keys-scroll">
      <article className="jp-Keys-step" aria-labelledby="jp-Keys-stepTitle">
        <h2
          ref={title}
          id="jp-Keys-stepTitle"
          className="jp-Keys-stepTitle"
          tabIndex={-1}
        >
          {step.title}
        </h2>
        {state.state !== 'not_started' && <State shape={shape}>{word}</State>}
        {open ? (
          <Doing step={step} />
        ) : (
          <Fold
            title={trans.__('Action')}
            aside={trans._n('%1 command', '%1 commands', step.commands.length)}
          >
            <Doing step={step} />
          </Fold>
        )}
        {step.keys.map(key => (
          <KeyPlace
            key={key.slug}
            {...props}
            reference={key}
            runs={runs.filter(run => run.key === key.slug)}
          />
        ))}
        <Branches state={state} step={step} incident={incident} />
        <Fold title={trans.__('As the runbook has it')}>
          <Markdown text={step.text} />
        </Fold>
      </article>
    </div>
  );
}

/** When, what, the commands, and what to expect. */
function Doing(props: { step: Step }): JSX.Element {
  const { trans } = useSurroundings();
  const { step } = props;
  return (
    <div className="jp-Keys-doing">
      <Part label={trans.__('When')} text={step.when} />
      <Part label={trans.__('Action')} text={step.action} />
      {step.commands.map((command, index) => (
        <CommandLine
          key={index}
          command={command}
          name={trans.__('Command %1 of %2', index + 1, step.commands.length)}
        />
      ))}
      <Part label={trans.__('Expected')} text={step.expected} />
    </div>
  );
}

function Part(props: { label: string; text: string }): JSX.Element {
  if (props.text.trim() === '') {
    return <></>;
  }
  return (
    <div className="jp-Keys-part">
      <b>{props.label}</b>
      <Markdown text={props.text} />
    </div>
  );
}

function CommandLine(props: { command: Command; name: string }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { command, name } = props;
  const holes = [...new Set(command.placeholders)];
  return (
    <div role="group" aria-label={name}>
      <div className="jp-Keys-command">
        <code tabIndex={0}>{command.text}</code>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy %1', name)}
          onClick={() => actions.copy(command.text)}
        />
      </div>
      {holes.length > 0 && (
        <p className="jp-Keys-help">
          {trans.__('Replace %1 first.', holes.join(', '))}
        </p>
      )}
    </div>
  );
}

/** A key of the step: its card, or the card of its newest run. */
function KeyPlace(
  props: IStepProps & { reference: KeyReference; runs: Run[] }
): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { reference, runs, incident, step } = props;
  const fillIn = (): void =>
    actions.fillIn(reference.slug, { incident: incident.id, step: step.id });
  if (runs.length === 0) {
    return <KeyCard reference={reference} onRun={fillIn} />;
  }
  return (
    <>
      <Fold title={trans.__('Key')} aside={reference.slug}>
        <KeyFacts reference={reference} />
      </Fold>
      <RunCard run={runs[0]} />
      {runs.length > 1 && (
        <Fold title={trans.__('Earlier runs')} aside={String(runs.length - 1)}>
          {runs.slice(1).map(run => (
            <RunCard key={run.id} run={run} />
          ))}
        </Fold>
      )}
    </>
  );
}

function KeyCard(props: {
  reference: KeyReference;
  onRun: () => void;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { reference } = props;
  const row = desk.catalog.row(reference.slug);
  const installed = row?.installed ?? [];
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
      <KeyButtons {...props} />
    </section>
  );
}

function KeyButtons(props: {
  reference: KeyReference;
  onRun: () => void;
}): JSX.Element {
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
  return (
    <div className="jp-Keys-buttons">
      <Button
        look="go"
        focusName={`run-key:${slug}`}
        disabled={busy || (!ready && !row.entitled)}
        onClick={ready ? props.onRun : () => actions.install(slug)}
      >
        {ready
          ? trans.__('Run this key…')
          : busy
            ? trans.__('Installing')
            : trans.__('Install %1', row.version)}
      </Button>
      <Button look="plain" onClick={() => actions.openKey(slug)}>
        {trans.__('Details')}
      </Button>
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
