"""An analysis of drift goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from drift_analysis import BEFORE, DURING, LATER, Drift
from drift_input import History, Report, file_of
from key_results import (
    BAD_COLOUR,
    GOOD_COLOUR,
    OTHER_COLOUR,
    legend_below,
    markdown_table,
    new_plot,
    result,
    results_document,
    results_text,
    time_axis,
)
from table_times import utc, utc_texts

# The types of jupyter-stripe-subscription-reconciliation; any other type counts as other.
KNOWN_TYPES = {
    "missing_in_database": "missing in database",
    "missing_in_stripe": "missing in Stripe",
    "status_mismatch": "status mismatches",
    "metadata_mismatch": "metadata mismatches",
    "owner_mismatch": "owner mismatches",
    "orphaned": "orphaned subscriptions",
    "duplicate": "duplicate subscriptions",
}
COLOURS = [
    BAD_COLOUR,
    "#f2a541",
    "#4c78a8",
    "#54a24b",
    "#b279a2",
    "#72b7b2",
    "#9c755f",
    OTHER_COLOUR,
]
MOST_TYPES = len(COLOURS) - 1
SHOWN = 50


def results(drift: Drift) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    d, none, stretch = drift, ("==", 0), drift.stretch
    counts = d.by_type["discrepancies"] if d.discrepancies else pd.Series(dtype="i8")
    known = {kind: int(counts.get(kind, 0)) for kind in KNOWN_TYPES}
    rows = [
        result("drift_began", "Drift began", utc(stretch.began)),
        result("drift_ended", "Drift ended", utc(stretch.ended)),
        result("last_drift", "Last drift", utc(d.last)),
        result("drift_significant", "Drift significant", stretch.beyond_chance),
        result("p_value", "P-value", stretch.p_value),
        result("affected_records", "Affected records", d.affected, expected=none),
        result("recent_drift", "Recent drift", d.recent, expected=none),
        result("undated_records", "Undated records", d.undated),
        result("discrepancies", "Discrepancies", d.discrepancies, expected=none),
        result("drift_rate_before", "Drift rate before", stretch.rate_before, d.unit),
        result("drift_rate_after", "Drift rate after", stretch.rate_during, d.unit),
        result("drift_rate_recent", "Drift rate recent", d.rate_recent, d.unit),
        result("drifting_most", "Type drifting most", d.drifting_most),
        *(result(f"drift_{kind}", f"Drift {KNOWN_TYPES[kind]}", n) for kind, n in known.items()),
        result("drift_other_types", "Drift other types", d.discrepancies - sum(known.values())),
    ]
    return results_document(rows)


# --- words ------------------------------------------------------------------------------------


def summary(drift: Drift) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    d = drift
    if not d.affected:
        parts = ["**Nothing drifted**: the report names 0 records."]
    else:
        going = "**It still goes on**" if d.recent else "Nothing drifted lately"
        recent = (
            f"{going}: {d.recent:,} records drifted in the last {d.recent_hours} hours before "
            f"{utc(d.as_of) or 'an unknown time'}."
        )
        parts = [*_began_words(d), recent, _type_words(d)]
    notes = "\n".join(f"- {note}" for note in d.notes)
    return "\n\n".join(parts) + (f"\n\n**How the files were read**\n\n{notes}" if notes else "")


def _began_words(d: Drift) -> list[str]:
    s = d.stretch
    if s.began is None:
        return [f"**{d.affected:,} records differ**, none of them with a time: nothing is dated."]
    odds = "" if s.p_value is None else f" (p = {s.p_value:.3f})"
    if not s.beyond_chance:
        return [
            f"**{d.affected:,} records drifted, spread as chance spreads them**{odds}. The first is "
            f"at {utc(s.began)}; no moment stands out as a beginning."
        ]
    before = "none" if s.rate_before is None else f"{s.rate_before:g} {d.unit}"
    stopped = f" It ended at {utc(s.ended)}." if s.ended is not None else ""
    of = "of the changes drifted" if d.unit == "%" else "drifted"
    return [
        f"**Drift began at {utc(s.began)}**, beyond chance{odds}.{stopped} Before, {before} {of}; "
        f"from then on {s.rate_during:g} {d.unit}. {d.affected:,} records are affected in all."
    ]


def _type_words(d: Drift) -> str:
    shown = [f"{kind} {row.discrepancies:,} ({row.during:,} in that time)"
             for kind, row in zip(d.by_type.index, d.by_type.itertuples(), strict=True)]  # fmt: skip
    more = f", and {len(shown) - MOST_TYPES} more types" if len(shown) > MOST_TYPES else ""
    return f"By type: {', '.join(shown[:MOST_TYPES])}{more}."


def type_table(drift: Drift) -> pd.DataFrame:
    """List the types of discrepancy, the most frequent on top."""
    table = drift.by_type.copy()
    for name in ("first", "last"):
        table[name] = [utc(moment) or "" for moment in table[name]]
    return table.rename(columns={"first": "first (UTC)", "last": "last (UTC)"})


def record_table(drift: Drift, part: slice = slice(None)) -> pd.DataFrame:
    """List the records that drifted, or a part of them, the oldest on top."""
    table = drift.records.iloc[part].copy()
    for name in ("since", "latest"):
        table[name] = utc_texts(table[name])
    table["recent"] = np.where(table["recent"], "yes", "no")
    return table.rename(columns={"since": "differs_since"})


# --- pictures ---------------------------------------------------------------------------------


def plot_over_time(drift: Drift) -> Any:
    """Draw discrepancies by type in time, and when the drift began."""
    unit, width = _period(drift)
    title = f"Discrepancies a {unit} by type"
    figure, axes = new_plot(title, "Time (UTC)", f"Discrepancies a {unit}")
    below = pd.Series(0, index=drift.by_period.index)
    for kind, colour in zip(_shown_types(drift), COLOURS, strict=False):
        counts = _of_type(drift, kind)
        wide = {"width": width, "align": "edge"}
        axes.bar(below.index, counts, bottom=below, color=colour, label=kind, **wide)
        below = below + counts
    _mark(axes, drift)
    if drift.affected:
        legend_below(figure)
    return figure


def _shown_types(drift: Drift) -> list[str]:
    kinds = list(drift.by_type.index)
    return kinds if len(kinds) <= MOST_TYPES + 1 else [*kinds[:MOST_TYPES], "other types"]


def _of_type(drift: Drift, kind: str) -> Any:
    table = drift.by_period
    if kind in table:
        return table[kind]
    rest = [name for name in drift.by_type.index[MOST_TYPES:] if name in table]
    return table[rest].sum(axis=1) if kind == "other types" else 0


def plot_rate(drift: Drift) -> Any:
    """Draw which part of the changes drifted; without a history, how the records add up."""
    unit, width = _period(drift)
    table, stretch = drift.by_period, drift.stretch
    if drift.changes is None:
        figure, axes = new_plot("Records that drifted, added up", "Time (UTC)", "Records")
        axes.step(table.index + width, table["drifted"].cumsum(), where="pre", color=BAD_COLOUR)
    else:
        title = f"Share of changes that drifted, by {unit}"
        figure, axes = new_plot(title, "Time (UTC)", "Drifted (% of changes)")
        share = 100 * table["drifted"] / table["changes"].where(table["changes"] > 0)
        axes.bar(table.index, share, width=width, align="edge", color=GOOD_COLOUR)
        for value, label in (
            (stretch.rate_before, "before"),
            (stretch.rate_during, "from then on"),
        ):
            if value is not None and stretch.beyond_chance:
                style = {"linestyle": ":", "color": BAD_COLOUR if label != "before" else "black"}
                axes.axhline(value, label=f"{value:g} % {label}", **style)
    _mark(axes, drift)
    if drift.stretch.began is not None:
        legend_below(figure)
    return figure


def _mark(axes: Any, drift: Drift) -> None:
    began, ended = drift.stretch.began, drift.stretch.ended
    word = "Drift began" if drift.stretch.beyond_chance else "First drift"
    if began is not None:
        label = f"{word} {utc(began)}"
        axes.axvline(began, color="black", linestyle="--", linewidth=1, label=label)
    if ended is not None:
        axes.axvspan(began, ended, color=OTHER_COLOUR, alpha=0.25, label="until it ended")
    if len(drift.by_period):
        time_axis(axes)


def plot_types(drift: Drift) -> Any:
    """Draw each type's discrepancies before, in and after the time of drift."""
    table = drift.by_type.head(10).iloc[::-1]
    title = "Discrepancies by type, before drift began and since"
    height = max(2.6, 0.45 * len(table) + 1.8)
    figure, axes = new_plot(title, "Discrepancies", "Type", height=height)
    left = pd.Series(0, index=table.index)
    words = {BEFORE: "before it began", DURING: "since it began", LATER: "after it ended"}
    colours = {BEFORE: GOOD_COLOUR, DURING: BAD_COLOUR, LATER: OTHER_COLOUR}
    for phase, label in words.items():
        if table[phase].any():
            axes.barh(table.index, table[phase], left=left, color=colours[phase], label=label)
            left = left + table[phase]
    if drift.affected:
        legend_below(figure)
    return figure


