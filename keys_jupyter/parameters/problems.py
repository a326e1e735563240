"""What is wrong with given values: every problem collected, raised once.

Problems show what was given, but never a secret and never a control character.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keys_jupyter.errors import InputError

_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one parameter; ``name`` is as given, to find the field of a form."""

    name: str
    code: str
    message: str
    hint: str = ""


class InvalidParameters(InputError):
    """Given values cannot be used; ``problems`` has them one by one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Speak with the one problem's own code, or list several under ``INVALID_PARAMETERS``."""
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            only = self.problems[0]
            super().__init__(only.code, only.message, only.hint)
            return
        lines = [f"- {problem.message} {problem.hint}".rstrip() for problem in self.problems]
        super().__init__(
            "INVALID_PARAMETERS",
            "\n".join([f"{len(self.problems)} parameters cannot be used:", *lines]),
        )


def shown(value: Any) -> str:
    """Return a given value for a message: quoted, escaped, cut."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        # Numbers of more than 4300 digits have no decimal text.
        return "The value"
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    if not isinstance(value, str):
        return printable(cut)
    return f'"{printable(cut)}"'


def printable(text: str) -> str:
    """Return text of others with everything invisible escaped, so that it cannot forge a message."""
    return "".join(
        character
        if character.isprintable()
        else json.dumps(character)[1:-1].replace("\x7f", "\\u007f")
        for character in text
    )
