"""A marked secret goes into every text a person, a key or a file name can bring, and is in nothing that is kept or sent on.

Each place has a secret of its own, so that what leaks says where it came in. The fields are read off the models: one that
is new and not thought of here fails the test.
"""

import base64
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from keys_jupyter.cli import main
from keys_jupyter.errors import InputError, StateError
from keys_jupyter.model.bundle import CheckpointRequest
from keys_jupyter.model.evidence import ClearRequest, CollectRequest
from keys_jupyter.model.incident import Act, Actor, OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.model.working import AttachRequest, LinkRequest, RunAttachRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.store import Store
from tests.conftest import Changes
from tests.incident_books import RICH
from tests.packs import (
    PARAMETERS,
    RUNBOOK,
    code,
    key_files,
    make_library,
    notebook,
    runbook_files,
)
from tests.redaction_samples.grammar import make

LIBRARY = Path(__file__).parent.parent / "library"
KINDS = (
    "«sk_live_<w24>»",
    "«kx_live_<w32>»",
    'Bearer «eyJhbGciOiJIUzI1NiJ9.<j{"role":"service_role"}>.<s43>»',
)
# What names something that is there, is chosen from a list, or is a number.
CHOSEN = {
    OpenRequest: {"runbook", "rehearsal"},
    Act: {
        *("type", "step", "branch", "after", "confirmation", "run", "result", "timer", "minutes"),
        *("item", "key"),
    },
    LinkRequest: {"runbook", "step"},
    AttachRequest: {"step"},
    RunAttachRequest: {"run", "incident", "step"},
    CollectRequest: {"incident", "step"},
    ClearRequest: {"commitment"},
    CheckpointRequest: {"since"},
    RunRequest: {
        *("key", "version", "nulls", "kernel", "timeout", "cell_timeout", "incident", "step"),
        *("id", "mode", "secrets"),
    },
}


class Worked(NamedTuple):
    """One incident with a secret in every place."""

    c: Any
    service: Service
    base: Any
    incident: str
    runs: list


class Canaries:
    """Makes a secret for each place, and finds out which of them are still there."""

    def __init__(self):
        self.placed = {}
        self.fields = set()

    def at(self, *place, kind=None):
        """Return a text with a new secret in it, for a field of a model or for another place."""
        number = len(self.placed)
        text, secret = make(KINDS[number % 3 if kind is None else kind], 1000 + number)
        self.placed[" ".join(getattr(part, "__name__", part) for part in place)] = secret
        if not isinstance(place[0], str):
            self.fields.add(place[:2])
        return f"said {text} here"

    def name(self, *place):
        """Return one that may be a file's name."""
        return self.at(*place, kind=0).split()[1]

    def left_in(self, data):
        """Return the places whose secret stands in some bytes."""
        found = []
        for place, secret in self.placed.items():
            hidden = base64.b64encode(secret.encode())[:-4]
            if secret.encode() in data or secret[-20:-2].encode() in data or hidden in data:
                found.append(place)
        return found


def book(canaries):
    """Return a key that brings secrets in its outputs, results, files and the end it comes to."""
    result = {
        "name": "success_rate",
        "label": canaries.at("result label"),
        "value": canaries.at("result value"),
        "unit": canaries.at("result unit"),
        "expected": None,
        "ok": None,
    }
    data = {
        "application/vnd.keys.result+json": {"schema": "keys.result/1", "results": [result]},
        "text/plain": canaries.at("output"),
    }
    return notebook(
        code(PARAMETERS, tags=["parameters"], ident="p"),
        code(f"display({data!r}, raw=True)\nprint({canaries.at('stream')!r})", ident="r"),
        code(
            "import pathlib\n"
            f"pathlib.Path(output_dir, {canaries.name('artifact name') + '.txt'!r}).write_text("
            f"{canaries.at('artifact')!r})",
            ident="a",
        ),
        code(f"raise ValueError({canaries.at('exception')!r})", ident="e"),
    )


