"""An analysis goes in; quality by feature, by version and over time, and the trends come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from output_regressions import LATELY, Analysis
from output_samples import MEASURES
from quality_change import changes, group_z, hours_of

TRENDS = {
    "latency": ("Latency, median", "ms"),
    "length": ("Output length, median", ""),
    "refused": ("Refused", "%"),
    "cut_off": ("Cut off", "%"),
    "empty": ("Empty", "%"),
}
TREND_SHUFFLES = 1_999
TREND_SIGNIFICANCE = 0.001
BINS = 56


def now_of(analysis: Analysis) -> Any:
    """Mark the outputs that are "now": since the feature regressed, else the last 24 hours.

    In less than two days now is the later half of the time.
    """
    frame = analysis.frame
    if frame.empty:
        return np.zeros(0, dtype=bool)
    first, last = frame["time"].iloc[0], frame["time"].iloc[-1]
    since = max(last - LATELY, first + (last - first) / 2)
    now = (frame["time"] > since).to_numpy()
    for regression in analysis.regressions:
        own = (frame["feature"] == regression.feature).to_numpy()
        now = np.where(own, (frame["time"] >= regression.began).to_numpy(), now)
    return now


def by_feature(analysis: Analysis) -> pd.DataFrame:
    """Compare every feature's measures before and now, the largest loss of score first."""
    frame, now = analysis.frame, now_of(analysis)
    began = {r.feature: r for r in analysis.regressions}
    rows = []
    for name, at in frame.groupby("feature", observed=True).indices.items():
        part, late = frame.iloc[at], now[at]
        row = {"feature": str(name), "outputs before": int((~late).sum())}
        row["outputs now"] = int(late.sum())
        for measure in MEASURES:
            row[f"{measure} before"] = _mean(part[measure][~late])
            row[f"{measure} now"] = _mean(part[measure][late])
        regression = began.get(str(name))
        row["regression"] = regression.kind if regression else ""
        rows.append(row)
    table = pd.DataFrame(rows, columns=_feature_columns())
    loss = (table["score now"] - table["score before"]).astype("float64").fillna(0.0)
    order = np.lexsort((table["feature"].astype(str), loss, table["regression"] == ""))
    return table.iloc[order].set_index("feature")


def _feature_columns() -> list[str]:
    pairs = [f"{measure} {when}" for measure in MEASURES for when in ("before", "now")]
    return ["feature", "outputs before", "outputs now", *pairs, "regression"]


def _mean(values: pd.Series) -> float:
    return round(float(values.mean()), 1) if values.notna().any() else np.nan


def by_version(analysis: Analysis) -> pd.DataFrame:
    """Give every model and prompt version its quality, and its difference from the others.

    `z` compares it by ranks with the feature's other outputs of the same file; below -3 is
    noteworthy. Versions used one after the other differ by time as well.
    """
    columns = ["feature", "model", "prompt", "outputs", "first seen", "last seen", "score",
               "valid", "complete", "difference", "z"]  # fmt: skip
    rows = []
    for name, part in analysis.frame.groupby("feature", observed=True):
        for (model, prompt), at in part.groupby(["model", "prompt"], observed=True).indices.items():
            own = np.zeros(len(part), dtype=bool)
            own[at] = True
            rows.append([str(name), str(model), str(prompt), *_version(part, own)])
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["feature", "first seen", "model", "prompt"]).set_index("feature")


def _version(part: pd.DataFrame, own: Any) -> list[Any]:
    version, rest = part[own], part[~own]
    known = part["score"].notna().to_numpy()
    z = group_z(part["score"].to_numpy()[known], own[known]) if known.any() else 0.0
    times = version["time"]
    difference = _mean(version["score"]) - _mean(rest["score"])
    means = [_mean(version[measure]) for measure in ("score", "valid", "complete")]
    return [len(version), times.iloc[0], times.iloc[-1], *means, round(difference, 1), round(z, 1)]


def trends(analysis: Analysis) -> pd.DataFrame:
    """Compare latency, length, refusals and cut-offs before and now, and date their last change."""
    frame, now = analysis.frame, now_of(analysis)
    rows = []
    for name, at in frame.groupby("feature", observed=True).indices.items():
        part, late = frame.iloc[at], now[at]
        for measure, (label, unit) in TRENDS.items():
            if part[measure].notna().any():
                before, after = (_typical(part[measure][which], unit) for which in (~late, late))
                changed = _last_change(part, measure)
                rows.append([str(name), label, unit, before, after, changed])
    columns = ["feature", "trend", "unit", "before", "now", "changed at (UTC)"]
    return pd.DataFrame(rows, columns=columns).set_index("feature")


def _typical(values: pd.Series, unit: str) -> float:
    return _mean(values) if unit == "%" else round(float(values.median()), 1)


def _last_change(part: pd.DataFrame, measure: str) -> str:
    known = part[part[measure].notna()]
    hours = hours_of(known["time"])
    found = changes(known[measure].to_numpy(), hours, TREND_SHUFFLES, TREND_SIGNIFICANCE)
    if not found:
        return "steady"
    return str(known["time"].iloc[found[-1].position].strftime("%Y-%m-%d %H:%M"))


def over_time(analysis: Analysis, bins: int = BINS) -> pd.DataFrame:
    """Average the measures of every feature in even stretches of time."""
    frame = analysis.frame
    columns = [*MEASURES, "latency", "length", "refused", "cut_off"]
    if frame.empty:
        return pd.DataFrame(columns=["feature", "time (UTC)", "outputs", *columns])
    first, last = frame["time"].iloc[0], frame["time"].iloc[-1]
    width = max((last - first) / bins, pd.Timedelta(seconds=1))
    stretch = ((frame["time"] - first) // width).clip(upper=bins - 1)
    grouped = frame.groupby([frame["feature"], stretch.rename("time (UTC)")], observed=True)
    table = grouped[columns].mean().round(2)
    table.insert(0, "outputs", grouped.size())
    table = table.reset_index().astype({"feature": str})
    table["time (UTC)"] = (first + table["time (UTC)"] * width).dt.round("s")
    return table
