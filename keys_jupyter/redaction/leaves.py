r"""A structure of dicts, lists and strings in, a copy and its strings as one text out, and redactions put back.

Strings that belong together (pieces of one stream, lines of one source) stand side by side, so that what is split over
them is found; the name and the value of a member are joined by ``\x01``, and all else is kept apart by ``\x00``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

APART, MEMBER, TOGETHER, LINE = "\x00", "\x01", "", "\n"
_NAMES = ("name", "key", "Name", "Key", "header")
_VALUES = ("value", "Value")
_NO_TEXT = (int, float, bool, type(None))


Where = str | tuple[Any, Any]
"""A JSON pointer, or one and the name or number that goes on from it: most are never asked for."""


@dataclass(slots=True)
class Leaf:
    """One string of a structure.

    Attributes:
        text: the string.
        where: where it is.
        owner: which of several things it belongs to.
        before: what stands between it and the leaf before.
        holder: what holds it; None when it is only read beside another.
        at: its place in the holder.
        is_name: it is the name of a member, at which the holder holds something.
    """

    text: str
    where: Where
    owner: int
    before: str
    holder: Any
    at: Any
    is_name: bool = False

    @property
    def place(self) -> str:
        """Where it is, as a JSON pointer."""
        names: list[str] = []
        where = self.where
        while isinstance(where, tuple):
            where, name = where
            names.append(pointer(str(name)))
        return "/".join((where, *reversed(names)))


class Leaves:
    """The strings of one or several structures, as one text."""

    def __init__(self) -> None:
        """Begin with none."""
        self.all: list[Leaf] = []
        self.text = ""
        self._starts: list[int] = []

    def add(self, leaf: Leaf) -> None:
        """Take one more."""
        self.all.append(leaf)

    def join(self) -> None:
        """Make the text of all leaves as they are now."""
        pieces: list[str] = []
        self._starts = []
        length = 0
        for leaf in self.all:
            pieces += (leaf.before, leaf.text)
            self._starts.append(length + len(leaf.before))
            length += len(leaf.before) + len(leaf.text)
        self.text = "".join((*pieces, APART))

    def at(self, offset: int) -> int:
        """Return which leaf an offset of the text is in, or the one before what is between."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield leaf, start and end within it for each leaf that a part of the text touches."""
        number = self.at(start)
        while number < len(self.all) and self._starts[number] < end:
            begin = max(start - self._starts[number], 0)
            stop = min(end - self._starts[number], len(self.all[number].text))
            if stop > begin:
                yield number, begin, stop
            number += 1

    def put_back(self, changed: Mapping[int, str]) -> None:
        """Put changed strings where they came from; names last, since values are found by them."""
        renamed: dict[int, tuple[dict[Any, Any], dict[Any, str]]] = {}
        for number, text in changed.items():
            leaf = self.all[number]
            if leaf.holder is None:
                continue
            if leaf.is_name:
                renamed.setdefault(id(leaf.holder), (leaf.holder, {}))[1][leaf.at] = text
            else:
                leaf.holder[leaf.at] = text
        for holder, names in renamed.values():
            members = list(holder.items())
            taken = holder.keys() - names.keys()
            holder.clear()
            for at, of in members:
                name = _unlike(names[at], taken) if at in names else at
                taken.add(name)
                holder[name] = of


def _unlike(name: str, taken: set[Any]) -> str:
    """A name that no other member has: two secrets may get one marker."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def copied(value: Any, leaves: Leaves, place: str, owner: int) -> Any:
    """Return a copy of any JSON value, having added all its strings."""
    root: list[Any] = [value]
    waiting: list[tuple[Any, Any, Where]] = [(root, 0, place)]
    while waiting:
        holder, at, here = waiting.pop()
        found = holder[at]
        if isinstance(found, str):
            leaves.add(Leaf(found, here, owner, APART, holder, at))
        elif type(found) is dict or isinstance(found, Mapping):
            holder[at] = copy = dict(found)
            waiting += _members(copy, leaves, here, owner)
        elif isinstance(found, (list, tuple)):
            holder[at] = several = list(found)
            waiting += [
                (several, n, (here, n))
                for n in reversed(range(len(several)))
                if type(several[n]) not in _NO_TEXT
            ]
    return root[0]


def _members(
    holder: dict[Any, Any], leaves: Leaves, place: Where, owner: int
) -> list[tuple[Any, Any, Where]]:
    """Add the names and string values of an object; return what else it holds."""
    waiting: list[tuple[Any, Any, Where]] = []
    add = leaves.all.append
    for name, value in holder.items():
        here = (place, name)
        if isinstance(name, str):
            add(Leaf(name, here, owner, APART, holder, name, True))
        if isinstance(value, str):
            called = _called(holder) if name in _VALUES else None
            if called is not None:
                add(Leaf(called, here, owner, APART, None, None))
            add(Leaf(value, here, owner, MEMBER, holder, name))
        elif type(value) not in _NO_TEXT:
            waiting.append((holder, name, here))
    return waiting[::-1]


def _called(holder: Mapping[Any, Any]) -> str | None:
    """Return what an object with a value says its name is."""
    return next((holder[name] for name in _NAMES if isinstance(holder.get(name), str)), None)


def pointer(name: str) -> str:
    """Return a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def added(
    text: Any, leaves: Leaves, place: str, owner: int, *, holder: Any, at: Any, first: str = APART
) -> None:
    """Add a text that is a string or a list of its pieces, side by side, already copied into its holder."""
    if isinstance(text, str):
        leaves.add(Leaf(text, place, owner, first, holder, at))
        return
    holder[at] = pieces = list(text)
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            before = TOGETHER if number else first
            leaves.add(Leaf(piece, place, owner, before, pieces, number))
