"""An analysis goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
from job_attempts import Attempts
from job_errors import ERROR_TYPES
from job_failures import Analysis, replay_counts
from job_replay import REASONS
from key_results import BAD_COLOUR, GOOD_COLOUR, OTHER_COLOUR, markdown_table, result, results_text
from table_times import utc, utc_texts

LONGEST_HOURLY_PLOT = pd.Timedelta(days=14)
MOST_HOURS, MOST_JOBS = 100, 200
CANDIDATE_COLUMNS = [
    "job_id", "job_type", "attempts", "error_type", "last_error", "first_failed_at",
]  # fmt: skip


def results(analysis: Analysis, expected_failure_rate: float = 5.0) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    a, none = analysis, ("==", 0)
    jobs = replay_counts(a)
    strongest = None if a.sure.empty else " ".join(a.sure[["attribute", "value"]].iloc[0])
    rows = [
        result("attempts", "Attempts", a.attempts),
        result("failed_attempts", "Failed attempts", a.failed),
        result("failure_rate", "Failure rate", a.failure_rate, "%", ("<", expected_failure_rate)),
        *(
            result(f"{kind}_errors", f"{kind.capitalize()} errors", a.errors[kind], expected=none)
            for kind in ERROR_TYPES
        ),
        result("most_frequent_error", "Most frequent error type", a.most_frequent_error),
        result("recent_failures", "Recent failures", a.recent, expected=none),
        result("failed_jobs", "Failed jobs", len(a.failed_jobs)),
        result("replay_candidates", "Replay candidates", jobs["replay"], expected=none),
        result("unsafe_jobs", "Unsafe jobs", jobs["unsafe"], expected=none),
        result("superseded_jobs", "Superseded jobs", jobs["superseded"]),
        result("bad_jobs", "Bad jobs", jobs["bad data"], expected=none),
        result("jobs_succeeded_later", "Jobs that succeeded later", a.succeeded_later),
        result("stuck_jobs", "Stuck jobs", a.stuck, expected=none),
        result("failing_most", "Job type failing most", a.failing_most),
        result("failures_began", "Failures began", utc(a.began)),
        result("root_cause_indicators", "Root-cause indicators", len(a.sure)),
        result("strongest_indicator", "Strongest indicator", strongest),
    ]
    return key_results.results_document(rows)


# --- words ------------------------------------------------------------------------------------


def summary(analysis: Analysis, expected_failure_rate: float = 5.0) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    a = analysis
    if a.failure_rate is None:
        head = "**No attempt has finished**, so there is no failure rate."
    else:
        verdict = "below" if a.failure_rate < expected_failure_rate else "**not below**"
        head = (
            f"**Failure rate {a.failure_rate:g} %**, {verdict} the expected "
            f"{expected_failure_rate:g} %: {a.failed:,} of {a.finished:,} finished attempts failed "
            f"between {utc(a.first)} and {utc(a.as_of)}."
        )
    lines = [head, *_failure_words(a), _indicator_words(a), _replay_words(a)]
    notes = "\n".join(f"- {note}" for note in a.notes)
    return "\n\n".join(lines) + f"\n\n**How the file was read**\n\n{notes}"


def _failure_words(a: Analysis) -> list[str]:
    if not a.failed:
        return ["No attempt failed."]
    top = a.by_type.iloc[0]
    kinds = ", ".join(f"{a.errors[kind]:,} {kind}" for kind in ERROR_TYPES)
    if a.sustained:
        began = f"**Failures began at {utc(a.began)}**, where more fail than chance explains; "
    else:
        began = f"The first failure is at {utc(a.began)}, and they are spread evenly; "
    peak = a.by_hour["failed"].idxmax()
    return [
        f"{began}{a.recent:,} are of the last {a.recent_minutes} minutes. Most failed in the hour "
        f"from {utc(peak)}: {a.by_hour['failed'].max():,}.",
        f"`{a.failing_most}` fails most: {top['failed']:,.0f} failures, {top['failed %']:g} % of "
        f"its attempts. Errors by type: {kinds}.",
    ]


def _indicator_words(a: Analysis) -> str:
    if a.sure.empty:
        return "No attribute sets failing jobs apart from the others beyond chance."
    lines = [
        f"- {row['attribute']} `{row['value']}`: {row['failed %']:g} % of its jobs fail, elsewhere "
        f"{row['elsewhere %']:g} %; lift {row['lift']:g}, p {_p(row['p'])} "
        f"({row['beside the strongest']})."
        for row in a.sure.head(5).to_dict("records")
    ]
    return "What failing jobs share (an association, not yet a cause):\n\n" + "\n".join(lines)


def _p(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else f"{p:.4f}"


def _replay_words(a: Analysis) -> str:
    jobs = replay_counts(a)
    return (
        f"**{jobs['replay']:,} of {len(a.failed_jobs):,} failed jobs can be replayed**; "
        f"{jobs['unsafe']:,} are unsafe, {jobs['superseded']:,} superseded, "
        f"{jobs['bad data']:,} have bad data. {a.succeeded_later:,} jobs failed first and "
        f"succeeded on a later attempt; {a.stuck:,} are stuck."
    )


def error_table(analysis: Analysis) -> pd.DataFrame:
    """List every error type with its count and share, zero included."""
    counts = pd.Series(analysis.errors, name="failures").rename_axis("error type").to_frame()
    counts["share %"] = (100 * counts["failures"] / max(analysis.failed, 1)).round(1)
    return counts


def replay_table(analysis: Analysis) -> pd.DataFrame:
    """List how many failed jobs have which verdict and why, zero included."""
    counts = replay_counts(analysis)
    rows = [(verdict, counts[verdict], REASONS[verdict]) for verdict in counts]
    return pd.DataFrame(rows, columns=["verdict", "jobs", "reason"]).set_index("verdict")


# --- pictures ---------------------------------------------------------------------------------


def plot_by_type(analysis: Analysis, most: int = 12) -> Any:
    """Draw failed attempts by job type, the worst on top."""
    table = analysis.by_type.head(most).iloc[::-1]
    title = "Failed attempts by job type (share of its attempts)"
    figure, axes = key_results.new_plot(
        title, "Failed attempts", "Job type", 0.45 * len(table) + 1.6
    )
    bars = axes.barh(table.index, table["failed"], color=BAD_COLOUR)
    shares = zip(table["failed"], table["failed %"], strict=True)
    axes.bar_label(bars, [f"{n:,} ({share:g} %)" for n, share in shares], padding=4)
    axes.set_xlim(0, 1.25 * max(1, table["failed"].max() if len(table) else 0))
    return figure


def plot_over_time(analysis: Analysis) -> Any:
    """Draw succeeded and failed attempts per hour, per day when the log is long."""
    table, unit, width = _plotted(analysis.by_hour)
    counted = f"Attempts per {unit}"
    figure, axes = key_results.new_plot(counted, "Time (UTC)", counted)
    fine = table["attempts"] - table["failed"]
    wide = {"width": width, "align": "edge"}
    axes.bar(table.index, fine, label="Succeeded", color=GOOD_COLOUR, **wide)
    axes.bar(table.index, table["failed"], bottom=fine, label="Failed", color=BAD_COLOUR, **wide)
    if analysis.began is not None:
        label = f"Failures began {utc(analysis.began)}"
        axes.axvline(analysis.began, color="black", linestyle="--", linewidth=1, label=label)
    if len(table):
        key_results.time_axis(axes)
        key_results.legend_below(figure)
    return figure


def _plotted(by_hour: pd.DataFrame) -> tuple[pd.DataFrame, str, pd.Timedelta]:
    table = by_hour[["attempts", "failed"]]
    if len(table) and table.index[-1] - table.index[0] > LONGEST_HOURLY_PLOT:
        return table.resample("D").sum(), "day", pd.Timedelta(days=1)
    return table, "hour", pd.Timedelta(hours=1)


def plot_indicators(analysis: Analysis, most: int = 10) -> Any:
    """Draw the lift of the most telling attributes; those beyond chance are red."""
    table = analysis.indicators.head(most)
    figure, axes = key_results.new_plot(
        "What failing jobs share (red: beyond chance)",
        "Lift: failed share against that of all jobs",
        "Attribute",
        0.42 * len(table) + 1.6,
    )
    places = range(len(table), 0, -1)
    colours = [BAD_COLOUR if sure else OTHER_COLOUR for sure in table["indicator"]]
    axes.barh(list(places), list(table["lift"]), color=colours)
    shares = zip(places, table["lift"], table["failed %"], table["elsewhere %"], strict=True)
    for place, lift, here, elsewhere in shares:
        axes.annotate(f" {here:g} %, elsewhere {elsewhere:g} %", (lift, place), va="center")
    axes.set_yticks(list(places), list(table["attribute"] + ": " + table["value"]))
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(0, 1.45 * max(1.0, float(table["lift"].max() if len(table) else 0)))
    return figure


# --- artifacts --------------------------------------------------------------------------------


def shown(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a table whose named columns hold times as ISO text."""
    texts = {name: [utc(value) or "" for value in table[name]] for name in columns}
    return table.assign(**texts)


