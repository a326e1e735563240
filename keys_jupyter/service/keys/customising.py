"""A runbook's own copy in the workspace: made, and compared with its original.

The original stays as it is; a copy is never used instead of it unless a person opens it by its own name.
"""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path

from keys_jupyter import ledger
from keys_jupyter import runbook as parser
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError, NotAvailable
from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.model.working import (
    Customised,
    Differences,
    SectionDifference,
)
from keys_jupyter.runbook import Span
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.keys.runbooks import FOLDER, ORIGIN, Runbooks, origin_facts
from keys_jupyter.store import Store
from keys_jupyter.workspace import Workspace

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Customising:
    """The customised runbooks of one workspace."""

    def __init__(
        self, workspace: Workspace, store: Store, installs: Installs, runbooks: Runbooks
    ) -> None:
        """Take where copies lie, where originals are kept, and where they come from."""
        self._workspace = workspace
        self._store = store
        self._installs = installs
        self._runbooks = runbooks

    def customise(self, slug: str, name: str | None = None) -> Customised:
        """Copy a runbook into ``runbooks/``, and note there what it was copied from.

        Args:
            slug: the original.
            name: what the copy is called; the original's name with ``-custom`` when None.

        Raises:
            NotAvailable: there is no such runbook, or it is a key of another kind.
            InputError: the name is a key's already.
            StateError: something of that name lies there already.
        """
        slug = self._runbooks.resolved(slug)
        self._runbooks.source(slug)
        if "/" in slug:
            raise InputError(
                "CUSTOM_ALREADY",
                f"{slug} lies in the workspace already, so it can be edited as it is.",
                "Name a runbook of a library to copy it.",
            )
        pack = self._installs.pack(slug, None)
        name = name or f"{slug}-custom"
        if not _NAME.fullmatch(name):
            raise InputError(
                "BAD_NAME",
                f"{ascii(name)[:90]} cannot be the name of a runbook.",
                "Use small letters, digits and single hyphens.",
            )
        if any(
            row.slug == name and row.source != "workspace" for row in self._runbooks.all().runbooks
        ):
            raise InputError(
                "NAME_TAKEN",
                f"{name} is the name of a runbook of a library, so the copy would be taken for it.",
                "Choose another name.",
            )
        digest = self._store.keep(pack.files["README.md"])
        origin = {"slug": pack.slug, "version": pack.version, "sha256": digest}
        place = f"{FOLDER}/{name}"
        self._workspace.add_folder(_copied(pack, name, origin), place)
        return Customised(
            slug=name,
            path=place,
            origin=pack.slug,
            origin_version=pack.version,
            origin_sha256=digest,
        )

    def differences(self, name: str) -> Differences:
        """Return what a customised runbook says otherwise than its original, section by section.

        Raises:
            NotAvailable: it is no customised copy, or its original is nowhere any more.
        """
        path = self._copy(name)
        origin = origin_facts(path)
        if origin is None:
            raise NotAvailable(
                "NO_ORIGIN",
                f"{self._workspace.relative(path)} does not say what it was made from.",
                f"Make a copy with “customise”; it notes its origin in {ORIGIN}.",
            )
        old, new = self._original(origin), self._runbooks.source(self._workspace.relative(path))[1]
        rows = list(_by_section(old.decode("utf-8"), new.decode("utf-8", errors="replace")))
        return Differences(
            slug=path.name,
            origin=origin["slug"],
            origin_version=origin["version"],
            same=not rows,
            outdated=self._moved_on(origin),
            sections=rows,
        )

    def _copy(self, name: str) -> Path:
        place = self._runbooks.resolved(name)
        path = self._workspace.inside(place)
        if "/" not in place or not path.is_dir():
            raise NotAvailable(
                "NOT_CUSTOMISED",
                f"{ascii(name)[:90]} is no customised runbook of this workspace.",
                f"They lie in {FOLDER}/; make one with “customise”.",
            )
        return path

    def _original(self, origin: dict[str, str]) -> bytes:
        kept = self._store.blob(origin["sha256"]) if _is_digest(origin["sha256"]) else None
        if kept is not None and kept.is_file():
            return kept.read_bytes()
        pack = self._installs.pack(origin["slug"], origin["version"])
        return pack.files["README.md"]

    def _moved_on(self, origin: dict[str, str]) -> bool:
        rows = {row.slug: row.version for row in self._runbooks.all().runbooks}
        return rows.get(origin["slug"], origin["version"]) != origin["version"]


def _copied(pack: VerifiedPack, name: str, origin: dict[str, str]) -> dict[str, bytes]:
    """Return the copy's files: the original's, under its own name, with what it was made from."""
    if not isinstance(pack.metadata, RunbookMetadata):
        raise NotAvailable(
            "NOT_A_RUNBOOK", f"{pack.slug} is a key, not a runbook.", "Name a runbook."
        )
    stated = json.loads(pack.files["pack.json"])
    metadata = json.dumps({**stated, "slug": name}, ensure_ascii=False, indent=2) + "\n"
    return {
        **pack.files,
        "pack.json": metadata.encode(),
        ORIGIN: ledger.encode(origin) + b"\n",
    }


def _is_digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _sections(text: str) -> dict[tuple[str, str], str]:
    """Return a runbook's sections as text, by name and heading, in order; what stands before them too."""
    found: dict[tuple[str, str], str] = {}
    here = ("preamble", "")
    for span in parser.spans(text):
        if span.kind == "heading":
            here = (span.section, _heading(span))
        found[here] = found.get(here, "") + span.text
    return found


def _heading(span: Span) -> str:
    return span.text.strip().splitlines()[0].strip("# \t")


def _by_section(old: str, new: str) -> list[SectionDifference]:
    before, after = _sections(old), _sections(new)
    rows = []
    for name, title in dict.fromkeys([*before, *after]):
        one, other = before.get((name, title), ""), after.get((name, title), "")
        if one != other:
            change = "added" if not one else "removed" if not other else "changed"
            lines = difflib.unified_diff(
                one.splitlines(), other.splitlines(), "original", "customised", lineterm=""
            )
            rows.append(
                SectionDifference(
                    section=name, title=title, change=change, diff="\n".join(lines) + "\n"
                )
            )
    return rows
