/**
 * How a field of a form looks: its name, what it needs, the value, and where that came from.
 */

import type { FieldTemplateProps, ObjectFieldTemplateProps } from '@rjsf/utils';
import * as React from 'react';

import type { Parameter } from '../contract';
import { same } from './parameters';
import { Fold } from './parts';
import { neededWords } from './problems';
import { useSurroundings } from './surroundings';
import { Glyph } from './glyph';
import { valueWords } from '../words';

/** What the fields of a form know of it. */
export interface IFormContext {
  /** What the key declares. */
  parameters: Parameter[];
  /** Whether a run was tried: before that, nobody is told off for an empty field. */
  tried: boolean;
}

/** The fields in order; the rarely used ones folded, with a count. */
export function FormFrame(props: ObjectFieldTemplateProps): JSX.Element {
  const { trans } = useSurroundings();
  const options = props.uiSchema?.['ui:options'];
  const away = (options?.folded ?? []) as string[];
  const shown = props.properties.filter(item => !away.includes(item.name));
  const rest = props.properties.filter(item => away.includes(item.name));
  const { parameters } = props.formContext as IFormContext;
  const values = (props.formData ?? {}) as { [name: string]: unknown };
  const changed = parameters.filter(
    ({ name, default: own }) =>
      away.includes(name) && !same(values[name] ?? null, own)
  ).length;
  const wrong = away.some(name => name in (props.errorSchema ?? {}));
  return (
    <>
      {shown.map(item => item.content)}
      {rest.length > 0 && (
        <Fold
          title={trans.__('Advanced')}
          open={wrong}
          aside={
            changed === 0
              ? trans._n(
                  '%1 value at its default',
                  '%1 values, all at their defaults',
                  rest.length
                )
              : trans.__('%1 values, %2 changed', rest.length, changed)
          }
        >
          {rest.map(item => item.content)}
        </Fold>
      )}
    </>
  );
}

/** One field. */
export function FieldFrame(props: FieldTemplateProps): JSX.Element {
  const { formContext, id, label, children, rawErrors } = props;
  const { trans } = useSurroundings();
  const { parameters, tried } = formContext as IFormContext;
  const name = id.replace(/^root_?/, '');
  const parameter = parameters.find(other => other.name === name);
  if (parameter === undefined) {
    return <>{children}</>;
  }
  const errors = [...new Set(rawErrors ?? [])].filter(
    error => tried || error !== neededWords(trans)
  );
  const isBox = props.schema.type === 'boolean' && !parameter.optional;
  return (
    <div className={`jp-Keys-field${errors.length > 0 ? ' jp-mod-bad' : ''}`}>
      {!isBox && (
        <div className="jp-Keys-fieldLabel">
          <label htmlFor={id}>{label}</label>
          <Needs parameter={parameter} />
        </div>
      )}
      {children}
      {errors.map(error => (
        <FieldError key={error}>{error}</FieldError>
      ))}
      <Help parameter={parameter} value={props.formData} />
    </div>
  );
}

/** What is wrong with a field. */
export function FieldError(props: { children: React.ReactNode }): JSX.Element {
  return (
    <div className="jp-Keys-fieldError" role="alert">
      <Glyph shape="failed" size={14} />
      <span>{props.children}</span>
    </div>
  );
}

/** Required or optional, and the range or unit. */
function Needs(props: { parameter: Parameter }): JSX.Element {
  const { trans } = useSurroundings();
  const { parameter } = props;
  const parts = [rangeWords(trans, parameter)];
  if (parameter.required) {
    parts.push(trans.__('required'));
  } else if (parameter.optional) {
    parts.push(trans.__('optional'));
  }
  return <span>{parts.filter(Boolean).join(' · ')}</span>;
}

function rangeWords(
  trans: ReturnType<typeof useSurroundings>['trans'],
  parameter: Parameter
): string {
  const { minimum, maximum, unit } = parameter;
  if (minimum !== null && maximum !== null) {
    const top = valueWords(trans, maximum, unit);
    return trans.__('%1 to %2', valueWords(trans, minimum, null), top);
  }
  if (minimum !== null) {
    return trans.__('from %1', valueWords(trans, minimum, unit));
  }
  if (maximum !== null) {
    return trans.__('up to %1', valueWords(trans, maximum, unit));
  }
  return unit ?? '';
}

/** What the author says, and where a prefilled value came from. */
function Help(props: { parameter: Parameter; value: unknown }): JSX.Element {
  const { trans } = useSurroundings();
  const { parameter, value } = props;
  const untouched = JSON.stringify(value) === JSON.stringify(parameter.default);
  const sample =
    parameter.file && untouched && parameter.default
      ? trans.__('The sample file of this key.')
      : '';
  const computed =
    parameter.computed && value === undefined
      ? trans.__('Left empty, the notebook works it out.')
      : '';
  const secret = parameter.secret
    ? trans.__('Never written to disk, nor remembered here.')
    : '';
  const text = [parameter.help, sample, computed, secret]
    .filter(Boolean)
    .join(' ');
  return text ? <p className="jp-Keys-help">{text}</p> : <></>;
}
