"""An analysis goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
from input_metrics import KINDS
from input_quality import Analysis, Finding, by_source, metrics_table, over_time
from input_samples import Inputs
from key_results import BAD_COLOUR, GOOD_COLOUR, OTHER_COLOUR, markdown_table, result, results_text
from table_times import utc

COUNTED = {
    "no_context": "Inputs without context",
    "truncated": "Truncated inputs",
    "too_long": "Too long inputs",
    "missing_fields": "Inputs with missing fields",
    "empty": "Empty inputs",
    "duplicates": "Duplicate inputs",
    "schema_faults": "Inputs with schema faults",
    "encoding_faults": "Inputs with encoding faults",
    "unknown_language": "Inputs of unknown language",
}
ADVICE = {
    "no_context": "Look at the search index that gives the context: its last change, its size.",
    "little_context": "Look at the search index that gives the context: its last change, its size.",
    "truncated": "Stop the source of long inputs, or split them; then look at the token limit.",
    "too_long": "Stop the source of long inputs, or split them before they are sent.",
    "unusually_long": "Find the source of the long inputs in the table of sources, and stop it.",
    "unusually_short": "Find the source of the short inputs: something is cut before it arrives.",
    "missing_fields": "Find the source whose fields are missing, stop it, and tell its owner.",
    "empty": "Refuse empty inputs before they reach the model, and find their source.",
    "duplicates": "Find the source that sends the same again: a retry, or a loop.",
    "schema_faults": "Compare the source's schema with its version of before, and stop it.",
    "encoding_faults": "Find the source that writes another encoding than UTF-8, and stop it.",
    "unknown_language": "Look at the detection of languages, and at the inputs it does not know.",
}
MIX_ADVICE = "Look at why more of them come; stop that source, or answer it in another way."
MOST_SHOWN, MOST_LINES = 12, 4


def results(analysis: Analysis) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against.

    Counts are there when they are zero; without anything to compare nothing can be ruled out, and
    the counts of related metrics are null.
    """
    a, none = analysis, ("==", 0)
    strongest = a.related[0] if a.related else None
    relation = strongest.relation if strongest else None
    before, after = a.quality
    degraded = sum(f.degraded for f in a.findings) if a.inputs else None
    rows = [
        result("inputs", "Inputs", a.inputs),
        result("related_input_metrics", "Related input metrics", a.count(*KINDS), expected=none),
        result("context_problems", "Context problems", a.count("context"), expected=none),
        result("truncation_problems", "Truncation problems", a.count("truncation"), expected=none),
        result("completeness_problems", "Completeness problems", a.count("completeness"),
               expected=none),
        result("mix_changes", "Mix changes", a.count("mix"), expected=none),
        result("strongest_problem", "Kind of the strongest problem",
               strongest and strongest.metric.kind),
        result("degraded_input_metrics", "Degraded input metrics", degraded),
        result("strongest_metric", "Strongest related metric",
               strongest and strongest.metric.label),
        result("strongest_correlation", "Its correlation with quality",
               relation and round(relation.rho, 3)),
        result("quality_before", "Quality before", before, "%"),
        result("quality_after", "Quality after", after, "%"),
        result("scored_inputs", "Inputs with a quality score", a.scored),
        *(result(name, label, a.affected(name)) for name, label in COUNTED.items()),
    ]  # fmt: skip
    return key_results.results_document(rows)


# --- words ------------------------------------------------------------------------------------


def summary(data: Inputs, analysis: Analysis) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    a = analysis
    if not a.inputs:
        head = ["**No input is recorded**, so nothing is known of the inputs."]
    else:
        head = [_head(a), *_degraded_words(a), *map(_related_words, a.related)]
    advice = "\n".join(f"- {line}" for line in recommendations(a))
    notes = "\n".join(f"- {note}" for note in [f"Read {data.file}.", *a.notes])
    told = [*head, f"**Recommended**\n\n{advice}", f"**How the file was read**\n\n{notes}"]
    return "\n\n".join(told)


def _head(a: Analysis) -> str:
    late = int(a.late.sum())
    scope = f"{late:,} inputs since {utc(a.split)} compared with {a.inputs - late:,} before"
    before, after = a.quality
    quality = ""
    if before is not None and after is not None:
        quality = f" Quality is {after:g} of 100 after and {before:g} before."
    if not a.comparable:
        return f"**Nothing to relate**: {scope}, {a.scored:,} of them with a score.{quality}"
    count = len(a.related)
    said = (
        "No input metric is"
        if not count
        else f"{count} input metric{'s are' if count > 1 else ' is'}"
    )
    return f"**{said} worse and related to worse answers**: {scope}.{quality}"


def _degraded_words(a: Analysis) -> list[str]:
    apart = [f for f in a.findings if f.degraded and not f.related]
    if not apart:
        return []
    shares = ", ".join(f"{f.metric.label} ({f.before:g} % to {f.after:g} %)" for f in apart)
    return [f"Worse, but not going together with worse answers: {shares}."]


def _related_words(f: Finding) -> str:
    rho = f" (Spearman {f.relation.rho:.2f})" if f.relation else ""
    where = {
        "after": "Among the inputs after",
        "before": "Among the inputs before",
        "by time": "Over the whole time (no period has enough inputs of both kinds)",
    }[f.compared]
    explains = "" if f.explains is None else f" That alone makes {f.explains:g} points of the fall."
    return (
        f"**{f.metric.label}** ({f.metric.kind}): {f.before:g} % before, {f.after:g} % after. "
        f"{where}, they score {f.gap:g} points less than the others{rho}.{explains}"
    )


