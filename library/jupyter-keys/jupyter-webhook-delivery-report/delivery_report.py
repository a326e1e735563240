"""A report goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
import webhook_plots
from delivery_advice import Advice, advise
from delivery_phases import PHASES, Report
from key_results import BAD_COLOUR, GOOD_COLOUR, OTHER_COLOUR, markdown_table, result, results_text
from table_times import utc, utc_texts
from webhook_deliveries import Deliveries
from webhook_errors import ERROR_TYPES

MOST_EVENTS = 50


def results(report: Report, expected_success_rate: float = 95.0) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    last, lost = report.phases.loc["last 24 hours"], _lost(report)
    enough = (">=", expected_success_rate)
    within = result(
        "success_rate_last_24_hours", "Success rate of the last 24 hours",
        last["success rate %"], "%", enough,
    )  # fmt: skip
    after = result(
        "failed_events_without_later_success", "Failed events without a later success",
        lost, None, ("==", 0),
    )  # fmt: skip
    oks = [within["ok"], after["ok"]]
    fine = False if False in oks else None if None in oks else True
    rows = [
        within,
        after,
        result("report_as_expected", "Report is as expected", fine, None, ("==", True)),
        result("success_rate", "Delivery success rate", report.whole.success_rate, "%"),
        result("deliveries", "Deliveries", report.whole.deliveries),
        result("succeeded_deliveries", "Succeeded deliveries", _succeeded(report)),
        result("failed_deliveries", "Failed deliveries", report.whole.failed),
        *_incident_results(report),
        *_failure_results(report),
        *_recovery_results(report),
        result("deliveries_last_24_hours", "Deliveries of the last 24 hours", last["deliveries"]),
        result("failed_last_24_hours", "Failed in the last 24 hours", last["failed"]),
        result("recommendations", "Recommendations", len(advise(report, expected_success_rate))),
    ]
    return key_results.results_document(rows)


def _lost(report: Report) -> int | None:
    return None if report.recovery is None else len(report.unrecovered)


def _succeeded(report: Report) -> int:
    return report.whole.deliveries - report.whole.failed


def _incident_results(report: Report) -> list[dict[str, Any]]:
    began, ended = report.incident.began, report.incident.ended
    known = began is not None and ended is not None
    minutes = round((ended - began).total_seconds() / 60, 1) if known else None
    rows = [
        result("incident_began", "Incident began", utc(began)),
        result("incident_ended", "Incident ended", utc(ended)),
        result("incident_minutes", "Duration of the incident", minutes, "min"),
    ]
    for phase in PHASES:
        counts, words = report.phases.loc[phase], f"{phase} the incident"
        rate = counts["success rate %"]
        rows += [
            result(f"succeeded_{phase}", f"Succeeded {words}", counts["succeeded"]),
            result(f"failed_{phase}", f"Failed {words}", counts["failed"]),
            result(f"success_rate_{phase}", f"Success rate {words}", rate, "%"),
        ]
    return rows


def _failure_results(report: Report) -> list[dict[str, Any]]:
    failing = report.during or report.whole
    affected = int((failing.by_type["failed"] > 0).sum())
    return [
        result("affected_types", "Affected event types", affected),
        result("failing_most", "Event type failing most", failing.failing_most),
        *(
            result(f"{kind}_errors", f"{kind.capitalize()} errors", report.whole.errors[kind])
            for kind in ERROR_TYPES
        ),
    ]


def _recovery_results(report: Report) -> list[dict[str, Any]]:
    known = report.recovery or {}
    return [
        result("failed_events", "Failed events", known.get("failed_events")),
        result("recovered_events", "Recovered events", known.get("recovered_events")),
        result("median_recovery", "Median time to success", known.get("median_minutes"), "min"),
        result("longest_recovery", "Longest time to success", known.get("longest_minutes"), "min"),
    ]


# --- words and pictures -----------------------------------------------------------------------


def summary(report: Report, expected_success_rate: float = 95.0) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    lines = [
        _words_on_last(report, expected_success_rate),
        _words_on_incident(report),
        _words_on_events(report),
        _words_on_causes(report),
    ]
    notes = "\n".join(f"- {note}" for note in report.notes)
    return "\n\n".join([*lines, f"**How the file was read**\n\n{notes}"])


def _words_on_last(report: Report, expected: float) -> str:
    last = report.phases.loc["last 24 hours"]
    if not last["deliveries"]:
        return "**There is no delivery in the last 24 hours**, so there is no success rate."
    rate = last["success rate %"]
    verdict = "at least" if rate >= expected else "**below**"
    return (
        f"**Success rate of the last 24 hours: {rate:g} %**, {verdict} the expected {expected:g} %: "
        f"{last['failed']:,.0f} of {last['deliveries']:,.0f} deliveries failed between "
        f"{utc(report.last_from)} and {utc(report.last_until)}."
    )


def _words_on_incident(report: Report) -> str:
    incident = report.incident
    if incident.began is None:
        return f"No incident: {incident.found}. All deliveries count as before."
    ended = f"to {utc(incident.ended)}" if incident.ended is not None else "and has not ended"
    parts = []
    for phase in PHASES:
        counts = report.phases.loc[phase]
        if counts["deliveries"]:
            shown = f"{counts['succeeded']:,.0f} succeeded and {counts['failed']:,.0f} failed"
            parts.append(f"{phase} it {shown} ({counts['success rate %']:g} %)")
    span = f"**The incident lasted from {utc(incident.began)} {ended}** ({incident.found})"
    return f"{span}: {', '.join(parts)}."


def _words_on_events(report: Report) -> str:
    if report.recovery is None:
        return "The log has no event ids, so nobody knows whether failed events succeeded later."
    told = report.recovery
    if not told["failed_events"]:
        return "No event failed."
    median = told["median_minutes"]
    took = f", half of them within {median:g} minutes" if median is not None else ""
    lost = len(report.unrecovered)
    last = f"**{lost:,} never succeeded**" if lost else "none is without a later success"
    return (
        f"{told['failed_events']:,} events failed at least once; {told['recovered_events']:,} "
        f"succeeded{took}, and {last}."
    )


def _words_on_causes(report: Report) -> str:
    failing = report.during or report.whole
    if not failing.failed:
        return "Nothing failed: zero signature, timeout, processing and other errors."
    when = "during the incident" if report.during else "in the whole period"
    kinds = ", ".join(f"{failing.errors[kind]:,} {kind}" for kind in ERROR_TYPES)
    affected = failing.by_type["failed"][failing.by_type["failed"] > 0]
    shown = ", ".join(f"`{name}` ({count:,})" for name, count in affected.head(5).items())
    more = f" and {len(affected) - 5} more" if len(affected) > 5 else ""
    return f"Affected event types {when}: {shown}{more}. Errors by type: {kinds}."


def advice_table(report: Report, expected_success_rate: float = 95.0) -> pd.DataFrame:
    """List the recommendations, or that there is none."""
    found = advise(report, expected_success_rate)
    found = found or [Advice("-", "Nothing to do.", "No number calls for a change.")]
    rows = [(advice.urgency, advice.what, advice.why) for advice in found]
    return pd.DataFrame(rows, columns=["when", "recommendation", "reason"]).set_index("when")


def phases_table(report: Report) -> pd.DataFrame:
    """List the counts before, during and after the incident and of the last 24 hours."""
    return report.phases.where(report.phases.notna(), "-")


def plot_over_time(report: Report) -> Any:
    """Draw delivered and failed deliveries over time, and the incident's begin and end."""
    return webhook_plots.plot_over_time(
        report.by_hour, report.incident.began, report.incident.ended
    )


