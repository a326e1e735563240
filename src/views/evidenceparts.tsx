/**
 * The small parts that the views of evidence share.
 */

import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { EvidenceItem } from '../contract';
import type { EvidenceModel, IJob } from '../models/evidence';
import { evidenceOf } from '../models/evidence';
import { lookOf, pictureOf } from '../models/evidencefacts';
import { Arc, Glyph } from './glyph';
import { ErrorNote, IconButton } from './parts';
import { useModels, useNow, useSurroundings } from './surroundings';

/** The pictures that are drawn small, in bytes. */
const MOST_THUMB = 4_000_000;

/** The evidence of this desk; the view follows it. */
export function useEvidence(): EvidenceModel {
  const { desk } = useSurroundings();
  const evidence = evidenceOf(desk);
  useModels(evidence, desk.incidents, desk.runs, desk);
  return evidence;
}

function Drawn(props: { d: string; dash?: string }): JSX.Element {
  return (
    <svg
      className="jp-Keys-glyph"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      <path
        d={props.d}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeDasharray={props.dash}
      />
    </svg>
  );
}

/** A slot that nothing fills. */
export function MissingGlyph(): JSX.Element {
  return <Drawn d="M2.75 2.75h10.5v10.5H2.75z" dash="2.4 1.8" />;
}

/** A slot that is filled in part. */
export function PartGlyph(): JSX.Element {
  return <Drawn d="M2.75 2.75h10.5v10.5H2.75zM5 8h6" />;
}

/** Something that others hold. */
export function SealGlyph(): JSX.Element {
  return (
    <Drawn d="M8 1.8l5.2 2v4c0 3.2-2.2 5.3-5.2 6.4C5 13.1 2.8 11 2.8 7.8v-4z" />
  );
}

/** A table of months. */
export function MatrixGlyph(): JSX.Element {
  return <Drawn d="M2.5 3.5h11v9h-11zM2.5 6.5h11M6 6.5v6M9.7 6.5v6" />;
}

/** A digest or another long value: whole, to be compared and copied. */
export function Whole(props: { label: string; value: string }): JSX.Element {
  const { trans, actions } = useSurroundings();
  return (
    <div className="jp-Keys-whole">
      <span>{props.label}</span>
      <code>{props.value}</code>
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy %1', props.label)}
        onClick={() => actions.copy(props.value)}
      />
    </div>
  );
}

/** What is under way, from its first second on. */
export function Busy(props: {
  since: number | null;
  word: string;
  more?: string;
}): JSX.Element {
  const now = useNow(props.since === null ? 0 : 500);
  const past = props.since === null ? 0 : now - props.since;
  return past < 1000 ? (
    <></>
  ) : (
    <p className="jp-Keys-busy" role="status">
      <Arc />
      <span>
        {props.word} {past > 3000 && props.more}
      </span>
    </p>
  );
}

/** How a job failed. */
export function JobError<T>(props: {
  job: IJob<T>;
  onDismiss: () => void;
}): JSX.Element {
  const { error } = props.job;
  return error ? (
    <ErrorNote error={error} onDismiss={props.onDismiss} />
  ) : (
    <></>
  );
}

/** A picture of a kept thing where it is one, else its shape. */
export function Thumb(props: {
  incident: string;
  item: EvidenceItem;
}): JSX.Element {
  const { incident, item } = props;
  const drawn = lookOf(item) === 'image' && item.size <= MOST_THUMB;
  const url = useUrl(incident, drawn ? item : null);
  return (
    <span className="jp-Keys-thumb">
      {url ? <img src={url} alt="" /> : <Glyph shape="kept" />}
    </span>
  );
}

/** A picture as an address that holds it; null until it is there, or where it is none. */
export function useUrl(
  incident: string,
  item: EvidenceItem | null
): string | null {
  const evidence = useEvidence();
  const [url, setUrl] = React.useState<string | null>(null);
  React.useEffect(() => {
    let shown = true;
    if (item !== null) {
      // What cannot be read keeps its shape; its own page says why.
      evidence
        .preview(incident, item)
        .then(preview => shown && setUrl(pictureOf(preview)))
        .catch(() => undefined);
    }
    return () => {
      shown = false;
    };
  }, [item?.id]);
  return url;
}

/** A place to drop files on, or to paste them. */
export function useDrop(onFiles: (files: File[]) => void): {
  over: boolean;
  handlers: React.HTMLAttributes<HTMLElement>;
} {
  const [over, setOver] = React.useState(false);
  const carries = (data: DataTransfer | null): boolean =>
    Array.from(data?.types ?? []).includes('Files');
  const take = (data: DataTransfer | null): boolean => {
    const files = Array.from(data?.files ?? []);
    if (files.length > 0) {
      onFiles(files);
    }
    return files.length > 0;
  };
  return {
    over,
    handlers: {
      onDragOver: event => {
        if (carries(event.dataTransfer)) {
          event.preventDefault();
          event.stopPropagation();
          setOver(true);
        }
      },
      onDragLeave: event => {
        const to = event.relatedTarget as Node | null;
        if (!event.currentTarget.contains(to)) {
          setOver(false);
        }
      },
      onDrop: event => {
        setOver(false);
        if (carries(event.dataTransfer)) {
          event.preventDefault();
          event.stopPropagation();
          take(event.dataTransfer);
        }
      },
      onPaste: event => {
        if (take(event.clipboardData)) {
          event.preventDefault();
        }
      }
    }
  };
}

/** Let a person choose files; the input is of the page, so that a keyboard reaches it. */
export function useChooser(
  onFiles: (files: File[]) => void,
  options: { accept?: string; multiple?: boolean; label: string }
): { input: JSX.Element; choose: () => void } {
  const input = React.useRef<HTMLInputElement>(null);
  return {
    choose: () => input.current?.click(),
    input: (
      <input
        ref={input}
        type="file"
        hidden
        aria-label={options.label}
        accept={options.accept}
        multiple={options.multiple}
        onChange={event => {
          onFiles(Array.from(event.target.files ?? []));
          event.target.value = '';
        }}
      />
    )
  };
}
