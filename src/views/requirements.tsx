/**
 * Whether a kernel has what a key needs, said before the run; and how to mend it.
 */

import * as React from 'react';

import { asKeysError, quietly } from '../models/catalog';
import type { Requirements } from '../contract';
import type { INeed, Installation } from '../models/requirements';
import { kernelTitle } from './kernel';
import { Button, Fold, Note, State } from './parts';
import type { IKernel } from './surroundings';
import { useModels, useSurroundings, useWatch } from './surroundings';

/** How often the log of an installation is read on, in ms. */
const LOG_INTERVAL = 1000;

/** Packages: all there in one line, or what is missing and how to get it. */
export function RequirementsLine(
  props: INeed & { kernels: IKernel[] }
): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { slug, version, kernel, kernels } = props;
  const need = { slug, version, kernel };
  const [unknown, setUnknown] = React.useState(false);
  useModels(desk.requirements);
  useWatch(desk.requirements.isInstalling(need));
  React.useEffect(() => {
    setUnknown(false);
    desk.requirements.load(need).catch(reason => {
      asKeysError(reason);
      setUnknown(true);
    });
  }, [slug, version, kernel]);
  const found = desk.requirements.get(need);
  if (found === null) {
    return unknown ? (
      <State shape="ring">{trans.__('Its packages: not checked')}</State>
    ) : (
      <></>
    );
  }
  const title = kernelTitle(kernels, found.kernel);
  return (
    <>
      {found.known && found.missing > 0 ? (
        <Missing need={need} found={found} title={title} />
      ) : (
        <Enough found={found} title={title} />
      )}
      {found.installing && <Log need={need} installing={found.installing} />}
    </>
  );
}

/** Nothing to do: all is there, nothing is needed, or nobody can know. */
function Enough(props: { found: Requirements; title: string }): JSX.Element {
  const { trans } = useSurroundings();
  const { found, title } = props;
  const count = found.packages.length;
  if (!found.known) {
    return (
      <State shape="ring">
        {count === 0
          ? title
          : trans.__('%1, packages not checked: %2', title, found.note)}
      </State>
    );
  }
  return (
    <State shape="ok">
      {count === 0
        ? trans.__('%1, no packages needed', title)
        : trans._n(
            '%2, its package is there',
            '%2, all %1 packages are there',
            count,
            title
          )}
    </State>
  );
}

function Missing(props: {
  need: INeed;
  found: Requirements;
  title: string;
}): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { need, found, title } = props;
  const lacking = found.packages.filter(one => !one.satisfied);
  const busy = found.installing?.state === 'RUNNING';
  return (
    <Note
      kind="warning"
      title={trans._n(
        '%1 package is missing in %2.',
        '%1 packages are missing in %2.',
        lacking.length,
        title
      )}
    >
      {trans._n(
        'The run would fail where it needs it.',
        'The run would fail where it needs them.',
        lacking.length
      )}
      <ul className="jp-Keys-packages">
        {lacking.map(one => (
          <li key={one.name}>
            <code>{one.wanted}</code>{' '}
            {one.found === null
              ? trans.__('not there')
              : trans.__('%1 is there', one.found)}
          </li>
        ))}
      </ul>
      <div className="jp-Keys-buttons">
        <Button
          look="plain"
          disabled={busy}
          onClick={() => actions.installRequirements(need, title, lacking)}
        >
          {busy
            ? trans.__('Installing')
            : trans.__('Install into this kernel…')}
        </Button>
      </div>
    </Note>
  );
}

/** What the installation prints, and how it ended. */
function Log(props: { need: INeed; installing: Installation }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { need, installing } = props;
  const running = installing.state === 'RUNNING';
  React.useEffect(() => {
    const read = (): void => void quietly(desk.requirements.readLog(need));
    read();
    if (running) {
      const timer = window.setInterval(read, LOG_INTERVAL);
      return () => window.clearInterval(timer);
    }
  }, [installing.id, running]);
  const failed = installing.state === 'FAILED';
  const text = desk.requirements.log(need) || installing.log;
  return (
    <Fold
      title={trans.__('Log of the installation')}
      aside={
        running
          ? trans.__('installing')
          : failed
            ? trans.__('failed, exit code %1', installing.exit_code ?? '?')
            : trans.__('done')
      }
      open={running || failed}
    >
      <Printed text={text || trans.__('Nothing is printed yet.')} />
    </Fold>
  );
}

/** A text at its end, where it says how it went. */
function Printed(props: { text: string }): JSX.Element {
  const shown = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    if (shown.current) {
      shown.current.scrollTop = shown.current.scrollHeight;
    }
  }, [props.text]);
  return (
    <pre ref={shown} className="jp-Keys-tail" tabIndex={0}>
      {props.text}
    </pre>
  );
}
