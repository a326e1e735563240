"""An analysis goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import key_results
import pandas as pd
from key_results import GOOD_COLOUR, OTHER_COLOUR, markdown_table, result, results_text
from output_regressions import KINDS, MEASURE_LABELS, Analysis, Regression
from output_samples import MEASURES, Outputs
from output_tables import by_feature, by_version, now_of, over_time, trends
from table_times import utc

MOST_SHOWN = 6
MOST_EXAMPLES = 200
EXPECTED_GRADED = 90.0


@dataclass(frozen=True)
class Tables:
    """The tables of an analysis, made once."""

    features: pd.DataFrame
    versions: pd.DataFrame
    trends: pd.DataFrame
    stretches: pd.DataFrame


def tables(analysis: Analysis) -> Tables:
    """Make every table of an analysis."""
    made = (table(analysis) for table in (by_feature, by_version, trends, over_time))
    return Tables(*made)


def results(analysis: Analysis) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against.

    Counts are there when they are zero; without any output no regression can be ruled out, and
    they are null.
    """
    a, worst, none = analysis, analysis.worst, ("==", 0)
    total = len(a.regressions) if a.outputs else None
    before, after = quality(a)
    rows = [
        result("outputs", "Outputs", a.outputs),
        result("regressions", "Regressions", total, expected=none),
        *(
            result(f"{kind}_regressions", f"{kind.capitalize()} regressions", a.count(kind),
                   expected=none)
            for kind in KINDS
        ),
        result("worst_feature", "Feature that fell most", worst and worst.feature),
        result("worst_regression", "Kind of the largest fall", worst and worst.kind),
        result("regression_began", "Regression began", worst and utc(worst.began)),
        result("quality_before", "Quality before", before, "%"),
        result("quality_after", "Quality after", after, "%"),
        result("quality_drop", "Quality lost", worst and round(worst.drop, 1), "points"),
        result("p_value", "Probability by chance", worst and _rounded(worst.p_value)),
        result("changed_beside", "Changed at that time", worst and (worst.beside or None)),
        *_shares(a),
        result("failed_calls", "Failed calls", a.failed_calls),
        result("untested_features", "Features with too few outputs", len(a.untested)),
    ]  # fmt: skip
    return key_results.results_document(rows)


def quality(a: Analysis) -> tuple[float | None, float | None]:
    """Return quality before and after: of the worst regression, else the score of all outputs."""
    if a.worst:
        return round(a.worst.before, 1), round(a.worst.after, 1)
    now, score = now_of(a), a.frame["score"]
    both = [float(score[which].mean()) for which in (~now, now)]
    before, after = (None if pd.isna(mean) else round(mean, 1) for mean in both)
    return before, after


def _rounded(p_value: float) -> float:
    return float(f"{p_value:.2g}")


def _shares(a: Analysis) -> list[dict[str, Any]]:
    late = a.frame[now_of(a)]
    graded = key_results.percent_down(a.graded, a.outputs)
    enough = (">=", EXPECTED_GRADED)
    rows = [result("graded_share", "Outputs with a quality score", graded, "%", enough)]
    for name, label, measure, good in (
        ("invalid_share", "Invalid answers now", "valid", True),
        ("refused_share", "Refused answers now", "refused", False),
        ("cut_off_share", "Cut off answers now", "cut_off", False),
    ):
        known = late[measure].dropna()
        mean = float(known.mean()) if len(known) else None
        share = None if mean is None else round(100 - mean if good else mean, 2)
        rows.append(result(name, label, share, "%"))
    invalid = int((a.frame["valid"] == 0).sum())
    rows.append(result("invalid_outputs", "Invalid outputs", invalid))
    latency = late["latency"].dropna()
    p95 = round(float(latency.quantile(0.95)), 1) if len(latency) else None
    return [*rows, result("latency_p95_ms", "Latency now, 95th percentile", p95, "ms")]


# --- words ------------------------------------------------------------------------------------


