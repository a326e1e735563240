"""An impact goes in; results, words, pictures and the files kept as evidence come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import key_results
import pandas as pd
from dependency_calls import KINDS, Source
from dependency_impact import Impact
from key_results import BAD_COLOUR, GOOD_COLOUR, OTHER_COLOUR, markdown_table, result, results_text
from service_impact import STATES
from table_times import utc

KIND_COLOURS = dict(zip(KINDS, (BAD_COLOUR, "#f58518", "#b279a2", "#54a24b"), strict=True))
STATE_COLOURS = dict(zip(STATES, (BAD_COLOUR, "#f58518", OTHER_COLOUR, GOOD_COLOUR), strict=True))
KIND_WORDS = {
    "unreachable": "no answer or 5xx",
    "slow": "too late or not in time",
    "rate-limited": "429",
    "refusing": "401 or 403",
}


def results(impact: Impact) -> dict[str, Any]:
    """Return the results a runbook's branches are matched against, zero counts included."""
    a, none = impact, ("==", 0)
    failing, affected = a.failing, a.services_that_are("affected")
    rows = [
        result("dependency_calls", "Dependency calls", a.calls),
        result("failed_calls", "Failed calls", a.failed_calls),
        result("failing_dependencies", "Failing dependencies", len(failing), expected=none),
        *(
            result(
                f"{kind.replace('-', '_')}_dependencies",
                f"{kind.capitalize()} dependencies",
                int((failing["kind"] == kind).sum()),
                expected=none,
            )
            for kind in KINDS
        ),
        result(
            "dependencies_still_failing",
            "Dependencies still failing",
            int((failing["state"] == "failing").sum()),
            expected=none,
        ),
        result("worst_dependency", "Worst dependency", _first(failing, "dependency")),
        result(
            "worst_dependency_failure",
            "How the worst dependency fails",
            _first(failing, "kind"),
        ),
        result("failures_began", "Failures began", utc(a.began)),
        result("failures_ended", "Failures ended", utc(a.ended)),
        result("affected_services", "Affected services", len(affected), expected=none),
        result("most_affected_service", "Most affected service", _first(affected, "service")),
        result("severity", "Severity", a.severity, expected=("==", "none")),
    ]
    return key_results.results_document([*rows, *_service_results(a), *_request_results(a)])


def _service_results(a: Impact) -> list[dict[str, Any]]:
    counts = {state: len(a.services_that_are(state)) for state in STATES}
    return [
        result("exposed_services", "Exposed services that cope", counts["exposed"]),
        result("services_with_other_cause", "Services failing otherwise", counts["other cause"]),
        result("unaffected_services", "Services not affected", counts["not affected"]),
        result("impact_began", "Impact began", utc(a.impact_began)),
        result("impact_lag", "Impact lag", a.lag_seconds, "s"),
    ]


