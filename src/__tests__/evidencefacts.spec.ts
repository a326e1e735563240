import { nullTranslator } from '@jupyterlab/translation';

import type {
  Comparison,
  Difference,
  EvidencePreview,
  LedgerRecord,
  Verified,
  keys_jupyter__model__bundle__Check as Check
} from '../contract';
import { partsOf } from '../models/comparing';
import {
  byStep,
  headOf,
  lookOf,
  pictureOf,
  redactionsOf
} from '../models/evidencefacts';
import { linesOf, verdictOf } from '../verifying';
import { anIncident, anItem } from './fakeserver';

function aKept(id: string, redaction: object): LedgerRecord {
  return {
    seq: 1,
    index: 1,
    at: '2026-11-21T03:00:00Z',
    monotonic: 1,
    actor: anIncident().opened_by,
    type: 'evidence.kept',
    step: null,
    data: { id, name: `${id}.txt`, redaction: redaction as never },
    text: '',
    leaf: '0'.repeat(64)
  };
}

describe('what is kept', () => {
  it('stands by step in the runbook’s order, what belongs to none at the end', () => {
    const items = [
      anItem('a'),
      anItem('b', { step: 'diagnosis-3' }),
      anItem('c', { step: 'safety-1' }),
      anItem('d', { step: 'gone' }),
      anItem('e', { step: 'safety-1' })
    ];
    const groups = byStep(anIncident(), items);
    expect(
      groups.map(group => [group.step, group.items.map(i => i.id)])
    ).toEqual([
      ['safety-1', ['c', 'e']],
      ['diagnosis-3', ['b']],
      [null, ['a', 'd']]
    ]);
  });

  it('is looked at as what it is, and never as a document', () => {
    const look = (mime: string, name = 'x'): string => lookOf({ mime, name });
    expect(look('image/png')).toBe('image');
    expect(look('image/svg+xml')).toBe('image');
    expect(look('image/x-unknown')).toBe('none');
    expect(look('text/csv; charset=utf-8')).toBe('table');
    expect(look('text/plain', 'log.CSV')).toBe('table');
    expect(look('application/x-ipynb+json')).toBe('notebook');
    expect(look('text/html')).toBe('html');
    expect(look('application/pdf')).toBe('none');
  });

  it('is a picture only where the server says so', () => {
    const shown: EvidencePreview = {
      item: anItem('p', { mime: 'image/png' }),
      form: 'image',
      text: '',
      data: 'AAAA',
      cut: false,
      redaction: null,
      note: ''
    };
    expect(pictureOf(shown)).toBe('data:image/png;base64,AAAA');
    expect(pictureOf({ ...shown, form: 'other' })).toBeNull();
    const svg = anItem('s', { mime: 'image/svg+xml' });
    const drawn = { ...shown, item: svg, form: 'text', text: '<svg a="#"/>' };
    expect(pictureOf(drawn)).toBe(
      'data:image/svg+xml;charset=utf-8,%3Csvg%20a%3D%22%23%22%2F%3E'
    );
    expect(pictureOf({ ...drawn, cut: true })).toBeNull();
    const page = anItem('h', { mime: 'text/html' });
    expect(pictureOf({ ...drawn, item: page })).toBeNull();
  });
});

describe('headOf', () => {
  it('undoes quotes, and finds the separator in the first line', () => {
    expect(headOf('a,b\n"x, y","say ""no"""\r\n1,2\n', 9)).toEqual([
      ['a', 'b'],
      ['x, y', 'say "no"'],
      ['1', '2']
    ]);
    expect(headOf('a;b,c;d\n1;2;3', 9)).toEqual([
      ['a', 'b,c', 'd'],
      ['1', '2', '3']
    ]);
    expect(headOf('a\tb\n1\t"two\nlines"', 9)[1]).toEqual(['1', 'two\nlines']);
  });

  it('reads no more rows than it is asked for', () => {
    expect(headOf('a\n'.repeat(100), 3)).toHaveLength(3);
    expect(headOf('', 3)).toEqual([]);
  });
});

