"""D. Two names for one file, and names that are not what they look like."""

from __future__ import annotations

import struct
import zlib

from tests.hostile.case import Case, named, names, pack
from tests.hostile.writer import Item, extra


def unicode_path(name: bytes, of: bytes) -> bytes:
    return extra(0x7075, b"\x01" + struct.pack("<I", zlib.crc32(of)) + name)


def with_extra(blob: bytes, *, local: bool = True, listed: bool = True) -> bytes:
    sides = {
        "local": {"extra": blob} if local else {},
        "central": {"extra": blob} if listed else {},
    }
    return pack(Item(b"a.txt", b"x", **sides))


OTHER = unicode_path(b"b.txt", b"a.txt")
SAME = unicode_path(b"a.txt", b"a.txt")

CASES = [
    Case(
        37,
        "one name, two contents",
        "DUPLICATE",
        lambda: pack(Item(b"a.txt", b"1"), Item(b"a.txt", b"2")),
    ),
    Case(
        38,
        "one name, one content",
        "DUPLICATE",
        lambda: pack(Item(b"a.txt", b"1"), Item(b"a.txt", b"1")),
    ),
    *names(39, "NAME_COLLISION_CASE", ("A.ipynb", "a.ipynb"), ("Data/x.csv", "data/y.csv")),
    *names(40, "NAME_COLLISION_CASE", ("straße", "STRASSE"), ("ı.md", "I.md"), ("ς", "Σ")),
    *names(41, "NAME_COLLISION_UNICODE", ("caf\u00e9.md", "cafe\u0301.md")),
    *names(42, "NAME_NOT_NFC", "ﬁ.md", "ａ.md", "x².md"),
    *names(42, "NAME_CHARS", "．．／evil", "a／b", "a．md"),
    *names(43, "NAME_WINDOWS", "a.", "a ", "d./x", "..."),
    *names(44, "NAME_WINDOWS", "CON", "aux.txt", "COM¹", "CONIN$", "NUL .ipynb", "d/lpt9.csv"),
    *names(45, "NAME_WINDOWS", "x.ipynb:ads", "a?b", "a*b", "a|b", 'a"b', "a<b>"),
    *names(46, "NAME_WINDOWS", "PROGRA~1", "LONGNA~2.TXT"),
    *names(47, "NAME_CHARS", "a.txt\0.ipynb"),
    *names(48, "NAME_CHARS", "a\x01b", "a\x7fb", "a\x85b", "a\nb", "a\tb", "a\x1b[2Jb"),
    *names(49, "NAME_CHARS", "a\u202egpj.py", "a\u200bb", "a\u200db", "a\u2066b", "a\ufeffb"),
    *names(49, "NAME_CHARS", "a\U000e0041b", "a\u2028b", "a\u00a0b", "a\u115fb", "a\u00adb"),
    Case(50, "not UTF-8", "NAME_ENCODING", lambda: pack(named(b"caf\xe9.md"))),
    Case(50, "half a surrogate pair", "NAME_ENCODING", lambda: pack(named("a\ud800.md"))),
    Case(50, "overlong", "NAME_ENCODING", lambda: pack(named(b"\xc0\xae\xc0\xae/x"))),
    Case(50, "CP437", "NAME_ENCODING", lambda: pack(Item(b"caf\x82.md", b"x"))),
    Case(50, "UTF-8 undeclared", "NAME_ENCODING", lambda: pack(Item("é.md".encode(), b"x"))),
    Case(51, "another name in both", "EXTRA_CONFLICT", lambda: with_extra(OTHER)),
    Case(
        51,
        "another name in the local header",
        "EXTRA_CONFLICT",
        lambda: with_extra(OTHER, listed=False),
    ),
    Case(
        51,
        "another name in the directory",
        "EXTRA_CONFLICT",
        lambda: with_extra(OTHER, local=False),
    ),
    Case(51, "two names", "EXTRA_CONFLICT", lambda: with_extra(SAME + SAME)),
    Case(51, "a chain of names", "EXTRA_CONFLICT", lambda: with_extra(SAME + OTHER)),
    Case(
        51,
        "a name for another checksum",
        "EXTRA_CONFLICT",
        lambda: with_extra(unicode_path(b"a.txt", b"c.txt")),
    ),
    Case(
        51, "an extra field cut short", "EXTRA_CONFLICT", lambda: with_extra(b"\x75\x70\x09\x00x")
    ),
    Case(51, "extra bytes that are no field", "EXTRA_CONFLICT", lambda: with_extra(b"xyz")),
]
