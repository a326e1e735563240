/**
 * One row of the catalogue: what it is at the left, how it stands at the right, and the one thing to do with it.
 */

import { notebookIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { KeyRow } from '../contract';
import { keyIcon, runbookIcon } from '../icons';
import { rowWords, updateWords } from '../marketwords';
import { isDamaged, updateOf } from '../models/filter';
import { titleWords } from '../names';
import { CommandIDs } from '../tokens';
import { State } from './parts';
import { useSurroundings } from './surroundings';

/** A row's two cells; the list draws what is around them. */
export function CatalogueRow(props: {
  row: KeyRow;
  stop: boolean;
  installing: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { row, stop } = props;
  const words = rowWords(trans, row, props.installing);
  const version = row.version || trans.__('no version');
  const facts = [row.kind, version, row.maturity].filter(Boolean).join(' · ');
  const title = isDamaged(row) ? row.title || row.slug : titleWords(row.title);
  return (
    <>
      <div role="gridcell" className="jp-Keys-rowOpen">
        <button
          type="button"
          tabIndex={stop ? 0 : -1}
          data-focus={`key:${row.slug}`}
          title={row.blocked || title}
          aria-label={[
            title,
            row.kind,
            version,
            row.severity?.toUpperCase(),
            words?.word ?? trans.__('to install')
          ]
            .filter(Boolean)
            .join(', ')}
          onClick={() => actions.openKey(row.slug)}
        >
          <Kind kind={row.kind} />
          <span className="jp-Keys-rowText">
            <span className="jp-Keys-cut">{title}</span>
            <span className="jp-Keys-sub">
              <span className="jp-Keys-cut">
                {facts}
                {row.severity && <b> · {row.severity.toUpperCase()}</b>}
              </span>
              {words && <State shape={words.shape}>{words.word}</State>}
            </span>
          </span>
        </button>
      </div>
      <Act row={row} title={title} installing={props.installing} />
    </>
  );
}

function Kind(props: { kind: string }): JSX.Element {
  const icons: { [kind: string]: typeof keyIcon } = {
    jupyter: notebookIcon,
    runbook: runbookIcon
  };
  const icon = icons[props.kind] ?? keyIcon;
  return <icon.react tag="span" width="16px" height="16px" />;
}

/** Install or update; nothing where neither is possible. */
function Act(props: {
  row: KeyRow;
  title: string;
  installing: boolean;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { row, title, installing } = props;
  const update = updateOf(row) !== null;
  const installed = row.installed.length > 0;
  if (installing || !row.entitled || (installed && !update)) {
    return <></>;
  }
  const label = update ? updateWords(trans, row) : trans.__('Install');
  return (
    <div role="gridcell" className="jp-Keys-rowAct">
      <button
        type="button"
        tabIndex={-1}
        className="jp-Keys-button jp-mod-plain"
        aria-label={trans.__('%1: %2', label, title)}
        onClick={() =>
          update
            ? actions.command(CommandIDs.updateKey, { slug: row.slug })
            : actions.install(row.slug)
        }
      >
        {label}
      </button>
    </div>
  );
}
