/**
 * Text of others as Markdown: untrusted, without commands, remote images or overlays.
 */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import * as React from 'react';

import { useSurroundings } from './surroundings';

/** Attributes that could act, overlay our buttons or collide with our ids. */
const REFUSED = /^(style|id|name|data-commandlinker-.*|on.*)$/i;

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
  template.content.querySelectorAll('*').forEach(element => {
    for (const name of element.getAttributeNames()) {
      if (REFUSED.test(name)) {
        element.removeAttribute(name);
      }
    }
    const source = element.getAttribute('src') ?? '';
    if (source && !source.startsWith('data:image/')) {
      element.replaceWith(element.getAttribute('alt') ?? '');
    }
  });
  return template.innerHTML;
}

/** A Markdown text; as plain text where the application cannot render it. */
export function Markdown(props: { text: string }): JSX.Element {
  const { rendermime } = useSurroundings();
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (host.current && rendermime) {
      return show(host.current, rendermime, props.text);
    }
  }, [props.text, rendermime]);
  return (
    <div ref={host} className="jp-Keys-markdown">
      {rendermime ? null : <pre>{props.text}</pre>}
    </div>
  );
}

/** Render into an element; the returned function lets go of the renderer. */
function show(
  host: HTMLElement,
  rendermime: IRenderMimeRegistry,
  text: string
): () => void {
  const mime = 'text/markdown';
  const registry = rendermime.clone({
    sanitizer: strictSanitizer(rendermime.sanitizer)
  });
  const renderer = registry.createRenderer(mime);
  const model = new MimeModel({ data: { [mime]: text }, trusted: false });
  void renderer.renderModel(model).then(() => {
    host.replaceChildren(renderer.node);
  });
  return () => renderer.dispose();
}
