/**
 * All incidents as an auditor asks for them: filtered, by framework and month, and the export of a period.
 */

import * as React from 'react';

import type { Compliance, ComplianceRow, Exported } from '../contract';
import { EvidenceCommands } from '../evidencecommands';
import type { IComplianceQuery } from '../evidenceapi';
import { periodName } from '../models/evidence';
import { titleWords } from '../names';
import { Made } from './bundleexport';
import { useEvidence } from './evidenceparts';
import { ExportGoing } from './exporting';
import { Button, Head, Severity } from './parts';
import { Matrix } from './compliancematrix';
import { Row, Rows } from './rows';
import { useReading, useSurroundings } from './surroundings';
import { Section } from './urgent';

/** What is asked for; the framework is chosen among those that the answer names. */
interface IFilters extends IComplianceQuery {
  framework: string | null;
}

/** The filters stay while other views are shown. */
let last: IFilters = {
  start: null,
  end: null,
  runbook: null,
  severity: null,
  rehearsal: 'no',
  framework: null
};

/** The page. */
export function CompliancePage(): JSX.Element {
  const { trans } = useSurroundings();
  const evidence = useEvidence();
  const [filters, setFilters] = React.useState(last);
  const { framework, ...query } = filters;
  useReading(() => evidence.loadCompliance(query), Object.values(query));
  const change = (values: Partial<IFilters>): void => {
    last = { ...filters, ...values };
    setFilters(last);
  };
  const found = evidence.compliance;
  const rows = (found?.incidents ?? []).filter(
    row => framework === null || row.controls.includes(framework)
  );
  return (
    <>
      <Head title={trans.__('All incidents')} />
      <div className="jp-Keys-scroll">
        {found && (
          <>
            <Filters filters={filters} found={found} onChange={change} />
            <Section title={trans.__('By framework and month')}>
              <Matrix
                found={found}
                only={framework}
                onChoose={name =>
                  change({ framework: name === framework ? null : name })
                }
              />
            </Section>
            <Incidents rows={rows} />
            <Section title={trans.__('Export a period')}>
              <Period found={found} />
            </Section>
          </>
        )}
      </div>
    </>
  );
}

function Filters(props: {
  filters: IFilters;
  found: Compliance;
  onChange: (values: Partial<IFilters>) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { filters, found, onChange } = props;
  const all = trans.__('all');
  const same = (names: string[]): Array<[string, string]> =>
    names.map(name => [name, name]);
  return (
    <div
      className="jp-Keys-filters"
      role="group"
      aria-label={trans.__('Filters')}
    >
      <Days filters={filters} onChange={onChange} />
      <Choice
        label={trans.__('Runbook')}
        value={filters.runbook}
        options={[['', all], ...same(found.runbooks)]}
        onChange={runbook => onChange({ runbook })}
      />
      <Choice
        label={trans.__('Severity')}
        value={filters.severity}
        options={[
          ['', all],
          ...found.severities.map((name): [string, string] => [
            name,
            name.toUpperCase()
          ])
        ]}
        onChange={severity => onChange({ severity })}
      />
      <Choice
        label={trans.__('Framework')}
        value={filters.framework}
        options={[['', all], ...same(Object.keys(found.rows))]}
        onChange={framework => onChange({ framework })}
      />
      <Choice
        label={trans.__('Rehearsals')}
        value={filters.rehearsal}
        options={[
          ['no', trans.__('left out')],
          ['all', trans.__('with them')],
          ['only', trans.__('only they')]
        ]}
        onChange={value =>
          onChange({ rehearsal: (value ?? 'no') as IFilters['rehearsal'] })
        }
      />
    </div>
  );
}

function Days(props: {
  filters: IFilters;
  onChange: (values: Partial<IFilters>) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { filters, onChange } = props;
  return (
    <>
      <Day
        label={trans.__('From')}
        value={filters.start ?? ''}
        onChange={start => onChange({ start: start || null })}
      />
      <Day
        label={trans.__('To')}
        value={filters.end ?? ''}
        onChange={end => onChange({ end: end || null })}
      />
    </>
  );
}

function Day(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label className="jp-Keys-entry">
      <b>{props.label}</b>
      <input
        type="date"
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      />
    </label>
  );
}

function Choice(props: {
  label: string;
  value: string | null;
  options: Array<[string, string]>;
  onChange: (value: string | null) => void;
}): JSX.Element {
  return (
    <label className="jp-Keys-entry">
      <b>{props.label}</b>
      <select
        value={props.value ?? ''}
        onChange={event => props.onChange(event.target.value || null)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Incidents(props: { rows: ComplianceRow[] }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { rows } = props;
  const title = trans.__('Incidents');
  return (
    <Section title={title} count={rows.length}>
      <Rows label={title}>
        {rows.map(row => {
          const about = [
            row.opened_at.slice(0, 10),
            row.closed_at === null ? trans.__('open') : trans.__('closed'),
            row.rehearsal ? trans.__('rehearsal') : '',
            row.controls.join(', ') || trans.__('no framework')
          ].filter(Boolean);
          return (
            <Row
              key={row.id}
              id={`audited:${row.id}`}
              name={trans.__(
                'Incident %1, %2, %3',
                row.number,
                row.title,
                about.join(', ')
              )}
              lead={<Severity severity={row.severity} />}
              title={trans.__('%1 %2', row.number, titleWords(row.title))}
              sub={about.join(' · ')}
              onOpen={() => actions.openIncident(row.id, 'evidence')}
            />
          );
        })}
      </Rows>
    </Section>
  );
}

/** All incidents and runs of a time, failed and cancelled ones among them; filters do not narrow it. */
function Period(props: { found: Compliance }): JSX.Element {
  const { trans, actions, desk } = useSurroundings();
  const evidence = useEvidence();
  const [start, setStart] = React.useState(props.found.start);
  const [end, setEnd] = React.useState(props.found.end);
  const job = evidence.job<Exported>('export-period');
  const off = start === '' || end === '' || start > end || job.since !== null;
  return (
    <div className="jp-Keys-page">
      <p>
        {trans.__(
          'Every record from the first day to the last without a gap, failed and cancelled runs and rehearsals among them. The filters above do not narrow it.'
        )}
      </p>
      <div className="jp-Keys-filters">
        <Day
          label={trans.__('First day, UTC')}
          value={start}
          onChange={setStart}
        />
        <Day label={trans.__('Last day, UTC')} value={end} onChange={setEnd} />
      </div>
      <div className="jp-Keys-buttons">
        <Button
          look={job.result ? 'other' : 'go'}
          disabled={off || desk.feed.lostSince !== null}
          onClick={() =>
            actions.command(EvidenceCommands.period, { start, end })
          }
        >
          {trans.__('Export period')}
        </Button>
        {start > end && end !== '' && (
          <span>{trans.__('The first day is after the last.')}</span>
        )}
      </div>
      <ExportGoing id={periodName(start, end)} name="export-period" />
      {job.result && <Made made={job.result} />}
    </div>
  );
}
