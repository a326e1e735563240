"""A rehearsal really runs what a runbook calls, and says what its results mean for the branches."""

from __future__ import annotations

import json

import pytest

from keys_jupyter.authoring.rehearse import rehearse
from keys_jupyter.authoring.scaffold import new_key
from keys_jupyter.cli import main as cli
from keys_jupyter.errors import InputError, NotAvailable
from tests.authored import RUNBOOK_FILES, write

STEP = """### Step 2: Analyze the Events

**When**: After Step 1

**Action**: Use Jupyter KEY

- **KEY**: `{slug}`
- **Input**: `events.csv`
- **Output**: A report
- **Questions Answered**:
  - What failed?
- **When to Run**: After Step 1
- **Next Steps**: Take a branch

- **If Success Rate < 90 %**: Continue to Action 1
- **If Failed Events = 0**: Continue to Verification
- **If the moon is full**: Continue to Verification
"""


def library(tmp_path, slug="jupyter-order-analysis", called=None):
    """A library with one scaffolded key and a runbook that calls it in two steps."""
    root = tmp_path / "library"
    key = new_key(slug, root)
    files = RUNBOOK_FILES
    readme, _, rest = files["README.md"].partition("### Step 2")
    after = rest[rest.index("\n## ") :]
    text = (
        readme
        + STEP.format(slug=called or slug)
        + STEP.format(slug=called or slug).replace("Step 2:", "Step 3:")
    )
    write(root / "runbook-keys" / "small-failure", {**files, "README.md": text + after})
    return root, key


def counted(key):
    """The sample's share of succeeded events, computed here."""
    _, *rows = (key / "sample" / "events.csv").read_text("utf-8").splitlines()
    outcomes = [row.split(",")[2] for row in rows]
    return 100 * outcomes.count("succeeded") / len(outcomes)


def test_a_rehearsal_runs_each_key_once_and_judges_the_branches(tmp_path, monkeypatch, capsys):
    root, key = library(tmp_path)
    monkeypatch.chdir(root)
    assert cli(["library", "rehearse", "small-failure", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["ok"] is True
    assert [step["step"] for step in told["steps"]] == ["diagnosis-2", "diagnosis-3"]
    assert err.count("jupyter-order-analysis: SUCCEEDED") == 1
    step = told["steps"][0]
    (run,) = step["keys"]
    assert (run["key"], run["version"], run["state"]) == (
        "jupyter-order-analysis",
        "1.0.0",
        "SUCCEEDED",
    )
    values = {result["name"]: result["value"] for result in run["results"]}
    assert values["success_rate"] == pytest.approx(counted(key), abs=0.01)
    assert values["failed_events"] > 0
    low = values["success_rate"] < 90
    assert [branch["true"] for branch in step["branches"]] == [low, False, None]
    assert [branch["suggested"] for branch in step["branches"]] == [low, False, False]
    assert "No result is called" in step["branches"][2]["reason"]
    assert cli(["library", "rehearse", "runbook-keys/small-failure"]) == 0
    words = capsys.readouterr().out
    assert "jupyter-order-analysis 1.0.0 SUCCEEDED" in words
    assert "[open] If the moon is full" in words
    assert words.rstrip().endswith("Every key ran to its end.")


def test_a_run_that_fails_is_reported_and_ends_in_1(tmp_path, monkeypatch, capsys):
    root, key = library(tmp_path)
    (entry,) = key.glob("notebooks/*.ipynb")
    document = json.loads(entry.read_text("utf-8"))
    codes = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    codes[-1]["source"] = ["raise ValueError('no such thing')"]
    entry.write_text(json.dumps(document), "utf-8")
    monkeypatch.chdir(root)
    assert cli(["library", "rehearse", "small-failure", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    (run,) = told["steps"][0]["keys"]
    assert run["state"] == "CELL_ERROR"
    assert "no such thing" in run["reason"]


def test_a_key_that_is_not_there_is_reported_and_ends_in_1(tmp_path, monkeypatch, capsys):
    root, _ = library(tmp_path, called="jupyter-absent-analysis")
    monkeypatch.chdir(root)
    assert cli(["library", "rehearse", "small-failure"]) == 1
    words = capsys.readouterr().out
    assert "jupyter-absent-analysis NOT_STARTED: " in words
    assert "1 key did not run to the end." in words


def test_a_runbook_that_calls_no_key_says_only_that(tmp_path, monkeypatch, capsys):
    root, _ = library(tmp_path)
    path = root / "runbook-keys" / "small-failure" / "README.md"
    before, _, rest = path.read_text("utf-8").partition("### Step 2")
    path.write_text(before + rest[rest.index("\n## ") :], "utf-8")
    monkeypatch.chdir(root)
    assert cli(["library", "rehearse", "small-failure"]) == 0
    out, err = capsys.readouterr()
    assert out == "No step of this runbook calls a key, so nothing was run.\n"
    assert err == ""


def test_where_there_is_no_runbook_nothing_is_run(tmp_path):
    with pytest.raises(NotAvailable) as error:
        rehearse("no-such-runbook", here=tmp_path)
    assert "no-such-runbook" in error.value.message
    with pytest.raises(NotAvailable) as error:
        rehearse("./absent", here=tmp_path)
    assert error.value.code == "UNKNOWN_RUNBOOK"
    write(tmp_path / "alone", RUNBOOK_FILES)
    with pytest.raises(InputError) as wrong:
        rehearse("alone", here=tmp_path)
    assert wrong.value.code == "NO_LIBRARY"


def test_a_library_with_a_fault_is_refused_before_anything_runs(tmp_path, monkeypatch):
    root, key = library(tmp_path)
    (key / "LICENSE.txt").unlink()
    with pytest.raises(InputError) as error:
        rehearse("small-failure", here=root)
    assert error.value.code == "LIBRARY_INVALID"
    assert "LICENSE.txt is missing" in error.value.message
