/**
 * A file of the workspace: typed with completion, chosen, dropped, or uploaded.
 */

import { fileUploadIcon, folderIcon } from '@jupyterlab/ui-components';
import type { WidgetProps } from '@rjsf/utils';
import * as React from 'react';

import type { Parameter } from '../contract';
import { Button, IconButton } from './parts';
import { useSurroundings } from './surroundings';

/** How JupyterLab's file browser names what is dragged out of it. */
const BROWSER_MIME = 'application/x-jupyter-icontents';

/** The field of a file. */
export function PathWidget(props: WidgetProps): JSX.Element {
  const { trans, actions } = useSurroundings();
  const parameter = props.options.parameter as Parameter;
  const value = typeof props.value === 'string' ? props.value : '';
  const change = (text: string): void => {
    props.onChange(text === '' ? undefined : text);
  };
  const [sending, send, stop] = useUpload(change);
  const [over, drop] = useDrop(
    file => void send(file),
    path => change(path)
  );
  return (
    <div ref={drop} className={`jp-Keys-drop${over ? ' jp-mod-over' : ''}`}>
      <div className="jp-Keys-path">
        <PathInput {...props} value={value} onPath={change} />
        <IconButton
          icon={folderIcon}
          label={trans.__('Choose a file of the workspace')}
          onClick={() => {
            void actions.browse().then(path => path !== null && change(path));
          }}
        />
        <Chooser onFile={file => void send(file)} title={parameter.title} />
      </div>
      {over && (
        <p className="jp-Keys-help">{trans.__('Drop the file here.')}</p>
      )}
      {sending !== null && <Sending {...sending} onStop={stop} />}
    </div>
  );
}

/** The path itself, with completion. */
function PathInput(
  props: WidgetProps & { onPath: (path: string) => void }
): JSX.Element {
  const { actions } = useSurroundings();
  const [paths, setPaths] = React.useState<string[]>([]);
  const { id, value } = props;
  const parameter = props.options.parameter as Parameter;
  const sample = value === parameter.default;
  const look = (): void => {
    void actions.suggestPaths(sample ? '' : String(value)).then(setPaths);
  };
  React.useEffect(() => {
    if (!sample) {
      look();
    }
  }, [folderOf(String(value))]);
  return (
    <>
      <input
        id={id}
        type="text"
        list={`${id}-paths`}
        value={value}
        required={props.required}
        spellCheck={false}
        autoComplete="off"
        onFocus={look}
        onChange={event => props.onPath(event.target.value)}
      />
      <datalist id={`${id}-paths`}>
        {paths.map(path => (
          <option key={path} value={path} />
        ))}
      </datalist>
    </>
  );
}

/** The folder a typed path is in. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** The keyboard's way to what a drop does. */
function Chooser(props: {
  title: string;
  onFile: (file: File) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const input = React.useRef<HTMLInputElement>(null);
  const label = trans.__('Upload a file of this computer');
  return (
    <>
      <IconButton
        icon={fileUploadIcon}
        label={label}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        hidden={true}
        aria-label={trans.__('%1: %2', props.title, label)}
        onChange={event => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) {
            props.onFile(file);
          }
        }}
      />
    </>
  );
}

interface ISending {
  name: string;
  part: number;
}

/** Uploading one file at a time: what is on its way, how to begin, how to stop. */
function useUpload(
  onPath: (path: string) => void
): [ISending | null, (file: File) => Promise<void>, () => void] {
  const { actions, desk } = useSurroundings();
  const [sending, setSending] = React.useState<ISending | null>(null);
  const stopper = React.useRef<AbortController | null>(null);
  React.useEffect(() => () => stopper.current?.abort(), []);
  const send = async (file: File): Promise<void> => {
    stopper.current?.abort();
    const control = new AbortController();
    stopper.current = control;
    const { name } = file;
    await desk.attempt(async () => {
      const path = await actions.upload(file, {
        signal: control.signal,
        onProgress: part => control.signal.aborted || setSending({ name, part })
      });
      if (path !== null) {
        onPath(path);
      }
    });
    if (stopper.current === control) {
      setSending(null);
    }
  };
  const stop = (): void => {
    stopper.current?.abort();
    setSending(null);
  };
  return [sending, send, stop];
}

function Sending(props: ISending & { onStop: () => void }): JSX.Element {
  const { trans } = useSurroundings();
  const { name, part } = props;
  return (
    <div className="jp-Keys-sending">
      <progress
        max={1}
        value={part}
        aria-label={trans.__('Uploading %1', name)}
      />
      <span>{trans.__('%1 %', Math.round(part * 100))}</span>
      <Button look="plain" onClick={props.onStop}>
        {trans.__('Cancel')}
      </Button>
    </div>
  );
}

/** What a drag out of the file browser is, as far as we look into it. */
interface IBrowserDrag extends Event {
  mimeData: { hasData(mime: string): boolean; getData(mime: string): unknown };
  dropAction: string;
  proposedAction: string;
}

/** Take files dropped from the computer, and paths dropped from the file browser. */
function useDrop(
  onFile: (file: File) => void,
  onPath: (path: string) => void
): [boolean, React.RefObject<HTMLDivElement>] {
  const element = React.useRef<HTMLDivElement>(null);
  const [over, setOver] = React.useState(false);
  const taken = React.useRef({ onFile, onPath });
  taken.current = { onFile, onPath };
  React.useEffect(() => {
    const node = element.current;
    if (node === null) {
      return;
    }
    const listen = (type: string, act: (event: Event) => void): void =>
      node.addEventListener(type, act);
    const leave = (): void => setOver(false);
    const enter = (event: Event): void => {
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    };
    listen('dragenter', enter);
    listen('dragover', enter);
    listen('dragleave', leave);
    listen('drop', event => {
      enter(event);
      leave();
      const file = (event as DragEvent).dataTransfer?.files[0];
      if (file) {
        taken.current.onFile(file);
      }
    });
    const fromBrowser = (event: Event): void => {
      if ((event as IBrowserDrag).mimeData.hasData(BROWSER_MIME)) {
        enter(event);
      }
    };
    listen('lm-dragenter', fromBrowser);
    listen('lm-dragover', event => {
      fromBrowser(event);
      const drag = event as IBrowserDrag;
      drag.dropAction = drag.proposedAction;
    });
    listen('lm-dragleave', leave);
    listen('lm-drop', event => {
      fromBrowser(event);
      leave();
      const drag = event as IBrowserDrag;
      const [path] = drag.mimeData.getData(BROWSER_MIME) as string[];
      drag.dropAction = drag.proposedAction;
      taken.current.onPath(path);
    });
  }, []);
  return [over, element];
}
