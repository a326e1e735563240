"""A runbook's text in, everything out that would leave a tired person guessing at night.

Each rule is a function over :class:`Page`; a problem has the line it stands in. Whether the *files* around
the text are right is :mod:`keys_jupyter.authoring.runbooks`.
"""

from __future__ import annotations

from keys_jupyter.authoring.lint import actions, calls, closing, flow, structure, wording
from keys_jupyter.authoring.lint.page import Page
from keys_jupyter.authoring.report import Findings

__all__ = ["Page", "lint"]


def lint(page: Page, findings: Findings) -> None:
    """Check the text of one runbook by every rule that needs nothing else."""
    structure.check(page, findings)
    flow.check(page, findings)
    actions.check(page, findings)
    calls.check(page, findings)
    closing.check(page, findings)
    for line, words, instead in wording.vague_words(page.found, page.layout):
        said = f"“{words}” leaves the reader guessing: {instead}."
        findings.problem(page.path, line, "VAGUE", said)
