"""What surrounds an incident: linked runbooks, attached files and runs, prefilled forms, cards, paper."""

import base64
import hashlib

import pytest

from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.incidents.attachments import MOST_BYTES, mime_of, name_of
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.model.wire import ContextRequest
from keys_jupyter.model.working import AttachRequest, LinkRequest, RunAttachRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.incident_books import RICH
from tests.packs import code, key_files, make_library, notebook, runbook_files

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20

DRIFT = """discrepancies_csv: str = "sample/discrepancies.csv"
start: str | None = None
limit: int = 3
output_dir: str = "artifacts"
"""
WRITE = """import pathlib
pathlib.Path("artifacts", "discrepancies.csv").write_text("id\\n1\\n")
"""


@pytest.fixture
def library(tmp_path):
    big = runbook_files(slug="big-failure", title="Big Failure Runbook", text=RICH)
    writer = key_files(
        slug="jupyter-writer",
        title="Writer",
        book=notebook(
            code('start: str | None = None\noutput_dir: str = "artifacts"\n', tags=["parameters"]),
            code(WRITE, ident="w"),
        ),
        parameters={"output_dir": {"output_folder": True}},
    )
    drift = key_files(
        slug="jupyter-drift",
        title="Drift",
        book=notebook(code(DRIFT, tags=["parameters"])),
        parameters={
            "discrepancies_csv": {"file": True},
            "output_dir": {"output_folder": True},
        },
    )
    drift["sample/discrepancies.csv"] = "id\n"
    return make_library(tmp_path / "library", key_files(), runbook_files(), big, writer, drift)


@pytest.fixture
def incident(service):
    return service.incidents.open(
        OpenRequest(runbook="big-failure", trigger="it fires", facts={"<host>": "web-1"})
    )


def run_of(service, changes, key="jupyter-small", **more):
    run = service.runs.start(RunRequest(key=key, **more))
    changes.until(lambda: service.runs.settled(run.id))
    done = service.runs.run(run.id)
    assert done.state.value == "SUCCEEDED", done
    return done


# another runbook ----------------------------------------------------------------------------------


def test_wrong_runbook_opens_the_right_one_and_carries_what_is_known(service, incident):
    service.incidents.act(incident.id, Act(type="incident.fact", name="<event>", text="evt_1"))
    before = service.incidents.incident(incident.id).n
    child = service.additions.link(
        incident.id, LinkRequest(runbook="small-failure", step="diagnosis-1", text="data differs")
    )
    assert (child.runbook, child.trigger) == ("small-failure", "it fires")
    assert child.facts == {"<host>": "web-1", "<event>": "evt_1"}
    assert child.focus == "safety-1"
    origin = child.linked[0]
    assert (origin.direction, origin.incident, origin.upto, origin.step) == (
        "from",
        incident.id,
        before,
        "diagnosis-1",
    )
    parent = service.incidents.incident(incident.id)
    assert [(one.direction, one.incident, one.runbook) for one in parent.linked] == [
        ("to", child.id, "small-failure")
    ]
    told = service.incidents.timeline(incident.id).records[-1].text
    assert told == "Went on in incident 2, Small Failure Runbook: data differs."
    first = service.incidents.timeline(child.id).records[0].text
    assert first == (
        "Incident 2 opened on Small Failure Runbook 1.0.0, linked from incident 1: it fires."
    )


def test_asking_for_the_link_again_answers_the_open_one(service, incident):
    request = LinkRequest(runbook="runbook:small-failure")
    first = service.additions.link(incident.id, request)
    assert service.additions.link(incident.id, request).id == first.id
    assert len(service.incidents.all().incidents) == 2
    records = service.incidents.timeline(incident.id).records
    assert [record.type for record in records].count("incident.linked") == 1


