"""Two numbers brought to one unit, or the admission that this cannot be done without guessing.

0.913 is 91.3 %, 1.5 s is 1500 ms; a bare 1 may be one per cent or all of it, so it stays undecided unless
what the result is expected to be says which.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from keys_jupyter.conditions.wording import PERCENT, Condition, singular, words
from keys_jupyter.model.run import Result

RATIO = frozenset(("ratio", "fraction", "1"))
TIME = {
    name: Decimal(seconds)
    for names, seconds in (
        ("us µs μs microsecond", "0.000001"),
        ("ms msec millisecond", "0.001"),
        ("s sec second", "1"),
        ("min minute", "60"),
        ("h hr hour", "3600"),
        ("d day", "86400"),
    )
    for name in names.split()
}
SIZES = frozenset(["b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "byte"])
RATES = frozenset(("rate", "ratio", "share", "percentage", "percent", "pct", "fraction"))
_COUNTS = (
    "count error event failure row record job user file request delivery duplicate item subscription mismatch"
    " webhook message entry case line attempt service table sample output"
)
COUNTS = frozenset(re.findall(r"\w+", _COUNTS))
# A subject alone is a count; these words name measures that are above 0 in health as well.
_MEASURES = (
    "time latency duration delay age average mean median score p50 p90 p95 p99 size threshold limit interval"
    " uptime availability accuracy confidence value proportion"
)
MEASURES = RATES | frozenset(re.findall(r"\w+", _MEASURES))


def scales_of(
    condition: Condition, result: Result, value: Decimal, limits: Sequence[Decimal]
) -> tuple[Decimal, Decimal] | None:
    """Return what to multiply result and limits by so that both have one unit; None where in doubt."""
    said, unit = unit_of(condition.unit), unit_of(result.unit)
    same = (Decimal(1), Decimal(1))
    if said in TIME or unit in TIME:
        return _time_scales(condition, said, unit, limits)
    if said in PERCENT:
        return _to_percent(result, unit, value)
    if said:
        counted = not unit or unit == "count" or unit == said
        known = unit == said or said in words(condition.subject)
        return same if counted and known and unit not in SIZES | PERCENT else None
    if all(limit == 0 for limit in limits):
        return same
    if unit in PERCENT:
        return same if all(abs(limit) > 1 for limit in limits) else None
    if unit in SIZES:
        return same if condition.own else None
    return _unitless(result, unit, value, limits)


def _time_scales(
    condition: Condition, said: str, unit: str, limits: Sequence[Decimal]
) -> tuple[Decimal, Decimal] | None:
    if said in TIME and unit in TIME:
        return TIME[unit], TIME[said]
    named = unit in words(condition.subject)
    if not said and (condition.own or named or all(limit == 0 for limit in limits)):
        return Decimal(1), Decimal(1)
    return None


def _to_percent(result: Result, unit: str, value: Decimal) -> tuple[Decimal, Decimal] | None:
    """Bring a result to per cent: 0.913 is 91.3 %."""
    one = Decimal(1)
    if unit in PERCENT:
        return one, one
    if unit and unit not in RATIO:
        return None
    scale = _hundredfold(result, unit, value)
    return None if scale is None else (scale, one)


def _hundredfold(result: Result, unit: str, value: Decimal) -> Decimal | None:
    """Return 100 for a rate written 0.913, 1 for one written 91.3, None where it may be either."""
    if unit in RATIO:
        return Decimal(100)
    names_percent = {"percent", "percentage", "pct"} & {*words(result.name), *words(result.label)}
    usual = _expected(result)
    if usual is not None and usual > 1:
        return Decimal(1)
    if usual is not None and 0 < usual < 1:
        return Decimal(100)
    if names_percent:
        return Decimal(1) if value > 1 or value == 0 else None
    return Decimal(100) if 0 <= value < 1 else None


def _expected(result: Result) -> Decimal | None:
    """Return the number a result should be near, where it names one."""
    value = result.expected.value if result.expected else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return Decimal(str(value))


def _unitless(
    result: Result, unit: str, value: Decimal, limits: Sequence[Decimal]
) -> tuple[Decimal, Decimal] | None:
    """Compare bare numbers, minding that a rate may be written 0.913 and its limit 95."""
    one = Decimal(1)
    if unit not in RATIO and not RATES & {*words(result.name), *words(result.label)}:
        return one, one
    if all(limit < 1 for limit in limits):
        scale = _hundredfold(result, unit, value)
        return None if scale is None else (scale, Decimal(100))
    if any(limit <= 1 for limit in limits):
        return None
    scale = _hundredfold(result, unit, value)
    # A limit of 95 is in per cent, and so is a rate above 1.
    return (scale or one, one) if scale or value > 1 else None


def unit_of(unit: str | None) -> str:
    """Return a unit in small letters and the singular; none is an empty string."""
    bare = (unit or "").strip().lower().replace("per cent", "percent")
    return bare if bare in ("s", "us", "ms") else singular(bare)
