"""What comes out of an archive, in pieces, counted as it comes.

A header's sizes are never believed: an entry that yields more or less than it states, or more than the
limits allow, is refused within one piece. Memory use is that of one piece, whatever the entry's size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from keys_jupyter.archive.directory import STORED
from keys_jupyter.archive.layout import Extent
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.refusal import refusal, shown

PIECE = 256 * 1024  # bytes


def pieces(data: bytes, extent: Extent) -> Iterator[bytes]:
    """Yield an entry's unpacked bytes.

    Raises:
        IntegrityError: ``DEFLATE`` when they cannot be unpacked, ``SIZE_MISMATCH`` when packed bytes
            are left over.
    """
    if extent.entry.method == STORED:
        for start in range(extent.start, extent.end, PIECE):
            yield data[start : min(start + PIECE, extent.end)]
    else:
        yield from _inflated(data, extent)


def _inflated(data: bytes, extent: Extent) -> Iterator[bytes]:
    name = shown(extent.entry.name)
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    position, waiting = extent.start, b""
    while not machine.eof:
        if not waiting:
            waiting = data[position : min(position + PIECE, extent.end)]
            position += len(waiting)
        try:
            piece = machine.decompress(waiting, PIECE)
        except zlib.error:
            raise refusal("DEFLATE", f"The packed bytes of {name} are damaged.") from None
        waiting = machine.unconsumed_tail
        if piece:
            yield piece
        elif position == extent.end and not (waiting or machine.eof):
            raise refusal("DEFLATE", f"The packed bytes of {name} have no end.")
    if machine.unused_data or position < extent.end:
        raise refusal("SIZE_MISMATCH", f"{name} has packed bytes that no reader unpacks.")


class Budget:
    """What may still come out of one archive."""

    def __init__(self, limits: Limits) -> None:
        """Start with everything that ``limits`` allow."""
        self._limits = limits
        self._total = 0

    def admit(self, extents: list[Extent]) -> None:
        """Refuse by the stated sizes what could only be refused later otherwise.

        Raises:
            IntegrityError: ``ENTRY_SIZE``, ``RATIO`` or ``SIZE_TOTAL``.
        """
        entries = [extent.entry for extent in extents]
        for entry in entries:
            self._check_entry(entry.name, entry.size, entry.packed)
        total, packed = sum(entry.size for entry in entries), sum(entry.packed for entry in entries)
        if total > self._limits.total:
            raise refusal("SIZE_TOTAL", f"The archive would unpack to {total} bytes.")
        if total > self._limits.total_ratio_from and total > packed * self._limits.total_ratio:
            raise refusal("RATIO", f"The archive would unpack {packed} bytes to {total}.")

    def counted(self, data: bytes, extent: Extent) -> Iterator[bytes]:
        """Yield an entry's bytes and hold them against its headers and the limits.

        Raises:
            IntegrityError: ``SIZE_TOTAL``, ``SIZE_MISMATCH``, ``ENTRY_SIZE``, ``RATIO``, ``CRC`` or
                ``DEFLATE``.
        """
        entry = extent.entry
        size = crc = 0
        for piece in pieces(data, extent):
            size += len(piece)
            self._total += len(piece)
            if self._total > self._limits.total:
                raise refusal("SIZE_TOTAL", "The archive unpacks to more than it states.")
            if size > entry.size:
                break
            self._check_entry(entry.name, size, entry.packed)
            crc = zlib.crc32(piece, crc)
            yield piece
        if size != entry.size:
            raise refusal("SIZE_MISMATCH", f"{shown(entry.name)} is not of the size it states.")
        if crc != entry.crc:
            raise refusal("CRC", f"{shown(entry.name)} does not have the checksum it states.")

    def _check_entry(self, name: bytes, size: int, packed: int) -> None:
        if size > self._limits.entry:
            raise refusal("ENTRY_SIZE", f"{shown(name)} is larger than {self._limits.entry} bytes.")
        if size > self._limits.entry_ratio_from and size > packed * self._limits.entry_ratio:
            raise refusal("RATIO", f"{shown(name)} would unpack {packed} bytes to at least {size}.")
