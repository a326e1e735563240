"""The one form of a bundle's zip: files stored in the order of their names, nothing else in any byte.

Nothing is compressed, because two versions of one library compress one file in two ways and a bundle must be
the same bytes whenever it is made. Reading writes every header anew and compares, so whatever could be read
in two ways is refused: other methods, dates, flags, extra fields, comments, gaps, bytes before or behind.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_NEEDED, _UNIX, _FIRST_DAY, _MODE = 20, 3 << 8, 0x21, 0o100644 << 16
MOST_BYTES = 2**32 - 1
MOST_FILES = 60_000
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,118}(?<!\.)")
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?", re.IGNORECASE)
_DEEPEST = 6


class Refused(ValueError):
    """The bytes are not a bundle in its one form; the message says where."""


class Measure(NamedTuple):
    """What is said about a file without holding it: its length and its digests."""

    size: int
    crc: int
    sha256: str
    sha512: str


def measured(pieces: Iterable[bytes | memoryview]) -> Measure:
    """Measure a file that comes in pieces."""
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    size = crc = 0
    for piece in pieces:
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        sha256.update(piece)
        sha512.update(piece)
    return Measure(size, crc, sha256.hexdigest(), sha512.hexdigest())


def local_header(name: str, size: int, crc: int) -> bytes:
    """Return what stands before a file's bytes."""
    raw = name.encode("ascii")
    fields = (b"PK\3\4", _NEEDED, 0, 0, 0, _FIRST_DAY, crc, size, size, len(raw), 0)
    return _LOCAL.pack(*fields) + raw


def central_header(name: str, size: int, crc: int, offset: int) -> bytes:
    """Return a file's line in the directory at the end."""
    raw = name.encode("ascii")
    made_by = _UNIX + _NEEDED
    fields = (b"PK\1\2", made_by, _NEEDED, 0, 0, 0, _FIRST_DAY, crc, size, size, len(raw))
    return _CENTRAL.pack(*fields, 0, 0, 0, 0, _MODE, offset) + raw


def ending(count: int, size: int, offset: int) -> bytes:
    """Return the last bytes of the zip."""
    return _END.pack(b"PK\5\6", 0, 0, count, count, size, offset, 0)


def name_problem(name: str) -> str:
    """Return why a bundle may not hold a file of that name; empty when it may."""
    parts = name.split("/")
    if not all(_PART.fullmatch(part) and not _DEVICE.fullmatch(part) for part in parts):
        return "it is not made of plain letters, digits, points, lines and underscores"
    if len(parts) > _DEEPEST or len(name) > 240:
        return "it is too long or too deep"
    return ""


def check_names(names: Iterable[str]) -> None:
    """Check that names are plain, in order, and mean one file each on every system.

    Raises:
        Refused: with the first name that is not so.
    """
    before = ""
    seen: dict[str, tuple[str, bool]] = {}
    for name in names:
        problem = name_problem(name)
        if problem:
            raise Refused(f"The name {name[:80]!a} is refused: {problem}.")
        if name <= before:
            raise Refused(f"{name} is not in the order of names, or is there twice.")
        ends = [place for place, char in enumerate(name) if char == "/"] + [len(name)]
        for end in ends:
            kind = (name[:end], end == len(name))
            if seen.setdefault(name[:end].lower(), kind) != kind:
                raise Refused(f"{name} meets another name on some systems.")
        before = name


def unzipped(data: memoryview) -> Mapping[str, memoryview]:
    """Return the files of a zip in its one form, as windows into its bytes.

    Raises:
        Refused: it has another form; nothing was unpacked.
    """
    if len(data) < _END.size or len(data) > MOST_BYTES:
        raise Refused("The file is too short or too long for a bundle.")
    _, _, _, count, _, size, offset, _ = _END.unpack(data[-_END.size :])
    end = len(data) - _END.size
    if (
        data[end:] != ending(count, size, offset)
        or offset + size != end
        or not 0 < count <= MOST_FILES
    ):
        raise Refused("The zip does not end as a bundle does; something was added or cut off.")
    found = {}
    place, start = offset, 0
    for _ in range(count):
        name, length, place, start = _entry(data, place, end, start, offset)
        found[name] = data[start - length : start]
    if place != end or start != offset:
        raise Refused("Between the files and their directory there are bytes that belong to none.")
    check_names(found)
    if len(found) != count:
        raise Refused("A name is there twice.")
    return found


def _entry(
    data: memoryview, place: int, end: int, start: int, directory: int
) -> tuple[str, int, int, int]:
    """Check one file's two headers; return its name, length, and where the next of both begins."""
    if place + _CENTRAL.size > end:
        raise Refused("The directory of the zip is cut off.")
    fields = _CENTRAL.unpack(data[place : place + _CENTRAL.size])
    crc, size, name_length = fields[7], fields[8], fields[10]
    raw = bytes(data[place + _CENTRAL.size : place + _CENTRAL.size + name_length])
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("A name is not plain ASCII.") from None
    central, local = central_header(name, size, crc, start), local_header(name, size, crc)
    behind = start + len(local) + size
    if data[place : place + len(central)] != central or place + len(central) > end:
        raise Refused(f"The directory's line of {name[:80]!a} is not in its one form.")
    if behind > directory or data[start : start + len(local)] != local:
        raise Refused(f"The header of {name[:80]!a} is not in its one form.")
    if zlib.crc32(data[behind - size : behind]) != crc:
        raise Refused(f"The bytes of {name[:80]!a} do not have their checksum.")
    return name, size, place + len(central), behind
