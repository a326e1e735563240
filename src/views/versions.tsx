/**
 * The versions of a key: which are here, which is in use, what of them was edited; the install that is going on.
 */

import * as React from 'react';

import type { InstalledRow, KeyDetail, KeyRow } from '../contract';
import { progressWords, updateWords } from '../marketwords';
import { updateOf } from '../models/filter';
import { marketOf } from '../models/market';
import { CommandIDs } from '../tokens';
import { shortDigest } from '../words';
import { GoingBar } from './going';
import { Button, Fold, Note, State } from './parts';
import { useModels, useSurroundings } from './surroundings';

/** How far an install of a key is, with a way to stop it; nothing when none goes on. */
export function Going(props: { slug: string }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { installs } = marketOf(desk);
  useModels(installs);
  const { slug } = props;
  const going = installs.going(slug);
  if (going === null) {
    return <></>;
  }
  return (
    <GoingBar
      title={trans.__('Installing')}
      label={trans.__('Fetched')}
      words={progressWords(trans, going)}
      done={going.bytes}
      total={going.total}
      stopping={installs.isStopping(slug)}
      onCancel={() => actions.command(CommandIDs.cancelInstall, { slug })}
    />
  );
}

/** A newer version, and what it means to take it. */
export function UpdateNote(props: { row: KeyRow }): JSX.Element {
  const { trans } = useSurroundings();
  const { row } = props;
  const update = updateOf(row);
  if (update === null) {
    return <></>;
  }
  const used = row.installed[row.installed.length - 1];
  const title = row.breaking
    ? trans.__('%1 is available, and breaking.', update)
    : trans.__('%1 is available.', update);
  return (
    <Note kind={row.breaking ? 'warning' : 'info'} title={title}>
      {row.breaking
        ? trans.__(
            'Its parameters or results may differ from those of %1. Its changes are shown before it is used. Both stay installed; runs made with %1 still open it.',
            used
          )
        : trans.__(
            'It goes beside %1; runs made with %1 still open it, and you can go back.',
            used
          )}
    </Note>
  );
}

/** The button that updates. */
export function UpdateButton(props: { row: KeyRow }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { row } = props;
  const words = updateWords(trans, row);
  return (
    <Button
      look="go"
      onClick={() => actions.command(CommandIDs.updateKey, { slug: row.slug })}
    >
      {row.breaking ? trans.__('%1…', words) : words}
    </Button>
  );
}

/** All versions, newest first. */
export function Versions(props: { detail: KeyDetail }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { installs } = marketOf(desk);
  useModels(installs);
  const { detail } = props;
  const here = installs.of(detail.slug) ?? [];
  if (detail.versions.length === 0) {
    return <></>;
  }
  return (
    <section>
      <h2>{trans.__('Versions')}</h2>
      <ul className="jp-Keys-versions">
        {detail.versions.map(version => (
          <Version
            key={version}
            detail={detail}
            version={version}
            here={here.find(row => row.version === version) ?? null}
          />
        ))}
      </ul>
    </section>
  );
}

function Version(props: {
  detail: KeyDetail;
  version: string;
  here: InstalledRow | null;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { detail, version, here } = props;
  const used = here?.default === true;
  return (
    <li>
      <div className="jp-Keys-versionLine">
        <span className={used ? 'jp-mod-strong' : undefined}>
          {used ? trans.__('%1, in use', version) : version}
        </span>
        {here ? (
          <State shape="ok">{trans.__('Installed')}</State>
        ) : (
          <span className="jp-Keys-second">{trans.__('not installed')}</span>
        )}
      </div>
      {here && <Digest here={here} />}
      {here && here.edited.length > 0 && <Edited here={here} />}
      <VersionActs detail={detail} version={version} here={here} />
    </li>
  );
}

/** Whether the bytes are the published ones, or only those that came first. */
function Digest(props: { here: InstalledRow }): JSX.Element {
  const { trans } = useSurroundings();
  const { sha256, verified } = props.here;
  return (
    <div className="jp-Keys-second" title={sha256}>
      {verified
        ? trans.__('As published: sha256 %1', shortDigest(sha256))
        : trans.__(
            'Not verified: no digest was published. Pinned to sha256 %1',
            shortDigest(sha256)
          )}
    </div>
  );
}

function Edited(props: { here: InstalledRow }): JSX.Element {
  const { trans } = useSurroundings();
  const { edited } = props.here;
  return (
    <Fold
      title={trans._n(
        '%1 file edited by you',
        '%1 files edited by you',
        edited.length
      )}
      aside={trans.__('Kept')}
    >
      <ul className="jp-Keys-list">
        {edited.map(file => (
          <li key={file}>
            <code>{file}</code>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function VersionActs(props: {
  detail: KeyDetail;
  version: string;
  here: InstalledRow | null;
}): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { installs } = marketOf(desk);
  const { detail, version, here } = props;
  const { slug } = detail;
  const busy = installs.going(slug) !== null;
  if (busy || (here === null && !detail.entitled)) {
    return <></>;
  }
  const act = (id: string): void => actions.command(id, { slug, version });
  return (
    <div className="jp-Keys-buttons">
      {here === null && (
        <Button look="plain" onClick={() => act(CommandIDs.updateKey)}>
          {trans.__('Install %1', version)}
        </Button>
      )}
      {here?.default === false && (
        <Button look="plain" onClick={() => act(CommandIDs.useVersion)}>
          {trans.__('Use %1', version)}
        </Button>
      )}
      {here && (
        <Button look="plain" onClick={() => act(CommandIDs.removeKey)}>
          {trans.__('Remove %1…', version)}
        </Button>
      )}
    </div>
  );
}
