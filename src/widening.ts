/**
 * An incident in the main area: opened, found again, and there after a reload.
 */

import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { WidgetTracker } from '@jupyterlab/apputils';

import { args, text } from './commands/schema';
import { given } from './commands/surroundings';
import type { IPanelOptions } from './panel';
import { CommandIDs } from './tokens';
import type { WideIncident } from './wide';

/** Add the command that opens an incident in the main area; returns the tracker of what it opened. */
export function addWide(options: {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  views: IPanelOptions;
  frame: HTMLElement;
}): WidgetTracker<MainAreaWidget<WideIncident>> {
  const { app, restorer, views } = options;
  const { desk, trans } = views;
  const tracker = new WidgetTracker<MainAreaWidget<WideIncident>>({
    namespace: 'keys-jupyter-wide'
  });
  const shown = (): string | null => {
    const { place } = desk.here.navigation;
    return place.view === 'incident' ? place.id : null;
  };
  app.commands.addCommand(CommandIDs.openWide, {
    label: trans.__('Open Incident Wide'),
    caption: trans.__('Show the incident in the main area'),
    isEnabled: () => shown() !== null || desk.incidents.open.length > 0,
    describedBy: {
      args: args({ 'id?': text(trans.__('The incident; the one on screen.')) })
    },
    execute: async values => {
      const id = given(values, 'id') ?? shown() ?? desk.incidents.open[0]?.id;
      if (!id) {
        return;
      }
      const { showWide } = await import('./wide');
      showWide({ app, tracker, views }, id);
    }
  });
  // Whichever view a person used last is the one that keys and the palette mean.
  const back = (): void => desk.lookFrom(null);
  options.frame.addEventListener('focusin', back);
  options.frame.addEventListener('pointerdown', back);
  if (restorer !== null) {
    void restorer.restore(tracker, {
      command: CommandIDs.openWide,
      args: ({ content }) => ({ id: content.incident }),
      name: ({ content }) => content.incident
    });
  }
  return tracker;
}
