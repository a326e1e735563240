import { applied, choicesOf, EVERYTHING, updateOf } from '../models/filter';
import { fold, SearchIndex } from '../models/search';
import { aKey } from './fakeserver';

function slugs(index: SearchIndex, query: string): string[] | null {
  return index.find(query)?.places.map(place => index.rows[place].slug) ?? null;
}

describe('SearchIndex', () => {
  const index = new SearchIndex([
    aKey('billing', { description: 'Compares invoices with payments' }),
    aKey('webhooks', {
      title: 'Webhook Failure',
      kind: 'runbook',
      about:
        'Stripe webhook deliveries fail with 500; subscriptions are not renewed. Alert: WebhookErrorRate'
    }),
    aKey('queue', { title: 'Queue Überlauf', tags: ['backlog'] }),
    aKey('report', {
      title: 'Delivery Report',
      description: 'of webhook deliveries'
    })
  ]);

  it('asks for all when no word was typed', () => {
    expect(index.find('')).toBeNull();
    expect(index.find('  \n ')).toBeNull();
  });

  it('finds parts of words in every searched field', () => {
    expect(slugs(index, 'invoi')).toEqual(['billing']);
    expect(slugs(index, 'BACKL')).toEqual(['queue']);
    expect(slugs(index, 'errorrate')).toEqual(['webhooks']);
    expect(slugs(index, 'runbook')).toEqual(['webhooks']);
  });

  it('wants all of a few words, and puts titles first', () => {
    expect(slugs(index, 'webhook deliver')).toEqual(['webhooks', 'report']);
    expect(slugs(index, 'delivery')).toEqual(['report']);
    expect(slugs(index, 'webhook')).toEqual(['webhooks', 'report']);
  });

  it('does not mind accents', () => {
    expect(fold('Überlauf É')).toBe('uberlauf e');
    expect(slugs(index, 'uberlauf')).toEqual(['queue']);
  });

  it('ranks by distinct words met when no row has all of them', () => {
    const hits = index.find('webhook deliveries zebra');
    expect(hits?.ranked).toBe(3);
    expect(slugs(index, 'webhook deliveries zebra')).toEqual([
      'webhooks',
      'report'
    ]);
  });

  it('says plainly that one word is nowhere', () => {
    expect(index.find('zebra')).toEqual({ places: [], ranked: 0 });
  });

  it('finds the runbook of an alert of many lines', () => {
    const alert = [
      '[FIRING:1] WebhookErrorRate critical',
      'labels: service=payments, env=prod',
      'summary: Stripe webhook endpoint fails with 500 for 10 minutes',
      'subscriptions may not be renewed'
    ].join('\r\n');
    expect(slugs(index, alert)?.[0]).toBe('webhooks');
  });

  it('counts a word once, however often an alert repeats it', () => {
    const text = `${'invoices '.repeat(40)} stripe subscriptions renewed errors and more words`;
    expect(slugs(index, text)?.[0]).toBe('webhooks');
  });

  it('takes a very long text and one without any word', () => {
    expect(slugs(index, 'lorem ipsum '.repeat(20000))).toEqual([]);
    expect(slugs(index, '-- ## :: ;; ,, .. !!')).toEqual([]);
  });

  it('leaves words out that half of many rows hold', () => {
    const rows = Array.from({ length: 60 }, (_, at) =>
      aKey(`k${at}`, { description: at === 7 ? 'common rare' : 'common' })
    );
    const many = new SearchIndex(rows);
    expect(slugs(many, 'common rare one two three four five')).toEqual(['k7']);
  });
});

describe('applied', () => {
  const rows = [
    aKey('a', { installed: ['1.0.0'], category: 'x', update: '2.0.0' }),
    aKey('b', { entitled: false, category: 'x', kind: 'runbook' }),
    aKey('c', { category: 'y' }),
    aKey('d', { installed: ['2.0.0', '1.0.0'], update: '2.0.0' })
  ];
  const index = new SearchIndex(rows);
  const found = (change: object): string[] =>
    applied(index, { ...EVERYTHING, ...change }).rows.map(row => row.slug);

  it('counts each standing within what else is chosen', () => {
    expect(applied(index, EVERYTHING).counts).toEqual({
      all: 4,
      entitled: 3,
      installed: 2,
      update: 1
    });
    const facts = { ...EVERYTHING.facts, category: 'x' };
    expect(applied(index, { ...EVERYTHING, facts }).counts).toEqual({
      all: 2,
      entitled: 1,
      installed: 1,
      update: 1
    });
  });

  it('narrows by standing, fact and words together', () => {
    expect(found({ standing: 'entitled' })).toEqual(['a', 'c', 'd']);
    const facts = { ...EVERYTHING.facts, kind: 'runbook' };
    expect(found({ facts })).toEqual(['b']);
    expect(found({ facts, standing: 'installed' })).toEqual([]);
    expect(found({ query: 'c' })).toEqual(['c']);
  });

  it('calls nothing an update that is installed already', () => {
    expect(rows.map(updateOf)).toEqual(['2.0.0', null, null, null]);
  });

  it('offers the values there are, with their counts', () => {
    expect(choicesOf(rows, 'category')).toEqual([
      ['x', 2],
      ['y', 1]
    ]);
    expect(choicesOf(rows, 'outcome')).toEqual([]);
  });
});
