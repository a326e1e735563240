import { nullTranslator } from '@jupyterlab/translation';

import type { Json, Parameter, ParametersReply } from '../contract';
import { splitMoment } from '../views/choice';
import {
  folded,
  given,
  initialValues,
  schemaOf,
  secretsOf,
  uiOf,
  withoutSecrets
} from '../views/parameters';
import { KeysError } from '../request';
import { stillWrong, unreadable, wrongFields } from '../views/problems';
import { jsonOf, linesOf } from '../views/texts';

function aParameter(name: string, change: Partial<Parameter> = {}): Parameter {
  return {
    name,
    type: 'str',
    default: null,
    required: false,
    title: name,
    help: '',
    unit: null,
    choices: null,
    optional: false,
    secret: false,
    file: false,
    output_folder: false,
    minimum: null,
    maximum: null,
    pattern: null,
    computed: false,
    ...change
  };
}

const LOG = aParameter('log', { default: 'sample/log.csv', file: true });
const SLOW = aParameter('slow', { type: 'int | None', optional: true });
const RATE = aParameter('rate', { type: 'float', default: 95 });
const FOLDER = aParameter('out', { default: 'artifacts', output_folder: true });

function aReply(
  parameters: Parameter[],
  properties: { [name: string]: Json }
): ParametersReply {
  return {
    slug: 'x',
    version: '1.0.0',
    notebook: 'x.ipynb',
    kernel: 'python3',
    has_cell: true,
    parameters,
    json_schema: { type: 'object', properties }
  };
}

/** What draws each parameter. */
function widgets(reply: ParametersReply): { [name: string]: unknown } {
  const ui = uiOf(reply) as { [name: string]: { [word: string]: unknown } };
  return Object.fromEntries(
    reply.parameters.map(({ name }) => [
      name,
      ui[name]['ui:field'] ?? ui[name]['ui:widget']
    ])
  );
}

describe('given', () => {
  const all = [LOG, SLOW, RATE, FOLDER];

  it('sends nothing that was left as it is', () => {
    expect(given(all, initialValues(all))).toEqual({
      parameters: {},
      nulls: []
    });
  });

  it('sends what was changed', () => {
    const values = { ...initialValues(all), rate: 90, slow: 200 };
    expect(given(all, values)).toEqual({
      parameters: { rate: 90, slow: 200 },
      nulls: []
    });
  });

  it('never sends the folder of the artifacts', () => {
    const values = { ...initialValues(all), out: '/etc' };
    expect(given(all, values).parameters).toEqual({});
  });

  it('says that an optional value with a default was emptied', () => {
    const limit = aParameter('limit', { optional: true, default: 5 });
    expect(given([limit], {}).nulls).toEqual(['limit']);
    expect(given([limit], { limit: '' }).nulls).toEqual(['limit']);
  });

  it('sends a text that was emptied as an empty text', () => {
    const zone = aParameter('zone', { default: 'UTC' });
    expect(given([zone], {}).parameters).toEqual({ zone: '' });
  });

  it('sends false and zero', () => {
    const flag = aParameter('flag', { type: 'bool', default: true });
    const values = { flag: false, rate: 0 };
    expect(given([flag, RATE], values).parameters).toEqual(values);
  });
});

describe('initialValues', () => {
  it('begins with the values of an earlier run, and never its folder', () => {
    const example = { rate: 90, out: '/elsewhere', unknown: 1 };
    expect(initialValues([LOG, RATE, FOLDER], example)).toEqual({
      log: 'sample/log.csv',
      rate: 90
    });
  });

  it('takes up that an earlier run had nothing, no secret, and no choice that is gone', () => {
    const limit = aParameter('limit', { optional: true, default: 5 });
    const token = aParameter('token', { secret: true, required: true });
    const zone = aParameter('zone', { default: 'a', choices: ['a', 'b'] });
    const example = { limit: null, token: 'secret, hmac', zone: 'gone' };
    expect(initialValues([limit, token, zone], example)).toEqual({ zone: 'a' });
  });
});

describe('schemaOf', () => {
  it('makes a field that may stay empty of "something or nothing"', () => {
    const declared: { [name: string]: Json } = {
      slow: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }
    };
    const schema = schemaOf(aReply([SLOW], declared));
    expect(schema.properties).toEqual({
      slow: { type: 'integer', minimum: 1, title: 'slow' }
    });
  });

  it('asks for what is required and hides what is not asked', () => {
    const needed = aParameter('needed', { required: true });
    const schema = schemaOf(aReply([needed, FOLDER], {}));
    expect(schema.required).toEqual(['needed']);
    expect(Object.keys(schema.properties as object)).toEqual(['needed']);
  });

  it('leaves a choice a choice, whether it may stay empty or not', () => {
    const zone = aParameter('zone', { optional: true, choices: ['a'] });
    const kind = aParameter('kind', { required: true, choices: ['b'] });
    const declared: { [name: string]: Json } = {
      zone: { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
      kind: { type: 'string', enum: ['b'] }
    };
    const reply = aReply([zone, kind], declared);
    expect(schemaOf(reply).properties).toEqual({
      zone: { title: 'zone', type: 'string', enum: ['a'] },
      kind: { title: 'kind', type: 'string', enum: ['b'] }
    });
    expect(widgets(reply)).toEqual({ zone: 'choice', kind: 'choice' });
  });

  it('takes every kind of a value that may be of several', () => {
    const mixed = aParameter('mixed', { type: 'int | str' });
    const anyOf = [{ type: 'integer' }, { type: 'string' }];
    const reply = aReply([mixed], { mixed: { anyOf } });
    expect(schemaOf(reply).properties).toEqual({
      mixed: { title: 'mixed', anyOf }
    });
    expect(widgets(reply)).toEqual({ mixed: 'json' });
  });

  it('leaves a pattern that only Python reads to the server', () => {
    const named = aParameter('named', { pattern: '(?P<x>a)' });
    const declared = { named: { type: 'string', pattern: '(?P<x>a)' } };
    expect(schemaOf(aReply([named], declared)).properties).toEqual({
      named: { title: 'named', type: 'string' }
    });
  });
});

