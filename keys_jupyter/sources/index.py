"""A team's library behind a plain web server as a source: ``library.json`` and the zips beside it.

No sign-in: whoever can reach it may have its keys. The index is kept on disk, so that what it offered is still shown
while the server is down; a pack must have the digest its row names, where it names one.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from keys_jupyter.archive import VerifiedPack, verify
from keys_jupyter.errors import InputError, IntegrityError, KeysError, NetworkError, NotAvailable
from keys_jupyter.model.pack import LibraryPack
from keys_jupyter.sources import Listing, Progress
from keys_jupyter.sources.library import (
    BESIDE_BYTES,
    INDEX_BYTES,
    listing_of,
    no_text,
    problem_of,
    read_index,
)
from keys_jupyter.sources.marketplace.answers import Answer, Answers
from keys_jupyter.sources.marketplace.rights import text_of
from keys_jupyter.transport import Transport, download

_FRESH_SECONDS = 300.0
_FAILED_SECONDS = 30.0


class IndexLibrary:
    """The library at one address."""

    def __init__(
        self,
        url: str,
        transport: Transport,
        data_dir: Path,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the address of the folder, or of the ``library.json`` in it; nothing is asked yet.

        Args:
            url: where it is.
            transport: the door to the network.
            data_dir: below it the index is kept and downloads are put.
            now: seconds since 1970.

        Raises:
            AddressRefused: the address may not be asked.
        """
        self._base = url.removesuffix("library.json").rstrip("/")
        self._transport = transport
        at = transport.readable(self._base)
        self._name = at.host + urlsplit(self._base).path
        self._private = transport.policy.exempt(at)
        self._answers = Answers(data_dir / "libraries")
        self._staging = data_dir / "staging"
        self._now = now
        self._failed: tuple[float, KeysError] | None = None
        self._read: tuple[float, Listing] | None = None

    @property
    def name(self) -> str:
        """Return host and path, by which a person knows it."""
        return self._name

    def listing(self, *, refresh: bool = False) -> Listing:
        """Return what the index offers, as last heard where nobody answers; never raises for the network."""
        known = self._answers.get(self._base)
        if self._must_ask(known, refresh=refresh):
            self._ask(known)
            known = self._answers.get(self._base)
        fault = self._failed[1] if self._failed else None
        problems = [problem_of(fault, self._name)] if fault else []
        if known is None:
            return Listing([], problems)
        if self._read is None or self._read[0] != known.at:
            self._read = (known.at, self._parsed(known))
        found = self._read[1]
        since = text_of(known.at) if fault else None
        return Listing(found.packs, found.problems + problems, stale_since=since)

    def versions(self, slug: str) -> list[str]:
        """Return the versions of a key, newest first."""
        return [pack.version for pack in self.rows(slug)]

    def rows(self, slug: str) -> list[LibraryPack]:
        """Return what the index says of a key, newest version first."""
        return [pack for pack in self.listing().packs if pack.slug == slug]

    def fetch(
        self,
        slug: str,
        version: str,
        *,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> VerifiedPack:
        """Return one verified pack.

        Raises:
            NotAvailable: no such key or version here.
            NetworkError: nobody answered, or nothing that can be used.
            IntegrityError: the bytes are not the published ones, or not safe to unpack.
            Cancelled: a person stopped it.
        """
        for row in self.listing().packs:
            if (row.slug, row.version) == (slug, version):
                data = self._fetched(row, on_progress, cancelled)
                return verify(data, sha256=row.sha256, slug=slug, version=version)
        raise NotAvailable(
            "UNKNOWN_VERSION",
            f"The library {self._name} has no {slug} {version}.",
            f'Look with "jupyter keys info {slug}".',
        )

    def _fetched(
        self,
        row: LibraryPack,
        on_progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> bytes:
        self._staging.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._staging / f"{os.getpid()}-{secrets.token_hex(8)}.part"
        try:
            got = download(
                self._transport,
                self._url_of(row, "zip"),
                part,
                sha256=row.sha256,
                private=self._private,
                on_progress=on_progress,
                cancelled=cancelled,
            )
            return got.path.read_bytes()
        finally:
            part.unlink(missing_ok=True)

    def beside(self, row: LibraryPack, asset: str) -> str:
        """Return a text that lies beside a pack, such as its preview; it is not safe to render.

        Raises:
            NotAvailable: it is empty.
            NetworkError: nobody answered, or it is too large.
            IntegrityError: the index names a file outside of the library.
        """
        data, _ = self._transport.get_bytes(
            self._url_of(row, asset), BESIDE_BYTES, private=self._private
        )
        if not data:
            raise no_text(self._name, row)
        return data.decode("utf-8", "replace")

    def _url_of(self, row: LibraryPack, asset: str) -> str:
        path = row.assets.get(asset, "")
        parts = path.split("/")
        if (
            not path
            or "\\" in path
            or any(part in ("", ".", "..") or ":" in part for part in parts)
        ):
            raise IntegrityError(
                "CATALOG_INVALID",
                f"The library {self._name} names a file outside itself for {row.slug}. It was not fetched.",
                "Tell the publisher of the library.",
            )
        return f"{self._base}/{quote(path)}"

    def _must_ask(self, known: Answer | None, *, refresh: bool) -> bool:
        if refresh:
            return True
        if self._failed:
            return self._now() - self._failed[0] >= _FAILED_SECONDS
        return known is None or self._now() - known.at >= _FRESH_SECONDS

    def _ask(self, known: Answer | None) -> None:
        try:
            data, etag = self._transport.get_bytes(
                f"{self._base}/library.json",
                INDEX_BYTES,
                private=self._private,
                etag=known.etag if known else "",
            )
            # Read before it is kept: what is no index does not take the place of one.
            text = data.decode("utf-8") if data else str(known.data if known else "")
            read_index(text.encode(), self._name)
        except (NetworkError, InputError) as error:
            self._failed = (self._now(), error)
            return
        except UnicodeDecodeError:
            self._failed = (self._now(), _not_text(self._name))
            return
        self._failed = None
        self._answers.put(self._base, Answer(text, etag, self._now()))

    def _parsed(self, known: Answer) -> Listing:
        try:
            return listing_of(read_index(str(known.data).encode(), self._name), self._name)
        except InputError as error:
            return Listing([], [problem_of(error, self._name)])


def _not_text(name: str) -> InputError:
    return InputError(
        "LIBRARY_TORN",
        f"The library.json of the library {name} cannot be read: it is not UTF-8 text.",
        "Tell whoever runs it.",
    )
