"""All the ways a text is read before rules are tried, each with the way back into the text.

Escapes, colours, entities, tags and address escapes are undone one after another, twice, since they are found inside each
other; what is packed in base64 or hexadecimal is unpacked and read the same way, to a bounded depth.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from keys_jupyter.redaction import views
from keys_jupyter.redaction.packed import Packed, unpacked
from keys_jupyter.redaction.views import Spans, View

DEPTH = 2
"""How often something packed is unpacked: base64 within base64."""
ROUNDS = 2
"""How often escapes are undone: an address within an address, JSON within JSON."""

Step = Callable[[str], View | None]
_FIRST: tuple[Step, ...] = (views.unescaped, views.undoubled, views.uncoloured)
_LATER: tuple[Step, ...] = (views.entities_read, views.unquoted)


@dataclass(frozen=True)
class Reading:
    """One way to read a text.

    Attributes:
        text: what is read.
        way: back into the text, the last step first.
        near: the parts worth looking at, since the rest was read before; None for all.
    """

    text: str
    way: tuple[View | Packed, ...] = ()
    near: tuple[tuple[int, int], ...] | None = None

    def source(self, start: int, end: int) -> Spans:
        """Return the parts of the text that a part of this reading stands for, in order."""
        spans = [(start, end)]
        for step in self.way:
            spans = [part for span in spans for part in step.source(*span)]
        return sorted(set(spans))

    def then(self, step: Step, *, whole: bool = False) -> Reading | None:
        """Return what one more step reads; None when it changes nothing.

        Args:
            step: what to undo.
            whole: look at all of it, because this reading is passed over.
        """
        view = step(self.text)
        if view is None:
            return None
        near = None if whole or view.is_dense else tuple(view.near_edits())
        return Reading(view.text, (view, *self.way), near)


def readings(text: str) -> Iterator[Reading]:
    """Yield a text as it is, and then in every other way it can be read."""
    return _decoded(Reading(text), DEPTH)


def _decoded(first: Reading, depth: int) -> Iterator[Reading]:
    yield first
    last = first
    for number in range(ROUNDS):
        begun = last
        last = yield from _through(last, _FIRST)
        bare = None if number else last.then(views.untagged)
        if bare is not None:
            yield from _through(bare, _LATER, waiting=True)
        last = yield from _through(last, _LATER)
        if last is begun:
            break
    if depth:
        yield from _unpacked(last, depth)


def _through(
    reading: Reading, steps: tuple[Step, ...], *, waiting: bool = False
) -> Generator[Reading, None, Reading]:
    """Take one step after another, and yield what is worth looking at.

    A reading that is looked at as a whole is passed over when a further step changes it: the next one, as a whole, shows
    what it shows. The first reading was yielded before unless it is waiting.
    """
    for step in steps:
        whole = waiting and reading.near is None
        following = reading.then(step, whole=whole)
        if following is None:
            continue
        if waiting and not whole:
            yield reading
        reading, waiting = following, True
    if waiting:
        yield reading
    return reading


def _unpacked(reading: Reading, depth: int) -> Iterator[Reading]:
    """Unpack a text line by line, and with long lines joined: which of them belong together cannot be seen."""
    joined = reading.then(views.unwrapped)
    for lines in (reading, joined):
        inner = unpacked(lines.text, lines.near if lines is joined else None) if lines else None
        if lines and inner:
            yield from _decoded(Reading(inner.text, (inner, *lines.way)), depth - 1)
