"""Every rule of validation, with a sample that breaks it and samples that must not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from keys_jupyter.authoring.leaks import leaks
from keys_jupyter.authoring.lint import Page, checklist
from keys_jupyter.authoring.lint.wording import VAGUE
from keys_jupyter.authoring.positions import lines_of
from keys_jupyter.authoring.report import Findings
from keys_jupyter.authoring.validate import lint_runbook, validate
from keys_jupyter.errors import InputError
from tests.authored import PACK, README, RUNBOOK_FILES, key_files, pack_json, write

# runbooks: one change each -------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path):
    write(tmp_path / "jupyter-keys" / "jupyter-small", key_files())
    write(tmp_path / "runbook-keys" / "small-failure", RUNBOOK_FILES)
    write(
        tmp_path / "runbook-keys" / "other-failure",
        {
            **RUNBOOK_FILES,
            "pack.json": pack_json(slug="other-failure", title="Other Failure Runbook"),
        },
    )
    return tmp_path


@pytest.fixture
def runbook(library):
    return library / "runbook-keys" / "small-failure"


@pytest.fixture
def key(library):
    return library / "jupyter-keys" / "jupyter-small"


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(path):
    """Return (file, code) pairs and the problems."""
    problems = validate(path).problems
    return {(Path(one.path).name, one.code) for one in problems}, problems


def line_of(path, words):
    rows = path.read_text("utf-8").splitlines()
    return next(at for at, row in enumerate(rows, start=1) if words in row)


def test_hand_made_samples_are_good(library):
    report = validate(library)
    assert report.problems == []
    assert report.ok


# old text, new text, code, words of the line the problem must name (empty: the first line)
BAD_README = [
    ("# Small Failure Runbook\n", "\n", "NO_TITLE", ""),
    ("## When to Use This Runbook\n", "", "SECTION_MISSING", ""),
    ("## Verification\n", "## Proof\n", "SECTION_MISSING", ""),
    (
        "## Title + Scope",
        "## Immediate Safety Checks",
        "SECTION_TWICE",
        "## Immediate Safety Checks\n\n**DO NOT**",
    ),
    (
        "## Evidence & Audit Notes",
        "## When NOT to Use This Runbook\n\n- Never.\n\n## Evidence & Audit Notes",
        "SECTION_TWICE",
        "",
    ),
    ("- Customers see the status 500.\n", "", "SECTION_EMPTY", "## When to Use"),
    (
        "**DO NOT**:\n\n- **DO NOT** delete the log.\n",
        "Take care.\n",
        "NO_DO_NOT",
        "## Immediate Safety",
    ),
    ("```bash\ndate -u\n```\n", "```bash\ndate -u\n", "UNCLOSED_FENCE", "date -u"),
    (
        "**Action**: Ask the service.\n\n```bash\ncurl <url>\n```\n",
        "",
        "STEP_WITHOUT_ACTION",
        "### Step 1",
    ),
    ("**Expected**: 200.\n", "", "STEP_WITHOUT_EXPECTATION", "### Step 1"),
    ("### Step 2: Analyze", "### Step 1: Analyze", "STEP_NUMBER_TWICE", "### Step 1: Analyze"),
    ("`<url>` is the address in the alert.", "Begin.", "PLACEHOLDER_UNEXPLAINED", "curl <url>"),
    (
        "**If it is 200**: Continue to Verification",
        "**If it is 200**: Be glad",
        "BRANCH_NOWHERE",
        "Be glad",
    ),
    (
        "**If it is not 200**: Continue to Step 2",
        "**If it is not 200**: Continue to Step 9",
        "BRANCH_NOWHERE",
        "Step 9",
    ),
    (
        "**If it is not 200**: Continue to Step 2",
        "**If it is not 200**: See Action 1",
        "STEP_UNREACHABLE",
        "### Step 2",
    ),
    (
        "**If Failed Events > 0**: See Action 1",
        "**If Failed Events > 0**: Continue to Step 1",
        "STEP_UNREACHABLE",
        "### Action 1",
    ),
    ("**REVERSIBLE**\n", "", "ACTION_NOT_MARKED", "### Action 1"),
    ("**Precondition**: Step 2 led here.\n", "", "ACTION_WITHOUT_PRECONDITION", "### Action 1"),
    (
        "**Precondition**: Step 2 led here.\n",
        "**Precondition**:\n",
        "ACTION_WITHOUT_PRECONDITION",
        "**Precondition**",
    ),
    ("**Verification**: It prints `active`.\n", "", "ACTION_WITHOUT_VERIFICATION", "### Action 1"),
    ("**Rollback**: A restart needs none.\n", "", "ACTION_WITHOUT_ROLLBACK", "### Action 1"),
    ("   - **Input**: `events.csv`\n", "", "KEY_FIELD_MISSING", "jupyter-small"),
    ("   - **Output**: Success rate\n", "", "KEY_FIELD_MISSING", "jupyter-small"),
    (
        "   - **Questions Answered**:\n     - Do events fail?\n",
        "",
        "KEY_FIELD_MISSING",
        "jupyter-small",
    ),
    ("   - **Next Steps**: Take a branch\n", "", "KEY_FIELD_MISSING", "jupyter-small"),
    ("2. **Report** (`jupyter-small`)", "2. **Report**", "KEY_NOT_EVIDENCE", "**KEY**"),
    (
        "`jupyter-small`\n   - **Input**",
        "`jupyter-smal`\n   - **Input**",
        "KEY_NOT_LISTED",
        "jupyter-smal`",
    ),
    (
        "### Window 2: After 4 Hours",
        "### Window 2: After 15 Minutes",
        "VERIFICATION_WINDOWS",
        "## Verification",
    ),
    (
        "### Window 3: After 24 Hours",
        "### Window 3: After 20 Hours",
        "VERIFICATION_WINDOWS",
        "## Verification",
    ),
    (
        "### Window 1: First 15 Minutes",
        "### Window 1: After 3 Hours",
        "VERIFICATION_WINDOWS",
        "## Verification",
    ),
    ("Unresolved after 30 minutes", "Unresolved", "NO_ESCALATION_TIME", "## Rollback"),
    ("### Artifacts to Save", "### More", "NO_ARTIFACTS", "## Evidence"),
    ("### Required Audit Entries", "### Who", "NO_AUDIT_ENTRIES", "## Evidence"),
    ("Ask the service.", "Ask the service as needed.", "VAGUE", "as needed"),
    ("Make a folder.", "Check the application logs.", None, ""),
    (
        "see the Other Failure Runbook (`other-failure`)",
        "see the Lost Failure Runbook (`lost-failure`)",
        "RUNBOOK_UNKNOWN",
        "lost-failure",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "words"), BAD_README, ids=lambda v: str(v)[:30])
def test_one_fault_in_the_text_is_found_where_it_is(runbook, old, new, code, words):
    change(runbook / "README.md", old, new)
    codes, problems = found(runbook)
    if code is None:
        assert ("README.md", "VAGUE") not in codes
        return
    assert ("README.md", code) in codes, problems
    if words and "\n" not in words:
        expected = line_of(runbook / "README.md", words)
        lines = {one.line for one in problems if one.code == code}
        # The problem stands in that line, or the fence begins right above it.
        assert expected in lines or expected - 1 in lines, (expected, problems)


def test_sections_in_another_order_are_found(runbook):
    text = README
    start = text.index("## Action Steps")
    end = text.index("## Verification")
    moved = text[:start] + text[end:] + "\n" + text[start:end]
    (runbook / "README.md").write_text(moved, encoding="utf-8")
    problems = [one for one in validate(runbook).problems if one.code == "SECTION_ORDER"]
    assert [one.line for one in problems] == [line_of(runbook / "README.md", "## Action Steps")]
    assert "before “Post-Incident Follow-Ups”" in problems[0].message


# Changes of wording and layout that break no rule.
GOOD_README = [
    (
        "**If it is 200**: Continue to Verification",
        "**If it is 200**: Wait 10 minutes and run this step again",
    ),
    (
        "**If it is not 200**: Continue to Step 2",
        "**If it is not 200**: Continue to Step 2, then close the incident",
    ),
    ("**REVERSIBLE**\n", "**IRREVERSIBLE**\n"),
    ("**REVERSIBLE**\n", "- **Reversible**: yes\n"),
    ("### Window 3: After 24 Hours", "### Window 3: After one week"),
    ("### Window 1: First 15 Minutes", "### Window 1: First hour"),
    ("## Verification\n", "## 7️⃣ VERIFICATION\n"),
    ("Ask the service.", 'Type "as needed" into the field.'),
    ("Ask the service.", "Run `etc. as needed`."),
    ("Ask the service.", "Read the time zone; it is in /etc/timezone."),
    ("Unresolved after 30 minutes", "Not resolved within an hour"),
    ("**Precondition**: Step 2 led here.\n", "**Precondition**:\n\n- Step 2 led here.\n"),
    ("### Required Audit Entries", "**Audit entries**:"),
]


@pytest.mark.parametrize("fence", ["````md\n```bash\ndate\n```\n````", "~~~\n```x\n~~~"])
def test_a_fence_in_a_longer_or_other_fence_is_closed(tmp_path, fence):
    path = tmp_path / "loose.md"
    path.write_text(README.replace("Review it.", f"Review it.\n\n{fence}"), encoding="utf-8")
    assert [one.code for one in lint_runbook(path).problems] == []


def test_a_last_fence_that_is_never_closed_is_found(tmp_path):
    path = tmp_path / "loose.md"
    path.write_text(f"{README}\n```\ndate\n", encoding="utf-8")
    [problem] = lint_runbook(path).problems
    assert (problem.code, problem.line) == ("UNCLOSED_FENCE", README.count("\n") + 2)


@pytest.mark.parametrize(("old", "new"), GOOD_README, ids=lambda v: v[:30])
def test_what_is_right_in_other_words_stays_right(runbook, old, new):
    change(runbook / "README.md", old, new)
    if "7️⃣" in new or "Window" in new:
        heading = new.strip("# \n")
        checklist = runbook / "checklist.md"
        checklist.write_text(
            checklist.read_text("utf-8").replace(old.strip("# \n"), heading), encoding="utf-8"
        )
    assert found(runbook)[1] == []


def test_a_log_without_its_command_is_vague_and_with_it_is_not(runbook):
    path = runbook / "README.md"
    change(
        path,
        "**Action**: Restart it.\n\n```bash\nsystemctl restart small\n```\n",
        "**Action**: Check the logs.\n",
    )
    assert ("README.md", "VAGUE") in found(runbook)[0]
    change(
        path,
        "**Action**: Check the logs.\n",
        "**Action**: Check the logs.\n\n```bash\njournalctl -u small\n```\n",
    )
    assert found(runbook)[1] == []


# One sentence for each row of the table of vague wordings, in the table's order.
SENTENCES = [
    "Scale up as needed.",
    "Change it as you see fit.",
    "Restart it, if applicable.",
    "Take appropriate steps.",
    "Restart nginx, the worker, etc.",
    "It should be fine.",
    "It will probably recover.",
    "See that the page looks good.",
    "Look for anything unusual.",
    "If the queue is too long, stop.",
    "Wait for a while.",
    "Try several times.",
    "Do it asap.",
    "Look at it regularly.",
    "Keep an eye on it.",
    "Call the right people.",
    "Ask someone.",
    "Use your judgment.",
    "Investigate further.",
    "Do the needful.",
    "Try a few things.",
    "TODO",
    "Check the logs.",
    "Make sure everything works.",
    "Restart the service.",
]


def test_the_table_and_the_sentences_belong_together():
    assert len(SENTENCES) == len(VAGUE)
    for sentence, vague in zip(SENTENCES, VAGUE, strict=True):
        assert vague.pattern.search(sentence), (sentence, vague.pattern.pattern)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_vague_wording_is_found_in_its_line(tmp_path, sentence):
    path = tmp_path / "loose.md"
    path.write_text(
        README.replace(
            "## Post-Incident Follow-Ups\n", f"## Post-Incident Follow-Ups\n\n{sentence}\n\n"
        ),
        "utf-8",
    )
    # The section's own task has no command, so that those rows count as well.
    problems = [one for one in lint_runbook(path).problems if one.code == "VAGUE"]
    assert {one.line for one in problems} == {line_of(path, sentence)}


@pytest.mark.parametrize(
    "sentence",
    [
        "The time is one hour before the first symptom.",
        "Events fail at a time of day.",
        "One line at a time.",
        "The policy became too slow to use.",
        "As soon as the worker takes them, go on.",
        "Wait 5 minutes.",
        "The relevant file is `app.log`.",
        "It is a required field.",
        "The page says “as needed”.",
    ],
)
def test_plain_wordings_are_left_alone(tmp_path, sentence):
    path = tmp_path / "loose.md"
    path.write_text(README.replace("Review it.", sentence), encoding="utf-8")
    assert [one for one in lint_runbook(path).problems if one.code == "VAGUE"] == []


# checklist, pack.json and files of a runbook ---------------------------------------------------------


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
    "path", sorted((Path(__file__).parent / "runbooks").glob("*.md")), ids=lambda p: p.stem
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


# keys ------------------------------------------------------------------------------------------------


def notebook(key):
    return key / "notebooks" / "small.ipynb"


def edited(key, edit):
    book = json.loads(notebook(key).read_text("utf-8"))
    edit(book)
    notebook(key).write_text(json.dumps(book, indent=1), encoding="utf-8")


def cell(name):
    return lambda book: next(one for one in book["cells"] if one["id"] == name)


def put(name, field, value):
    def edit(book):
        cell(name)(book)[field] = value

    return edit


BAD_NOTEBOOK = [
    (put("parameters", "metadata", {}), "NO_PARAMETERS_CELL"),
    (put("work", "metadata", {"tags": ["parameters"]}), "SEVERAL_PARAMETERS_CELLS"),
    (put("parameters", "source", "print(1)"), "MALFORMED_PARAMETERS_CELL"),
    (put("parameters", "source", "a: int = (\n"), "MALFORMED_PARAMETERS_CELL"),
    (put("parameters", "source", "# nothing"), "NO_PARAMETERS"),
    (
        put("work", "outputs", [{"output_type": "stream", "name": "stdout", "text": "x"}]),
        "STORED_OUTPUTS",
    ),
    (put("work", "execution_count", 3), "STORED_OUTPUTS"),
    (lambda book: book["metadata"].pop("kernelspec"), "NO_KERNELSPEC"),
    (lambda book: book.update(nbformat_minor=4), "NO_CELL_IDS"),
    (lambda book: cell("work")(book).pop("id"), "NO_CELL_IDS"),
    (put("work", "id", "title"), "CELL_ID_TWICE"),
    (put("title", "source", "# Small"), "LAST_VERIFIED"),
    (put("title", "source", "**Last verified:** soon"), "LAST_VERIFIED"),
    (put("title", "source", "**Last verified:** 2026-02-30"), "LAST_VERIFIED"),
    (put("work", "source", 5), "NOT_A_NOTEBOOK"),
    (lambda book: book.update(nbformat=3), "NOT_A_NOTEBOOK"),
]


@pytest.mark.parametrize(("edit", "code"), BAD_NOTEBOOK)
def test_one_fault_in_the_notebook_is_found(key, edit, code):
    edited(key, edit)
    codes, problems = found(key)
    assert ("small.ipynb", code) in codes, problems


def test_the_line_of_stored_outputs_is_the_one_to_look_at(key):
    edited(key, put("work", "outputs", [{"output_type": "stream", "name": "stdout", "text": "x"}]))
    [problem] = found(key)[1]
    rows = notebook(key).read_text("utf-8").splitlines()
    assert problem.line == max(at for at, row in enumerate(rows, 1) if '"outputs"' in row)


BAD_PARAMETERS = [
    ('token: str = "x"', {}, "SECRET_NOT_MARKED"),
    ("stripe_api_key: str | None = None", {}, "SECRET_NOT_MARKED"),
    ('database_url: str = ""', {}, "SECRET_NOT_MARKED"),
    ('token: str = "abc"', {"token": {"secret": True}}, "SECRET_WITH_DEFAULT"),
    ('more: str = "sample/more.csv"', {}, "FILE_NOT_MARKED"),
    ('more: str = "sample/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = ""', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = "/data/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ('more: str = "C:/data/more.csv"', {"more": {"file": True}}, "NO_SAMPLE"),
    ("more: str", {"more": {"file": True}}, "NO_SAMPLE"),
    ('there: str = "a"', {"there": {"output_folder": True}}, "OUTPUT_FOLDER_TWICE"),
    ("limit: int = 1", {"limits": {"minimum": 1}}, "UNKNOWN_PARAMETER"),
    ("limit: int = 1", {"limit": {"secrett": True}}, "METADATA"),
    ("limit: int = 1", {"limit": {"minimum": "1"}}, "METADATA"),
    ("limit: int = 1", {"limit": {"pattern": "("}}, "BAD_PATTERN"),
]


@pytest.mark.parametrize(("line", "notes", "code"), BAD_PARAMETERS)
def test_one_fault_in_a_parameter_is_found(key, line, notes, code):
    write(key, key_files(line, notes))
    assert code in {one for _, one in found(key)[0]}


GOOD_PARAMETERS = [
    ("token: str | None = None", {"token": {"secret": True}}),
    ('token: str = ""', {"token": {"secret": True}}),
    ("token: str", {"token": {"secret": True}}),
    ("max_tokens: int = 5", {}),
    ('token_column: str = "t"', {}),
    ("more: str | None = None", {"more": {"file": True}}),
    ('more: str = "sample/events.csv"', {"more": {"file": True}}),
    ('more: str = "./sample/events.csv"', {"more": {"file": True}}),
    ("limit: int = 1", {"limit": {"minimum": 0, "maximum": 2.5, "unit": "rows", "pattern": "^1"}}),
]


@pytest.mark.parametrize(("line", "notes"), GOOD_PARAMETERS)
def test_what_parameters_may_be(key, line, notes):
    write(key, key_files(line, notes))
    assert found(key)[1] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"category": None}, "METADATA"),
        ({"outcome": " "}, "METADATA"),
        ({"difficulty": "hard"}, "METADATA"),
        ({"runtime_minutes": 0}, "METADATA"),
        ({"runtime_minutes": "2"}, "METADATA"),
        ({"key_type": ["jupyter"]}, "METADATA"),
        ({"category": "x" * 101}, "METADATA"),
        ({"entry": "notebooks/none.ipynb"}, "ENTRY_MISSING"),
        ({"modules": ["absent"]}, "MODULE_MISSING"),
        ({"modules": ["Bad-Name"]}, "METADATA"),
        ({"results": ["Not Snake"]}, "METADATA"),
        ({"enviroment": ["DATABASE_URL"]}, "UNKNOWN_FIELD"),
    ],
)
def test_one_fault_in_key_json_is_found(key, fields, code):
    write(key, key_files(**fields))
    assert ("key.json", code) in found(key)[0]


def test_a_second_notebook_needs_an_entry(key):
    write(key, key_files(entry=None))
    assert found(key)[1] == []
    shutil.copy(notebook(key), key / "notebooks" / "more.ipynb")
    assert ("key.json", "ENTRY_MISSING") in found(key)[0]


def test_shared_modules_are_found_and_may_not_be_doubled(key, library):
    (library / "modules").mkdir()
    (library / "modules" / "counting.py").write_text("N = 1\n", "utf-8")
    write(key, key_files(modules=["counting"]))
    assert found(key)[1] == []
    (key / "counting.py").write_text("N = 2\n", "utf-8")
    assert ("key.json", "MODULE_TWICE") in found(key)[0]


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("pandas>=2.0,<4", True),
        ("pandas~=2.1", True),
        ("pandas==2.1.0", True),
        ("pandas[performance] >=2, <4  # fast", True),
        ('tomli>=2,<3; python_version < "3.11"', True),
        ("# a comment", True),
        ("pandas", False),
        ("pandas>=2", False),
        ("pandas<4", False),
        ("-r other.txt", False),
        ("git+https://example.com/x.git", False),
    ],
)
def test_requirements_have_both_ends(key, line, good):
    (key / "requirements.txt").write_text(f"matplotlib>=3.7,<4\n{line}\n", "utf-8")
    problems = found(key)[1]
    assert [one.line for one in problems] == ([] if good else [2])


def test_a_key_of_another_prefix_is_a_note(tmp_path):
    write(tmp_path / "jupyter-keys" / "small", key_files(slug="small"))
    report = validate(tmp_path)
    assert report.ok
    assert "SLUG_PREFIX" in {one.code for one in report.notes}


def test_what_the_archive_refuses_is_refused_here(key):
    (key / "run.exe").write_bytes(b"MZ")
    assert found(key)[0] == {("jupyter-small", "TYPE_NOT_ALLOWED")}
    (key / "run.exe").unlink()
    (key / "link.csv").symlink_to(key / "README.md")
    assert found(key)[0] == {("jupyter-small", "LINK")}


# secrets ---------------------------------------------------------------------------------------------

# Put together here, so that this file holds none.
BODY = "aB3dE5fG7hJ9kL1mN2pQ4rS6"
SECRETS = {
    "an API key of a marketplace": "kx_" + "live_" + BODY,
    "a Stripe key": "sk_" + "live_" + BODY,
    "a webhook signing secret": "whsec_" + BODY + BODY,
    "an AWS access key": "AKIA" + "Q3R5T7U9W1X2Y4Z6",
    "a GitHub token": "ghp_" + BODY + BODY,
    "a Supabase key": "sb_secret_" + BODY,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + BODY,
    "a password in an address": "postgres://app:" + "hunter22x@db.example.com/app",
}
HARMLESS = [
    "grep -rlE '(whsec|sk_live|rk_live)_[A-Za-z0-9]{8}' .",
    "sk_live_" + "x" * 24,
    "sk_live_…",
    "whsec_your_secret_here",
    "STRIPE_WEBHOOK_SECRET=whsec_...",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "postgres://user:password@localhost/db",
    "postgres://app:${PASSWORD}@db/app",
    "postgresql://<user>:<password>@<host>:5432/postgres",
    "eyJhbGciOiJIUzI1NiJ9 alone is a header",
    "https://example.com:8443/a@b",
]


@pytest.mark.parametrize("what", SECRETS)
def test_each_kind_of_secret_is_found_and_never_repeated(key, what):
    secret = SECRETS[what]
    assert leaks(f"one\nkey = '{secret}'\n") == [(2, what)]
    (key / "sample" / "notes.txt").write_text(f"first\nsecond {secret}\n", "utf-8")
    [problem] = found(key)[1]
    assert (problem.code, problem.line) == ("SECRET", 2)
    assert secret not in problem.message


@pytest.mark.parametrize("text", HARMLESS)
def test_examples_and_placeholders_are_no_secrets(text):
    assert leaks(text) == []


def test_a_secret_in_a_notebook_has_the_line_of_the_file(key):
    secret = SECRETS["a Stripe key"]
    edited(key, put("work", "source", ["a = 1\n", f"b = '{secret}'\n"]))
    [problem] = found(key)[1]
    assert problem.line == line_of(notebook(key), secret)


# the whole library, and what is none -----------------------------------------------------------------


def test_one_slug_for_a_key_and_a_runbook_is_a_problem(library):
    write(library / "jupyter-keys" / "small-failure", key_files(slug="small-failure"))
    assert ("small-failure", "SLUG_TWICE") in found(library)[0]


def test_an_empty_library_says_so(tmp_path):
    (tmp_path / "jupyter-keys").mkdir()
    assert [one.code for one in validate(tmp_path).problems] == ["LIBRARY_EMPTY"]


def test_paths_are_shown_as_they_were_asked_for(library, monkeypatch):
    (library / "runbook-keys" / "small-failure" / "LICENSE.txt").unlink()
    monkeypatch.chdir(library)
    assert (
        validate(Path("runbook-keys/small-failure")).problems[0].path
        == "runbook-keys/small-failure/LICENSE.txt"
    )
    assert validate(Path()).problems[0].path == "runbook-keys/small-failure/LICENSE.txt"
    monkeypatch.chdir(library / "runbook-keys" / "small-failure")
    assert [one.path for one in validate(Path()).problems] == ["LICENSE.txt"]


def test_what_is_nothing_of_ours_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError) as error:
            validate(path)
        assert error.value.code == "NOTHING_TO_VALIDATE"
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "odd.md").write_bytes(b"\xff\xff")
    for name in ("notes.txt", "odd.md", "absent.md"):
        with pytest.raises(InputError) as error:
            lint_runbook(tmp_path / name)
        assert error.value.code == "NOTHING_TO_LINT"


def test_a_loose_markdown_file_is_linted_by_its_text_alone(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text(README, encoding="utf-8")
    assert lint_runbook(path).problems == []
    path.write_text(README.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert lint_runbook(path).problems == []


def test_lines_of_values_are_those_of_the_text():
    text = '{\n "a": [1,\n  {"b": "x\\ny"}\n ],\n "c": {}, "d":\n null\n}'
    lines = lines_of(text)
    assert lines[("a",)] == 2
    assert lines[("a", 1)] == 3
    assert lines[("a", 1, "b")] == 3
    assert lines[("c",)] == lines[("d",)] == 5
    assert PACK["slug"] == "small-failure"
