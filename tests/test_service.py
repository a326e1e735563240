import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from keys_jupyter.errors import InputError, IntegrityError, NotAvailable, SurroundingsError
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.model.parameters import CellPreviewRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.model.wire import ContextRequest
from keys_jupyter.runner.identity import alive, this_process
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import add_pack, code, key_files, make_library, notebook, small_notebook


def finished(service, changes, run):
    changes.until(lambda: service.runs.settled(run.id))
    return service.runs.run(run.id)


def test_catalog_lists_both_kinds_with_what_a_person_needs(service):
    rows = {row.slug: row for row in service.catalogue.catalog().keys}
    assert set(rows) == {"jupyter-small", "small-failure"}
    assert (rows["small-failure"].severity, rows["small-failure"].kind) == ("p1", "runbook")
    assert (rows["jupyter-small"].maturity, rows["jupyter-small"].installed) == ("operator", [])
    detail = service.catalogue.detail("jupyter-small")
    assert [r.slug for r in detail.referenced_by] == ["small-failure"]
    assert service.catalogue.catalog().problems == []


def test_install_is_what_was_verified_and_again_changes_nothing(service, workspace, library):
    done = service.installs.install("jupyter-small")
    zip_path = library / "packs/jupyter-small/1.0.0/pack.zip"
    assert done.sha256 == hashlib.sha256(zip_path.read_bytes()).hexdigest()
    assert done.verified
    folder = workspace / "keys/jupyter-small/1.0.0"
    assert (folder / "sample/data.csv").read_text() == "a\n1\n2\n"
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    assert service.installs.install("jupyter-small") == done
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    assert [p.name for p in (workspace / "keys").iterdir()] == ["jupyter-small"]


def test_an_edited_file_is_reported_and_never_overwritten(service, workspace):
    service.installs.install("jupyter-small")
    mine = workspace / "keys/jupyter-small/1.0.0/README.md"
    mine.write_text("mine")
    assert service.installs.installed().installed[0].edited == ["README.md"]
    with pytest.raises(IntegrityError) as caught:
        service.installs.install("jupyter-small")
    assert caught.value.code == "INSTALLED_DIFFERS"
    assert mine.read_text() == "mine"


def test_whole_path_under_an_incident(service, changes, workspace):
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    assert incident.focus == "safety-1"
    (workspace / "log.csv").write_text("a\n1\n2\n3\n4\n")
    run = service.runs.start(
        RunRequest(
            key="jupyter-small",
            parameters={"input_csv": "log.csv", "limit": 7},
            incident=incident.id,
            step="diagnosis-1",
        )
    )
    run = finished(service, changes, run)
    assert run.state.value == "SUCCEEDED", run
    assert [cell.state.value for cell in run.cells] == ["ok"] * 4
    assert run.parameters == {"input_csv": "log.csv", "limit": 7, "output_dir": "artifacts"}
    assert run.inputs[0].sha256 == hashlib.sha256(b"a\n1\n2\n3\n4\n").hexdigest()
    assert [(r.name, r.value) for r in run.results] == [
        ("success_rate", 91.3),
        ("timeout_errors", 0),
    ]
    assert [a.path for a in run.artifacts] == ["artifacts/report.md"]
    folder = workspace / run.folder
    assert (folder / "artifacts/report.md").read_text() == "# 5 rows"
    assert "5 rows, 7" in service.runs.output(run.id).text

    state = service.incidents.incident(incident.id)
    step = next(s for s in state.steps if s.id == "diagnosis-1")
    assert [(b.true, b.suggested) for b in step.branches] == [(True, True), (False, False)]
    assert "91.3" in step.branches[0].reason
    assert step.runs == [run.id]
    items = service.incidents.evidence(incident.id).evidence
    assert {i.kind for i in items} == {"output", "results", "notebook", "artifact"}
    assert all(i.step == "diagnosis-1" for i in items)
    report = next(i for i in items if i.kind == "artifact")
    assert report.sha256 == hashlib.sha256(b"# 5 rows").hexdigest()
    stdout = next(i for i in items if "stdout" in i.name)
    assert stdout.sha256 == hashlib.sha256(b"5 rows, 7\n").hexdigest()


