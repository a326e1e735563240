/**
 * Verifying a bundle: drop it, see what holds, what does not and where, and what nobody looked at.
 */

import * as React from 'react';

import type { Verified } from '../contract';
import { KeysError } from '../request';
import type { ILine } from '../verifying';
import {
  base64Of,
  linesOf,
  MOST_BYTES,
  UNPROVED,
  verdictOf
} from '../verifying';
import {
  Busy,
  JobError,
  useChooser,
  useDrop,
  useEvidence
} from './evidenceparts';
import { Glyph } from './glyph';
import { Button, Fold, Head } from './parts';
import { useSurroundings } from './surroundings';

/** What goes with the bundle, kept while other views are shown. */
const given = { against: '', key: '' };

/** The page. */
export function VerifyPage(): JSX.Element {
  const { trans } = useSurroundings();
  const evidence = useEvidence();
  const [file, setFile] = React.useState<File | null>(null);
  const verify = useVerify();
  const take = (files: File[]): void => {
    const [first] = files;
    if (first) {
      setFile(first);
      verify(first);
    }
  };
  const { over, handlers } = useDrop(take);
  const label = trans.__('Choose a bundle…');
  const { input, choose } = useChooser(take, { accept: '.zip', label });
  const job = evidence.job<Verified>('verify');
  const busy = job.since !== null;
  return (
    <>
      <Head title={trans.__('Verify a bundle')} />
      <div
        className={`jp-Keys-scroll jp-Keys-page jp-Keys-drop${over ? ' jp-mod-over' : ''}`}
        {...handlers}
      >
        <div className="jp-Keys-target">
          <p>{trans.__('Drop the zip of a bundle here.')}</p>
          {input}
          <Button look={job.result ? 'other' : 'go'} onClick={choose}>
            {label}
          </Button>
        </div>
        <JobError job={job} onDismiss={() => evidence.forget('verify')} />
        <Busy since={job.since} word={trans.__('Checking %1', job.about)} />
        {job.result && <Found found={job.result} name={job.about} />}
        <Given again={file && !busy ? () => verify(file) : null} />
        <p className="jp-Keys-help">
          {trans.__(
            'Nothing in the bundle is run, rendered or kept for this. The same answer without this program: “python3 verify.py” with the file from the bundle.'
          )}
        </p>
      </div>
    </>
  );
}

/** Send a bundle to be checked, and say what came of it. */
function useVerify(): (file: File) => void {
  const { trans, desk } = useSurroundings();
  const evidence = useEvidence();
  return file => {
    const ask = async (): Promise<Verified> => {
      if (file.size > MOST_BYTES) {
        throw new KeysError(
          'BUNDLE_TOO_LARGE',
          trans.__('%1 is too large to be sent from the browser.', file.name),
          trans.__('Verify it where it lies: jupyter keys evidence verify FILE')
        );
      }
      return evidence.api.verify({
        data: await base64Of(file),
        against: given.against.trim() || null,
        key: given.key.trim() || null
      });
    };
    void evidence.work('verify', file.name, ask).then(found => {
      if (found !== null) {
        desk.announce(verdictOf(trans, found), found.verdict === 'fails');
      }
    });
  };
}

/** What makes more of it than a bundle's own word. */
function Given(props: { again: (() => void) | null }): JSX.Element {
  const { trans } = useSurroundings();
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  const set = (name: keyof typeof given, value: string): void => {
    given[name] = value;
    draw();
  };
  const { again } = props;
  return (
    <Fold
      title={trans.__('Against what somebody else holds')}
      aside={
        given.against || given.key ? trans.__('given') : trans.__('not given')
      }
    >
      <label className="jp-Keys-entry">
        <b>{trans.__('Checkpoint that was kept elsewhere')}</b>
        <textarea
          rows={5}
          spellCheck={false}
          value={given.against}
          onChange={event => set('against', event.target.value)}
        />
      </label>
      <label className="jp-Keys-entry">
        <b>{trans.__('Fingerprint of the key, told by another way')}</b>
        <input
          type="text"
          spellCheck={false}
          value={given.key}
          onChange={event => set('key', event.target.value)}
        />
      </label>
      {again && (
        <Button onClick={again}>{trans.__('Verify with these')}</Button>
      )}
    </Fold>
  );
}

function Found(props: { found: Verified; name: string }): JSX.Element {
  const { trans } = useSurroundings();
  const { found, name } = props;
  const lines = linesOf(trans, found);
  const open = lines.filter(line => line.ok === false);
  const fails = found.verdict === 'fails';
  const look = found.ok ? 'ok' : fails ? 'error' : 'warning';
  const said = found.bundle.title ?? found.bundle.name;
  return (
    <section className="jp-Keys-found" aria-label={trans.__('What was found')}>
      <h2 className="jp-Keys-wrap">{name}</h2>
      <div
        className={`jp-Keys-note jp-mod-${look}`}
        role={fails ? 'alert' : 'status'}
      >
        <Glyph shape={look === 'error' ? 'failed' : look} />
        <div>
          <b>{verdictOf(trans, found)}</b>{' '}
          {fails
            ? trans.__('Do not rely on it. What failed stands first:')
            : typeof said === 'string' && said}
          {open.map(line => (
            <p key={line.name} className="jp-Keys-wrap">
              {line.title}: {line.detail}
            </p>
          ))}
        </div>
      </div>
      <ul className="jp-Keys-checks">
        {lines.map(line => (
          <Line key={line.name} line={line} />
        ))}
      </ul>
      <Sentences
        title={trans.__('Missing in it, as it says')}
        lines={found.missing}
      />
      <Sentences
        title={trans.__('What it does not prove')}
        lines={found.limits}
      />
    </section>
  );
}

function Line(props: { line: ILine }): JSX.Element {
  const { trans } = useSurroundings();
  const { title, ok, verdict, detail } = props.line;
  const word =
    ok === null
      ? trans.__('not checked')
      : ok
        ? trans.__('ok')
        : verdict === UNPROVED
          ? trans.__('not proved')
          : trans.__('failed');
  const bad = verdict === UNPROVED ? 'warning' : 'failed';
  return (
    <li>
      <Glyph shape={ok === null ? 'never' : ok ? 'ok' : bad} size={14} />
      <span>
        <b>{title}</b>
        <span className="jp-Keys-aside">, </span>
        <span className="jp-Keys-word">{word}</span>
        <span className="jp-Keys-second jp-Keys-wrap">{detail}</span>
      </span>
    </li>
  );
}

function Sentences(props: { title: string; lines: string[] }): JSX.Element {
  const { title, lines } = props;
  return lines.length === 0 ? (
    <></>
  ) : (
    <Fold title={title} aside={String(lines.length)}>
      <ul className="jp-Keys-list">
        {lines.map(line => (
          <li key={line}>{line.replace(/[*`]/g, '')}</li>
        ))}
      </ul>
    </Fold>
  );
}
