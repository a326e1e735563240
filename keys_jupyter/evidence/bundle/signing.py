"""The key that signs checkpoints and bundles: made at first use, never shown, readable by its owner only.

Code that runs as the same person can read it; what that means is said in every bundle.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.errors import SurroundingsError
from keys_jupyter.ledger import fingerprint_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = "signing-key.pem"


@dataclass(frozen=True)
class Signer:
    """Signs bytes; ``public`` is the key's public half, 32 bytes."""

    public: bytes
    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over these bytes, always the same one."""
        return self._key.sign(data)

    @property
    def fingerprint(self) -> str:
        """The key's name for people: the sha256 of its public half in standard form."""
        return fingerprint_of(self.public)


def load_or_make(data_dir: Path) -> Signer:
    """Return this data directory's signing key, making it when there is none.

    Raises:
        SurroundingsError: it cannot be read or written, or others may read it.
    """
    path = data_dir / FILE
    try:
        if not path.exists():
            _make(path)
        return _load(path)
    except OSError as error:
        raise SurroundingsError(
            "SIGNING_KEY_UNREADABLE",
            f"The signing key cannot be read or made: {error.strerror or 'no access'}.",
            "Nothing was signed. Free space in the data directory or fix its permissions.",
        ) from error


def _make(path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Of two processes that make a key at once, the second finds the first one's and takes it.
        try:
            os.link(beside, path)
        except FileExistsError:
            return
    finally:
        beside.unlink()


def _load(path: Path) -> Signer:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        text = file.read(10_000)
    if stat.S_IMODE(about.st_mode) & 0o077 or about.st_uid != os.getuid():
        raise SurroundingsError(
            "SIGNING_KEY_EXPOSED",
            "Other accounts of this machine may read the signing key, so nothing was signed.",
            f"Look at who could have read {FILE} in the data directory; then make it mode 0600.",
        )
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SurroundingsError(
            "SIGNING_KEY_DAMAGED",
            "The signing key is not an Ed25519 key, so nothing was signed.",
            f"Put back {FILE} of the data directory from a backup, or move it aside for a new one.",
        )
    return Signer(key.public_key().public_bytes_raw(), key)
