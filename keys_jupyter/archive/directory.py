"""The central directory read into entries; nothing is said yet about their names or their bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from keys_jupyter.archive.ending import CENTRAL, Directory
from keys_jupyter.archive.extras import ZIP64, read_extra, widen
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.refusal import refusal, shown

STORED, DEFLATED = 0, 8
STREAMED = 0x0008
UTF8 = 0x0800
_LEVEL = 0x0006
_KNOWN_FLAGS = STREAMED | UTF8 | _LEVEL
_ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000
_ARCHIVE_EXTRA = b"PK\x06\x08"
_FIXED = struct.Struct("<4sBBHHHHHIIIHHHHHII")


@dataclass(frozen=True)
class Entry:
    """What the central directory says of one entry."""

    name: bytes
    host: int  # the system that made it, as PKWARE numbers them
    flags: int
    method: int
    crc: int
    packed: int  # bytes in the archive
    size: int  # bytes unpacked
    attributes: int
    offset: int  # of the local header
    wide: bool  # the directory gives some of its numbers in 64 bits

    @property
    def streamed(self) -> bool:
        """Whether sizes and checksum follow the data."""
        return bool(self.flags & STREAMED)

    def same_flags(self, flags: int) -> bool:
        """Whether a local header's flags agree; how hard the writer tried to compress is no matter."""
        return (self.flags ^ flags) & ~_LEVEL == 0


def read_entries(data: bytes, directory: Directory, limits: Limits) -> list[Entry]:
    """Read all entries of a central directory.

    Raises:
        IntegrityError: ``ENTRY_COUNT`` for too many, ``EMPTY`` for none, ``EOCD_AMBIGUOUS`` when the
            count is wrong, ``TRUNCATED`` when the directory is cut, else what is wrong with an entry.
    """
    if directory.entries > limits.entries:
        raise refusal(
            "ENTRY_COUNT",
            f"The archive has {directory.entries} entries; {limits.entries} are allowed.",
        )
    if directory.entries == directory.end == 0:
        raise refusal("EMPTY", "The archive is empty.")
    if directory.entries == 0 and directory.start == directory.end:
        raise refusal("HEADER_MISMATCH", "The archive holds entries and its directory lists none.")
    entries = []
    position = directory.start
    for _ in range(directory.entries):
        entry, position = _read_entry(data, position, directory.end)
        entries.append(entry)
    if position != directory.end:
        raise refusal("EOCD_AMBIGUOUS", "The archive has more entries than its end record counts.")
    return entries


def _read_entry(data: bytes, position: int, end: int) -> tuple[Entry, int]:
    if position == end:
        raise refusal("EOCD_AMBIGUOUS", "The archive has fewer entries than its end record counts.")
    if data.startswith(_ARCHIVE_EXTRA, position):
        raise refusal("ENCRYPTED", "The directory of the archive is encrypted.")
    body = position + _FIXED.size
    if body > end or not data.startswith(CENTRAL, position):
        raise refusal("TRUNCATED", "The directory of the archive is damaged.")
    (
        _,
        _,
        host,
        _,
        flags,
        method,
        _,
        _,
        crc,
        packed,
        size,
        *lengths,
        disk,
        _,
        attributes,
        offset,
    ) = _FIXED.unpack_from(data, position)
    name_end = body + lengths[0]
    after = name_end + lengths[1] + lengths[2]
    if after > end:
        raise refusal("TRUNCATED", "The directory of the archive is damaged.")
    name = data[body:name_end]
    _refuse_unreadable(name, flags, method, disk)
    extra = read_extra(data[name_end : name_end + lengths[1]], name)
    size, packed, offset = widen((size, packed, offset), extra.get(ZIP64), name, together=False)
    wide = ZIP64 in extra
    return Entry(name, host, flags, method, crc, packed, size, attributes, offset, wide), after


def _refuse_unreadable(name: bytes, flags: int, method: int, disk: int) -> None:
    if flags & _ENCRYPTED_FLAGS:
        raise refusal("ENCRYPTED", f"{shown(name)} is encrypted.")
    if method not in (STORED, DEFLATED):
        raise refusal("METHOD", f"{shown(name)} is packed with method {method}; use deflate.")
    if flags & ~_KNOWN_FLAGS:
        raise refusal(
            "FLAGS", f"{shown(name)} carries flags no zip writer should set ({flags:#06x})."
        )
    if disk:
        raise refusal("MULTIDISK", f"{shown(name)} lies in another part of a split archive.")