def acts(service, incident, c):
    """Do everything that can be said in an incident."""

    def act(kind, *names, **known):
        short = ("name", "to")
        words = {name: c.at(Act, name, kind, kind=1 if name in short else None) for name in names}
        service.incidents.act(incident, Act(type=kind, **words, **known))

    act("step.focus", "text", step="diagnosis-1")
    act("step.note", "text", step="diagnosis-1")
    act("step.failed", "text", step="safety-1")
    act("step.undone", "text", step="safety-1")
    act("step.skipped", "text", step="safety-1")
    act("step.done", "text", step="safety-2")
    act("branch.taken", "text", step="diagnosis-1", branch=0)
    act("timer.started", "text", minutes=5)
    name = service.incidents.incident(incident).timers[-1].id
    act("timer.postponed", "text", timer=name, minutes=5)
    act("timer.stopped", "text", timer=name)
    act("timer.started", "text", minutes=5)
    act("escalation.raised", "text", timer=service.incidents.incident(incident).timers[-1].id)
    item = service.incidents.incident(incident).items[0].id
    act("item.ticked", "text", item=item)
    act("item.unticked", "text", item=item)
    act("analysis.added", "text", "name", key="jupyter-small")
    act("incident.note", "text")
    act("incident.fact", "name", "text")
    act("incident.claimed", "to", "text")
    act("incident.handover", "to", "text")
    act("incident.closed", "root_cause", "resolution", "verification", "text")
    act("incident.reopened", "text")


def finished(service, changes, run):
    changes.until(lambda: service.runs.settled(run.id))
    return service.runs.run(run.id)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """Bring a secret in at every place there is."""
    c, changes = Canaries(), Changes()
    base = tmp_path_factory.mktemp("canary")
    workspace = base / "workspace"
    (workspace / "mine").mkdir(parents=True)
    (workspace / "mine/README.md").write_text(RICH + f"\n{c.at('own runbook')}\n")
    own = c.name("notebook name") + ".ipynb"
    book_ = book(c)
    (workspace / own).write_text(json.dumps(book_))
    library = make_library(base / "library", key_files(book=book_), runbook_files())
    actor = Actor(
        subject="ada",
        display=c.at("display name", kind=0),
        method="os",
        os_user="ada",
        host="desk",
        claimed_name=None,
    )
    service = Service(
        workspace,
        base / "keys-jupyter",
        [FolderLibrary(library, "embedded")],
        on_change=changes,
        actor=lambda: actor,
    )
    incident = service.incidents.open(
        OpenRequest(
            runbook="mine/README.md",
            claimed_name=c.at(OpenRequest, "claimed_name", kind=1),
            trigger=c.at(OpenRequest, "trigger"),
            symptoms=c.at(OpenRequest, "symptoms"),
            facts={c.at(OpenRequest, "facts", "name"): c.at(OpenRequest, "facts", "value")},
        )
    ).id
    given = {"note": c.at(RunRequest, "parameters")}
    asked = RunRequest(key="jupyter-small", incident=incident, step="diagnosis-1", parameters=given)
    runs = [finished(service, changes, service.runs.start(asked))]
    for key in ("jupyter-small", own):
        free = service.runs.start(RunRequest(key=key, parameters={"note": c.at(key, "note")}))
        runs.append(finished(service, changes, free))
        service.additions.attach_run(
            RunAttachRequest(run=free.id, incident=incident, step="diagnosis-2")
        )
    data = base64.b64encode(c.at(AttachRequest, "data").encode()).decode()
    name = f"{c.name(AttachRequest, 'name')}.txt"
    sent = AttachRequest(name=name, data=data, text=c.at(AttachRequest, "text"))
    service.additions.attach(incident, sent)
    path = f"{c.name(AttachRequest, 'path')}.log"
    (workspace / path).write_text(c.at("attached file"))
    service.additions.attach(incident, AttachRequest(path=path))
    saved = f"{c.name(CollectRequest, 'path')}.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": c.at("collected")}
    shown = code(f"# {c.at('source')}", ident="s") | {"outputs": [output], "execution_count": 1}
    (workspace / saved).write_text(json.dumps(notebook(shown)))
    service.collecting.collect(CollectRequest(path=saved, incident=incident, step="diagnosis-1"))
    acts(service, incident, c)
    link = LinkRequest(runbook="small-failure", step="diagnosis-1", text=c.at(LinkRequest, "text"))
    service.additions.link(incident, link)
    finding = service.reviewing.findings(incident).findings[0]
    why = ClearRequest(commitment=finding.commitment, reason=c.at(ClearRequest, "reason"))
    service.reviewing.clear(incident, why)
    service.checkpoints.leave(CheckpointRequest(outlet=c.at(CheckpointRequest, "outlet")))
    yield Worked(c, service, base, incident, runs)
    service.close()


