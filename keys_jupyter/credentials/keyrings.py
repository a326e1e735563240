"""The operating system's keyring, where there is a real one."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from keys_jupyter.credentials.credential import Credential, Kept
from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import SurroundingsError

_SERVICE = "keys-jupyter"


class KeyringStore:
    """Credentials in the keyring, one entry for each marketplace."""

    place = "keyring"

    def __init__(self, _data_dir: Path | None = None) -> None:
        """Open the keyring.

        Raises:
            SurroundingsError: there is none that could be used; :func:`available` says so before.
        """
        if not available():
            raise SurroundingsError(
                "NO_KEYRING",
                "There is no keyring here that could keep a key.",
                "Install the package keyring with a backend, or let the key be kept in a file.",
            )
        self._keyring = importlib.import_module("keyring")

    def load(self, marketplace: str) -> Credential | None:
        """Return what is kept for a marketplace.

        Raises:
            SurroundingsError: the keyring is locked or does not answer.
        """
        text = self._ask("get_password", marketplace)
        if text is None:
            return None
        try:
            row = json.loads(text)
            token = row["token"]
        except (ValueError, TypeError, KeyError):
            return None
        return Credential(Secret(str(token)), row.get("expires_at"), row.get("key_id"), self.place)

    def save(self, marketplace: str, credential: Credential) -> Kept:
        """Keep a credential.

        Raises:
            SurroundingsError: the keyring is locked or does not answer.
        """
        row = {
            "token": credential.token.reveal(),
            "expires_at": credential.expires_at,
            "key_id": credential.key_id,
        }
        self._ask("set_password", marketplace, json.dumps(row))
        return Kept(self.place)

    def forget(self, marketplace: str) -> None:
        """Remove what is kept.

        Raises:
            SurroundingsError: the keyring is locked or does not answer.
        """
        if self._ask("get_password", marketplace) is not None:
            self._ask("delete_password", marketplace)

    def _ask(self, what: str, marketplace: str, *values: str) -> Any:
        quietly = _Quietly()
        with quietly:
            return getattr(self._keyring, what)(_SERVICE, marketplace, *values)
        raise SurroundingsError(
            "KEYRING",
            f"The keyring does not work now ({quietly.fault}).",
            "Unlock it and try again. To keep the key in a private file instead, set "
            "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring.",
        )


class _Quietly:
    """Swallows whatever a backend raises and keeps the kind of it.

    Backends raise errors of any library below them, and the text of one may hold the key it was given.
    """

    fault = ""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        """Swallow an error that is no wish to stop."""
        self.fault = kind.__name__ if kind else ""
        return kind is not None and issubclass(kind, Exception)


def available() -> bool:
    """Say whether a keyring is installed whose backend really keeps things.

    Below 1 are those that keep nothing ("fail", "null") or keep it in plain text. One that is configured and cannot be
    loaded is none.
    """
    with _Quietly():
        backend = importlib.import_module("keyring").get_keyring()
        return float(backend.priority) >= 1 and type(backend).__module__.split(".")[-1] != "fail"
    return False
