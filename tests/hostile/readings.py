"""E. Archives that can be read in two ways."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Callable
from typing import Any

from tests.hostile.case import Case, key_json, notebook, pack, written
from tests.hostile.writer import (
    STREAMED,
    Item,
    Written,
    deflate,
    describe,
    end,
    end64,
    extra,
    locator,
    write,
)

SENTINEL = 0xFFFFFFFF


def one(**fields: Any) -> Callable[[], bytes]:
    """A good pack with one more file that is described wrongly."""
    return lambda: pack(Item(b"a.txt", b"some text", **fields))


def streamed(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    item = Item(b"a.txt", b"some text", flags=STREAMED)
    item.descriptor = change(describe(item))
    return lambda: pack(item)


def listed_not_there() -> bytes:
    return pack(Item(b"ghost.txt", b"x", absent=True))


def hidden_last() -> bytes:
    return pack(Item(b"hidden.txt", b"x", hidden=True))


def hidden_first() -> bytes:
    return write([Item(b"hidden.txt", b"x", hidden=True), key_json(), notebook()]).closed()


def hidden_between() -> bytes:
    return write([key_json(), Item(b"hidden.txt", b"x", hidden=True), notebook()]).closed()


def all_hidden() -> bytes:
    return write([Item(b"hidden.txt", b"x", hidden=True)]).closed()


def zip64(
    made: Written | None = None, *, between: bytes = b"", at: int | None = None, **changed: int
) -> bytes:
    """A pack with a ZIP64 end record; ``end_…`` changes the old record, the rest the new one."""
    made = made or written()
    old = {key[4:]: value for key, value in changed.items() if key.startswith("end_")}
    new = {key: value for key, value in changed.items() if not key.startswith("end_")}
    where = len(made.body) + len(made.directory)
    record = end64(made.entries, len(made.directory), len(made.body), **new)
    last = end(made.entries, len(made.directory), len(made.body), **old)
    found = locator(where if at is None else at)
    return made.body + made.directory + record + between + found + last


def wide_central(blob: bytes, **fields: int) -> Callable[[], bytes]:
    return one(central={"extra": blob, **fields})


def wide_local(blob: bytes, **fields: int) -> Callable[[], bytes]:
    return one(local={"extra": blob, **fields})


def without_locator() -> bytes:
    made = written()
    record = end64(made.entries, len(made.directory), len(made.body))
    return made.body + made.directory + record + made.closed()[len(made.body + made.directory) :]


def tar_and_zip() -> bytes:
    """An archive whose first 512 bytes are a tar header with a right checksum."""
    name = b"notes.txt"
    extra_room = extra(0x9999, bytes(600))
    made = bytearray(write([Item(name, b"x", local={"extra": extra_room}), key_json()]).closed())
    made[257:265] = b"ustar\x0000"
    made[124:136] = b"00000000000\0"
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made[:512])
    return bytes(made)


def tar() -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as made:
        made.addfile(tarfile.TarInfo("key.json"))
    return raw.getvalue()


def encrypted_directory() -> bytes:
    made = written()
    directory = b"PK\x06\x08" + struct.pack("<I", 0) + made.directory
    return Written(made.body, directory, made.entries).closed()


def cut_data_out() -> bytes:
    whole = pack()
    return whole[:60] + whole[70:]


def two_ends() -> bytes:
    whole = pack()
    return whole + whole[-22:]


def second_archive_in_comment() -> bytes:
    inner = write([Item(b"evil.txt", b"x")])
    return pack(comment=inner.closed())


EXPECTED = (b"PK\x07\x08", zlib.crc32(b"some text"), len(deflate(b"some text")), 9)

CASES = [
    Case(52, "other local name", "HEADER_MISMATCH", one(local={"name": b"b.txt"})),
    Case(52, "local name behind a NUL", "HEADER_MISMATCH", one(local={"name": b"a.txt\0.py"})),
    Case(53, "other local size", "HEADER_MISMATCH", one(local={"size": 8})),
    Case(53, "other local packed size", "HEADER_MISMATCH", one(local={"packed": 3})),
    Case(
        53,
        "stored in two sizes",
        "SIZE_MISMATCH",
        one(method=0, local={"size": 8}, central={"size": 8}),
    ),
    Case(54, "wrong in the directory", "CRC", one(central={"crc": 1})),
    Case(54, "wrong in the local header", "CRC", one(local={"crc": 1})),
    Case(54, "zero in both", "CRC", one(local={"crc": 0}, central={"crc": 0})),
    Case(54, "wrong in both, stored", "CRC", one(method=0, local={"crc": 9}, central={"crc": 9})),
    Case(54, "damaged deflate", "DEFLATE", one(packed=b"\xff\xff\xff")),
    Case(54, "deflate without an end", "DEFLATE", one(packed=deflate(b"some text")[:-2])),
    Case(
        54,
        "bytes behind the deflate stream",
        "SIZE_MISMATCH",
        one(packed=deflate(b"some text") + b"hidden"),
    ),
    Case(55, "listed and not there", "HEADER_MISMATCH", listed_not_there),
    Case(55, "offset beyond the archive", "HEADER_MISMATCH", one(central={"offset": 0x7FFFFFFF})),
    Case(56, "entry hidden at the end", "HEADER_MISMATCH", hidden_last),
    Case(56, "entry hidden at the front", "HEADER_MISMATCH", hidden_first),
    Case(56, "all entries hidden", "HEADER_MISMATCH", all_hidden),
    Case(57, "other local method", "HEADER_MISMATCH", one(local={"method": 0})),
    Case(58, "only one header streamed", "HEADER_MISMATCH", one(local={"flags": STREAMED})),
    Case(58, "only one header encrypted", "HEADER_MISMATCH", one(local={"flags": 1})),
    Case(58, "only one header in UTF-8", "HEADER_MISMATCH", one(local={"flags": 0x800})),
    Case(58, "patch data", "FLAGS", one(flags=0x20)),
    Case(59, "missing", "DESCRIPTOR", streamed(lambda _: b"")),
    Case(59, "unannounced", "DESCRIPTOR", one(after=struct.pack("<4sIII", *EXPECTED))),
    Case(
        59, "bad checksum", "DESCRIPTOR", streamed(lambda good: good[:4] + b"\1\2\3\4" + good[8:])
    ),
    Case(59, "bad size", "DESCRIPTOR", streamed(lambda good: good[:-4] + b"\1\0\0\0")),
    Case(59, "no signature", "DESCRIPTOR", streamed(lambda good: good[4:])),
    Case(
        59,
        "64 bits unannounced",
        "DESCRIPTOR",
        streamed(lambda good: struct.pack("<4sIQQ", *struct.unpack("<4sIII", good))),
    ),
    Case(
        59,
        "stored data that ends twice",
        "DESCRIPTOR",
        lambda: pack(Item(b"a.txt", b"a PK\x07\x08 b", method=0, flags=STREAMED)),
    ),
    Case(60, "too short", "ZIP64", wide_central(extra(1, b"\0" * 4), size=SENTINEL)),
    Case(60, "too long", "ZIP64", wide_central(extra(1, struct.pack("<QQ", 9, 9)), size=SENTINEL)),
    Case(60, "twice", "ZIP64", wide_central(extra(1, struct.pack("<Q", 9)) * 2, size=SENTINEL)),
    Case(60, "nothing announced", "ZIP64", wide_central(extra(1, struct.pack("<Q", 9)))),
    Case(60, "announced and absent", "ZIP64", wide_central(b"", size=SENTINEL)),
    Case(
        60,
        "local, one size of two",
        "ZIP64",
        wide_local(extra(1, struct.pack("<Q", 9)), size=SENTINEL),
    ),
    Case(60, "local, nothing announced", "ZIP64", wide_local(extra(1, struct.pack("<QQ", 9, 11)))),
    Case(
        60,
        "local, other sizes",
        "HEADER_MISMATCH",
        wide_local(extra(1, struct.pack("<QQ", 8, 11)), size=SENTINEL, packed=SENTINEL),
    ),
    Case(61, "another count", "ZIP64", lambda: zip64(end_entries=9, end_here=9)),
    Case(61, "another offset", "ZIP64", lambda: zip64(end_offset=0)),
    Case(61, "missing locator", "ZIP64", without_locator),
    Case(61, "announced and absent", "ZIP64", lambda: pack(offset=SENTINEL)),
    Case(61, "wrong locator", "ZIP64", lambda: zip64(at=0)),
    Case(61, "extensible data", "ZIP64", lambda: zip64(between=b"12345678", length=52)),
    Case(61, "odd length", "ZIP64", lambda: zip64(length=45)),
    Case(62, "two end records", "EOCD_AMBIGUOUS", two_ends),
    Case(62, "archive in the comment", "EOCD_AMBIGUOUS", second_archive_in_comment),
    Case(62, "end record in the comment", "EOCD_AMBIGUOUS", lambda: pack(comment=b"PK\x05\x06...")),
    Case(62, "two archives in a row", "EOCD_AMBIGUOUS", lambda: pack() + pack()),
    Case(63, "one too many", "EOCD_AMBIGUOUS", lambda: pack(here=3, entries=3)),
    Case(63, "one too few", "EOCD_AMBIGUOUS", lambda: pack(here=1, entries=1)),
    Case(63, "two counts", "EOCD_AMBIGUOUS", lambda: pack(here=1)),
    Case(63, "two counts in ZIP64", "EOCD_AMBIGUOUS", lambda: zip64(here=1, end_here=1)),
    Case(64, "shell script in front", "PREFIX", lambda: b"#!/bin/sh\nexit\n" + pack()),
    Case(64, "PDF in front", "PREFIX", lambda: b"%PDF-1.7\n" + pack()),
    Case(
        64,
        "in front, offsets adjusted",
        "PREFIX",
        lambda: write(
            [Item(b"x", hidden=True, absent=True, before=b"#!/bin/sh\n"), key_json(), notebook()]
        ).closed(),
    ),
    Case(64, "header's first bytes in front", "PREFIX", lambda: b"PK\x03\x04" + pack()),
    Case(65, "behind the archive", "TRAILING", lambda: pack() + b"x"),
    Case(65, "far behind the archive", "TRAILING", lambda: pack() + bytes(200_000)),
    Case(66, "entry hidden between two", "GAP", hidden_between),
    Case(66, "bytes between two", "GAP", lambda: pack(Item(b"a.txt", b"x", before=b"junk"))),
    Case(66, "bytes before the directory", "GAP", one(after=b"junk")),
    Case(
        66,
        "bytes behind the directory",
        "GAP",
        lambda: (lambda made: made.closed()[:-22] + b"junk" + made.closed()[-22:])(written()),
    ),
    Case(67, "cut in an entry", "TRUNCATED", lambda: pack()[:100]),
    Case(67, "cut in the directory", "TRUNCATED", lambda: pack()[:-60]),
    Case(67, "cut in the end record", "TRUNCATED", lambda: pack()[:-3]),
    Case(67, "cut in the comment", "TRUNCATED", lambda: pack(comment=b"hello")[:-2]),
    Case(67, "bytes missing inside", "TRUNCATED", cut_data_out),
    Case(67, "no bytes", "EMPTY", lambda: b""),
    Case(67, "no entries", "EMPTY", lambda: end(0, 0, 0)),
    Case(68, "traditional", "ENCRYPTED", one(flags=1)),
    Case(68, "AES", "ENCRYPTED", one(flags=1, method=99)),
    Case(
        68,
        "AES by its extra field",
        "ENCRYPTED",
        one(
            local={"extra": extra(0x9901, b"\2\0AE\3\x08\0")},
            central={"extra": extra(0x9901, b"\2\0AE\3\x08\0")},
        ),
    ),
    Case(68, "strong", "ENCRYPTED", one(flags=0x41)),
    Case(68, "masked headers", "ENCRYPTED", one(flags=0x2000)),
    Case(68, "encrypted directory", "ENCRYPTED", encrypted_directory),
    *[
        Case(69, f"method {method}", "METHOD", one(method=method, packed=b"x"))
        for method in (1, 6, 9, 12, 14, 93, 95, 99)
    ],
    Case(70, "part 1 of 2", "MULTIDISK", lambda: pack(disk=1, start_disk=1)),
    Case(70, "entry in another part", "MULTIDISK", one(central={"disk": 1})),
    Case(70, "spanning marker", "MULTIDISK", lambda: b"PK\x07\x08" + pack()),
    Case(
        70,
        "locator in another part",
        "MULTIDISK",
        lambda: zip64().replace(b"PK\x06\x07\0", b"PK\x06\x07\1"),
    ),
    Case(71, "also a tar", "NOT_ZIP", tar_and_zip),
    Case(71, "also a gzip", "NOT_ZIP", lambda: gzip.compress(b"x") + pack()),
    Case(71, "tar", "NOT_ZIP", tar),
    Case(71, "HTML", "NOT_ZIP", lambda: b"<!DOCTYPE html><title>Not found</title>"),
    Case(71, "JSON", "NOT_ZIP", lambda: b'{"statusCode":"400","error":"InvalidJWT"}'),
]
