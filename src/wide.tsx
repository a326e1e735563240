/**
 * An incident in the main area: the same models and views, with room.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { WidgetTracker } from '@jupyterlab/apputils';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import '../style/panel.css';

import { runbookIcon } from './icons';
import type { Desk } from './models/desk';
import { NavigationModel } from './models/navigation';
import { titleWords } from './names';
import type { IPanelOptions } from './panel';
import { actionsOf } from './panel';
import { IncidentView } from './views/incident';
import { ErrorNote } from './views/parts';
import { Surround, useModels, useSurroundings } from './views/surroundings';

/** One view: there is nothing to go back to. */
class OnePlace extends NavigationModel {
  override get canGoBack(): boolean {
    return false;
  }
}

/** The content of a wide view. */
export class WideIncident extends ReactWidget {
  constructor(
    private _options: IPanelOptions,
    id: string
  ) {
    super();
    this.addClass('jp-Keys');
    this.addClass('jp-Keys-content');
    this.addClass('jp-Keys-wide');
    this._navigation.go({ view: 'incident', id, tab: 'steps', look: null });
    this._desk = _options.desk.beside(this._navigation);
    const outlook = { navigation: this._navigation, node: this.node };
    const take = (): void => _options.desk.lookFrom(outlook);
    this.node.addEventListener('focusin', take);
    this.node.addEventListener('pointerdown', take);
    this._navigation.changed.connect(this._retitle, this);
    _options.desk.incidents.changed.connect(this._retitle, this);
    this._retitle();
  }

  /** The incident that is shown. */
  get incident(): string {
    const { place } = this._navigation;
    return place.view === 'incident' ? place.id : '';
  }

  /** Let go of the models. */
  override dispose(): void {
    const { desk } = this._options;
    if (desk.here.navigation === this._navigation) {
      desk.lookFrom(null);
    }
    desk.incidents.changed.disconnect(this._retitle, this);
    super.dispose();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void this.renderPromise?.then(() =>
      this.node.querySelector<HTMLElement>('h1')?.focus()
    );
  }

  protected override render(): JSX.Element {
    const { trans, rendermime } = this._options;
    const actions = actionsOf(this._options);
    return (
      <Surround value={{ desk: this._desk, trans, rendermime, actions }}>
        <Wide />
      </Surround>
    );
  }

  private _retitle(): void {
    const { desk, trans } = this._options;
    const incident = desk.incidents.get(this.incident);
    this.title.label = incident
      ? trans.__('%1 %2', incident.number, titleWords(incident.title))
      : trans.__('Incident');
    this.title.caption = this.title.label;
    this.title.icon = runbookIcon;
  }

  private _navigation = new OnePlace();
  private _desk: Desk;
}

/** Show an incident in the main area: the view that has it already, or a new one. */
export function showWide(
  options: {
    app: JupyterFrontEnd;
    tracker: WidgetTracker<MainAreaWidget<WideIncident>>;
    views: IPanelOptions;
  },
  id: string
): MainAreaWidget<WideIncident> {
  const { app, tracker, views } = options;
  const known = tracker.find(({ content }) => content.incident === id);
  const widget = known ?? makeWide(views, id);
  if (known === undefined) {
    void tracker.add(widget);
    app.shell.add(widget, 'main', { type: 'Keys' });
  }
  app.shell.activateById(widget.id);
  return widget;
}

/** A wide view as the main area holds it. */
function makeWide(
  options: IPanelOptions,
  id: string
): MainAreaWidget<WideIncident> {
  const widget = new MainAreaWidget({ content: new WideIncident(options, id) });
  widget.id = `keys-jupyter:wide-${id}`;
  widget.title.closable = true;
  return widget;
}

function Wide(): JSX.Element {
  const { desk } = useSurroundings();
  const { navigation } = desk;
  useModels(desk, navigation);
  const { place } = navigation;
  return (
    <div className="jp-Keys-view jp-Keys-incident">
      {desk.error && (
        <ErrorNote error={desk.error} onDismiss={() => desk.fail(null)} />
      )}
      {place.view === 'incident' && (
        <IncidentView key={place.id} place={place} />
      )}
    </div>
  );
}
