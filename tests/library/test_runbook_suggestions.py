"""For what a key can find, the runbook's step suggests the one branch that a person expects, or none where none is meant."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from keys_jupyter.conditions import suggest
from keys_jupyter.model.runbook import Step
from tests.library.test_runbook_conditions import RUNBOOKS, calling_steps, results_of

STEPS = {(book.name, step.id): step for book in RUNBOOKS for step in calling_steps(book)}
SAMPLE: dict[str, Any] = {}

# What each key finds, by hand: the names that decide, and what they are worth. "sample" is what its own sample gave.
DELIVERIES = {
    "sample": SAMPLE,
    "healthy": {
        "deliveries": 5000, "failed_deliveries": 0, "success_rate": 100.0, "signature_errors": 0,
        "timeout_errors": 0, "processing_errors": 0, "other_errors": 0,
    },
    "nothing delivered": {
        "deliveries": 0, "failed_deliveries": 0, "success_rate": None, "signature_errors": 0,
        "timeout_errors": 0, "processing_errors": 0, "other_errors": 0,
    },
    "wrong secret": {"success_rate": 12.5, "signature_errors": 4375, "timeout_errors": 0},
    "a few bad signatures": {
        "success_rate": 99.5, "failed_deliveries": 25, "signature_errors": 20, "timeout_errors": 5,
    },
    "a few time-outs": {
        "success_rate": 95.0, "failed_deliveries": 250, "timeout_errors": 249, "processing_errors": 1,
    },
    "a few faults": {
        "success_rate": 99.9, "failed_deliveries": 5, "timeout_errors": 0, "processing_errors": 5,
    },
    "a few odd ones": {
        "success_rate": 99.9, "failed_deliveries": 5, "timeout_errors": 0, "other_errors": 5,
    },
}  # fmt: skip
DUPLICATES = {"sample": SAMPLE, "none": {"duplicate_events": 0, "duplicate_deliveries": 0}}
REPORTS = {
    "sample": SAMPLE,
    "still failing": {"report_as_expected": False, "success_rate_last_24_hours": 80.0},
    "one event lost": {"report_as_expected": False, "failed_events_without_later_success": 1},
}
NO_DISCREPANCY = {
    "discrepancies": 0, "discrepancy_rate": 0.0, "missing_in_database": 0, "missing_in_stripe": 0,
    "status_mismatches": 0, "metadata_mismatches": 0, "owner_mismatches": 0,
    "orphaned_subscriptions": 0, "duplicate_subscriptions": 0, "paying_without_access": 0,
    "access_without_payment": 0, "first_to_repair": None,
}  # fmt: skip
RECONCILED = {
    "sample": SAMPLE,
    "both sides equal": NO_DISCREPANCY,
    "an id twice": {"duplicate_subscriptions": 2},
    "exports that do not belong together": {"discrepancies": 1400, "discrepancy_rate": 100.0},
    "many pay without access": {"paying_without_access": 51, "discrepancies": 90},
    "only prices differ": {"first_to_repair": "metadata_mismatches", "missing_in_database": 0},
    "unpaid at Stripe": {"first_to_repair": "paying_without_access"},
    "gone at Stripe": {"first_to_repair": "missing_in_stripe"},
    "free riders": {"first_to_repair": "access_without_payment"},
    "another status": {"first_to_repair": "status_mismatches"},
    "nobody's": {"first_to_repair": "orphaned_subscriptions"},
    "another owner": {"first_to_repair": "owner_mismatches"},
}
DRIFT = {
    "sample": SAMPLE,
    "over": {"recent_drift": 0},
    "none": {"recent_drift": 0, "affected_records": 0, "discrepancies": 0},
}
NO_JOB_FAILS = {
    "failure_rate": 0.0, "failed_attempts": 0, "timeout_errors": 0, "code_errors": 0,
    "data_errors": 0, "most_frequent_error": None, "recent_failures": 0, "failed_jobs": 0,
    "replay_candidates": 0, "unsafe_jobs": 0, "superseded_jobs": 0, "bad_jobs": 0,
}  # fmt: skip
JOBS = {
    "sample": SAMPLE,
    "healthy": NO_JOB_FAILS,
    "no attempt": {**NO_JOB_FAILS, "attempts": 0, "failure_rate": None},
    "few failures": {"failure_rate": 4.99},
    "just too many": {"failure_rate": 5.0, "most_frequent_error": "timeout"},
    "out of memory": {"failure_rate": 30.0, "most_frequent_error": "resource"},
    "provider down": {"failure_rate": 30.0, "most_frequent_error": "dependency"},
    "locked out": {"failure_rate": 30.0, "most_frequent_error": "permission"},
    "bad orders": {"failure_rate": 30.0, "most_frequent_error": "data"},
    "unknown": {"failure_rate": 30.0, "most_frequent_error": "other"},
    "goes on": {"recent_failures": 6, "replay_candidates": 16},
    "nearly over": {"recent_failures": 5, "replay_candidates": 0, "unsafe_jobs": 7},
    "healthy, jobs left": {**NO_JOB_FAILS, "failed_jobs": 1, "replay_candidates": 1},
}
CALLS = {
    "sample": SAMPLE,
    "healthy": {
        "failing_dependencies": 0, "unreachable_dependencies": 0, "dependencies_still_failing": 0,
        "worst_dependency": None, "worst_dependency_failure": None,
    },
    "no call logged": {
        "dependency_calls": 0, "failing_dependencies": 0, "unreachable_dependencies": 0,
        "dependencies_still_failing": 0, "worst_dependency": None, "worst_dependency_failure": None,
    },
    "key refused": {"worst_dependency_failure": "refusing", "refusing_dependencies": 1},
    "limited": {"worst_dependency_failure": "rate-limited", "rate_limited_dependencies": 1},
    "slow, and another limited": {
        "worst_dependency_failure": "slow", "slow_dependencies": 1, "rate_limited_dependencies": 1,
        "failing_dependencies": 2, "dependencies_still_failing": 0,
    },
}  # fmt: skip
NO_REGRESSION = {
    "regressions": 0, "model_regressions": 0, "prompt_regressions": 0,
    "unexplained_regressions": 0, "worst_feature": None, "worst_regression": None,
}  # fmt: skip
ANSWERS = {
    "sample": SAMPLE,
    "healthy": NO_REGRESSION,
    "no answer": {**dict.fromkeys(NO_REGRESSION), "outputs": 0},
    "new model": {"worst_regression": "model", "model_regressions": 1},
    "new prompt, and another model": {
        "worst_regression": "prompt", "prompt_regressions": 1, "model_regressions": 2,
        "regressions": 3,
    },
}  # fmt: skip
INPUTS = {
    "sample": SAMPLE,
    "healthy": {"related_input_metrics": 0, "context_problems": 0, "strongest_problem": None},
    "no input": {"inputs": 0, "related_input_metrics": None, "strongest_problem": None},
    "cut off": {"strongest_problem": "truncation", "truncation_problems": 1},
    "incomplete": {"strongest_problem": "completeness", "completeness_problems": 2},
    "another mix": {"strongest_problem": "mix", "mix_changes": 1},
}
FOUND: dict[str, Mapping[str, Mapping[str, Any]]] = {
    "jupyter-webhook-event-analysis": DELIVERIES,
    "jupyter-webhook-duplicate-detection": DUPLICATES,
    "jupyter-webhook-delivery-report": REPORTS,
    "jupyter-stripe-subscription-reconciliation": RECONCILED,
    "jupyter-data-drift-analysis": DRIFT,
    "jupyter-job-failure-analysis": JOBS,
    "jupyter-dependency-impact-analysis": CALLS,
    "jupyter-ai-output-analysis": ANSWERS,
    "jupyter-input-quality-analysis": INPUTS,
}

# Where each step leads then. A scenario that a step does not name says nothing new about it.
EXPECTED: dict[tuple[str, str], dict[str, str | None]] = {
    ("stripe-webhook-failure", "diagnosis-3"): {
        "sample": "diagnosis-4", "healthy": "diagnosis-6", "nothing delivered": "action-4",
        "wrong secret": "diagnosis-4", "a few bad signatures": "action-1",
        "a few time-outs": "action-2", "a few faults": "action-3", "a few odd ones": "diagnosis-5",
    },
    ("stripe-webhook-failure", "diagnosis-7"): {"sample": "rollback", "none": "action-8"},
    ("stripe-webhook-failure", "verification-3"): {
        "sample": "evidence", "still failing": "diagnosis-3", "one event lost": "diagnosis-3",
    },
    ("data-reconciliation-mismatch", "diagnosis-2"): {
        "sample": "diagnosis-3", "both sides equal": "verification-1", "an id twice": "rollback",
        "exports that do not belong together": "rollback", "many pay without access": "rollback",
    },
    ("data-reconciliation-mismatch", "diagnosis-3"): {
        "sample": "diagnosis-4", "over": "diagnosis-4", "none": "diagnosis-4",
    },
    ("data-reconciliation-mismatch", "diagnosis-5"): {
        "sample": "action-3", "both sides equal": "verification-1", "only prices differ": "action-4",
        "unpaid at Stripe": "action-4", "gone at Stripe": "action-6", "free riders": "action-5",
        "another status": "action-4", "nobody's": "action-7", "another owner": "rollback",
    },
    ("data-reconciliation-mismatch", "verification-2"): {
        "sample": "diagnosis-3", "both sides equal": "verification-3",
    },
    ("data-reconciliation-mismatch", "verification-3"): {
        "sample": "diagnosis-4", "over": "diagnosis-4", "none": "evidence",
    },
    ("background-job-failure-replay", "diagnosis-3"): {
        "sample": "diagnosis-4", "healthy": "diagnosis-5", "no attempt": "action-1",
        "few failures": "diagnosis-5", "just too many": "action-2", "out of memory": "action-1",
        "provider down": "runbook:partial-outage-dependency-failure",
        "locked out": "runbook:supabase-rls-lockout-recovery", "bad orders": "action-4",
        "unknown": "diagnosis-4",
    },
    ("background-job-failure-replay", "diagnosis-6"): {
        "sample": "action-6", "healthy": "verification-1", "goes on": "diagnosis-3",
        "nearly over": "verification-1",
    },
    ("background-job-failure-replay", "verification-3"): {
        "sample": "diagnosis-3", "healthy": "evidence", "no attempt": "diagnosis-2",
        "few failures": "diagnosis-6", "just too many": "diagnosis-3",
        "healthy, jobs left": "diagnosis-6",
    },
    ("partial-outage-dependency-failure", "diagnosis-4"): {
        "sample": "diagnosis-5", "healthy": "diagnosis-7", "no call logged": "diagnosis-5",
        "key refused": "action-5", "limited": "action-4", "slow, and another limited": "diagnosis-5",
    },
    ("partial-outage-dependency-failure", "verification-3"): {
        "sample": "diagnosis-4", "healthy": "evidence", "slow, and another limited": "evidence",
    },
    ("ai-output-regression", "diagnosis-3"): {
        "sample": "diagnosis-4", "healthy": "diagnosis-6", "no answer": "rollback",
        "new model": "action-3", "new prompt, and another model": "action-2",
    },
    ("ai-output-regression", "diagnosis-4"): {
        "sample": "action-4", "healthy": "diagnosis-5", "no input": "rollback",
        "cut off": "action-5", "incomplete": "action-5", "another mix": "action-5",
    },
    ("ai-output-regression", "verification-3"): {
        "sample": "diagnosis-3", "healthy": "evidence", "no answer": "rollback",
    },
}  # fmt: skip

# What no key can give: counts and rates of nothing, and a first one where there is none.
POSSIBLE: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "jupyter-webhook-event-analysis": lambda v: (
        (v["success_rate"] is None) == (v["deliveries"] == 0)
        and any(v[name] for name in v if name.endswith("_errors")) == (v["failed_deliveries"] > 0)
        and (v["failed_deliveries"] > 0 or v["success_rate"] in (None, 96))
        and (v["deliveries"] > 0 or v["failed_deliveries"] == 0)
    ),
    "jupyter-stripe-subscription-reconciliation": lambda v: (
        (v.get("first_to_repair", v["discrepancies"]) in (None, 0)) == (v["discrepancies"] == 0)
        and (
            v["discrepancies"] > 0
            or not any(v.get(name) for name in v if name not in ("discrepancies", "first_to_repair"))
        )
    ),
    "jupyter-job-failure-analysis": lambda v: (
        ("attempts" not in v or (v["failure_rate"] is None) == (v["attempts"] == 0))
        and ("most_frequent_error" not in v or v["failure_rate"] not in (5, 6) or bool(v["most_frequent_error"]))
    ),
    "jupyter-dependency-impact-analysis": lambda v: (
        "worst_dependency_failure" not in v
        or (
            (v["worst_dependency_failure"] is None) == (v["failing_dependencies"] == 0)
            and (v["dependency_calls"] > 0 or v["failing_dependencies"] == 0)
        )
    ),
    "jupyter-ai-output-analysis": lambda v: (
        (v["regressions"] is None) == (v["outputs"] == 0)
        and ("worst_regression" not in v or (v["worst_regression"] is None) == (not v["regressions"]))
    ),
    "jupyter-input-quality-analysis": lambda v: (
        (v["related_input_metrics"] is None) == (v["inputs"] == 0)
        and (v["strongest_problem"] is None) == (not v["related_input_metrics"])
    ),
}  # fmt: skip
NULLABLE = {
    "success_rate", "failure_rate", "first_to_repair", "most_frequent_error", "regressions",
    "worst_dependency_failure", "worst_regression", "related_input_metrics", "strongest_problem",
}  # fmt: skip


def results_with(slug: str, values: Mapping[str, Any]):
    """The sample's results, some with other values; none of another name."""
    rows = results_of(slug)
    assert set(values) <= {row.name for row in rows}, slug
    return [row.model_copy(update={"value": values.get(row.name, row.value)}) for row in rows]


