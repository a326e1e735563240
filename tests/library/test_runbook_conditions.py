"""Every branch of a step that calls a key is decided by exactly one of that key's results, or by a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys_jupyter.authoring.previews.head import head_in
from keys_jupyter.conditions import judge
from keys_jupyter.runbook import parse
from tests.library.library_pack import LIBRARY

RUNBOOKS = sorted(path.parent for path in (LIBRARY / "runbook-keys").glob("*/pack.json"))
# What no key can know.
A_PERSON_JUDGES = {
    (
        "data-reconciliation-mismatch",
        "diagnosis-5",
        "a line leads to an action that you have already done twice",
    ),
}


def results_of(slug: str):
    """What the key gave for its sample when its preview was made."""
    head = head_in(LIBRARY / "jupyter-keys" / slug / "preview.html")
    assert head is not None
    assert head.slug == slug
    return head.results


def calling_steps(folder: Path):
    book = parse((folder / "README.md").read_text("utf-8"), slug=folder.name)
    return [step for section in book.sections for step in section.steps if step.keys]


def test_the_six_runbooks_are_here():
    assert [path.name for path in RUNBOOKS] == [
        "ai-output-regression",
        "background-job-failure-replay",
        "data-reconciliation-mismatch",
        "partial-outage-dependency-failure",
        "stripe-webhook-failure",
        "supabase-rls-lockout-recovery",
    ]


@pytest.mark.parametrize("folder", RUNBOOKS, ids=lambda path: path.name)
def test_each_condition_is_decided_by_one_result_or_by_a_person(folder):
    open_ones = set()
    for step in calling_steps(folder):
        results = [result for key in step.keys for result in results_of(key.slug)]
        names = {result.name for result in results}
        assert len(names) == len(results), f"{step.id}: two keys give a result of one name"
        assert step.branches, f"{step.id} calls a key and has no branch"
        for branch in step.branches:
            verdict = judge(branch, results)
            if verdict.true is None:
                open_ones.add((folder.name, step.id, branch.condition))
            else:
                assert verdict.result in names, f"{step.id}: {branch.condition}"
    assert open_ones == {one for one in A_PERSON_JUDGES if one[0] == folder.name}


@pytest.mark.parametrize("folder", RUNBOOKS, ids=lambda path: path.name)
def test_for_the_sample_at_least_one_branch_of_each_step_is_true(folder):
    for step in calling_steps(folder):
        results = [result for key in step.keys for result in results_of(key.slug)]
        assert any(judge(branch, results).true for branch in step.branches), step.id
