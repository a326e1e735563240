"""A column of times in any usual notation goes in, moments in UTC come out, their zone stated."""

from __future__ import annotations

import re
from datetime import timezone, tzinfo
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from table_columns import Column, InputProblem, Table, split_name

TIME_EXAMPLES = "such as 2026-11-20 23:10:00 or 2026-11-20T23:10:00Z"


def zone_of(name: str) -> tzinfo | None:
    """Return the named time zone, or nothing when there is none of that name."""
    if name.upper() in {"UTC", "GMT", "Z"}:
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def required_zone(name: str) -> tzinfo:
    """Return the named time zone, or say that there is none."""
    zone = zone_of(name)
    if zone is None:
        expected = "a name of the IANA database, such as UTC or Europe/Berlin"
        problem = "the parameter names no time zone."
        raise InputProblem("time_zone", problem, expected, repr(name), "Set time_zone to one.")
    return zone


ALIKE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?P<offset>Z|[+-][01]\d(?::?[0-5]\d)?)?")
DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
MARKS_AND_OFFSET = [4, 7, 10, 13, 16, *range(19, 25)]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ZONE_SUFFIX = re.compile(r"\s*(?:UTC|GMT|z)$")
EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
DAY_FIRST_OR_MONTH_FIRST = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y")
CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


def is_time(text: str) -> bool:
    """Say whether a text looks like a time: a date, or seconds or parts of them since 1970."""
    return bool(re.match(r"\d{4}-\d\d-\d\d|\d{9,19}(\.\d+)?$|\d{1,2}[/.]\d{1,2}[/.]\d{4}", text))


def has_offset(text: str) -> bool:
    """Say whether a time states its offset: a Z, or a sign behind the date."""
    return text[-1:] == "Z" or "+" in text[10:] or "-" in text[10:]


def parse_times(column: Column, time_zone: str, table: Table) -> pd.Series:
    """Read a column of times as UTC, and note in the table how their time zone was known.

    Args:
        column: the times: ISO, day or month first, or epoch numbers; blank is no time.
        time_zone: the zone of times that carry no offset and whose column states none.
        table: what the column is of; its notes grow.

    Raises:
        InputProblem: when a time cannot be read, zones are mixed, or the zone is unknown.
    """
    alike = _written_alike(column)
    if alike is not None:
        naive, aware = alike
        if not aware:
            return _localise(_spread_times(column, naive), column.name, time_zone, table)
        table.notes.append(f"{column.name!r} carries its own offset and was converted to UTC.")
        return _spread_times(column, naive.dt.tz_localize("UTC"))
    values = column.values
    if any(text.endswith(("UTC", "GMT", "z")) for text in values):
        values = [ZONE_SUFFIX.sub("Z", text) for text in values]
    texts = pd.Series(values, dtype="object")
    filled = texts != ""
    if all(NUMBER.fullmatch(text) for text in values if text):
        table.notes.append(f"{column.name!r} holds epoch numbers, which are UTC.")
        return _spread_times(column, _epochs(texts.where(filled)))
    aware = pd.Series([has_offset(text) for text in values], dtype="bool")
    if aware.any() and not aware[filled].all():
        _mixed_zones(column, aware, filled, table.file)
    if aware.any():
        table.notes.append(f"{column.name!r} carries its own offset and was converted to UTC.")
        parsed = pd.to_datetime(texts.where(filled), format="ISO8601", errors="coerce", utc=True)
        _refuse_unreadable(column, parsed, filled, table.file)
        return _spread_times(column, parsed)
    naive = _parse_naive(column, texts.where(filled), table.file)
    _refuse_unreadable(column, naive, filled, table.file)
    return _localise(_spread_times(column, naive), column.name, time_zone, table)


def no_times() -> pd.Series:
    """Return the column of times of a table without a row."""
    return pd.Series([], dtype="datetime64[us, UTC]")


