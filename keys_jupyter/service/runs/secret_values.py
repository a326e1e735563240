"""Which values of a request are secret, and what may be recorded of them: a salted commitment, never more."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys_jupyter import parameters
from keys_jupyter.errors import InputError
from keys_jupyter.model.redaction import MARKER
from keys_jupyter.model.run import RunRequest
from keys_jupyter.parameters import Declaration
from keys_jupyter.runner.secret_text import SHORTEST
from keys_jupyter.workspace import replace_file

ASKED = "secret, asked by the notebook"
"""What is recorded of a secret that a person typed into the notebook: we never see it."""


def given(request: RunRequest) -> dict[str, Any]:
    """Return all values of a request, the secret ones among them.

    Raises:
        InputError: a value is given twice, or one is given that an interactive run would ask for.
    """
    twice = sorted(set(request.secrets) & set(request.parameters))
    if twice:
        raise InputError(
            "SECRET_AND_VALUE",
            f"`{twice[0]}` is given as a secret and as a value.",
            "Keep the secret.",
        )
    if request.secrets and request.mode == "interactive":
        raise _asks(sorted(request.secrets)[0])
    return {**request.parameters, **request.secrets}


def asked_by_notebook(declared: Declaration, request: RunRequest) -> list[str]:
    """Return the secrets that the injected cell of an interactive run asks for.

    Raises:
        InputError: one of them is given as well.
    """
    if request.mode != "interactive":
        return []
    names = [p.name for p in declared.parameters if p.secret and p.name not in request.nulls]
    for name in names:
        if name in request.parameters:
            raise _asks(name)
    return names


def must_be_whole(values: Mapping[str, Any]) -> None:
    """Refuse a value of which a secret was taken out when it was recorded.

    Raises:
        InputError: one is not what was once given.
    """
    for name, value in values.items():
        if MARKER in str(value):
            raise InputError(
                "VALUE_REDACTED",
                f"`{name}` is what was recorded after a secret was taken out of it, so nothing was run.",
                "Give the value anew, as a secret.",
            )


def values_of(declared: Declaration, checked: Mapping[str, Any]) -> dict[str, str]:
    """Return the secret values among checked ones.

    Raises:
        InputError: one is no text, or so short that it could not be kept out of outputs.
    """
    found: dict[str, str] = {}
    for parameter in declared.parameters:
        value = checked.get(parameter.name)
        if not parameter.secret or value is None:
            continue
        if not isinstance(value, str):
            raise InputError(
                "SECRET_NOT_TEXT",
                f"`{parameter.name}` is secret and declared as {parameter.type}; secrets are texts.",
                "Declare it as `str` and convert it in the notebook.",
            )
        if len(value) < SHORTEST:
            short = parameters.Problem(
                parameter.name,
                "SECRET_TOO_SHORT",
                f"The value of `{parameter.name}` has fewer than {SHORTEST} characters, too few to be kept out of "
                "what the run prints.",
                "Give a longer secret.",
            )
            raise parameters.InvalidParameters([short])
        found[parameter.name] = value
    return found


def must_be_python(languages: list[str]) -> None:
    """Refuse secrets for a notebook or a kernel of another language; an unknown language is empty.

    Raises:
        InputError: one is not Python.
    """
    for language in languages:
        if language not in ("", "python"):
            raise InputError(
                "SECRETS_NEED_PYTHON",
                f"Secret parameters can only be given to Python kernels, and this one speaks {language!a}. "
                "Nothing was run.",
                "Have the notebook read its secret itself, from an environment variable that key.json names.",
            )


def commitments(folder: Path, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is recorded of secrets; the salt that opens it stays in the run's data folder.

    Raises:
        SurroundingsError: the disk does not take the salt.
    """
    if not values:
        return {}
    salt = os.urandom(32)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(folder / "salt", salt)
    return {
        name: f"secret, hmac-sha256 {parameters.commitment(value, salt)}"
        for name, value in values.items()
    }


def _asks(name: str) -> InputError:
    return InputError(
        "SECRETS_ARE_ASKED",
        f"`{name}` is secret, and the notebook of an interactive run asks for it itself.",
        "Leave it out and type it when the notebook asks.",
    )