def recommendations(analysis: Analysis) -> list[str]:
    """Say what to do about each related metric, and what to do when there is none."""
    a = analysis
    if not a.inputs:
        return ["Find out why no input is stored."]
    if not a.comparable:
        return ["Export inputs of before and after together with the scores of their answers."]
    advice = [f"{f.metric.label}: {ADVICE.get(f.metric.name, MIX_ADVICE)}" for f in a.related]
    if not advice:
        advice = ["The inputs do not explain worse answers: test the model with fixed inputs."]
    watched = [f.metric.label for f in a.findings if f.degraded and not f.related]
    return [*advice, *(f"{label}: watch it, it is not the cause." for label in watched)]


# --- pictures ---------------------------------------------------------------------------------


def plot_metrics(analysis: Analysis) -> Any:
    """Draw the share of inputs that each metric concerns, before and after."""
    shown = metrics_table(analysis).head(MOST_SHOWN).iloc[::-1]
    title = "Inputs affected before and after, by metric"
    height = 0.5 * len(shown) + 1.8
    figure, axes = key_results.new_plot(title, "Share of inputs, %", "Metric", height)
    for when, offset, colour in (("before %", 0.2, OTHER_COLOUR), ("after %", -0.2, GOOD_COLOUR)):
        places = [place + offset for place in range(len(shown))]
        bars = axes.barh(places, shown[when], 0.38, label=when.removesuffix(" %"), color=colour)
        axes.bar_label(bars, [f"{value:.1f}" for value in shown[when]], padding=3)
    axes.set_yticks(range(len(shown)), list(shown.index))
    if len(shown):
        axes.set_xlim(0, 1.12 * max(1.0, float(shown[["before %", "after %"]].max().max())))
        key_results.legend_below(figure)
    return figure


def plot_over_time(analysis: Analysis) -> Any:
    """Draw the strongest metrics and the quality over time, and where the comparison begins."""
    title = "Affected inputs and quality over time"
    figure, axes = key_results.new_plot(title, "Time (UTC)", "Share of inputs, %; quality, points")
    table = over_time(analysis)
    for name in list(metrics_table(analysis).index)[:MOST_LINES]:
        axes.plot(table.index, table[name], linewidth=1.1, label=name)
    if analysis.inputs:
        quality = table["quality"].dropna()
        axes.plot(quality.index, quality, color="black", linewidth=1.6, label="Quality")
        label = f"Compared since {utc(analysis.split)}"
        axes.axvline(analysis.split, color="black", linestyle="--", linewidth=1, label=label)
        key_results.time_axis(axes)
        key_results.legend_below(figure)
    return figure


def plot_gaps(analysis: Analysis) -> Any:
    """Draw how many points the affected inputs score less, for each metric."""
    table = metrics_table(analysis)
    shown = table[table["gap"].notna()].head(MOST_SHOWN).iloc[::-1]
    title = "How much worse affected inputs are answered"
    height = 0.36 * len(shown) + 1.6
    figure, axes = key_results.new_plot(title, "Points of quality lost", "Metric", height)
    colours = [BAD_COLOUR if related else OTHER_COLOUR for related in shown["related"]]
    bars = axes.barh(list(shown.index), shown["gap"].astype("float64"), color=colours)
    labels = [f"{gap:.1f}" for gap in shown["gap"]]
    axes.bar_label(bars, labels, padding=3)
    axes.margins(x=0.12)
    return figure


# --- artifacts --------------------------------------------------------------------------------


def write_artifacts(data: Inputs, analysis: Analysis, folder: Path | str) -> list[Path]:
    """Write the report and its tables: the same input gives the same bytes."""
    stretches = over_time(analysis).reset_index()
    artifacts = {
        "report.md": _report(data, analysis),
        "input_metrics.csv": metrics_table(analysis).reset_index(),
        "metrics_over_time.csv": stretches.assign(
            **{"time (UTC)": stretches["time (UTC)"].map(utc)}
        ),
        "summary.json": _document(data, analysis),
    }
    return key_results.write_artifacts(folder, artifacts)


def _document(data: Inputs, a: Analysis) -> dict[str, Any]:
    return {
        **results(a),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "columns": data.columns,
        "compared_since": utc(a.split),
        "limits": vars(a.limits),
        "metrics": metrics_table(a).reset_index().to_dict("records"),
        "correlations": a.correlations.reset_index().to_dict("records"),
        "by_source": by_source(a).reset_index().to_dict("records"),
        "recommendations": recommendations(a),
        "notes": a.notes,
    }


def _report(data: Inputs, a: Analysis) -> str:
    sources = _filled(by_source(a).head(100))
    parts = [
        "# Input quality analysis",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        summary(data, a),
        f"## Results\n\n```text\n{results_text(results(a))}\n```",
        f"## Input metrics\n\n{markdown_table(_filled(metrics_table(a)))}",
        f"## Correlation with quality (Spearman)\n\n{markdown_table(_filled(a.correlations))}",
        f"## Sources and languages\n\n{markdown_table(sources)}",
        f"## Columns used\n\n{markdown_table(data.columns_table())}",
    ]
    return "\n\n".join(parts) + "\n"


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(object).where(table.notna(), "-")
