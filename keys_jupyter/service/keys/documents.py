"""What can be read of a key before it is fetched: its preview, and what a version changes.

Both are a publisher's own text. A preview is HTML that is not safe and is shown only in a sandbox without scripts. A
marketplace gives a preview, and no list of changes before the key itself.
"""

from __future__ import annotations

from collections.abc import Callable

from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import IntegrityError, KeysError, NotAvailable
from keys_jupyter.model.catalog import Changes
from keys_jupyter.model.marketplace import Preview
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.keys.marketplace import Marketplaces
from keys_jupyter.service.keys.packs import Packs

_PREVIEW = "preview.html"
_CHANGES = "CHANGELOG.md"


class Documents:
    """Reads previews and changes."""

    def __init__(self, packs: Packs, installs: Installs, marketplace: Marketplaces) -> None:
        """Take where packs are, which of them are installed, and who else has previews."""
        self._packs = packs
        self._installs = installs
        self._marketplace = marketplace

    def has_preview(self, slug: str) -> bool:
        """Say whether a preview may be asked for; whether a marketplace has one is known only then."""
        return self._preview_at_hand(slug) is not None or self._sold(slug)

    def preview(self, slug: str) -> Preview:
        """Return the preview of the version in use, else of the newest one.

        Raises:
            NotAvailable: there is none for us.
            NetworkError: nobody answered.
        """
        read = self._preview_at_hand(slug)
        if read is not None:
            return Preview(slug=slug, html=read())
        if self._sold(slug):
            return self._marketplace.preview(slug)
        raise NotAvailable(
            "NO_PREVIEW",
            f"There is no preview of {ascii(slug)[1:90]}.".replace("'", ""),
            "Read its description instead.",
        )

    def changes(self, slug: str, version: str) -> Changes:
        """Return what a version says that it changes, as far as that can be read before it is fetched.

        Raises:
            NotAvailable: no source has that key or version.
        """
        if version not in self._installs.versions(slug):
            raise self._packs.unknown_version(slug, version)
        read = self._packs.beside(slug, version, "changelog_md")
        try:
            text = read() if read else None
        except KeysError:
            text = None  # the pack may still say it
        if text is None:
            pack = self._at_hand(slug, version)
            text = _text(pack, _CHANGES) if pack else None
        return Changes(slug=slug, version=version, text=text or "", known=bool(text))

    def _preview_at_hand(self, slug: str) -> Callable[[], str] | None:
        version = self._shown(slug)
        read = self._packs.beside(slug, version, "preview_html") if version else None
        if read is not None or not version:
            return read
        pack = self._at_hand(slug, version)
        return (lambda: _text(pack, _PREVIEW)) if pack and _PREVIEW in pack.files else None

    def _shown(self, slug: str) -> str:
        """Return the version that a person sees: the one in use, else the newest; empty of an unknown key."""
        here = self._installs.rows(slug)
        if here:
            return str(here[-1]["version"])
        offered = self._packs.offered(slug)
        return offered[0][1].version if offered else ""

    def _sold(self, slug: str) -> bool:
        return any(source is self._marketplace for source, _ in self._packs.offered(slug))

    def _at_hand(self, slug: str, version: str) -> VerifiedPack | None:
        try:
            return self._installs.at_hand(slug, version)
        except (IntegrityError, NotAvailable):
            return None


def _text(pack: VerifiedPack, name: str) -> str:
    return pack.files.get(name, b"").decode("utf-8", "replace")
