"""A new key and a new runbook: they validate, build, run, and never overwrite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keys_jupyter.authoring.build import build
from keys_jupyter.authoring.scaffold import new_key, new_runbook
from keys_jupyter.authoring.validate import validate
from keys_jupyter.cli import main
from keys_jupyter.errors import InputError
from keys_jupyter.runbook import parse

TYPES = ["incident", "failure-mode", "decision", "recovery"]
SECTIONS = [
    "scope",
    "when",
    "when-not",
    "safety",
    "diagnosis",
    "action",
    "verification",
    "rollback",
    "evidence",
    "follow-ups",
]


@pytest.fixture
def library(tmp_path):
    new_key("jupyter-order-analysis", tmp_path)
    for name in TYPES:
        new_runbook(f"order-{name}", tmp_path, key_type=name)
    return tmp_path


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_everything_new_validates_and_builds(library, tmp_path):
    report = validate(library)
    assert report.ok
    assert report.problems == []
    index = build(library, tmp_path / "built")
    assert [row["slug"] for row in index.packs] == [
        "jupyter-order-analysis",
        "order-decision",
        "order-failure-mode",
        "order-incident",
        "order-recovery",
    ]


def test_no_template_word_is_left(library):
    for path in library.rglob("*.*"):
        if path.is_file():
            assert "{{" not in path.read_text("utf-8"), path


def test_the_files_are_those_of_a_key(tmp_path):
    made = new_key("jupyter-order-analysis", tmp_path)
    assert made == tmp_path / "jupyter-keys" / "jupyter-order-analysis"
    assert {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()} == {
        "key.json",
        "README.md",
        "CHANGELOG.md",
        "LICENSE.txt",
        "requirements.txt",
        "sample/events.csv",
        "notebooks/order-analysis.ipynb",
    }


@pytest.mark.parametrize("name", TYPES)
def test_a_runbook_has_the_ten_sections_and_a_hidden_list_of_analyses(tmp_path, name):
    made = new_runbook("some-failure", tmp_path, key_type=name)
    text = (made / "README.md").read_text("utf-8")
    book = parse(text)
    assert [section.name for section in book.sections] == SECTIONS
    assert not [key for section in book.sections for step in section.steps for key in step.keys]
    assert f"Runbooks of type {name} usually call" in text
    assert json.loads((made / "pack.json").read_text("utf-8"))["key_type"] == [name]


def test_a_library_s_own_folder_of_keys_may_be_named(tmp_path):
    assert new_key("jupyter-one", tmp_path / "jupyter-keys").parent == tmp_path / "jupyter-keys"


def test_the_notebook_runs_where_it_lies_and_gives_its_results(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    made = new_key("jupyter-order-analysis", tmp_path)
    place = made / "notebooks" / "order-analysis.ipynb"
    book = nbformat.read(place, as_version=4)
    NotebookClient(book, timeout=60, resources={"metadata": {"path": place.parent}}).execute()
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    documents = [
        out.data["application/vnd.keys.result+json"]
        for out in outputs
        if "application/vnd.keys.result+json" in out.get("data", {})
    ]
    # The sample's four failures were placed by hand: rows 21, 25 and 29 are order.paid, row 30 order.shipped.
    found = {row["name"]: (row["value"], row["ok"]) for row in documents[0]["results"]}
    assert found == {
        "success_rate": (90.0, False),
        "failed_events": (4, False),
        "failing_most": ("order.paid", None),
    }
    stated = json.loads((made / "key.json").read_text("utf-8"))
    assert stated["results"] == list(found)
    assert (made / "artifacts" / "report.md").is_file()
    assert validate(made).ok, "artifacts of a run are no part of a key"


@pytest.mark.parametrize("what", ["folder", "file", "link"])
@pytest.mark.parametrize(
    ("make", "kind"), [(new_key, "jupyter-keys"), (new_runbook, "runbook-keys")]
)
def test_nothing_is_ever_overwritten(tmp_path, make, kind, what):
    target = tmp_path / kind / "some-thing"
    target.parent.mkdir()
    if what == "folder":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    elif what == "file":
        target.write_text("mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    before = tree(tmp_path)
    with pytest.raises(InputError) as error:
        make("some-thing", tmp_path)
    assert error.value.code == "ALREADY_THERE"
    assert tree(tmp_path) == before
    assert [p.name for p in target.parent.iterdir()] == ["some-thing"]


@pytest.mark.parametrize(
    "slug",
    ["", "Order", "order_analysis", "../order", "a/b", "-a", "a-", "a--b", "a" * 101, "ä", ".x"],
)
def test_a_name_that_is_no_slug_is_refused(tmp_path, slug):
    for make in (new_key, new_runbook):
        with pytest.raises(InputError) as error:
            make(slug, tmp_path)
        assert error.value.code == "BAD_SLUG"
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_type_is_refused(tmp_path):
    with pytest.raises(InputError) as error:
        new_runbook("some-failure", tmp_path, key_type="disaster")
    assert error.value.code == "UNKNOWN_TYPE"


def test_the_folder_can_be_read_by_others(tmp_path):
    made = new_key("jupyter-one", tmp_path)
    assert made.stat().st_mode & 0o777 == 0o755


# the command line -----------------------------------------------------------------------------------


def test_new_validate_build_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["library", "new", "key", "jupyter-orders", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["path"] == "jupyter-keys/jupyter-orders"
    assert "key.json" in made["files"]
    assert main(["library", "new", "runbook", "orders-failure", "--type", "recovery"]) == 0
    assert "runbook-keys/orders-failure" in capsys.readouterr().out
    assert main(["library", "validate", ".", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["problems"] == []
    assert main(["library", "validate", "orders-failure", "jupyter-orders"]) == 0
    assert capsys.readouterr().out.endswith("No problems.\n")
    assert main(["library", "build", ".", "-o", "out"]) == 0
    assert Path("out/packs/jupyter-orders/1.0.0/pack.zip").is_file()
    assert not (tmp_path / "key-runs").exists()


def test_problems_are_printed_with_file_and_line_and_exit_1(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["library", "new", "runbook", "orders-failure", "--in", "lib"])
    capsys.readouterr()
    path = Path("lib/runbook-keys/orders-failure/README.md")
    text = path.read_text("utf-8").replace("Ask the service for its health.", "Act as needed.")
    path.write_text(text, "utf-8")
    line = text.splitlines().index("**Action**: Act as needed.") + 1
    assert main(["runbook", "lint", "lib/runbook-keys/orders-failure", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    [problem] = report["problems"]
    assert problem["path"] == path.as_posix()
    assert problem["line"] == line
    assert problem["code"] == "VAGUE"
    assert problem["level"] == "error"
    assert main(["runbook", "lint", path.as_posix()]) == 1
    assert f"{path.as_posix()}:{line}: “as needed”" in capsys.readouterr().out


def test_wrong_use_is_one_error_document(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for arguments, code in (
        (["library", "validate", "nowhere"], "NOTHING_TO_VALIDATE"),
        (["runbook", "lint", "nowhere"], "NOTHING_TO_LINT"),
        (["library", "new", "key", "No Slug"], "BAD_SLUG"),
        (["library", "build", ".", "-o", "out"], "LIBRARY_INVALID"),
    ):
        assert main([*arguments, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code


@pytest.mark.parametrize(
    "command", ["library new", "library validate", "library build", "runbook lint"]
)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    assert f"Example: jupyter keys {command}" in " ".join(capsys.readouterr().out.split())
