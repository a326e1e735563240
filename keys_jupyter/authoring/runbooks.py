"""One runbook's folder in, everything out that is wrong with its text, its checklist and what it refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keys_jupyter.authoring.conditions import check_conditions
from keys_jupyter.authoring.lint import Page, checklist, lint
from keys_jupyter.authoring.lint.calls import called_keys
from keys_jupyter.authoring.lint.flow import branches
from keys_jupyter.authoring.packs import check_files, check_packs, check_stated, listed, read
from keys_jupyter.authoring.positions import line_at, lines_of
from keys_jupyter.authoring.report import Findings
from keys_jupyter.authoring.schema import RunbookSchema, check_metadata
from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.model.run import Result
from keys_jupyter.runbook.names import slugify

REQUIRED = ("pack.json", "README.md", "checklist.md", "CHANGELOG.md", "LICENSE.txt")


@dataclass(frozen=True)
class Neighbours:
    """What else a library holds: slugs of keys with their known results, and of runbooks with their titles."""

    keys: frozenset[str] = frozenset()
    runbooks: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Sequence[Result]] = field(default_factory=dict)


def check_runbook(
    folder: Path, shown: str, library: Neighbours | None, findings: Findings
) -> RunbookMetadata | None:
    """Check one runbook.

    Args:
        folder: the runbook as its author keeps it.
        shown: how problems name the folder.
        library: what the runbook may refer to; without it references are not followed.
        findings: takes every problem.

    Returns:
        What pack.json says, where it could be read.
    """
    before = len(findings)
    files = listed(folder, shown, findings)
    if files is None:
        return None
    check_files(files, REQUIRED, shown, findings)
    text = (
        read(files["pack.json"], f"{shown}/pack.json", findings) if "pack.json" in files else None
    )
    stated = (
        check_metadata(f"{shown}/pack.json", text, RunbookSchema, findings)
        if text is not None
        else None
    )
    metadata = stated if isinstance(stated, RunbookMetadata) else None
    page = _page(files, shown, metadata, findings)
    if page:
        check_text(page, findings)
        check_conditions(page, library.results if library else {}, findings)
    if page and "checklist.md" in files:
        items = read(files["checklist.md"], f"{shown}/checklist.md", findings)
        if items is not None:
            checklist.check(page, f"{shown}/checklist.md", items, findings)
    if metadata and text is not None:
        check_stated(metadata, files, shown, (folder.name, "pack.json"), findings)
        if page:
            _References(page, metadata, f"{shown}/pack.json", text, findings).check(library)
        if len(findings) == before:
            check_packs(folder, metadata, {}, shown, findings)
    return metadata


def check_text(page: Page, findings: Findings) -> None:
    """Check a runbook's text alone, such as a customised copy that is no pack."""
    lint(page, findings)


def _page(
    files: Mapping[str, Path], shown: str, metadata: RunbookMetadata | None, findings: Findings
) -> Page | None:
    if "README.md" not in files:
        return None
    path = f"{shown}/README.md"
    source = read(files["README.md"], path, findings)
    return Page(path, source, metadata) if source and source.strip() else None


@dataclass(frozen=True)
class _References:
    """Compares what the text refers to with pack.json and with the library."""

    page: Page
    metadata: RunbookMetadata
    path: str
    text: str
    findings: Findings

    def check(self, library: Neighbours | None) -> None:
        """Check keys and runbooks both ways."""
        called = called_keys(self.page)
        stated = [
            *self.metadata.references_jupyter_keys,
            *self.metadata.references_node_keys,
        ]
        for slug, line in called.items():
            if slug not in stated:
                said = f"`{slug}` is called here and not listed in pack.json."
                self.findings.problem(self.page.path, line, "KEY_NOT_LISTED", said)
        for name in ("references_jupyter_keys", "references_node_keys"):
            self._keys(name, getattr(self.metadata, name), called, library)
        self._runbooks(library)

    def _keys(
        self, name: str, slugs: Sequence[str], called: Mapping[str, int], lib: Neighbours | None
    ) -> None:
        lines = lines_of(self.text)
        for at, slug in enumerate(slugs):
            line = line_at(lines, (name, at))
            if slug not in called:
                said = f"{slug} is listed and no step calls it."
                self.findings.problem(self.path, line, "KEY_NOT_CALLED", said)
            # Keys of other tools live in other libraries.
            if lib is not None and name == "references_jupyter_keys" and slug not in lib.keys:
                said = f"{slug} is no key of this library."
                self.findings.problem(self.path, line, "KEY_UNKNOWN", said)

    def _runbooks(self, lib: Neighbours | None) -> None:
        lines = lines_of(self.text)
        related = list(self.metadata.related_runbooks)
        gone = self._followed(lib)
        for slug, line in gone.items():
            if slug not in related and slug != self.metadata.slug:
                said = (
                    f"A branch leads to the runbook {slug}, which related_runbooks does not name."
                )
                self.findings.problem(self.page.path, line, "RUNBOOK_NOT_LISTED", said)
        for at, slug in enumerate(related):
            line = line_at(lines, ("related_runbooks", at))
            if lib is not None and slug not in lib.runbooks:
                said = f"{slug} is no runbook of this library."
                self.findings.problem(self.path, line, "RUNBOOK_UNKNOWN", said)
            if slug not in gone and slug not in self.page.source:
                said = f"{slug} is related, and the text never says when to use it."
                self.findings.problem(self.path, line, "RUNBOOK_NOT_MENTIONED", said)

    def _followed(self, lib: Neighbours | None) -> dict[str, int]:
        """Return the runbooks that branches lead to, by their slugs, each with its first line."""
        names = _names_of(lib.runbooks if lib else {})
        gone: dict[str, int] = {}
        for branch, line in branches(self.page):
            kind, _, said = (branch.goto or "").partition(":")
            if kind != "runbook":
                continue
            slug = names.get(said, said)
            known = lib is None or slug in lib.runbooks
            if known or slug in self.metadata.related_runbooks:
                gone.setdefault(slug, line)
            else:
                message = f"A branch leads to a runbook {said!a}, which this library does not have."
                self.findings.problem(self.page.path, line, "RUNBOOK_UNKNOWN", message)
        return gone


def _names_of(runbooks: Mapping[str, str]) -> dict[str, str]:
    """Return slugs by what a text may call a runbook: its slug, or its title without "Runbook"."""
    names = {slugify(title).removesuffix("-runbook"): slug for slug, title in runbooks.items()}
    return names | {slug: slug for slug in runbooks}
