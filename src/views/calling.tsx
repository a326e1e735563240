/**
 * What set an incident off, filled in before it starts; the values of a link are here to be confirmed.
 */

import * as React from 'react';

import type { ICall } from '../models/navigation';
import { Fold } from './parts';
import { useSurroundings } from './surroundings';

/** What calls for an incident, as a person fills it in. */
export interface ICalling {
  trigger: string;
  symptoms: string;
  name: string;
  rehearsal: boolean;
  values: { [name: string]: string };
}

/** What set it off; the values of a link are here to be confirmed. */
export function Calling(props: {
  calling: ICalling;
  link: boolean;
  onChange: (calling: ICalling) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { calling, link, onChange } = props;
  const values = Object.entries(calling.values);
  const open = calling.trigger !== '' || values.length > 0;
  return (
    <Fold
      title={trans.__('What set it off')}
      aside={trans.__('optional')}
      open={open}
    >
      <div className="jp-Keys-calling">
        {link && values.length > 0 && (
          <p>
            {trans.__(
              'These values came with the link. They are recorded as facts when you start, and nothing runs by itself.'
            )}
          </p>
        )}
        {values.map(([name, value]) => (
          <label key={name}>
            <span>{name}</span>
            <input
              type="text"
              value={value}
              onChange={event =>
                onChange({
                  ...calling,
                  values: { ...calling.values, [name]: event.target.value }
                })
              }
            />
          </label>
        ))}
        <Circumstances calling={calling} onChange={onChange} />
        <label className="jp-Keys-check">
          <input
            type="checkbox"
            checked={calling.rehearsal}
            onChange={event =>
              onChange({ ...calling, rehearsal: event.target.checked })
            }
          />
          {trans.__('Rehearsal (every record is marked so)')}
        </label>
      </div>
    </Fold>
  );
}

/** What the form begins with. */
export function beginningOf(call: ICall | null): ICalling {
  return {
    trigger: call?.trigger ?? '',
    symptoms: '',
    name: '',
    rehearsal: false,
    values: call?.values ?? {}
  };
}

function Circumstances(props: {
  calling: ICalling;
  onChange: (calling: ICalling) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { calling, onChange } = props;
  return (
    <>
      <label>
        <span>{trans.__('Alert or trigger')}</span>
        <textarea
          rows={calling.trigger ? 3 : 1}
          value={calling.trigger}
          onChange={event =>
            onChange({ ...calling, trigger: event.target.value })
          }
        />
      </label>
      <label>
        <span>{trans.__('Symptoms')}</span>
        <textarea
          rows={1}
          value={calling.symptoms}
          onChange={event =>
            onChange({ ...calling, symptoms: event.target.value })
          }
        />
      </label>
      <label>
        <span>{trans.__('Your name')}</span>
        <input
          type="text"
          value={calling.name}
          onChange={event => onChange({ ...calling, name: event.target.value })}
        />
      </label>
    </>
  );
}
