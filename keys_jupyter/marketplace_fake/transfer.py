"""What faults do to a reply on its way: cuts, stalls, wrong lengths, wrong ranges, redirects, foreign bodies.

Nothing waits for time to pass but a drip, whose pace the test sets, and a stall, which the test ends.
"""

from __future__ import annotations

import functools
import gzip
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from keys_jupyter.marketplace_fake import shapes
from keys_jupyter.marketplace_fake.faults import Fault, Rule
from keys_jupyter.marketplace_fake.wire import Received, Reply, text_reply

_PIECE = 64 * 1024
_BOMB_PIECE = 1024 * 1024
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in to this network</title></head><body></body></html>"
)
_BOUNDARY = "THIS_SEPARATES"
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True)
class Strike:
    """One fault that meets one request."""

    received: Received
    rule: Rule

    @property
    def options(self) -> dict[str, Any]:
        """Return what the test said of the fault."""
        return self.rule.options


def _pieces(reply: Reply) -> Iterator[bytes]:
    return iter([reply.body]) if reply.pieces is None else reply.pieces


def _cut(reply: Reply, strike: Strike) -> Reply:
    reply.pieces = _first(_pieces(reply), strike.options["at"])
    reply.end = "reset" if strike.options["reset"] else "hang up"
    return reply


def _first(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:count]
        count -= len(piece)
        if count <= 0:
            return


def _stall(reply: Reply, strike: Strike) -> Reply:
    at = strike.options["at"]
    if at is None:
        reply.before = lambda: _wait(strike.rule)
    else:
        reply.pieces = _stalling(_pieces(reply), at, strike.rule)
    return reply


def _stalling(pieces: Iterator[bytes], at: int, rule: Rule) -> Iterator[bytes]:
    for piece in pieces:
        if 0 <= at < len(piece):
            yield piece[:at]
            _wait(rule)
            yield piece[at:]
        else:
            yield piece
        at -= len(piece)


def _wait(rule: Rule) -> None:
    rule.reached.set()
    rule.gate.wait()


def _drip(reply: Reply, strike: Strike) -> Reply:
    size, every = strike.options["size"], strike.options["every"]
    reply.pieces = _dripping(_pieces(reply), size, every, strike.rule.gate)
    return reply


def _dripping(
    pieces: Iterator[bytes], size: int, every: float, gate: threading.Event
) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            gate.wait(every)
            yield piece[start : start + size]


def _wrong_bytes(reply: Reply, strike: Strike) -> Reply:
    at = strike.options["at"]
    if at < len(reply.body):
        reply.body = reply.body[:at] + bytes([reply.body[at] ^ 0xFF]) + reply.body[at + 1 :]
    return reply


def _length(reply: Reply, strike: Strike) -> Reply:
    options = strike.options
    if options["chunked"]:
        reply.chunked = True
    elif options["missing"]:
        reply.length = None
    else:
        stated = options["value"]
        reply.length = str(len(reply.body) + options["by"]) if stated is None else stated
        reply.end = "hang up"
    return reply


def _endless(reply: Reply, strike: Strike) -> Reply:
    size = strike.options["size"]
    reply.pieces = _filling(size, strike.options["byte"] * _PIECE)
    reply.length = str(size) if strike.options["declared"] else None
    reply.drop("Content-Range")
    reply.status = 200
    return reply


def _filling(size: int, piece: bytes) -> Iterator[bytes]:
    while size > 0:
        yield piece[:size]
        size -= len(piece)


def _gzip(reply: Reply, strike: Strike) -> Reply:
    bomb = strike.options["bomb"]
    reply.body = _zeros(bomb) if bomb else gzip.compress(reply.body, mtime=0)
    reply.headers.append(("Content-Encoding", "gzip"))
    return reply


@functools.lru_cache(maxsize=4)
def _zeros(size: int) -> bytes:
    """Return packed zeros; one piece is packed once and repeated, so that a bomb costs its maker little."""
    piece, rest = bytes(_BOMB_PIECE), bytes(size % _BOMB_PIECE)
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    unit = packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)
    ending = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    last = ending.compress(rest) + ending.flush()
    count, check = size // _BOMB_PIECE, 0
    for _ in range(count):
        check = zlib.crc32(piece, check)
    trailer = struct.pack("<LL", zlib.crc32(rest, check), size % (1 << 32))
    return _GZIP_HEAD + unit * count + last + trailer


