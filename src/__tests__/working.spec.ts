import { nameOf, requestOf } from '../attaching';
import type { Timer } from '../contract';
import {
  dueTimers,
  minutesLeft,
  nextTimer,
  standingOf,
  untilNextDue
} from '../models/clock';
import { ServerClock } from '../models/serverclock';
import {
  bareName,
  filledIn,
  isPlain,
  lineProblem,
  placeholdersOf
} from '../models/commandline';
import { readLink, withoutLink } from '../models/deeplink';
import { countsOf, groupOf, groupsOf, lastUndoable } from '../models/map';
import { isAlert } from '../views/finding';
import { anIncident, aStep } from './fakeserver';

const AT = (clock: string): number => Date.parse(`2026-11-21T${clock}Z`);

function aTimer(change: Partial<Timer> = {}): Timer {
  return {
    id: 'escalation-1',
    kind: 'escalation',
    title: 'unresolved',
    words: 'Unresolved after 30 minutes.',
    step: null,
    minutes: 30,
    started_at: '2026-11-21T03:02:00Z',
    due_at: '2026-11-21T03:32:00Z',
    state: 'running',
    reason: '',
    ...change
  };
}

describe('countdowns', () => {
  it.each([
    ['03:31:59', 'running', 1],
    ['03:32:00', 'due', 0],
    ['03:36:59', 'due', -4],
    ['03:37:00', 'overdue', -5],
    ['03:02:00', 'running', 30]
  ])('at %s it is %s with %i min left', (clock, state, left) => {
    expect(standingOf(aTimer(), AT(clock))).toBe(state);
    expect(minutesLeft(aTimer(), AT(clock)) === left).toBe(true);
  });

  it.each(['raised', 'stopped', 'done', 'waiting', 'listed'])(
    'what is %s stays so',
    state => {
      const timer = aTimer({ state });
      expect(standingOf(timer, AT('09:00:00'))).toBe(state);
    }
  );

  it('counts by the server, not by this machine', () => {
    const clock = new ServerClock();
    clock.take('2026-11-21T03:00:00Z', AT('04:00:00'));
    expect(clock.at(AT('04:10:00'))).toBe(AT('03:10:00'));
    clock.take('no time', AT('05:00:00'));
    expect(clock.at(AT('04:10:00'))).toBe(AT('03:10:00'));
  });

  it('names what is due, the longest first, and what comes next', () => {
    const later = aTimer({
      id: 'w',
      kind: 'window',
      due_at: '2026-11-21T03:20:00Z'
    });
    const never = aTimer({ id: 'x', due_at: null, state: 'listed' });
    const incident = anIncident({ timers: [aTimer(), later, never] });
    const due = dueTimers(incident, AT('03:33:00')).map(timer => timer.id);
    expect(due).toEqual(['w', 'escalation-1']);
    expect(nextTimer(incident, 'escalation', AT('03:10:00'))?.id).toBe(
      'escalation-1'
    );
    expect(untilNextDue([incident], AT('03:19:00'))).toBe(60000);
    expect(untilNextDue([incident], AT('04:00:00'))).toBeNull();
  });
});

describe('a line for a prompt', () => {
  it.each([
    ['ls -l', null],
    ['psql -c "select 1"', null],
    ['', 'empty'],
    ['  ', 'empty'],
    ['a\nb', 'lines'],
    ['a\r', 'lines'],
    ['a\u2028b', 'lines'],
    ['a\u0085b', 'lines'],
    ['a\u0003', 'control'],
    ['a\u001b[A', 'control'],
    ['a\tb', 'control'],
    ['a\u0000b', 'control'],
    ['rm \u202e txt', 'control'],
    ['a\u200bb', 'control'],
    ['a\u009bb', 'control'],
    ['x'.repeat(8001), 'control']
  ])('%j: %s', (text, problem) => {
    expect(lineProblem(text)).toBe(problem);
  });

  it('fills in every place once, and nothing that was filled in', () => {
    const text = 'ssh <host> "tail <host_log>"; echo <host>';
    const values = { '<host>': '<host_log>', '<host_log>': '$& $1 x' };
    expect(filledIn(text, values)).toBe(
      'ssh <host_log> "tail $& $1 x"; echo <host_log>'
    );
    expect(filledIn(text, {})).toBe(text);
  });

  it('names placeholders as people do', () => {
    expect(placeholdersOf(['<a>', '<b>', '<a>'])).toEqual(['<a>', '<b>']);
    expect(['<app_host>', '${X}', '{id}'].map(bareName)).toEqual([
      'app_host',
      'X',
      'id'
    ]);
  });

  it.each([
    ['web-1.example.com', true],
    ['2026-11-21T03:00:00', true],
    ['müller', true],
    ['a b', false],
    ['$(id)', false],
    ['x;y', false],
    ["'", false]
  ])('%j is plain: %s', (value, plain) => {
    expect(isPlain(value)).toBe(plain);
  });
});

