"""Discrepancies and changes go in; when drift began, whether by chance, and what drifted come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from drift_input import History, Report, plain_type
from drift_stretch import DAY, Stretch, find_stretch, rate, ticks
from table_columns import InputProblem
from table_times import moment, utc

BEFORE, DURING, LATER, UNDATED = "before", "during", "after", "undated"

FEW = 1_000


@dataclass(frozen=True)
class Drift:
    """Everything the report says, counted once.

    `records` has a row for each record that drifted: record, types, discrepancies, since, latest,
    phase (before, during, after the stretch, or undated) and recent.
    """

    discrepancies: int
    affected: int
    recent: int
    undated: int
    stretch: Stretch
    rate_recent: float | None
    changes: int | None
    as_of: pd.Timestamp | None
    recent_hours: int
    by_type: pd.DataFrame
    by_period: pd.DataFrame
    period: pd.Timedelta
    records: pd.DataFrame
    notes: list[str]

    @property
    def drifting_most(self) -> str | None:
        """Name the type with the most discrepancies."""
        return str(self.by_type.index[0]) if self.discrepancies else None

    @property
    def last(self) -> pd.Timestamp | None:
        """Give the time of the latest discrepancy."""
        return self.records["latest"].max() if self.affected else None

    @property
    def unit(self) -> str:
        """Name the unit of the rates."""
        return "records/day" if self.changes is None else "%"


def analyse(
    report: Report,
    history: History | None = None,
    as_of: str | None = None,
    start: str | None = None,
    recent_hours: int = 24,
    significance: float = 0.01,
    time_zone: str = "UTC",
) -> Drift:
    """Date the drift and say what drifted.

    Args:
        report: the discrepancies.
        history: all changes of the same records, which makes counts into rates.
        as_of: when the report was made; without it, the newest time in the files.
        start: leave out what lies before.
        recent_hours: how long before `as_of` drift is recent.
        significance: a rise is beyond chance when its p-value is at most this.
        time_zone: the zone of `as_of` and `start` when they carry no offset.

    Raises:
        InputProblem: when a parameter cannot be used.
    """
    made, since = moment(as_of, "as_of", time_zone), moment(start, "start", time_zone)
    _refuse_numbers(recent_hours, significance)
    notes = [f"{side.file}: {note}" for side in (report, history) if side for note in side.notes]
    known = _fitting(report, history, notes)
    frame = _after(_dated(report.frame, known, notes), since)
    known = None if known is None else _after(known, since)
    records = _by_record(frame)
    times, hits = _trials(records, known, notes)
    made = _made(made, times, notes)
    stretch = find_stretch(times, hits, known is not None, since, made, significance)
    phase, late = _phases(records["since"], stretch), _recent_from(made, recent_hours)
    records = records.assign(phase=phase, recent=(records["latest"] > late).to_numpy())
    period = _period(times, made)
    return Drift(
        discrepancies=len(frame),
        affected=len(records),
        recent=int(records["recent"].sum()),
        undated=int((records["phase"] == UNDATED).sum()),
        stretch=stretch,
        rate_recent=_rate_recent(times, hits, late, known is not None, recent_hours),
        changes=None if known is None else len(times),
        as_of=made,
        recent_hours=recent_hours,
        by_type=_by_type(frame, stretch, late),
        by_period=_by_period(frame, times, hits, period),
        period=period,
        records=records,
        notes=notes,
    )


def _refuse_numbers(recent_hours: int, significance: float) -> None:
    if recent_hours < 1:
        fix = "Set recent_hours to 1 or more."
        raise InputProblem("recent_hours", "too small.", "at least 1", str(recent_hours), fix)
    if not 0.001 <= significance < 1:
        fix = "Set significance to 0.01 unless you know better."
        expected = "at least 0.001, the smallest p-value that is computed, and below 1"
        raise InputProblem("significance", "out of range.", expected, str(significance), fix)


# --- records and changes ----------------------------------------------------------------------


def _fitting(report: Report, history: History | None, notes: list[str]) -> pd.DataFrame | None:
    """Take a history only if it knows one of the records: a rate among strangers means nothing."""
    if history is None:
        return None
    drifted = report.frame["record"]
    names = history.frame["record"].cat.categories
    some = drifted.head(FEW)  # of a million that fit, a few will do
    if not len(drifted) or some.isin(names).any() or drifted.isin(names).any():
        return history.frame
    notes.append(f"{history.file} knows none of the records of {report.file}: it was left out.")
    return None


def _dated(frame: pd.DataFrame, known: pd.DataFrame | None, notes: list[str]) -> pd.DataFrame:
    """Give a discrepancy without a time the time of its record's last change."""
    frame = frame.copy()
    names = {each: plain_type(str(each)) for each in frame["type"].cat.categories}
    frame["type"] = frame["type"].astype(object).map(names)
    blank = frame["time"].isna()
    if blank.any() and known is not None:
        last = known.groupby("record", observed=True)["time"].max()
        last.index = last.index.astype("object")
        frame.loc[blank, "time"] = frame.loc[blank, "record"].map(last)
    missing = int(frame["time"].isna().sum())
    if missing:
        notes.append(f"{missing} discrepancies have no time: counted, but not dated.")
    return frame