def test_notebook_of_a_run_is_bound_and_keeps_its_step_when_moved_or_copied(
    service, changes, workspace
):
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    run = service.runs.start(
        RunRequest(key="jupyter-small", incident=incident.id, step="diagnosis-1")
    )
    run = finished(service, changes, run)
    path = workspace / run.notebook
    binding = json.loads(path.read_text())["metadata"]["keys_jupyter"]
    assert (binding["run"], binding["incident"], binding["step"]) == (
        run.id,
        incident.id,
        "diagnosis-1",
    )
    assert path.parent == workspace / run.folder

    found = service.placing.context(ContextRequest(path=run.notebook))
    assert (found.run.id, found.step.title, found.section) == (run.id, "Analyze", "Diagnosis Flow")
    assert found.step.keys[0].questions == ["How many rows?"]
    assert len(found.evidence) == len(service.incidents.evidence(incident.id).evidence)

    moved = path.with_name("renamed.ipynb")
    path.rename(moved)
    name = moved.relative_to(workspace).as_posix()
    assert service.placing.context(ContextRequest(path=name, run=run.id)).run.id == run.id
    second = moved.with_name("second.ipynb")
    second.write_bytes(moved.read_bytes())
    other = second.relative_to(workspace).as_posix()
    copy = service.placing.context(ContextRequest(path=other, run=run.id))
    assert (copy.run, copy.copy_of) == (None, run.id)
    path.write_bytes(moved.read_bytes())
    copy = service.placing.context(ContextRequest(path=name, run=run.id))
    assert (copy.run, copy.copy_of, copy.step.title) == (None, run.id, "Analyze")
    assert service.placing.context(ContextRequest(path="other.ipynb")).step is None


def test_every_act_is_a_record_with_its_leaf_and_the_state_is_their_fold(service):
    incident = service.incidents.open(OpenRequest(runbook="small-failure", rehearsal=True))
    after = service.incidents.act(incident.id, Act(type="step.done", step="safety-1"))
    assert after.focus == "diagnosis-1"
    after = service.incidents.act(
        incident.id, Act(type="branch.taken", step="diagnosis-1", branch=1)
    )
    assert after.focus == "action-1"
    assert next(s for s in after.steps if s.id == "diagnosis-1").branches[1].taken
    after = service.incidents.act(
        incident.id, Act(type="step.note", step="action-1", text="waiting")
    )
    records = service.incidents.timeline(incident.id).records
    assert [r.type for r in records] == [
        "incident.opened",
        "step.done",
        "branch.taken",
        "step.note",
    ]
    assert [r.seq for r in records] == [0, 1, 2, 3]
    for record in records:
        body = record.model_dump(mode="json", exclude={"leaf", "text"})
        body["incident"] = incident.id
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(b"\x00" + text.encode()).hexdigest() == record.leaf
    assert after.rehearsal
    assert after.n == 3


def test_incident_keeps_the_runbook_it_began_with(service, library):
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    from tests.packs import RUNBOOK, runbook_files

    make_library(
        library,
        key_files(),
        runbook_files(version="2.0.0", text=RUNBOOK.replace("Look first", "Other")),
    )
    assert service.runbooks.runbook("small-failure").version == "2.0.0"
    assert service.incidents.incident(incident.id).steps[0].title == "Look first"
    assert service.incidents.pinned_runbook(incident.id).version == "1.0.0"


def test_skip_without_a_reason_is_refused_and_not_recorded(service):
    incident = service.incidents.open(OpenRequest(runbook="small-failure"))
    for act, code_ in (
        (Act(type="step.skipped", step="safety-1"), "TEXT_MISSING"),
        (Act(type="step.done", step="safety-9"), "UNKNOWN_STEP"),
        (Act(type="branch.taken", step="diagnosis-1", branch=2), "UNKNOWN_BRANCH"),
    ):
        with pytest.raises(Exception) as caught:
            service.incidents.act(incident.id, act)
        assert caught.value.code == code_
    assert len(service.incidents.timeline(incident.id).records) == 1


