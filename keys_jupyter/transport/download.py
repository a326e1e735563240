"""One file fetched whole: resumed after a cut, begun again when the object changed, checked before it is given out.

Bytes of two objects never meet in one file: a part is only continued when the other side says, by entity tag or date,
that it is the same object, and at the very byte where the part ends. What cannot be finished is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from keys_jupyter.errors import IntegrityError, NetworkError, SurroundingsError
from keys_jupyter.transport import faults
from keys_jupyter.transport.addresses import target
from keys_jupyter.transport.body import Body, too_large
from keys_jupyter.transport.client import Transport
from keys_jupyter.transport.request import Request
from keys_jupyter.transport.watch import Watch

if TYPE_CHECKING:
    from requests import Response

Progress = Callable[[int, int | None], None]
"""Bytes so far, and bytes in all where that is known."""

_TRY_AGAIN = frozenset(
    {"UNREACHABLE_CUT", "UNREACHABLE_TIMEOUT", "UNREACHABLE_REFUSED", "UNREACHABLE_DNS"}
)
_NOT_LET_IN = frozenset({400, 401, 403})
_GONE = frozenset({"NoSuchKey", "not_found", "NoSuchBucket"})
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


@dataclass(frozen=True)
class Downloaded:
    """A file that is whole."""

    path: Path
    sha256: str
    size: int


def download(
    transport: Transport,
    url: str,
    to: Path,
    *,
    sha256: str | None = None,
    most: int | None = None,
    private: bool = False,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    renew: Callable[[], str] | None = None,
) -> Downloaded:
    """Fetch a URL into a new file, without any credentials.

    Args:
        transport: the door.
        url: where from; treated as a secret, since a signed URL is one.
        to: a path at which nothing is yet; its folder exists.
        sha256: what the bytes must have; None takes them as they are.
        most: bytes, where less than the settings allow.
        private: private addresses are allowed, because the marketplace is private itself.
        on_progress: told at the start and after each piece.
        cancelled: asked whether to stop; nothing is left then.
        renew: returns a new URL for the same object; called at most once, when this one is let in no more.

    Raises:
        Cancelled: a person stopped it.
        Unreachable: nobody answered, or the cuts did not end.
        InvalidAnswer: what came cannot be used, or leads where it must not.
        Answered: the storage said no.
        IntegrityError: the bytes are not the published ones.
        SurroundingsError: the disk does not take it.
    """
    limit = min(most or transport.settings.download_bytes, transport.settings.download_bytes)
    file = _new_file(to)
    with contextlib.ExitStack() as undo:
        # After an interrupt too: a part is of no use to anybody.
        undo.callback(_forget, to)
        with file, Watch(transport.settings.download_seconds, cancelled) as watch:
            fetching = _Fetching(transport, url, file, watch, limit, private, on_progress, renew)
            digest = fetching.run(sha256)
        undo.pop_all()
    return Downloaded(to, digest, fetching.size)


def _forget(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink()


class _Fetching:
    """One download while it lasts."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        file: BinaryIO,
        watch: Watch,
        most: int,
        private: bool,
        on_progress: Progress | None,
        renew: Callable[[], str] | None,
    ) -> None:
        self._transport = transport
        self._settings = transport.settings
        self._url = url
        self._file = file
        self._watch = watch
        self._most = most
        self._policy = transport.storage_policy(private=private)
        self._tell = on_progress or (lambda _done, _total: None)
        self._renew = renew
        self._validator = ""  # the tag or date by which the object is known again; empty: it is not
        self._mixed = False  # the file was put together from more than one answer
        self._whole_only = False  # ranges were answered wrongly: ask for the whole
        self._total: int | None = None
        self._again()

    def _again(self) -> None:
        """Forget what came so far."""
        with _disk():
            self._file.seek(0)
            self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0
        self._validator, self._mixed, self._total = "", False, None

    def run(self, expected: str | None) -> str:
        """Fetch until it is whole, and return its digest."""
        self._until_whole()
        if expected and self._mixed and not self._matches(expected):
            # Parts that do not make the published whole: the object was replaced behind one tag.
            self._whole_only = True
            self._again()
            self._until_whole()
        with _disk():
            self._file.flush()
        if expected and not self._matches(expected):
            raise IntegrityError(
                "DIGEST_MISMATCH",
                f"The bytes have the digest {self._hash.hexdigest()[:12]}… and {expected[:12]}… was published.",
                "Nothing was kept. Fetch it again; if that does not help, tell whoever publishes it.",
            )
        return self._hash.hexdigest()

    def _matches(self, expected: str) -> bool:
        return hmac.compare_digest(self._hash.hexdigest(), expected)

    def _until_whole(self) -> None:
        tries = 0
        while True:
            try:
                if self._attempt():
                    return
                tries += 1
                if tries > self._settings.resumes:
                    raise faults.cut(self._host())
            except NetworkError as error:
                tries += 1
                if not self._may_go_on(error) or tries > self._settings.resumes:
                    raise
                self._watch.pause(self._settings.retry_seconds * min(2 ** (tries - 1), 8))
                self._watch.check(self._host())

    def _may_go_on(self, error: NetworkError) -> bool:
        """Say whether another try can help, and renew the URL where that is what it takes."""
        if isinstance(error, faults.Answered):
            expired = error.http_status in _NOT_LET_IN and error.remote not in _GONE
            if expired and self._renew:
                self._url, self._renew = self._renew(), None
                return True
            return error.http_status in (408, 429) or error.http_status >= 500
        return error.code in _TRY_AGAIN and self._watch.remaining() > 0

    def _attempt(self) -> bool:
        """Ask once and take what comes; False asks for another try from the beginning."""
        with self._transport.exchange(self._request(), self._watch) as (response, host):
            if response.status_code == 416:
                self._restart(response)
                return False
            body = Body(response, host, self._most, self._watch)
            self._transport.must_be_good(response, body, host)
            if response.status_code == 206:
                if not self._continues(response):
                    self._restart(response)
                    return False
                self._mixed = True
            else:
                self._begin(response, body)
            if self._total is not None and self._total > self._most:
                raise too_large(host, self._most)
            self._take(body, host)
        if self._total is not None and self.size != self._total:
            raise faults.cut(host)
        return True

    def _request(self) -> Request:
        headers = {"Accept": "application/zip, application/octet-stream;q=0.9, */*;q=0.1"}
        if self.size and self._validator and not self._whole_only:
            headers |= {"Range": f"bytes={self.size}-", "If-Range": self._validator}
        elif self.size:
            self._again()
        return Request("GET", self._url, headers, policy=self._policy, same_origin=False)

    def _begin(self, response: Response, body: Body) -> None:
        if self.size:
            self._again()
        # A packed stream cannot be continued at a byte of what it unpacks to.
        self._validator = "" if body.encoded else _validator(response)
        self._total = None if body.encoded else body.length
        self._tell(0, self._total)

    def _continues(self, response: Response) -> bool:
        """Say whether a part begins where ours ends, in the same object."""
        found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if not found or not self.size or "Content-Encoding" in response.headers:
            return False
        start, end, total = int(found[1]), int(found[2]), found[3]
        if start != self.size or end < start or (total != "*" and int(total) != end + 1):
            return False
        if total != "*":
            if self._total not in (None, int(total)):
                return False
            self._total = int(total)
        return _validator(response) in ("", self._validator)

    def _restart(self, response: Response) -> None:
        response.close()
        self._whole_only = True
        self._again()

    def _take(self, body: Body, host: str) -> None:
        since, at_start = time.monotonic(), self.size
        for piece in body.pieces():
            if self.size + len(piece) > self._most:
                raise too_large(host, self._most)
            with _disk():
                self._file.write(piece)
            self._hash.update(piece)
            self.size += len(piece)
            self._tell(self.size, self._total)
            passed = time.monotonic() - since
            if passed > self._settings.slow_seconds:
                if self.size - at_start < passed * self._settings.slow_bytes:
                    raise faults.timed_out(host, passed)
                since, at_start = time.monotonic(), self.size

    def _host(self) -> str:
        return target(self._url).host


def _validator(response: Response) -> str:
    """Return what If-Range may carry: a strong tag, else a date, else nothing."""
    tag: str = response.headers.get("ETag", "")
    if tag.startswith('"'):
        return tag
    return "" if tag else response.headers.get("Last-Modified", "")


def _new_file(path: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with _disk():
        return os.fdopen(os.open(path, flags, 0o600), "w+b")


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SurroundingsError(
            "DISK",
            f"The download cannot be written: {error.strerror or 'the disk does not take it'}.",
            "Nothing was changed. Free some space or check the rights of the data directory.",
        ) from error