def _after(frame: pd.DataFrame, since: pd.Timestamp | None) -> pd.DataFrame:
    if since is None:
        return frame
    return frame[~(frame["time"] < since)].reset_index(drop=True)


def _by_record(frame: pd.DataFrame) -> pd.DataFrame:
    codes, records = pd.factorize(frame["record"])
    times = frame["time"].reset_index(drop=True).groupby(codes)
    table = pd.DataFrame(
        {
            "record": records,
            "types": _types_of(codes, frame["type"], len(records)),
            "discrepancies": np.bincount(codes, minlength=len(records)),
            "since": times.min(),
            "latest": times.max(),
        }
    )
    return table.iloc[_in_time(table)].reset_index(drop=True)


def _types_of(codes: Any, types: pd.Series, records: int) -> Any:
    """Give each record its types in one text, each once and in the order of the alphabet."""
    kinds, names = pd.factorize(types, sort=True)
    pairs = np.unique(codes.astype("i8") * max(1, len(names)) + kinds)
    owners, kinds = np.divmod(pairs, max(1, len(names)))
    joined = np.empty(records, dtype=object)
    # Most records have one type; of the others, the types are put together one after the other.
    first = np.append(True, owners[1:] != owners[:-1])[: len(owners)]
    joined[owners[first]] = np.asarray(names, dtype=object)[kinds[first]]
    for at in np.flatnonzero(~first):
        joined[owners[at]] = f"{joined[owners[at]]}; {names[kinds[at]]}"
    return joined


def _in_time(table: pd.DataFrame) -> Any:
    """Order records by their time and then by name, comparing names only where times are equal."""
    since = table["since"]
    order = np.argsort(since.to_numpy("datetime64[us]"), kind="stable")
    equal = since.duplicated(keep=False).to_numpy()
    named = table[["since", "record"]][equal].sort_values(["since", "record"])
    order[equal[order]] = named.index
    return order


def _trials(
    records: pd.DataFrame, known: pd.DataFrame | None, notes: list[str]
) -> tuple[pd.Series, Any]:
    """Line up every change in time, and say which of them drifted.

    A record that drifted counts once, at the time of its discrepancy, in place of its last change
    and of everything since; what it did before went well.
    """
    drifted = records["since"].dropna()
    if known is None:
        notes.append("Without a history there is no rate: drift is dated by its frequency alone.")
        return drifted.sort_values(ignore_index=True), np.ones(len(drifted), dtype=bool)
    place = known["record"].cat.categories.get_indexer(records["record"])
    fine = _went_well(records["since"], place, known)
    absent = int((place < 0).sum())
    if absent:
        notes.append(f"{absent} records of the report are not in the history: counted as changes.")
    times = pd.concat([part for part in (drifted, fine) if len(part)] or [drifted])
    hits = np.arange(len(times)) < len(drifted)
    order = np.argsort(ticks(times), kind="stable")
    return times.iloc[order].reset_index(drop=True), hits[order]