def test_failing_cell_leaves_later_cells_never_ran(service, changes, library):
    make_library(library, key_files(book=small_notebook(code("1/0", ident="x"))))
    run = finished(service, changes, service.runs.start(RunRequest(key="jupyter-small")))
    assert run.state.value == "CELL_ERROR"
    assert [c.state.value for c in run.cells] == ["ok", "ok", "ok", "failed", "never_ran"]
    assert run.cells[3].error.name == "ZeroDivisionError"
    assert run.results == []


def test_cancel_ends_the_run_and_its_kernel(service, changes, library):
    book = notebook(code("import os, time; print(os.getpid(), flush=True); time.sleep(600)"))
    make_library(library, key_files(book=book, parameters={}))
    run = service.runs.start(RunRequest(key="jupyter-small"))
    changes.until(lambda: service.runs.output(run.id).text.strip().isdigit())
    kernel = int(service.runs.output(run.id).text)
    service.runs.cancel(run.id)
    run = finished(service, changes, run)
    assert run.state.value == "CANCELLED"
    assert run.cells[0].state.value == "cancelled"
    psutil.wait_procs([psutil.Process(kernel)] if psutil.pid_exists(kernel) else [], timeout=5)
    assert not psutil.pid_exists(kernel)


def test_same_request_id_is_one_run(service, changes):
    request = RunRequest(key="jupyter-small", id="a" * 32)
    first, second = service.runs.start(request), service.runs.start(request)
    assert first.id == second.id == "a" * 32
    finished(service, changes, first)
    assert len(service.runs.all().runs) == 1


def test_parameters_and_preview_agree_with_what_is_injected(service, changes, workspace):
    reply = service.runs.parameters("jupyter-small")
    assert [(p.name, p.type) for p in reply.parameters][:3] == [
        ("input_csv", "str"),
        ("limit", "int"),
        ("mode", 'Literal["fast", "slow"]'),
    ] or reply.parameters[2].choices == ["fast", "slow"]
    assert reply.parameters[0].file
    cell = service.runs.preview_cell(
        "jupyter-small", CellPreviewRequest(values={"limit": 9, "note": "a'b"})
    )
    assert "limit = 9" in cell.source
    run = service.runs.start(
        RunRequest(key="jupyter-small", parameters={"limit": 9, "note": "a'b"})
    )
    run = finished(service, changes, run)
    book = json.loads((workspace / run.notebook).read_text())
    injected = [c for c in book["cells"] if "injected-parameters" in c["metadata"].get("tags", [])]
    assert len(injected) == 1
    source = "".join(injected[0]["source"])
    assert "limit = 9" in source
    assert run.id[:8] in source


@pytest.mark.parametrize(
    ("values", "code_", "said"),
    [
        ({"inputcsv": "x"}, "UNKNOWN_PARAMETER", "input_csv"),
        ({"limit": "95 %"}, "WRONG_TYPE", "95 %"),
        ({"mode": "fastest"}, "NOT_A_CHOICE", "fast"),
        ({"input_csv": "missing.csv"}, "FILE_MISSING", "missing.csv"),
    ],
)
def test_wrong_values_are_one_clear_error_and_nothing_is_made(
    service, workspace, values, code_, said
):
    with pytest.raises(InputError) as caught:
        service.runs.start(RunRequest(key="jupyter-small", parameters=values))
    assert caught.value.code == code_
    assert said in str(caught.value)
    assert service.runs.all().runs == []
    assert not (workspace / "key-runs").exists()


def test_notebook_without_a_parameters_cell_runs_as_it_is(service, changes, library):
    make_library(library, key_files(book=notebook(code("print(40 + 2)"))))
    reply = service.runs.parameters("jupyter-small")
    assert (reply.has_cell, reply.parameters) == (False, [])
    with pytest.raises(InputError):
        service.runs.start(RunRequest(key="jupyter-small", parameters={"x": 1}))
    run = finished(service, changes, service.runs.start(RunRequest(key="jupyter-small")))
    assert run.state.value == "SUCCEEDED"
    assert service.runs.output(run.id).text.strip() == "42"


def test_unknown_names_say_what_is_near(service):
    with pytest.raises(NotAvailable) as caught:
        service.installs.install("jupyter-smal")
    assert caught.value.code == "UNKNOWN_KEY"
    assert "jupyter-small" in caught.value.hint
    with pytest.raises(NotAvailable) as caught:
        service.installs.install("jupyter-small", "9.9.9")
    assert caught.value.code == "UNKNOWN_VERSION"
    assert "1.0.0" in caught.value.hint


