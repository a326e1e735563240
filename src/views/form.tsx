/**
 * The form of a key's parameters: typed, prefilled, checked before anything runs.
 */

import * as React from 'react';

import type { ParametersReply, Run, RunRequest } from '../contract';
import { asKeysError } from '../models/catalog';
import type { Draft, IFormPlace } from '../models/navigation';
import { placeName } from '../models/navigation';
import type { INeed } from '../models/requirements';
import { newRunId } from '../models/repeating';
import { titleWords } from '../names';
import type { KeysError } from '../request';
import { secondsWords } from '../words';
import type { IBeginning } from './beginning';
import { beginning, BeginningLine, exampleOf } from './beginning';
import { Fields, FORM_ID } from './formfields';
import { KernelChoice, useKernels } from './kernel';
import { given, secretsOf, withoutSecrets } from './parameters';
import { Button, ErrorNote, Head, Severity, State } from './parts';
import { Preview } from './preview';
import type { Wrong } from './problems';
import { stillWrong, unreadable, wrongFields } from './problems';
import { RequirementsLine } from './requirements';
import { useModels, useSurroundings } from './surroundings';

/** A form, once the server said what the key takes and what was run last. */
export function FormView(props: { place: IFormPlace }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { place } = props;
  const [reply, setReply] = React.useState<ParametersReply | null>(null);
  const [error, setError] = React.useState<KeysError | null>(null);
  useModels(desk.catalog);
  React.useEffect(() => {
    const read = async (): Promise<void> => {
      const [taken] = await Promise.all([
        desk.api.parameters(place.slug, place.version),
        desk.runs.list({ key: place.slug })
      ]);
      setReply(taken);
    };
    read().catch(reason => setError(asKeysError(reason)));
  }, [place.slug, place.version]);
  const title = titleWords(desk.catalog.row(place.slug)?.title ?? place.slug);
  return (
    <>
      <Head title={trans.__('Run %1', title)} />
      <Origin place={place} />
      {error && <ErrorNote error={error} />}
      {reply ? (
        <Form place={place} reply={reply} onError={setError} />
      ) : (
        <div className="jp-Keys-scroll" />
      )}
    </>
  );
}

/** Which step asked for the run. */
function Origin(props: { place: IFormPlace }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { incident: id, step: stepId } = props.place;
  const incident = id ? desk.incidents.get(id) : null;
  if (incident === null) {
    return <></>;
  }
  const step = incident.steps.find(step => step.id === stepId);
  return (
    <div className="jp-Keys-meta">
      <Severity severity={incident.severity} />
      <span className="jp-Keys-wrap">
        {step
          ? trans.__('%1, %2', step.title, titleWords(incident.title))
          : incident.title}
      </span>
    </div>
  );
}

/** What a form holds besides what the server said. */
interface IFilled {
  values: Draft;
  /** The run whose values the form began with. */
  from: Run | null;
  /** Counts how often the values were replaced whole. */
  turn: number;
  kernel: string | null;
  /** After how many seconds the run is stopped. */
  limit: number | null;
  /** What the server said of values that are still the same. */
  wrong: Wrong;
}

/** What is filled in; kept while other views are shown. */
function useFilled(
  place: IFormPlace,
  reply: ParametersReply,
  example: Run | null
): [IFilled, (change: Partial<IFilled>) => void] {
  const { drafts } = useSurroundings().desk.navigation;
  const name = placeName(place);
  const [filled, setFilled] = React.useState<IFilled>(() => {
    const start = beginning(reply, example);
    const kernel = example && example.kernel !== reply.kernel;
    return {
      values: drafts.get(name) ?? start.values,
      from: start.run,
      turn: 0,
      kernel: kernel ? example.kernel : null,
      limit: null,
      wrong: {}
    };
  });
  const change = (to: Partial<IFilled>): void => {
    if (to.values) {
      drafts.set(name, withoutSecrets(reply.parameters, to.values));
    }
    setFilled(before => ({ ...before, ...to }));
  };
  return [filled, change];
}

