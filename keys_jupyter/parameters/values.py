"""One given value and the kind it should be in, the typed value out.

Strict: nothing is guessed from a value's truth or looks, except where it comes as a command line's text.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, TypeVar

from keys_jupyter.parameters.kinds import ANY, Kind
from keys_jupyter.parameters.literals import DEPTH

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf|nan")
_LEADING = re.compile(r"\s*([+-]?[0-9]+(\.[0-9]+)?)\s*[^\s0-9.]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"(?P<start>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<minute>[0-9]{2}:[0-9]{2})(:(?P<second>[0-9]{2})"
    r"(\.(?P<fraction>[0-9]{1,9}))?)?(?P<zone>Z|z|[+-][0-9]{2}:[0-9]{2})?"
)
_TRUTH = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}

_Day = TypeVar("_Day", bound=datetime.date)


class Mismatch(Exception):
    """A value is not of its kind; ``reason`` completes a sentence that begins with the value."""

    def __init__(self, reason: str, advice: str = "") -> None:
        """Keep the two halves of the message."""
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


def convert(kind: Kind, value: Any, *, texts: bool = False) -> Any:
    """Return a value typed as its kind asks.

    Args:
        kind: what is asked for.
        value: JSON, or a Python date, time or path.
        texts: the value is text from a command line, to be read by its kind.

    Raises:
        Mismatch: the value is of another kind.
    """
    reader = _READERS[kind.name]
    return reader(kind, value, texts)


def _none(_kind: Kind, value: Any, _texts: bool) -> None:
    if value is not None:
        raise Mismatch("is not empty", "leave it without a value.")


def _bool(_kind: Kind, value: Any, texts: bool) -> bool:
    if texts and isinstance(value, str) and value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    if isinstance(value, bool):
        return value
    raise Mismatch("is neither true nor false", "give true or false.")


def _int(_kind: Kind, value: Any, texts: bool) -> int:
    if texts and isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = _parse_int(value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) or (isinstance(value, str) and _DECIMAL.fullmatch(value.strip())):
        raise Mismatch("is not a whole number", _number_advice(value, texts))
    raise Mismatch("is not a number", _number_advice(value, texts))


def _parse_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Mismatch("has more digits than can be read", "give a shorter number.") from None


def _float(_kind: Kind, value: Any, texts: bool) -> float:
    if texts and isinstance(value, str) and _DECIMAL.fullmatch(value.strip().lower()):
        return float(value)
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _exact_float(value)
    raise Mismatch("is not a number", _number_advice(value, texts))


def _exact_float(value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.nan
    if number != value:
        raise Mismatch("has more digits than a float can hold", "give fewer digits.")
    return number


def _number_advice(value: Any, texts: bool) -> str:
    if not isinstance(value, str):
        return "give a number, for example 95."
    leading = _LEADING.match(value)
    if leading and "," not in value:
        return f"enter it without the sign, for example {leading[1]}."
    if not texts and _DECIMAL.fullmatch(value.strip()):
        return "give the number itself, without quotes."
    return "enter digits only, for example 95."


def _str(_kind: Kind, value: Any, _texts: bool) -> str:
    if isinstance(value, str):
        return value
    raise Mismatch("is not text", "in a file, put it between quotes.")


def _path(_kind: Kind, value: Any, _texts: bool) -> Path:
    if isinstance(value, PurePath):
        return Path(value)
    if not isinstance(value, str) or not value or "\0" in value:
        raise Mismatch("is not a path", "give the path of a file or folder.")
    return Path(value)


def _date(_kind: Kind, value: Any, _texts: bool) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return _existing(datetime.date.fromisoformat, value.strip())
    raise Mismatch("is not a date", "give year-month-day, for example 2024-01-31.")


def _datetime(_kind: Kind, value: Any, _texts: bool) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        text = value.strip()
        match = _MOMENT.fullmatch(text)
        if _DAY.fullmatch(text):
            return _existing(datetime.datetime.fromisoformat, text)
        if match:
            return _existing(datetime.datetime.fromisoformat, _normal_moment(match))
    raise Mismatch("is not a date and time", "give, for example, 2024-01-31T08:30:00.")


def _normal_moment(match: re.Match[str]) -> str:
    # Python 3.10 reads neither Z nor fractions of other than three or six digits.
    fraction = (match["fraction"] or "").ljust(6, "0")[:6]
    zone = (match["zone"] or "").replace("Z", "+00:00").replace("z", "+00:00")
    return f"{match['start']}T{match['minute']}:{match['second'] or '00'}.{fraction}{zone}"


def _existing(read: Callable[[str], _Day], text: str) -> _Day:
    try:
        return read(text)
    except ValueError:
        raise Mismatch("does not exist in the calendar", "check day, month and hour.") from None


def _choice(kind: Kind, value: Any, texts: bool) -> Any:
    for choice in kind.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    if texts:
        for choice in kind.choices:
            if not isinstance(choice, str) and _spelled(choice) == str(value).strip().lower():
                return choice
    listed = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in kind.choices)
    raise Mismatch("is not one of the choices", f"choose one of {listed}.")


def _spelled(choice: Any) -> str:
    return str(choice).lower()


def _union(kind: Kind, value: Any, texts: bool) -> Any:
    reasons: list[Mismatch] = []
    found: list[Any] = []
    for member in kind.args:
        if texts and member.name == "None":
            continue
        try:
            found.append(convert(member, value, texts=texts))
        except Mismatch as mismatch:
            reasons.append(mismatch)
    # For `float | int` a 5 stays an int, although a float would hold it.
    same = [item for item in found if type(item) is type(value)]
    if found:
        return (found if texts else same or found)[0]
    others = [reason for reason, arg in zip(reasons, kind.args, strict=False) if arg.name != "None"]
    if len(others) == 1:
        raise others[0]
    raise Mismatch(f"is not {kind}", "give a value of one of these types.")


def _from_json(value: Any, texts: bool, what: str, example: str) -> Any:
    if not (texts and isinstance(value, str)):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise Mismatch(f"is not {what}", f"give JSON, for example {example}.") from None


def _list(kind: Kind, value: Any, texts: bool) -> list[Any]:
    items = _from_json(value, texts, "a list", '["a", "b"]')
    if not isinstance(items, (list, tuple)):
        raise Mismatch("is not a list", 'give a list, for example ["a", "b"].')
    return _each(kind.args[0] if kind.args else ANY, items)


def _each(kind: Kind, items: Any) -> list[Any]:
    converted = []
    for number, item in enumerate(items, start=1):
        try:
            converted.append(convert(kind, item))
        except Mismatch as mismatch:
            reason = f"has an item {number} that {mismatch.reason}"
            raise Mismatch(reason, mismatch.advice) from None
    return converted


def _tuple(kind: Kind, value: Any, texts: bool) -> tuple[Any, ...]:
    items = _from_json(value, texts, "a list", '["a", "b"]')
    if not isinstance(items, (list, tuple)):
        raise Mismatch("is not a list", 'give a list, for example ["a", "b"].')
    if len(kind.args) < 2:
        return tuple(_each(kind.args[0] if kind.args else ANY, items))
    if len(items) != len(kind.args):
        raise Mismatch(f"does not have {len(kind.args)} items", "give exactly as many.")
    return tuple(convert(arg, item) for arg, item in zip(kind.args, items, strict=True))


def _set(kind: Kind, value: Any, texts: bool) -> set[Any]:
    items = _from_json(value, texts, "a list", '["a", "b"]')
    if not isinstance(items, (list, tuple, set, frozenset)):
        raise Mismatch("is not a list", 'give a list, for example ["a", "b"].')
    try:
        return set(_each(kind.args[0] if kind.args else ANY, items))
    except TypeError:
        raise Mismatch("has items that a set cannot hold", "give text or numbers.") from None


def _dict(kind: Kind, value: Any, texts: bool) -> dict[Any, Any]:
    mapping = _from_json(value, texts, "a mapping", '{"a": 1}')
    if not isinstance(mapping, dict):
        raise Mismatch("is not a mapping", 'give a mapping, for example {"a": 1}.')
    key_kind, value_kind = kind.args or (ANY, ANY)
    converted: dict[Any, Any] = {}
    for key, item in mapping.items():
        # A key of JSON is always text, whatever the declaration asks for.
        own = key if key_kind.name == "Any" else convert(key_kind, key, texts=isinstance(key, str))
        if own in converted:
            raise Mismatch("has two keys that mean the same", "keep one of them.")
        try:
            converted[own] = convert(value_kind, item)
        except Mismatch as mismatch:
            raise Mismatch(f"has a value that {mismatch.reason}", mismatch.advice) from None
    return converted


def _any(_kind: Kind, value: Any, texts: bool) -> Any:
    if texts and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    _check_plain(value, 0)
    return value


def _check_plain(value: Any, depth: int) -> None:
    if depth > DEPTH:
        raise Mismatch(f"nests deeper than {DEPTH} levels", "make it flatter.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_plain(key, depth + 1)
            _check_plain(item, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            _check_plain(item, depth + 1)
    elif value is not None and not isinstance(value, _PLAIN):
        raise Mismatch(
            "is of a type no notebook can be given", "give text, numbers, lists or mappings."
        )


_PLAIN = (bool, int, float, str, datetime.date, PurePath)
_READERS: dict[str, Callable[[Kind, Any, bool], Any]] = {
    "None": _none,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "str": _str,
    "Path": _path,
    "date": _date,
    "datetime": _datetime,
    "Literal": _choice,
    "union": _union,
    "list": _list,
    "tuple": _tuple,
    "set": _set,
    "dict": _dict,
    "Any": _any,
}
