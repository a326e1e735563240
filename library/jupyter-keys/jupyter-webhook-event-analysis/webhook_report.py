"""An analysis goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
import webhook_plots
from key_results import markdown_table, result, results_text
from table_times import utc, utc_texts
from webhook_deliveries import Deliveries
from webhook_errors import ERROR_TYPES
from webhook_events import Analysis

MOST_HOURS = 100


def results(analysis: Analysis, expected_success_rate: float = 95.0) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    a, above, none = analysis, (">", expected_success_rate), ("==", 0)
    rows = [
        result("success_rate", "Delivery success rate", a.success_rate, "%", above),
        result("deliveries", "Deliveries", a.deliveries),
        result("failed_deliveries", "Failed deliveries", a.failed),
        *(
            result(f"{kind}_errors", f"{kind.capitalize()} errors", a.errors[kind], expected=none)
            for kind in ERROR_TYPES
        ),
        result("failing_most", "Event type failing most", a.failing_most),
        result("failures_began", "Failures began", utc(a.began)),
    ]
    if a.slow_ms is not None:
        rows.append(result("slow_deliveries", f"Deliveries slower than {a.slow_ms} ms", a.slow))
    return key_results.results_document(rows)


# --- words and pictures -----------------------------------------------------------------------


def summary(data: Deliveries, analysis: Analysis, expected_success_rate: float = 95.0) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    a = analysis
    if a.success_rate is None:
        head = "**No delivery has an outcome yet**, so there is no success rate."
    else:
        verdict = "above" if a.success_rate > expected_success_rate else "**not above**"
        head = (
            f"**Delivery success rate {a.success_rate:g} %**, {verdict} the expected "
            f"{expected_success_rate:g} %: {a.failed:,} of {a.deliveries:,} deliveries failed "
            f"between {utc(a.first)} and {utc(a.last)}."
        )
    lines = [head, *_failure_words(a), *_duration_words(a)]
    notes = [f"- {note}" for note in [f"Read as {data.source}.", *a.notes]]
    return "\n\n".join(lines) + "\n\n**How the file was read**\n\n" + "\n".join(notes)


def _failure_words(a: Analysis) -> list[str]:
    if not a.failed:
        return ["Nothing failed: zero signature, timeout, processing and other errors."]
    top = a.by_type.iloc[0]
    kinds = ", ".join(f"{a.errors[kind]:,} {kind}" for kind in ERROR_TYPES)
    lines = [
        f"`{a.failing_most}` fails most: {top['failed']:,.0f} failures, "
        f"{top['failed %']:g} % of its deliveries.",
        f"Errors by type: {kinds}.",
    ]
    if a.sustained:
        change = "From there on more deliveries fail than chance explains."
        lines.insert(1, f"**Failures began at {utc(a.began)}.** {change}")
    elif a.began is not None:
        lines.insert(1, f"The first failure is at {utc(a.began)}; failures are spread evenly.")
    return lines


def _duration_words(a: Analysis) -> list[str]:
    if not a.durations:
        return ["The log has no durations, so slow deliveries are unknown."] if a.slow_ms else []
    shown = ", ".join(f"{name} {value:,.0f} ms" for name, value in a.durations.items())
    slow = f" {a.slow:,} took longer than {a.slow_ms:,} ms." if a.slow_ms is not None else ""
    return [f"Response times: {shown}.{slow}"]


def error_table(analysis: Analysis) -> pd.DataFrame:
    """List every error type with its count and share, zero included."""
    counts = pd.Series(analysis.errors, name="failures").rename_axis("error type").to_frame()
    counts["share %"] = (100 * counts["failures"] / max(analysis.failed, 1)).round(1)
    return counts


def plot_by_type(analysis: Analysis) -> Any:
    """Draw failed deliveries by event type, the worst on top."""
    return webhook_plots.plot_by_type(analysis.by_type)


def plot_over_time(analysis: Analysis) -> Any:
    """Draw delivered and failed deliveries over time, and where failures began."""
    return webhook_plots.plot_over_time(analysis.by_hour, analysis.began)


# --- artifacts --------------------------------------------------------------------------------


def write_artifacts(
    data: Deliveries, analysis: Analysis, folder: Path | str, expected_success_rate: float = 95.0
) -> list[Path]:
    """Write report.md, failures.csv and summary.json: the same input gives the same bytes."""
    artifacts = {
        "report.md": _report(data, analysis, expected_success_rate),
        "failures.csv": _failures_table(analysis),
        "summary.json": _document(data, analysis, expected_success_rate),
    }
    return key_results.write_artifacts(folder, artifacts)


def _failures_table(a: Analysis) -> pd.DataFrame:
    order = ["event_type", "event_id", "http_status", "error_type", "error", "duration_ms"]
    table = a.failures[order].assign(http_status=a.failures["http_status"].replace(0, pd.NA))
    table.insert(0, "time_utc", utc_texts(a.failures["time"]))
    return table


def _document(data: Deliveries, a: Analysis, expected_success_rate: float) -> dict[str, Any]:
    hours = a.by_hour.rename_axis("hour").reset_index()
    return {
        **results(a, expected_success_rate),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "source": data.source,
        "columns": data.columns,
        "period": {"first": utc(a.first), "last": utc(a.last)},
        "pending_deliveries": a.pending,
        "unknown_outcomes": a.unknown,
        "failures_sustained": a.sustained,
        "by_event_type": a.by_type.reset_index().to_dict("records"),
        "by_hour": hours.assign(hour=hours["hour"].map(utc)).to_dict("records"),
        "notes": a.notes,
    }


def _report(data: Deliveries, a: Analysis, expected_success_rate: float) -> str:
    failing = a.by_hour[a.by_hour["failed"] > 0].head(MOST_HOURS).rename(index=utc)
    columns = data.columns_table()
    parts = [
        "# Webhook event analysis",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        summary(data, a, expected_success_rate),
        f"## Results\n\n```text\n{results_text(results(a, expected_success_rate))}\n```",
        f"## By event type\n\n{markdown_table(a.by_type)}",
        f"## Hours with failures (UTC, the first 100)\n\n{markdown_table(failing)}",
        f"## Error types\n\n{markdown_table(error_table(a))}",
        f"## Most frequent errors\n\n{markdown_table(a.messages.set_index('error_type'))}",
        f"## Columns used\n\n{markdown_table(columns)}",
    ]
    return "\n\n".join(parts) + "\n"
