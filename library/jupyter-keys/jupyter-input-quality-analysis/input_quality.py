"""Inputs go in; which metrics became worse, and which go together with worse answers, come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from input_metrics import KINDS, Metric, metrics
from input_samples import Inputs
from rank_relation import Relation, share_change, spearman
from table_columns import InputProblem
from table_times import in_period, moment, utc

LATELY = pd.Timedelta(hours=24)
# Fewer scores, or fewer inputs of either kind in a period, allow no comparison.
FEWEST_SCORES, FEWEST = 40, 20
MOST_PAIRS = 100_000


@dataclass(frozen=True)
class Limits:
    """What counts: points that a share rises, strength of the relation, and chance."""

    change: float = 2.0
    correlation: float = 0.1
    significance: float = 0.01


@dataclass(frozen=True)
class Finding:
    """What was found of one metric; shares in percent, gap and explains in points of quality.

    `explains` is how much of the fall of quality follows from the share's change alone: the
    change of the share times the gap between inputs that have it not and those that have it.
    """

    metric: Metric
    affected: int
    before: float
    after: float
    p_value: float
    relation: Relation | None
    compared: str
    gap: float | None
    explains: float | None
    degraded: bool
    related: bool


@dataclass(frozen=True)
class Analysis:
    """Everything the report says, counted once."""

    inputs: int
    scored: int
    split: pd.Timestamp | None
    frame: pd.DataFrame
    late: Any
    findings: list[Finding]
    correlations: pd.DataFrame
    quality: tuple[float | None, float | None]
    limits: Limits
    notes: list[str]

    @property
    def comparable(self) -> bool:
        """Say whether there are inputs before and after, and enough scores to relate them to."""
        both = 0 < int(self.late.sum()) < self.inputs
        return both and self.scored >= FEWEST_SCORES

    @property
    def related(self) -> list[Finding]:
        """Return the metrics that became worse and go with worse answers, the strongest first."""
        found = [f for f in self.findings if f.related]
        return sorted(found, key=lambda f: f.relation.rho if f.relation else 0.0)

    def count(self, *kinds: str) -> int | None:
        """Count the related metrics of these kinds; nothing is known without a comparison."""
        return sum(f.metric.kind in kinds for f in self.related) if self.comparable else None

    def affected(self, name: str) -> int | None:
        """Count the inputs that a metric is true of; none when it was not measured."""
        return next((f.affected for f in self.findings if f.metric.name == name), None)


def analyse(
    data: Inputs,
    incident_start: str | None = None,
    start: str | None = None,
    end: str | None = None,
    time_zone: str = "UTC",
    max_input_chars: int | None = None,
    limits: Limits | None = None,
) -> Analysis:
    """Compare the inputs since `incident_start` with those before it.

    Without it the last 24 hours are compared with the time before (the later half of a file
    shorter than two days).

    Raises:
        InputProblem: when a parameter makes no sense, or no input lies where one is needed.
    """
    limits = limits or Limits()
    since = moment(incident_start, "incident_start", time_zone)
    frame = _inside(data, start, end, time_zone)
    split = since if since is not None or frame.empty else _lately(frame["time"])
    late = (frame["time"] >= split).to_numpy() if len(frame) else np.zeros(0, dtype=bool)
    if since is not None and len(frame) and late.all() | ~late.any():
        _refuse_one_side(data.file, frame["time"], str(incident_start))
    measured = metrics(frame, late, max_input_chars) if len(frame) else []
    findings = [_finding(metric, frame, late, limits, len(measured)) for metric in measured]
    scored = int(frame["quality"].notna().sum())
    untimed = int(data.frame["time"].isna().sum())
    return Analysis(
        inputs=len(frame),
        scored=scored,
        split=split,
        frame=frame,
        late=late,
        findings=findings,
        correlations=_correlations(frame, late),
        quality=(_mean(frame["quality"][~late]), _mean(frame["quality"][late])),
        limits=limits,
        notes=[*data.notes, *_notes(untimed, scored, len(frame))],
    )


def _inside(data: Inputs, start: str | None, end: str | None, time_zone: str) -> pd.DataFrame:
    frame = data.frame
    if len(frame):
        keep = in_period(frame["time"], start, end, time_zone, data.file, "input")
        frame = frame[keep & frame["time"].notna().to_numpy()]
    return frame.sort_values("time", kind="stable", ignore_index=True)


def _lately(times: pd.Series) -> pd.Timestamp:
    first, last = times.iloc[0], times.iloc[-1]
    return max(last - LATELY, first + (last - first) / 2)


def _refuse_one_side(file: str, times: pd.Series, given: str) -> None:
    expected = f"inputs before and since {given}"
    found = f"inputs from {utc(times.iloc[0])} to {utc(times.iloc[-1])}"
    fix = "Correct incident_start, or export a longer time: 14 days are good."
    raise InputProblem(file, "there is nothing to compare.", expected, found, fix)


def _notes(untimed: int, scored: int, inputs: int) -> list[str]:
    notes = []
    if untimed:
        notes.append(f"{untimed} inputs have no time and are in no figure.")
    if inputs and scored < FEWEST_SCORES:
        notes.append(
            f"Only {scored} inputs have the score of their answer: nothing can be related."
        )
    return notes


def _mean(values: Any) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 1) if len(known) else None


# --- one metric -------------------------------------------------------------------------------


def _finding(metric: Metric, frame: pd.DataFrame, late: Any, limits: Limits, tests: int) -> Finding:
    known = ~np.isnan(metric.affected)
    flags, since = metric.affected[known], late[known]
    before, after = (100 * float(part.mean()) if len(part) else 0.0
                     for part in (flags[~since], flags[since]))  # fmt: skip
    p_value = min(1.0, share_change(flags, since) * tests)
    enough = min(len(flags[~since]), len(flags[since])) >= FEWEST
    degraded = enough and after - before >= limits.change and p_value <= limits.significance
    quality = frame["quality"].to_numpy()
    relation, compared, gap = relate(metric.affected, quality, late)
    strong = (
        relation is not None
        and relation.rho <= -limits.correlation
        and relation.p_value * tests <= limits.significance
    )
    return Finding(
        metric=metric,
        affected=int(flags.sum()),
        before=round(before, 2),
        after=round(after, 2),
        p_value=p_value,
        relation=relation,
        compared=compared,
        gap=gap,
        explains=None if gap is None else round((after - before) / 100 * gap, 1) + 0.0,
        degraded=degraded,
        related=degraded and strong,
    )


def relate(affected: Any, quality: Any, late: Any) -> tuple[Relation | None, str, float | None]:
    """Correlate a metric with quality inside one period, the later if it can, else over the whole.

    Two things that changed at the same time go together over the whole time whatever the cause.
    Only inside a period is it seen whether the inputs concerned are those with the worse answers.

    Returns the relation, what was compared (after, before, by time), and by how many points the
    affected inputs score less than the others.
    """
    known = np.flatnonzero(~np.isnan(affected) & ~np.isnan(quality))
    known = known[:: len(known) // MOST_PAIRS + 1]
    parts = {"after": known[late[known]], "before": known[~late[known]], "by time": known}
    compared = next(
        (name for name, part in parts.items() if _both_kinds(affected[part])), "by time"
    )
    part = parts[compared]
    flags, scores = affected[part], quality[part]
    gap = None
    if 0 < flags.sum() < len(flags):
        gap = round(float(scores[flags == 0].mean() - scores[flags == 1].mean()), 1)
    return spearman(flags, scores), compared, gap


def _both_kinds(flags: Any) -> bool:
    count = int(flags.sum())
    return min(count, len(flags) - count) >= FEWEST


def _correlations(frame: pd.DataFrame, late: Any) -> pd.DataFrame:
    """Correlate each number of an input with the quality of its answer (Spearman)."""
    rows = []
    quality = frame["quality"].to_numpy()
    for name in ("length", "documents", "missing", "truncated"):
        values = frame[name].to_numpy()
        known = np.flatnonzero(~np.isnan(values) & ~np.isnan(quality))
        known = known[:: len(known) // MOST_PAIRS + 1]
        parts = (known, known[~late[known]], known[late[known]])
        found = [spearman(values[part], quality[part]) for part in parts]
        if found[0] is not None:
            rhos = [None if relation is None else round(relation.rho, 3) for relation in found]
            rows.append([name, *rhos, float(f"{found[0].p_value:.2g}"), found[0].pairs])
    columns = ["input", "rho", "rho before", "rho after", "p", "pairs"]
    return pd.DataFrame(rows, columns=columns).set_index("input")


# --- tables -----------------------------------------------------------------------------------


def metrics_table(analysis: Analysis) -> pd.DataFrame:
    """List every metric, what is related first, then by the rise of its share."""
    rows = [
        [f.metric.label, f.metric.kind, f.affected, f.before, f.after, f.degraded,
         None if f.relation is None else round(f.relation.rho, 3),
         f.compared, f.gap, f.explains, f.related]
        for f in sorted(analysis.findings, key=_order)
    ]  # fmt: skip
    columns = ["metric", "kind", "inputs", "before %", "after %", "worse", "rho", "compared",
               "gap", "explains", "related"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index("metric")


def _order(f: Finding) -> Any:
    rho = f.relation.rho if f.relation else 0.0
    return (not f.related, not f.degraded, rho if f.related else 0.0, f.before - f.after,
            KINDS.index(f.metric.kind), f.metric.label)  # fmt: skip


def by_source(analysis: Analysis) -> pd.DataFrame:
    """Compare the sources: inputs, quality, and the share that the strongest metric concerns."""
    frame, late = analysis.frame, analysis.late
    found = [f for f in analysis.related if f.metric.kind != "mix"]
    flags = found[0].metric.affected if found else np.full(len(frame), np.nan)
    rows = []
    for (source, language), at in frame.groupby(
        ["source", "language"], observed=True
    ).indices.items():
        now, then = at[late[at]], at[~late[at]]
        quality = frame["quality"].to_numpy()
        shares = [_mean(100 * flags[part]) for part in (then, now)]
        rows.append([source or "(none)", language or "(none)", len(then), len(now),
                     _mean(quality[then]), _mean(quality[now]), *shares])  # fmt: skip
    label = found[0].metric.label if found else "affected"
    columns = ["source", "language", "inputs before", "inputs after", "quality before",
               "quality after", f"{label} before %", f"{label} after %"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["quality after", "source", "language"]).set_index("source")


def over_time(analysis: Analysis, bins: int = 56) -> pd.DataFrame:
    """Give the share of each metric and the mean quality in even stretches of time."""
    frame = analysis.frame
    shares = {f.metric.label: 100 * f.metric.affected for f in analysis.findings}
    table = pd.DataFrame({"quality": frame["quality"], **shares})
    if frame.empty:
        return table.assign(inputs=[]).rename_axis("time (UTC)")
    first, last = frame["time"].iloc[0], frame["time"].iloc[-1]
    width = max((last - first) / bins, pd.Timedelta(seconds=1))
    stretch = ((frame["time"] - first) // width).clip(upper=bins - 1).rename("time (UTC)")
    means = table.groupby(stretch).mean().round(2)
    means.insert(0, "inputs", stretch.value_counts().sort_index())
    means.index = (first + means.index * width).round("s").rename("time (UTC)")
    return means
