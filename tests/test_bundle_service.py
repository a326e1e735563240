"""From an incident with a real run to a bundle that holds, through the service, the command line and the server."""

import base64
import contextlib
import io
import json
import random
import sqlite3
import threading
import zipfile

import pytest

from keys_jupyter import ledger
from keys_jupyter.cli import main
from keys_jupyter.errors import InputError, KeysError, NotAvailable, StateError
from keys_jupyter.model.bundle import CheckpointRequest, VerifyRequest
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.model.working import AttachRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary


def finished(service, changes, run):
    changes.until(lambda: service.runs.settled(run.id))
    return service.runs.run(run.id)


def worked(service, changes):
    """Open an incident, do a step, run its key, take a branch; return the incident and the run."""
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    service.incidents.act(incident.id, Act(type="step.done", step="safety-1"))
    asked = RunRequest(key="jupyter-small", incident=incident.id, step="diagnosis-1")
    run = finished(service, changes, service.runs.start(asked))
    service.incidents.act(incident.id, Act(type="branch.taken", step="diagnosis-1", branch=0))
    return incident.id, run


def facts_of(path):
    with zipfile.ZipFile(path) as whole:
        return json.loads(whole.read("data/facts.json"))


def test_an_incident_with_a_run_becomes_a_bundle_that_holds(service, changes, workspace, tmp_path):
    incident, run = worked(service, changes)
    done = service.evidence.export(incident)
    path = workspace / done.path
    assert done.path == f"evidence/incident-1-record-{done.at}.zip"
    result = service.evidence.verify(VerifyRequest(path=done.path))
    assert result.ok, result.checks
    assert result.missing == done.missing
    facts = facts_of(path)
    assert [row["id"] for row in facts["runs"]] == [run.id]
    assert facts["runs"][0]["results"][0]["value"] == 91.3
    kept = {item["name"] for item in facts["evidence"]}
    assert {"Results", "small.ipynb", "artifacts/report.md"} <= kept
    data = base64.b64encode(path.read_bytes()).decode()
    assert service.evidence.verify(VerifyRequest(data=data)) == result


