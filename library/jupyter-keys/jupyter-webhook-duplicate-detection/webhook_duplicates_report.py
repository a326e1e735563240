"""Duplicates go in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
from key_results import BAD_COLOUR, markdown_table, result, results_text
from table_times import utc, utc_texts
from webhook_deliveries import Deliveries
from webhook_duplicates import Duplicates

NONE = ("==", 0)
MOST_EVENTS = 50
LONGEST_HOURLY_PLOT = pd.Timedelta(days=14)
MEANT = {
    "processed": "Every row was read as one processing of its event.",
    "deliveries": "Rows were read as deliveries: failed and skipped ones did not process the event.",
}


def results(found: Duplicates) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    worst = found.table.iloc[0] if len(found.table) else {"event_id": None, "times_processed": 0}
    gaps = found.repeats["gap"].dt.total_seconds().dropna()
    spans = [float(round(v, 3)) for v in (gaps.min(), gaps.median(), gaps.max())]
    rows = [
        result("duplicate_events", "Duplicate events", len(found.table), None, NONE),
        result("duplicate_deliveries", "Duplicate deliveries", len(found.repeats), None, NONE),
        result("events", "Events", found.events),
        result("attempts", "Attempts", found.attempts),
        result("affected_types", "Affected event types", len(found.affected)),
        result("most_affected_type", "Most affected type", next(iter(found.affected), None)),
        result("worst_event", "Worst event", worst["event_id"]),
        result("worst_event_times", "Times it was processed", worst["times_processed"]),
        result("first_duplicate", "First duplicate", utc(found.repeats["time"].min())),
        result("last_duplicate", "Last duplicate", utc(found.repeats["time"].max())),
        result("shortest_gap", "Shortest gap between repeats", spans[0], "s"),
        result("median_gap", "Median gap between repeats", spans[1], "s"),
        result("longest_gap", "Longest gap between repeats", spans[2], "s"),
        result("redelivered_events", "Events delivered again, processed once", found.redelivered),
        result("possible_duplicates", "Possible duplicates after no answer", found.possible),
    ]
    return key_results.results_document(rows)


# --- words and pictures -----------------------------------------------------------------------


def summary(found: Duplicates) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    period = f"between {utc(found.first)} and {utc(found.last)}"
    if len(found.table):
        lines = [
            f"**{len(found.table):,} of {found.events:,} events were processed more than once** "
            f"{period}: {len(found.repeats):,} processings too many.",
            *_words_on_types(found),
            *_words_on_gaps(found),
        ]
    else:
        lines = [f"**No event was processed more than once**: {found.events:,} events {period}."]
    notes = "\n".join(f"- {note}" for note in [MEANT[found.rows_are], *found.notes])
    lines += [*_words_on_healthy(found), f"**How the file was read**\n\n{notes}"]
    return "\n\n".join(lines)


def _words_on_types(found: Duplicates) -> list[str]:
    worst = found.table.iloc[0]
    shown = ", ".join(f"`{name}`" for name in found.affected[:5])
    more = f" and {len(found.affected) - 5} more" if len(found.affected) > 5 else ""
    return [
        f"Affected event types: {shown}{more}. Worst event: `{worst['event_id']}`, processed "
        f"{worst['times_processed']} times.",
        f"First duplicate at {utc(found.repeats['time'].min())}, last at "
        f"{utc(found.repeats['time'].max())}.",
    ]


def _words_on_gaps(found: Duplicates) -> list[str]:
    table = found.patterns[found.patterns["duplicate deliveries"] > 0]
    told = [f"- {row.iloc[0]:,} {name}: {row.iloc[1]}." for name, row in table.iterrows()]
    gaps = found.repeats["gap"].dropna()
    if gaps.empty:
        return ["The log does not say how far apart the repeats are."]
    spread = f"from {_span(gaps.min())} to {_span(gaps.max())}, median {_span(gaps.median())}"
    return [f"How far apart the repeats are: {spread}.", "\n".join(told)]


def _span(gap: pd.Timedelta) -> str:
    seconds = gap.total_seconds()
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.3g} s"


def _words_on_healthy(found: Duplicates) -> list[str]:
    lines = []
    if found.redelivered:
        lines.append(
            f"{found.redelivered:,} further events arrived more than once and were processed at "
            "most once, as retries after a failure or repeats that were skipped: that is normal."
        )
    if found.possible:
        lines.append(
            f"{found.possible:,} of them had an attempt without an answer, which may have done "
            "its work before it was cut off: compare these with the database."
        )
    return lines


def plot_over_time(found: Duplicates) -> Any:
    """Draw the processings beyond an event's first by the time of the repeat."""
    times = found.repeats["time"].dropna()
    long = found.first is not None and found.last - found.first > LONGEST_HOURLY_PLOT
    unit, step = ("day", "D") if long else ("hour", "h")
    counted = f"Duplicate deliveries per {unit}"
    figure, axes = key_results.new_plot(counted, "Time (UTC)", counted)
    if found.first is not None:
        bins = pd.date_range(found.first.floor(step), found.last.floor(step), freq=step)
        counts = times.dt.floor(step).value_counts().reindex(bins, fill_value=0)
        axes.bar(bins, counts, width=pd.Timedelta(1, step), align="edge", color=BAD_COLOUR)
    axes.set_ylim(bottom=0)
    axes.yaxis.get_major_locator().set_params(integer=True)
    key_results.time_axis(axes)
    return figure


