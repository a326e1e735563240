"""A declaration and checked values in, the exact cell to inject out; pure.

No value and no name ever becomes code: names come from the declaration, values become literals, and a secret is not
in the cell at all.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import keyword
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.parameters import languages
from keys_jupyter.parameters.declare import Declaration
from keys_jupyter.parameters.literals import IMPORTS, render

_MAX_SOURCE = 1_000_000
_KEPT_OUT = "secret, set in the kernel only"


def cell_source(
    declaration: Declaration,
    values: Mapping[str, Any],
    *,
    comment: str = "",
    asked: Collection[str] = (),
) -> str:
    """Return the source of the injected cell, without a final newline; empty where there are no values.

    Args:
        declaration: what the notebook takes.
        values: what ``check`` returned.
        comment: the first line's text; control characters become spaces.
        asked: secrets among the values that the cell asks the person for; only Python cells can.

    Raises:
        InputError: a name is not declared, a value has no literal in the notebook's language, or it is all too long.
    """
    if not values:
        return ""
    secrets = {parameter.name for parameter in declaration.parameters if parameter.secret}
    for name in values:
        _check_name(declaration, name)
    first = _one_line(comment) or "Parameters"
    ordered = {name: values[name] for name in declaration.names if name in values}
    if declaration.language == "python":
        source = _python(ordered, secrets, first, _questions(declaration, asked))
    else:
        source = languages.render_cell(declaration.language, ordered, secrets, first, _KEPT_OUT)
    if len(source) > _MAX_SOURCE:
        raise InputError(
            "VALUES_TOO_LARGE",
            f"The values make a cell of more than {_MAX_SOURCE} characters.",
            "Put the data into a file and give its path.",
        )
    return source


def commitment(value: str, salt: bytes) -> str:
    """Return what a record keeps of a secret: HMAC-SHA256 in hexadecimal, keyed with a salt kept apart."""
    return hmac.new(salt, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _check_name(declaration: Declaration, name: str) -> None:
    if name in declaration.names and name.isidentifier() and not keyword.iskeyword(name):
        return
    raise InputError("UNKNOWN_PARAMETER", "A name to inject is not one that the notebook declares.")


def _one_line(comment: str) -> str:
    plain = [
        " " if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in comment
    ]
    return " ".join("".join(plain).split())


def _questions(declaration: Declaration, asked: Collection[str]) -> dict[str, str]:
    """Return the source that asks for each secret; an empty answer to an optional one is none."""
    return {
        parameter.name: f"_getpass({render(parameter.title + ': ')})"
        + (" or None" if parameter.optional else "")
        for parameter in declaration.parameters
        if parameter.name in asked
    }


def _python(
    values: Mapping[str, Any], secrets: set[str], comment: str, questions: Mapping[str, str]
) -> str:
    lines = [
        f"{name} = {questions[name]}"
        if name in questions
        else f"{name} = None  # {_KEPT_OUT}"
        if name in secrets
        else f"{name} = {render(value)}"
        for name, value in values.items()
    ]
    used = _names_used(lines)
    return "\n".join([f"# {comment}", *(IMPORTS[name] for name in IMPORTS if name in used), *lines])


def _names_used(lines: list[str]) -> set[str]:
    # Read as syntax, since a text value may well say `Path(`.
    tree = ast.parse("\n".join(lines))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
