import { nullTranslator } from '@jupyterlab/translation';

import type { Json, Parameter, ParametersReply } from '../contract';
import { folded, given, initialValues, schemaOf } from '../views/parameters';

const trans = nullTranslator.load('');

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
});

describe('schemaOf', () => {
  it('makes a field that may stay empty of "something or nothing"', () => {
    const declared: { [name: string]: Json } = {
      slow: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }
    };
    const schema = schemaOf(trans, aReply([SLOW], declared));
    expect(schema.properties).toEqual({
      slow: { type: 'integer', minimum: 1, title: 'slow' }
    });
  });

  it('asks for what is required and hides what is not asked', () => {
    const needed = aParameter('needed', { required: true });
    const schema = schemaOf(trans, aReply([needed, FOLDER], {}));
    expect(schema.required).toEqual(['needed']);
    expect(Object.keys(schema.properties as object)).toEqual(['needed']);
  });

  it('offers "Not set" among the choices of an optional choice', () => {
    const zone = aParameter('zone', { optional: true });
    const declared: { [name: string]: Json } = {
      zone: { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }
    };
    const schema = schemaOf(trans, aReply([zone], declared));
    expect(schema.properties).toEqual({
      zone: {
        title: 'zone',
        oneOf: [
          { const: '', title: 'Not set' },
          { const: 'a', title: 'a' }
        ]
      }
    });
  });
});

describe('folded', () => {
  it('folds the seventh optional value and those behind it', () => {
    const many = Array.from({ length: 8 }, (_, n) => aParameter(`p${n}`));
    expect(folded([LOG, ...many])).toEqual(['p6', 'p7']);
  });
});
