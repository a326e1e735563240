"""The extra fields of a zip header, read so that they can say nothing the header does not.

Only two kinds matter here: ZIP64 sizes and the Unicode path of Info-ZIP. All others are ignored, and
nothing is ever done because of one.
"""

from __future__ import annotations

import struct
import zlib

from keys_jupyter.archive.refusal import refusal, shown

ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_ENCRYPTION = {0x0017, 0x9901}
_UNIQUE = {ZIP64: "ZIP64", _UNICODE_PATH: "EXTRA_CONFLICT"}
_WIDE = 0xFFFFFFFF


def read_extra(blob: bytes, name: bytes) -> dict[int, bytes]:
    """Split extra fields by their id.

    Raises:
        IntegrityError: ``EXTRA_CONFLICT`` for fields that do not add up or speak of another name,
            ``ZIP64`` for sizes given twice, ``ENCRYPTED`` for the fields of encrypted entries.
    """
    fields: dict[int, bytes] = {}
    position = 0
    while len(blob) - position >= 4:
        key, length = struct.unpack_from("<HH", blob, position)
        value = blob[position + 4 : position + 4 + length]
        if len(value) != length:
            raise refusal("EXTRA_CONFLICT", f"An extra field of {shown(name)} is cut short.")
        if key in fields and key in _UNIQUE:
            raise refusal(_UNIQUE[key], f"An extra field of {shown(name)} is given twice.")
        if key in _ENCRYPTION:
            raise refusal("ENCRYPTED", f"{shown(name)} is encrypted.")
        fields[key] = value
        position += 4 + length
    if blob[position:].strip(b"\0"):
        raise refusal("EXTRA_CONFLICT", f"The extra fields of {shown(name)} do not add up.")
    _compare_unicode_path(fields.get(_UNICODE_PATH), name)
    return fields


def _compare_unicode_path(value: bytes | None, name: bytes) -> None:
    if value is None:
        return
    says_same = len(value) >= 5 and value[0] == 1 and value[5:] == name
    if not says_same or struct.unpack_from("<I", value, 1)[0] != zlib.crc32(name):
        raise refusal("EXTRA_CONFLICT", f"{shown(name)} carries a second, different name.")


def widen(
    narrow: tuple[int, ...], value: bytes | None, name: bytes, *, together: bool
) -> tuple[int, ...]:
    """Replace header fields that say "see ZIP64" by what the extra field says.

    Args:
        narrow: the 32-bit fields in the order ZIP64 keeps them.
        value: the ZIP64 extra field, if there is one.
        name: the entry, for messages.
        together: a local header widens all of its fields or none.

    Raises:
        IntegrityError: ``ZIP64`` unless the field holds exactly the values that were announced.
    """
    wide = [field == _WIDE for field in narrow]
    if value is None and not any(wide):
        return narrow
    agrees = value is not None and any(wide) and len(value) == 8 * sum(wide)
    if not agrees or (together and not all(wide)):
        raise refusal("ZIP64", f"The ZIP64 sizes of {shown(name)} do not fit its header.")
    given = iter(struct.unpack(f"<{sum(wide)}Q", value or b""))
    return tuple(
        next(given) if is_wide else field for field, is_wide in zip(narrow, wide, strict=True)
    )
