"""Which marketplace a person chose: a file of the data directory, until the site configures another one.

The server and the command line so use the same; the token is never in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys_jupyter.errors import InputError, SurroundingsError
from keys_jupyter.store import write_beside


@dataclass(frozen=True)
class Choice:
    """Which marketplace it is now, and whether the person vouched for its private address."""

    url: str
    vouched: bool = False


class Chosen:
    """The choice, for the server and the command line alike."""

    def __init__(self, data_dir: Path, configured: str) -> None:
        """Take where it is kept, and what the site configured."""
        self._file = data_dir / "marketplace.json"
        self._configured = configured.rstrip("/")

    def now(self) -> Choice | None:
        """Return what the person chose, unless the site has configured another one since."""
        kept = _object(self._file)
        if kept and kept.get("configured") == self._configured and isinstance(kept.get("url"), str):
            return Choice(kept["url"], kept.get("vouched") is True)
        return Choice(self._configured) if self._configured else None

    def wanted(self, url: str | None, *, vouched: bool) -> Choice:
        """Return the marketplace of an address, or without one the present choice.

        Raises:
            InputError: there is neither.
        """
        if url:
            return Choice(url.strip().rstrip("/"), vouched)
        chosen = self.now()
        if chosen is None:
            raise InputError(
                "NO_MARKETPLACE", "Which marketplace? None is configured.", "Give its address."
            )
        return chosen

    def keep(self, choice: Choice) -> None:
        """Keep a choice from now on.

        Raises:
            SurroundingsError: the disk does not take it.
        """
        row = {"url": choice.url, "vouched": choice.vouched, "configured": self._configured}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_beside(self._file, json.dumps(row).encode())
        except OSError as error:
            raise SurroundingsError(
                "DISK",
                f"The choice of the marketplace cannot be kept: {error.strerror or 'no reason was given'}.",
                "Check the rights of the data directory.",
            ) from error


def _object(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