def test_wrong_digest_is_refused_and_changes_nothing(service, workspace, library):
    path = library / "packs/jupyter-small/1.0.0/pack.zip"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(IntegrityError) as caught:
        service.installs.install("jupyter-small")
    assert caught.value.code == "DIGEST_MISMATCH"
    assert not (workspace / "keys" / "jupyter-small").exists()


def test_other_bytes_under_an_installed_version_are_refused(service, library):
    service.installs.install("jupyter-small")
    row = add_pack(library, key_files(description="changed"))
    (library / "library.json").write_text(json.dumps({"version": "1", "packs": [row]}))
    with pytest.raises(IntegrityError) as caught:
        service.installs.install("jupyter-small")
    assert caught.value.code == "PIN_MISMATCH"


@pytest.mark.parametrize(
    ("damage", "code_"),
    [
        (lambda p: p.unlink(), "LIBRARY_MISSING"),
        (lambda p: p.write_text("{"), "LIBRARY_TORN"),
        (lambda p: p.write_text("[" * 100_000), "LIBRARY_TORN"),
        (lambda p: p.write_text('{"version": "1", "packs": [{"slug": "../x"}]}'), "DAMAGED_ENTRY"),
    ],
)
def test_torn_library_is_said_and_what_is_installed_still_works(
    service, changes, library, damage, code_
):
    service.installs.install("jupyter-small")
    damage(library / "library.json")
    found = service.catalogue.catalog()
    assert [problem.code for problem in found.problems] == [code_]
    assert found.problems[0].hint
    assert [(row.slug, row.title, row.source) for row in found.keys] == [
        ("jupyter-small", "Small Key", "installed")
    ]
    run = finished(service, changes, service.runs.start(RunRequest(key="jupyter-small")))
    assert run.state.value == "SUCCEEDED"


def test_index_that_names_a_file_outside_itself_is_refused(service, library):
    index = json.loads((library / "library.json").read_text())
    index["packs"][0]["assets"]["zip"] = "../secret.zip"
    (library / "library.json").write_text(json.dumps(index))
    with pytest.raises(IntegrityError) as caught:
        service.installs.install(index["packs"][0]["slug"])
    assert caught.value.code == "CATALOG_INVALID"


def test_kernel_that_does_not_start_is_said(service, changes):
    run = service.runs.start(RunRequest(key="jupyter-small", kernel="no-such-kernel"))
    run = finished(service, changes, run)
    assert run.state.value == "START_FAILED"
    assert "no-such-kernel" in run.reason
    assert {c.state.value for c in run.cells} == {"never_ran"}


def test_read_only_workspace_is_one_clear_error(open_path, library):
    code_ = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from keys_jupyter.errors import KeysError
        from keys_jupyter.service import Service
        from keys_jupyter.sources.library import FolderLibrary
        root, data, library, warm = map(Path, sys.argv[1:])
        # Everything is imported while it still can be: the account below may not read this interpreter.
        service = Service(warm, warm, [FolderLibrary(library, "embedded")])
        service.status(); service.installs.install("jupyter-small"); service.close()
        if os.geteuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        service = Service(root, data, [FolderLibrary(library, "embedded")])
        print(service.status().writable)
        try:
            service.installs.install("jupyter-small")
        except KeysError as error:
            print(error.code)
        service.close()
        """
    )
    root, data, warm = open_path / "ro", open_path / "open", open_path / "warm"
    for folder in (root, data, warm):
        folder.mkdir()
    data.chmod(0o777)
    root.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code_, str(root), str(data), str(library), str(warm)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.stdout.split() == ["False", "WORKSPACE_READ_ONLY"], done.stderr[-800:]
    assert list(root.iterdir()) == []


def test_links_that_lead_out_are_refused(service, workspace, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (workspace / "keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError) as caught:
        service.installs.install("jupyter-small")
    assert caught.value.code == "TARGET_IS_LINK"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    with pytest.raises(InputError) as caught:
        service.runs.parameters("../x.ipynb")
    assert caught.value.code == "OUTSIDE_WORKSPACE"


def test_workspace_that_is_no_folder(tmp_path, library):
    with pytest.raises(SurroundingsError) as caught:
        Service(tmp_path / "nowhere", tmp_path / "data", [FolderLibrary(library, "embedded")])
    assert caught.value.code == "WORKSPACE_MISSING"


def test_plain_notebook_of_the_workspace_runs_too(service, changes, workspace):
    (workspace / "mine.ipynb").write_text(
        json.dumps(
            notebook(
                code("n: int = 1", tags=["parameters"], ident="a"), code("print(n * 2)", ident="b")
            )
        )
    )
    assert [p.name for p in service.runs.parameters("mine.ipynb").parameters] == ["n"]
    run = service.runs.start(RunRequest(key="mine.ipynb", parameters={"n": 21}))
    run = finished(service, changes, run)
    assert run.state.value == "SUCCEEDED"
    assert service.runs.output(run.id).text.strip() == "42"


KILLED = """
import sys, time
from pathlib import Path
from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
root, data, library = map(Path, sys.argv[1:])
service = Service(root, data, [FolderLibrary(library, "embedded")])
incident = service.incidents.open(OpenRequest(runbook="small-failure"))
run = service.runs.start(RunRequest(key="jupyter-small", incident=incident.id, step="diagnosis-1"))
while not service.runs.output(run.id).text.strip().isdigit():
    if service.runs.settled(run.id):
        sys.exit(service.runs.run(run.id).reason)
    time.sleep(0.05)
