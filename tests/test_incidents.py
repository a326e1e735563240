"""Working an incident as people do: every act a record, every state their fold, and nobody's work overwritten."""

import json
import random
from datetime import datetime, timedelta, timezone

import pytest

from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.incidents import fold
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.incident_books import RICH, person
from tests.packs import key_files, make_library, runbook_files


@pytest.fixture
def library(tmp_path):
    big = runbook_files(slug="big-failure", title="Big Failure Runbook", text=RICH)
    return make_library(tmp_path / "library", key_files(), runbook_files(), big)


@pytest.fixture
def incident(service):
    return service.incidents.open(OpenRequest(runbook="big-failure", trigger="BIG_FAILURE fires"))


def do(service, incident, kind, step=None, **more):
    return service.incidents.act(incident.id, Act(type=kind, step=step, **more))


def state(incident, step):
    return next(one for one in incident.steps if one.id == step)


def refused(service, incident, kind, step=None, **more):
    """Return the code an act is refused with, having looked that nothing was recorded."""
    before = len(service.incidents.timeline(incident.id).records)
    with pytest.raises((InputError, NotAvailable, StateError)) as caught:
        do(service, incident, kind, step, **more)
    assert len(service.incidents.timeline(incident.id).records) == before
    assert caught.value.hint
    return caught.value.code


# beginning ----------------------------------------------------------------------------------------


def test_start_shows_the_first_safety_check_and_keeps_what_called_for_it(service, incident):
    assert incident.focus == "safety-1"
    assert (incident.trigger, incident.state, incident.n) == ("BIG_FAILURE fires", "open", 0)
    assert state(incident, "safety-1").label == "Check 1"
    assert state(incident, "action-2").label == "Action 2"
    assert state(incident, "verification-1").label == "Window 1"
    assert service.incidents.timeline(incident.id).records[0].text == (
        "Incident 1 opened on Big Failure Runbook 1.0.0: BIG_FAILURE fires."
    )


def test_a_rehearsal_is_marked_in_every_record(service):
    one = service.incidents.open(OpenRequest(runbook="big-failure", rehearsal=True))
    do(service, one, "step.done", "safety-1")
    do(service, one, "incident.note", text="practice")
    records = service.incidents.timeline(one.id).records
    assert [record.data["rehearsal"] for record in records] == [True, True, True]
    assert records[1].text.startswith("[Rehearsal] ")


def test_a_real_incident_is_marked_in_none(service, incident):
    do(service, incident, "step.done", "safety-1")
    assert "rehearsal" not in service.incidents.timeline(incident.id).records[1].data


def test_numbers_count_from_one_and_names_are_found(service, incident):
    second = service.incidents.open(OpenRequest(runbook="small-failure"))
    assert [one.number for one in service.incidents.all().incidents] == [2, 1]
    for name in ("2", second.id, second.id[:8]):
        assert service.incidents.incident(name).id == second.id
    with pytest.raises(NotAvailable):
        service.incidents.incident("3")


# steps --------------------------------------------------------------------------------------------


def test_done_moves_on_and_says_when_and_by_whom(service, incident):
    after = do(service, incident, "step.done", "safety-1", text="no deploy runs")
    mark = state(after, "safety-1")
    assert (after.focus, mark.state, mark.text) == ("safety-2", "done", "no deploy runs")
    assert mark.marked_at == service.incidents.timeline(incident.id).records[1].at
    assert mark.marked_by
    assert mark.undoable


def test_a_wrong_done_is_taken_back_by_a_record_and_not_by_an_erasure(service, incident):
    do(service, incident, "step.done", "safety-1")
    after = do(service, incident, "step.undone", "safety-1", text="wrong window")
    assert (after.focus, state(after, "safety-1").state) == ("safety-1", "not_started")
    records = service.incidents.timeline(incident.id).records
    assert [record.type for record in records[1:]] == ["step.done", "step.undone"]
    assert (records[2].data["undoes"], records[2].data["was"]) == (1, "done")
    assert records[2].text == "Check 1 (Look first): “done” taken back: wrong window."
    assert refused(service, incident, "step.undone", "safety-1") == "NOTHING_TO_UNDO"


