"""Secrets that all hold one mark, each made for one place, and the search that says where each came to."""

import itertools
import re
import sqlite3

from tests.canary import spellings, unpacked
from tests.redaction_samples.grammar import make

# Digits, which every alphabet of a secret has; at both ends, so that half of a secret is found as well.
MARK = "8305962741"
KINDS = (
    f"«sk_live_{MARK}<w4>{MARK}»",
    f"AKIA<u16>,«{MARK}<w20>{MARK}»",
    f"Authorization: Bearer «{MARK}<w20>{MARK}»",
    f"password=«{MARK}<w6>{MARK}»",
    f"postgresql://app:«{MARK}<w4>{MARK}»@db.internal:5432/app",
    f"-----BEGIN PRIVATE KEY-----\n«{MARK}<b44>{MARK}»\n-----END PRIVATE KEY-----",
)
# What a file, and what a copy of a runbook, may be called.
NAMES = (f"«sk_live_{MARK}<w4>{MARK}»", f"«AKIA{MARK}<u6>»")
SLUGS = (f"«xoxb-{MARK}-{MARK}-<l14>{MARK}»",)
# Stands before each secret in words, so that what was searched is known to hold words.
WORD = "kittiwake"
# Found where only a part of a secret stands that may be anybody's.
A_PART = "a part of some secret"
_DEEP = 3
# So many characters beside the mark tell whose part it is.
_TELLING = 4
_CORE = re.compile(rf"{MARK}(?:.*{MARK}|\w+)")


class Secrets:
    """Every secret that was brought in, by what is sure to be found of it."""

    def __init__(self):
        self.placed = {}
        self._numbers = itertools.count()

    def text(self, place, most=10_000):
        """Return words with a new secret in them, of a kind that fits."""
        kinds = [kind for kind in KINDS if len(make(kind, 0)[0]) + 15 <= most]
        return f"{WORD} {self._new(place, kinds)} here"

    def name(self, place):
        """Return a new secret that may be a file's name."""
        return self._new(place, NAMES)

    def slug(self, place):
        """Return a new secret that may be the name of a runbook."""
        return self._new(place, SLUGS)

    def value(self, place):
        """Return a new secret that has no shape: only who is told that it is one can know."""
        return self._new(place, (f"«{MARK}<w20>{MARK}»",))

    def _new(self, place, kinds):
        number = next(self._numbers)
        line, secret = make(kinds[number % len(kinds)], number)
        core = _CORE.search(secret)[0]
        assert core not in self.placed
        self.placed[core] = (place, spellings(core))
        return line

    def places(self, data):
        """Return the places whose secret stands in some bytes, packed ones included."""
        return {place for piece in pieces(data) for place in self._in(piece)}

    def _in(self, piece):
        if not _marked(piece):
            return
        for place, ways in self.placed.values():
            there = [way for way in ways.values() if way in piece]
            if there:
                yield place
            for way in there:
                piece = piece.replace(way, b"")
        # A database cuts a long value wherever a page of it ends.
        for core, (place, _) in self.placed.items():
            for end in (core[: len(MARK) + _TELLING], core[-len(MARK) - _TELLING :]):
                if end.encode() in piece:
                    yield place
                    piece = piece.replace(end.encode(), b"")
        if _marked(piece):
            yield A_PART


_MARKS = tuple(spellings(MARK).values())


def _marked(piece):
    return any(way in piece for way in _MARKS)


def worded(data):
    """Say whether some bytes hold words that were typed beside a secret."""
    return any(WORD.encode() in piece for piece in pieces(data))


def pieces(data, deep=0):
    """Yield some bytes and what is packed in them."""
    raw = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
    yield raw
    if deep < _DEEP:
        for piece in unpacked(raw):
            yield from pieces(piece, deep + 1)


def rows(path):
    """Yield every value of a database, what is only in its log included, with its table and column."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in names:
            found = db.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in found.description]
            for row in found:
                yield from ((f"{table}.{name}", of) for name, of in zip(columns, row, strict=True))


def files(folder):
    """Yield every file below a folder with its bytes, its own name and its folders' among them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(folder)
            yield inside, str(inside).encode() + b"\n" + path.read_bytes()
