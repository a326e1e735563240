"""A runbook's checklist, pack.json and files are held against its text and its neighbours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from keys_jupyter.authoring.lint import Page, checklist
from keys_jupyter.authoring.report import Findings
from keys_jupyter.authoring.validate import validate
from tests.authored import RUNBOOK_FILES, pack_json
from tests.validate.samples import change, found, line_of


def test_a_checklist_has_the_steps_of_its_runbook(runbook):
    path = runbook / "checklist.md"
    change(path, "- [ ] Step 2: Analyze the Events\n", "")
    assert found(runbook)[0] == {("checklist.md", "CHECKLIST_MISSES_STEP")}
    change(path, "- [ ] Step 1", "- [ ] Step 2: Analyze the Events\n- [ ] Step 1")
    codes, problems = found(runbook)
    assert codes == {("checklist.md", "CHECKLIST_ORDER")}
    assert problems[0].line in (line_of(path, "Step 1"), line_of(path, "Step 2"))
    change(path, "- [ ] Action 1: Restart It", "- [ ] Action 1: Reboot It")
    codes, problems = found(runbook)
    assert ("checklist.md", "CHECKLIST_UNKNOWN_ITEM") in codes
    unknown = next(one for one in problems if one.code == "CHECKLIST_UNKNOWN_ITEM")
    assert unknown.line == line_of(path, "Reboot")


def test_a_checklist_may_leave_out_the_numbers_and_be_ticked(runbook):
    path = runbook / "checklist.md"
    text = path.read_text("utf-8").replace("- [ ] Step 2: Analyze", "* [x] Analyze")
    path.write_text(text, encoding="utf-8")
    assert found(runbook)[1] == []


def test_a_checklist_without_items_is_empty(runbook):
    (runbook / "checklist.md").write_text("# Checklist\n\nLater.\n", "utf-8")
    assert found(runbook)[0] == {("checklist.md", "CHECKLIST_EMPTY")}


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "runbooks").glob("*.md")), ids=lambda p: p.stem
)
def test_a_checklist_that_was_made_agrees_with_its_runbook(path):
    page, findings = Page("README.md", path.read_text("utf-8")), Findings()
    checklist.check(page, "checklist.md", checklist.checklist(page), findings)
    assert findings.report().problems == []


BAD_PACK = [
    ({"slug": "Small"}, "METADATA", '"slug"'),
    ({"slug": "large-failure"}, "SLUG_NOT_FOLDER", '"slug"'),
    ({"title": ""}, "METADATA", '"title"'),
    ({"title": "x" * 201}, "METADATA", '"title"'),
    ({"description": "x" * 5001}, "METADATA", '"description"'),
    ({"description": None}, "METADATA", ""),
    ({"version": "1.0"}, "METADATA", '"version"'),
    ({"version": "01.0.0"}, "METADATA", '"version"'),
    ({"version": "1.1.0"}, "CHANGELOG_LACKS_VERSION", ""),
    ({"tool": "runbook"}, "METADATA", '"tool"'),
    ({"key_type": []}, "METADATA", '"key_type"'),
    ({"key_type": ["disaster"]}, "METADATA", '"disaster"'),
    ({"maturity": "beta"}, "METADATA", '"maturity"'),
    ({"severity_level": "P1"}, "METADATA", '"severity_level"'),
    ({"runtime_dependency": "robot"}, "METADATA", '"runtime_dependency"'),
    ({"required_access_level": "root"}, "METADATA", '"required_access_level"'),
    ({"compliance_relevance": ["SOC9"]}, "METADATA", '"SOC9"'),
    ({"produces_evidence": "yes"}, "METADATA", '"produces_evidence"'),
    ({"author": {}}, "METADATA", '"author"'),
    (
        {"documentation": {"readme": "README.md", "changelog": "CHANGELOG.md"}},
        "METADATA",
        '"documentation"',
    ),
    (
        {
            "documentation": {
                "readme": "READ.md",
                "checklist": "checklist.md",
                "changelog": "CHANGELOG.md",
            }
        },
        "DOCUMENT_MISSING",
        "READ.md",
    ),
    ({"references_jupyter_keys": ["small"]}, "METADATA", '"small"'),
    ({"references_node_keys": ["jupyter-x"]}, "METADATA", '"jupyter-x"'),
    ({"references_jupyter_keys": []}, "KEY_NOT_LISTED", None),
    ({"references_jupyter_keys": ["jupyter-small", "jupyter-gone"]}, "KEY_UNKNOWN", "jupyter-gone"),
    (
        {"references_jupyter_keys": ["jupyter-small", "jupyter-gone"]},
        "KEY_NOT_CALLED",
        "jupyter-gone",
    ),
    ({"related_runbooks": []}, "RUNBOOK_NOT_LISTED", None),
    ({"related_runbooks": ["other-failure", "lost-failure"]}, "RUNBOOK_UNKNOWN", "lost-failure"),
    (
        {"related_runbooks": ["other-failure", "lost-failure"]},
        "RUNBOOK_NOT_MENTIONED",
        "lost-failure",
    ),
    ({"related_runbook": ["other-failure"]}, "UNKNOWN_FIELD", '"related_runbook"'),
]


@pytest.mark.parametrize(("fields", "code", "words"), BAD_PACK, ids=lambda v: str(v)[:40])
def test_one_fault_in_pack_json_is_found_where_it_is(runbook, fields, code, words):
    path = runbook / "pack.json"
    path.write_text(pack_json(**fields), encoding="utf-8")
    _, problems = found(runbook)
    hits = [one for one in problems if one.code == code]
    assert hits, problems
    if words:
        assert line_of(path, words) in {one.line for one in hits}


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "1.0.0-rc.1+build.5"},
        {"key_type": ["incident", "recovery"]},
        {"key_type": ["decision"], "severity_level": None},
        {"severity_level": "p4", "compliance_relevance": ["SOC2", "ISO27001"]},
        {"tags": []},
    ],
)
def test_what_pack_json_may_say(runbook, fields):
    (runbook / "pack.json").write_text(pack_json(**fields), encoding="utf-8")
    if "version" in fields:
        (runbook / "CHANGELOG.md").write_text(
            f"# Changelog\n\n## {fields['version']}\n\n- It.\n", "utf-8"
        )
    assert found(runbook)[1] == []


def test_a_field_nobody_knows_is_a_note(runbook):
    (runbook / "pack.json").write_text(pack_json(favourite_colour="blue"), encoding="utf-8")
    report = validate(runbook)
    assert report.ok
    assert [one.code for one in report.notes if one.path.endswith("pack.json")] == ["UNKNOWN_FIELD"]


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"slug": NaN', "[" * 100_000])
def test_metadata_that_is_no_document_is_one_problem(runbook, text):
    (runbook / "pack.json").write_text(text, encoding="utf-8")
    codes = {code for name, code in found(runbook)[0] if name == "pack.json"}
    assert codes <= {"NOT_JSON", "FILE_EMPTY"}
    assert "NOT_JSON" in codes


@pytest.mark.parametrize("name", sorted(RUNBOOK_FILES))
def test_a_missing_file_of_a_runbook_is_named(runbook, name):
    (runbook / name).unlink()
    assert (name, "FILE_MISSING") in found(runbook)[0]


def test_a_runbook_that_stands_alone_is_not_asked_for_its_neighbours(runbook, tmp_path):
    alone = tmp_path / "small-failure"
    shutil.move(runbook, alone)
    assert found(alone)[1] == []


def test_an_empty_and_a_foreign_readme_end_in_problems_and_not_in_a_crash(runbook):
    for text in ("", "# Only a title\n", "\ufeff", "```\n", "## Diagnosis\n\n### Step 1\n"):
        (runbook / "README.md").write_text(text, encoding="utf-8")
        assert not validate(runbook).ok
    (runbook / "README.md").write_bytes(b"\xff\xfe\x00")
    assert ("README.md", "NOT_UTF8") in found(runbook)[0]


def test_usual_analyses_that_are_not_called_are_notes(runbook):
    notes = [one.message for one in validate(runbook).notes]
    assert [note.split("(`")[1].rstrip("`).") for note in notes] == [
        "jupyter-log-analysis",
        "jupyter-error-pattern-analysis",
        "jupyter-performance-analysis",
    ]
