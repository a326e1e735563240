/**
 * Widgets for one of several values, and for a moment with or without its time zone.
 */

import type { WidgetProps } from '@rjsf/utils';
import * as React from 'react';

import type { Json, Parameter } from '../contract';
import { valueWords } from '../words';
import { useTrans } from './surroundings';

/** The parameter a widget is for. */
function parameterOf(props: WidgetProps): Parameter {
  return props.options.parameter as Parameter;
}

/** One of the declared values; an empty entry only where the value may be left out. */
export function ChoiceWidget(props: WidgetProps): JSX.Element {
  const trans = useTrans();
  const parameter = parameterOf(props);
  const choices: Json[] = parameter.choices ?? [true, false];
  const at = choices.findIndex(choice => choice === props.value);
  const unset = at < 0;
  return (
    <select
      id={props.id}
      value={at}
      required={props.required}
      onChange={event => {
        const chosen = Number(event.target.value);
        props.onChange(chosen < 0 ? undefined : choices[chosen]);
      }}
    >
      {parameter.optional && <option value={-1}>{trans.__('Not set')}</option>}
      {!parameter.optional && unset && (
        <option value={-1} disabled={true} hidden={true}>
          {trans.__('Choose…')}
        </option>
      )}
      {choices.map((choice, index) => (
        <option key={index} value={index}>
          {typeof choice === 'string'
            ? choice
            : valueWords(trans, choice, parameter.unit)}
        </option>
      ))}
    </select>
  );
}

const ZONE = /(Z|[+-]\d{2}:?\d{2})$/;

/** A moment as its two halves: what a clock shows, and the zone of that clock. */
export function splitMoment(text: string): { clock: string; zone: string } {
  const zone = ZONE.exec(text)?.[0] ?? '';
  const clock = text.slice(0, text.length - zone.length).replace(' ', 'T');
  return {
    clock: /^\d{4}-\d{2}-\d{2}$/.test(clock) ? `${clock}T00:00` : clock,
    zone
  };
}

/** A moment; one without a time zone says so, and stays without. */
export function MomentWidget(props: WidgetProps): JSX.Element {
  const trans = useTrans();
  const own = String(parameterOf(props).default ?? '');
  const value = typeof props.value === 'string' ? props.value : '';
  const { clock, zone: given } = splitMoment(value);
  const [zone, setZone] = React.useState(splitMoment(value || own).zone);
  const zones = zonesOf([given, splitMoment(own).zone]);
  const change = (clock: string, zone: string): void =>
    props.onChange(clock === '' ? undefined : clock + zone);
  return (
    <div className="jp-Keys-path">
      <input
        id={props.id}
        type="datetime-local"
        step={1}
        value={clock.slice(0, 19)}
        required={props.required}
        onChange={event => change(event.target.value, zone)}
      />
      <select
        aria-label={trans.__('Time zone of %1', props.label)}
        value={zone}
        onChange={event => {
          setZone(event.target.value);
          change(clock, event.target.value);
        }}
      >
        {zones.map(zone => (
          <option key={zone} value={zone}>
            {zone === ''
              ? trans.__('no zone')
              : isUtc(zone)
                ? trans.__('UTC')
                : zone}
          </option>
        ))}
      </select>
    </div>
  );
}

function isUtc(zone: string): boolean {
  return zone === 'Z' || zone === '+00:00';
}

/** What may be chosen: no zone, UTC as it was written, and any other that was. */
function zonesOf(written: string[]): string[] {
  const utc = written.find(isUtc) ?? 'Z';
  return [...new Set(['', utc, ...written.filter(zone => !isUtc(zone))])];
}
