"""Where a zip's directory lies, found so that every reader must find the same one.

The bytes from the first local header to the end record have to be accounted for without rest; this
module covers what lies behind the directory, :mod:`keys_jupyter.archive.layout` what lies before it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, NoReturn

from keys_jupyter.archive.refusal import refusal, shown

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR = b"PK\x06\x07"
_SPANNED = (b"PK\x07\x08", b"PK00")
_END_SIZE, _END64_SIZE, _LOCATOR_SIZE = 22, 56, 20
_NARROW = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


class Directory(NamedTuple):
    """Where the central directory starts and ends, and how many entries it says it has."""

    start: int
    end: int
    entries: int


def find_directory(data: bytes) -> Directory:
    """Return the one central directory of an archive.

    Raises:
        IntegrityError: with the code of what is wrong, such as ``NOT_ZIP``, ``TRUNCATED``,
            ``EOCD_AMBIGUOUS``, ``TRAILING``, ``PREFIX``, ``ZIP64`` or ``MULTIDISK``.
    """
    _refuse_other_formats(data)
    position = _end_record(data)
    fields: tuple[int, ...] = struct.unpack_from("<4HII", data, position + 4)
    disk, start_disk, here, count, size, start = fields
    anchor = position
    if position >= _LOCATOR_SIZE and data.startswith(_LOCATOR, position - _LOCATOR_SIZE):
        anchor = position - _LOCATOR_SIZE - _END64_SIZE
        disk, start_disk, here, count, size, start = _zip64_fields(data, anchor, fields)
    elif any(field == top for field, top in zip(fields, _NARROW, strict=True)):
        raise refusal("ZIP64", "The end record announces ZIP64 and there is none.")
    if disk or start_disk:
        raise refusal("MULTIDISK", "This is one part of an archive that was split.")
    if here != count:
        raise refusal("EOCD_AMBIGUOUS", "The end record gives two different counts of entries.")
    if start + size != anchor:
        _refuse_misplaced(data, start, size, anchor)
    return Directory(start, anchor, count)


def _refuse_other_formats(data: bytes) -> None:
    if not data:
        raise refusal("EMPTY", "The file is empty.")
    if data.startswith(b"\x1f\x8b") or _is_tar(data):
        raise refusal("NOT_ZIP", "The file is a tar or gzip archive, or can be read as one.")
    if data.startswith(_SPANNED):
        raise refusal("MULTIDISK", "This is one part of an archive that was split.")


def _is_tar(data: bytes) -> bool:
    """Whether the first block carries a tar header's checksum; the magic word is optional in tar."""
    stated = data[148:156].strip(b" \0")
    if len(data) < 512 or not stated or stated.strip(b"01234567"):
        return False
    return int(stated, 8) == sum(data[:148]) + 8 * ord(" ") + sum(data[156:512])


def _end_record(data: bytes) -> int:
    exact = []
    position = last = data.find(END, max(0, len(data) - _END_SIZE - 0xFFFF))
    while position != -1:
        last = position
        if _ends_at(data, position) == len(data):
            exact.append(position)
        position = data.find(END, position + 1)
    if not exact:
        _refuse_without_end(data)
    if len(exact) > 1 or last != exact[0]:
        raise refusal(
            "EOCD_AMBIGUOUS", "The file has two end records, so it can be read in two ways."
        )
    if not data.startswith((LOCAL, END)):
        raise refusal("PREFIX", f"Other bytes come before the archive: {shown(data[:8])}.")
    return exact[0]


def _ends_at(data: bytes, position: int) -> int:
    if position + _END_SIZE > len(data):
        return -1
    return int(position + _END_SIZE + struct.unpack_from("<H", data, position + 20)[0])


def _refuse_without_end(data: bytes) -> NoReturn:
    last = data.rfind(END)
    if last != -1 and 0 <= _ends_at(data, last) < len(data):
        raise refusal("TRAILING", "Other bytes follow the archive.")
    if data.startswith(LOCAL) or last != -1:
        raise refusal("TRUNCATED", "The archive is cut short.", "Fetch it again.")
    raise refusal(
        "NOT_ZIP",
        f"The file is no zip archive; it begins with {shown(data[:16])}.",
        "If it was downloaded, the server may have answered with an error page. Fetch it again.",
    )


def _zip64_fields(data: bytes, anchor: int, narrow: tuple[int, ...]) -> tuple[int, ...]:
    disk, at, disks = struct.unpack_from("<IQI", data, anchor + _END64_SIZE + 4)
    if disk or disks > 1:
        raise refusal("MULTIDISK", "This is one part of an archive that was split.")
    if anchor < 0 or at != anchor or not data.startswith(_END64, anchor):
        raise refusal("ZIP64", "The ZIP64 end record is not where the archive says it is.")
    length, *wide = struct.unpack_from("<Q4xIIQQQQ", data, anchor + 4)
    if length != _END64_SIZE - 12:
        raise refusal("ZIP64", "The ZIP64 end record has a length no reader expects.")
    for small, big, top in zip(narrow, wide, _NARROW, strict=True):
        if small not in (top, big):
            raise refusal("ZIP64", "The end record and its ZIP64 form disagree.")
    return tuple(wide)


def _refuse_misplaced(data: bytes, start: int, size: int, anchor: int) -> NoReturn:
    surplus = anchor - start - size
    if surplus < 0:
        raise refusal("TRUNCATED", "The archive is shorter than its end record says.")
    if size and data.startswith(CENTRAL, start):
        between = data[start + size : anchor]
        if END in between:
            raise refusal("EOCD_AMBIGUOUS", "The file has two end records.")
        if _END64 in between or _LOCATOR in between:
            raise refusal("ZIP64", "The ZIP64 end record is not where the archive says it is.")
        raise refusal("GAP", "Unaccounted bytes follow the directory of the archive.")
    if data.find(END, 0, surplus) != -1:
        raise refusal("EOCD_AMBIGUOUS", "The file holds two archives, one behind the other.")
    raise refusal("PREFIX", "Other bytes come before the archive.")
