"""The archive door: hostile packs stay out whole, good ones come in unchanged."""

from __future__ import annotations

import binascii
import copy
import dataclasses
import hashlib
import io
import json
import pickle
import stat
import struct
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys_jupyter.archive import Limits, Members, VerifiedPack, read, verify
from keys_jupyter.errors import IntegrityError
from tests.hostile import CASES
from tests.hostile.amounts import MIB, bomb
from tests.hostile.case import METADATA, NOTEBOOK, Case, key_json, named, notebook, pack
from tests.hostile.readings import SENTINEL, zip64
from tests.hostile.writer import STREAMED, UTF8, Item, describe, extra, write

FOREIGN = sorted((Path(__file__).parent / "hostile" / "foreign").glob("*.zip"))
KEY = key_json().data
CELLS = notebook().data


@pytest.mark.parametrize("case", CASES, ids=str)
def test_hostile_archive_is_refused_with_its_code(case: Case) -> None:
    data = case.build()
    start = time.monotonic()
    with pytest.raises(IntegrityError) as caught:
        verify(data, **{"sha256": None, **case.asked})
    assert caught.value.code == case.code
    assert caught.value.message.isprintable()
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in caught.value.message
    assert caught.value.hint
    assert time.monotonic() - start < 2


def test_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 72
    assert {case.number for case in CASES} >= {*range(1, 12), *range(13, 32), *range(33, 72)}