def plot_gaps(found: Duplicates) -> Any:
    """Draw how far each repeat is from the processing before it."""
    table = found.gaps.iloc[::-1]
    title = "How far apart the repeats are"
    figure, axes = key_results.new_plot(title, "Duplicate deliveries", "Gap", 3.2)
    bars = axes.barh(list(table.index), table["duplicate deliveries"], color=BAD_COLOUR)
    axes.bar_label(bars, padding=4)
    axes.set_xlim(0, max(1, table["duplicate deliveries"].max()) * 1.15)
    axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


# --- artifacts --------------------------------------------------------------------------------


def write_artifacts(data: Deliveries, found: Duplicates, folder: Path | str) -> list[Path]:
    """Write report.md, duplicates.csv and summary.json: the same input gives the same bytes."""
    artifacts = {
        "report.md": _report(data, found),
        "duplicates.csv": _stamped(found.table),
        "summary.json": _document(data, found),
    }
    return key_results.write_artifacts(folder, artifacts)


def _stamped(table: pd.DataFrame) -> pd.DataFrame:
    moments = ["first_processed", "first_repeat", "last_repeat"]
    return table.assign(**{name: utc_texts(table[name]) for name in moments})


def _document(data: Deliveries, found: Duplicates) -> dict[str, Any]:
    return {
        **results(found),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "columns": data.columns,
        "rows_are": found.rows_are,
        "period": {"first": utc(found.first), "last": utc(found.last)},
        "processed": found.processed,
        "skipped": found.skipped,
        "by_event_type": found.by_type.reset_index().to_dict("records"),
        "patterns": found.patterns.reset_index().to_dict("records"),
        "gaps": found.gaps.reset_index().to_dict("records"),
        "notes": found.notes,
    }


def _report(data: Deliveries, found: Duplicates) -> str:
    shown = _stamped(found.table.head(MOST_EVENTS))
    if "endpoint" not in data.columns:
        shown = shown.drop(columns="endpoint")
    parts = [
        "# Webhook duplicate detection",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        summary(found),
        f"## Results\n\n```text\n{results_text(results(found))}\n```",
        f"## By event type\n\n{markdown_table(found.by_type)}",
        f"## How repeats came about\n\n{markdown_table(found.patterns)}",
        f"## How far apart\n\n{markdown_table(found.gaps)}",
        f"## Events processed more than once (the first {MOST_EVENTS})\n\n"
        f"{markdown_table(shown.set_index('event_id'))}",
        f"## Columns used\n\n{markdown_table(data.columns_table())}",
    ]
    return "\n\n".join(parts) + "\n"
