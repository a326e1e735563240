/**
 * The terminal of an incident: a command is put on its prompt, never entered.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Terminal } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import { lineProblem } from './models/commandline';

/** The application's command that opens a terminal by its name. */
export const OPEN_TERMINAL = 'terminal:open';

/** For how long a new shell is waited for until its prompt shows, in ms. */
const PATIENCE = 3000;

/** A line is taken off the prompt by what every shell and reader of lines understands. */
const TAKE_OFF = '\u0015';

/** The terminals of incidents. */
export class IncidentTerminals {
  constructor(private _app: JupyterFrontEnd) {}

  /** Whether this application has terminals at all. */
  get isAvailable(): boolean {
    const { commands, serviceManager } = this._app;
    return (
      commands.hasCommand(OPEN_TERMINAL) &&
      serviceManager.terminals.isAvailable()
    );
  }

  /**
   * Put one line on the prompt of an incident's terminal.
   *
   * @throws an Error for a text that could do more than stand there
   */
  async put(incident: number, line: string): Promise<void> {
    if (lineProblem(line) !== null) {
      throw new Error('Only one plain line may be put on a prompt.');
    }
    // The server's routes know names of letters, digits and underscores only.
    const session = await this._session(`incident_${incident}`);
    // A line that waits for its connection would arrive when nobody expects it.
    if (!(await connected(session))) {
      throw new Error('The terminal has no connection.');
    }
    // What we left there and nobody entered would run together with this.
    const left = this._left.has(session) ? TAKE_OFF : '';
    this._follow(session);
    session.send({ type: 'stdin', content: [left + line] });
    this._left.add(session);
  }

  private async _session(name: string): Promise<Terminal.ITerminalConnection> {
    const known = this._widget(name);
    await this._app.commands.execute(OPEN_TERMINAL, { name });
    const widget = known ?? (await this._appeared(name));
    const { session } = widget;
    if (known === null) {
      await spoke(session);
    }
    return session;
  }

  /** The terminal that was just opened. */
  private async _appeared(name: string): Promise<ITerminalContent> {
    const widget = this._widget(name);
    if (widget === null) {
      throw new Error(`The terminal ${name} did not open.`);
    }
    await widget.ready;
    return widget;
  }

  private _widget(name: string): ITerminalContent | null {
    for (const widget of this._app.shell.widgets('main')) {
      const { content } = widget as Widget & { content?: ITerminalContent };
      if (content?.session?.name === name) {
        return content;
      }
    }
    return null;
  }

  /** A line that ended was entered, or given up: then the prompt is empty again. */
  private _follow(session: Terminal.ITerminalConnection): void {
    if (this._followed.has(session)) {
      return;
    }
    this._followed.add(session);
    session.messageReceived.connect((_, message) => {
      const text = message.content?.join('') ?? '';
      if (message.type === 'stdout' && text.includes('\n')) {
        this._left.delete(session);
      }
    });
  }

  private _left = new Set<Terminal.ITerminalConnection>();
  private _followed = new WeakSet<Terminal.ITerminalConnection>();
}

/** What we use of a terminal's widget. */
interface ITerminalContent {
  session: Terminal.ITerminalConnection;
  ready?: Promise<unknown>;
}

/** Wait for a terminal's connection; answers whether it is there. */
function connected(session: Terminal.ITerminalConnection): Promise<boolean> {
  return new Promise(resolve => {
    const done = (): void => {
      window.clearTimeout(timer);
      session.connectionStatusChanged.disconnect(look);
      resolve(session.connectionStatus === 'connected');
    };
    const look = (): void => {
      if (session.connectionStatus !== 'connecting') {
        done();
      }
    };
    const timer = window.setTimeout(done, PATIENCE);
    session.connectionStatusChanged.connect(look);
    look();
  });
}

/** Wait until a shell said something, which is its prompt. */
function spoke(session: Terminal.ITerminalConnection): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      window.clearTimeout(timer);
      session.messageReceived.disconnect(hear);
      resolve();
    };
    const hear = (_: unknown, message: Terminal.IMessage): void => {
      if (message.type === 'stdout') {
        done();
      }
    };
    const timer = window.setTimeout(done, PATIENCE);
    session.messageReceived.connect(hear);
  });
}