def test_two_exports_of_one_record_are_the_same_bytes_whatever_happens_between(
    service, changes, tmp_path
):
    incident, _ = worked(service, changes)
    first = service.evidence.export(incident, target=tmp_path / "first.zip")
    service.checkpoints.leave(CheckpointRequest(outlet="a ticket"))
    service.incidents.act(incident, Act(type="step.note", step="diagnosis-2", text="later"))
    again = service.evidence.export(incident, first.at, tmp_path / "again.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
    assert again.sha256 == first.sha256
    newest = service.evidence.export(incident, target=tmp_path / "newest.zip")
    assert newest.at == first.at + 1
    assert len(facts_of(tmp_path / "newest.zip")["left"]) == 2


def test_every_earlier_record_can_be_exported_and_holds(service, changes, tmp_path):
    incident, _ = worked(service, changes)
    last = service.incidents.incident(incident).n
    for at in range(last + 1):
        path = tmp_path / f"{at}.zip"
        service.evidence.export(incident, at, path)
        assert service.evidence.verify_file(path).ok, at
    with pytest.raises(InputError) as caught:
        service.evidence.export(incident, last + 1)
    assert caught.value.code == "NO_SUCH_RECORD"


def test_exports_and_checkpoints_are_recorded_outside_of_incidents(service, changes, tmp_path):
    incident, _ = worked(service, changes)
    before = service.incidents.timeline(incident).records
    assert service.checkpoints.state().last_at is None
    assert "nobody else could notice" in service.checkpoints.state().meaning
    done = service.evidence.export(incident, target=tmp_path / "x.zip")
    text = service.checkpoints.leave(CheckpointRequest(outlet="ticket OPS-1"))
    assert service.incidents.timeline(incident).records == before
    assert [one.id for one in service.incidents.all().incidents] == [incident]
    state = service.checkpoints.state()
    assert (state.last_outlet, state.last_size, state.after) == ("ticket OPS-1", text.size, 1)
    assert state.fingerprint == done.fingerprint
    note = ledger.opened(text.text)
    assert note.checkpoint.size == len(before) + 1
    assert note.checkpoint.root.hex() == text.root


def test_a_held_checkpoint_holds_for_older_and_newer_bundles(service, changes, tmp_path):
    incident, _ = worked(service, changes)
    path = tmp_path / "old.zip"
    old = ledger.opened(service.evidence.export(incident, target=path).checkpoint).checkpoint.size
    held = service.checkpoints.leave(CheckpointRequest())
    assert service.evidence.verify_file(path, held.text).verdict == "not proved"
    proved = service.checkpoints.leave(CheckpointRequest(since=old))
    assert service.evidence.verify_file(path, proved.text).ok
    service.incidents.act(incident, Act(type="step.note", step="diagnosis-2", text="later"))
    service.evidence.export(incident, target=tmp_path / "new.zip")
    assert service.evidence.verify_file(tmp_path / "new.zip", held.text).ok
    with pytest.raises(InputError) as caught:
        service.checkpoints.leave(CheckpointRequest(since=10_000))
    assert caught.value.code == "NO_SUCH_SIZE"


def test_an_empty_ledger_has_no_checkpoint(service):
    with pytest.raises(StateError) as caught:
        service.checkpoints.leave(CheckpointRequest())
    assert caught.value.code == "NOTHING_RECORDED"
    assert service.checkpoints.state().size == 0
    assert service.checkpoints.state().fingerprint is None


def test_a_store_that_somebody_rewrote_is_found(service, changes, tmp_path):
    incident, _ = worked(service, changes)
    held = service.checkpoints.leave(CheckpointRequest())
    service.incidents.act(incident, Act(type="step.note", step="diagnosis-2", text="after"))
    service.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "data/store.sqlite")) as db:
        db.execute("DROP TRIGGER ledger_is_append_only")
        body = db.execute("SELECT body FROM ledger WHERE idx=1").fetchone()[0]
        other = json.loads(body)
        other["data"]["text"] = "what suits me better"
        body = ledger.encode(other)
        db.execute("UPDATE ledger SET body=?, leaf=? WHERE idx=1", (body, ledger.leaf_hash(body)))
        db.commit()
    from keys_jupyter.service import Service

    opened = Service(tmp_path / "workspace", tmp_path / "data", [])
    try:
        opened.evidence.export(incident, target=tmp_path / "x.zip")
        assert opened.evidence.verify_file(tmp_path / "x.zip", held.text).verdict == "fails"
    finally:
        opened.close()


def test_a_run_that_the_store_has_lost_is_told_from_its_records(service, changes, tmp_path):
    incident, run = worked(service, changes)
    with contextlib.closing(sqlite3.connect(tmp_path / "data/store.sqlite")) as db:
        db.execute("DELETE FROM runs")
        db.commit()
    service.evidence.export(incident, target=tmp_path / "x.zip")
    assert service.evidence.verify_file(tmp_path / "x.zip").ok
    told = facts_of(tmp_path / "x.zip")["runs"][0]
    assert (told["id"], told["state"], told["cells"]) == (run.id, "SUCCEEDED", [])
    assert told["results"][0]["value"] == 91.3