class Pipe(io.RawIOBase):
    """A stream that cannot go back, so that sizes must follow the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += bytes(data)
        return len(data)


def by_python(method: int, *, streamed: bool = False, forced: bool = False, top: str = "") -> bytes:
    target = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, data in ((f"{top}key.json", KEY), (f"{top}notebooks/example.ipynb", CELLS)):
            with made.open(name, "w", force_zip64=forced) as file:
                file.write(data)
        made.writestr(f"{top}daten/größe 🎉.csv", "a,b\n1,2\n")
    return target.data if isinstance(target, Pipe) else target.getvalue()


def with_folders() -> bytes:
    mode = (stat.S_IFDIR | 0o755) << 16 | 0x10
    return pack(
        Item(b"empty/", method=0, attributes=mode),
        Item(b"deflated/", attributes=mode),
        Item(b"a/b/c/", method=0, attributes=mode),
        Item(b"a/b/x.csv", b"1"),
        Item(b"a/", method=0, attributes=mode),
        Item(b"streamed/", flags=STREAMED, attributes=mode),
    )


def wide_entry() -> bytes:
    body = len(Item(b"a.csv", b"some text").body())
    return pack(
        Item(
            b"a.csv",
            b"some text",
            local={
                "size": SENTINEL,
                "packed": SENTINEL,
                "extra": extra(1, struct.pack("<QQ", 9, body)),
            },
            central={"size": SENTINEL, "extra": extra(1, struct.pack("<Q", 9))},
        )
    )


def wide_streamed() -> bytes:
    item = Item(b"a.csv", b"some text", flags=STREAMED)
    item.local = {"size": SENTINEL, "packed": SENTINEL, "extra": extra(1, bytes(16))}
    item.descriptor = describe(item, wide=True)
    return pack(item)


def odd_dates() -> bytes:
    return pack(
        *[
            Item(b"%d.csv" % at, b"x", local={"date": date, "time": 0xFFFF}, central={"date": date})
            for at, date in enumerate((0, 0xFFFF, 1, 0x21))
        ]
    )


def odd_makers() -> bytes:
    return pack(
        *[
            Item(b"%d.csv" % host, b"x", made_by=host << 8 | 63, attributes=0xFFFF0020)
            for host in (1, 2, 4, 5, 6, 7, 8, 9, 13, 16, 18, 30, 255)
        ]
    )


BENIGN: dict[str, Callable[[], bytes]] = {
    "plain": pack,
    "python stored": lambda: by_python(zipfile.ZIP_STORED),
    "python deflated": lambda: by_python(zipfile.ZIP_DEFLATED),
    "python streamed": lambda: by_python(zipfile.ZIP_DEFLATED, streamed=True),
    "python streamed, stored": lambda: by_python(zipfile.ZIP_STORED, streamed=True),
    "python zip64": lambda: by_python(zipfile.ZIP_DEFLATED, forced=True),
    "python zip64 streamed": lambda: by_python(zipfile.ZIP_DEFLATED, streamed=True, forced=True),
    "python, top folder": lambda: by_python(zipfile.ZIP_DEFLATED, top="jupyter-example-1.0.0/"),
    "UTF-8 names": lambda: pack(named("größe.csv"), named("数据.csv"), named("данные/α.md")),
    "emoji": lambda: pack(
        named("🎉.md"), named("👩\u200d🔬.md"), named("❤\ufe0f.md"), named("🇫🇷.md")
    ),
    "decomposed name": lambda: pack(named("cafe\u0301.md")),
    "folders": with_folders,
    "comment": lambda: pack(comment="plain words, ünd more".encode()),
    "longest comment": lambda: pack(comment=b"x" * 65_535),
    "entry comment": lambda: pack(Item(b"a.md", b"x", central={"comment": b"words"})),
    "zip64 entry": wide_entry,
    "zip64 entry streamed": wide_streamed,
    "zip64 end": zip64,
    "zip64 end, announced": lambda: zip64(
        end_here=0xFFFF, end_entries=0xFFFF, end_size=SENTINEL, end_offset=SENTINEL
    ),
    "streamed": lambda: pack(Item(b"a.csv", b"x" * 500, flags=STREAMED)),
    "streamed, sizes known": lambda: pack(
        Item(b"a.csv", b"x", method=0, flags=STREAMED, local={"size": 1, "packed": 1})
    ),
    "empty files": lambda: pack(
        Item(b"a.md"), Item(b"b.md", method=0), Item(b"c.md", flags=STREAMED)
    ),
    "odd dates": odd_dates,
    "odd makers": odd_makers,
    "no type bits": lambda: pack(Item(b"a.md", b"x", attributes=0o644 << 16)),
    "made on DOS": lambda: pack(Item(b"a.md", b"x", attributes=0x20, made_by=20)),
    "fast compression flags": lambda: pack(Item(b"a.md", b"x", flags=6, local={"flags": 0})),
    "Info-ZIP times": lambda: pack(
        Item(b"a.md", b"x", local={"extra": extra(0x5455, b"\3" + bytes(8))})
    ),
    "padding in extra": lambda: pack(Item(b"a.md", b"x", local={"extra": bytes(3)})),
    "deflate level 1": lambda: pack(Item(b"a.csv", bytes(5000), packed=None)),
    "signatures inside data": lambda: pack(
        Item(b"a.png", b"PK\x05\x06PK\x03\x04PK\x01\x02" * 9, method=0)
    ),
    "deep but allowed": lambda: pack(Item(b"a/" * 19 + b"x.md", b"x")),
    "long but allowed": lambda: pack(Item(b"n" * 117 + b".md", b"x")),
    "usual names": lambda: pack(
        *[
            Item(name, b"x")
            for name in (b"LICENSE", b"a.tar.md", b"nul_values.csv", b"com.md", b"a~1b")
        ]
    ),
    "allowed hidden": lambda: pack(Item(b".gitignore", b"x"), Item(b"d/.gitkeep")),
    "other notebook's name": lambda: pack(notebook(b"other/Example.IPYNB")),
    "well packed": lambda: pack(Item(b"a.csv", b"1,2,3\n" * 100_000)),
    "metadata in pack.json": lambda: write(
        [Item(b"pack.json", json.dumps({**METADATA, "tool": "operational"}).encode())]
    ).closed(),
    "listed files": lambda: write(
        [key_json(files=["key.json", "notebooks/example.ipynb"]), notebook()]
    ).closed(),
    "named documentation": lambda: write(
        [
            key_json(
                documentation={"readme": "./README.md#top", "home": "https://example.org/"},
                entry="example.ipynb",
            ),
            notebook(),
            Item(b"README.md", b"x"),
        ]
    ).closed(),
    **{path.stem: path.read_bytes for path in FOREIGN},
}


@pytest.mark.parametrize("build", BENIGN.values(), ids=BENIGN.keys())
def test_good_archive_is_accepted(build: Callable[[], bytes]) -> None:
    data = build()
    got = verify(
        data, sha256=hashlib.sha256(data).hexdigest(), slug="jupyter-example", version="1.0.0"
    )
    assert got.verified
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        theirs = {
            unicodedata.normalize("NFC", info.filename): other.read(info)
            for info in other.infolist()
            if not info.is_dir()
        }
    top = next(iter(theirs)).partition("/")[0] + "/"
    if all(name.startswith(top) for name in theirs):
        theirs = {name.removeprefix(top): data for name, data in theirs.items()}
    assert list(got.files.items()) == list(theirs.items())


def test_good_archives_are_as_many_as_promised() -> None:
    assert len(BENIGN) >= 40
    assert len(FOREIGN) >= 20


def test_pack_says_what_it_is() -> None:
    data = pack(Item(b"sample/a.csv", b"1,2\n"))
    got = verify(data, sha256=None)
    assert (got.slug, got.version, got.kind, got.verified) == (
        "jupyter-example",
        "1.0.0",
        "jupyter",
        False,
    )
    assert got.sha256 == hashlib.sha256(data).hexdigest()
    assert got.metadata.title == "Example"
    assert list(got.files) == ["key.json", "notebooks/example.ipynb", "sample/a.csv"]
    assert got.files["sample/a.csv"] == b"1,2\n"
    assert got.zip_bytes is data
    assert got.notes == ()
    assert "1,2" not in repr(got)


@pytest.mark.parametrize(
    ("tool", "kind"), [("operational", "runbook"), ("jupyter", "jupyter"), ("node", "node")]
)
def test_kind_is_said_in_the_words_of_the_catalogue(tool: str, kind: str) -> None:
    data = write([Item(b"pack.json", json.dumps({**METADATA, "tool": tool}).encode())]).closed()
    assert verify(data, sha256=None).kind == kind


def test_pack_cannot_be_made_by_others() -> None:
    good = verify(pack(), sha256=None)
    fields = {field.name: getattr(good, field.name) for field in dataclasses.fields(good)}
    with pytest.raises(TypeError, match="Only"):
        VerifiedPack(**fields, maker=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(good, slug="other")
    with pytest.raises(TypeError, match="never copied"):
        pickle.dumps(good)
    with pytest.raises(TypeError, match="never copied"):
        copy.copy(good)
    with pytest.raises(dataclasses.FrozenInstanceError):
        good.slug = "other"  # type: ignore[misc]


def test_what_macos_adds_is_left_out_with_a_note() -> None:
    data = write(
        [
            Item(b"top/key.json", KEY),
            Item(b"top/.DS_Store", b"x"),
            Item(b"top/notebooks/example.ipynb", CELLS),
            Item(b"__MACOSX/top/._key.json", b"resource fork"),
        ]
    ).closed()
    got = verify(data, sha256=None)
    assert list(got.files) == ["key.json", "notebooks/example.ipynb"]
    assert got.notes == ("2 files that macOS adds to archives were left out.",)


def test_what_macos_adds_is_checked_all_the_same() -> None:
    data = pack(Item(b"__MACOSX/x", b"x", local={"crc": 1}, central={"crc": 1}))
    with pytest.raises(IntegrityError) as caught:
        verify(data, sha256=None)
    assert caught.value.code == "CRC"


@pytest.mark.parametrize("bits", [stat.S_ISUID, stat.S_ISGID, stat.S_ISVTX])
def test_special_permissions_are_dropped_with_a_note(bits: int) -> None:
    item = Item(b"tool.py", b"x", attributes=(stat.S_IFREG | bits | 0o755) << 16)
    assert verify(pack(item), sha256=None).notes == (
        "Special permissions of 'tool.py' were dropped.",
    )


def test_trusted_is_stripped_and_everything_else_kept() -> None:
    trusting = copy.deepcopy(NOTEBOOK)
    trusting["metadata"]["trusted"] = True
    trusting["cells"][0]["metadata"] = {"trusted": True, "tags": ["parameters"]}
    expected = copy.deepcopy(NOTEBOOK)
    expected["cells"][0]["metadata"] = {"tags": ["parameters"]}
    got = verify(pack(Item(b"t.ipynb", json.dumps(trusting).encode())), sha256=None)
    assert json.loads(got.files["t.ipynb"]) == expected
    assert got.files["notebooks/example.ipynb"] == CELLS
    assert got.files.size("t.ipynb") == len(got.files["t.ipynb"])
    assert got.notes == ("'t.ipynb' called itself trusted; that was removed.",)


@pytest.mark.parametrize("name", ["/usr/bin/evil", "..", "../x", 5, None, "a b"])
def test_kernel_that_cannot_exist_is_noted(name: object) -> None:
    odd = notebook(b"k.ipynb", metadata={"kernelspec": {"name": name}})
    assert verify(pack(odd), sha256=None).notes == (
        "'k.ipynb' names a kernel that cannot exist; a person has to choose one.",
    )


def test_active_markdown_is_accepted_as_it_is() -> None:
    source = '<iframe srcdoc="<script>1</script>"></iframe><a data-commandlinker-command="x">x</a>'
    raw = json.dumps(
        {**NOTEBOOK, "cells": [{"cell_type": "markdown", "metadata": {}, "source": source}]}
    )
    assert (
        verify(pack(Item(b"m.ipynb", raw.encode())), sha256=None).files["m.ipynb"] == raw.encode()
    )


def zeros_crc(size: int) -> int:
    crc = 0
    for _ in range(size // MIB):
        crc = binascii.crc32(bytes(MIB), crc)
    return crc


def test_large_files_are_checked_and_read_in_flat_memory() -> None:
    size = 150 * MIB
    zipped = bomb(b"zeros.csv", size, size)
    zipped.local["crc"] = zipped.central["crc"] = zeros_crc(size)
    data = pack(zipped)
    limits = Limits(entry_ratio=10_000, total_ratio=10_000)
    tracemalloc.start()
    got = verify(data, sha256=None, limits=limits)
    assert sum(map(len, got.files.pieces("zeros.csv"))) == size == got.files.size("zeros.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB


def test_small_packs_are_unpacked_once() -> None:
    got = verify(pack(Item(b"a.csv", b"x" * 1000)), sha256=None)
    assert got.files["a.csv"] is got.files["a.csv"]
    assert list(got.files.pieces("a.csv")) == [b"x" * 1000]
    fresh = verify(pack(Item(b"a.csv", b"x" * 1000)), sha256=None, limits=Limits(kept=0))
    assert fresh.files["a.csv"] == b"x" * 1000


def test_digest_is_compared_before_the_bytes_are_looked_at() -> None:
    with pytest.raises(IntegrityError) as caught:
        verify(b"<html>", sha256="0" * 64)
    assert caught.value.code == "DIGEST_MISMATCH"
    assert "000000000000…" in caught.value.message
    assert hashlib.sha256(b"<html>").hexdigest()[:12] in caught.value.message


def test_archive_that_is_no_pack_can_be_read() -> None:
    data = write([Item(b"bag-info.txt", b"x"), Item(b"data/.hidden/x.exe", b"y")]).closed()
    got = read(data)
    assert isinstance(got, Members)
    assert dict(got) == {"bag-info.txt": b"x", "data/.hidden/x.exe": b"y"}
    with pytest.raises(IntegrityError):
        read(data[:-1])


@pytest.mark.parametrize("text", ["[[[", '"', '\\\\"]]]', "}]", "é", "\\n, {", '\\\\\\"[{'])
def test_text_inside_strings_is_not_counted_as_nesting(text: str) -> None:
    """What looks like JSON inside a string is a string, however it is escaped."""
    odd = notebook(b"s.ipynb", metadata={"text": text * 200})
    low = Limits(json_depth=5, json_values=100)
    assert json.loads(verify(pack(odd), sha256=None, limits=low).files["s.ipynb"]) == {
        **NOTEBOOK,
        "metadata": {"text": text * 200},
    }


SEEDS = [
    pack(Item(b"a.csv", b"x" * 300, flags=STREAMED), named("größe.csv")),
    zip64(),
    wide_entry(),
    with_folders(),
    by_python(zipfile.ZIP_DEFLATED, streamed=True, forced=True),
]
LOW = Limits(archive=MIB, total=MIB, entry=MIB)


def only_typed_errors(data: bytes) -> None:
    try:
        got = verify(data, sha256=None, limits=LOW)
    except IntegrityError as error:
        assert error.code.isupper()
        assert error.message.isprintable()
    else:
        assert all(".." not in path.split("/") and path[0] not in "/\\" for path in got.files)


def mutate(data: bytes, random: Random) -> bytes:
    """Flip, cut, repeat or overwrite some bytes, mostly where headers are."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed))
        way = random.randrange(5)
        if way == 0:
            changed[at] ^= 1 << random.randrange(8)
        elif way == 1:
            changed[at] = random.choice((0, 1, 0x2E, 0x2F, 0x7F, 0x80, 0xFF))
        elif way == 2:
            changed[at : at + 4] = struct.pack("<I", random.choice((0, 1, 2**31, 2**32 - 1, at)))
        elif way == 3:
            del changed[at : at + random.randint(1, 30)]
        else:
            changed[at:at] = changed[at : at + random.randint(1, 60)]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_mutated_archives_raise_nothing_else(seed: int) -> None:
    random = Random(seed)
    for _ in range(1500):
        only_typed_errors(mutate(SEEDS[seed], random))


def test_every_cut_is_refused() -> None:
    data = pack(Item(b"a.csv", b"x", flags=STREAMED))
    for length in range(len(data)):
        with pytest.raises(IntegrityError):
            verify(data[:length], sha256=None)


names = st.one_of(st.text(max_size=30), st.text(alphabet="./\\a~:\0C ", max_size=12))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=names, text=st.binary(max_size=40), flags=st.sampled_from([0, UTF8]))
def test_any_name_is_refused_or_stays_inside(name: str, text: bytes, flags: int) -> None:
    raw = name.encode("utf-8", "surrogatepass")
    only_typed_errors(pack(Item(raw, text, flags=flags)))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.binary(max_size=60), where=st.sampled_from([b"key.json", b"a.ipynb"]))
def test_any_json_is_refused_or_read(text: bytes, where: bytes) -> None:
    base = KEY if where == b"key.json" else CELLS
    for raw in (text, base[:20] + text + base[20:], base[:-1] + b"," + text + b"}"):
        other = notebook() if where == b"key.json" else key_json()
        only_typed_errors(write([other, Item(where, raw)]).closed())
