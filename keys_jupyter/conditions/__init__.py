"""Whether a branch's condition is true of a run's results, with the reason; never a guess.

A condition is *subject, comparator, value, unit* ("Success Rate < 95 %") or a subject alone ("Signature
Errors": true of a count above 0). It is judged only when

* the subject's words, without plural endings, are those of exactly one result's name or label,
* nothing is left over before, between or behind the parts, and
* the units can be brought together without assuming anything.

Anything else is ``None`` with the reason: negations, two conditions in one, durations, dates, adjectives. Only
what an author writes as a fix (``when``) may join several with "and".

    >>> judge(branch, run.results)
    Verdict(true=True, reason='Delivery success rate 91.3 %, expected > 95 %', result='success_rate')

Not here: which branch is taken. That is always a person's act.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from keys_jupyter.conditions.units import COUNTS, MEASURES, scales_of, unit_of
from keys_jupyter.conditions.wording import (
    OTHERWISE,
    Condition,
    bare_subject,
    joined,
    take_apart,
    tidy,
    words,
)
from keys_jupyter.model.run import Result
from keys_jupyter.model.runbook import Branch

__all__ = ["Suggestion", "Verdict", "judge", "suggest"]


@dataclass(frozen=True)
class Verdict:
    """What can be said of one branch; ``true`` is None where nothing can, ``result`` is what decided."""

    true: bool | None
    reason: str
    result: str | None


@dataclass(frozen=True)
class Suggestion(Verdict):
    """A verdict beside those of the step's other branches."""

    suggested: bool


def judge(branch: Branch, results: Sequence[Result]) -> Verdict:
    """Say whether a branch's condition is true of these results, or why that cannot be said.

    The author's own condition (``when``) wins over the words of the branch.

    Args:
        branch: the branch.
        results: a run's results; a later one replaces an earlier one of its name.
    """
    latest = list({result.name: result for result in results}.values())
    if not branch.when:
        return _judge_one(branch.condition, latest, own=False)
    return _all_of([_judge_one(text, latest, own=True) for text in joined(branch.when)])