def write_artifacts(
    data: Attempts, analysis: Analysis, folder: Path | str, expected_failure_rate: float = 5.0
) -> list[Path]:
    """Write report.md, replay_candidates.csv, jobs_not_to_replay.csv, failures.csv, summary.json."""
    jobs = shown(analysis.failed_jobs, "first_failed_at")
    replayed = jobs["verdict"] == "replay"
    artifacts = {
        "report.md": _report(data, analysis, expected_failure_rate),
        "replay_candidates.csv": jobs[replayed][CANDIDATE_COLUMNS],
        "jobs_not_to_replay.csv": jobs[~replayed],
        "failures.csv": _failures_table(data, analysis),
        "summary.json": _document(data, analysis, expected_failure_rate),
    }
    return key_results.write_artifacts(folder, artifacts)


def _failures_table(data: Attempts, a: Analysis) -> pd.DataFrame:
    ids = [data.job_ids[code] for code in a.failures["job"]]
    names = [n for n in ("job_type", "queue", "worker", "version") if n in a.failures]
    table = a.failures[[*names, "attempt", "error_type", "error"]].astype({"attempt": "Int64"})
    table.insert(0, "job_id", ids)
    table.insert(0, "time_utc", utc_texts(a.failures["time"]))
    return table


def _document(data: Attempts, a: Analysis, expected_failure_rate: float) -> dict[str, Any]:
    hours = shown(a.by_hour.rename_axis("hour").reset_index(), "hour")
    return {
        **results(a, expected_failure_rate),
        "input": {"file": data.file, "sha256": data.sha256, "rows": len(data.frame)},
        "columns": data.columns,
        "period": {"first": utc(a.first), "as_of": utc(a.as_of)},
        "jobs": a.jobs,
        "failures_sustained": a.sustained,
        "by_job_type": a.by_type.reset_index().to_dict("records"),
        "by_hour": hours.to_dict("records"),
        "indicators": a.indicators.to_dict("records"),
        "messages": a.messages.to_dict("records"),
        "notes": a.notes,
    }


