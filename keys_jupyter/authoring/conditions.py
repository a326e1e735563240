"""A step's branches and the results of the keys it calls in, the conditions that fit no result out.

A condition that only a person can judge is no fault, so everything found here is a note. Nothing is run: results
are those a key's preview recorded, else the names that its files spell out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from keys_jupyter.authoring.folders import PREVIEW, files_of
from keys_jupyter.authoring.interface import result_names
from keys_jupyter.authoring.lint.page import Page
from keys_jupyter.authoring.previews.head import head_in
from keys_jupyter.authoring.report import Findings
from keys_jupyter.conditions import suggest
from keys_jupyter.errors import InputError
from keys_jupyter.model.run import Result

_MOST_NAMED = 8


def known_results(key: Path) -> Sequence[Result]:
    """Return the results of the key in a folder as far as they are known without running it."""
    head = head_in(key / PREVIEW)
    if head is not None and head.results:
        return head.results
    try:
        files = dict(files_of(key))
    except InputError:
        return ()  # that it holds a link is told where the key is checked
    read = {
        name: path.read_bytes()
        for name, path in files.items()
        if name.endswith((".py", ".ipynb")) or name in ("README.md", "key.json")
    }
    return [Result(name=name) for name in sorted(result_names(read))]


def check_conditions(
    page: Page, results: Mapping[str, Sequence[Result]], findings: Findings
) -> None:
    """Note every branch of a calling step whose condition fits no one result of the keys it calls.

    Args:
        page: the runbook.
        results: the known results of each key, by its slug.
        findings: takes every note.
    """
    for _, place, step in page.steps():
        called = [key.slug for key in step.keys if results.get(key.slug)]
        known = [result for slug in called for result in results[slug]]
        if not known:
            continue
        for branch, verdict in zip(step.branches, suggest(step.branches, known), strict=True):
            valueless = any(one.name == verdict.result and one.value is None for one in known)
            if verdict.true is not None or valueless:
                continue
            line = page.line_of_branch(branch, place.start, place.end)
            said = f"“If {branch.condition}” is for a person to judge: {verdict.reason}"
            if verdict.result is None:
                said += f" {' and '.join(f'`{slug}`' for slug in called)} has {_named(known)}."
                findings.note(page.path, line, "CONDITION_NO_RESULT", said)
            else:
                findings.note(page.path, line, "CONDITION_UNDECIDED", said)


def _named(results: Sequence[Result]) -> str:
    names = [result.name for result in results]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
