/**
 * The view that is shown, the note above it, and what is said to those who do not see it.
 */

import * as React from 'react';

import type { IAnnouncement } from '../models/desk';
import type { Place } from '../models/navigation';
import { following } from '../models/following';
import { placeName } from '../models/navigation';
import { clockWords } from '../words';
import { EvidencePage } from './evidencelazy';
import { FormView } from './form';
import { Home } from './home';
import { IncidentView } from './incident';
import { useKeptFocus } from './keeping';
import { KeyView } from './key';
import { NotebookView } from './notebook';
import { Button, ErrorNote } from './parts';
import { RunView } from './run';
import { RunbookView } from './runbook';
import { useModels, useSurroundings } from './surroundings';

/** Loaded when it is first shown. */
const Catalogue = React.lazy(async () => {
  const { CatalogueView } = await import('./catalogue');
  return { default: CatalogueView };
});

/** The panel's content. */
export function App(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { navigation } = desk;
  useModels(desk, navigation);
  const { place } = navigation;
  const name = placeName(place);
  const body = React.useRef<HTMLDivElement>(null);
  usePlaceMemory(body, name);
  useKeptFocus(body);
  return (
    <div
      ref={body}
      className={`jp-Keys-view jp-Keys-${place.view}`}
      role="region"
      aria-label={trans.__('Keys')}
    >
      {desk.error && (
        <ErrorNote error={desk.error} onDismiss={() => desk.fail(null)} />
      )}
      <BelongsElsewhere place={place} />
      <React.Fragment key={name}>{viewOf(place)}</React.Fragment>
      <Lost />
      <Said />
    </div>
  );
}

function viewOf(place: Place): JSX.Element {
  switch (place.view) {
    case 'catalogue':
      return (
        <React.Suspense fallback={<></>}>
          <Catalogue />
        </React.Suspense>
      );
    case 'key':
      return <KeyView slug={place.slug} />;
    case 'form':
      return <FormView place={place} />;
    case 'run':
      return <RunView id={place.id} />;
    case 'runbook':
      return <RunbookView slug={place.slug} call={place.call ?? null} />;
    case 'incident':
      return <IncidentView place={place} />;
    case 'evidence':
      return <EvidencePage place={place} />;
    case 'notebook':
      return <NotebookView />;
    default:
      return <Home />;
  }
}

/** The server is gone: since when, and what that means for what is on screen. */
function Lost(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { lostSince } = desk.feed;
  if (lostSince === null) {
    return <></>;
  }
  const at = clockWords(trans, new Date(lostSince).toISOString());
  return (
    <div className="jp-Keys-lost" role="status">
      <b>{trans.__('Not connected since %1.', at)}</b>{' '}
      {trans.__(
        'What is shown is as it was then. A run goes on without this page as long as its server does.'
      )}
    </div>
  );
}

/** The active notebook belongs to another step, and the view was left as it is. */
function BelongsElsewhere(props: { place: Place }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { context } = desk.context;
  useModels(desk.context);
  const offered =
    context !== null && following(props.place, context, null) === 'offer';
  if (!offered || context.step === null) {
    return <></>;
  }
  return (
    <div className="jp-Keys-looking">
      <span>
        {trans.__('The notebook belongs to “%1”.', context.step.title)}
      </span>
      <Button look="plain" onClick={() => actions.showNotebook()}>
        {trans.__('Show')}
      </Button>
    </div>
  );
}

/** Where a place was scrolled to, and what had the focus when it was left. */
interface IMemory {
  top: number;
  focus: string | null;
}

/** Bring back scroll position and focus of a place; else put the focus on its title. */
function usePlaceMemory(
  body: React.RefObject<HTMLDivElement>,
  name: string
): void {
  const memory = React.useRef(new Map<string, IMemory>());
  const hadFocus = React.useRef(false);
  React.useLayoutEffect(() => {
    const element = body.current;
    if (element === null) {
      return;
    }
    const kept = memory.current.get(name);
    restore(element, kept ?? { top: 0, focus: null }, hadFocus.current);
    const note = (): void => {
      hadFocus.current = element.contains(document.activeElement);
      memory.current.set(name, snapshot(element));
    };
    const left = (event: FocusEvent): void => {
      // Without a target the focused thing was removed: its place takes the focus.
      hadFocus.current = event.relatedTarget === null;
    };
    element.addEventListener('scroll', note, true);
    element.addEventListener('focusin', note);
    element.addEventListener('focusout', left);
    return () => {
      element.removeEventListener('scroll', note, true);
      element.removeEventListener('focusin', note);
      element.removeEventListener('focusout', left);
    };
  }, [name]);
}

function snapshot(element: HTMLElement): IMemory {
  const active = element.ownerDocument.activeElement;
  const focus =
    active instanceof HTMLElement && element.contains(active)
      ? (active.dataset.focus ?? null)
      : null;
  const top = element.querySelector('.jp-Keys-scroll')?.scrollTop ?? 0;
  return { top, focus };
}

function restore(element: HTMLElement, to: IMemory, focus: boolean): void {
  const scroll = element.querySelector('.jp-Keys-scroll');
  if (scroll) {
    scroll.scrollTop = to.top;
  }
  if (focus) {
    const target = to.focus
      ? element.querySelector<HTMLElement>(
          `[data-focus="${CSS.escape(to.focus)}"]`
        )
      : null;
    (target ?? element.querySelector<HTMLElement>('h1'))?.focus();
  }
}

/** Two live regions, one sentence at a time. */
function Said(): JSX.Element {
  const { desk } = useSurroundings();
  const [polite, setPolite] = React.useState('');
  const [urgent, setUrgent] = React.useState('');
  React.useEffect(() => {
    const hear = (_: unknown, said: IAnnouncement): void =>
      said.urgent ? setUrgent(said.text) : setPolite(said.text);
    desk.announced.connect(hear);
    return () => {
      desk.announced.disconnect(hear);
    };
  }, []);
  return (
    <>
      <div className="jp-Keys-aside" aria-live="polite">
        {polite}
      </div>
      <div className="jp-Keys-aside" aria-live="assertive">
        {urgent}
      </div>
    </>
  );
}
