"""What an incident reads out of a runbook's words, and what it says in its own."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from keys_jupyter import runbook
from keys_jupyter.incidents import sentences, state
from keys_jupyter.incidents.items import entries_of
from keys_jupyter.incidents.steps import confirmation_of, steps_of
from keys_jupyter.incidents.timing import plans, unresolved, window
from keys_jupyter.model.incident import Act
from keys_jupyter.model.pack import RunbookMetadata

LIBRARY = Path(__file__).parent.parent / "library" / "runbook-keys"


def book(slug):
    folder = LIBRARY / slug
    metadata = RunbookMetadata.model_validate(json.loads((folder / "pack.json").read_text()))
    return runbook.parse((folder / "README.md").read_text("utf-8"), metadata=metadata)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("15 minutes after the last action.", 15),
        ("60 minutes after the last action, or once 50 answers were graded.", 60),
        ("4 hours after the last action", 240),
        ("24 hours after your last action", 1440),
        ("7 days after the last action", 10080),
        ("1.5 hours after the last action", 90),
        ("30 min after the last action", 30),
        ("90 seconds after the last action", 1.5),
        ("Within 5 working days.", None),
        ("After Window 1", None),
        ("15 minutes after", None),
        ("", None),
    ],
)
def test_a_window_is_read_from_its_words(words, minutes):
    assert window(words) == minutes


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("Unresolved after 30 minutes from Check 1. Call: the lead.", 30),
        ("Unresolved after 2 hours from Check 1.", 120),
        ("Not resolved within 45 min: call the lead", 45),
        ("No progress for 20 minutes", 20),
        ("Still failing after 1 hour", 60),
        ("After 30 minutes without a cause", 30),
        ("After 1 hour unresolved", 60),
        ("Oldest undelivered event is older than 48 hours.", None),
        ("Credentials refused twice. Call: engineering lead on call, at once.", None),
        ("An action's verification fails after 10 minutes.", None),
        ("Step 7 shows duplicates above 0. Call: finance, within 15 minutes.", None),
        ("The cause is unresolved. Call the lead. Answer within 2 hours.", None),
    ],
)
def test_only_what_counts_from_the_start_is_a_timer(words, minutes):
    assert unresolved(words) == minutes


# By hand from the six texts: windows and the triggers with a time, in minutes.
TIMES = {
    "stripe-webhook-failure": ([15, 240, 1440], [30, 120]),
    "data-reconciliation-mismatch": ([30, 1440, 10080], [120, 480]),
    "supabase-rls-lockout-recovery": ([15, 240, 1440], [30, 120]),
    "background-job-failure-replay": ([30, 360, 1440], [60, 240]),
    "partial-outage-dependency-failure": ([15, 240, 1440], [30, 120]),
    "ai-output-regression": ([60, 240, 1440], [120, 480]),
}


@pytest.mark.parametrize("slug", TIMES)
def test_every_runbook_of_the_library_comes_due_as_it_says(slug):
    found = plans(book(slug))
    windows = [plan.minutes for plan in found if plan.kind == "window"]
    triggers = [plan for plan in found if plan.kind == "escalation"]
    assert (windows, [one.minutes for one in triggers if one.minutes]) == TIMES[slug]
    text = (LIBRARY / slug / "README.md").read_text("utf-8")
    section = re.search(r"### Escalation Triggers\n(.*?)\n## ", text, re.S)[1]
    assert len(triggers) == len(re.findall(r"^- \*\*", section, re.M))
    assert all(one.title and one.words for one in triggers)


@pytest.mark.parametrize("slug", TIMES)
def test_every_audit_entry_is_an_item(slug):
    text = (LIBRARY / slug / "README.md").read_text("utf-8")
    section = re.search(r"### Required Audit Entries\n(.*?)\n## ", text, re.S)[1]
    wanted = [line[2:] for line in section.splitlines() if line.startswith("- ")]
    assert [one.replace("`", "") for one in wanted] == entries_of(book(slug))
    assert wanted


@pytest.mark.parametrize("slug", TIMES)
def test_each_irreversible_action_asks_for_words_of_its_own(slug):
    steps = [step for _, step in steps_of(book(slug))]
    asked = {step.id: confirmation_of(step) for step in steps}
    irreversible = {step.id for step in steps if step.reversible is False}
    assert {name for name, words in asked.items() if words} == irreversible
    phrases = [words for words in asked.values() if words]
    assert len(set(phrases)) == len(phrases)
    assert all(re.fullmatch(r"[A-Z]+ \d+", phrase) for phrase in phrases)


ACTS = """step.focus step.done step.failed step.skipped step.note step.undone branch.taken action.confirmed
timer.started timer.postponed timer.stopped escalation.raised item.ticked item.unticked analysis.added
incident.note incident.fact incident.claimed incident.handover incident.closed incident.reopened"""


@pytest.mark.parametrize("kind", ACTS.split())
def test_every_kind_of_act_has_its_sentence_and_changes_the_state(kind):
    assert Act(type=kind).type == kind
    assert kind in sentences._SENTENCES
    assert kind in state._HANDLERS


def test_every_record_that_changes_the_state_has_its_sentence():
    # A decision about what was redacted is told, and no step stands otherwise for it.
    assert set(sentences._SENTENCES) - set(state._HANDLERS) == {"evidence.cleared"}
    assert set(state._HANDLERS) <= set(sentences._SENTENCES)


@pytest.mark.parametrize("kind", ["", "step", "run.ended", "incident.opened", "step.done ", "x"])
def test_nothing_else_is_an_act(kind):
    with pytest.raises(ValidationError):
        Act(type=kind)