def _all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Join verdicts by "and": one false decides, else one open, else all are true for all their reasons."""
    holding = [verdict.reason for verdict in verdicts if verdict.true]
    for answer in (False, None):
        found = next((verdict for verdict in verdicts if verdict.true is answer), None)
        if found:
            # A part that holds is what the branch's words may be all about, so it is not left out.
            return replace(found, reason=", but ".join([*holding, found.reason]))
    return Verdict(True, "; ".join(verdict.reason for verdict in verdicts), verdicts[0].result)


def _judge_one(text: str, latest: Sequence[Result], *, own: bool) -> Verdict:
    condition = take_apart(text, own=own)
    if isinstance(condition, str):
        return Verdict(None, condition, None)
    result = _find(condition, latest)
    if isinstance(result, str):
        return Verdict(None, result, None)
    if isinstance(result.value, float) and not math.isfinite(result.value):
        return Verdict(None, f"{_called(result)} has no usable value.", result.name)
    if result.value is None:
        return Verdict(None, f"{_called(result)} has no value.", result.name)
    if not condition.op:
        return _judge_presence(condition, result)
    if isinstance(result.value, (bool, str)):
        return _judge_word(condition, result)
    return _judge_number(condition, result, Decimal(str(result.value)))


def suggest(branches: Sequence[Branch], results: Sequence[Result]) -> list[Suggestion]:
    """Judge all branches of a step; one is suggested only when exactly one is true.

    Args:
        branches: the step's branches, in order.
        results: a run's results.
    """
    verdicts = [judge(branch, results) for branch in branches]
    for at, branch in enumerate(branches):
        if not branch.when and OTHERWISE.fullmatch(tidy(branch.condition)):
            verdicts[at] = _otherwise([v for other, v in enumerate(verdicts) if other != at])
    alone = sum(verdict.true is True for verdict in verdicts) == 1
    return [
        Suggestion(verdict.true, verdict.reason, verdict.result, alone and verdict.true is True)
        for verdict in verdicts
    ]


def _otherwise(others: Sequence[Verdict]) -> Verdict:
    if any(verdict.true for verdict in others):
        return Verdict(False, "Another condition is true.", None)
    if others and all(verdict.true is False for verdict in others):
        return Verdict(True, "None of the other conditions is true.", None)
    return Verdict(None, "Not every other condition can be judged.", None)


def _find(condition: Condition, results: Sequence[Result]) -> Result | str:
    """Return the one result a subject names, or why there is none."""
    if condition.own:
        exact = [result for result in results if result.name == condition.subject]
        if exact:
            return exact[0]
    if not words(condition.subject):
        return "The condition names no result."
    found = _named(condition.subject, results)
    if not found and not condition.op:
        found = _named(bare_subject(condition.subject), results)
    if len(found) > 1:
        return f"{len(found)} results are called “{condition.subject}”."
    return found[0] if found else f"No result is called “{condition.subject}”."


def _named(subject: str, results: Sequence[Result]) -> list[Result]:
    wanted = words(subject)
    return [r for r in results if wanted and wanted in (words(r.name), words(r.label))]


def _called(result: Result) -> str:
    return result.label or result.name.replace("_", " ")


def _judge_presence(condition: Condition, result: Result) -> Verdict:
    """Judge a subject alone: true of a count above 0 and of a plain yes."""
    value, unit = result.value, unit_of(result.unit)
    if isinstance(value, bool):
        return Verdict(value, f"{_called(result)}: {'yes' if value else 'no'}", result.name)
    nouns = {*COUNTS, *words(result.name), *words(result.label)}
    measured = bool(unit) and unit not in nouns
    named = MEASURES & {*words(result.name), *words(result.label), *words(condition.subject)}
    whole = not isinstance(value, str) and value is not None and value >= 0 and value == int(value)
    if measured or named or not whole:
        return Verdict(None, f"{_called(result)} is not a count.", result.name)
    return Verdict(bool(value), _sentence(condition, result, Decimal(str(value)), ""), result.name)


def _judge_word(condition: Condition, result: Result) -> Verdict:
    """Judge a yes-or-no or a word: it can only be the same or not."""
    answers = {True: ("true", "yes"), False: ("false", "no")}
    value = result.value
    alike = answers[value] if isinstance(value, bool) else (str(value).strip().lower(),)
    known = not isinstance(value, bool) or condition.values[0] in ("true", "yes", "false", "no")
    if condition.unit != "word" or condition.op not in ("==", "!=") or not known:
        return Verdict(None, f"{_called(result)} is not a number.", result.name)
    same = condition.values[0] in alike
    true = same if condition.op == "==" else not same
    return Verdict(true, f"{_called(result)}: {alike[0]}", result.name)


def _judge_number(condition: Condition, result: Result, value: Decimal) -> Verdict:
    if condition.unit == "word":
        return Verdict(None, f"{_called(result)} is a number, not a word.", result.name)
    limits = [Decimal(text.replace(",", "")) for text in condition.values]
    scales = scales_of(condition, result, value, limits)
    if scales is None:
        said = condition.unit or "no unit"
        return Verdict(
            None,
            f"{_called(result)} is in {result.unit or 'no unit'}, the condition in {said}.",
            result.name,
        )
    ours, theirs = scales
    true = _compare(condition.op, value * ours, [limit * theirs for limit in limits])
    shown = "%" if ours == 100 else ""
    return Verdict(true, _sentence(condition, result, value, shown, theirs), result.name)


def _compare(op: str, value: Decimal, limits: Sequence[Decimal]) -> bool:
    if op == "between":
        low, high = sorted(limits)
        return low <= value <= high
    limit = limits[0]
    if op in ("==", "!="):
        return (value == limit) is (op == "==")
    if op in ("<", "<="):
        return value < limit or (op == "<=" and value == limit)
    return value > limit or (op == ">=" and value == limit)


def _sentence(
    condition: Condition,
    result: Result,
    value: Decimal,
    shown: str,
    theirs: Decimal = Decimal(1),
) -> str:
    """Return the reason in words: what the result is, and what it should be or was compared with."""
    scale, unit = (Decimal(100), " %") if shown == "%" else (Decimal(1), _suffix(result.unit))
    said = f"{_called(result)} {_figure(value * scale)}{unit}"
    # An author's own condition may ask for something else than the key expects, so it is told itself.
    if result.expected is not None and not condition.own:
        limits = result.expected.value
        numbers = limits if isinstance(limits, (list, tuple)) else [limits]
        plain = all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers)
        if plain and all(math.isfinite(n) for n in numbers):
            figures = " and ".join(_figure(Decimal(str(n)) * scale) for n in numbers)
            return f"{said}, expected {result.expected.op} {figures}{unit}"
    if not condition.op:
        return f"{said}, condition > 0"
    figures = " and ".join(condition.values)
    if condition.unit:
        return f"{said}, condition {condition.op} {figures} {condition.unit}"
    if theirs != 1:
        limits = [Decimal(text.replace(",", "")) * theirs for text in condition.values]
        figures = " and ".join(map(_figure, limits))
    # A bare number was compared in the unit of the result, so it is told in it.
    return f"{said}, condition {condition.op} {figures}{unit}"


def _suffix(unit: str | None) -> str:
    return f" {unit}" if unit else ""


def _figure(number: Decimal) -> str:
    """Return a number as a person writes it: at most four decimals, no exponent."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"