def test_undo_goes_back_to_what_was_before_and_takes_a_branch_along(service, incident):
    do(service, incident, "step.failed", "diagnosis-1")
    do(service, incident, "step.done", "action-1")
    after = do(service, incident, "branch.taken", "diagnosis-1", branch=0, text="it is the worker")
    assert (after.focus, state(after, "action-1").state) == ("action-1", "not_started")
    branch = state(after, "diagnosis-1").branches[0]
    assert (branch.taken, branch.why) == (True, "it is the worker")
    assert branch.taken_by
    after = do(service, incident, "step.undone", "diagnosis-1")
    assert (after.focus, state(after, "diagnosis-1").state) == ("diagnosis-1", "failed")
    assert not state(after, "diagnosis-1").branches[0].taken
    # What the branch had opened again is done again.
    assert state(after, "action-1").state == "done"


def test_back_is_possible_and_recorded_as_opened_again(service, incident):
    do(service, incident, "step.done", "safety-1")
    after = do(service, incident, "step.focus", "safety-1")
    assert (after.focus, state(after, "safety-1").state) == ("safety-1", "not_started")
    last = service.incidents.timeline(incident.id).records[-1]
    assert (last.data["reopened"], last.data["from"]) == (True, "safety-2")
    assert last.text == "Opened again: Check 1 (Look first)."


def test_a_note_needs_no_step_and_both_stay(service, incident):
    do(service, incident, "step.note", "safety-2", text="waiting for Ada")
    after = do(service, incident, "incident.note", text="customer called")
    assert [note.text for note in state(after, "safety-2").notes] == ["waiting for Ada"]
    assert [note.text for note in after.notes] == ["customer called"]
    assert refused(service, incident, "incident.note", text="  ") == "TEXT_MISSING"
    assert refused(service, incident, "step.skipped", "safety-2") == "TEXT_MISSING"


@pytest.mark.parametrize("kind", ["step.done", "step.note", "branch.taken", "step.focus"])
def test_an_act_on_no_step_is_refused(service, incident, kind):
    assert refused(service, incident, kind, text="x") == "UNKNOWN_STEP"
    assert refused(service, incident, kind, "action-99", text="x") == "UNKNOWN_STEP"


def test_facts_are_kept_by_name_and_the_last_one_holds(service):
    one = service.incidents.open(OpenRequest(runbook="big-failure", facts={"<app_host>": "web-1"}))
    do(service, one, "incident.fact", name="<app_host>", text="web-2")
    after = do(service, one, "incident.fact", name="<event_id>", text="evt_1")
    assert after.facts == {"<app_host>": "web-2", "<event_id>": "evt_1"}


# irreversible actions -----------------------------------------------------------------------------


def test_an_irreversible_action_needs_its_exact_words(service, incident):
    do(service, incident, "step.focus", "action-2")
    shown = state(service.incidents.incident(incident.id), "action-2")
    assert (shown.reversible, shown.confirmation, shown.unlocked) == (False, "RESEND 2", False)
    assert state(incident, "action-1").confirmation is None
    assert refused(service, incident, "step.done", "action-2") == "CONFIRMATION_MISSING"
    for typed in ("resend 2", "RESEND", "RESEND 2 ok", "yes"):
        code = refused(service, incident, "step.done", "action-2", confirmation=typed)
        assert code == "CONFIRMATION_WRONG"
    after = do(service, incident, "step.done", "action-2", confirmation="RESEND 2")
    assert state(after, "action-2").state == "done"
    last = service.incidents.timeline(incident.id).records[-1]
    assert last.data["confirmation"] == "RESEND 2"
    assert "confirmed by typing “RESEND 2”" in last.text


