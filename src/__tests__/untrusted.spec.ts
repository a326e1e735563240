import { Sanitizer } from '@jupyterlab/apputils/lib/sanitizer';
import { nullTranslator } from '@jupyterlab/translation';

import { resultsOf, table } from '../drawing';
import { strictSanitizer } from '../views/sanitizer';

const trans = nullTranslator.load('');

describe('strictSanitizer', () => {
  const sanitizer = strictSanitizer(new Sanitizer());

  it('keeps the ticks of a list', () => {
    const ticked = '<li><input type="checkbox" disabled checked> done</li>';
    expect(sanitizer.sanitize(ticked)).toContain('type="checkbox"');
  });

  it.each([
    '<a data-commandlinker-command="keys-jupyter:start-run" data-commandlinker-args="{}">x</a>',
    '<button data-commandlinker-command="terminal:create-new">x</button>',
    '<div style="position:fixed;inset:0;z-index:9999">x</div>',
    '<img src="https://evil.example.com/beacon.png" alt="x">',
    '<img src="//evil.example.com/beacon.png" alt="x">',
    '<img src="/api/shutdown" alt="x">',
    '<img src="x" onerror="alert(1)" alt="x">',
    '<script>alert(1)</script>x',
    '<p id="jp-main-dock-panel" name="y">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://evil.example.com"></iframe>x',
    '<form action="https://evil.example.com"><button>x</button></form>',
    '<input name="key">x'
  ])('leaves only the text of %s', dirty => {
    const clean = sanitizer.sanitize(dirty);
    expect(clean).toContain('x');
    expect(clean).not.toMatch(
      /commandlinker|style=|src=|onerror|script|id=|name=|javascript|iframe|<form|<button|<input/i
    );
  });

  it.each(['#', '#x', 'docs/method.md', '/lab?reset', '//evil.example.com'])(
    'leaves a link to %s without its address',
    href => {
      const clean = sanitizer.sanitize(`<a href="${href}">x</a>`);
      expect(clean).toMatch(/^<a( rel="nofollow")?>x<\/a>$/);
    }
  );

  it('keeps a link to the web, which never opens in our place', () => {
    const link = '<a href="https://example.com/a" target="_self">x</a>';
    const clean = sanitizer.sanitize(link);
    expect(clean).toContain('href="https://example.com/a"');
    expect(clean).not.toContain('target');
  });

  it('keeps an image that needs no network', () => {
    const clean = sanitizer.sanitize('<img src="data:image/png;base64,AAAA">');
    expect(clean).toContain('data:image/png;base64,AAAA');
  });
});

describe('results', () => {
  it.each([null, 7, 'x', [], {}, { results: 7 }, { results: [7] }])(
    'are not made of %j',
    data => {
      expect(resultsOf(data)).toBeNull();
    }
  );

  it('keeps what has the right type and nothing else', () => {
    const rows = resultsOf({
      results: [
        { name: 'a', value: { html: '<b>' }, unit: 7, ok: 'yes', expected: 3 },
        { label: 'no name' }
      ]
    });
    expect(rows).toEqual([
      {
        name: 'a',
        label: '',
        value: null,
        unit: null,
        expected: null,
        ok: null
      }
    ]);
  });

  it('shows markup as the text it is', () => {
    const label = '<img src=x onerror=alert(1)>';
    const rows = resultsOf({ results: [{ name: 'a', label, value: 1 }] });
    const element = table(trans, rows ?? []);
    expect(element.querySelector('img')).toBeNull();
    expect(element.textContent).toContain(label);
  });
});
