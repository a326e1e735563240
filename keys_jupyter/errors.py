"""Every exception this package raises on purpose, and what each family asks of the person.

::

    KeysError
    ├── InputError         exit 2   what was given is wrong; give something else
    ├── NotAvailable       exit 3   not allowed, not entitled, or not found
    ├── NetworkError       exit 4   another machine could not be reached or did not answer
    ├── IntegrityError     exit 5   bytes are not what they should be; nothing was changed
    ├── StateError         exit 1   the thing exists but is not in a state for this
    └── SurroundingsError  exit 1   disk, lock, kernel or permissions of this machine

A family says who must act; the ``code`` says what happened and never changes; the ``message`` is what a
person reads and the ``hint`` what to do about it. Messages carry no path outside the workspace and no secret.
"""

from __future__ import annotations

from typing import ClassVar


class KeysError(Exception):
    """Something a person can be told about, with a stable code."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep the three parts apart, so that no caller has to parse a sentence.

        Args:
            code: stable, in capitals, such as ``UNKNOWN_KEY``.
            message: what happened and what it means, true on its own.
            hint: what to do next; empty only where nothing can be done.
        """
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message with its hint, as the command line prints it."""
        return f"{self.message} {self.hint}".strip()


class InputError(KeysError):
    """What was given is wrong: a name, a type, a file, a document."""

    status = 400
    exit_code = 2


class NotAvailable(KeysError):
    """The thing is unknown here, or this person may not have it."""

    status = 404
    exit_code = 3


class NetworkError(KeysError):
    """Another machine could not be reached, or answered nothing usable."""

    status = 502
    exit_code = 4


class IntegrityError(KeysError):
    """Bytes differ from what was promised; they were refused and nothing was changed."""

    status = 422
    exit_code = 5


class StateError(KeysError):
    """The thing exists but cannot do this now."""

    status = 409
    exit_code = 1


class SurroundingsError(KeysError):
    """The machine does not let us: disk, lock, kernel, permissions."""

    status = 503
    exit_code = 1