def _written_alike(column: Column) -> tuple[pd.Series, bool] | None:
    """Read times that are all written to the second, and all with one offset or all with none.

    Nearly every export is; a million of them take a tenth of a second. Returns the times, their
    offset taken off, and whether they had one; nothing when one is written otherwise or is wrong.
    """
    filled = [text for text in column.values if text]
    width = len(filled[0]) if filled else 0
    written = ALIKE.fullmatch(filled[0]) if filled else None
    joined = "".join(filled)
    if written is None or len(joined) != width * len(filled) or not joined.isascii():
        return None
    figures = np.frombuffer(joined.encode("ascii"), dtype="u1").reshape(-1, width)
    known = figures[0, MARKS_AND_OFFSET[: width - 14]] == figures[:, MARKS_AND_OFFSET[: width - 14]]
    digits = figures[:, DIGITS] - ord("0")
    # The same width for all: texts of other lengths that happen to add up differ in their marks.
    if not known.all() or digits.max() > 9:
        return None
    moments = _moments(digits.astype("i8"))
    if moments is None:
        return None
    offset = _minutes(written["offset"] or "")
    times = np.full(len(column.values), "NaT", dtype="datetime64[us]")
    times[np.array(column.values, dtype=object) != ""] = moments - np.timedelta64(offset, "m")
    return pd.Series(times), bool(written["offset"])


def _moments(digits: Any) -> Any:
    """Put year, month, day, hour, minute and second together; nothing when one is out of range."""
    pairs = digits[:, 0::2] * 10 + digits[:, 1::2]
    year, month, day = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2], pairs[:, 3]
    clock = pairs[:, 4] * 3600 + pairs[:, 5] * 60 + pairs[:, 6]
    fits = (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1)
    if not (fits & (pairs[:, 4] < 24) & (pairs[:, 5] < 60) & (pairs[:, 6] < 60)).all():
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    if (days.astype("datetime64[M]") != months).any():
        return None
    return days.astype("datetime64[us]") + (clock * 1_000_000).astype("timedelta64[us]")


def _minutes(offset: str) -> int:
    """Read an offset such as Z, +02 or -05:30."""
    if offset in ("", "Z"):
        return 0
    hours, minutes = int(offset[1:3]), int(offset[3:].removeprefix(":") or 0)
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def _spread_times(column: Column, parsed: pd.Series) -> pd.Series:
    return parsed.dt.as_unit("us").take(column.codes).reset_index(drop=True)


def _epochs(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts)
    typical = numbers.median()
    divisor = next(d for least, d in EPOCH_UNITS if not typical < least)
    micros = (numbers * (1e6 / divisor)).round()
    return pd.to_datetime(micros, unit="us", utc=True)


def _mixed_zones(column: Column, aware: pd.Series, filled: pd.Series, file: str) -> NoReturn:
    values = pd.Series(column.values)
    with_offset, without = values[aware].iloc[0], values[filled & ~aware].iloc[0]
    row = column.first_row(np.flatnonzero(filled & ~aware))
    found = f"{with_offset!r} with and {without!r} (data row {row}) without, in {column.name!r}"
    expected = "either every time with its offset (Z or +02:00) or none"
    problem = "time zones are mixed."
    fix = "Export all times in UTC; rows of two systems go into two files."
    raise InputProblem(file, problem, expected, found, fix)


def _parse_naive(column: Column, texts: pd.Series, file: str) -> pd.Series:
    parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    if parsed.notna().any():
        return parsed
    readings = {}
    for day in DAY_FIRST_OR_MONTH_FIRST:
        for clock in CLOCKS:
            trial = pd.to_datetime(texts, format=f"{day} {clock}", errors="coerce")
            if trial.notna().any():
                readings[day] = trial
    complete = {d: r for d, r in readings.items() if r.notna().sum() == texts.notna().sum()}
    if len(complete) == 2:
        example = next(v for v in column.values if v)
        found = f"{example!r} in {column.name!r}, where day and month may be swapped"
        raise InputProblem(file, "dates can be read two ways.", "dates as 2026-11-20", found)
    return next(iter(complete.values()), parsed)


def _refuse_unreadable(column: Column, parsed: pd.Series, filled: pd.Series, file: str) -> None:
    bad = np.flatnonzero(parsed.isna() & filled)
    if bad.size:
        row = column.first_row(bad)
        found = f"{column.values[column.codes[row - 1]]!r} in {column.name!r}, data row {row}"
        raise InputProblem(file, "a time cannot be read.", f"a time, {TIME_EXAMPLES}", found)


