/**
 * The form of a key's parameters: typed, prefilled, checked before anything runs.
 */

import type { RJSFSchema } from '@rjsf/utils';
// This module itself is only loaded when the panel is first shown.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { customizeValidator } from '@rjsf/validator-ajv8';
import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { titleWords } from '../names';

import type { CellPreview, ParametersReply } from '../contract';
import type { Draft, IFormPlace } from '../models/navigation';
import { placeName } from '../models/navigation';
import { asKeysError } from '../models/catalog';
import { newRunId } from '../models/run';
import { KeysError } from '../request';
import { FieldFrame, FormFrame, PathWidget } from './fields';
import {
  given,
  initialValues,
  problemWords,
  schemaOf,
  uiOf
} from './parameters';
import { Button, ErrorNote, Fold, Head, Note, Severity } from './parts';
import { useModels, useSurroundings } from './surroundings';

const FORM_ID = 'jp-Keys-form';
const TEMPLATES = { FieldTemplate: FieldFrame, ObjectFieldTemplate: FormFrame };
const WIDGETS = { path: PathWidget };
const VALIDATOR = customizeValidator<ReadonlyJSONObject>();

/** How long typing has to pause before the cell is asked for again, in ms. */
const PREVIEW_PAUSE = 400;

/** A form, once the server said what the key takes. */
export function FormView(props: { place: IFormPlace }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { place } = props;
  const [reply, setReply] = React.useState<ParametersReply | null>(null);
  const [error, setError] = React.useState<KeysError | null>(null);
  useModels(desk.catalog);
  React.useEffect(() => {
    desk.api
      .parameters(place.slug, place.version)
      .then(setReply)
      .catch(reason => setError(asKeysError(reason)));
  }, [place.slug, place.version]);
  const title = titleWords(desk.catalog.row(place.slug)?.title ?? place.slug);
  return (
    <>
      <Head title={trans.__('Run %1', title)} />
      <Origin place={place} />
      {error && <ErrorNote error={error} />}
      {reply ? (
        <Form place={place} reply={reply} onError={setError} />
      ) : (
        <div className="jp-Keys-scroll" />
      )}
    </>
  );
}

/** Which step asked for the run. */
function Origin(props: { place: IFormPlace }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident: id, step: stepId } = props.place;
  const incident = id ? desk.incidents.get(id) : null;
  if (incident === null) {
    return <></>;
  }
  const step = incident.steps.find(step => step.id === stepId);
  return (
    <div className="jp-Keys-meta">
      <Severity severity={incident.severity} />
      <span className="jp-Keys-wrap">
        {step
          ? trans.__('%1, %2', step.title, titleWords(incident.title))
          : incident.title}
      </span>
    </div>
  );
}