function Form(props: {
  place: IFormPlace;
  reply: ParametersReply;
  onError: (error: KeysError | null) => void;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { place, reply } = props;
  const [example] = React.useState(() => exampleOf(desk, place));
  const [filled, change] = useFilled(place, reply, example);
  const [busy, start] = useStart(props, filled, wrong => change({ wrong }));
  const kernels = useKernels();
  const need = {
    slug: place.slug,
    version: reply.version,
    kernel: filled.kernel ?? reply.kernel
  };
  const replace = ({ values, run }: IBeginning): void =>
    change({ values, from: run, turn: filled.turn + 1, wrong: {} });
  return (
    <>
      <div className="jp-Keys-scroll jp-Keys-page">
        <BeginningLine
          reply={reply}
          example={example}
          shown={filled.from}
          onChange={replace}
        />
        <Fields
          key={filled.turn}
          reply={reply}
          values={filled.values}
          wrong={filled.wrong}
          onChange={values =>
            change({ values, wrong: stillWrong(filled, values) })
          }
          onRun={() => void start('headless')}
        />
        <Preview reply={reply} place={place} values={filled.values} />
        <KernelChoice
          own={reply.kernel}
          kernels={kernels}
          chosen={filled.kernel}
          limit={filled.limit}
          onChange={kernel => change({ kernel })}
          onLimit={limit => change({ limit })}
        />
        <RequirementsLine {...need} kernels={kernels} />
        <State shape="info">
          {trans.__('Works on a copy. The installed key stays as it is.')}
        </State>
      </div>
      <Foot
        busy={busy}
        need={need}
        usual={usualOf(desk.runs.ofKey(place.slug), reply)}
        onSelf={() => void start('interactive')}
      />
    </>
  );
}

/** Starting a run: whether one is being started, and how. */
function useStart(
  props: {
    place: IFormPlace;
    reply: ParametersReply;
    onError: (error: KeysError | null) => void;
  },
  filled: IFilled,
  onWrong: (wrong: Wrong) => void
): [boolean, (mode: string) => Promise<void>] {
  const { actions, trans } = useSurroundings();
  const { place, reply, onError } = props;
  const [busy, setBusy] = React.useState(false);
  const start = async (mode: string): Promise<void> => {
    // Left alone, the notebook's own value would run in place of what stands in the field.
    const unread = unreadable(trans, document.getElementById(FORM_ID));
    if (Object.keys(unread).length > 0) {
      onWrong(unread);
      return;
    }
    setBusy(true);
    onError(null);
    onWrong({});
    try {
      await actions.start(requestOf(place, reply, filled, mode));
    } catch (reason) {
      const error = asKeysError(reason);
      const wrong = wrongFields(reply.parameters, error);
      onError(wrong === null ? error : null);
      onWrong(wrong ?? {});
      setBusy(false);
    }
  };
  return [busy, start];
}

/** How long this version takes as a rule. */
function usualOf(runs: Run[], reply: ParametersReply): number | null {
  const known = runs.find(run => run.version === (reply.version ?? ''));
  return known?.usual_seconds ?? null;
}

function Foot(props: {
  busy: boolean;
  usual: number | null;
  need: INeed;
  onSelf: () => void;
}): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { busy, usual, need } = props;
  useModels(desk, desk.requirements);
  const missing = desk.requirements.get(need)?.missing ?? 0;
  const off = busy || desk.feed.lostSince !== null;
  return (
    <div className="jp-Keys-foot">
      <Button look="go" form={FORM_ID} disabled={off}>
        {busy ? trans.__('Starting') : trans.__('Run')}
      </Button>
      <Button
        disabled={off}
        title={trans.__(
          'Prepares the same copy and opens it with its kernel; you run its cells.'
        )}
        onClick={props.onSelf}
      >
        {trans.__('Open and run myself')}
      </Button>
      {missing > 0 ? (
        <State shape="warning">
          {trans._n('%1 package missing', '%1 packages missing', missing)}
        </State>
      ) : (
        usual !== null && (
          <span className="jp-Keys-footNote">
            {trans.__('about %1', secondsWords(trans, Math.max(1, usual)))}
          </span>
        )
      )}
    </div>
  );
}

/** What the server is asked to run. */
function requestOf(
  place: IFormPlace,
  reply: ParametersReply,
  filled: IFilled,
  mode: string
): RunRequest {
  const { parameters, nulls } = given(reply.parameters, filled.values);
  const own = mode === 'interactive';
  return {
    key: place.slug,
    version: reply.version,
    parameters: withoutSecrets(reply.parameters, parameters),
    // The notebook that a person runs asks for them itself.
    secrets: own ? {} : secretsOf(reply.parameters, parameters),
    nulls,
    mode,
    kernel: filled.kernel,
    timeout: filled.limit,
    incident: place.incident,
    step: place.step,
    id: newRunId()
  };
}