def _localise(naive: pd.Series, column: str, time_zone: str, table: Table) -> pd.Series:
    stated = split_name(column)[1]
    zone = zone_of(stated) if stated else None
    if stated and zone is None:
        table.notes.append(
            f"{column!r} names no known time zone; time_zone={time_zone!r} was used."
        )
    name, origin = time_zone, "as the parameter says"
    if zone is not None:
        name, origin = stated, "as the column's name states"
    zone = zone or required_zone(time_zone)
    table.notes.append(f"{column!r} has no offset and was read as {name} ({origin}).")
    every = np.ones(len(naive), dtype=bool)
    first = naive.dt.tz_localize(zone, ambiguous=every, nonexistent="NaT")
    second = naive.dt.tz_localize(zone, ambiguous=~every, nonexistent="NaT")
    skipped = first.isna() & naive.notna()
    if skipped.any():
        found = f"{naive[skipped].iloc[0]} in {column!r}, an hour that the clock change skipped"
        fix = "Set time_zone to the zone the export is in (often UTC), or export in UTC."
        raise InputProblem(table.file, "a time does not exist.", f"times in {name}", found, fix)
    twice = (first != second) & naive.notna()
    late = _second_pass(naive, twice, table.notes)
    return first.where(~late, second).dt.tz_convert("UTC")


def _second_pass(naive: pd.Series, twice: pd.Series, notes: list[str]) -> pd.Series:
    """Tell the second run through a repeated hour from the first by the order of the rows."""
    late = pd.Series(False, index=naive.index)
    if not twice.any():
        return late
    times = naive[twice]
    known = naive.dropna()
    if known.iloc[0] > known.iloc[-1]:
        times = times.iloc[::-1]
    unresolved = 0
    for _, hour in times.groupby(times.dt.date):
        back = hour.diff() < pd.Timedelta(0)
        if back.sum() == 1:
            late[hour.index] = back.cumsum() > 0
        else:
            unresolved += len(hour)
    told = f"{int(twice.sum())} rows fall into the hour that the clock change repeats"
    notes.append(
        f"{told}; {unresolved} of them could not be told apart and count as the first pass."
        if unresolved
        else f"{told}; the order of the rows told the two passes apart."
    )
    return late


# --- moments and periods ----------------------------------------------------------------------


def utc(moment: Any) -> str | None:
    """Write a moment as ISO text in UTC, or nothing when there is none."""
    if moment is None or pd.isna(moment):
        return None
    return str(pd.Timestamp(moment).tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ"))


def utc_texts(times: pd.Series) -> Any:
    """Write a column of moments as `utc` does, a million in a second; blank when there is none."""
    seconds = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    texts = np.char.add(np.datetime_as_string(seconds), "Z").astype(object)
    return np.where(np.isnat(seconds), "", texts)


def moment(text: str | None, name: str, time_zone: str) -> pd.Timestamp | None:
    """Read the parameter `name` as a moment in UTC; a blank one is none.

    Raises:
        InputProblem: when it is no time, or the zone is unknown.
    """
    if text is None or not str(text).strip():
        return None
    zone = required_zone(time_zone)
    try:
        # pandas reads "now" as well, and then the same input would not give the same numbers.
        read = pd.Timestamp(str(text).strip() if is_time(str(text).strip()) else "no time")
        aware = read.tz_localize(zone, ambiguous=True) if read.tzinfo is None else read
    except ValueError:
        expected = "an ISO time such as 2026-11-20T23:00:00Z"
        problem = "the parameter is no time."
        raise InputProblem(name, problem, expected, repr(text), f"Correct {name}.") from None
    return aware.tz_convert("UTC")


def in_period(
    times: pd.Series, start: str | None, end: str | None, time_zone: str, file: str, called: str
) -> Any:
    """Say for each row whether it lies between the parameters start and end (exclusive).

    Rows without a time are kept when neither is given.

    Raises:
        InputProblem: when start or end is no time, or nothing lies between; `called` says what a
            row is, in the singular.
    """
    since, until = moment(start, "start", time_zone), moment(end, "end", time_zone)
    keep = np.ones(len(times), dtype=bool)
    if since is not None:
        keep &= (times >= since).to_numpy()
    if until is not None:
        keep &= (times < until).to_numpy()
    if not keep.any():
        found = f"times from {utc(times.min())} to {utc(times.max())}"
        fix = "Widen start and end (end is exclusive), or export that period."
        expected = f"times from {start or 'the beginning'} to {end or 'the end'}"
        raise InputProblem(file, f"no {called} lies in the period.", expected, found, fix)
    return keep
