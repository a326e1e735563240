"""The one way in which this package says no: an IntegrityError that shows names escaped."""

from __future__ import annotations

from keys_jupyter.errors import IntegrityError

_SHOWN = 60
_HINT = "Nothing was unpacked. Ask whoever made the pack for one built with `jupyter keys library build`."


def shown(name: str | bytes) -> str:
    """Return a name as plain ASCII between quotes, so that it can neither lie nor move the cursor."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    return ascii(text[:_SHOWN]) + ("..." if len(text) > _SHOWN else "")


def refusal(code: str, message: str, hint: str = _HINT) -> IntegrityError:
    """Return the error for one refused archive; the caller raises it."""
    return IntegrityError(code, message, hint)
