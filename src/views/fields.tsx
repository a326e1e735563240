/**
 * How a field of a form looks: its name, what it needs, the value, and where that came from.
 */

import { folderIcon } from '@jupyterlab/ui-components';
import type {
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  WidgetProps
} from '@rjsf/utils';
import * as React from 'react';

import type { Parameter } from '../contract';
import { Fold, IconButton } from './parts';
import { useSurroundings } from './surroundings';
import { Glyph } from './glyph';
import { valueWords } from '../words';

/** The fields in order; the rarely used ones folded, with a count. */
export function FormFrame(props: ObjectFieldTemplateProps): JSX.Element {
  const { trans } = useSurroundings();
  const options = props.uiSchema?.['ui:options'];
  const away = (options?.folded ?? []) as string[];
  const shown = props.properties.filter(item => !away.includes(item.name));
  const rest = props.properties.filter(item => away.includes(item.name));
  return (
    <>
      {shown.map(item => item.content)}
      {rest.length > 0 && (
        <Fold
          title={trans.__('Advanced')}
          aside={trans._n('%1 value', '%1 values', rest.length)}
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
  const { parameters } = formContext as { parameters: Parameter[] };
  const name = id.replace(/^root_?/, '');
  const parameter = parameters.find(other => other.name === name);
  if (parameter === undefined) {
    return <>{children}</>;
  }
  const errors = [...new Set(rawErrors ?? [])];
  const isBox = props.schema.type === 'boolean';
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
        <div key={error} className="jp-Keys-fieldError" role="alert">
          <Glyph shape="failed" size={14} />
          <span>{error}</span>
        </div>
      ))}
      <Help parameter={parameter} value={props.formData} />
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
  const text = [parameter.help, sample].filter(Boolean).join(' ');
  return text ? <p className="jp-Keys-help">{text}</p> : <></>;
}

/** A file of the workspace: typed with completion, or chosen. */
export function PathWidget(props: WidgetProps): JSX.Element {
  const { trans, actions } = useSurroundings();
  const [paths, setPaths] = React.useState<string[]>([]);
  const value = typeof props.value === 'string' ? props.value : '';
  const change = (text: string): void => {
    props.onChange(text === '' ? undefined : text);
  };
  const sample = value === props.options.sample;
  const look = (): void => {
    void actions.suggestPaths(sample ? '' : value).then(setPaths);
  };
  React.useEffect(() => {
    if (!sample) {
      look();
    }
  }, [folderOf(value)]);
  return (
    <div className="jp-Keys-path">
      <input
        id={props.id}
        type="text"
        list={`${props.id}-paths`}
        value={value}
        required={props.required}
        spellCheck={false}
        autoComplete="off"
        onFocus={look}
        onChange={event => change(event.target.value)}
      />
      <datalist id={`${props.id}-paths`}>
        {paths.map(path => (
          <option key={path} value={path} />
        ))}
      </datalist>
      <IconButton
        icon={folderIcon}
        label={trans.__('Choose a file of the workspace')}
        onClick={() => {
          void actions.browse().then(path => path !== null && change(path));
        }}
      />
    </div>
  );
}

/** The folder a typed path is in. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