def members(path):
    with zipfile.ZipFile(path) as whole:
        return {name: name.encode() + whole.read(name) for name in whole.namelist()}


def test_every_field_that_takes_words_was_given_a_secret(worked):
    c = worked.c
    for model, chosen in CHOSEN.items():
        free = set(model.model_fields) - chosen
        assert free == {name for of, name in c.fields if of is model}, model


def test_no_ledger_record_and_no_kept_byte_holds_a_secret(worked):
    c, base = worked.c, worked.base
    data = base / "keys-jupyter"
    kept = [path for path in data.rglob("*") if path.is_file()]
    ours = [path for path in kept if path.relative_to(data).parts[0] != "runs"]
    assert len(ours) > 20
    for path in ours:
        # The table of runs holds the path of a notebook, because it is found by it.
        found = set(c.left_in(path.name.encode() + path.read_bytes()))
        allowed = {"notebook name"} if path.name.startswith("store.sqlite") else set()
        assert found <= allowed, path
    with sqlite3.connect(data / "store.sqlite") as db:
        for body, kind in db.execute("SELECT body, type FROM ledger"):
            assert c.left_in(body) == [], kind


def test_the_measure_itself_can_fail(worked):
    """The private journal and the person's own files hold what came in; so the secrets did come in."""
    c, base = worked.c, worked.base
    there = b"".join(
        path.name.encode() + path.read_bytes()
        for folder in (base / "keys-jupyter/runs", base / "workspace")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".zip"
    )
    assert {"exception", "stream", "own runbook", "attached file", "collected"} <= set(
        c.left_in(there)
    )


def test_no_bundle_and_no_report_holds_a_secret(worked, tmp_path):
    c, service, incident = worked.c, worked.service, worked.incident
    one = service.evidence.export(incident, target=tmp_path / "one.zip")
    day = service.incidents.timeline(incident).records[0].at[:10]
    service.evidence.export_period(day, day, tmp_path / "period.zip")
    for name in ("one.zip", "period.zip"):
        held = members(tmp_path / name)
        assert any(path.endswith("report.html") for path in held)
        for path, data in held.items():
            assert c.left_in(data) == [], (name, path)
        result = service.evidence.verify_file(tmp_path / name)
        assert result.ok, [check for check in result.checks if not check.ok]
    again = service.evidence.export(incident, one.at, tmp_path / "again.zip")
    assert again.sha256 == one.sha256


def test_nothing_that_is_shown_of_an_incident_holds_a_secret(worked):
    c, service, incident = worked.c, worked.service, worked.incident
    replies = [
        service.incidents.incident(incident),
        service.incidents.all(),
        service.incidents.timeline(incident),
        service.incidents.evidence(incident),
        service.incidents.pinned_runbook(incident),
        service.assistance.checklist(incident),
        service.assistance.prefill(incident, "diagnosis-1", "jupyter-small"),
        service.reviewing.findings(incident),
        service.checkpoints.state(),
    ]
    for reply in replies:
        assert c.left_in(reply.model_dump_json().encode()) == [], type(reply)
    # Which notebook ran is told as its path.
    shown = service.runs.all().model_dump_json().encode()
    assert set(c.left_in(shown)) <= {"notebook name"}


def test_a_record_says_which_rule_took_something_out_and_the_words_stay_readable(worked):
    service, incident = worked.service, worked.incident
    records = service.incidents.timeline(incident).records
    note = next(one.data for one in records if one.type == "incident.note")
    assert note["text"].startswith("said ") and note["text"].endswith(" here")
    assert "[redacted " in note["text"]
    (found,) = [one for one in note["redacted"]["redactions"] if one["place"] == "/data/text"]
    assert found["rule"] in note["text"] and found["commitment"][:4] in note["text"]
    assert set(note["redacted"]) == {"rules", "redactions", "original_commitment"}
    ended = next(one.data for one in records if one.type == "run.ended")
    assert ended["reason"].startswith("Cell 5 raised ValueError: said ")
    rules = {one.rule for one in service.reviewing.findings(incident).findings}
    assert {"stripe-secret-key", "keys-api-key"} & rules or len(rules) >= 3


