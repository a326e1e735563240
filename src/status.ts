/**
 * The open incident in the status bar, so that nobody loses it with the panel closed.
 */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import '../style/status.css';

import type { Desk } from './models/desk';
import { stepInFocus } from './models/incident';
import { CommandIDs } from './tokens';
import { minutesWords, titleWords } from './names';

/** How often the minutes are counted, in ms. */
const INTERVAL = 15000;

/** Names the open incident, its step and its age; a click goes there. */
export class IncidentStatus extends Widget {
  constructor(private _options: IncidentStatus.IOptions) {
    super();
    this.addClass('jp-Keys-status');
    this._button = document.createElement('button');
    this._button.type = 'button';
    this._button.addEventListener('click', this._onClick);
    this.node.appendChild(this._button);
    _options.desk.incidents.changed.connect(this._update, this);
    this._update();
  }

  /** Whether there is an open incident to show. */
  get isActive(): boolean {
    return this._options.desk.incidents.open.length > 0;
  }

  /** Let go of the models. */
  override dispose(): void {
    this._options.desk.incidents.changed.disconnect(this._update, this);
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._timer = window.setInterval(() => this._update(), INTERVAL);
  }

  protected override onBeforeDetach(message: Message): void {
    window.clearInterval(this._timer);
    super.onBeforeDetach(message);
  }

  private _update(): void {
    const { desk, trans } = this._options;
    const [incident] = desk.incidents.open;
    this.setHidden(incident === undefined);
    if (incident === undefined) {
      return;
    }
    const step = stepInFocus(incident);
    const age = minutesWords(
      trans,
      Date.now() - Date.parse(incident.opened_at)
    );
    const facts = [
      [incident.severity?.toUpperCase(), titleWords(incident.title)]
        .filter(Boolean)
        .join(' '),
      step?.title,
      age
    ];
    this._button.textContent = facts.filter(Boolean).join(' · ');
    this._button.title = trans.__('Continue incident %1', incident.number);
  }

  private _onClick = (): void => {
    const [incident] = this._options.desk.incidents.open;
    if (incident) {
      void this._options.commands.execute(CommandIDs.openIncident, {
        id: incident.id
      });
    }
  };

  private _button: HTMLButtonElement;
  private _timer = 0;
}

/** A namespace for `IncidentStatus` statics. */
export namespace IncidentStatus {
  /** What the item needs. */
  export interface IOptions {
    /** The models. */
    desk: Desk;
    /** The words. */
    trans: TranslationBundle;
    /** Where the click goes. */
    commands: CommandRegistry;
  }
}
