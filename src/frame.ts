/**
 * The panel's place in the side area; what is in it is loaded when it is first shown.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

import { keyIcon } from './icons';
import { PANEL_ID } from './tokens';

/** For how many frames the title is waited for. */
const PATIENCE = 60;

/** The side panel, empty until it is looked at. */
export class KeysFrame extends Widget {
  constructor(
    trans: TranslationBundle,
    private _load: () => Promise<Widget>
  ) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-Keys');
    this.layout = new PanelLayout();
    this.title.icon = keyIcon;
    this.title.caption = trans.__('Keys');
    this.node.setAttribute('role', 'complementary');
    this.node.setAttribute('aria-label', trans.__('Keys'));
  }

  /** Resolves when the panel's content is there. */
  get filled(): Promise<void> {
    this._filled ??= this._fill();
    return this._filled;
  }

  /** Whether the next activation leaves the focus where it is. */
  calm = false;

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.filled;
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      void this.filled;
    }
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const { calm } = this;
    this.calm = false;
    void this.filled.then(() => calm || this._focusTitle(PATIENCE));
  }

  /** Focus the title as soon as React has drawn it. */
  private _focusTitle(frames: number): void {
    const title = this.node.querySelector<HTMLElement>('h1');
    if (title !== null) {
      title.focus();
    } else if (frames > 0) {
      requestAnimationFrame(() => this._focusTitle(frames - 1));
    }
  }

  private async _fill(): Promise<void> {
    const content = await this._load();
    (this.layout as PanelLayout).addWidget(content);
  }

  private _filled: Promise<void> | null = null;
}
