/**
 * Prints a text: the fallback for when the screens are gone.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import { Printing } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { strictSanitizer } from './views/sanitizer';

/** Ink on white; the page that is printed has none of the application's styles. */
const INK = `
  body { color: black; font: 11pt/1.4 sans-serif }
  h1, h2, h3 { break-after: avoid }
  li { break-inside: avoid }
  p { white-space: pre-line }
  .jp-InternalAnchorLink { display: none }
`;

/** Render Markdown off the screen and hand it to the browser's printing. */
export async function printMarkdown(
  rendermime: IRenderMimeRegistry | null,
  markdown: string
): Promise<void> {
  const page = new Widget();
  const style = document.createElement('style');
  style.textContent = INK;
  page.node.append(style);
  if (rendermime === null) {
    page.node.append(
      Object.assign(document.createElement('pre'), { textContent: markdown })
    );
  } else {
    const mime = 'text/markdown';
    const registry = rendermime.clone({
      sanitizer: strictSanitizer(rendermime.sanitizer)
    });
    const renderer = registry.createRenderer(mime);
    await renderer.renderModel(
      new MimeModel({ data: { [mime]: markdown }, trusted: false })
    );
    page.node.append(renderer.node);
    page.disposed.connect(() => renderer.dispose());
  }
  await Printing.printWidget(page);
  page.dispose();
}
