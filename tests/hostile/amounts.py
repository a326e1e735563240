"""B. How much comes out."""

from __future__ import annotations

import struct
import zlib

from keys_jupyter.archive import Limits
from tests.hostile.case import Case, key_json, notebook, pack, written
from tests.hostile.writer import Item, Written, central, deflate, write

MIB = 1024 * 1024


def zeros(size: int) -> bytes:
    """Deflated zeros: one block of 1 MiB, repeated as often as needed, and an end."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = machine.compress(bytes(MIB)) + machine.flush(zlib.Z_FULL_FLUSH)
    return block * (size // MIB) + machine.flush()


def bomb(name: bytes, size: int, stated: int) -> Item:
    """Zeros of one size that state another."""
    packed = zeros(size)
    told = {"size": stated, "packed": len(packed), "crc": 0}
    return Item(name, packed=packed, local=dict(told), central=dict(told))


def full_overlap() -> bytes:
    items = [key_json(), notebook(), Item(b"a.txt", b"a")]
    made = write(items)
    offset = made.body.index(b"PK\x03\x04", len(made.body) - 60)
    directory = made.directory + central(Item(b"b.txt", b"a"), offset)
    return Written(made.body, directory, made.entries + 1).closed()


def same_name_overlap() -> bytes:
    made = write([key_json(), notebook(), Item(b"a.txt", b"a")])
    offset = made.body.index(b"PK\x03\x04", len(made.body) - 60)
    directory = made.directory + central(Item(b"a.txt", b"a"), offset)
    return Written(made.body, directory, made.entries + 1).closed()


def quoted_overlap() -> bytes:
    """The first file's deflate stream quotes the second file's header, so both use one kernel."""
    inner = Item(b"b.txt", b"0" * 1000)
    quoted = write([inner])
    header = quoted.body[: 30 + len(inner.name)]
    stored = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header
    outer = Item(b"a.txt", header + inner.data, packed=stored + inner.body())
    made = write([key_json(), notebook(), outer])
    offset = made.body.rindex(header)
    directory = made.directory + central(inner, offset)
    return Written(made.body, directory, made.entries + 1).closed()


def nested(depth: int) -> bytes:
    data = b"x"
    for _ in range(depth):
        data = write([Item(b"inner.zip", data)]).closed()
    return pack(Item(b"inner.zip", data))


def lying_total() -> bytes:
    honest = Item(b"a.csv", bytes(range(256)) * 300, method=0)
    more = bytes(50_000)
    told = {"size": 100, "crc": 0}
    liar = Item(b"b.csv", packed=deflate(more), local=dict(told), central=dict(told))
    return pack(honest, liar)


def deep_notebook() -> bytes:
    text = b'{"cells": [], "metadata": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    return pack(Item(b"deep.ipynb", text))


CASES = [
    Case(13, "200 MiB of zeros", "RATIO", lambda: pack(bomb(b"zeros.csv", 200 * MIB, 200 * MIB))),
    Case(
        14, "10 bytes that are 1 GiB", "SIZE_MISMATCH", lambda: pack(bomb(b"z.csv", 1024 * MIB, 10))
    ),
    Case(
        14,
        "10 bytes that are 9",
        "SIZE_MISMATCH",
        lambda: pack(
            Item(b"z.csv", packed=deflate(b"123456789"), local={"size": 10}, central={"size": 10})
        ),
    ),
    Case(15, "full overlap", "OVERLAP", full_overlap),
    Case(15, "full overlap, one name", "OVERLAP", same_name_overlap),
    Case(16, "quoted overlap", "OVERLAP", quoted_overlap),
    Case(17, "zip in zip in zip", "TYPE_NOT_ALLOWED", lambda: nested(5)),
    Case(
        18,
        "70 000 empty files",
        "ENTRY_COUNT",
        lambda: written().closed(here=65_000, entries=65_000),
    ),
    Case(
        19, "real total over the cap", "SIZE_TOTAL", lying_total, {"limits": Limits(total=78_000)}
    ),
    Case(
        19,
        "stated total over the cap",
        "SIZE_TOTAL",
        lambda: pack(Item(b"a.csv", bytes(80_000))),
        {"limits": Limits(total=78_000)},
    ),
    Case(
        19,
        "ratio of all entries",
        "RATIO",
        lambda: pack(*[Item(b"%d.csv" % n, bytes(20_000)) for n in range(9)]),
        {"limits": Limits(total_ratio_from=100_000)},
    ),
    Case(20, "10 000 folders deep", "PATH_DEPTH", lambda: pack(Item(b"a/" * 10_000 + b"x"))),
    Case(21, "300-byte name", "NAME_TOO_LONG", lambda: pack(Item(b"n" * 300))),
    Case(
        21,
        "121 bytes in 61 letters",
        "NAME_TOO_LONG",
        lambda: pack(Item(("é" * 60 + "x").encode(), flags=0x800)),
    ),
    Case(
        21,
        "long path of short parts",
        "NAME_TOO_LONG",
        lambda: pack(Item(b"/".join([b"n" * 100] * 3))),
    ),
    Case(22, "65 535-byte name", "NAME_TOO_LONG", lambda: pack(Item(b"n" * 65_535))),
    Case(23, "100 000 nested lists", "JSON_DEPTH", deep_notebook),
    Case(
        23,
        "nested lists in key.json",
        "JSON_DEPTH",
        lambda: write([Item(b"key.json", b'{"a":' + b"[" * 2000)]).closed(),
    ),
    Case(
        23,
        "millions of lists",
        "JSON_SIZE",
        lambda: pack(Item(b"wide.ipynb", b'{"cells": [' + b"[]," * 300_000 + b"[]]}")),
        {"limits": Limits(json_values=100_000, entry_ratio=10_000)},
    ),
    Case(
        24,
        "notebook of one 300 MiB string",
        "ENTRY_SIZE",
        lambda: pack(bomb(b"big.ipynb", 300 * MIB, 300 * MIB)),
    ),
    Case(
        24,
        "notebook above its own limit",
        "ENTRY_SIZE",
        lambda: pack(Item(b"big.ipynb", b'"' + b"x" * 5000 + b'"')),
        {"limits": Limits(notebook=4000)},
    ),
    Case(
        24,
        "key.json above its own limit",
        "ENTRY_SIZE",
        lambda: write([key_json(description="x" * 4000), notebook()]).closed(),
        {"limits": Limits(metadata=2000)},
    ),
    Case(24, "archive above the cap", "ARCHIVE_SIZE", pack, {"limits": Limits(archive=200)}),
]
