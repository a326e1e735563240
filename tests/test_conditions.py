"""Conditions: the right verdict with its reason, or none; never a wrong one."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from keys_jupyter.conditions import judge, suggest
from keys_jupyter.model.run import Expectation, Result
from keys_jupyter.model.runbook import Branch


def branch(condition: str, when: str | None = None) -> Branch:
    return Branch(condition=condition, outcome="Continue to Step 4", goto="diagnosis-4", when=when)


RESULTS = [
    Result(
        name="success_rate",
        label="Delivery success rate",
        value=91.3,
        unit="%",
        expected=Expectation(op=">", value=95),
    ),
    Result(name="signature_errors", label="Signature errors", value=12, unit=None),
    Result(name="timeout_errors", label="Timeout errors", value=0, unit=None),
    Result(name="deliveries", label="Deliveries", value=1200, unit=None),
    Result(name="failure_ratio", label="Share of failures", value=0.087, unit=None),
    Result(name="p95", label="Slowest one in twenty", value=1.5, unit="s"),
    Result(name="median_ms", label="Median", value=240, unit="ms"),
    Result(name="drift_found", label="Drift", value=True),
    Result(name="healthy", label="Healthy", value=False),
    Result(name="endpoint_status", label="Endpoint status", value="disabled"),
    Result(name="first_failure", label="First failure", value=None),
    Result(name="left_errors", label="Row errors", value=3),
    Result(name="right_errors", label="Row errors", value=0),
    Result(
        name="missing_in_database", label="Missing in the database", value=4, unit="subscriptions"
    ),
    Result(name="bare_rate", label="Bare rate", value=1),
    Result(name="mean_score", label="Mean score", value=0.4),
    Result(name="lost", label="Lost", value=2.5, unit="GB"),
]

TABLE = [
    # a number on either side of a limit, said in many ways
    ("Success Rate < 95 %", True),
    ("Success Rate < 95%", True),
    ("success rate<95%", True),
    ("If **Success Rate < 95 %**", True),
    ("the delivery success rate is below 95 %", True),
    ("Success Rate drops below 95 percent", True),
    ("Success rate is less than 95 %", True),
    ("Success Rate: under 95 %", True),
    ("Success Rate &lt; 95 %", True),
    ("Success Rate ≤ 91.3 %", True),
    ("Success Rate <= 91.2 %", False),
    ("Success Rate < 95", True),
    ("Success Rate ≥ 95 %", False),
    ("Success Rate is at least 95 %", False),
    ("Success Rate is 95 % or higher", False),
    ("Success rate is 90 % or more", True),
    ("Success Rate exceeds 90 %", True),
    ("Success Rate is more than 95 %", False),
    ("Success rate is at most 91.3 %", True),
    ("Success rate is no more than 95 %", True),
    ("Success rate is not less than 95 %", False),
    ("Success Rate between 90 and 95 %", True),
    ("Success Rate is between 95 % and 100 %", False),
    ("more than 10 signature errors", True),
    ("fewer than 10 signature errors", False),
    ("Less than 95 % success rate", True),
    ("Deliveries = 0", False),
    ("Deliveries > 1,000", True),
    ("Deliveries exceed 1000", True),
    ("Delivery > 1000", True),
    ("Deliveries != 0", True),
    ("Signature errors is zero", False),
    ("Timeout errors are 0", True),
    ("Missing in database > 3 subscriptions", True),
    ("Missing in the database > 0", True),
    # units are brought together
    ("Failure ratio > 5 %", True),
    ("Failure ratio < 5 %", False),
    ("Failure ratio > 5", True),
    ("Failure ratio > 0.05", True),
    ("p95 > 1000 ms", True),
    ("p95 is above 2 seconds", False),
    ("p95 > 0.01 min", True),
    ("Median > 0.2 s", True),
    ("Median < 0", False),
    # a subject alone
    ("Signature Errors", True),
    ("If Signature Errors", True),
    ("there are signature errors", True),
    ("any signature error", True),
    ("Signature errors found", True),
    ("Timeout Errors", False),
    ("Missing in Database", True),
    ("Drift found", True),
    ("Drift", True),
    ("Healthy", False),
    ("Healthy is false", True),
    ("Endpoint status = disabled", True),
    ("Endpoint status is disabled", None),
    ("Endpoint status equals enabled", False),
    # nobody can say
    ("No signature errors", None),
    ("Signature errors not above 0 yesterday", None),
    ("Success rate is not below 95 %", None),
    ("Success rate isn't < 95 %", None),
    ("Success Rate < 95 % and Signature Errors > 0", None),
    ("Success Rate < 95 % or unknown", None),
    ("Signature errors or timeout errors", None),
    ("Signature and timeout errors", None),
    ("Success Rate < 95 % for 10 minutes", None),
    ("Success Rate < 95 % (last hour)", None),
    ("Success rate below 95 percentage points", None),
    ("Success Rate < 95 ms", None),
    ("Success Rate < 0.95", None),
    ("Success Rate < 0,95 %", None),
    ("Success rate 95 %", None),
    ("Success Rate", None),
    ("Success rate is low", None),
    ("Success rate lower than usual", None),
    ("Success rate fell below 95 %", None),
    ("Success rate dropped by more than 5 %", None),
    ("Success rate < ninety", None),
    ("Success rate < timeout errors", None),
    ("90 < Success Rate < 95", None),
    ("Row errors > 0", None),
    ("Row errors", None),
    ("Errors > 0", None),
    ("First failure", None),
    ("First failure > 0", None),
    ("First failure after 2024-01-05", None),
    ("Deliveries > 2024-01-05", None),
    ("Deliveries > 10:30", None),
    ("Bare rate < 95 %", None),
    ("Bare rate < 0.95", None),
    ("Mean score", None),
    ("Mean score < 50 points", None),
    ("Lost > 1", None),
    ("Lost > 1 MB", None),
    ("Endpoint status > 3", None),
    ("Healthy > 0", None),
    ("Signature errors = high", None),
    ("p95 > 2000", None),
    ("All healthy", None),
    ("Unhealthy", None),
    ("Success", None),
    ("6 or more events are undelivered", None),
    ("/etc/<service>/env changed in the hour before", None),
    ("Otherwise", None),
    ("", None),
    ("> 5", None),
    ("<", None),
]


@pytest.mark.parametrize(("condition", "true"), TABLE, ids=[row[0] for row in TABLE])
def test_right_or_nothing(condition, true):
    verdict = judge(branch(condition), RESULTS)
    assert verdict.true is true
    assert verdict.reason
    assert true is None or verdict.result


def test_table_is_large_and_words_differ():
    assert len({condition for condition, _ in TABLE}) == len(TABLE) >= 60


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("Success Rate < 95 %", "Delivery success rate 91.3 %, expected > 95 %"),
        ("Signature Errors", "Signature errors 12, condition > 0"),
        ("Failure ratio > 5 %", "Share of failures 8.7 %, condition > 5 %"),
        ("p95 > 1000 ms", "Slowest one in twenty 1.5 s, condition > 1000 ms"),
        ("Drift", "Drift: yes"),
        ("Row errors", "2 results are called “row errors”."),
        ("Errors > 0", "No result is called “errors”."),
        ("First failure", "First failure has no value."),
        ("90 < Success Rate < 95", "More than one comparison in one condition."),
        ("Success Rate", "Delivery success rate is not a count."),
    ],
)
def test_reason_is_a_sentence(condition, reason):
    assert judge(branch(condition), RESULTS).reason == reason


@pytest.mark.parametrize(
    ("when", "true"),
    [
        ("success_rate < 95", True),
        ("success_rate >= 95", False),
        ("p95 > 1", True),
        ("left_errors > 0", True),
        ("right_errors", False),
        ("healthy", False),
        ("drift_found == true", True),
        ("nothing_of_ours > 0", None),
        ("success_rate < 95 and p95 > 1", True),
        ("success_rate < 95 and p95 > 1 and left_errors == 0", False),
        ("success_rate between 90 and 95 and left_errors > 0", True),
        ("success_rate between 90 and 95 and right_errors > 0", False),
        ("nothing_of_ours > 0 and success_rate < 95", None),
        ("nothing_of_ours > 0 and success_rate >= 95", False),
        ("success_rate < 95 and", None),
        ("success_rate < 95 and and p95 > 1", None),
        ("success_rate < 95 or p95 > 1", None),
    ],
)
def test_authors_condition_wins(when, true):
    assert judge(branch("Timeout Errors = 0", when), RESULTS).true is true


def test_a_joined_condition_gives_the_reason_of_each_part():
    verdict = judge(branch("x", "success_rate < 95 and left_errors > 0"), RESULTS)
    parts = [judge(branch("x", one), RESULTS) for one in ("success_rate < 95", "left_errors > 0")]
    assert verdict.reason == f"{parts[0].reason}; {parts[1].reason}"
    assert verdict.result == "success_rate"
    failing = judge(branch("x", "success_rate < 95 and right_errors > 0"), RESULTS)
    assert (failing.true, failing.result) == (False, "right_errors")
    # What the author asks for, not what the key expects, makes it false.
    other = judge(branch("x", "success_rate >= 95"), RESULTS)
    assert other.reason == "Delivery success rate 91.3 %, condition >= 95 %"


def test_of_a_joined_condition_that_is_false_the_part_that_holds_is_told_as_well():
    holds = judge(branch("x", "left_errors > 0"), RESULTS)
    verdict = judge(branch("Left errors", "success_rate >= 95 and left_errors > 0"), RESULTS)
    fails = "Delivery success rate 91.3 %, condition >= 95 %"
    assert verdict.reason == f"{holds.reason}, but {fails}"
    assert (verdict.true, verdict.result) == (False, "success_rate")


@pytest.mark.parametrize(
    ("value", "unit", "expected", "condition", "true"),
    [
        (0.913, None, None, "Rate < 95 %", True),
        (0.99, None, None, "Rate < 95", False),
        (0.913, "ratio", None, "Rate < 95 %", True),
        (1.0, "ratio", None, "Rate < 95 %", False),
        (1.0, None, 0.95, "Rate < 95 %", False),
        (0.9, None, 95, "Rate < 95 %", True),
        (91.3, None, None, "Rate < 95 %", None),
        (91.3, None, 95, "Rate < 95 %", True),
        (91.3, None, None, "Rate < 95", True),
        (0.95, None, None, "Rate >= 95 %", True),
        (0.07, None, None, "Rate = 7 %", True),
        (0, None, None, "Rate < 95 %", True),
    ],
)
def test_a_rate_is_per_cent_or_a_fraction(value, unit, expected, condition, true):
    usual = None if expected is None else Expectation(op=">", value=expected)
    rate = Result(name="rate", label="Rate", value=value, unit=unit, expected=usual)
    assert judge(branch(condition), [rate]).true is true


@pytest.mark.parametrize(
    ("value", "unit", "condition", "reason"),
    [
        (91.3, "%", "Rate < 95", "Rate 91.3 %, condition < 95 %"),
        (0.913, None, "Rate < 95", "Rate 91.3 %, condition < 95 %"),
        (0.913, None, "Rate < 0.95", "Rate 91.3 %, condition < 95 %"),
        (0.913, None, "Rate < 95 %", "Rate 91.3 %, condition < 95 %"),
        (1200, "rows", "Rate > 1,000 rows", "Rate 1200 rows, condition > 1,000 rows"),
    ],
)
def test_a_bare_number_is_told_in_the_unit_of_the_result(value, unit, condition, reason):
    rate = Result(name="rate", label="Rate", value=value, unit=unit)
    assert judge(branch(condition), [rate]).reason == reason


def test_values_that_are_no_numbers_decide_nothing():
    for value in (math.nan, math.inf, -math.inf, None, "", "12"):
        result = Result(name="errors", value=value)
        assert judge(branch("Errors > 5"), [result]).true is None
        assert judge(branch("Errors"), [result]).true is None


def test_a_later_result_replaces_an_earlier_one():
    results = [Result(name="errors", value=0), Result(name="errors", value=3)]
    assert judge(branch("Errors"), results).true is True


def test_suggested_only_when_alone():
    names = ["Success Rate < 95 %", "Signature Errors", "Timeout Errors", "All healthy"]
    both = suggest([branch(name) for name in names], RESULTS)
    assert [s.true for s in both] == [True, True, False, None]
    assert [s.suggested for s in both] == [False] * 4
    alone = suggest([branch(name) for name in names if name != "Signature Errors"], RESULTS)
    assert [s.suggested for s in alone] == [True, False, False]


def test_otherwise_needs_every_other_branch_judged():
    false = [branch("Timeout Errors"), branch("Deliveries = 0")]
    verdicts = suggest([*false, branch("Otherwise")], RESULTS)
    assert [(v.true, v.suggested) for v in verdicts] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    verdicts = suggest([*false, branch("the log is odd"), branch("Else")], RESULTS)
    assert [v.true for v in verdicts] == [False, False, None, None]
    assert not any(v.suggested for v in verdicts)
    verdicts = suggest([branch("Signature Errors"), branch("none of these")], RESULTS)
    assert [(v.true, v.suggested) for v in verdicts] == [(True, True), (False, False)]
    assert suggest([branch("Otherwise")], RESULTS)[0].true is None


def test_hostile_conditions_end_quickly():
    for text in ("a " * 20_000, "< " * 5_000, "1," * 5_000, "is " * 10_000, "between " * 5_000):
        assert judge(branch(text), RESULTS).true is None
        assert judge(branch("x", text), RESULTS).true is None
    assert judge(branch("x", " and ".join(["left_errors > 0"] * 9_000)), RESULTS).true is None


WORDS = {
    "<": lambda value, limit: value < limit,
    "below": lambda value, limit: value < limit,
    "is under": lambda value, limit: value < limit,
    "is less than": lambda value, limit: value < limit,
    "≤": lambda value, limit: value <= limit,
    "is at most": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    "above": lambda value, limit: value > limit,
    "is more than": lambda value, limit: value > limit,
    "exceeds": lambda value, limit: value > limit,
    "≥": lambda value, limit: value >= limit,
    "is at least": lambda value, limit: value >= limit,
    "=": lambda value, limit: value == limit,
    "!=": lambda value, limit: value != limit,
}
# Value and unit of the result, limit and unit of the condition, and both in one unit, worked out by hand.
MEASURED = [
    (91.3, "%", "95", "%", "91.3", "95"),
    (95, "%", "95", "%", "95", "95"),
    (0.95, "fraction", "95", "%", "95", "95"),
    (1.5, "s", "1500", "ms", "1500", "1500"),
    (1.5, "s", "1400", "ms", "1500", "1400"),
    (240, "ms", "0.25", "s", "240", "250"),
    (2, "min", "119", "s", "120", "119"),
    (3, "h", "180", "min", "180", "180"),
    (12, None, "12", "", "12", "12"),
    (0, None, "1", "", "0", "1"),
    (1200, "events", "1,200", "events", "1200", "1200"),
    (-4, None, "-3", "", "-4", "-3"),
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("row", MEASURED, ids=lambda row: f"{row[0]}{row[1]}~{row[2]}{row[3]}")
def test_every_comparator_agrees_with_plain_arithmetic(word, row):
    value, unit, limit, limit_unit, ours, theirs = row
    result = Result(name="queue_wait", label="Queue wait", value=value, unit=unit)
    verdict = judge(branch(f"Queue wait {word} {limit} {limit_unit}".strip()), [result])
    wanted = WORDS[word](Decimal(ours), Decimal(theirs))
    assert verdict.true in (wanted, None), verdict
    # Nothing is guessed: only where a unit is not known may there be no answer.
    assert verdict.true is not None or unit in ("fraction",), verdict


@pytest.mark.parametrize(
    "subject",
    ["Queue waits", "The queue wait", "queue-wait", "queue_wait", "QUEUE WAIT", "the Queue Waits"],
)
def test_subjects_meet_without_endings_and_signs(subject):
    result = Result(name="queue_wait", label="Queue wait", value=9, unit=None)
    other = Result(name="queue_length", label="Queue length", value=0, unit=None)
    assert judge(branch(f"{subject} > 8"), [result, other]).true is True


@pytest.mark.parametrize(
    "subject",
    [
        "Queue",
        "wait",
        "Queue wait time",
        "Long queue wait",
        "Queue and wait",
        "Queue length or wait",
    ],
)
def test_a_subject_that_says_more_or_less_is_nobodys(subject):
    result = Result(name="queue_wait", label="Queue wait", value=9, unit=None)
    other = Result(name="queue_length", label="Queue length", value=0, unit=None)
    assert judge(branch(f"{subject} > 8"), [result, other]).true is None