def summary(data: Outputs, analysis: Analysis) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    a = analysis
    if not a.outputs:
        head = ["**No output with a quality measure is recorded**, so nothing is known of quality."]
    elif a.regressions:
        count = len(a.regressions)
        named = "1 feature" if count == 1 else f"{count} features"
        head = [f"**Regression of {named}** in {_scope(a)}.", *map(_said, a.regressions)]
    else:
        head = [f"**No regression** beyond the usual scatter in {_scope(a)}.", _quality_words(a)]
    notes = "\n".join(f"- {note}" for note in a.notes)
    return "\n\n".join(head) + f"\n\n**How the file was read**\n\n- Read {data.file}.\n{notes}"


def _scope(a: Analysis) -> str:
    times = a.frame["time"]
    return f"{a.outputs:,} outputs from {utc(times.iloc[0])} to {utc(times.iloc[-1])}"


def _quality_words(a: Analysis) -> str:
    before, after = quality(a)
    if before is None or after is None:
        return "There are no quality scores on both sides to compare."
    return f"The mean score of the last stretch is {after:g}, and {before:g} before."


def _said(r: Regression) -> str:
    span = f"between {utc(r.earliest)} and {utc(r.latest)} with 99 % confidence"
    size = f"from {r.before:.1f} to {r.after:.1f} points of 100"
    reason = {
        "unexplained": "Neither its model nor its prompt changed with it: look at the inputs.",
    }.get(r.kind, f"At that time changed: {r.beside}.")
    return (
        f"`{r.feature}`: {MEASURE_LABELS[r.measure]} fell {size}, beginning at "
        f"**{utc(r.began)}** ({span}). Chance does as much in {_rounded(r.p_value):g} of all "
        f"cases at most. {reason}"
    )


# --- pictures ---------------------------------------------------------------------------------


def plot_quality(analysis: Analysis, made: Tables) -> Any:
    """Draw quality over time for each feature, and where regressions began."""
    measure = analysis.worst.measure if analysis.worst else "score"
    label = MEASURE_LABELS[measure].capitalize()
    figure, axes = key_results.new_plot(f"{label} over time", "Time (UTC)", "Points of 100", 4.2)
    for feature in list(made.features.index)[:MOST_SHOWN]:
        part = made.stretches[made.stretches["feature"] == feature].dropna(subset=[measure])
        axes.plot(part["time (UTC)"], part[measure], marker=".", linewidth=1, label=feature)
    for r in analysis.regressions[:MOST_SHOWN]:
        label = f"{r.feature} fell {utc(r.began)}"
        axes.axvline(r.began, color="black", linestyle="--", linewidth=1, label=label)
        axes.axvspan(r.earliest, r.latest, color="black", alpha=0.08, linewidth=0)
    _finish(figure, axes)
    return figure


def plot_features(made: Tables) -> Any:
    """Draw the mean score of each feature before and now, the largest loss on top."""
    shown = made.features.head(MOST_SHOWN).iloc[::-1]
    title = "Quality score before and now, by feature"
    height = 0.6 * len(shown) + 1.8
    figure, axes = key_results.new_plot(title, "Mean score, points of 100", "Feature", height)
    for when, offset, colour in (("before", 0.2, OTHER_COLOUR), ("now", -0.2, GOOD_COLOUR)):
        places = [place + offset for place in range(len(shown))]
        heights = shown[f"score {when}"].astype("float64").fillna(0)
        bars = axes.barh(places, heights, 0.38, label=when, color=colour)
        axes.bar_label(bars, [f"{value:.1f}" for value in heights], padding=3)
    axes.set_yticks(range(len(shown)), list(shown.index))
    axes.set_xlim(0, 110)
    if len(shown):
        key_results.legend_below(figure)
    return figure


def plot_latency(made: Tables) -> Any:
    """Draw the mean latency of each feature over time."""
    title = "Latency over time, by feature"
    figure, axes = key_results.new_plot(title, "Time (UTC)", "Mean latency, ms")
    for feature in list(made.features.index)[:MOST_SHOWN]:
        part = made.stretches[made.stretches["feature"] == feature].dropna(subset=["latency"])
        axes.plot(part["time (UTC)"], part["latency"], linewidth=1.2, label=feature)
    _finish(figure, axes)
    return figure