def _request_results(a: Impact) -> list[dict[str, Any]]:
    rate = None
    if a.requests:
        # Rounded up: never healthier than it is.
        rate = -(-(a.failed_requests or 0) * 10_000 // a.requests) / 100
    return [
        result("requests", "Requests", a.requests),
        result("failed_requests", "Failed requests", a.failed_requests),
        result("request_error_rate", "Request error rate", rate, "%", ("<", 1.0)),
    ]


def _first(table: pd.DataFrame, column: str) -> str | None:
    return str(table[column].iloc[0]) if len(table) else None


# --- words ------------------------------------------------------------------------------------


def summary(impact: Impact) -> str:
    """Say in Markdown what was found, in the order a runbook asks."""
    a = impact
    if not a.calls:
        lines = ["**No call to a dependency is logged**, so nothing can be said about any."]
    elif a.failing.empty:
        lines = [f"**No dependency fails**: {_calls(a)} failed, no more than chance explains."]
    else:
        lines = [_headline(a), *_failing_words(a)]
    lines += [*_service_words(a), *_request_words(a)]
    notes = "\n".join(f"- {note}" for note in a.notes)
    return "\n\n".join(lines) + f"\n\n**How the files were read**\n\n{notes}"


def _calls(a: Impact) -> str:
    return f"{a.failed_calls:,} of {a.calls:,} calls"


def _headline(a: Impact) -> str:
    still = int((a.failing["state"] == "failing").sum())
    names = ", ".join(f"`{name}`" for name in a.failing["dependency"])
    until = "still failing" if still else f"until {utc(a.ended)}"
    return f"**Failing: {names}, from {utc(a.began)}, {until}; severity {a.severity}.**"


def _failing_words(a: Impact) -> list[str]:
    lines = [f"{_calls(a)} failed since {utc(a.since) if a.since else 'the log begins'}."]
    for row in a.failing.to_dict("records"):
        now = "and still is" if row["state"] == "failing" else f"until {utc(row['ended'])}"
        now += ", and is no longer called" if row["state"] == "silent" else ""
        usual = "" if pd.isna(row["usual %"]) else f", usually {row['usual %']:g} %"
        lines.append(
            f"- `{row['dependency']}` is {row['kind']} ({KIND_WORDS[row['kind']]}) from "
            f"{utc(row['began'])} {now}: {row['while failing %']:g} % of its calls fail in that "
            f"time{usual}."
        )
    return ["\n".join(lines)] if len(lines) == 1 else [lines[0], "\n".join(lines[1:])]


def _service_words(a: Impact) -> list[str]:
    if a.services.empty:
        return []
    lines = [_affected_words(row) for row in a.services_that_are("affected").to_dict("records")]
    lines = lines or ["- No service is affected."]
    words = {
        "exposed": "Their calls fail, their requests do not",
        "other cause": "Fail, but not when or where a dependency does",
        "not affected": "Not affected",
    }
    for state, said in words.items():
        names = ", ".join(f"`{name}`" for name in a.services_that_are(state)["service"])
        lines.append(f"- {said}: {names or 'none'}.")
    return ["\n".join(lines)]


def _affected_words(row: dict[str, Any]) -> str:
    behind = f"because of {row['because of']}" if row["because of"] else "without calling it itself"
    lag = f"{row['lag s']:,.0f} s after the dependency"
    until = "still" if pd.isna(row["ended"]) else f"until {utc(row['ended'])}"
    return (
        f"- `{row['service']}` is affected, severity {row['severity']}, {behind}: "
        f"{row['failed %']:g} % of its {row['measured by']} fail from {utc(row['began'])} "
        f"({lag}), {until}."
    )


def _request_words(a: Impact) -> list[str]:
    if not a.requests:
        return ["How many of the users' requests fail is unknown without metrics."]
    rate = next(r["value"] for r in results(a)["results"] if r["name"] == "request_error_rate")
    since = "since failures began" if a.began else "in the period"
    return [f"**{rate:g} % of all requests failed {since}**: {a.failed_requests:,} of "
            f"{a.requests:,}."]  # fmt: skip


# --- pictures ---------------------------------------------------------------------------------


def plot_dependencies(impact: Impact) -> Any:
    """Draw the failed share of each dependency's calls, the worst on top."""
    table = impact.dependencies.head(15)
    counts = zip(table["failed"], table["calls"], strict=True)
    return _shares(
        ("Failed calls by dependency", "Failed calls (%)", "Dependency"),
        table["dependency"],
        table["failed %"],
        table["kind"].replace("", "not failing"),
        {**KIND_COLOURS, "not failing": OTHER_COLOUR},
        [f"{failed:,} of {total:,}" for failed, total in counts],
    )


def _shares(
    words: tuple[str, str, str],
    names: pd.Series,
    shares: pd.Series,
    groups: pd.Series,
    colours: dict[str, str],
    labels: list[str],
) -> Any:
    """Draw one bar a name in the given order, the first on top, coloured by its group."""
    figure, axes = key_results.new_plot(*words, 0.42 * len(names) + 1.8)
    places = range(len(names), 0, -1)
    at = pd.Series(list(places), index=names.index, dtype="i8")
    for group, colour in colours.items():
        mine = groups == group
        if mine.any():
            axes.barh(at[mine], shares[mine], color=colour, label=group)
    for place, share, label in zip(places, shares, labels, strict=True):
        axes.annotate(f" {label}", (share, place), va="center")
    axes.set_yticks(list(places), list(names))
    axes.set_xlim(0, max(1.0, 1.25 * float(shares.max() if len(shares) else 0)))
    if len(names):
        key_results.legend_below(figure, len(colours))
    return figure


def plot_over_time(impact: Impact) -> Any:
    """Draw the failed share of failing dependencies and of all requests over time."""
    figure, axes = key_results.new_plot("Failures over time", "Time (UTC)", "Failed (%)")
    colours = iter([BAD_COLOUR, "#f58518", "#b279a2", "#54a24b"] * len(impact.over_time.columns))
    for name in impact.over_time:
        line = impact.over_time[name].dropna()
        colour = GOOD_COLOUR if name == "requests" else next(colours)
        axes.plot(line.index, line, label=name, color=colour, marker=".", markersize=3)
    for moment, style, said in (
        (impact.began, "--", "failures began"),
        (impact.impact_began, ":", "impact began"),
    ):
        if moment is not None:
            axes.axvline(moment, color="black", linestyle=style, linewidth=1, label=said)
    axes.set_ylim(0, 102)
    key_results.time_axis(axes)
    if axes.get_legend_handles_labels()[0]:
        key_results.legend_below(figure)
    return figure


def plot_services(impact: Impact) -> Any:
    """Draw the failed share of each service, affected ones on top."""
    table = impact.services.head(20)
    return _shares(
        (
            "Services: failed share (affected ones: while they failed)",
            "Failed requests, or calls of workers (%)",
            "Service",
        ),
        table["service"],
        table["failed %"],
        table["state"],
        STATE_COLOURS,
        [f"{share:g} %" for share in table["failed %"]],
    )


# --- artifacts --------------------------------------------------------------------------------


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of dependencies or services with times as ISO text, blanks for nothing."""
    table = table.copy()
    for column in ("began", "ended"):
        table[column] = [utc(value) or "" for value in table[column]]
    return table.astype("object").where(table.notna(), "")


def write_artifacts(
    calls: Source, metrics: Source | None, impact: Impact, folder: Path | str
) -> list[Path]:
    """Write report.md, dependencies.csv, services.csv and summary.json."""
    artifacts = {
        "report.md": _report(calls, metrics, impact),
        "dependencies.csv": shown(impact.dependencies),
        "services.csv": shown(impact.services),
        "summary.json": _document(calls, metrics, impact),
    }
    return key_results.write_artifacts(folder, artifacts)


def _inputs(calls: Source, metrics: Source | None) -> list[Source]:
    return [calls] if metrics is None else [calls, metrics]


def _document(calls: Source, metrics: Source | None, a: Impact) -> dict[str, Any]:
    return {
        **results(a),
        "inputs": [
            {"file": s.file, "sha256": s.sha256, "rows": s.rows, "columns": s.columns}
            for s in _inputs(calls, metrics)
        ],
        "period": {"since": utc(a.since), "last": utc(a.last)},
        "dependencies": a.dependencies.to_dict("records"),
        "services": a.services.to_dict("records"),
        "errors": a.errors.to_dict("records"),
        "notes": a.notes,
    }


def _report(calls: Source, metrics: Source | None, a: Impact) -> str:
    inputs = [
        f"Input: `{s.file}`, {s.rows:,} rows, SHA-256 `{s.sha256}`" for s in _inputs(calls, metrics)
    ]
    columns = [markdown_table(s.columns_table()) for s in _inputs(calls, metrics)]
    parts = [
        "# Dependency impact analysis",
        *inputs,
        summary(a),
        f"## Results\n\n```text\n{results_text(results(a))}\n```",
        f"## Dependencies\n\n{markdown_table(shown(a.dependencies).set_index('dependency'))}",
        f"## Services\n\n{markdown_table(shown(a.services).set_index('service'))}",
        f"## Most frequent errors\n\n{markdown_table(a.errors.set_index('dependency'))}",
        "## Columns used\n\n" + "\n\n".join(columns),
    ]
    return "\n\n".join(parts) + "\n"