def test_confirmed_unlocks_until_the_step_is_left(service, incident):
    do(service, incident, "step.focus", "action-2")
    after = do(service, incident, "action.confirmed", "action-2", confirmation="RESEND 2")
    assert state(after, "action-2").unlocked
    after = do(service, incident, "step.focus", "action-1")
    assert not state(after, "action-2").unlocked
    assert refused(service, incident, "step.done", "action-2") == "CONFIRMATION_MISSING"
    do(service, incident, "action.confirmed", "action-2", confirmation="RESEND 2")
    after = do(service, incident, "step.done", "action-2")
    assert state(after, "action-2").state == "done"
    assert refused(service, incident, "action.confirmed", "action-1") == "NOTHING_TO_CONFIRM"


# timers -------------------------------------------------------------------------------------------


def seen_at(service, incident, when):
    """Return the incident as the server's clock would show it then."""
    folds = service.incidents._folds
    return folds.see(incident.id, lambda fold: fold.incident(when))


def timer(incident, name):
    return next(one for one in incident.timers if one.id == name)


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_triggers_count_from_the_start_and_only_those_that_do(service, incident):
    start = at(incident.opened_at)
    assert timer(incident, "escalation-1").minutes == 30
    assert timer(incident, "escalation-2").state == "listed"
    for minutes, wanted in ((29.9, "running"), (30, "due"), (34.9, "due"), (35, "overdue")):
        then = seen_at(service, incident, start + timedelta(minutes=minutes))
        assert timer(then, "escalation-1").state == wanted, minutes
    assert at(timer(incident, "escalation-1").due_at) == start + timedelta(minutes=30)
    assert incident.next_due == timer(incident, "escalation-1").due_at
    assert incident.now >= incident.opened_at


def test_windows_count_from_the_last_action(service, incident):
    assert timer(incident, "verification-1").state == "waiting"
    do(service, incident, "step.done", "action-1")
    do(service, incident, "step.skipped", "action-2", text="not needed")
    acted = at(service.incidents.timeline(incident.id).records[1].at)
    after = service.incidents.incident(incident.id)
    assert at(timer(after, "verification-1").due_at) == acted + timedelta(minutes=15)
    assert at(timer(after, "verification-2").due_at) == acted + timedelta(hours=4)
    then = seen_at(service, incident, acted + timedelta(minutes=16))
    assert timer(then, "verification-1").state == "due"
    after = do(service, incident, "step.done", "verification-1")
    assert timer(after, "verification-1").state == "done"


def test_not_now_and_escalated_are_recorded(service, incident):
    after = do(
        service, incident, "timer.postponed", timer="escalation-1", minutes=20, text="nearly there"
    )
    put_off = at(service.incidents.timeline(incident.id).records[-1].at)
    assert at(timer(after, "escalation-1").due_at) == put_off + timedelta(minutes=20)
    assert timer(after, "escalation-1").reason == "nearly there"
    assert (
        refused(service, incident, "timer.postponed", timer="escalation-1", minutes=5)
        == "TEXT_MISSING"
    )
    after = do(service, incident, "escalation.raised", timer="escalation-1", text="Ada called")
    shown = timer(after, "escalation-1")
    assert (shown.state, shown.due_at, shown.reason) == ("raised", None, "Ada called")
    assert refused(service, incident, "escalation.raised", timer="escalation-9") == "UNKNOWN_TIMER"


def test_a_person_sets_a_timer_of_their_own(service, incident):
    assert refused(service, incident, "timer.started", text="look") == "MINUTES_MISSING"
    after = do(service, incident, "timer.started", "safety-1", minutes=10, text="look again")
    mine = after.timers[-1]
    assert (mine.kind, mine.title, mine.step, mine.state) == (
        "reminder",
        "look again",
        "safety-1",
        "running",
    )
    after = do(service, incident, "timer.stopped", timer=mine.id)
    assert after.timers[-1].state == "stopped"
    # One that nobody named still says something when it comes due.
    after = do(service, incident, "timer.started", minutes=5)
    assert after.timers[-1].title == "reminder after 5 min"


