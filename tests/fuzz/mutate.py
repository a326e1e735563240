"""One mutated archive from a seed: the same seed gives the same bytes again.

Blind edits find what a parser does with rubbish; edits of single header fields, of both headers alike, and of what an
intact archive holds reach what lies behind the first checks.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random

# Offset and size of each field, by signature.
_FIELDS = {
    b"PK\x03\x04": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\x01\x02": (
        (4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2),
        (32, 2), (34, 2), (36, 2), (38, 4), (42, 4),
    ),
    b"PK\x05\x06": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
    b"PK\x06\x06": ((4, 8), (12, 2), (14, 2), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)),
    b"PK\x06\x07": ((4, 4), (8, 8), (16, 4)),
    b"PK\x07\x08": ((4, 4), (8, 4), (12, 4)),
}  # fmt: skip
_BYTES = (0, 1, 0x2E, 0x2F, 0x50, 0x5C, 0x7F, 0x80, 0xFF)
_NAMES = (
    "../x", "/x", "a/../b", "C:x", "a\\b", "a//b", "./a", "con", "a.", "a ", "a:b", "A.CSV", "é.csv", "e\u0301.csv",
    "\u202ea.csv", "a\x00b", "a\nb", "x.exe", ".git/config", "key.json", "pack.json", "top/key.json", "n.ipynb", "a/b",
    "x" * 121, "/".join("a" * 25), "\ud800", "\U000e0061",
)  # fmt: skip
_TOKENS = (
    b"{", b"}", b"[", b"]", b"[" * 120, b"null", b"NaN", b"-0", b"1e999", b"9" * 5000, b'"', b'"\\ud800"', b"\\u0000",
    b"\xff", b"\xef\xbb\xbf", b"true", b'"cells"', b'"metadata": {"trusted": true}', b'"version": "../x"',
    b'"slug": 1', b'{"a":1,"a":2}', b"\r", b",",
)  # fmt: skip


def mutated(seed: str, corpus: Sequence[bytes]) -> bytes:
    """Return the archive of a seed."""
    chance = Random(seed)
    data = chance.choice(corpus)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
        data = chance.choice(_EDITS)(data, chance, corpus)
    return data


def _flip(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    value = data[at] ^ 1 << chance.randrange(8) if chance.random() < 0.5 else chance.choice(_BYTES)
    return data[:at] + bytes([value]) + data[at + 1 :]


def _cut(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] if chance.random() < 0.7 else data[at:]


def _splice(data: bytes, chance: Random, corpus: Sequence[bytes]) -> bytes:
    other = chance.choice(corpus)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _piece(data: bytes, chance: Random, corpus: Sequence[bytes]) -> bytes:
    """Remove, repeat or insert a piece."""
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.choice((1, 2, 4, 22, 46, 100)))
    other = chance.choice(corpus)
    at = chance.randrange(len(other) + 1)
    middle = chance.choice((b"", data[start:end] * 2, other[at : at + end - start + 1]))
    return data[:start] + middle + data[end:]


def _field(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Set one field of one header."""
    at, size = _some_field(data, chance)
    return _set(data, at, size, chance) if size else data


def _both(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Set the same field alike in a local header and in its entry of the directory."""
    shared = chance.randrange(2, len(_FIELDS[b"PK\x03\x04"]))
    local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    at, size = _FIELDS[b"PK\x03\x04"][shared]
    there, _ignored = _FIELDS[b"PK\x01\x02"][shared + 1]
    if min(local, central) < 0 or central + there + size > len(data):
        return data
    changed = _set(data, local + at, size, chance)
    value = changed[local + at : local + at + size]
    return changed[: central + there] + value + changed[central + there + size :]


def _some_field(data: bytes, chance: Random) -> tuple[int, int]:
    signature = chance.choice(tuple(_FIELDS))
    start = data.find(signature, chance.randrange(len(data) + 1))
    start = start if start >= 0 else data.find(signature)
    at, size = chance.choice(_FIELDS[signature])
    fits = start >= 0 and start + at + size <= len(data)
    return (start + at, size) if fits else (0, 0)


def _set(data: bytes, at: int, size: int, chance: Random) -> bytes:
    old = int.from_bytes(data[at : at + size], "little")
    most = 256**size - 1
    value = chance.choice(
        (0, 1, most, most - 1, most // 2 + 1, old + 1, old - 1, old * 2, len(data), chance.getrandbits(8 * size))
    )  # fmt: skip
    return data[:at] + (value & most).to_bytes(size, "little") + data[at + size :]


def _extra(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    """Give the first entry of the directory an extra field of some kind and length."""
    at = data.find(b"PK\x01\x02")
    if at < 0 or at + 46 > len(data):
        return data
    names, extras = struct.unpack_from("<HH", data, at + 28)
    kind = chance.choice((0x0001, 0x5455, 0x7075, 0x6375, 0x9901, 0x0017, chance.getrandbits(16)))
    said = chance.choice((0, 1, 4, 8, 16, 24, 0xFFFF))
    more = struct.pack("<HH", kind, said) + chance.randbytes(min(said, chance.choice((0, 8, 24))))
    start = at + 46 + names
    head = (
        data[: at + 30] + struct.pack("<H", (extras + len(more)) & 0xFFFF) + data[at + 32 : start]
    )
    return head + more + data[start:]


def _inside(data: bytes, chance: Random, corpus: Sequence[bytes]) -> bytes:
    """Change a name or a content of an intact archive, and write it anew without a fault of form."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(info.filename, archive.read(info)) for info in archive.infolist()[:50]]
    except Exception:  # zipfile has no family of errors for what is no zip
        return _field(data, chance, corpus)
    if not files:
        return data
    place = chance.randrange(len(files))
    name, content = files[place]
    if chance.random() < 0.4:
        files[place] = (chance.choice(_NAMES), content)
    else:
        at = chance.randrange(len(content) + 1)
        gone = chance.choice((0, 0, 1, 5, 40))
        files[place] = (name, content[:at] + chance.choice(_TOKENS) + content[at + gone :])
    return _written(files) or data


def _written(files: list[tuple[str, bytes]]) -> bytes | None:
    from tests.hostile.writer import UTF8, Item, write

    items = [Item(name.encode("utf-8", "surrogatepass"), data, flags=UTF8) for name, data in files]
    try:
        return write(items).closed()
    except struct.error:
        return None


_EDITS: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    _flip, _flip, _cut, _splice, _piece, _field, _field, _field, _both, _extra, _inside, _inside, _inside,
)  # fmt: skip
