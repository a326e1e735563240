/**
 * The fields of a form in JupyterLab's own form component, with our widgets and words.
 */

import type { ErrorSchema, RJSFSchema } from '@rjsf/utils';
// This module itself is only loaded when the panel is first shown.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { customizeValidator } from '@rjsf/validator-ajv8';
import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type { ParametersReply } from '../contract';
import type { Draft } from '../models/navigation';
import { ChoiceWidget, MomentWidget } from './choice';
import type { IFormContext } from './fields';
import { FieldFrame, FormFrame } from './fields';
import { schemaOf, uiOf } from './parameters';
import { PathWidget } from './path';
import type { Wrong } from './problems';
import { problemWords } from './problems';
import { useSurroundings } from './surroundings';
import { JsonField, LinesField } from './texts';

/** The id of the form, by which a button outside submits it. */
export const FORM_ID = 'jp-Keys-form';

const TEMPLATES = { FieldTemplate: FieldFrame, ObjectFieldTemplate: FormFrame };
const WIDGETS = {
  path: PathWidget,
  choice: ChoiceWidget,
  moment: MomentWidget
};
const FIELDS = { lines: LinesField, json: JsonField };
const VALIDATOR = customizeValidator<ReadonlyJSONObject>();

/** The fields; `onRun` is called when all that is typed fits. */
export function Fields(props: {
  reply: ParametersReply;
  values: Draft;
  /** What the server said of them. */
  wrong: Wrong;
  onChange: (values: Draft) => void;
  onRun: () => void;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { reply, wrong } = props;
  const [tried, setTried] = React.useState(false);
  const schema = React.useMemo(() => schemaOf(reply), [reply]);
  const uiSchema = React.useMemo(
    () => uiOf(reply, trans.__('Not set')),
    [reply]
  );
  const extra = React.useMemo(() => errorsOf(wrong), [wrong]);
  useFocusOnWrong(reply, wrong);
  const context: IFormContext = { parameters: reply.parameters, tried };
  if (reply.parameters.length === 0) {
    return <NoFields {...props} />;
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
        formContext={context}
        templates={TEMPLATES}
        widgets={WIDGETS}
        fields={FIELDS}
        validator={VALIDATOR}
        extraErrors={extra}
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
        onError={() => setTried(true)}
        onSubmit={props.onRun}
      />
    </div>
  );
}

/** What the server said, as the form component takes it. */
function errorsOf(wrong: Wrong): ErrorSchema<ReadonlyJSONObject> {
  return Object.fromEntries(
    Object.entries(wrong).map(([name, __errors]) => [name, { __errors }])
  ) as ErrorSchema<ReadonlyJSONObject>;
}

/** Once the server found a value wrong, its field has the focus; the first one where there are several. */
function useFocusOnWrong(reply: ParametersReply, wrong: Wrong): void {
  const count = Object.keys(wrong).length;
  const before = React.useRef(0);
  React.useEffect(() => {
    const first = reply.parameters.find(({ name }) => name in wrong);
    const more = count > before.current;
    before.current = count;
    if (first && more) {
      // A frame later, because a fold may have to open for it.
      const frame = requestAnimationFrame(() =>
        document.getElementById(`root_${first.name}`)?.focus()
      );
      return () => cancelAnimationFrame(frame);
    }
  }, [count]);
}

/** A notebook that asks for nothing. */
function NoFields(props: {
  reply: ParametersReply;
  onRun: () => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  return (
    <form
      id={FORM_ID}
      onSubmit={event => {
        event.preventDefault();
        props.onRun();
      }}
    >
      <p>
        {props.reply.has_cell
          ? trans.__('This key takes no parameters.')
          : trans.__(
              'No cell of this notebook is tagged “parameters”, so there is nothing to fill in. It runs as it is.'
            )}
      </p>
    </form>
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