def test_our_fold_and_the_verifiers_agree_after_any_acts(service, tmp_path):
    chance = random.Random(7)
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    steps = [step.id for step in incident.steps]
    kinds = [
        "step.done",
        "step.failed",
        "step.skipped",
        "step.focus",
        "step.undone",
        "branch.taken",
    ]
    kinds += [
        "step.note",
        "incident.note",
        "action.confirmed",
        "incident.closed",
        "incident.reopened",
    ]
    done = set()
    for _ in range(160):
        act = Act(
            type=chance.choice(kinds),
            step=chance.choice(steps),
            text="because",
            branch=0,
            root_cause="a",
            resolution="b",
            verification="c",
        )
        if not act.type.startswith("branch"):
            act = act.model_copy(update={"branch": None})
        if act.type.startswith("incident"):
            act = act.model_copy(update={"step": None})
        with contextlib.suppress(KeysError):
            service.incidents.act(incident.id, act)
            done.add(act.type)
    assert done >= {
        "step.done",
        "step.failed",
        "step.skipped",
        "step.focus",
        "step.undone",
        "branch.taken",
    }
    last = service.incidents.incident(incident.id).n
    for at in range(0, last + 1, 5):
        service.evidence.export(incident.id, at, tmp_path / "x.zip")
        result = service.evidence.verify_file(tmp_path / "x.zip")
        assert result.ok, (at, [check for check in result.checks if not check.ok])


def test_a_secret_in_an_attached_file_does_not_leave(service, workspace, tmp_path):
    # Put together here, so that this file does not hold what looks like one.
    secret = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    (workspace / "note.txt").write_text(f"it failed\nSTRIPE_KEY={secret}\nagain\n")
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    service.additions.attach(incident.id, AttachRequest(path="note.txt"))
    said = f"I used STRIPE_KEY={secret} for this"
    service.incidents.act(incident.id, Act(type="step.note", step="diagnosis-2", text=said))
    done = service.evidence.export(incident.id, target=tmp_path / "x.zip")
    assert secret.encode() not in (tmp_path / "x.zip").read_bytes()
    assert b"it failed" in (tmp_path / "x.zip").read_bytes()
    assert service.evidence.verify_file(tmp_path / "x.zip").ok
    facts = facts_of(tmp_path / "x.zip")
    assert len(done.warnings) == sum(bool(one["redacted_at_export"]) for one in facts["evidence"])
    in_file = sum(one["redactions"] for one in facts["evidence"])
    assert (in_file, facts["counts"]["redactions"], done.counts["redactions_in_records"]) == (
        1,
        2,
        1,
    )
    assert [(one["seq"], one["type"]) for one in facts["redacted_records"]] == [(2, "step.note")]
    again = service.evidence.export(incident.id, done.at, tmp_path / "y.zip")
    assert again.sha256 == done.sha256


