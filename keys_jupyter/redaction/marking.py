"""Hits in, replacements out: what overlaps becomes one marker, and the report of what it stands for.

A marker has no character that JSON, HTML or a shell gives a meaning to within a string, and no rule finds anything in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keys_jupyter.redaction.policy import Policy
from keys_jupyter.redaction.scan import Hit

SHORT_ID = 4
_MANY, _DENSE = 10_000, 64
"""Findings from which on, at one in so many characters, those side by side get one marker: such a text is no text."""
_LENGTHS = (8, 16, 32, 64, 128, 512)


@dataclass(frozen=True)
class Replacement:
    """Parts of a text that one marker stands for."""

    spans: tuple[tuple[int, int], ...]
    marker: str
    continued: str
    hits: tuple[Hit, ...]


def marker(rule: str, commitment: str, *, continued: bool = False) -> str:
    """Return what stands where something was."""
    return f"[redacted {rule} {commitment[:SHORT_ID]}{' continued' if continued else ''}]"


def replacements(hits: Iterable[Hit], policy: Policy) -> list[Replacement]:
    """Return what to put where, in order of the text."""
    made = [_replacement(group, policy) for group in _groups(_near(list(hits)))]
    return sorted(made, key=lambda one: one.spans[0])


def _near(hits: list[Hit]) -> list[Hit]:
    """Return findings; where there are too many to be told apart, each reaches to the next one."""
    ends = sorted(span for hit in hits for span in hit.spans)
    if len(ends) < _MANY or len(ends) * _DENSE < ends[-1][1] - ends[0][0]:
        return hits
    starts = [start for start, _ in ends]
    return [
        Hit(tuple(_reaching(span, starts) for span in hit.spans), hit.rule, hit.secret, hit.order)
        for hit in hits
    ]


def _reaching(span: tuple[int, int], starts: Sequence[int]) -> tuple[int, int]:
    """A part of a text up to just behind the next finding's beginning, if that is near."""
    start, end = span
    following = bisect_right(starts, start)
    if following == len(starts) or starts[following] > end + _DENSE:
        return span
    return start, max(end, starts[following] + 1)


def length_class(secret: str) -> str:
    """Return about how long a secret is; exactly would tell too much of a short one."""
    below = 1
    for bound in _LENGTHS:
        if len(secret) < bound:
            return f"{below}-{bound - 1}"
        below = bound
    return f"{below} or more"


def _groups(hits: list[Hit]) -> list[list[Hit]]:
    """Put together what overlaps, directly or through others."""
    leader = list(range(len(hits)))

    def head(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    parts = sorted(
        (start, end, number) for number, hit in enumerate(hits) for start, end in hit.spans
    )
    reached, last = -1, -1
    for start, end, number in parts:
        if start < reached:
            leader[head(number)] = head(last)
        if end > reached:
            reached, last = end, number
    groups: dict[int, list[Hit]] = {}
    for number, hit in enumerate(hits):
        groups.setdefault(head(number), []).append(hit)
    return list(groups.values())


def _replacement(group: Sequence[Hit], policy: Policy) -> Replacement:
    ranked = sorted(group, key=lambda hit: (-_size(hit), hit.order))
    first = ranked[0]
    spans = _union(part for hit in group for part in hit.spans)
    partly = [hit for hit in ranked[1:] if not _within(hit, first)]
    commitment = policy.commitment(first.secret)
    return Replacement(
        spans,
        marker(first.rule, commitment),
        marker(first.rule, commitment, continued=True),
        (first, *partly),
    )


def _size(hit: Hit) -> int:
    return sum(end - start for start, end in hit.spans)


def _within(hit: Hit, other: Hit) -> bool:
    return all(
        any(start <= begin and stop <= end for start, end in other.spans)
        for begin, stop in hit.spans
    )


def _union(parts: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