describe('uiOf', () => {
  it.each<[string, Partial<Parameter>, Json, string | undefined]>([
    ['a text', {}, { type: 'string' }, undefined],
    ['a file', { file: true }, { type: 'string' }, 'path'],
    ['a secret', { secret: true }, { type: 'string' }, 'password'],
    ['yes or no', { type: 'bool' }, { type: 'boolean' }, undefined],
    ['yes, no or nothing', { optional: true }, { type: 'boolean' }, 'choice'],
    ['a date', {}, { type: 'string', format: 'date' }, undefined],
    ['a moment', {}, { type: 'string', format: 'date-time' }, 'moment'],
    ['texts', {}, { type: 'array', items: { type: 'string' } }, 'lines'],
    ['lists', {}, { type: 'array', items: { type: 'array' } }, 'json'],
    ['a pair', {}, { type: 'array', prefixItems: [] }, 'json'],
    ['a mapping', {}, { type: 'object' }, 'json'],
    ['anything', { type: 'Any' }, {}, 'json']
  ])('%s', (_, change, declared, expected) => {
    const reply = aReply([aParameter('p', change)], { p: declared });
    expect(widgets(reply)).toEqual({ p: expected });
  });
});

describe('linesOf', () => {
  it('reads numbers where numbers are wanted', () => {
    expect(linesOf(' 1 \n\n2.5\nx', true)).toEqual([1, 2.5, 'x']);
    expect(linesOf('1\n02', false)).toEqual(['1', '02']);
  });
});

describe('jsonOf', () => {
  it('reads JSON, keeps other text, and nothing for nothing', () => {
    expect(jsonOf('{"a": [1]}')).toEqual({ a: [1] });
    expect(jsonOf('02')).toBe('02');
    expect(jsonOf('  ')).toBeUndefined();
  });
});

describe('splitMoment', () => {
  it.each([
    ['2026-11-21T03:00:00', '2026-11-21T03:00:00', ''],
    ['2026-11-21 03:00', '2026-11-21T03:00', ''],
    ['2026-11-21T03:00:00Z', '2026-11-21T03:00:00', 'Z'],
    ['2026-11-21T03:00:00+02:00', '2026-11-21T03:00:00', '+02:00'],
    ['2026-11-21', '2026-11-21T00:00', ''],
    ['', '', '']
  ])('%s', (text, clock, zone) => {
    expect(splitMoment(text)).toEqual({ clock, zone });
  });
});

describe('folded', () => {
  it('folds the seventh optional value and those behind it', () => {
    const many = Array.from({ length: 8 }, (_, n) => aParameter(`p${n}`));
    expect(folded([LOG, ...many])).toEqual(['p6', 'p7']);
  });
});

describe('secrets', () => {
  const TOKEN = aParameter('token', { secret: true, required: true });

  it('are kept apart from the values that others may see', () => {
    const values = { token: 'abcd', rate: 99 };
    expect(withoutSecrets([TOKEN, RATE], values)).toEqual({ rate: 99 });
    expect(secretsOf([TOKEN, RATE], values)).toEqual({ token: 'abcd' });
    expect(secretsOf([TOKEN, RATE], { rate: 99 })).toEqual({});
  });

  it('are typed unseen, and no browser is asked to fill them in', () => {
    const ui = uiOf(aReply([TOKEN], { token: { type: 'string' } }));
    expect(ui.token).toMatchObject({
      'ui:widget': 'password',
      'ui:autocomplete': 'new-password'
    });
  });
});

describe('what the server says of values', () => {
  const refusal = (...names: string[]): KeysError => {
    const problems = names.map(name => ({
      name,
      code: 'X',
      message: `${name} is wrong.`,
      hint: 'Mend it.'
    }));
    return new KeysError('X', 'all', '', '', 400, problems);
  };

  it('is said at the fields, all of it', () => {
    expect(wrongFields([LOG, RATE], refusal('log', 'rate', 'log'))).toEqual({
      log: ['log is wrong. Mend it.', 'log is wrong. Mend it.'],
      rate: ['rate is wrong. Mend it.']
    });
  });

  it('is said on top where a field is not in the form, or none is meant', () => {
    expect(wrongFields([LOG], refusal('log', 'other'))).toBeNull();
    expect(wrongFields([LOG, FOLDER], refusal('out'))).toBeNull();
    expect(wrongFields([LOG], refusal())).toBeNull();
  });

  it('holds until that value is another one', () => {
    const before = {
      values: { log: 'a.csv', rate: 99 },
      wrong: { log: ['gone'], rate: ['too much'] }
    };
    expect(stillWrong(before, { log: 'a.csv', rate: 95 })).toEqual({
      log: ['gone']
    });
    expect(stillWrong(before, { rate: 99 })).toEqual({ rate: ['too much'] });
  });
});

describe('a number that no browser can read', () => {
  it('is told by its field, since its value comes as an empty one', () => {
    const form = document.createElement('form');
    form.innerHTML = '<input id="root_limit"><input id="root_share">';
    // Browsers set this on a field in which "1e" stands.
    Object.defineProperty(form.children[1], 'validity', {
      value: { badInput: true }
    });
    const wrong = unreadable(nullTranslator.load(''), form);
    expect(Object.keys(wrong)).toEqual(['share']);
    expect(wrong.share[0]).toContain('number');
    expect(unreadable(nullTranslator.load(''), null)).toEqual({});
  });
});
