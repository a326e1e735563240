/**
 * Prints a text: the fallback for when the screens are gone.
 */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import { Printing } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import '../style/printing.css';

import { strictSanitizer } from './views/sanitizer';

/** Render Markdown off the screen and hand it to the browser's printing. */
export async function printMarkdown(
  rendermime: IRenderMimeRegistry | null,
  markdown: string
): Promise<void> {
  const page = new Widget();
  page.addClass('jp-Keys-paper');
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