describe('a link', () => {
  it('says runbook, step and values', () => {
    const link = readLink(
      '?keys=runbook:stripe-webhook-failure&step=diagnosis-2&p.endpoint=we_1&reset'
    );
    expect(link).toEqual({
      runbook: 'stripe-webhook-failure',
      step: 'diagnosis-2',
      values: { endpoint: 'we_1' }
    });
  });

  it('is read as the login of the server hands it on', () => {
    const search = '?keys=runbook://stripe-webhook-failure&step=a';
    expect(readLink(search)?.runbook).toBe('stripe-webhook-failure');
  });

  it('is read when it was encoded once more', () => {
    const search = '?keys=runbook%253Aai-output-regression';
    expect(readLink(search)?.runbook).toBe('ai-output-regression');
  });

  it.each([
    '',
    '?keys=',
    '?keys=stripe',
    '?keys=runbook:../etc',
    '?keys=runbook:A',
    '?keys=key:x',
    '?keys=runbook:a%2Fb',
    '?keys=%E0%A4%A'
  ])('%s is none', search => {
    expect(readLink(search)).toBeNull();
  });

  it('leaves out what could hide something', () => {
    const query = new URLSearchParams({ keys: 'runbook:a', step: 'a b' });
    query.set('p.ok', 'yes');
    query.set('p.bell', 'a\u0007');
    query.set('p.turn', 'a\u202eb');
    query.set('p.<x>', '1');
    query.set('p.__proto__x', '1');
    query.set('p.long', 'x'.repeat(2001));
    expect(readLink(`?${query.toString()}`)).toEqual({
      runbook: 'a',
      step: null,
      values: { ok: 'yes', __proto__x: '1' }
    });
  });

  it('goes from the address, and nothing else does', () => {
    expect(
      withoutLink('/user/x/lab?reset=&keys=runbook:a&step=b&p.c=d#e')
    ).toBe('/user/x/lab?reset=#e');
    expect(withoutLink('/lab?keys=runbook:a')).toBe('/lab');
  });
});

describe('the map', () => {
  const section = (name: string, ids: string[]): never =>
    ({
      name,
      title: name,
      text: '',
      branches: [],
      steps: ids.map(id => ({ id }))
    }) as never;
  const runbook = {
    sections: [
      section('scope', []),
      section('safety', ['safety-1']),
      section('diagnosis', ['diagnosis-2', 'diagnosis-3'])
    ]
  } as never;

  it('groups the steps by section, and finds where one is', () => {
    const incident = anIncident();
    const groups = groupsOf(runbook, incident);
    expect(groups.map(group => [group.index, group.steps.length])).toEqual([
      [1, 1],
      [2, 2]
    ]);
    expect(groupOf(groups, aStep('diagnosis-3'))?.section.name).toBe(
      'diagnosis'
    );
    expect(groupOf(groups, null)).toBeNull();
  });

  it('counts the marks', () => {
    const states = ['done', 'done', 'failed', 'skipped', 'not_started'];
    const steps = states.map((state, at) => aStep(String(at), { state }));
    expect(countsOf(steps)).toEqual({ done: 2, failed: 1, skipped: 1 });
  });

  it('finds the mark that was set last', () => {
    const steps = [
      aStep('a', { undoable: true, marked_at: '2026-11-21T03:05:00Z' }),
      aStep('b', { undoable: true, marked_at: '2026-11-21T03:09:00Z' }),
      aStep('c', { undoable: false, marked_at: '2026-11-21T03:10:00Z' })
    ];
    expect(lastUndoable(anIncident({ steps }))?.id).toBe('b');
    expect(lastUndoable(anIncident())).toBeNull();
  });
});

describe('an attachment', () => {
  const now = new Date('2026-11-21T03:14:15Z');

  it.each([
    ['probe.txt', 'text/plain', 'probe.txt'],
    ['image.png', 'image/png', 'screenshot-20261121T031415Z.png'],
    ['', 'image/jpeg', 'screenshot-20261121T031415Z.jpeg']
  ])('%s of %s is kept as %s', (name, type, kept) => {
    expect(nameOf(new File(['x'], name, { type }), now)).toBe(kept);
  });

  it('is sent whole, as it is', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13, 128]);
    const request = await requestOf(new File([bytes], 'a.bin'), 'safety-1');
    expect(request).toEqual({
      name: 'a.bin',
      data: 'AP8KDYA=',
      step: 'safety-1'
    });
  });
});

describe('a search', () => {
  it.each([
    ['stripe', false],
    ['webhook failure', false],
    ['StripeWebhookDeliveryFailing success_rate=0.71', true],
    ['webhooks answer 400 since noon', true],
    ['[FIRING:1]\nalert', true]
  ])('%j is the text of an alert: %s', (query, alert) => {
    expect(isAlert(query)).toBe(alert);
  });
});
