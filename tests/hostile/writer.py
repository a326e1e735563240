"""A zip writer that does exactly what it is told, however wrong that is."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

LOCAL = "<4sHHHHHIIIHH"
CENTRAL = "<4sHHHHHHIIIHHHHHII"
STREAMED, UTF8 = 0x0008, 0x0800
DOS_DATE = (2024 - 1980) << 9 | 1 << 5 | 1


def deflate(data: bytes, level: int = 9) -> bytes:
    machine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


def extra(key: int, value: bytes) -> bytes:
    return struct.pack("<HH", key, len(value)) + value


@dataclass
class Item:
    """One entry; ``local`` and ``central`` override single header fields on one side."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    made_by: int = 3 << 8 | 20
    attributes: int = 0o100644 << 16
    packed: bytes | None = None
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    descriptor: bytes | None = None
    before: bytes = b""
    after: bytes = b""
    hidden: bool = False  # written, but not listed
    absent: bool = False  # listed, but not written

    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data


def describe(item: Item, *, wide: bool = False) -> bytes:
    """The right data descriptor of an entry."""
    shape = "<4sIQQ" if wide else "<4sIII"
    crc = zlib.crc32(item.data)
    return struct.pack(shape, b"PK\x07\x08", crc, len(item.body()), len(item.data))


def _local(item: Item) -> bytes:
    streamed = bool(item.flags & STREAMED)
    fields: dict[str, Any] = {
        "signature": b"PK\x03\x04",
        "needed": 20,
        "flags": item.flags,
        "method": item.method,
        "time": 0,
        "date": DOS_DATE,
        "crc": 0 if streamed else zlib.crc32(item.data),
        "packed": 0 if streamed else len(item.body()),
        "size": 0 if streamed else len(item.data),
        "name": item.name,
        "extra": b"",
        **item.local,
    }
    name, more = fields.pop("name"), fields.pop("extra")
    return struct.pack(LOCAL, *fields.values(), len(name), len(more)) + name + more


def central(item: Item, offset: int) -> bytes:
    fields: dict[str, Any] = {
        "signature": b"PK\x01\x02",
        "made_by": item.made_by,
        "needed": 20,
        "flags": item.flags,
        "method": item.method,
        "time": 0,
        "date": DOS_DATE,
        "crc": zlib.crc32(item.data),
        "packed": len(item.body()),
        "size": len(item.data),
        "name": item.name,
        "extra": b"",
        "comment": b"",
        "disk": 0,
        "internal": 0,
        "attributes": item.attributes,
        "offset": offset,
        **item.central,
    }
    texts = [fields.pop(key) for key in ("name", "extra", "comment")]
    values = list(fields.values())
    head = struct.pack(CENTRAL, *values[:10], *map(len, texts), *values[10:])
    return head + b"".join(texts)


def end(entries: int, size: int, offset: int, comment: bytes = b"", /, **changed: int) -> bytes:
    fields = {
        "disk": 0,
        "start_disk": 0,
        "here": entries,
        "entries": entries,
        "size": size,
        "offset": offset,
        "comment": len(comment),
        **changed,
    }
    return struct.pack("<4s4HIIH", b"PK\x05\x06", *fields.values()) + comment


def end64(entries: int, size: int, offset: int, /, **changed: int) -> bytes:
    fields = {
        "length": 44,
        "made_by": 45,
        "needed": 45,
        "disk": 0,
        "start_disk": 0,
        "here": entries,
        "entries": entries,
        "size": size,
        "offset": offset,
        **changed,
    }
    return struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", *fields.values())


def locator(at: int, disk: int = 0, disks: int = 1) -> bytes:
    return struct.pack("<4sIQI", b"PK\x06\x07", disk, at, disks)


@dataclass
class Written:
    """The three parts of an archive, for those who want to put them together in another way."""

    body: bytes
    directory: bytes
    entries: int

    def closed(self, comment: bytes = b"", **changed: int) -> bytes:
        last = end(self.entries, len(self.directory), len(self.body), comment, **changed)
        return self.body + self.directory + last


def write(items: list[Item]) -> Written:
    body = b""
    listed = []
    for item in items:
        body += item.before
        if not item.hidden:
            listed.append(central(item, len(body)))
        if item.absent:
            continue
        tail = item.descriptor
        if tail is None:
            tail = describe(item) if item.flags & STREAMED else b""
        body += _local(item) + item.body() + tail + item.after
    return Written(body, b"".join(listed), len(listed))
