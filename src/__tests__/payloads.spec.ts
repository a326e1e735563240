/**
 * Every payload that is markup, one by one, through what the panel draws others' text with.
 */

import { Sanitizer } from '@jupyterlab/apputils/lib/sanitizer';

import table from '../../tests/payloads.json';
import { framed } from '../previewing';
import { strictSanitizer } from '../views/sanitizer';

const ACTING =
  'script, iframe, frame, frameset, object, embed, applet, portal, base, link, meta, form, template, style, animate, set';
const payloads = [table.HTML, table.Markdown].flatMap(group =>
  Object.entries(group)
);

/** The attributes of a document that act, ask or lead elsewhere; an address that a person presses may be of the web. */
function acting(page: Document): string[] {
  const found: string[] = [];
  page.querySelectorAll('*').forEach(element => {
    for (const { name, value } of Array.from(element.attributes)) {
      const leads = /^(href|xlink:href|action|formaction)$/i.test(name);
      // eslint-disable-next-line no-control-regex
      const plain = value.replace(/[\u0000-\u0020]/g, '');
      if (
        /^(on.*|srcdoc|ping|srcset|poster|background|formaction|action)$/i.test(
          name
        ) ||
        (leads && /^(?!https?:|#|mailto:)[a-z]+:/i.test(plain)) ||
        (/^(src|data)$/i.test(name) && !plain.startsWith('data:image/'))
      ) {
        found.push(`${element.tagName} ${name}=${value}`);
      }
    }
  });
  return found;
}

function read(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

describe('a payload', () => {
  const sanitizer = strictSanitizer(new Sanitizer());

  it('is one of many', () => {
    expect(payloads.length).toBeGreaterThanOrEqual(120);
  });

  it.each(payloads)('in a text: %s', (_, text) => {
    const page = read(sanitizer.sanitize(text));
    expect(acting(page)).toEqual([]);
    expect(
      page.body.querySelectorAll(
        `${ACTING}, [style], [id], [name], [data-commandlinker-command]`
      )
    ).toHaveLength(0);
  });

  it.each(payloads)('in a preview: %s', (_, text) => {
    const page = read(framed(text));
    expect(acting(page)).toEqual([]);
    const left = [...page.querySelectorAll(ACTING)].filter(
      element => !['META', 'STYLE'].includes(element.tagName.toUpperCase())
    );
    expect(left).toEqual([]);
    const first = page.head.firstElementChild as HTMLMetaElement;
    expect(first.httpEquiv).toBe('Content-Security-Policy');
    expect(first.content).toContain("default-src 'none'");
    // The two of ours and no other: one of the publisher's could only be before them.
    expect(page.querySelectorAll('meta')).toHaveLength(2);
  });
});