def _finish(figure: Any, axes: Any) -> None:
    if axes.get_legend_handles_labels()[0]:
        key_results.time_axis(axes)
        key_results.legend_below(figure)


# --- artifacts --------------------------------------------------------------------------------


def write_artifacts(
    data: Outputs, analysis: Analysis, made: Tables, folder: Path | str
) -> list[Path]:
    """Write the report and its tables: the same input gives the same bytes."""
    artifacts = {
        "report.md": _report(data, analysis, made),
        "quality_by_version.csv": _stamped(made.versions),
        "quality_over_time.csv": made.stretches.assign(
            **{"time (UTC)": made.stretches["time (UTC)"].map(utc)}
        ),
        "lowest_outputs.csv": lowest(analysis),
        "summary.json": _document(data, analysis, made),
    }
    return key_results.write_artifacts(folder, artifacts)


def lowest(analysis: Analysis) -> pd.DataFrame:
    """List the worst outputs since each regression began: whom it reached, by id."""
    parts = [analysis.frame.head(0)]
    for r in analysis.regressions:
        frame = analysis.frame
        own = (frame["feature"] == r.feature) & (frame["time"] >= r.began)
        parts.append(frame[own].nsmallest(MOST_EXAMPLES, r.measure))
    table = pd.concat(parts) if analysis.regressions else parts[0]
    columns = ["output_id", "time", "feature", "model", "prompt", *MEASURES]
    shown = table[columns].round(dict.fromkeys(MEASURES, 2))
    return shown.assign(time=shown["time"].map(utc))


def _stamped(versions: pd.DataFrame) -> pd.DataFrame:
    table = versions.reset_index()
    return table.assign(**{name: table[name].map(utc) for name in ("first seen", "last seen")})


def _regression_rows(a: Analysis) -> pd.DataFrame:
    rows = [
        [r.feature, MEASURE_LABELS[r.measure], utc(r.began), utc(r.earliest), utc(r.latest),
         round(r.before, 1), round(r.after, 1), _rounded(r.p_value), r.kind, r.beside]
        for r in a.regressions
    ]  # fmt: skip
    names = ["feature", "measure", "began", "earliest", "latest", "before", "after",
             "significance", "kind", "changed beside"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def regression_table(analysis: Analysis) -> pd.DataFrame:
    """List the regressions, the largest loss first."""
    return _regression_rows(analysis).set_index("feature")


def _document(data: Outputs, a: Analysis, made: Tables) -> dict[str, Any]:
    return {
        **results(a),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "columns": data.columns,
        "limits": vars(a.limits),
        "shuffles": a.shuffles,
        "regressed": _regression_rows(a).to_dict("records"),
        "by_feature": made.features.reset_index().to_dict("records"),
        "by_version": _stamped(made.versions).to_dict("records"),
        "trends": made.trends.reset_index().to_dict("records"),
        "untested_features": a.untested,
        "notes": a.notes,
    }


def _report(data: Outputs, a: Analysis, made: Tables) -> str:
    versions = _stamped(made.versions).set_index("feature")
    features, moves = _filled(made.features), _filled(made.trends)
    parts = [
        "# AI output analysis",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        summary(data, a),
        f"## Results\n\n```text\n{results_text(results(a))}\n```",
        f"## Regressions (times in UTC)\n\n{markdown_table(regression_table(a))}",
        f"## Quality by feature, points of 100\n\n{markdown_table(features)}",
        f"## Quality by model and prompt version\n\n{markdown_table(_filled(versions.head(100)))}",
        f"## Performance trends\n\n{markdown_table(moves)}",
        f"## Columns used\n\n{markdown_table(data.columns_table())}",
    ]
    return "\n\n".join(parts) + "\n"


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(object).where(table.notna(), "-")
