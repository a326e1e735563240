"""Whether a runbook could be worked now, looked at the way it will be needed."""

import json

import pytest

from keys_jupyter.model.marketplace import Session
from keys_jupyter.service import Service
from keys_jupyter.service.keys.readiness import Readying
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import RUNBOOK, code, key_files, make_library, notebook, runbook_files


def failing(found):
    return [(check.key, check.name) for check in found.checks if check.looked and not check.ok]


def test_a_runbook_is_ready_once_its_keys_are_installed(service):
    before = service.readying.ready("small-failure")
    assert not before.ready
    assert failing(before) == [("jupyter-small", "installed")]
    assert "jupyter keys install jupyter-small" in before.checks[3].hint
    service.installs.install("jupyter-small")
    after = service.readying.ready("small-failure")
    assert after.ready, failing(after)
    assert {check.name for check in after.checks} == {
        "steps",
        "runbooks",
        "entitled",
        "installed",
        "parameters",
        "kernel",
        "requirements",
    }


def test_looking_installs_and_records_nothing(service, workspace):
    service.readying.ready("small-failure")
    assert service.installs.installed().installed == []
    assert not any((workspace / "keys").rglob("key.json"))


def test_an_edited_file_is_not_clean(service, workspace):
    service.installs.install("jupyter-small")
    (workspace / "keys/jupyter-small/1.0.0/README.md").write_text("mine")
    found = service.readying.ready("small-failure")
    assert failing(found) == [("jupyter-small", "unchanged")]
    assert "README.md" in next(one for one in found.checks if one.name == "unchanged").message


def test_a_missing_requirement_is_named(service, library):
    files = key_files()
    files["requirements.txt"] = "nothing-like-this>=1\nipykernel\n"
    make_library(library, files, runbook_files())
    service.installs.install("jupyter-small")
    found = service.readying.ready("small-failure")
    assert failing(found) == [("jupyter-small", "requirements")]
    said = next(one for one in found.checks if one.name == "requirements").message
    assert "nothing-like-this>=1" in said
    assert "ipykernel" not in said


def test_a_kernel_that_is_not_here_is_said(service, library):
    book = notebook(code("x: int = 1", tags=["parameters"]))
    book["metadata"]["kernelspec"]["name"] = "python-of-the-future"
    make_library(library, key_files(book=book, parameters={}), runbook_files())
    service.installs.install("jupyter-small")
    assert failing(service.readying.ready("small-failure")) == [("jupyter-small", "kernel")]


def test_a_parameters_cell_that_cannot_be_read_is_said(service, library):
    book = notebook(code("x: int = (", tags=["parameters"]))
    make_library(library, key_files(book=book, parameters={}), runbook_files())
    service.installs.install("jupyter-small")
    assert ("jupyter-small", "parameters") in failing(service.readying.ready("small-failure"))


def test_keys_and_runbooks_that_are_nowhere_are_said(service, library):
    text = RUNBOOK.replace("`jupyter-small`\n- **Input**", "`node-queue-drain`\n- **Input**")
    text = text.replace(
        "- **If Timeout Errors**: See Action 1",
        "- **If Timeout Errors**: See: Other Runbook (`other-failure`)",
    )
    make_library(library, key_files(), runbook_files(text=text))
    found = service.readying.ready("small-failure")
    assert failing(found) == [(None, "runbooks"), ("node-queue-drain", "entitled")]
    assert "other-failure" in found.checks[1].message


def test_a_text_without_steps_cannot_be_worked(service, workspace):
    (workspace / "runbooks").mkdir()
    (workspace / "runbooks/empty.md").write_text("# Empty\n\nNothing.\n")
    assert failing(service.readying.ready("empty")) == [(None, "steps")]


class Market:
    """A marketplace that says one thing of us."""

    name = "keys.example.com"

    def __init__(self, state, ends=None):
        self.said = Session(state=state, marketplace="https://keys.example.com", expires_at=ends)

    def session(self):
        return self.said


def readying(service, market):
    return Readying(
        service.runbooks,
        service.catalogue,
        service.installs,
        service.runs.parameters,
        service.requirements.of,
        market,
    )


@pytest.mark.parametrize(
    ("market", "wanted"),
    [
        (Market("valid"), []),
        (Market("valid", "2999-01-01T00:00:00.000Z"), []),
        (Market("valid", "2999-01-01T00:00:00"), []),
        (Market("valid", "2020-01-01T00:00:00.000Z"), [(None, "sign-in")]),
        (Market("invalid"), [(None, "sign-in")]),
        (Market("signed_out"), [(None, "sign-in")]),
        (Market("unreachable"), []),
    ],
    ids=lambda value: value.said.state if isinstance(value, Market) else "",
)
def test_a_sign_in_that_does_not_hold_is_said_for_keys_that_need_one(
    tmp_path, workspace, library, market, wanted
):
    remote = Service(workspace, tmp_path / "data2", [FolderLibrary(library, "keys.example.com")])
    try:
        remote.installs.install("jupyter-small")
        found = readying(remote, market).ready("small-failure")
        assert failing(found) == wanted
        assert found.ready is (not wanted)
        last = found.checks[-1]
        assert (last.name, last.looked) == ("sign-in", market.said.state != "unreachable")
    finally:
        remote.close()


def test_keys_at_hand_need_no_sign_in(service):
    service.installs.install("jupyter-small")
    assert readying(service, Market("signed_out")).ready("small-failure").ready


def test_it_is_one_json_document(service):
    found = service.readying.ready("small-failure")
    assert set(json.loads(found.model_dump_json())) == {
        "runbook",
        "title",
        "version",
        "ready",
        "checks",
    }
