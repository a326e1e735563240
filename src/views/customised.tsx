/**
 * A runbook's own copy: how to make one, what it says otherwise, and what is wrong with it.
 */

import * as React from 'react';

import type { Differences, LintReport, RunbookRow } from '../contract';
import { textOf } from '../names';
import { CommandIDs } from '../tokens';
import { Button, Fold, Note, State } from './parts';
import { useReading, useSurroundings } from './surroundings';

/** Customise, or what was customised. */
export function Customised(props: { row: RunbookRow }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { row } = props;
  return (
    <>
      {row.path && <Lint row={row} />}
      {row.origin && <Difference row={row} />}
      <div className="jp-Keys-buttons">
        {row.path ? (
          <Button
            look="plain"
            onClick={() =>
              actions.command('docmanager:open', {
                path: textOf(row.path ?? '')
              })
            }
          >
            {trans.__('Edit')}
          </Button>
        ) : (
          <Button
            look="plain"
            onClick={() =>
              actions.command(CommandIDs.customise, { slug: row.slug })
            }
          >
            {trans.__('Customise…')}
          </Button>
        )}
      </div>
    </>
  );
}

function Lint(props: { row: RunbookRow }): JSX.Element {
  const { trans, desk } = useSurroundings();
  const { row } = props;
  const [report, setReport] = React.useState<LintReport | null>(null);
  const text = desk.catalog.runbook(row.slug);
  useReading(
    async () => setReport(await desk.api.lint(row.slug)),
    [row.slug, text]
  );
  if (report === null) {
    return <></>;
  }
  if (report.ok) {
    return <State shape="ok">{trans.__('No problem found')}</State>;
  }
  return (
    <Note
      kind="warning"
      title={trans._n('%1 problem.', '%1 problems.', report.problems.length)}
    >
      <ul className="jp-Keys-list">
        {report.problems.map((problem, index) => (
          <li key={index}>
            {trans.__('Line %1: %2', problem.line, problem.message)}
          </li>
        ))}
      </ul>
    </Note>
  );
}

/** What a copy says otherwise, section by section. */
function Difference(props: { row: RunbookRow }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const { row } = props;
  const [found, setFound] = React.useState<Differences | null>(null);
  const text = desk.catalog.runbook(row.slug);
  useReading(
    async () => setFound(await desk.api.differences(row.slug)),
    [row.slug, text]
  );
  if (found === null) {
    return <></>;
  }
  return (
    <Fold
      title={trans.__('What differs from the original')}
      aside={
        found.same
          ? trans.__('nothing')
          : trans._n('%1 section', '%1 sections', found.sections.length)
      }
      open={!found.same}
    >
      <p>
        <Button look="plain" onClick={() => actions.openRunbook(found.origin)}>
          {trans.__('%1 %2', found.origin, found.origin_version)}
        </Button>
        {found.outdated && trans.__(' The original has moved on since.')}
      </p>
      {found.sections.map(section => (
        <div key={section.section}>
          <b>{trans.__('%1: %2', section.title, section.change)}</b>
          <pre className="jp-Keys-code">{section.diff}</pre>
        </div>
      ))}
    </Fold>
  );
}
