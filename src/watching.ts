/**
 * Looks when something comes due in an open incident, and says so: in a notification and in the window's title.
 */

import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Incident, Timer } from './contract';
import { quietly } from './models/catalog';
import { dueTimers, untilNextDue } from './models/clock';
import type { Desk } from './models/desk';
import { titleWords } from './names';
import { CommandIDs } from './tokens';

/** Browsers wait no longer than this at once, in ms. */
const LONGEST_WAIT = 6 * 3600 * 1000;

/** Watches the timers of all open incidents. */
export class DueWatch {
  constructor(private _options: DueWatch.IOptions) {
    const { incidents } = _options.desk;
    incidents.changed.connect(this._look, this);
    const title = document.querySelector('title');
    if (title !== null) {
      new MutationObserver(() => this._retitle()).observe(title, {
        childList: true
      });
    }
    this._look();
  }

  private _look(): void {
    const { incidents } = this._options.desk;
    const now = incidents.clock.at(Date.now());
    const { open } = incidents;
    const due = open.flatMap(incident =>
      dueTimers(incident, now).map(timer => ({ incident, timer }))
    );
    this._due = due.length;
    this._retitle();
    const present = new Set(due.map(nameOf));
    due.filter(one => !this._told.has(nameOf(one))).forEach(this._tell);
    // What was postponed and comes due again is told again.
    this._told.forEach(name => present.has(name) || this._told.delete(name));
    this._wait(untilNextDue(open, now));
  }

  private _tell = (one: IDue): void => {
    const { desk, trans, commands } = this._options;
    this._told.add(nameOf(one));
    const sentence =
      one.timer.kind === 'escalation'
        ? trans.__('Escalation is due: %1.', one.timer.title)
        : trans.__('Due now: %1.', one.timer.title);
    const { id, number, title } = one.incident;
    desk.announce(sentence, true);
    Notification.emit(
      trans.__('%1, no. %2. %3', titleWords(title), number, sentence),
      'warning',
      {
        autoClose: false,
        actions: [
          {
            label: trans.__('Show'),
            caption: trans.__('Show the incident in the Keys panel'),
            callback: () =>
              void commands.execute(CommandIDs.openIncident, { id })
          }
        ]
      }
    );
  };

  private _wait(ms: number | null): void {
    window.clearTimeout(this._timer);
    if (ms === null) {
      return;
    }
    const { incidents } = this._options.desk;
    this._timer = window.setTimeout(
      () => {
        this._look();
        void quietly(incidents.refresh());
      },
      Math.min(ms + 50, LONGEST_WAIT)
    );
  }

  /** The application sets the title, too: the count is put before whatever it says. */
  private _retitle(): void {
    const { trans } = this._options;
    const bare = document.title.replace(this._prefix, '');
    this._prefix = this._due > 0 ? trans.__('(%1 due) ', this._due) : '';
    const wanted = this._prefix + bare;
    if (document.title !== wanted) {
      document.title = wanted;
    }
  }

  private _due = 0;
  private _told = new Set<string>();
  private _prefix = '';
  private _timer = 0;
}

/** Something that asks for somebody. */
interface IDue {
  incident: Incident;
  timer: Timer;
}

/** A timer at one of the times it came due. */
function nameOf(one: IDue): string {
  return `${one.incident.id} ${one.timer.id} ${one.timer.due_at ?? ''}`;
}

/** A namespace for `DueWatch` statics. */
export namespace DueWatch {
  /** What it works with. */
  export interface IOptions {
    /** The models. */
    desk: Desk;
    /** The words. */
    trans: TranslationBundle;
    /** Where the notification leads. */
    commands: CommandRegistry;
  }
}