def test_many_threads_leave_checkpoints_of_one_ledger(service):
    service.incidents.open(OpenRequest(runbook="small-failure"))
    texts = []

    def leave():
        for _ in range(5):
            texts.append(service.checkpoints.leave(CheckpointRequest()).text)

    threads = [threading.Thread(target=leave) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sizes = sorted(ledger.opened(text).checkpoint.size for text in texts)
    assert sizes == list(range(1, 21))


def test_two_runs_are_compared(service, changes, workspace):
    (workspace / "more.csv").write_text("a\n1\n2\n3\n")
    runs = [
        finished(
            service, changes, service.runs.start(RunRequest(key="jupyter-small", parameters=values))
        )
        for values in ({"limit": 3}, {"limit": 4, "input_csv": "more.csv"}, {"limit": 3})
    ]
    # Who sees results has to see that they are of the key's own sample, and of nobody's data.
    assert runs[0].notes == [
        "Ran on sample data that comes with the key (input_csv at sample/data.csv): "
        "what came of it says nothing about your own data."
    ]
    assert runs[1].notes == []
    found = service.evidence.compare(runs[0].id, runs[1].id)
    assert {row.name for row in found.parameters if row.change != "same"} == {"limit", "input_csv"}
    changed = {row.name for row in found.outputs if row.change != "same"}
    assert "artifact artifacts/report.md" in changed
    assert any(name.startswith("output 1 of cell") for name in changed)
    assert service.evidence.compare(runs[0].id, runs[2].id).summary == "Nothing differs."
    with pytest.raises(NotAvailable):
        service.evidence.compare(runs[0].id, "f" * 32)


def test_a_value_that_was_left_out_is_compared_as_its_default(service, changes):
    runs = [
        finished(
            service, changes, service.runs.start(RunRequest(key="jupyter-small", parameters=values))
        )
        for values in ({}, {"limit": 3}, {"limit": 4})
    ]
    assert service.evidence.compare(runs[0].id, runs[1].id).summary == "Nothing differs."
    found = service.evidence.compare(runs[0].id, runs[2].id)
    limit = next(row for row in found.parameters if row.name == "limit")
    assert (limit.left, limit.right, limit.change, limit.by) == (3, 4, "changed", 1.0)
    assert [row.name for row in found.parameters if row.change != "same"] == ["limit"]


# exports that go on ------------------------------------------------------------------------------


class Watching:
    """Looks at the exports each time one of them has moved, from within the export itself."""

    def __init__(self, changes, look):
        self._changes = changes
        self._look = look

    def __call__(self, kind, subject, n):
        self._changes(kind, subject, n)
        if (kind, subject) == ("evidence", "exports"):
            self._look()


@pytest.fixture
def seen():
    return []


@pytest.fixture
def watched(tmp_path, library, workspace, changes, seen):
    """A service whose exports are looked at as they go on, and cancelled in the phase that is put into ``stop_in``."""
    stop_in = set()

    def look():
        for one in opened.evidence.exporting.list().exporting:
            seen.append(one)
            if one.phase in stop_in:
                opened.evidence.exporting.cancel(one.id)

    opened = Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(library, "embedded")],
        on_change=Watching(changes, look),
    )
    yield opened, stop_in
    opened.close()


def test_an_export_tells_its_phases_and_bytes(watched, changes, seen, workspace):
    service, _ = watched
    incident, _ = worked(service, changes)
    done = service.evidence.export(incident)
    phases = list(dict.fromkeys(one.phase for one in seen))
    assert phases == ["collecting", "measuring", "writing"]
    assert {one.id for one in seen} == {incident}
    assert all(0 <= one.done <= one.total for one in seen)
    with zipfile.ZipFile(workspace / done.path) as whole:
        written = sum(info.file_size for info in whole.infolist())
        kept = sum(item["size"] for item in json.loads(whole.read("data/facts.json"))["evidence"])
    totals = {one.phase: one.total for one in seen}
    assert totals["writing"] == written
    assert totals["collecting"] == kept
    assert service.evidence.exporting.list().exporting == []
    assert [row[2] for row in changes.seen if row[:2] == ("evidence", "exports")] == list(
        range(1, 1 + sum(row[:2] == ("evidence", "exports") for row in changes.seen))
    )


def test_what_was_written_last_is_remembered_for_who_did_not_hear_the_answer(watched, changes):
    service, stop_in = watched
    incident, _ = worked(service, changes)

    def ended():
        found = service.evidence.exporting.list().ended
        return [(one.id, one.exported.sha256) for one in found]

    assert ended() == []
    first = service.evidence.export(incident, 0)
    newest = service.evidence.export(incident)
    assert first.sha256 != newest.sha256
    assert ended() == [(incident, newest.sha256)]
    day = service.incidents.timeline(incident).records[0].at[:10]
    starts = [f"{year}-01-01" for year in range(2021, 2026)]
    for start in starts:
        service.evidence.export_period(start, day)
    assert [name for name, _ in ended()] == [f"period-{start}-{day}" for start in starts[1:]]
    stop_in.add("writing")
    with pytest.raises(StateError):
        service.evidence.export_period(starts[2], day)
    assert len(ended()) == 3