# people -------------------------------------------------------------------------------------------


def test_handover_says_from_whom_to_whom_and_why(service, incident):
    after = do(service, incident, "incident.claimed", to="Ada")
    assert after.owner == "Ada"
    after = do(service, incident, "incident.handover", to="Bo", text="shift ends, see step 3")
    assert after.owner == "Bo"
    assert (after.handovers[0].to, after.handovers[0].text) == ("Bo", "shift ends, see step 3")
    last = service.incidents.timeline(incident.id).records[-1]
    assert last.text == "Handed over from Ada to Bo: shift ends, see step 3."
    assert refused(service, incident, "incident.handover", text="x") == "NOBODY_NAMED"
    assert refused(service, incident, "incident.handover", to="Cy") == "TEXT_MISSING"


@pytest.fixture
def ada_and_bo(tmp_path, library, workspace):
    opened = [
        Service(
            workspace,
            tmp_path / "data",
            [FolderLibrary(library, "embedded")],
            actor=person(name),
        )
        for name in ("Ada", "Bo")
    ]
    yield opened
    for one in opened:
        one.close()


def test_two_people_see_each_other_and_overwrite_nothing(ada_and_bo):
    ada, bo = ada_and_bo
    one = ada.incidents.open(OpenRequest(runbook="big-failure"))
    seen = bo.incidents.incident(one.id).n
    do(ada, one, "step.skipped", "safety-1", text="checked before", after=seen)
    with pytest.raises(StateError) as caught:
        do(bo, one, "step.done", "safety-1", after=seen)
    assert caught.value.code == "STALE"
    assert "Ada" in caught.value.message
    assert "checked before" in caught.value.message
    # Notes always go, and so does what the other's change has nothing to do with.
    do(bo, one, "step.note", "safety-1", text="me too", after=seen)
    after = do(bo, one, "step.done", "safety-2", after=seen)
    assert state(after, "safety-1").state == "skipped"
    assert state(after, "safety-1").marked_by == "Ada"
    # Having looked, Bo may decide otherwise.
    after = do(bo, one, "step.failed", "safety-1", after=after.n)
    assert state(ada.incidents.incident(one.id), "safety-1").marked_by == "Bo"


def test_moving_the_focus_is_stopped_by_another_person_only(ada_and_bo):
    ada, bo = ada_and_bo
    one = ada.incidents.open(OpenRequest(runbook="big-failure"))
    do(ada, one, "step.done", "safety-1", after=0)
    after = do(ada, one, "step.focus", "diagnosis-1", after=0)
    with pytest.raises(StateError) as caught:
        do(bo, one, "step.focus", "safety-2", after=0)
    assert caught.value.code == "STALE"
    assert after.focus == ada.incidents.incident(one.id).focus == "diagnosis-1"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": "incident.claimed"}, {"kind": "incident.claimed"}),
        ({"kind": "incident.claimed"}, {"kind": "incident.handover", "to": "Cy", "text": "x"}),
        (
            {"kind": "item.ticked", "item": "artifact-1"},
            {"kind": "item.ticked", "item": "artifact-1"},
        ),
        (
            {"kind": "escalation.raised", "timer": "escalation-1"},
            {"kind": "timer.postponed", "timer": "escalation-1", "minutes": 5, "text": "x"},
        ),
        (
            {"kind": "incident.fact", "name": "a", "text": "1"},
            {"kind": "incident.fact", "name": "a", "text": "2"},
        ),
    ],
)
def test_the_second_of_two_that_touch_one_thing_is_told(ada_and_bo, first, second):
    ada, bo = ada_and_bo
    one = ada.incidents.open(OpenRequest(runbook="big-failure"))
    ada.incidents.act(one.id, Act(type=first.pop("kind"), after=0, **first))
    with pytest.raises(StateError) as caught:
        bo.incidents.act(one.id, Act(type=second.pop("kind"), after=0, **second))
    assert caught.value.code == "STALE"


