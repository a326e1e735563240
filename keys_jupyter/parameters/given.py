"""A declaration and given values in, checked values in declaration order out.

Every problem is collected and raised once. How one value is typed is in ``values``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.model.parameters import Parameter
from keys_jupyter.parameters import kinds, literals
from keys_jupyter.parameters.declare import Declaration
from keys_jupyter.parameters.problems import InvalidParameters, Problem, printable, shown
from keys_jupyter.parameters.values import Mismatch, convert


def check(
    declaration: Declaration,
    given: Mapping[str, Any],
    nulls: Collection[str] = (),
    *,
    texts: bool = False,
    partial: bool = False,
    asked: Collection[str] = (),
) -> dict[str, Any]:
    """Return the given values, typed and in declaration order; nothing that was not given is added.

    Args:
        declaration: what the notebook takes.
        given: values by name: JSON, or Python dates, times and paths.
        nulls: names to be set to None.
        texts: the values are a command line's texts, to be read by declaration.
        partial: required values may still be missing, as in a form that is being filled.
        asked: names that the notebook itself will ask for, and that need no value here.

    Raises:
        InvalidParameters: an ``InputError`` that lists everything wrong.
        InputError: values are given to a notebook without a parameters cell.
    """
    if declaration.cell is None:
        return _nothing(given, nulls)
    problems = list(_unknown(declaration, [*given, *nulls]))
    checked: dict[str, Any] = {}
    for parameter in declaration.parameters:
        try:
            if parameter.name in nulls:
                _check_only_null(parameter, given)
                checked[parameter.name] = None
            elif parameter.name in given:
                checked[parameter.name] = _value(parameter, given[parameter.name], texts)
            elif parameter.required and not partial and parameter.name not in asked:
                raise _Wrong(
                    "MISSING_PARAMETER",
                    f"`{parameter.name}` needs a value.",
                    f"It takes {parameter.type}{': ' + parameter.help if parameter.help else '.'}",
                )
        except _Wrong as wrong:
            problems.append(Problem(parameter.name, wrong.code, wrong.message, wrong.hint))
    if problems:
        raise InvalidParameters(problems)
    return checked


def complete(declaration: Declaration, checked: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values with the defaults of all others, as the kernel will see them.

    Left out are secrets nobody gave and defaults that only the kernel can compute.
    """
    merged: dict[str, Any] = {}
    for parameter in declaration.parameters:
        if parameter.name in checked:
            merged[parameter.name] = checked[parameter.name]
        elif not (parameter.required or parameter.computed or parameter.secret):
            merged[parameter.name] = convert(kinds.from_text(parameter.type), parameter.default)
    return merged


class _Wrong(InputError):
    """One problem on its way to the collection."""


def _nothing(given: Mapping[str, Any], nulls: Collection[str]) -> dict[str, Any]:
    if given or nulls:
        raise InputError(
            "NO_PARAMETERS_CELL",
            "This notebook has no parameters cell, so it takes no values.",
            "Run it without values, or tag the cell that declares them `parameters`.",
        )
    return {}


def _unknown(declaration: Declaration, names: list[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(names):
        if name in declaration.names:
            continue
        text = str(name)
        near = difflib.get_close_matches(text.lower(), [n.lower() for n in declaration.names], n=1)
        match = next((n for n in declaration.names if [n.lower()] == near), None)
        listed = ", ".join(f"`{own}`" for own in declaration.names) or "none"
        hint = f"Did you mean `{match}`?" if match else f"It takes {listed}."
        message = f"This key has no parameter `{printable(text[:60])}`."
        yield Problem(text, "UNKNOWN_PARAMETER", message, hint)


def _check_only_null(parameter: Parameter, given: Mapping[str, Any]) -> None:
    if parameter.name in given:
        said = f"`{parameter.name}` is both given and set to null."
        raise _Wrong("NULL_AND_VALUE", said, "Keep one of the two.")
    _check_null(parameter)


def _check_null(parameter: Parameter) -> None:
    if not parameter.optional:
        said = f"`{parameter.name}` cannot be null."
        raise _Wrong("NULL_NOT_ALLOWED", said, f"It takes {parameter.type}.")


def _value(parameter: Parameter, value: Any, texts: bool) -> Any:
    if value is None:
        _check_null(parameter)
        return None
    quoted = "The value" if parameter.secret else shown(value)
    try:
        typed = convert(kinds.from_text(parameter.type), value, texts=texts)
        literals.render(typed)
    except Mismatch as mismatch:
        code = "NOT_A_CHOICE" if mismatch.reason == "is not one of the choices" else "WRONG_TYPE"
        hint = f"`{parameter.name}` takes {parameter.type}; {mismatch.advice}"
        raise _Wrong(code, f"{quoted} {mismatch.reason}.", hint) from None
    except InputError as error:
        said = f"{quoted} cannot be given to `{parameter.name}`: {error.message}"
        raise _Wrong(error.code, said, error.hint) from None
    _check_range(parameter, typed, quoted)
    _check_pattern(parameter, typed, quoted)
    return typed


def _check_range(parameter: Parameter, value: Any, quoted: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    unit = f" {parameter.unit}" if parameter.unit else ""
    low, high = parameter.minimum, parameter.maximum
    # Written so that NaN is inside of no range.
    if low is not None and not value >= low:
        hint = f"`{parameter.name}` is at least {low:.15g}{unit}."
        raise _Wrong("OUT_OF_RANGE", f"{quoted} is too small.", hint)
    if high is not None and not value <= high:
        hint = f"`{parameter.name}` is at most {high:.15g}{unit}."
        raise _Wrong("OUT_OF_RANGE", f"{quoted} is too large.", hint)


def _check_pattern(parameter: Parameter, value: Any, quoted: str) -> None:
    if parameter.pattern is None or not isinstance(value, (str, PurePath)):
        return
    if re.search(parameter.pattern, str(value)) is None:
        hint = f"`{parameter.name}` has the form {parameter.pattern}"
        raise _Wrong("PATTERN_MISMATCH", f"{quoted} does not have the form asked for.", f"{hint}.")