def _report(data: Attempts, a: Analysis, expected_failure_rate: float) -> str:
    failing = a.by_hour[a.by_hour["failed"] > 0].head(MOST_HOURS).rename(index=utc)
    held = shown(a.failed_jobs[a.failed_jobs["verdict"] != "replay"], "first_failed_at")
    held = held.head(MOST_JOBS).set_index("job_id")
    messages = shown(a.messages, "first", "last").set_index("error_type")
    parts = [
        "# Job failure analysis",
        f"Input: `{data.file}`, {len(data.frame):,} rows, SHA-256 `{data.sha256}`",
        summary(a, expected_failure_rate),
        f"## Results\n\n```text\n{results_text(results(a, expected_failure_rate))}\n```",
        f"## By job type\n\n{markdown_table(a.by_type)}",
        f"## Hours with failures (UTC, the first 100)\n\n{markdown_table(failing)}",
        f"## Error types\n\n{markdown_table(error_table(a))}",
        f"## Error messages\n\n{markdown_table(messages)}",
        f"## What failing jobs share\n\n{markdown_table(a.indicators.set_index('attribute'))}",
        f"## Replay\n\n{markdown_table(replay_table(a))}",
        f"## Jobs not to replay (the first 200)\n\n{markdown_table(held)}",
        f"## Columns used\n\n{markdown_table(data.columns_table())}",
    ]
    return "\n\n".join(parts) + "\n"