print(run.id, incident.id, service.runs.output(run.id).text.strip(), flush=True)
time.sleep(600)
"""


def test_killed_server_leaves_no_kernel_and_the_next_one_closes_its_run(
    tmp_path, library, workspace, changes
):
    from tests.packs import runbook_files

    book = notebook(
        code("import os, time; print(os.getpid(), flush=True)", ident="a"),
        code("time.sleep(600)", ident="b"),
        code("1", ident="c"),
    )
    make_library(library, key_files(book=book, parameters={}), runbook_files())
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(workspace), str(tmp_path / "data"), str(library)],
        stdout=subprocess.PIPE,
        text=True,
    )
    run_id, incident_id, kernel = process.stdout.readline().split()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    if psutil.pid_exists(int(kernel)):
        psutil.wait_procs([psutil.Process(int(kernel))], timeout=10)
    assert not psutil.pid_exists(int(kernel)) or psutil.Process(int(kernel)).status() == "zombie"

    service = Service(
        workspace, tmp_path / "data", [FolderLibrary(library, "embedded")], on_change=changes
    )
    try:
        changes.until(lambda: service.runs.settled(run_id))
        run = service.runs.run(run_id)
        assert run.state.value in ("INTERRUPTED", "CANCELLED")
        first, _, third = (c.state.value for c in run.cells)
        assert (first, third) == ("ok", "never_ran")
        types = [r.type for r in service.incidents.timeline(incident_id).records]
        assert types[:3] == ["incident.opened", "run.requested", "run.ended"]
        assert "evidence.kept" in types
    finally:
        service.close()
    again = Service(workspace, tmp_path / "data", [FolderLibrary(library, "embedded")])
    try:
        assert [r.type for r in again.incidents.timeline(incident_id).records] == types
    finally:
        again.close()


def test_owner_names_a_process_and_not_only_a_number():
    me = this_process()
    assert alive(me)
    boot, pid, started = me.rsplit(":", 2)
    assert not alive(f"{boot}:{pid}:{int(started) + 1}")
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert not alive(f"{boot}:{child.pid}:1")


def test_large_sample_stays_where_it_is_installed_and_is_still_found(
    service, changes, workspace, library
):
    files = key_files()
    numbers = random.Random(1)
    files["sample/data.csv"] = "a\n" + "".join(
        f"{numbers.getrandbits(64):016x}\n" for _ in range(650_000)
    )
    make_library(library, files)
    run = finished(service, changes, service.runs.start(RunRequest(key="jupyter-small")))
    assert run.state.value == "SUCCEEDED"
    assert "650001 rows" in service.runs.output(run.id).text
    assert not (workspace / run.folder / "sample/data.csv").exists()
    assert (workspace / run.folder / "README.md").is_file()
    assert run.parameters["output_dir"] == "artifacts"
