"""The only place a token lives: given by the surroundings, kept in the keyring, in a private file, or in memory.

* What the surroundings give comes first and is for the configured marketplace only.
* A token is known by the origin it is for; no other origin is ever given it.
* Only a person's sign-out removes one. No answer of a marketplace does.

Whether one is still good is asked by :mod:`keys_jupyter.sources.marketplace`; nothing here speaks with the network.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from keys_jupyter.credentials.credential import Credential, CredentialStore, Kept, moment_of
from keys_jupyter.credentials.environment import from_environment
from keys_jupyter.credentials.files import FileStore
from keys_jupyter.credentials.keyrings import KeyringStore, available
from keys_jupyter.credentials.secret import HIDDEN, Secret, without_secrets
from keys_jupyter.errors import InputError

__all__ = [
    "HIDDEN",
    "Credential",
    "CredentialStore",
    "Credentials",
    "FileStore",
    "Kept",
    "KeyringStore",
    "Secret",
    "from_environment",
    "moment_of",
    "open_store",
    "without_secrets",
]

_LOADED_SECONDS = 2.0


class Credentials:
    """Every token of this process, by the origin it is for."""

    def __init__(
        self,
        store: CredentialStore,
        *,
        configured: str | None = None,
        given: Callable[[], Secret | None] = from_environment,
    ) -> None:
        """Take the key the surroundings give, so that no kernel inherits it.

        Args:
            store: what outlives the process.
            configured: the origin the surroundings' key is for; without one, that key is for nobody.
            given: returns the key of the surroundings.

        Raises:
            SurroundingsError: the named key file cannot be used.
        """
        self._store = store
        self._lock = threading.Lock()
        self._memory: dict[str, Credential] = {}
        self._signed_out: set[str] = set()
        self._loaded: dict[str, tuple[float, Credential | None]] = {}
        key = given()
        self._given = (
            {configured: Credential(key, place="environment")} if key and configured else {}
        )

    def find(self, marketplace: str) -> Credential | None:
        """Return the token for an origin, if there is one.

        Raises:
            SurroundingsError: the store cannot be read or is not to be trusted.
        """
        with self._lock:
            if marketplace in self._memory:
                return self._memory[marketplace]
            if marketplace in self._given and marketplace not in self._signed_out:
                return self._given[marketplace]
            return self._load(marketplace)

    def _load(self, marketplace: str) -> Credential | None:
        # Long enough to spare a keyring a thousand questions, short enough to see another process sign in.
        at, known = self._loaded.get(marketplace, (float("-inf"), None))
        if time.monotonic() - at >= _LOADED_SECONDS:
            known = self._store.load(marketplace)
            self._loaded[marketplace] = (time.monotonic(), known)
        return known

    def keep(self, marketplace: str, credential: Credential) -> Kept:
        """Keep a token beyond this process, in place of an older one.

        Raises:
            SurroundingsError: the store does not take it.
        """
        with self._lock:
            kept = self._store.save(marketplace, credential)
            self._loaded.pop(marketplace, None)
            self._memory.pop(marketplace, None)
            if marketplace in self._given:
                # What a person signed in with outranks what the process was started with, until it ends.
                self._signed_out.add(marketplace)
            return kept

    def remember(self, marketplace: str, credential: Credential) -> Kept:
        """Keep a token until this process ends, and nowhere else."""
        with self._lock:
            self._memory[marketplace] = replace(credential, place="memory")
            return Kept("memory", "You stay signed in until this server ends.")

    def forget(self, marketplace: str) -> bool:
        """Remove a token; returns whether the surroundings will give one again at the next start.

        Raises:
            SurroundingsError: the store does not let go of it.
        """
        with self._lock:
            self._memory.pop(marketplace, None)
            self._signed_out.add(marketplace)
            self._loaded.pop(marketplace, None)
            self._store.forget(marketplace)
            return marketplace in self._given


def open_store(data_dir: Path, class_name: str = "") -> CredentialStore:
    """Return the store of this site: the named class, else the keyring, else a private file.

    Raises:
        InputError: there is no such class.
    """
    if not class_name:
        return KeyringStore() if available() else FileStore(data_dir)
    module, _, name = class_name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            "CREDENTIAL_STORE",
            f"The configured credential store {ascii(class_name)[:90]} is not there.",
            "Correct credential_store_class, or leave it out.",
        ) from error
    store: CredentialStore = found(data_dir)
    return store