function Form(props: {
  place: IFormPlace;
  reply: ParametersReply;
  onError: (error: KeysError | null) => void;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { place, reply } = props;
  const name = placeName(place);
  const { drafts, examples } = desk.navigation;
  const [values, setValues] = React.useState<Draft>(
    () =>
      drafts.get(name) ?? initialValues(reply.parameters, examples.get(name))
  );
  const [busy, setBusy] = React.useState(false);
  const change = (next: Draft): void => {
    drafts.set(name, next);
    setValues(next);
  };
  const run = async (): Promise<void> => {
    setBusy(true);
    props.onError(null);
    try {
      await actions.start(requestOf(place, reply, values));
    } catch (error) {
      props.onError(asKeysError(error));
      setBusy(false);
    }
  };
  return (
    <>
      <div className="jp-Keys-scroll jp-Keys-page">
        <Fields reply={reply} values={values} onChange={change} onRun={run} />
        <Preview reply={reply} place={place} values={values} />
        <Note kind="info" title={trans.__('Works on a copy.')}>
          {trans.__(
            'The installed key stays as it is. Kernel: %1.',
            reply.kernel
          )}
        </Note>
      </div>
      <div className="jp-Keys-foot">
        <Button look="go" form={FORM_ID} disabled={busy}>
          {busy ? trans.__('Starting') : trans.__('Run')}
        </Button>
        <Button onClick={() => actions.back()}>{trans.__('Back')}</Button>
      </div>
    </>
  );
}

/** What the server is asked to run. */
function requestOf(
  place: IFormPlace,
  reply: ParametersReply,
  values: Draft
): Parameters<ReturnType<typeof useSurroundings>['actions']['start']>[0] {
  const { parameters, nulls } = given(reply.parameters, values);
  return {
    key: place.slug,
    version: reply.version,
    parameters,
    nulls,
    kernel: null,
    timeout: null,
    cell_timeout: null,
    incident: place.incident,
    step: place.step,
    id: newRunId()
  };
}

function Fields(props: {
  reply: ParametersReply;
  values: Draft;
  onChange: (values: Draft) => void;
  onRun: () => Promise<void>;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { reply } = props;
  const schema = React.useMemo(() => schemaOf(trans, reply), [reply]);
  const uiSchema = React.useMemo(() => uiOf(reply), [reply]);
  if (reply.parameters.length === 0) {
    return (
      <form
        id={FORM_ID}
        onSubmit={event => {
          event.preventDefault();
          void props.onRun();
        }}
      >
        <p>{trans.__('This key takes no parameters.')}</p>
      </form>
    );
  }
  return (
    <div
      className="jp-Keys-form"
      onKeyDown={event => onFormKey(event, () => actions.back())}
    >
      <FormComponent
        id={FORM_ID}
        schema={schema as RJSFSchema}
        uiSchema={uiSchema}
        formData={props.values}
        formContext={{ parameters: reply.parameters }}
        templates={TEMPLATES}
        widgets={WIDGETS}
        validator={VALIDATOR}
        liveValidate={true}
        showErrorList={false}
        noHtml5Validate={true}
        focusOnFirstError={true}
        transformErrors={problems =>
          problems.map(problem => ({
            ...problem,
            message: problemWords(trans, problem)
          }))
        }
        onChange={event => props.onChange(event.formData as Draft)}
        onSubmit={() => void props.onRun()}
      />
    </div>
  );
}

/** The keys of a form; a choice that is open keeps its own Escape. */
function onFormKey(event: React.KeyboardEvent, back: () => void): void {
  const inChoice = event.target instanceof HTMLSelectElement;
  if (event.key === 'Escape' && !inChoice) {
    event.stopPropagation();
    back();
  }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.stopPropagation();
    const form = document.getElementById(FORM_ID);
    if (form instanceof HTMLFormElement) {
      form.requestSubmit();
    }
  }
}

/** The exact cell that a run with these values would get. */
function Preview(props: {
  reply: ParametersReply;
  place: IFormPlace;
  values: Draft;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { reply, place, values } = props;
  const [open, setOpen] = React.useState(false);
  const [shown, setShown] = React.useState<CellPreview | KeysError | null>(
    null
  );
  React.useEffect(() => {
    if (!open) {
      return;
    }
    const ask = (): void => {
      const { parameters, nulls } = given(reply.parameters, values);
      desk.api
        .cell(place.slug, { version: reply.version, values: parameters, nulls })
        .then(setShown)
        .catch(reason => setShown(asKeysError(reason)));
    };
    const timer = window.setTimeout(ask, PREVIEW_PAUSE);
    return () => window.clearTimeout(timer);
  }, [open, values]);
  return (
    <Fold title={trans.__('Cell that will be injected')} onToggle={setOpen}>
      {shown instanceof KeysError ? (
        <Note kind="warning" title={shown.message}>
          {shown.hint}
        </Note>
      ) : (
        <pre className="jp-Keys-tail" tabIndex={0}>
          {shown?.source.trim() === ''
            ? trans.__('Nothing: all values are the notebook’s own.')
            : shown?.source}
        </pre>
      )}
    </Fold>
  );
}
