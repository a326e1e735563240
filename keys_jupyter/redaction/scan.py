"""A text in, everything in it that a rule or a secret we hold names out; nothing is changed here.

Each reading of a text is gone through once for the anchors of all rules; a pattern is tried only where its anchor stands,
and never again within what it found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from keys_jupyter.redaction.anchors import Starts, Words
from keys_jupyter.redaction.known import Needles
from keys_jupyter.redaction.policy import Known, Options, Policy
from keys_jupyter.redaction.readings import Reading, readings
from keys_jupyter.redaction.rule import Rule
from keys_jupyter.redaction.rules import CARDS, EMAILS, IBANS, RULES
from keys_jupyter.redaction.views import Spans

_PATIENCE = 8
"""How many matches of one rule that lie in each other may turn out to be nothing before it goes on behind them."""
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
        numbered = list(enumerate(self._rules))
        self._starts = Starts((anchor, n) for n, rule in numbered for anchor in rule.starts)
        self._words = Words((word, n) for n, rule in numbered for word in rule.words)
        self._marks = [(mark, n) for n, rule in numbered for mark in rule.marks]
        self._everywhere = [
            n for n, rule in numbered if not (rule.starts or rule.words or rule.marks)
        ]

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Yield what the rules name in one reading of a text."""
        done = [0] * len(self._rules)
        refused: dict[int, Place] = {}
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
                elif match:
                    times, reach = refused.get(number, (0, 0))
                    times = times + 1 if at < reach else 1
                    refused[number] = times, max(reach, match.end())
                    if times == _PATIENCE:
                        done[number] = refused.pop(number)[1]

    def _tries(self, text: str, lower: str, start: int, end: int) -> Iterator[Place]:
        """Yield rules by number, and where to try each."""
        yield from self._starts.tries(text, start, end)
        yield from self._words.tries(lower, start, end)
        for mark, number in self._marks:
            at = text.find(mark, start, end)
            while at >= 0:
                yield number, at
                at = text.find(mark, at + 1, end)
        for number in self._everywhere:
            for found in self._rules[number].pattern.finditer(text, start, end):
                yield number, found.start()

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
        yield Hit(tuple(sorted(set(source))), _called(secret.label), secret.value, 0)


@lru_cache(maxsize=256)
def _called(label: str) -> str:
    return f"known-{_NOT_A_LABEL.sub('-', label.lower()).strip('-') or 'secret'}"
