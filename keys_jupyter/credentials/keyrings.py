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
        self._fault: type[Exception] = importlib.import_module("keyring.errors").KeyringError

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
        # The text of a keyring's error may hold what it was given, so only the kind of error is passed on.
        try:
            return getattr(self._keyring, what)(_SERVICE, marketplace, *values)
        except self._fault as error:
            kind = type(error).__name__
        raise SurroundingsError(
            "KEYRING",
            f"The keyring does not work now ({kind}).",
            "Unlock it and try again.",
        )


def available() -> bool:
    """Say whether a keyring is installed whose backend really keeps things."""
    try:
        backend = importlib.import_module("keyring").get_keyring()
    except (ImportError, RuntimeError, OSError):
        return False
    try:
        # Below 1 are those that keep nothing ("fail", "null") or keep it in plain text.
        return float(backend.priority) >= 1 and type(backend).__module__.split(".")[-1] != "fail"
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return False