def _html(_: Reply, strike: Strike) -> Reply:
    return text_reply(strike.options["status"], _PAGE)


def _broken_json(reply: Reply, _: Strike) -> Reply:
    reply.body = reply.body[: len(reply.body) // 2]
    return reply


def _redirect(_: Reply, strike: Strike) -> Reply:
    to = strike.options["to"] or strike.received.target
    size = strike.options["size"]
    location = [("Location", str(to)), ("Content-Type", "text/html")]
    found = Reply(strike.options["status"], b"", location)
    if size:
        found.pieces = _filling(size, b"." * _PIECE)
        found.length = str(size)
    return found


def _error(_: Reply, strike: Strike) -> Reply:
    options = strike.options
    return shapes.in_shape(options["shape"], options["status"], options["message"])


def _headers(reply: Reply, strike: Strike) -> Reply:
    reply.drop(*(name for name, _ in strike.options["headers"]))
    reply.headers.extend(strike.options["headers"])
    return reply


def _raw(reply: Reply, strike: Strike) -> Reply:
    reply.raw = strike.options["data"]
    return reply


def _hang_up(reply: Reply, _: Strike) -> Reply:
    reply.end = "hang up"
    return reply


def _no_validators(reply: Reply, strike: Strike) -> Reply:
    etag = reply.header("ETag")
    reply.drop("ETag", "Last-Modified")
    if strike.options["weak"] and etag:
        reply.headers.append(("ETag", f"W/{etag}"))
    return reply


def _wrong_range(reply: Reply, strike: Strike) -> Reply:
    """Send another part than was asked for; with ``lie`` it calls itself the right one."""
    found = _RANGE.fullmatch(reply.header("Content-Range") or "")
    if reply.status != 206 or found is None:
        return reply
    start, end, size = map(int, found.groups())
    by, stated = strike.options["by"], strike.options["header"]
    if stated is None:
        moved = start if strike.options["lie"] else start + by
        stated = f"bytes {moved}-{end if strike.options['lie'] else end + by}/{size}"
    reply.body = reply.body[by:] + reply.body[:by] if by >= 0 else b"\0" * -by + reply.body[:by]
    reply.drop("Content-Range")
    if stated:
        reply.headers.append(("Content-Range", stated))
    return reply


def _many_ranges(reply: Reply, _: Strike) -> Reply:
    stated = reply.header("Content-Range")
    if stated is None:
        return reply
    head = f"--{_BOUNDARY}\r\nContent-Type: application/zip\r\nContent-Range: {stated}\r\n\r\n"
    reply.body = head.encode() + reply.body + f"\r\n--{_BOUNDARY}--\r\n".encode()
    reply.drop("Content-Range", "Content-Type")
    reply.headers.append(("Content-Type", f"multipart/byteranges; boundary={_BOUNDARY}"))
    return reply


def _not_satisfiable(reply: Reply, strike: Strike) -> Reply:
    if strike.received.header("Range") is None:
        return reply
    refused = shapes.storage("InvalidRange", "The requested range is not satisfiable", status=416)
    refused.headers.append(("Content-Range", "bytes */0"))
    return refused


Change = Callable[[Reply, Strike], Reply]

_CHANGES: dict[Fault, Change] = {
    Fault.CUT: _cut,
    Fault.STALL: _stall,
    Fault.DRIP: _drip,
    Fault.WRONG_BYTES: _wrong_bytes,
    Fault.WRONG_RANGE: _wrong_range,
    Fault.MANY_RANGES: _many_ranges,
    Fault.NOT_SATISFIABLE: _not_satisfiable,
    Fault.NO_VALIDATORS: _no_validators,
    Fault.LENGTH: _length,
    Fault.ENDLESS: _endless,
    Fault.GZIP: _gzip,
    Fault.HTML: _html,
    Fault.BROKEN_JSON: _broken_json,
    Fault.REDIRECT: _redirect,
    Fault.ERROR: _error,
    Fault.HEADERS: _headers,
    Fault.RAW: _raw,
    Fault.HANG_UP: _hang_up,
}


def change(reply: Reply, received: Received, rules: list[Rule]) -> Reply:
    """Return the reply as it will be sent, after every fault that strikes it on its way."""
    for rule in rules:
        if rule.fault in _CHANGES:
            reply = _CHANGES[rule.fault](reply, Strike(received, rule))
    return reply