def suggested(step: Step, results) -> list[str | None]:
    judged = zip(step.branches, suggest(step.branches, results), strict=True)
    return [branch.goto for branch, verdict in judged if verdict.suggested]


def test_the_table_names_every_step_that_calls_a_key():
    assert set(EXPECTED) == set(STEPS)
    assert all({"sample"} < set(table) for table in EXPECTED.values())


@pytest.mark.parametrize(
    ("place", "scenario"),
    [(place, scenario) for place, table in EXPECTED.items() for scenario in table],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else value.replace(" ", "-"),
)
def test_the_expected_branch_alone_is_suggested(place, scenario):
    step = STEPS[place]
    (slug,) = [key.slug for key in step.keys]
    wanted = EXPECTED[place][scenario]
    results = results_with(slug, FOUND[slug][scenario])
    assert suggested(step, results) == ([] if wanted is None else [wanted])


def compared(step: Step, slug: str) -> dict[str, list[Any]]:
    """Each result that a step's branches compare, with values at, below and above every limit."""
    results = {row.name: row for row in results_of(slug)}
    labels = {row.label.lower(): row.name for row in results.values() if row.label}
    found: dict[str, set[Any]] = {}
    for branch in step.branches:
        for text in re.split(" and (?!at most)", branch.when or branch.condition):
            parts = re.fullmatch(r"(.+?) (==?|<=?|>=?) ([\w.-]+)(?: %)?", text.strip())
            if not parts:
                continue
            subject = parts[1].lower().replace(" ", "_")
            name = subject if subject in results else labels[parts[1].lower()]
            found.setdefault(name, {None} if name in NULLABLE else set()).update(_around(parts[3]))
    return {name: sorted(values, key=str) for name, values in found.items()}


def _around(limit: str) -> set[Any]:
    if limit in ("true", "false"):
        return {True, False}
    if not limit[0].isdigit():
        return {limit}
    number = float(limit)
    return {value for value in (number - 1, number, number + 1) if value >= 0}


def combinations(step: Step, slug: str) -> Iterator[dict[str, Any]]:
    values = compared(step, slug)
    possible = POSSIBLE.get(slug, lambda _: True)
    for chosen in itertools.product(*values.values()):
        together = dict(zip(values, chosen, strict=True))
        if possible(together):
            yield together


@pytest.mark.parametrize("place", STEPS, ids="-".join)
def test_whatever_the_key_gives_exactly_one_branch_is_suggested(place):
    step = STEPS[place]
    (slug,) = [key.slug for key in step.keys]
    tried = 0
    for values in combinations(step, slug):
        assert len(suggested(step, results_with(slug, values))) == 1, values
        tried += 1
    assert tried >= 2
