/**
 * A key's results as a table in notebooks; data only, so that untrusted notebooks show it too.
 */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { RESULT_MIME } from './tokens';

/** Draws results. */
export class ResultRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(private _trans: TranslationBundle) {
    super();
    this.addClass('jp-Keys-output');
  }

  /** Draw the results of a model; what has not their shape is shown as text. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { resultsOf, table } = await import('./drawing');
    const data = model.data[RESULT_MIME];
    const rows = resultsOf(data);
    if (rows !== null) {
      this.node.replaceChildren(table(this._trans, rows));
      return;
    }
    const pre = document.createElement('pre');
    pre.textContent = JSON.stringify(data, null, 2);
    this.node.replaceChildren(pre);
  }
}

/** A factory of renderers that need no trust. */
export function resultFactory(
  trans: TranslationBundle
): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [RESULT_MIME],
    defaultRank: 40,
    createRenderer: () => new ResultRenderer(trans)
  };
}
