/**
 * The small parts all views are made of.
 */

import type { LabIcon } from '@jupyterlab/ui-components';
import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { backIcon } from '../backicon';
import type { KeysError } from '../request';
import type { Shape } from '../shapes';
import { Glyph } from './glyph';
import { useModels, useNow, useSurroundings, useTrans } from './surroundings';
import { errorWords } from '../words';

/** A button with an icon for its face and a name for everybody. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  /** What a command finds it by. */
  act?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      className="jp-Keys-iconButton"
      data-act={props.act}
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.disabled}
      onClick={() => props.disabled || props.onClick()}
    >
      <props.icon.react tag="span" width="16px" height="16px" />
    </button>
  );
}

/**
 * A button with a word on it; `look` says how much it asks for attention.
 *
 * Switched off it keeps the focus, which `disabled` would throw away.
 */
export function Button(props: {
  look?: 'go' | 'plain' | 'other';
  children: React.ReactNode;
  onClick?: () => void;
  disabled?: boolean;
  title?: string;
  form?: string;
  focusName?: string;
}): JSX.Element {
  return (
    <button
      type={props.form ? 'submit' : 'button'}
      form={props.form}
      className={`jp-Keys-button jp-mod-${props.look ?? 'other'}`}
      aria-disabled={props.disabled}
      title={props.title}
      data-focus={props.focusName}
      onClick={event =>
        props.disabled ? event.preventDefault() : props.onClick?.()
      }
    >
      {props.children}
    </button>
  );
}

/** The title of a view, with the way back. */
export function Head(props: {
  title: string;
  children?: React.ReactNode;
  /** Where Back leads, when it is not the view before. */
  onBack?: () => void;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const back = props.onBack !== undefined || desk.navigation.canGoBack;
  return (
    <div className={`jp-Keys-head${back ? ' jp-mod-back' : ''}`}>
      {back && (
        <IconButton
          icon={backIcon}
          label={trans.__('Back')}
          onClick={props.onBack ?? (() => actions.back())}
        />
      )}
      <h1 tabIndex={-1} title={props.title} className="jp-Keys-cut">
        {props.title}
      </h1>
      {props.children}
      <IconButton
        icon={refreshIcon}
        label={trans.__('Refresh')}
        onClick={() => actions.refresh()}
      />
    </div>
  );
}

/** A severity: the bar says how severe it is before the word is read. */
export function Severity(props: { severity: string | null }): JSX.Element {
  const trans = useTrans();
  if (props.severity === null) {
    return <></>;
  }
  const level = props.severity.toLowerCase();
  return (
    <span className={`jp-Keys-chip jp-mod-severity jp-mod-${level}`}>
      <span className="jp-Keys-aside">{trans.__('Severity')} </span>
      {props.severity.toUpperCase()}
    </span>
  );
}

/** A shape with its word. */
export function State(props: {
  shape: Shape;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <span className="jp-Keys-state">
      <Glyph shape={props.shape} size={14} />
      <span>{props.children}</span>
    </span>
  );
}

/** Something to know, to mend, or that went wrong; the first sentence is bold. */
export function Note(props: {
  kind: 'info' | 'warning' | 'error';
  title: string;
  children?: React.ReactNode;
}): JSX.Element {
  const shape = props.kind === 'error' ? 'failed' : props.kind;
  return (
    <div
      className={`jp-Keys-note jp-mod-${props.kind}`}
      role={props.kind === 'error' ? 'alert' : undefined}
    >
      <Glyph shape={shape} />
      <div>
        <b>{props.title}</b> {props.children}
      </div>
    </div>
  );
}

/** What an action of ours said when it did not work. */
export function ErrorNote(props: {
  error: KeysError;
  onDismiss?: () => void;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { error } = props;
  const { message, hint } = errorWords(trans, error);
  const details = [error.code, message, hint, error.requestId];
  return (
    <Note kind="error" title={message}>
      {hint}
      <div className="jp-Keys-buttons">
        <Button
          look="plain"
          onClick={() => actions.copy(details.filter(Boolean).join('\n'))}
        >
          {trans.__('Copy details')}
        </Button>
        {props.onDismiss && (
          <Button look="plain" onClick={props.onDismiss}>
            {trans.__('Dismiss')}
          </Button>
        )}
      </div>
    </Note>
  );
}

/** What is wider than its place, and scrolls by itself, by the keyboard too. */
export function Sideways(props: {
  label: string;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div
      className={`jp-Keys-sideways ${props.className ?? ''}`}
      tabIndex={0}
      role="region"
      aria-label={props.label}
    >
      {props.children}
    </div>
  );
}

/** A part that folds; what is folded is said beside its title. */
export function Fold(props: {
  title: string;
  aside?: string;
  open?: boolean;
  onToggle?: (open: boolean) => void;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(props.open ?? false);
  React.useEffect(() => {
    if (props.open) {
      setOpen(true);
    }
  }, [props.open]);
  const toggle = (event: React.SyntheticEvent<HTMLDetailsElement>): void => {
    const now = event.currentTarget.open;
    if (now !== open) {
      setOpen(now);
      props.onToggle?.(now);
    }
  };
  return (
    <details className="jp-Keys-fold" open={open} onToggle={toggle}>
      <summary>
        <b>{props.title}</b>
        {props.aside && <span>{props.aside}</span>}
      </summary>
      <div className="jp-Keys-folded">{open && props.children}</div>
    </details>
  );
}

/** Whether what is shown is present or past; nothing while it is present. */
export function Heard(): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { feed } = desk;
  const now = useNow(5000);
  useModels(desk);
  if (feed.lostSince !== null) {
    // Said once, on top of the view.
    return <></>;
  }
  const seconds = Math.round((now - (feed.heardAt ?? now)) / 1000);
  return (
    <span className="jp-Keys-heard">
      {feed.live || seconds <= 0 ? (
        trans.__('live')
      ) : (
        <b>{trans.__('last heard %1 s ago', seconds)}</b>
      )}
    </span>
  );
}
