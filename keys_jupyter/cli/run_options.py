"""The options that ``run`` and ``runs rerun`` share: values, files of values, and secrets."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.surroundings import Desk


def add_values(command: argparse.ArgumentParser) -> None:
    """Add the options that give values."""
    command.add_argument(
        "-p",
        dest="values",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="one parameter; may be repeated",
    )
    command.add_argument(
        "-f", dest="file", type=Path, metavar="FILE", help="parameters from a YAML or JSON file"
    )
    command.add_argument(
        "--set-null",
        action="append",
        default=[],
        metavar="NAME",
        help="set an optional parameter to nothing",
    )
    command.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME[=@FILE|=env:VARIABLE]",
        help="a secret parameter: asked for or read from standard input, or from a file, or from a variable",
    )


def values(
    desk: Desk, target: str, version: str | None, parsed: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    """Join the file's values, which are typed, with the command line's, which are texts.

    Returns:
        The values, and whether they are all texts.

    Raises:
        InputError: the file cannot be read, or a value is wrong.
    """
    given = dict(parsed.values)
    if not parsed.file:
        return given, True
    return {**_document(desk.here / parsed.file), **typed(desk, target, version, given)}, False


def typed(desk: Desk, target: str, version: str | None, given: dict[str, str]) -> dict[str, Any]:
    """Return texts as values of their parameters' types.

    Raises:
        InputError: a value is wrong.
    """
    return desk.service.runs.typed(target, version, given) if given else {}


def _document(path: Path) -> dict[str, Any]:
    from keys_jupyter import parameters

    try:
        return parameters.from_document(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "NO_PARAMETERS_FILE", f"The file {path.name!a} cannot be read.", "Check its name."
        ) from error


def secrets(desk: Desk, parsed: argparse.Namespace) -> dict[str, str]:
    """Read every secret from where it was said to be.

    Raises:
        InputError: there is nothing there, or two are to be read from standard input.
    """
    found: dict[str, str] = {}
    piped = ""
    for given in parsed.secret:
        name, _, place = given.partition("=")
        if not place and not sys.stdin.isatty():
            if piped:
                raise InputError(
                    "TWO_SECRETS_ON_INPUT",
                    f"`{piped}` and `{name}` cannot both be read from standard input.",
                    f"Give one as {name}=@FILE or {name}=env:VARIABLE.",
                )
            piped = name
        found[name] = _secret(desk, name, place)
    return found


def _secret(desk: Desk, name: str, place: str) -> str:
    if place.startswith("@"):
        return _from_file(desk.here / place[1:], name)
    if place.startswith("env:"):
        return _from_variable(place[4:], name)
    if place:
        raise InputError(
            "SECRET_IN_ARGUMENTS",
            f"The value of `{name}` must not stand in the command, where other people of this machine can read it.",
            f"Give --secret {name} and type it, or {name}=@FILE, or {name}=env:VARIABLE.",
        )
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(f"{name}: ")
    return _without_line_end(sys.stdin.read())


def _from_file(path: Path, name: str) -> str:
    try:
        return _without_line_end(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "NO_SECRET_FILE", f"The file for `{name}` cannot be read.", "Check its name."
        ) from error


def _from_variable(variable: str, name: str) -> str:
    if variable not in os.environ:
        raise InputError(
            "NO_SECRET_VARIABLE",
            f"The variable {variable!a} for `{name}` is not set.",
            "Export it, or give the secret in another way.",
        )
    return os.environ[variable]


def _without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