def _period(drift: Drift) -> tuple[str, pd.Timedelta]:
    days = drift.period / pd.Timedelta(days=1)
    return ("hour" if days < 1 else "day" if days == 1 else "week"), drift.period


# --- artifacts --------------------------------------------------------------------------------


def artifacts(report: Report, history: History | None, drift: Drift) -> dict[str, Any]:
    """Return the files kept as evidence by name: the same input gives the same bytes."""
    return {
        "report.md": _report(report, history, drift),
        "drifted_records.csv": record_table(drift),
        "summary.json": _document(report, history, drift),
    }


def _document(report: Report, history: History | None, drift: Drift) -> dict[str, Any]:
    periods = drift.by_period.reset_index()
    periods["period"] = [utc(moment) for moment in periods["period"]]
    inputs = {"discrepancies": file_of(report)}
    if history is not None:
        inputs["history"] = file_of(history)
    return {
        **results(drift),
        "inputs": inputs,
        "as_of": utc(drift.as_of),
        "changes": drift.changes,
        "by_type": type_table(drift).reset_index().to_dict("records"),
        "by_period": periods.to_dict("records"),
        "notes": drift.notes,
    }


def _report(report: Report, history: History | None, drift: Drift) -> str:
    files = [side for side in (report, history) if side is not None]
    lines = [f"- `{s.file}`, {s.rows:,} rows, SHA-256 `{s.sha256}`" for s in files]
    tables = [f"## Columns used in {s.file}\n\n{markdown_table(s.columns_table())}" for s in files]
    records = record_table(drift, slice(SHOWN)).set_index("record")
    parts = [
        "# Data drift analysis",
        "\n".join(["Inputs:\n", *lines]),
        summary(drift),
        f"## Results\n\n```text\n{results_text(results(drift))}\n```",
        f"## By type\n\n{markdown_table(type_table(drift))}",
        f"## Records (the first {SHOWN}; all in drifted_records.csv)\n\n{markdown_table(records)}",
        *tables,
    ]
    return "\n\n".join(parts) + "\n"
