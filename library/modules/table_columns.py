"""A column is codes into its distinct texts, and what is wrong with one is one readable message."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import pandas as pd

UNITS_MS = {"ms": 1.0, "millis": 1.0, "milliseconds": 1.0, "s": 1e3, "sec": 1e3, "seconds": 1e3}
ZONE_WORDS = frozenset({"utc", "gmt"})
BLANKS = frozenset({"", "\\n", "null", "none", "nan", "nat", "n/a", "na", "-"})
LONGEST_BLANK = max(map(len, BLANKS))
SAMPLED_VALUES = 10_000
# A column of so many values, and so few of them twice, is kept as it comes.
FEW_VALUES, MOSTLY_DISTINCT = 20_000, 0.7


class InputProblem(ValueError):
    """One readable message about the input: what was expected, what was found, what to do."""

    def __init__(self, file: str, problem: str, expected: str, found: str, fix: str = "") -> None:
        super().__init__(file, problem, expected, found, fix)
        self.said = [f"{file}: {problem}", f"Expected: {expected}", f"Found: {found}"]
        self.fix = fix

    def __str__(self) -> str:
        fix = self.fix or "Export the file again."
        return "\n".join([*self.said, f"What to do: {fix}"])

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: the stack says nothing about the file."""
        return [f"InputProblem: {self}"]


@contextmanager
def exported_as(fix: str) -> Iterator[None]:
    """Let every InputProblem raised inside that knows no remedy say how to export the file."""
    try:
        yield
    except InputProblem as problem:
        problem.fix = problem.fix or fix
        raise


def split_name(name: str) -> tuple[str, str]:
    """Split "Created (UTC)" or "durationMs" into a plain name and the unit or zone it states."""
    match = re.fullmatch(r"(.*?)[\s_]*[(\[](.+)[)\]]\s*", name.strip())
    text, stated = (match.group(1), match.group(2).strip()) if match else (name, "")
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower())
    if not stated and len(words) > 1 and (words[-1] in UNITS_MS or words[-1] in ZONE_WORDS):
        stated = words.pop()
    return "".join(words), stated


@dataclass
class Column:
    """One column as codes into its values: a million rows of few words stay small.

    Values are distinct where they repeat much; of a column of ids each row may bring its own.
    """

    name: str
    codes: Any
    values: list[str]

    def distinct(self) -> Column:
        """Return the column with each text once among its values, so that codes tell rows apart."""
        codes, values = pd.factorize(np.array([*self.values, ""], dtype=object))
        return Column(self.name, codes[:-1].astype("i4")[self.codes], list(values))

    def spread(self, mapped: Iterable[Any], dtype: str = "object") -> Any:
        """Give each row the value computed once for its distinct value."""
        out = np.empty(len(self.values), dtype=dtype)
        out[:] = list(mapped)
        return out[self.codes]

    def texts(self) -> Any:
        """Give each row its text; blank is an empty text."""
        return self.spread(self.values)

    def categorical(self, mapped: Iterable[str]) -> pd.Categorical:
        """Like `spread`, for text that repeats."""
        codes, distinct = pd.factorize(np.array([*mapped, ""], dtype=object))
        return pd.Categorical.from_codes(codes[:-1][self.codes], categories=distinct)

    def share(self, accepts: Callable[[str], bool]) -> float:
        """Say which part of the filled rows holds values that `accepts` knows.

        Of very many distinct values an even sample is asked.
        """
        counts = np.bincount(self.codes, minlength=len(self.values))
        step = len(self.values) // SAMPLED_VALUES + 1
        asked = [(v, int(n)) for v, n in zip(self.values[::step], counts[::step], strict=True) if v]
        filled = sum(n for _, n in asked)
        return sum(n for v, n in asked if accepts(v)) / filled if filled else 0.0

    def first_row(self, which: Any) -> int:
        """Return the number, from 1, of the first row that holds one of these distinct values."""
        return int(np.argmax(np.isin(self.codes, which))) + 1


@dataclass
class Table:
    """What a file held in the columns that may matter, before anybody knows their roles.

    `shape` is csv or json; `header` names every column of the file, `columns` the wanted ones.
    """

    file: str
    shape: str
    header: list[str] = field(default_factory=list)
    columns: dict[str, Column] = field(default_factory=dict)
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    sha256: str = ""

    def require_rows(self, called: str) -> None:
        """Refuse a file without a row.

        Raises:
            InputProblem: when there is none; `called` says what a row is, in the plural.
        """
        if not self.rows:
            names = ", ".join(self.header)
            found = f"no rows below the header {names}" if names else "nothing"
            raise InputProblem(self.file, f"there are no {called}.", "at least one row", found)


class ColumnEncoder:
    """Collects one column row by row: as codes while its texts repeat, else as they come."""

    def __init__(self, name: str, missing: int = 0) -> None:
        self.name = name
        # A text that is new takes the next code without a line of Python being run for it.
        self.seen: dict[str, int] = defaultdict(count(1).__next__, {"": 0})
        self.codes = array("i", bytes(4 * missing))
        self.texts: list[str] | None = None

    def extend(self, texts: Sequence[str]) -> None:
        """Append texts."""
        if self.texts is not None:
            self.texts.extend(texts)
            return
        seen = self.seen
        self.codes.extend(map(seen.__getitem__, texts))
        # To look up what never comes again is most of the work of reading a column of ids.
        if len(seen) > FEW_VALUES and len(seen) > len(self.codes) * MOSTLY_DISTINCT:
            values = list(seen)
            self.texts = [values[at] for at in self.codes]

    def column(self) -> Column:
        """Return the column, its texts stripped and every way to write nothing made blank."""
        if self.texts is None:
            values = ["", *_cleaned(islice(self.seen, 1, None))]
            return Column(self.name, np.array(self.codes, dtype="i4"), values)
        values = _cleaned(self.texts)
        return Column(self.name, np.arange(len(values), dtype="i4"), values)


def _cleaned(texts: Iterable[str]) -> list[str]:
    stripped = list(map(str.strip, texts))
    if stripped and min(map(len, stripped)) > LONGEST_BLANK:
        return stripped
    return [v if len(v) > LONGEST_BLANK or v.lower() not in BLANKS else "" for v in stripped]