describe('redactionsOf', () => {
  const records = [
    aKept('one', {
      redactions: [
        {
          rule: 'cookie',
          place: '/a',
          count: 2,
          length: '16-31',
          commitment: 'c1'
        },
        {
          rule: 'stripe-key',
          place: '/b',
          count: 5,
          length: '32-63',
          commitment: 'c2'
        }
      ],
      suspicions: [{ place: '/', count: 3 }]
    }),
    aKept('two', {
      redactions: [
        {
          rule: 'cookie',
          place: '/c',
          count: 1,
          length: '16-31',
          commitment: 'c1'
        }
      ],
      not_scanned: [{ place: '/', mime: 'image/png', reason: 'a picture' }]
    }),
    { ...aKept('three', {}), type: 'step.note' },
    {
      ...aKept('four', {}),
      seq: 7,
      type: 'step.note',
      data: {
        text: 'with [redacted stripe-key 4f8d]',
        redacted: {
          redactions: [
            {
              rule: 'stripe-key',
              place: '/data/text',
              count: 1,
              length: '32-63'
            }
          ]
        }
      }
    }
  ];

  it('adds up by rule, the most first', () => {
    const found = redactionsOf(records);
    expect(found.count).toBe(9);
    expect(found.hidden.map(({ rule, count }) => [rule, count])).toEqual([
      ['stripe-key', 6],
      ['cookie', 3]
    ]);
    // What a person said is in no kept thing; its record is named.
    expect(
      found.hidden[0].places.map(({ item, name }) => [item, name])[1]
    ).toEqual(['', '7']);
    expect(found.hidden[1].places.map(({ item }) => item)).toEqual([
      'one',
      'two'
    ]);
    expect(found.suspicions).toBe(3);
    expect(found.notScanned[0].words).toBe('a picture');
  });

  it('can be of one thing', () => {
    expect(redactionsOf(records, 'two').count).toBe(1);
    expect(redactionsOf(records, 'none').count).toBe(0);
  });
});

describe('a verification', () => {
  const trans = nullTranslator.load('');
  const check = (name: string, verdict: string, detail: string): Check => ({
    name,
    ok: verdict === 'holds',
    verdict,
    detail
  });
  const found: Verified = {
    ok: false,
    verdict: 'fails',
    checks: [
      check('archive', 'holds', '40 files.'),
      check('digests', 'fails', 'data/report.html differs'),
      check('of a later version', 'holds', 'new')
    ],
    missing: [],
    limits: [],
    bundle: {}
  };

  it('counts what failed and keeps what nobody looked at apart', () => {
    expect(verdictOf(trans, found)).toContain('1 of 3');
    const lines = linesOf(trans, found);
    const of = (name: string): unknown =>
      lines.find(line => line.name === name);
    expect(of('digests')).toMatchObject({
      ok: false,
      detail: 'data/report.html differs'
    });
    expect(of('signature')).toMatchObject({ ok: null });
    expect(of('against the held checkpoint')).toMatchObject({
      ok: null,
      detail: 'Not checked: none was given.'
    });
    expect(lines[lines.length - 1].title).toBe('of a later version');
  });

  it('calls nothing broken that the bundle only cannot show', () => {
    const held = check('against the held checkpoint', 'not proved', 'later');
    const open: Verified = {
      ...found,
      verdict: 'not proved',
      checks: [found.checks[0], held]
    };
    expect(verdictOf(trans, open)).toBe(
      'Its own checks hold. Against the held checkpoint it is not proved, and not disproved.'
    );
    expect(
      linesOf(trans, open).find(({ name }) => name === held.name)
    ).toMatchObject({ ok: false, verdict: 'not proved', detail: 'later' });
    const both = { ...found, checks: [...found.checks, held] };
    expect(verdictOf(trans, both)).toContain('1 of 4');
  });
});

describe('partsOf', () => {
  it('says what changed, and leaves out what nobody has', () => {
    const row = (change: string): Difference => ({
      name: change,
      left: 1,
      right: 2,
      change,
      by: null
    });
    const comparison: Comparison = {
      left: 'a',
      right: 'b',
      key: 'k',
      facts: [row('same')],
      parameters: [row('changed'), row('added'), row('same')],
      results: [],
      outputs: [],
      cells: [],
      summary: ''
    };
    expect(
      partsOf(comparison).map(({ name, changed }) => [name, changed])
    ).toEqual([
      ['parameters', 2],
      ['facts', 0]
    ]);
  });
});
