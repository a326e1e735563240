"""Local headers against the directory: every byte belongs to exactly one entry, told the same twice.

Bytes in front of the first entry, between two, or behind the last are refused even when they are
harmless, because a reader that goes from the front would see them and one that goes from the back not.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NoReturn

from keys_jupyter.archive.directory import DEFLATED, STORED, Entry
from keys_jupyter.archive.ending import END, LOCAL
from keys_jupyter.archive.extras import ZIP64, read_extra, widen
from keys_jupyter.archive.refusal import refusal, shown

_FIXED = struct.Struct("<4sHHHHHIIIHH")
_DESCRIPTOR = b"PK\x07\x08"


@dataclass(frozen=True)
class Extent:
    """An entry and where its packed bytes begin."""

    entry: Entry
    start: int
    wide: bool  # a header gives 64-bit numbers, so the sizes behind the data have 64 bits too

    @property
    def end(self) -> int:
        """Where its packed bytes end."""
        return self.start + self.entry.packed


def lay_out(data: bytes, entries: list[Entry], directory_start: int) -> list[Extent]:
    """Place every entry, in the order of the directory.

    Raises:
        IntegrityError: ``HEADER_MISMATCH``, ``OVERLAP``, ``GAP``, ``PREFIX``, ``DESCRIPTOR``, ``CRC``,
            ``ZIP64`` or ``EOCD_AMBIGUOUS``, by what does not fit.
    """
    ordered = sorted(entries, key=lambda entry: entry.offset)
    boundaries = [entry.offset for entry in ordered[1:]] + [directory_start]
    for entry, boundary in zip(ordered, boundaries, strict=True):
        if entry.offset == boundary != directory_start:
            raise refusal("OVERLAP", f"{shown(entry.name)} shares its bytes with another entry.")
    placed = {entry.offset: _read_local(data, entry, directory_start) for entry in ordered}
    if ordered[0].offset:
        _refuse_front(data, ordered[0].offset)
    for extent, boundary in zip(placed.values(), boundaries, strict=True):
        _check_end(data, extent, boundary, last=boundary == directory_start)
    return [placed[entry.offset] for entry in entries]


def _refuse_front(data: bytes, first: int) -> NoReturn:
    if data.find(END, 0, first) != -1:
        raise refusal("EOCD_AMBIGUOUS", "The file holds two archives, one behind the other.")
    if data.startswith(LOCAL):
        raise refusal("HEADER_MISMATCH", "The archive begins with an entry its directory hides.")
    raise refusal("PREFIX", "Other bytes come before the archive.")


def _read_local(data: bytes, entry: Entry, limit: int) -> Extent:
    body = entry.offset + _FIXED.size
    if body > limit or not data.startswith(LOCAL, entry.offset):
        raise refusal("HEADER_MISMATCH", f"{shown(entry.name)} is listed and is not there.")
    (_, _, flags, method, _, _, crc, packed, size, name_length, extra_length) = _FIXED.unpack_from(
        data, entry.offset
    )
    start = body + name_length + extra_length
    name = data[body : body + name_length]
    if name != entry.name or start > limit:
        raise refusal(
            "HEADER_MISMATCH", f"{shown(entry.name)} is also called {shown(name)} in the archive."
        )
    if not entry.same_flags(flags) or method != entry.method:
        raise refusal("HEADER_MISMATCH", f"Two headers of {shown(name)} disagree.")
    extra = read_extra(data[body + name_length : start], name)
    size, packed = widen((size, packed), extra.get(ZIP64), name, together=True)
    _compare_sizes(entry, crc, packed, size)
    return Extent(entry, start, entry.wide or ZIP64 in extra)


def _compare_sizes(entry: Entry, crc: int, packed: int, size: int) -> None:
    blank = (0,) if entry.streamed else ()
    if packed not in (entry.packed, *blank) or size not in (entry.size, *blank):
        raise refusal(
            "HEADER_MISMATCH", f"Two headers of {shown(entry.name)} give different sizes."
        )
    if crc not in (entry.crc, *blank):
        raise refusal("CRC", f"Two headers of {shown(entry.name)} give different checksums.")
    if entry.method == STORED and entry.packed != entry.size:
        raise refusal("SIZE_MISMATCH", f"{shown(entry.name)} is stored and yet of two sizes.")


def _check_end(data: bytes, extent: Extent, boundary: int, *, last: bool) -> None:
    end = extent.end
    name = extent.entry.name
    if end > boundary:
        raise refusal("OVERLAP", f"{shown(name)} reaches into what follows it.")
    if extent.entry.streamed:
        end = _check_descriptor(data, extent, boundary)
    elif data.startswith(_DESCRIPTOR, end):
        raise refusal("DESCRIPTOR", f"{shown(name)} is followed by sizes it does not announce.")
    if end == boundary:
        return
    if last and data.startswith(LOCAL, end):
        raise refusal("HEADER_MISMATCH", "The archive ends with an entry its directory hides.")
    raise refusal("GAP", f"Unaccounted bytes follow {shown(name)}.")


def _check_descriptor(data: bytes, extent: Extent, boundary: int) -> int:
    """Return where the sizes behind the data end.

    Stored data that holds a descriptor's signature would end there for a reader from the front.
    """
    entry = extent.entry
    shape = struct.Struct("<4sIQQ" if extent.wide else "<4sIII")
    end = extent.end + shape.size
    expected = (_DESCRIPTOR, entry.crc, entry.packed, entry.size)
    if end > boundary or shape.unpack_from(data, extent.end) != expected:
        raise refusal("DESCRIPTOR", f"The sizes behind {shown(entry.name)} are missing or wrong.")
    if entry.method != DEFLATED and data.find(_DESCRIPTOR, extent.start, extent.end) != -1:
        raise refusal("DESCRIPTOR", f"{shown(entry.name)} could end in two places.")
    return end