def _went_well(since: pd.Series, place: Any, known: pd.DataFrame) -> pd.Series:
    ordered = known.sort_values("time", kind="stable")
    codes = ordered["record"].cat.codes.to_numpy()
    last = ~pd.Series(codes).duplicated(keep="last").to_numpy()
    drifted = np.zeros(len(known["record"].cat.categories), dtype=bool)
    drifted[place[place >= 0]] = True
    began = np.full(len(drifted), "NaT", dtype="datetime64[us]")
    began[place[place >= 0]] = since.to_numpy("datetime64[us]")[place >= 0]
    late = ordered["time"].to_numpy("datetime64[us]") >= began[codes]
    return ordered["time"][~(drifted[codes] & (last | late))]


def _made(made: pd.Timestamp | None, times: pd.Series, notes: list[str]) -> pd.Timestamp | None:
    newest = times.max() if len(times) else None
    if made is None:
        notes.append("as_of is not given: the newest time in the files counts as now.")
        return newest
    if newest is not None and newest > made + pd.Timedelta(hours=1):
        notes.append(f"There are changes until {utc(newest)}, after as_of: is as_of right?")
    return made


def _recent_from(made: pd.Timestamp | None, hours: int) -> pd.Timestamp:
    if made is None:
        return pd.Timestamp.max.tz_localize("UTC")
    return made - pd.Timedelta(hours=hours)


def _rate_recent(
    times: pd.Series, hits: Any, late: pd.Timestamp, rated: bool, hours: int
) -> float | None:
    recent = (times > late).to_numpy()
    if not rated:
        return round(int(recent.sum()) * 24 / hours, 2)
    return rate(hits[recent], rated)


def _phases(since: pd.Series, stretch: Stretch) -> Any:
    none = np.zeros(len(since), dtype=bool)
    early = (since < stretch.began).to_numpy() if stretch.began is not None else none
    later = (since > stretch.ended).to_numpy() if stretch.ended is not None else none
    return np.select([since.isna(), early, later], [UNDATED, BEFORE, LATER], DURING)


# --- tables -----------------------------------------------------------------------------------


def _by_type(frame: pd.DataFrame, stretch: Stretch, late: pd.Timestamp) -> pd.DataFrame:
    """Count discrepancies by type and phase, the most frequent type on top."""
    marked = frame.assign(phase=_phases(frame["time"], stretch), recent=frame["time"] > late)
    grouped = marked.groupby("type")
    table = pd.DataFrame({"discrepancies": grouped.size(), "records": grouped["record"].nunique()})
    for phase in (BEFORE, DURING, LATER):
        counts = marked[marked["phase"] == phase].groupby("type").size()
        table[phase] = counts.reindex(table.index, fill_value=0)
    table["recent"] = grouped["recent"].sum().astype("i8")
    table["first"], table["last"] = grouped["time"].min(), grouped["time"].max()
    table = table.reset_index().sort_values(["discrepancies", "type"], ascending=[False, True])
    return table.set_index("type")


def _period(times: pd.Series, made: pd.Timestamp | None) -> pd.Timedelta:
    """Choose how long a bar of the plots is."""
    if not len(times):
        return DAY
    span = max(made or times.iloc[-1], times.iloc[-1]) - times.iloc[0]
    return pd.Timedelta(hours=1) if span <= 3 * DAY else DAY if span <= 120 * DAY else 7 * DAY


def _by_period(
    frame: pd.DataFrame, times: pd.Series, hits: Any, period: pd.Timedelta
) -> pd.DataFrame:
    """Count changes and drifted records by period, and discrepancies by period and type."""
    marks = times.dt.floor(period)
    table = pd.DataFrame({"changes": marks.groupby(marks).size()})
    table["drifted"] = marks[hits].groupby(marks[hits]).size()
    dated = frame.dropna(subset=["time"])
    kinds = dated.groupby([dated["time"].dt.floor(period), "type"]).size().unstack()
    table = table.join(kinds, how="outer") if len(dated) else table
    return table.fillna(0).astype("i8").rename_axis("period")