@pytest.mark.parametrize("phase", ["collecting", "measuring", "writing"])
def test_a_cancelled_export_leaves_nothing_behind(watched, changes, seen, workspace, phase):
    service, stop_in = watched
    incident, _ = worked(service, changes)
    before = service.checkpoints.state().size
    files = sorted(path for path in workspace.rglob("*"))
    stop_in.add(phase)
    with pytest.raises(StateError) as caught:
        service.evidence.export(incident)
    assert caught.value.code == "EXPORT_CANCELLED"
    assert seen[-1].phase == phase
    assert sorted(path for path in workspace.rglob("*")) == files
    assert service.checkpoints.state().size == before
    assert service.evidence.exporting.list().exporting == []
    stop_in.clear()
    first = service.evidence.export(incident)
    assert service.evidence.verify(VerifyRequest(path=first.path)).ok
    # A bundle that was there before stays what it was.
    stop_in.add(phase)
    bytes_before = (workspace / first.path).read_bytes()
    with pytest.raises(StateError):
        service.evidence.export(incident, first.at)
    assert (workspace / first.path).read_bytes() == bytes_before
    assert [path.name for path in (workspace / "evidence").iterdir()] == [first.path[9:]]


def test_a_period_is_followed_and_cancelled_in_the_same_way(watched, changes, seen, workspace):
    service, stop_in = watched
    worked(service, changes)
    stop_in.add("writing")
    with pytest.raises(StateError) as caught:
        service.evidence.export_period("2000-01-01", "2099-12-31")
    assert caught.value.code == "EXPORT_CANCELLED"
    assert {one.id for one in seen} == {"period-2000-01-01-2099-12-31"}
    assert not (workspace / "evidence").exists()


def test_one_export_goes_on_once(watched, changes):
    service, _ = watched
    incident, _ = worked(service, changes)
    with service.evidence.exporting.going(incident):
        with pytest.raises(StateError) as caught:
            service.evidence.export(incident)
        assert caught.value.code == "EXPORT_GOING"
    with pytest.raises(NotAvailable):
        service.evidence.exporting.cancel(incident)
    assert service.evidence.export(incident).size > 0


def test_a_period_holds_all_incidents_and_runs_without_a_gap(service, changes, tmp_path):
    incident, run = worked(service, changes)
    loose = finished(service, changes, service.runs.start(RunRequest(key="jupyter-small")))
    service.incidents.open(OpenRequest(runbook="small-failure", rehearsal=True))
    day = service.incidents.incident(incident).opened_at[:10]
    done = service.evidence.export_period(day, day, tmp_path / "p.zip")
    assert service.evidence.verify_file(tmp_path / "p.zip").ok
    facts = facts_of(tmp_path / "p.zip")
    assert {row["id"] for row in facts["runs"]} == {run.id, loose.id}
    assert (done.counts["incidents"], done.counts["rehearsals"], done.counts["runs"]) == (2, 1, 2)
    indices = [line["index"] for line in facts["timeline"]]
    assert indices == list(range(len(indices)))
    for start, end, code in (
        ("2001-01-01", "2001-01-31", "NOTHING_RECORDED"),
        ("2026-12-01", "2026-11-01", "PERIOD_BACKWARDS"),
        ("2026-02-30", "2026-03-01", "NOT_A_DAY"),
    ):
        with pytest.raises(KeysError) as caught:
            service.evidence.export_period(start, end)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (VerifyRequest(), "WHICH_BUNDLE"),
        (VerifyRequest(path="x", data=""), "WHICH_BUNDLE"),
        (VerifyRequest(data="%"), "NOT_BASE64"),
        (VerifyRequest(path="no.zip"), "BUNDLE_UNREADABLE"),
    ],
)
def test_what_cannot_be_verified_is_said(service, request_, code):
    with pytest.raises(KeysError) as caught:
        service.evidence.verify(request_)
    assert caught.value.code == code


def test_a_bundle_outside_of_the_workspace_is_not_looked_at(service, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"x")
    with pytest.raises(KeysError):
        service.evidence.verify(VerifyRequest(path="../x.zip"))


# the command line --------------------------------------------------------------------------------


