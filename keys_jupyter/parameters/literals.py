"""Values and their spellings: syntax to value, value to Python source, value to JSON; nothing is ever executed.

Only the handful of constructors named here are understood, and they are called by us, never by ``eval``.
"""

from __future__ import annotations

import ast
import datetime
import math
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from keys_jupyter.errors import InputError

DEPTH = 64
"""How deep lists and dictionaries may nest, in values and in defaults."""

IMPORTS = {
    "Path": "from pathlib import Path",
    "_datetime": "import datetime as _datetime",
    "_getpass": "from getpass import getpass as _getpass",
}
"""The names that rendered values use, with the line that brings them.

The standard module is bound to a private name: a notebook that says ``from datetime import datetime`` keeps its own.
"""

# Decimal digits above the interpreter's limit of 4300 cannot be read back; hexadecimal ones can.
_DECIMAL_BITS = 13_000


class Computed(Exception):
    """A default is not a literal: its value is known only to the kernel."""


def evaluate(node: ast.expr) -> Any:
    """Return the value of a literal, a date, a time, a path, or plain arithmetic on numbers.

    Raises:
        Computed: the expression is anything else.
        ValueError: a date, time or number that does not exist.
    """
    for kind, reader in _READERS:
        if isinstance(node, kind):
            return reader(node)
    raise Computed


def _constant(node: ast.Constant) -> Any:
    if node.value is None or isinstance(node.value, (bool, int, float, str)):
        return node.value
    raise Computed


def _signed(node: ast.UnaryOp) -> Any:
    value = evaluate(node.operand)
    if not _is_number(value) or not isinstance(node.op, (ast.UAdd, ast.USub)):
        raise Computed
    return -value if isinstance(node.op, ast.USub) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _arithmetic(node: ast.BinOp) -> Any:
    left, right = evaluate(node.left), evaluate(node.right)
    if isinstance(left, PurePath) and isinstance(right, (str, PurePath)):
        if isinstance(node.op, ast.Div):
            return left / right
    elif _is_number(left) and _is_number(right):
        return _number(node.op, left, right)
    raise Computed


def _number(operator: ast.operator, left: Any, right: Any) -> Any:
    try:
        if isinstance(operator, ast.Add):
            return left + right
        if isinstance(operator, ast.Sub):
            return left - right
        if isinstance(operator, ast.Mult):
            return left * right
        if isinstance(operator, ast.Div):
            return left / right
    except (ZeroDivisionError, OverflowError):
        raise Computed from None
    raise Computed


def _mapping(node: ast.Dict) -> Any:
    if None in node.keys:
        raise Computed
    try:
        return {
            evaluate(key): evaluate(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    except TypeError:
        raise Computed from None


def _elements(node: ast.List | ast.Tuple | ast.Set) -> Any:
    values = [evaluate(item) for item in node.elts]
    if isinstance(node, ast.List):
        return values
    if isinstance(node, ast.Tuple):
        return tuple(values)
    try:
        return set(values)
    except TypeError:
        raise Computed from None


def _attribute(node: ast.Attribute) -> Any:
    value = {
        "math.inf": math.inf,
        "math.nan": math.nan,
        "timezone.utc": datetime.timezone.utc,
        "datetime.timezone.utc": datetime.timezone.utc,
    }.get(ast.unparse(node))
    if value is None:
        raise Computed
    return value


def _call(node: ast.Call) -> Any:
    if any(keyword.arg is None for keyword in node.keywords):
        raise Computed
    positional = [evaluate(argument) for argument in node.args]
    named = {str(keyword.arg): evaluate(keyword.value) for keyword in node.keywords}
    constructor = _CONSTRUCTORS.get(".".join(ast.unparse(node.func).split(".")[-2:]))
    constructor = constructor or _CONSTRUCTORS.get(ast.unparse(node.func).rpartition(".")[2])
    if constructor is None:
        raise Computed
    try:
        return constructor(*positional, **named)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _float(text: Any) -> float:
    if not isinstance(text, (str, int, float)):
        raise Computed
    return float(text)


_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "Path": Path,
    "date": datetime.date,
    "datetime": datetime.datetime,
    "date.fromisoformat": datetime.date.fromisoformat,
    "datetime.fromisoformat": datetime.datetime.fromisoformat,
    "float": _float,
    "list": list,
    "dict": dict,
    "set": lambda: set(),
}

_READERS: list[tuple[Any, Callable[[Any], Any]]] = [
    (ast.Constant, _constant),
    (ast.UnaryOp, _signed),
    (ast.BinOp, _arithmetic),
    (ast.Dict, _mapping),
    ((ast.List, ast.Tuple, ast.Set), _elements),
    (ast.Attribute, _attribute),
    (ast.Call, _call),
]


def as_json(value: Any) -> Any:
    """Return a value as JSON carries it: dates and paths as text, tuples and sets as lists, NaN as None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, dict):
        return {str(as_json(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [as_json(item) for item in sorted(value, key=repr)]
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value


def render(value: Any, depth: int = 0) -> str:
    """Return Python source that evaluates to an equal value and can do nothing else.

    Raises:
        InputError: the value has no literal (a lone surrogate, a foreign type, too deep a nesting).
    """
    if depth > DEPTH:
        raise InputError("VALUE_TOO_DEEP", f"A value nests deeper than {DEPTH} levels.")
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return hex(value) if value.bit_length() > _DECIMAL_BITS else int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if math.isfinite(value) else f'float("{float(value)}")'
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, PurePath):
        return f"Path({_text(str(value))})"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return _moment(value)
    return _container(value, depth + 1)


def _text(value: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError(
            "NOT_TEXT",
            "A value holds half of a surrogate pair, which is no character.",
            "Give it as UTF-8 text.",
        )
    # repr escapes all that is not printable: line ends of every kind, controls, direction marks.
    return str.__repr__(value)


def _moment(value: datetime.date) -> str:
    if not isinstance(value, datetime.datetime):
        return f"_datetime.date({value.year}, {value.month}, {value.day})"
    parts = [value.year, value.month, value.day, value.hour, value.minute]
    if value.second or value.microsecond:
        parts.append(value.second)
    if value.microsecond:
        parts.append(value.microsecond)
    listed = ", ".join(map(str, parts))
    return f"_datetime.datetime({listed}{_zone(value.utcoffset())})"


def _zone(offset: datetime.timedelta | None) -> str:
    if offset is None:
        return ""
    if not offset:
        return ", tzinfo=_datetime.timezone.utc"
    seconds = offset.total_seconds()
    shown = int(seconds) if seconds.is_integer() else seconds
    return f", tzinfo=_datetime.timezone(_datetime.timedelta(seconds={shown}))"


def _container(value: Any, depth: int) -> str:
    if isinstance(value, dict):
        pairs = [f"{render(key, depth)}: {render(item, depth)}" for key, item in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(render(item, depth) for item in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(render(item, depth) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, (set, frozenset)):
        ordered = sorted(render(item, depth) for item in value)
        return "{" + ", ".join(ordered) + "}" if ordered else "set()"
    raise InputError("NO_LITERAL", f"A value of type {type(value).__name__} has no literal.")
