"""Every rule has samples it must find and samples it must leave; together they reach the promised recall."""

from pathlib import Path

import pytest

from keys_jupyter.authoring.leaks import leaks
from keys_jupyter.redaction import Options, Policy, redact_text
from keys_jupyter.redaction.rules import OPTIONAL, RULES
from keys_jupyter.redaction.scan import find
from tests.redaction_samples import cloud, services, tools, web
from tests.redaction_samples.grammar import make
from tests.redaction_samples.measure import (
    ALL,
    POLICY,
    STANDARD,
    false_positives,
    missed,
    recall,
)
from tests.redaction_samples.placements import PLACEMENTS

EVERYTHING = Policy(salt=bytes(16), options=Options(emails=True, cards=True, ibans=True))
NAMES = [rule.name for rule in (*RULES, *OPTIONAL)]


def policy_for(name):
    return EVERYTHING if name in web.PERSONAL else POLICY


def test_every_rule_has_true_and_false_samples_and_no_sample_is_without_its_rule():
    assert sorted(ALL) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES) >= 60
    assert all(true and false for true, false in ALL.values())


@pytest.mark.parametrize("name", NAMES)
def test_rule_finds_its_true_samples_and_names_them(name):
    for template in ALL[name][0]:
        for number in range(5):
            line, secret = make(template, number)
            hits = find(line, policy_for(name))
            assert name in {hit.rule for hit in hits}, line
            done = redact_text(line, policy_for(name))
            assert secret not in done.value
            if done.report.count == 1:
                before, after = line.split(secret)
                assert done.value.startswith(f"{before}[redacted ")
                assert done.value.endswith(f"]{after}")


@pytest.mark.parametrize("name", NAMES)
def test_rule_leaves_its_false_samples(name):
    for template in ALL[name][1]:
        for number in range(5):
            line, _ = make(template, number)
            assert name not in {hit.rule for hit in find(line, policy_for(name))}, line


@pytest.mark.parametrize("data", [services, tools, cloud, web], ids=lambda data: data.__name__)
def test_no_sample_is_written_down_as_a_secret(data):
    assert leaks(Path(data.__file__).read_text("utf-8")) == []


def test_no_rule_finds_anything_in_a_marker():
    for name in NAMES:
        text = f"a [redacted {name} 3f9a] [redacted {name} 3f9a continued], {name}: [redacted {name} 00aa]"
        assert redact_text(text, EVERYTHING).value == text


def test_personal_data_is_left_unless_asked_for():
    for name, (templates, _) in web.PERSONAL.items():
        line, secret = make(templates[0], 1)
        assert redact_text(line, POLICY).value == line, name
        assert secret not in redact_text(line, EVERYTHING).value


def test_recall_over_kinds_and_placements():
    """A slice: two samples of each kind in each place; the long run takes twenty."""
    assert len(PLACEMENTS) >= 8 and len(STANDARD) >= 60
    tried, lost = recall(2)
    assert tried == 2 * len(STANDARD) * len(PLACEMENTS)
    assert sum(lost.values()) <= 0.01 * tried, lost


@pytest.mark.long
def test_recall_over_kinds_and_placements_with_twenty_samples():
    misses = [miss for miss in missed(20) if miss is not None]
    assert len(misses) <= 0.01 * 20 * len(STANDARD) * len(PLACEMENTS), misses[:5]


def test_false_positives_on_benign_lines():
    found = false_positives(5000)
    assert len(found) <= 0.005 * 5000, found[:5]


def test_the_measure_itself_can_fail():
    """Without rules nothing is found: what says *gone* looks at the text, not at a flag."""
    from tests.redaction_samples.measure import is_gone

    assert not is_gone("abcdefgh", "x abcdefgh y")
    assert not is_gone("abcdefgh", "x cdefgh")
    assert not is_gone("a" * 30 + "0123456789" * 30, "x 0123456789012345678901234567 y")
    assert is_gone("abcdefgh", "x [redacted password 1234]")
