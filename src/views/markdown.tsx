/**
 * Text of others as Markdown: untrusted, without commands, remote images or overlays.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import * as React from 'react';

import { strictSanitizer } from './sanitizer';
import { useSurroundings } from './surroundings';

/** A text, Markdown unless said otherwise; as plain text where the application cannot render it. */
export function Markdown(props: { text: string; mime?: string }): JSX.Element {
  const { rendermime } = useSurroundings();
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (host.current && rendermime) {
      return show(host.current, rendermime, props.text, props.mime);
    }
  }, [props.text, rendermime]);
  return (
    <div ref={host} className="jp-Keys-markdown">
      {rendermime ? null : <pre>{props.text}</pre>}
    </div>
  );
}

/** From how many characters on a browser would take seconds to find where a word has to be broken. */
const ENDLESS = 9999;

/** Render into an element; the returned function lets go of the renderer. */
export function show(
  host: HTMLElement,
  rendermime: IRenderMimeRegistry,
  text: string,
  mime = 'text/markdown'
): () => void {
  const registry = rendermime.clone({
    sanitizer: strictSanitizer(rendermime.sanitizer)
  });
  const renderer = registry.createRenderer(mime);
  const model = new MimeModel({ data: { [mime]: text }, trusted: false });
  void renderer.renderModel(model).then(() => {
    // With a title's own words as its address, one of them could keep the page from loading anything more.
    renderer.node
      .querySelectorAll('.jp-InternalAnchorLink')
      .forEach(link => link.remove());
    const words = (renderer.node.textContent ?? '').split(/\s/);
    if (words.some(word => word.length > ENDLESS)) {
      renderer.node.classList.add('jp-mod-endless');
    }
    host.replaceChildren(renderer.node);
  });
  return () => renderer.dispose();
}