# closing ------------------------------------------------------------------------------------------


CLOSED = {"root_cause": "a full disk", "resolution": "freed it", "verification": "both windows ok"}


def test_closing_says_what_is_missing_and_is_allowed(service, incident):
    assert refused(service, incident, "incident.closed", root_cause="x") == "CLOSING_INCOMPLETE"
    do(service, incident, "item.ticked", item="artifact-1")
    after = do(service, incident, "incident.closed", **CLOSED)
    assert (after.state, after.closed_at) == ("closed", after.closing.at)
    assert after.closing.root_cause == "a full disk"
    assert len(after.closing.missing) == 2
    assert after.closing.missing[0].startswith("Analysis report")
    last = service.incidents.timeline(incident.id).records[-1]
    assert last.text.startswith(
        "Incident closed with 2 of its artifacts missing. Root cause: a full"
    )
    assert all(one.state in ("stopped", "listed") for one in after.timers)


def test_a_closed_incident_takes_notes_and_opens_again_with_a_reason(service, incident):
    do(service, incident, "incident.closed", **CLOSED)
    assert refused(service, incident, "step.done", "safety-1") == "INCIDENT_CLOSED"
    other = service.incidents.open(OpenRequest(runbook="small-failure"))
    listed = {
        state: [one.id for one in service.incidents.all(state).incidents]
        for state in (None, "open", "closed")
    }
    assert listed == {
        None: [other.id, incident.id],
        "open": [other.id],
        "closed": [incident.id],
    }
    after = do(service, incident, "incident.note", text="the provider wrote")
    assert (after.state, after.amended) == ("closed", True)
    assert refused(service, incident, "incident.reopened") == "TEXT_MISSING"
    after = do(service, incident, "incident.reopened", text="it is back")
    assert (after.state, after.closing, after.amended) == ("open", None, False)
    assert refused(service, incident, "incident.reopened", text="again") == "NOT_CLOSED"
    do(service, incident, "step.done", "safety-1")


def test_items_are_those_of_the_runbook(service, incident):
    assert [(one.id, one.kind, one.state) for one in incident.items] == [
        ("artifact-1", "artifact", "missing"),
        ("artifact-2", "artifact", "missing"),
        ("artifact-3", "artifact", "missing"),
        ("entry-1", "entry", "missing"),
        ("entry-2", "entry", "missing"),
    ]
    assert incident.items[0].lack == ["timeline.txt", "probe.txt"]
    assert incident.items[2].lack == ["sent.txt"]
    after = do(service, incident, "item.ticked", item="entry-1")
    assert (after.items[3].state, bool(after.items[3].by)) == ("ticked", True)
    after = do(service, incident, "item.unticked", item="entry-1")
    assert after.items[3].state == "missing"
    assert refused(service, incident, "item.ticked", item="artifact-9") == "UNKNOWN_ITEM"


# analyses that somebody adds ----------------------------------------------------------------------


def test_an_added_analysis_is_a_step_that_calls_its_key(service, incident):
    do(service, incident, "step.done", "safety-1")
    after = do(service, incident, "analysis.added", key="jupyter-small", text="count again")
    added = after.steps[-1]
    assert (added.id, added.section, added.title, added.keys) == (
        "added-1",
        "added",
        "Small Key",
        ["jupyter-small"],
    )
    assert after.focus == "added-1"
    book = service.incidents.pinned_runbook(incident.id)
    assert book.sections[-1].steps[0].keys[0].slug == "jupyter-small"
    assert book.sha256 == incident.runbook_sha256
    after = do(service, incident, "step.done", "added-1")
    assert after.focus == "safety-2"
    assert refused(service, incident, "analysis.added", key="jupyter-nothing") == "UNKNOWN_KEY"
    assert refused(service, incident, "analysis.added") == "KEY_MISSING"


def test_suited_keys_are_those_at_hand(service, incident):
    found = service.assistance.suited(incident.id)
    assert found.keys == []
    assert "Log analysis" in found.unknown