def test_a_link_that_a_crash_cut_in_two_is_mended_by_asking_again(
    service, incident, tmp_path, library, workspace, monkeypatch
):
    def crash(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(service.additions, "_record_link", crash)
    with pytest.raises(KeyboardInterrupt):
        service.additions.link(incident.id, LinkRequest(runbook="small-failure"))
    other = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    try:
        child = other.additions.link(incident.id, LinkRequest(runbook="small-failure"))
        assert len(other.incidents.all().incidents) == 2
        assert other.incidents.incident(incident.id).linked[0].incident == child.id
    finally:
        other.close()


@pytest.mark.parametrize(
    ("request_", "code_"),
    [
        (LinkRequest(runbook="nothing-here"), "UNKNOWN_KEY"),
        (LinkRequest(runbook="jupyter-small"), "NOT_A_RUNBOOK"),
        (LinkRequest(runbook="small-failure", step="diagnosis-9"), "UNKNOWN_STEP"),
        (LinkRequest(runbook="../../etc/passwd"), "OUTSIDE_WORKSPACE"),
    ],
)
def test_a_link_to_nowhere_is_refused_and_recorded_nowhere(service, incident, request_, code_):
    with pytest.raises((InputError, NotAvailable)) as caught:
        service.additions.link(incident.id, request_)
    assert caught.value.code == code_
    assert len(service.incidents.all().incidents) == 1
    assert len(service.incidents.timeline(incident.id).records) == 1


# files --------------------------------------------------------------------------------------------


def sent(data, **more):
    return AttachRequest(data=base64.b64encode(data).decode(), **more)


def test_a_pasted_picture_is_kept_under_its_step(service, incident):
    kept = service.additions.attach(incident.id, sent(PNG, step="safety-1", text="the graph"))
    item = kept.evidence[0]
    assert (item.id, item.kind, item.name, item.mime, item.step, item.run) == (
        "attached-1",
        "attachment",
        "screenshot.png",
        "image/png",
        "safety-1",
        None,
    )
    assert item.sha256 == hashlib.sha256(PNG).hexdigest()
    assert service._store.blob(item.sha256).read_bytes() == PNG
    state = service.incidents.incident(incident.id)
    assert next(step for step in state.steps if step.id == "safety-1").evidence == 1


def test_attached_files_count_as_what_the_runbook_asks_for(service, incident, workspace):
    (workspace / "timeline.txt").write_text("03:12 began")
    service.additions.attach(incident.id, AttachRequest(path="timeline.txt"))
    row = service.incidents.incident(incident.id).items[0]
    assert (row.state, row.have, row.lack) == ("part", ["timeline.txt"], ["probe.txt"])
    service.additions.attach(incident.id, sent(b"ok", name="probe.txt"))
    row = service.incidents.incident(incident.id).items[0]
    assert (row.state, row.lack) == ("kept", [])
    # stuck.csv is only asked for "if used".
    service.additions.attach(incident.id, sent(b"1", name="sent.txt"))
    assert service.incidents.incident(incident.id).items[2].state == "kept"


@pytest.mark.parametrize(
    ("request_", "code_"),
    [
        (AttachRequest(), "WHICH_FILE"),
        (AttachRequest(data="AA==", path="a"), "WHICH_FILE"),
        (AttachRequest(data="not base64!"), "NOT_BASE64"),
        (AttachRequest(path="missing.txt"), "NO_FILE"),
        (AttachRequest(path="../outside.txt"), "OUTSIDE_WORKSPACE"),
        (AttachRequest(path="empty.txt"), "FILE_EMPTY"),
        (AttachRequest(path="."), "NO_FILE"),
        (AttachRequest(data="AA==", step="nowhere-1"), "UNKNOWN_STEP"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_not_recorded(
    service, incident, workspace, request_, code_
):
    (workspace / "empty.txt").write_text("")
    (workspace.parent / "outside.txt").write_text("secret")
    with pytest.raises((InputError, NotAvailable)) as caught:
        service.additions.attach(incident.id, request_)
    assert caught.value.code == code_
    assert len(service.incidents.timeline(incident.id).records) == 1


def test_a_file_above_the_limit_is_refused(service, incident, workspace):
    with (workspace / "large.bin").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError) as caught:
        service.additions.attach(incident.id, AttachRequest(path="large.bin"))
    assert caught.value.code == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (PNG, "x.txt", "image/png"),
        (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
        (b"GIF89a...", "a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"%PDF-1.7", "a.html", "application/pdf"),
        (b"<html><script>alert(1)</script>", "x.html", "text/plain"),
        (b"<svg onload='alert(1)'/>", "x.svg", "text/plain"),
        (b"a,b\n1,2\n", "x.CSV", "text/csv"),
        (b'{"a": 1}', "x.json", "application/json"),
        (b"plain", "x.png", "text/plain"),
        (b"\x00\x01", "x.txt", "application/octet-stream"),
        (b"\xff\xfe", "x.txt", "application/octet-stream"),
    ],
)
def test_what_a_file_is_comes_from_its_bytes(data, name, mime):
    assert mime_of(data, name) == mime


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\log.txt", "log.txt"),
        ("a\x00b\x1b[31m\u202e.txt", "ab[31m.txt"),
        ("  spaced   name .txt ", "spaced name .txt"),
        ("...", "attachment"),
        ("", "attachment"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ],
)
def test_names_carry_no_place_and_nothing_a_screen_would_obey(given, shown):
    assert name_of(given, b"text") == shown


# runs begun elsewhere -----------------------------------------------------------------------------


def test_a_run_begun_outside_is_put_under_a_step_with_all_it_left(service, changes, incident):
    run = run_of(service, changes)
    unbound = service.placing.context(ContextRequest(path=run.notebook))
    assert unbound.step is None
    assert [(c.incident, c.step, c.step_title) for c in unbound.candidates] == [
        (incident.id, "diagnosis-1", "Analyze")
    ]
    assert [one.slug for one in unbound.runbooks] == ["big-failure", "small-failure"]
    after = service.additions.attach_run(
        RunAttachRequest(run=run.id, incident="1", step="diagnosis-1")
    )
    step = next(one for one in after.steps if one.id == "diagnosis-1")
    assert step.runs == [run.id]
    assert [branch.suggested for branch in step.branches] == [True, False, False]
    kept = service.incidents.evidence(incident.id).evidence
    assert {item.kind for item in kept} >= {"notebook", "artifact", "results"}
    assert all(item.step == "diagnosis-1" for item in kept)
    bound = service.placing.context(ContextRequest(path=run.notebook))
    assert (bound.attached, bound.incident, bound.step.id) == (True, incident.id, "diagnosis-1")
    told = [record.text for record in service.incidents.timeline(incident.id).records]
    assert told[1] == (
        f"Run {run.id[:8]} of jupyter-small, begun outside this incident, "
        "attached to Step 1 (Analyze)."
    )
    with pytest.raises(StateError) as caught:
        service.additions.attach_run(
            RunAttachRequest(run=run.id, incident=incident.id, step="diagnosis-1")
        )
    assert caught.value.code == "RUN_BOUND"


def test_an_installed_notebook_nobody_ran_says_which_steps_call_it(service, incident):
    installed = service.installs.install("jupyter-small")
    place = f"{installed.path}/notebooks/small.ipynb"
    found = service.placing.context(ContextRequest(path=place))
    assert [c.step for c in found.candidates] == ["diagnosis-1"]
    service.incidents.act(
        incident.id,
        Act(type="incident.closed", root_cause="a", resolution="b", verification="c"),
    )
    assert service.placing.context(ContextRequest(path=place)).candidates == []


# forms and cards ----------------------------------------------------------------------------------


def test_a_branch_records_the_result_it_rests_on(service, changes, incident):
    run = run_of(service, changes, incident=incident.id, step="diagnosis-1")
    service.incidents.act(
        incident.id, Act(type="branch.taken", step="diagnosis-1", branch=0, text="sure")
    )
    record = service.incidents.timeline(incident.id).records[-1]
    assert record.data["support"] == {
        "run": run.id,
        "result": "success_rate",
        "value": 91.3,
        "unit": "%",
    }
    assert "91.3 %" in record.text
    with pytest.raises(NotAvailable) as caught:
        service.incidents.act(
            incident.id,
            Act(type="branch.taken", step="diagnosis-1", branch=2, result="made_up"),
        )
    assert caught.value.code == "UNKNOWN_RESULT"


def test_the_same_file_is_prefilled_where_the_runbook_names_it(
    service, changes, incident, workspace
):
    (workspace / "log.csv").write_text("a\n1\n")
    (workspace / "else.csv").write_text("a\n1\n")
    assert service.assistance.prefill(incident.id, "diagnosis-1", "jupyter-small").values == {}
    run_of(
        service,
        changes,
        incident=incident.id,
        step="diagnosis-1",
        parameters={"input_csv": "else.csv"},
    )
    # The step asks for log.csv; another file of that parameter is not taken for it.
    found = service.assistance.prefill(incident.id, "diagnosis-1", "jupyter-small")
    assert "input_csv" not in found.values
    run = run_of(
        service,
        changes,
        incident=incident.id,
        step="diagnosis-1",
        parameters={"input_csv": "log.csv", "limit": 9},
    )
    found = service.assistance.prefill(incident.id, "diagnosis-1", "jupyter-small")
    assert found.values == {"input_csv": "log.csv", "limit": 9}
    assert found.origin["input_csv"] == f"{run.id}/diagnosis-1"
    child = service.additions.link(incident.id, LinkRequest(runbook="small-failure"))
    linked = service.assistance.prefill(child.id, "diagnosis-1", "jupyter-small")
    assert linked.values["limit"] == 9
    assert linked.origin["limit"] == f"{run.id}/diagnosis-1"


def test_one_keys_file_and_time_range_feed_the_next_key(service, changes, incident):
    run = run_of(
        service,
        changes,
        key="jupyter-writer",
        incident=incident.id,
        step="diagnosis-2",
        parameters={"start": "2026-01-15 02:10"},
    )
    found = service.assistance.prefill(incident.id, "diagnosis-1", "jupyter-drift")
    assert found.values == {
        "discrepancies_csv": f"{run.folder}/artifacts/discrepancies.csv",
        "start": "2026-01-15 02:10",
    }
    again = run_of(
        service,
        changes,
        key="jupyter-drift",
        incident=incident.id,
        step="diagnosis-1",
        parameters=found.values,
    )
    assert again.inputs[0].sha256 == hashlib.sha256(b"id\n1\n").hexdigest()


def test_keys_of_other_tools_are_shown_and_never_run(service, incident):
    card = service.assistance.cards(incident.id, "diagnosis-2").cards[0]
    assert (card.slug, card.kind, card.runnable, card.entitled) == (
        "node-queue-drain",
        "node",
        False,
        False,
    )
    assert card.code == ["npx keys run node-queue-drain --queue default"]
    assert card.location == "/node-keys/queue-drain/index.ts"
    assert card.input == "the queue's name"
    assert card.problem
    own = service.assistance.cards(incident.id, "diagnosis-1").cards[0]
    assert (own.slug, own.runnable, own.entitled, own.code) == ("jupyter-small", True, True, [])
    with pytest.raises(NotAvailable):
        service.runs.start(
            RunRequest(key="node-queue-drain", incident=incident.id, step="diagnosis-2")
        )


# paper --------------------------------------------------------------------------------------------


def test_paper_holds_the_state_and_nobodys_words_become_markup(service, incident):
    service.incidents.act(incident.id, Act(type="step.done", step="safety-1", text="ok"))
    service.incidents.act(
        incident.id,
        Act(type="step.note", step="safety-2", text="# no [x](javascript:1)\n- [x] <b>bold</b>"),
    )
    service.incidents.act(incident.id, Act(type="branch.taken", step="diagnosis-1", branch=1))
    paper = service.assistance.checklist(incident.id)
    lines = paper.markdown.splitlines()
    assert lines[0] == "# Incident 1: Big Failure Runbook, P1"
    assert "- [x] Check 1: Look first" in lines
    assert "- [ ] Check 2: Freeze deploys" in lines
    assert "- [ ] Action 2: Resend all events (IRREVERSIBLE)" in lines
    assert any("taken: Timeout Errors → See Action 2" in line for line in lines)
    assert any(line.startswith("- [ ] First state:") and "probe.txt" in line for line in lines)
    note = next(line for line in lines if "javascript" in line)
    assert note.endswith(r": \# no \[x\](javascript:1) - \[x\] \<b\>bold\</b\>")
    assert paper.n == 3
