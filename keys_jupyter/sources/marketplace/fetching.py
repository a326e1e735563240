"""One version of one key, from the question to a verified pack; what was asked for is what comes, or nothing does.

A marketplace that cannot find a version sends the latest one and does not say so. So the version is looked for four
times: in what the marketplace lists, in the path of the signed URL, in the pack, and by the digest where there is one.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from keys_jupyter import archive
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.archive.identity import check_asked
from keys_jupyter.credentials import Secret
from keys_jupyter.errors import IntegrityError, NetworkError, NotAvailable, SurroundingsError
from keys_jupyter.model.marketplace import Entitlement, KeyVersion
from keys_jupyter.sources import Progress
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.transport import Answered, InvalidAnswer, Transport, download

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"([0-9]+)-[0-9a-f]+\.part")


class Fetching:
    """Fetches packs of one marketplace."""

    def __init__(
        self, api: Api, transport: Transport, staging: Path, right: Callable[[str], Entitlement]
    ) -> None:
        """Take how the marketplace is asked and where parts are put; what a killed process left there is removed."""
        self._api = api
        self._transport = transport
        self._staging = staging
        self._right = right
        _clear(staging)

    def fetch(
        self,
        slug: str,
        version: str,
        token: Secret,
        *,
        private: bool,
        on_progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> VerifiedPack:
        """Return a verified pack.

        Args:
            slug: which key.
            version: which version, exactly.
            token: who asks.
            private: the marketplace is in a private network, so its storage may be.
            on_progress: told the bytes so far and in all.
            cancelled: asked whether to stop; nothing is left then.

        Raises:
            NotAvailable: there is no such key or version, or no right to it.
            NetworkError: nobody answered, or nothing that can be used.
            IntegrityError: something else came than was asked for.
            Cancelled: a person stopped it.
        """
        check_asked(slug, version, None)
        sha256 = self._digest(self._detail(slug), slug, version)
        part = self._new_part()

        def signed() -> str:
            url = self._signed(slug, version, token)
            must_name_version(url, version)
            return url

        try:
            got = download(
                self._transport,
                signed(),
                part,
                sha256=sha256,
                private=private,
                on_progress=on_progress,
                cancelled=cancelled,
                renew=signed,
            )
            data = got.path.read_bytes()
        except Answered as error:
            raise self._of_the_storage(error, slug, version) from None
        finally:
            part.unlink(missing_ok=True)
        return archive.verify(data, sha256=sha256, slug=slug, version=version)

    def versions(self, slug: str) -> list[KeyVersion]:
        """Return the versions of a key, newest first as they were made.

        Raises:
            NotAvailable: the marketplace has no such key.
            NetworkError: nobody answered.
        """
        detail = self._detail(slug)
        current = detail.get("version")
        found = {
            row["version"]: KeyVersion(
                version=row["version"],
                created_at=_text(row.get("created_at")),
                current=row["version"] == current,
            )
            for row in _rows(detail)
        }
        if isinstance(current, str) and current not in found:
            made = _text(detail.get("created_at"))
            found[current] = KeyVersion(version=current, created_at=made, current=True)
        return sorted(
            found.values(), key=lambda row: (row.current, row.created_at or ""), reverse=True
        )

    def _detail(self, slug: str) -> dict[str, Any]:
        try:
            return self._api.detail(slug)
        except Answered as error:
            fault: NetworkError | NotAvailable = error
            if error.http_status == 404 and self._listed_to_others(slug) is False:
                fault = NotAvailable(
                    "UNKNOWN_KEY",
                    f"The marketplace has no key {ascii(slug)[:90]}.",
                    'List its keys with "jupyter keys catalog".',
                )
            elif error.http_status == 404:
                fault = _trouble("it lists the key and does not find it")
        raise fault

    def _listed_to_others(self, slug: str) -> bool | None:
        """Say whether the list holds a key; None when the list does not come either."""
        try:
            data = self._api.list_of("keys").data
        except NetworkError:
            return None
        rows = data.get("keys") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            return None
        return any(isinstance(row, dict) and row.get("slug") == slug for row in rows)

    def _digest(self, detail: dict[str, Any], slug: str, version: str) -> str | None:
        """Check that the version is there, and return its digest where one is published."""
        known = [row["version"] for row in _rows(detail)]
        current = detail.get("version")
        if version not in known and version != current:
            shown = ", ".join(
                sorted({*known, *([current] if isinstance(current, str) else [])})[:20]
            )
            raise NotAvailable(
                "UNKNOWN_VERSION",
                f"The marketplace has no version {ascii(version)[:60]} of {slug}.",
                f"Its versions are: {ascii(shown)[1:-1]}.",
            )
        sha256 = detail.get("sha256")
        if version != current or sha256 is None:
            return None
        if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
            raise IntegrityError(
                "DIGEST",
                f"The digest that the marketplace publishes for {slug} {version} is none.",
                "Nothing was fetched. Tell whoever runs the marketplace.",
            )
        return sha256

    def _signed(self, slug: str, version: str, token: Secret) -> str:
        try:
            return self._api.download_url(slug, version, token)
        except Answered as error:
            fault = self._refusal(error, slug)
        raise fault

    def _refusal(self, error: Answered, slug: str) -> NetworkError | NotAvailable:
        if error.http_status != 403:
            return error
        right = self._right(slug)
        if right.state == "active":
            return _trouble("it refuses the key although you are entitled to it")
        if right.state == "expired":
            return NotAvailable(
                "ENTITLEMENT_EXPIRED",
                f"The right to {slug} ended at {right.expires_at}.",
                "Renew it on the marketplace; versions that are installed stay.",
            )
        return NotAvailable(
            "NOT_ENTITLED",
            f"You are not entitled to {slug}.",
            "Buy it on the marketplace, or ask whoever administers your organisation's keys.",
        )

    def _of_the_storage(
        self, error: Answered, slug: str, version: str
    ) -> NetworkError | NotAvailable:
        if error.remote in ("NoSuchKey", "not_found"):
            return NotAvailable(
                "PACK_MISSING",
                f"The marketplace lists {slug} {version}, and its storage does not have it.",
                "Install another version, and tell whoever runs the marketplace.",
            )
        return error

    def _new_part(self) -> Path:
        try:
            self._staging.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SurroundingsError(
                "DISK",
                f"There is no room for a download: {error.strerror or 'the folder cannot be made'}.",
                "Check the rights of the data directory.",
            ) from error
        return self._staging / f"{os.getpid()}-{secrets.token_hex(8)}.part"


def must_name_version(url: str, version: str) -> None:
    """Refuse a signed URL that leads to another version than the one asked for.

    Raises:
        IntegrityError: it does.
    """
    try:
        parts = [unquote(part) for part in urlsplit(url).path.split("/")]
    except ValueError:
        parts = []
    if version not in parts:
        raise IntegrityError(
            "VERSION_MISMATCH",
            f"The marketplace was asked for version {version} and offers another one.",
            "Nothing was fetched. Try the version it shows as current.",
        )


def _rows(detail: dict[str, Any]) -> list[dict[str, Any]]:
    rows = detail.get("versions")
    return [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and isinstance(row.get("version"), str)
    ]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _trouble(what: str) -> InvalidAnswer:
    return InvalidAnswer(
        "MARKETPLACE_TROUBLE",
        f"The marketplace contradicts itself: {what}. It does so in an outage.",
        "Try again in some minutes; what is installed here is not affected.",
    )


def _clear(staging: Path) -> None:
    """Remove the parts of processes that are no more."""
    if not staging.is_dir():
        return
    for path in staging.iterdir():
        found = _PART.fullmatch(path.name)
        if found and not _alive(int(found[1])):
            path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
