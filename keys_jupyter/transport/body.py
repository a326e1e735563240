"""An answer's bytes, decoded and counted as they come: never more than the cap, never fewer than promised."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keys_jupyter.transport import faults
from keys_jupyter.transport.watch import Watch

if TYPE_CHECKING:
    from requests import Response

_PIECE = 64 * 1024


class Body:
    """The body of one answer."""

    def __init__(self, response: Response, host: str, most: int, watch: Watch) -> None:
        """Look at the headers.

        Args:
            response: an answer whose body has not been read.
            host: who answered.
            most: bytes after decoding.
            watch: over this exchange.

        Raises:
            InvalidAnswer: it is announced as longer than that, or encoded in a way that was not asked for.
        """
        self._response = response
        self._host = host
        self._most = most
        self._watch = watch
        self.encoded = _encoding(response, host)
        self.length = _length(response)
        if self.length is not None and self.length > most:
            raise too_large(host, most)

    def pieces(self) -> Iterator[bytes]:
        """Yield the decoded bytes.

        Raises:
            InvalidAnswer: they are more than the cap, or not what their encoding says.
            Unreachable: they ended too early, or the deadline passed.
            Cancelled: a person stopped it.
        """
        count = 0
        for piece in self._unpacked() if self.encoded else self._wire():
            count += len(piece)
            if count > self._most:
                raise too_large(self._host, self._most)
            yield piece

    def whole(self) -> bytes:
        """Return all decoded bytes; raises like :meth:`pieces`."""
        return b"".join(self.pieces())

    def beginning(self, most: int) -> bytes:
        """Return at most the first bytes, for a message; raises like :meth:`pieces`."""
        found = b""
        for piece in self.pieces():
            found += piece
            if len(found) >= most:
                break
        return found[:most]

    def _wire(self) -> Iterator[bytes]:
        got = 0
        while piece := self._read():
            got += len(piece)
            self._watch.check(self._host)
            yield piece
        self._watch.check(self._host)
        if self.length is not None and got < self.length:
            raise faults.cut(self._host)

    def _read(self) -> bytes:
        from urllib3.exceptions import HTTPError

        failed: BaseException
        try:
            return bytes(self._response.raw.read1(_PIECE, decode_content=False))
        except (HTTPError, OSError, ValueError) as error:
            failed = error
        self._watch.check(self._host)
        raise faults.named(failed, self._host)

    def _unpacked(self) -> Iterator[bytes]:
        unpacking = zlib.decompressobj(31)
        for piece in self._wire():
            waiting = piece
            while waiting and not unpacking.eof:
                yield self._inflate(unpacking, waiting)
                waiting = unpacking.unconsumed_tail
        if not unpacking.eof:
            raise faults.cut(self._host)

    def _inflate(self, unpacking: zlib._Decompress, data: bytes) -> bytes:
        try:
            return unpacking.decompress(data, _PIECE)
        except zlib.error:
            pass
        raise _unknown_encoding(self._host)


def too_large(host: str, most: int) -> faults.InvalidAnswer:
    """Return the error for an answer above its cap."""
    return faults.InvalidAnswer(
        "ANSWER_TOO_LARGE",
        f"{host} sends more than {most} bytes; the rest was not read.",
        "Tell whoever runs it; the limits are in the configuration.",
    )


def _encoding(response: Response, host: str) -> bool:
    said = response.headers.get("Content-Encoding", "").strip().lower()
    if said not in ("", "identity", "gzip"):
        raise _unknown_encoding(host)
    return said == "gzip"


def _unknown_encoding(host: str) -> faults.InvalidAnswer:
    return faults.InvalidAnswer(
        "ANSWER_ENCODING",
        f"{host} packs its answer in a way that was not asked for.",
        "Check what stands between this machine and the marketplace.",
    )


def _length(response: Response) -> int | None:
    """Return the announced length; what is no such number is as good as none."""
    said = response.headers.get("Content-Length", "").strip()
    if "Transfer-Encoding" in response.headers or not (said.isascii() and said.isdigit()):
        return None
    return int(said) if len(said) < 19 else None
