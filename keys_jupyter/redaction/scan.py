"""A text in, everything in it that a rule or a secret we hold names out; nothing is changed here.

Each reading of a text is gone through once for the anchors of all rules; a pattern is tried only where its anchor stands,
and never again within what it found.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from keys_jupyter.redaction.known import Needles
from keys_jupyter.redaction.policy import Known, Options, Policy
from keys_jupyter.redaction.readings import Reading, readings
from keys_jupyter.redaction.rule import Rule
from keys_jupyter.redaction.rules import CARDS, EMAILS, IBANS, RULES
from keys_jupyter.redaction.views import Spans

_KEY = 2
"""Characters by which anchors are looked up; none is shorter."""
_LONG = 4096
"""Characters from which on a text is searched word by word."""
_LONG_I = "\u0130"
"""The one character whose small letter is longer than itself."""
_NOT_A_LABEL = re.compile(r"[^a-z0-9]+")

Place = tuple[int, int]


@dataclass(frozen=True)
class Hit:
    """Something that is to be redacted.

    Attributes:
        spans: where it stands in the text, in order.
        rule: what names it.
        secret: what it is, decoded.
        order: the lower, the better the rule names it.
    """

    spans: tuple[Place, ...]
    rule: str
    secret: str = field(repr=False)
    order: int


class Scanner:
    """A set of rules, ready to be tried on texts."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Sort rules by their anchors."""
        self._rules = tuple(rules)
        self._starts: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._words: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._marks: list[tuple[str, int]] = []
        self._everywhere: list[int] = []
        for number, rule in enumerate(self._rules):
            self._sort_in(number, rule)
        starts = _alternatives(self._starts)
        self._at_boundary = re.compile(f"[^A-Za-z0-9](?={starts})")
        self._at_start = re.compile(starts)
        self._word = re.compile(_alternatives(self._words))
        self._shortest_words = _without_longer(word for rule in self._rules for word in rule.words)

    def _sort_in(self, number: int, rule: Rule) -> None:
        for anchor in rule.starts:
            self._starts[anchor[:_KEY]].append((anchor, number))
        for word in rule.words:
            self._words[word[:_KEY]].append((word, number))
        self._marks += ((mark, number) for mark in rule.marks)
        if not (rule.starts or rule.words or rule.marks):
            self._everywhere.append(number)

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Yield what the rules name in one reading of a text."""
        done = [0] * len(self._rules)
        text = reading.text
        lower = text.replace(_LONG_I, "I").lower()
        for start, end in reading.near or ((0, len(text)),):
            end = min(end, len(text))
            for number, at in self._tries(text, lower, start, end):
                match = self._match(number, text, at, done)
                span = match and self._rules[number].span(match)
                if match and span and span[1] > span[0]:
                    done[number] = match.end()
                    yield self._hit(number, reading, span)

    def _tries(self, text: str, lower: str, start: int, end: int) -> Iterator[Place]:
        """Yield rules by number, and where to try each."""
        for at in self._boundaries(text, start, end):
            for anchor, number in self._starts[text[at : at + _KEY]]:
                if text.startswith(anchor, at):
                    yield number, at
        for at in self._worded(lower, start, end):
            for anchor, number in self._words[lower[at : at + _KEY]]:
                if lower.startswith(anchor, at):
                    yield number, at
        for mark, number in self._marks:
            at = text.find(mark, start, end)
            while at >= 0:
                yield number, at
                at = text.find(mark, at + 1, end)
        for number in self._everywhere:
            for found in self._rules[number].pattern.finditer(text, start, end):
                yield number, found.start()

    def _worded(self, lower: str, start: int, end: int) -> Iterable[int]:
        """Return where a word may stand, in order; a long text is quicker gone through once for each word."""
        if end - start > _LONG:
            return sorted(
                {at for word in self._shortest_words for at in _all(lower, word, start, end)}
            )
        return self._one_by_one(lower, start, end)

    def _one_by_one(self, lower: str, start: int, end: int) -> Iterator[int]:
        found = self._word.search(lower, start, end)
        while found:
            yield found.start()
            found = self._word.search(lower, found.start() + 1, end)

    def _boundaries(self, text: str, start: int, end: int) -> Iterator[int]:
        if start == 0 and self._at_start.match(text):
            yield 0
        for found in self._at_boundary.finditer(text, max(0, start - 1), end):
            yield found.end()

    def _match(self, number: int, text: str, at: int, done: list[int]) -> re.Match[str] | None:
        rule = self._rules[number]
        if at < done[number]:
            return None
        if rule.holds and text.find(rule.holds, at, at + rule.within) < 0:
            return None
        if rule.marks:
            begin = max(at - rule.back, done[number])
            return (
                rule.pattern.search(text, begin, at + rule.reach)
                if rule.back
                else rule.pattern.match(text, at)
            )
        return rule.pattern.match(text, at)

    def _hit(self, number: int, reading: Reading, span: Place) -> Hit:
        rule = self._rules[number]
        secret = reading.text[slice(*span)]
        return Hit(tuple(reading.source(*span)), rule.name, secret, number + 1)


def _without_longer(words: Iterable[str]) -> list[str]:
    """Return words without those that begin with another."""
    kept: list[str] = []
    for word in sorted(set(words)):
        if not kept or not word.startswith(kept[-1]):
            kept.append(word)
    return kept


def _all(text: str, word: str, start: int, end: int) -> Iterator[int]:
    at = text.find(word, start, end)
    while at >= 0:
        yield at
        at = text.find(word, at + 1, end)


def _alternatives(anchors: dict[str, list[tuple[str, int]]]) -> str:
    """One pattern for all anchors, by their first characters, which is what makes it quick."""
    by_first: dict[str, set[str]] = defaultdict(set)
    for several in anchors.values():
        for anchor, _ in several:
            by_first[anchor[0]].add(re.escape(anchor[1:]))
    return (
        "(?:"
        + "|".join(
            f"{re.escape(first)}(?:{'|'.join(sorted(rest))})"
            for first, rest in sorted(by_first.items())
        )
        + ")"
    )


@lru_cache(maxsize=8)
def _scanner(options: Options) -> Scanner:
    wanted = ((options.emails, EMAILS), (options.cards, CARDS), (options.ibans, IBANS))
    return Scanner((*RULES, *(rule for on, rule in wanted if on)))


@lru_cache(maxsize=8)
def _needles(known: tuple[Known, ...]) -> Needles:
    return Needles(known)


def find(text: str, policy: Policy) -> list[Hit]:
    """Return everything in a text that a rule or a secret we hold names."""
    scanner, needles = _scanner(policy.options), _needles(policy.known)
    found: dict[tuple[tuple[Place, ...], str], Hit] = {}
    for reading in readings(text):
        for hit in (*scanner.hits(reading), *_held(needles, reading)):
            found.setdefault((hit.spans, hit.rule), hit)
    return list(found.values())


def _held(needles: Needles, reading: Reading) -> Iterator[Hit]:
    if not needles:
        return
    look = needles.in_reading if reading.way else needles.in_text
    for secret, spans in look(reading.text):
        source: Spans = [part for span in spans for part in reading.source(*span)]
        label = _NOT_A_LABEL.sub("-", secret.label.lower()).strip("-")
        yield Hit(tuple(sorted(set(source))), f"known-{label or 'secret'}", secret.value, 0)