def plot_by_type(report: Report) -> Any:
    """Draw the failures by event type, those of the incident when there was one."""
    return webhook_plots.plot_by_type((report.during or report.whole).by_type)


def plot_phases(report: Report, expected_success_rate: float = 95.0) -> Any:
    """Draw the success rate before, during and after the incident and of the last 24 hours."""
    rates = report.phases["success rate %"].astype("float64").iloc[::-1]
    title, axis = "Delivery success rate", "Success rate (%)"
    figure, axes = key_results.new_plot(title, axis, "Phase", 3.2)
    good = [BAD_COLOUR if rate < expected_success_rate else GOOD_COLOUR for rate in rates]
    bars = axes.barh(list(rates.index), rates.fillna(0), color=good)
    labels = ["no deliveries" if pd.isna(rate) else f"{rate:g} %" for rate in rates]
    axes.bar_label(bars, labels, padding=4)
    line = f"Expected {expected_success_rate:g} %"
    axes.axvline(expected_success_rate, color=OTHER_COLOUR, linestyle="--", label=line)
    axes.set_xlim(0, 115)
    key_results.legend_below(figure)
    return figure


# --- artifacts --------------------------------------------------------------------------------


def write_artifacts(
    data: Deliveries, report: Report, folder: Path | str, expected_success_rate: float = 95.0
) -> list[Path]:
    """Write report.md, unrecovered.csv and summary.json: the same input gives the same bytes."""
    artifacts = {
        "report.md": _report(data, report, expected_success_rate),
        "unrecovered.csv": _stamped(report.unrecovered),
        "summary.json": _document(data, report, expected_success_rate),
    }
    return key_results.write_artifacts(folder, artifacts)


def _stamped(lost: pd.DataFrame) -> pd.DataFrame:
    if lost.empty:
        return lost
    return lost.assign(**{name: utc_texts(lost[name]) for name in ("first_failed", "last_failed")})


def _document(data: Deliveries, report: Report, expected: float) -> dict[str, Any]:
    hours = report.by_hour.rename_axis("hour").reset_index()
    return {
        **results(report, expected),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "columns": data.columns,
        "period": {"first": utc(report.whole.first), "last": utc(report.whole.last)},
        "incident": {
            "began": utc(report.incident.began),
            "ended": utc(report.incident.ended),
            "found": report.incident.found,
        },
        "phases": report.phases.reset_index().to_dict("records"),
        "by_event_type": report.whole.by_type.reset_index().to_dict("records"),
        "by_hour": hours.assign(hour=hours["hour"].map(utc)).to_dict("records"),
        "recommendations": advice_table(report, expected).reset_index().to_dict("records"),
        "notes": report.notes,
    }


def _report(data: Deliveries, report: Report, expected: float) -> str:
    failing = report.during or report.whole
    lost = _stamped(report.unrecovered.head(MOST_EVENTS))
    when = "during the incident" if report.during else "in the whole period"
    parts = [
        "# Webhook delivery report",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        f"Period: {utc(report.whole.first)} to {utc(report.whole.last)}",
        f"## Summary\n\n{summary(report, expected)}",
        f"## Recommendations\n\n{markdown_table(advice_table(report, expected))}",
        f"## Success metrics\n\n{markdown_table(phases_table(report))}",
        f"## Failures by event type, {when}\n\n{markdown_table(failing.by_type)}",
        f"## Most frequent errors, {when}\n\n{markdown_table(failing.messages.set_index('error_type'))}",
        f"## Failed events without a later success (the first {MOST_EVENTS})\n\n"
        f"{markdown_table(lost.set_index('event_id')) if len(lost) else 'None.'}",
        f"## Results\n\n```text\n{results_text(results(report, expected))}\n```",
        f"## Columns used\n\n{markdown_table(data.columns_table())}",
    ]
    return "\n\n".join(parts) + "\n"