# what is pinned -----------------------------------------------------------------------------------


def test_a_newer_runbook_is_announced_and_never_taken(service, incident, library):
    assert incident.newer == []
    changed = RICH.replace("Look first", "Look twice")
    new = runbook_files(slug="big-failure", title="Big", version="1.1.0", text=changed)
    make_library(library, key_files(), runbook_files(), new)
    service.runbooks.believed_seconds = 0
    now = service.incidents.incident(incident.id)
    assert [(one.version, one.source) for one in now.newer] == [("1.1.0", "embedded")]
    assert state(now, "safety-1").title == "Look first"
    assert service.incidents.pinned_runbook(incident.id).sha256 == incident.runbook_sha256


def test_state_is_the_same_after_a_restart_and_for_a_second_reader(
    service, incident, tmp_path, library, workspace
):
    do(service, incident, "step.done", "safety-1")
    do(service, incident, "branch.taken", "diagnosis-1", branch=1)
    do(service, incident, "action.confirmed", "action-2", confirmation="RESEND 2")
    do(service, incident, "incident.handover", to="Bo", text="bye")
    do(service, incident, "analysis.added", key="jupyter-small")
    here = service.incidents.incident(incident.id)
    other = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    try:
        there = other.incidents.incident(incident.id)
    finally:
        other.close()
    still = {"now"}
    assert json.loads(here.model_dump_json(exclude=still)) == json.loads(
        there.model_dump_json(exclude=still)
    )


def test_records_of_a_later_version_change_nothing_and_stay(service, incident):
    service.incidents._recorder.append(incident.id, "step.levitated", {"x": 1}, "safety-1")
    after = do(service, incident, "step.done", "safety-1")
    assert after.n == 2
    assert service.incidents.timeline(incident.id).records[1].text == (
        "Record of type step.levitated."
    )


def test_every_record_has_a_sentence_and_it_is_no_part_of_what_is_hashed(service, incident):
    import hashlib

    do(service, incident, "step.done", "safety-1")
    for record in service.incidents.timeline(incident.id).records:
        assert record.text.endswith((".", "!", "?"))
        body = record.model_dump(mode="json", exclude={"leaf", "text"})
        body["incident"] = incident.id
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(b"\x00" + text.encode()).hexdigest() == record.leaf


def test_time_is_the_servers(service, incident):
    assert abs(at(incident.now) - datetime.now(timezone.utc)) < timedelta(seconds=10)


def test_folding_one_record_at_a_time_is_folding_all_at_once(service, incident):
    """Any order of acts, refused ones among them: the fold kept in memory is the one of all records."""
    dice = random.Random(20261)
    steps = [step.id for step in incident.steps]
    kinds = ["step.done", "step.failed", "step.skipped", "step.undone", "step.focus", "step.note"]
    done = 0
    for number in range(250):
        step = dice.choice(steps)
        act = dice.choice(
            [
                Act(type=dice.choice(kinds), step=step, text=f"w{number}"),
                Act(type="branch.taken", step="diagnosis-1", branch=dice.randrange(3)),
                Act(type="step.done", step="action-2", confirmation="RESEND 2"),
                Act(type="timer.postponed", timer="escalation-1", minutes=9, text="x"),
                Act(type="item.ticked", item=f"artifact-{dice.randint(1, 4)}"),
                Act(type="analysis.added", key="jupyter-small"),
                Act(type="incident.handover", to=f"P{number}", text="over"),
            ]
        )
        try:
            shown = service.incidents.act(incident.id, act)
        except (NotAvailable, StateError):
            continue
        done += 1
        if done % 10 == 0:
            records = service._store.records(incident.id)
            book = service.incidents._folds.see(incident.id, lambda fold: fold.state.runbook)
            whole = fold(records, book)
            assert whole.model_dump(exclude={"now", "newer", "timers"}) == shown.model_dump(
                exclude={"now", "newer", "timers"}
            )
    assert done > 100
