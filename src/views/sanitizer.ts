/**
 * What text of others may contain: nothing that acts, overlays, or asks another server.
 */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

/** Attributes that could act, overlay our buttons, collide with our ids, or lead to elsewhere in our place. */
const REFUSED = /^(style|id|name|poster|target|data-.*|on.*)$/i;

/** What a person could press or fill in, and so take for ours or send elsewhere; a ticked list keeps its ticks. */
const CONTROLS =
  'form, button, select, textarea, fieldset, input:not([type="checkbox"][disabled])';

/** What a link may lead to: all else would open the application once more, at a place that is not there. */
const OF_THE_WEB = /^(https?:|mailto:)/i;

/**
 * A sanitizer that refuses more than the application's own.
 *
 * A pack's text could otherwise offer any command of the application under any label.
 */
export function strictSanitizer(
  inner: IRenderMime.ISanitizer
): IRenderMime.ISanitizer {
  return {
    ...inner,
    sanitize: (dirty, options) => strip(inner.sanitize(dirty, options))
  };
}

function strip(html: string): string {
  const template = document.createElement('template');
  template.innerHTML = html;
  template.content
    .querySelectorAll(CONTROLS)
    .forEach(element => element.replaceWith(...element.childNodes));
  template.content.querySelectorAll('*').forEach(element => {
    for (const name of element.getAttributeNames()) {
      if (REFUSED.test(name)) {
        element.removeAttribute(name);
      }
    }
    if (!OF_THE_WEB.test(element.getAttribute('href') ?? '')) {
      element.removeAttribute('href');
    }
    const source = element.getAttribute('src') ?? '';
    if (source && !source.startsWith('data:image/')) {
      element.replaceWith(element.getAttribute('alt') ?? '');
    }
  });
  return template.innerHTML;
}
