"""Checkpoints: what a tree was at one size, as a signed note that fits into a ticket.

The text is a C2SP tlog-checkpoint inside a C2SP signed note with one Ed25519 signature: origin, size, root,
an empty line, and the signature's line. Any other spelling of the same content is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import NamedTuple

from keys_jupyter.ledger.ed25519 import signature_holds

_ED25519 = b"\x01"
# What stands before the 32 bytes of an Ed25519 key in its standard form (RFC 8410).
SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
_ORIGIN = re.compile(r"keys-jupyter/[0-9a-f]{16}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
MOST_NOTE_BYTES = 4096


class NoteError(ValueError):
    """A text is not a checkpoint in its one form; the message says what is wrong."""


class Checkpoint(NamedTuple):
    """A tree at one size: whose ledger, how many records, and the hash over all of them."""

    origin: str
    size: int
    root: bytes


class Note(NamedTuple):
    """A checkpoint as it was read, with its signature, which is not checked yet."""

    checkpoint: Checkpoint
    key_id: bytes
    signature: bytes
    text: str

    def signed_by(self, public: bytes) -> bool:
        """Say whether the key that belongs to these 32 bytes signed this checkpoint."""
        origin = self.checkpoint.origin
        named = origin == origin_of(public) and hmac.compare_digest(
            self.key_id, _key_id(origin, public)
        )
        return named and signature_holds(public, _body(self.checkpoint), self.signature)


def fingerprint_of(public: bytes) -> str:
    """Return a key's name for people: the sha256 of its standard (DER) form, in hex."""
    return hashlib.sha256(SPKI_PREFIX + public).hexdigest()


def origin_of(public: bytes) -> str:
    """Return the name of the ledger that a key signs."""
    return f"keys-jupyter/{fingerprint_of(public)[:16]}"


def signed(checkpoint: Checkpoint, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a checkpoint's text with its signature.

    Args:
        checkpoint: what is signed.
        public: the 32 bytes of the public key.
        sign: signs bytes with the private key that belongs to it.
    """
    body = _body(checkpoint)
    mark = _key_id(checkpoint.origin, public) + sign(body)
    return f"{body.decode()}\n\N{EM DASH} {checkpoint.origin} {_base64(mark)}\n"


def opened(text: str) -> Note:
    """Read a checkpoint's text.

    Raises:
        NoteError: it is not a checkpoint of ours, or spelled in another way than :func:`signed` spells it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_NOTE_BYTES:
        raise NoteError("The text is too long for a checkpoint.")
    lines = text.split("\n")
    if len(lines) != 6 or lines[3] != "" or lines[5] != "":
        raise NoteError("A checkpoint has three lines, an empty one, and one with its signature.")
    origin, size, root, _, mark, _ = lines
    if not _ORIGIN.fullmatch(origin) or not _SIZE.fullmatch(size):
        raise NoteError("The first two lines do not name a ledger and a size.")
    prefix = f"\N{EM DASH} {origin} "
    if not mark.startswith(prefix):
        raise NoteError("The last line is not a signature of the ledger that the first line names.")
    signature = _bytes(mark[len(prefix) :], 68)
    checkpoint = Checkpoint(origin, int(size), _bytes(root, 32))
    return Note(checkpoint, signature[:4], signature[4:], text)


def _body(checkpoint: Checkpoint) -> bytes:
    root = _base64(checkpoint.root)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n".encode()


def _key_id(origin: str, public: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str, length: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    # Unused bits at the end could spell the same bytes in another way.
    if len(data) != length or _base64(data) != text:
        raise NoteError("A hash or a signature is not written as it should be.")
    return data
