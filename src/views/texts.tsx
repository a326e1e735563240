/**
 * Fields for lists and other JSON: typed as text, checked as what it means.
 */

import type { ErrorSchema, FieldProps } from '@rjsf/utils';
import * as React from 'react';

import type { Json, Parameter } from '../contract';
import { FieldError } from './fields';
import { useTrans } from './surroundings';

/** A list with one value a line. */
export function LinesField(props: FieldProps): JSX.Element {
  const trans = useTrans();
  const items = props.schema.items as { type?: string } | undefined;
  return (
    <TextField
      {...props}
      hint={trans.__('One value per line.')}
      write={value => (Array.isArray(value) ? value.join('\n') : '')}
      read={text => linesOf(text, items?.type !== 'string')}
    />
  );
}

/** Any JSON. */
export function JsonField(props: FieldProps): JSX.Element {
  const trans = useTrans();
  const parameter = parameterOf(props);
  return (
    <TextField
      {...props}
      hint={trans.__('JSON: %1.', parameter.type)}
      write={value =>
        value === undefined
          ? ''
          : typeof value === 'string'
            ? value
            : JSON.stringify(value)
      }
      read={jsonOf}
    />
  );
}

/** The values of a text with one a line; what is no number stays a text, and the check says so. */
export function linesOf(text: string, numbers: boolean): Json[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(line =>
      numbers && !Number.isNaN(Number(line)) ? Number(line) : line
    );
}

/** What a text means as JSON; the text itself where it is none, and nothing where it is empty. */
export function jsonOf(text: string): Json | undefined {
  if (text.trim() === '') {
    return undefined;
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function parameterOf(props: FieldProps): Parameter {
  return props.uiSchema?.['ui:options']?.parameter as Parameter;
}

function TextField(
  props: FieldProps & {
    hint: string;
    write: (value: unknown) => string;
    read: (text: string) => Json | undefined;
  }
): JSX.Element {
  const { idSchema, formData, hint, write, read } = props;
  const [text, setText] = React.useState(() => write(formData));
  const errors = [...new Set(deepErrors(props.errorSchema))];
  return (
    <>
      <textarea
        id={idSchema.$id}
        rows={Math.min(6, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        aria-describedby={`${idSchema.$id}-hint`}
        value={text}
        onChange={event => {
          setText(event.target.value);
          props.onChange(read(event.target.value));
        }}
      />
      {errors.map(error => (
        <FieldError key={error}>{error}</FieldError>
      ))}
      <p id={`${idSchema.$id}-hint`} className="jp-Keys-help">
        {hint}
      </p>
    </>
  );
}

/** What is wrong with the parts of a value; the frame of the field says what is wrong with the whole. */
function deepErrors(errors: ErrorSchema | undefined, top = true): string[] {
  if (errors === undefined) {
    return [];
  }
  const { __errors = [], ...parts } = errors;
  return [
    ...(top ? [] : __errors),
    ...Object.values(parts).flatMap(part =>
      deepErrors(part as ErrorSchema, false)
    )
  ];
}
