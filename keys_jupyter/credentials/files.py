"""A file for each marketplace that nobody but its owner can read; used where there is no keyring.

Any program of the same user can read it, notebooks included; that is said once, when the first one is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from keys_jupyter.credentials.credential import Credential, Kept
from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import SurroundingsError

_MOST = 16 * 1024
_WARNING = (
    "There is no keyring here, so the key is kept in a file that only your user can read. "
    "Any program you start can read it too, notebooks included."
)


class FileStore:
    """Credentials in ``<data>/credentials/``, folder 0700 and files 0600."""

    place = "file"

    def __init__(self, data_dir: Path) -> None:
        """Name the data directory; nothing is made before something is kept."""
        self._folder = data_dir / "credentials"

    def load(self, marketplace: str) -> Credential | None:
        """Return what is kept for a marketplace.

        Raises:
            SurroundingsError: others could have read or written it, so it is not trusted.
        """
        try:
            raw = self._read(self._path(marketplace))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(error.strerror or "it cannot be read") from error
        found = _object(raw)
        if found is None or found.get("marketplace") != marketplace:
            raise _unusable("it is damaged")
        return Credential(
            token=Secret(str(found["token"])),
            expires_at=found.get("expires_at"),
            key_id=found.get("key_id"),
            place=self.place,
        )

    def save(self, marketplace: str, credential: Credential) -> Kept:
        """Keep a credential, on disk when this returns.

        Raises:
            SurroundingsError: the disk does not take it.
        """
        row = {
            "marketplace": marketplace,
            "token": credential.token.reveal(),
            "expires_at": credential.expires_at,
            "key_id": credential.key_id,
        }
        try:
            first = not self._folder.is_dir() or not any(self._folder.iterdir())
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.chmod(0o700)
            self._write(self._path(marketplace), json.dumps(row).encode())
        except OSError as error:
            why = error.strerror or "the disk does not take it"
        else:
            return Kept(self.place, _WARNING if first else "")
        raise _unusable(why)

    def forget(self, marketplace: str) -> None:
        """Remove what is kept.

        Raises:
            SurroundingsError: it cannot be removed.
        """
        try:
            self._path(marketplace).unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(error.strerror or "it cannot be removed") from error

    def _path(self, marketplace: str) -> Path:
        return self._folder / f"{hashlib.sha256(marketplace.encode()).hexdigest()[:24]}.json"

    def _read(self, path: Path) -> bytes:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _unusable("it is no file")
            if found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise _unusable("others may have read or changed it")
            return file.read(_MOST)

    def _write(self, path: Path, data: bytes) -> None:
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    valid = isinstance(found, dict) and isinstance(found.get("token"), str)
    return found if valid else None


def _unusable(why: str) -> SurroundingsError:
    return SurroundingsError(
        "CREDENTIALS_FILE",
        f"The file that keeps the marketplace key cannot be used: {why}.",
        "Sign in again after making the folder credentials in the data directory yours alone (chmod 700; its "
        "files 600).",
    )
