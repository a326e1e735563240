"""Anchors of all rules in, the places of a text where a rule has to be tried out; found by going through it few times.

Beginnings of tokens are found by one expression, behind what is no letter and no digit. Words stand anywhere, so they are
looked for by the few *cores* they have in common, and told apart only where one of these stands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

Try = tuple[int, int]
Anchors = Iterable[tuple[str, int]]

_KEY = 2
"""Characters by which anchors are looked up; none is shorter."""
_CORES = ("token", "key", "secret", "pass", "pwd", "auth", "signature", "-api", "_api")


class Starts:
    """The first characters of tokens, as they are."""

    def __init__(self, anchors: Anchors) -> None:
        """Take anchors, each with the number of its rule."""
        self._by_key: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for anchor, number in anchors:
            self._by_key[anchor[:_KEY]].append((anchor, number))
        first, second = (_one_of(key[place] for key in self._by_key) for place in range(_KEY))
        alternatives = _alternatives(
            anchor for several in self._by_key.values() for anchor, _ in several
        )
        # Two sets are quicker to leave than a hundred alternatives.
        self._behind = re.compile(f"[^A-Za-z0-9](?={first}{second})(?={alternatives})")
        self._here = re.compile(alternatives)

    def tries(self, text: str, start: int, end: int) -> Iterator[Try]:
        """Yield rules by number and where to try them."""
        if start == 0 and self._here.match(text):
            yield from self._at(text, 0)
        for found in self._behind.finditer(text, max(0, start - 1), end):
            yield from self._at(text, found.end())

    def _at(self, text: str, at: int) -> Iterator[Try]:
        for anchor, number in self._by_key.get(text[at : at + _KEY], ()):
            if text.startswith(anchor, at):
                yield number, at


class Words:
    """Words in lower case, wherever they stand."""

    def __init__(self, words: Anchors) -> None:
        """Take words, each with the number of its rule."""
        # By core, and by the two characters before it: the whole word, how far its core is in, and its rule.
        self._by_core: dict[str, dict[str, list[tuple[str, int, int]]]] = {}
        for word, number in words:
            core = next((one for one in _CORES if one in word), word)
            inside = word.find(core)
            before = word[max(0, inside - _KEY) : inside]
            groups = self._by_core.setdefault(core, {})
            groups.setdefault(before, []).append((word, inside, number))

    def tries(self, lower: str, start: int, end: int) -> list[Try]:
        """Return rules by number and where to try them, in order of the text."""
        found: set[Try] = set()
        for core, groups in self._by_core.items():
            at = lower.find(core, start, end)
            while at >= 0:
                for size in range(min(_KEY, at) + 1):
                    for word, inside, number in groups.get(lower[at - size : at], ()):
                        if at >= inside and lower.startswith(word, at - inside):
                            found.add((at - inside, number))
                at = lower.find(core, at + 1, end)
        return [(number, at) for at, number in sorted(found) if at >= start]


def _one_of(characters: Iterable[str]) -> str:
    return f"[{''.join(map(re.escape, sorted(set(characters))))}]"


def _alternatives(anchors: Iterable[str]) -> str:
    """One pattern for all anchors, by their first characters, which is what makes it quick."""
    by_first: dict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        by_first[anchor[0]].add(re.escape(anchor[1:]))
    return (
        "(?:"
        + "|".join(
            f"{re.escape(first)}(?:{'|'.join(sorted(rest))})"
            for first, rest in sorted(by_first.items())
        )
        + ")"
    )
