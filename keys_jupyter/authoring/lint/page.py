"""A runbook as its rules look at it: the parsed runbook together with the lines it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.model.runbook import Branch, Runbook, Section, Step
from keys_jupyter.runbook import parse
from keys_jupyter.runbook.fields import Label, labels_of
from keys_jupyter.runbook.layout import Layout, SectionPlace, StepPlace, lay_out
from keys_jupyter.runbook.names import plain
from keys_jupyter.runbook.scan import Scan, scan

CANONICAL = (
    ("scope", "Title + Scope"),
    ("when", "When to Use This Runbook"),
    ("when-not", "When NOT to Use This Runbook"),
    ("safety", "Immediate Safety Checks"),
    ("diagnosis", "Diagnosis Flow"),
    ("action", "Action Steps"),
    ("verification", "Verification"),
    ("rollback", "Rollback / Escalation"),
    ("evidence", "Evidence & Audit Notes"),
    ("follow-ups", "Post-Incident Follow-Ups"),
)


@dataclass(frozen=True)
class Page:
    """One runbook's text; ``path`` is what a problem names."""

    path: str
    source: str
    metadata: RunbookMetadata | None = None

    @cached_property
    def found(self) -> Scan:
        """The text as lines."""
        return scan(self.source)

    @cached_property
    def layout(self) -> Layout:
        """Where sections and steps begin and end."""
        return lay_out(self.found)

    @cached_property
    def book(self) -> Runbook:
        """The runbook as a person works it."""
        return parse(self.source, metadata=self.metadata)

    @cached_property
    def _by_id(self) -> dict[str, Step]:
        return {step.id: step for section in self.book.sections for step in section.steps}

    def sections(self, *names: str) -> list[SectionPlace]:
        """Return the sections of these names, in the text's order."""
        return [place for place in self.layout.sections if place.name in names]

    def steps(self, *names: str) -> Iterator[tuple[SectionPlace, StepPlace, Step]]:
        """Yield the steps of these sections with where they stand; all sections when none is named."""
        for section in self.layout.sections:
            if not names or section.name in names:
                for place in section.steps:
                    yield section, place, self._by_id[place.id]

    def labels(self, place: StepPlace) -> list[Label]:
        """Return the labels of a step."""
        return labels_of(self.found, place.start, place.end)

    def read(self, place: SectionPlace) -> Section:
        """Return a section as it was parsed."""
        lead = len(self.book.sections) - len(self.layout.sections)
        return self.book.sections[lead + self.layout.sections.index(place)]

    def line_of(self, words: str, start: int, end: int) -> int:
        """Return the line, from 1, between two rows that holds these words; the first row's else."""
        wanted = " ".join(plain(words).split())[:60]
        for at in range(start, end):
            if wanted and wanted in " ".join(plain(self.found.lines[at]).split()):
                return at + 1
        return start + 1

    def line_of_branch(self, branch: Branch, start: int, end: int) -> int:
        """Return the line, from 1, of a branch between two rows."""
        return self.line_of(branch.condition, start, end)

    def words_of(self, place: SectionPlace) -> str:
        """Return a section's whole text."""
        return "".join(self.found.lines[place.start : place.end])


def called(place: StepPlace) -> str:
    """Return what a person calls a step: "Step 3: Analyze …"."""
    word = place.word.capitalize() or "Step"
    return f"{word} {place.number} ({place.title})"