def test_a_value_that_was_taken_out_is_asked_for_again_and_never_run_as_its_marker(worked):
    service, runs = worked.service, worked.runs
    assert "[redacted " in runs[0].parameters["note"]
    assert service.runs.secret_names(runs[0].id) == ["note"]
    again = service.runs.again(runs[0].id)
    assert "note" not in again.parameters
    with pytest.raises(InputError) as caught:
        service.runs.start(
            RunRequest(key="jupyter-small", parameters={"note": runs[0].parameters["note"]})
        )
    assert caught.value.code == "VALUE_REDACTED"


def test_the_command_line_brings_no_secret_either(worked, capsys, monkeypatch):
    c, base, incident = worked.c, worked.base, worked.incident
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(base))
    monkeypatch.setenv("KEYS_WORKSPACE", str(base / "workspace"))
    words = c.at("command line")
    assert main(["incident", "note", incident, words]) == 0
    capsys.readouterr()
    with sqlite3.connect(base / "keys-jupyter/store.sqlite") as db:
        bodies = [row[0] for row in db.execute("SELECT body FROM ledger ORDER BY idx")]
    assert b"command" not in bodies[-1] and b"[redacted " in bodies[-1]
    assert c.left_in(b"".join(bodies)) == []


@pytest.mark.parametrize(
    "path", sorted(LIBRARY.glob("runbook-keys/*/README.md")), ids=lambda p: p.parent.name
)
def test_the_runbooks_of_the_library_are_pinned_as_they_are(path, service):
    source = path.read_bytes()
    assert service._store.text("0f" * 16, path.name, source) == source


def test_what_is_compared_with_what_is_typed_is_compared_before_it_is_redacted(
    workspace, tmp_path, changes
):
    """The words to type hold what looks like a secret; who types them exactly is let through, and they are not recorded."""
    text, secret = make("Delete «sk_live_<w24>»", 77)
    title = "### Action 1: Raise the timeout\n\n**REVERSIBLE**"
    assert title in RUNBOOK
    words = RUNBOOK.replace(title, f"### Action 1: {text}\n\n**IRREVERSIBLE**")
    library = make_library(tmp_path / "other", key_files(), runbook_files(text=words))
    service = Service(
        workspace, tmp_path / "data", [FolderLibrary(library, "embedded")], on_change=changes
    )
    try:
        opened = service.incidents.open(OpenRequest(runbook="small-failure"))
        step = next(one for one in opened.steps if one.confirmation)
        assert secret not in opened.model_dump_json()
        wrong = Act(type="step.done", step=step.id, confirmation="something else")
        with pytest.raises(StateError) as caught:
            service.incidents.act(opened.id, wrong)
        assert caught.value.code == "CONFIRMATION_WRONG"
        right = Act(type="step.done", step=step.id, confirmation=step.confirmation)
        done = service.incidents.act(opened.id, right)
        assert next(one for one in done.steps if one.id == step.id).state == "done"
    finally:
        service.close()


def test_records_from_before_are_read_and_exported_as_they_are(service, tmp_path):
    """A ledger written by a version that did not redact words stays as it is; its bundle holds, since nothing is rewritten."""
    incident = service.incidents.open(OpenRequest(runbook="small-failure")).id
    _, secret = make("«sk_live_<w24>»", 78)
    plain = Store(tmp_path / "data")
    last = service.incidents.timeline(incident).records[-1]
    old = {
        "incident": incident,
        "at": last.at,
        "monotonic": last.monotonic,
        "actor": last.actor.model_dump(mode="json"),
        "type": "incident.note",
        "step": None,
        "data": {"text": f"old {secret}"},
    }
    plain.append(incident, lambda seq, index: {**old, "seq": seq, "index": index})
    plain.close()
    assert service.incidents.incident(incident).notes[-1].text == f"old {secret}"
    service.incidents.act(incident, Act(type="incident.note", text="new"))
    service.evidence.export(incident, target=tmp_path / "old.zip")
    assert service.evidence.verify_file(tmp_path / "old.zip").ok