def keys(*arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*arguments])
    return code, out.getvalue()


def test_from_the_command_line(tmp_path, monkeypatch, workspace):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("KEYS_WORKSPACE", str(workspace))
    monkeypatch.chdir(workspace)
    assert keys("incident", "open", "stripe-webhook-failure")[0] == 0
    code, text = keys("evidence", "checkpoint", "--to", "ticket OPS-1")
    assert code == 0
    # As it is pasted into a file: without the end of its last line.
    (workspace / "held.txt").write_text(text.rstrip("\n"), "utf-8")
    (workspace / "note.md").write_text("seen")
    assert keys("evidence", "collect", "note.md", "--incident", "1", "--step", "safety-1")[0] == 0
    code, text = keys("evidence", "export", "1", "-o", "x.zip", "--json")
    reply = json.loads(text)
    assert (code, reply["path"], reply["at"]) == (0, "x.zip", 1)
    assert any(words.startswith("Webhook event analysis report") for words in reply["missing"])
    code, text = keys("evidence", "verify", "x.zip", "--against", "held.txt", "--json")
    assert (code, json.loads(text)["ok"]) == (0, True)
    (workspace / "later.txt").write_text(keys("evidence", "checkpoint")[1], "utf-8")
    code, text = keys("evidence", "verify", "x.zip", "--against", "later.txt")
    assert (code, "NOT PROVED" in text, "FAILS" in text) == (1, True, False)
    code, text = keys("evidence", "verify", "x.zip", "--against", "later.txt", "--json")
    assert (code, json.loads(text)["verdict"]) == (1, "not proved")
    data = bytearray((workspace / "x.zip").read_bytes())
    data[data.index(b"Webhook event analysis report")] ^= 1
    (workspace / "x.zip").write_bytes(data)
    code, text = keys("evidence", "verify", "x.zip", "--json")
    assert (code, json.loads(text)["checks"][0]["ok"]) == (5, False)
    assert keys("evidence", "export")[0] == 2
    assert keys("evidence", "verify", "no.zip")[0] == 2
    assert keys("evidence", "collect", "note.md")[0] == 2
    assert "Everything recorded" in keys("evidence", "checkpoint", "--status")[1]
    keys("incident", "step", "1", "safety-1", "done")
    assert "2 records were added" in keys("evidence", "checkpoint", "--status")[1]


# the server --------------------------------------------------------------------------------------


@pytest.fixture
def jp_server_config(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "server-data"))
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "IdentityProvider": {"token": "test-token"},
    }


async def test_through_the_server(jp_fetch):
    async def post(path, body):
        parts = ("keys-jupyter", *path.split("/"))
        reply = await jp_fetch(*parts, method="POST", body=json.dumps(body))
        return json.loads(reply.body)

    incident = (await post("incidents", {"runbook": "stripe-webhook-failure"}))["id"]
    done = await post(f"incidents/{incident}/bundle", {})
    assert (await post("evidence/verify", {"path": done["path"]}))["ok"]
    text = (await post("evidence/checkpoint", {"outlet": "ticket"}))["text"]
    state = json.loads((await jp_fetch("keys-jupyter", "evidence", "checkpoint")).body)
    assert (state["last_outlet"], state["last_size"]) == ("ticket", 2)
    again = await post("evidence/verify", {"path": done["path"], "against": text})
    assert [check["name"] for check in again["checks"] if not check["ok"]] == [
        "against the held checkpoint"
    ]
    assert (again["ok"], again["verdict"]) == (False, "not proved")
    day = state["last_at"][:10]
    period = await post("evidence/period", {"start": day, "end": day})
    assert period["counts"]["incidents"] == 1
    records = json.loads((await jp_fetch("keys-jupyter", "incidents", incident, "timeline")).body)
    assert records["records"][0]["data"]["compliance_relevance"] == ["SOC2", "PCI-DSS"]
