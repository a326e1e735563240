"""One fault in a runbook's text is found in its line; other words for what is right stay right."""

from __future__ import annotations

import pytest

from keys_jupyter.authoring.lint.wording import VAGUE
from keys_jupyter.authoring.validate import lint_runbook, validate
from tests.authored import README
from tests.validate.samples import change, found, line_of


def test_hand_made_samples_are_good(library):
    report = validate(library)
    assert report.problems == []
    assert report.ok


# What must be found: the code and the words of the line that is named (empty: the first line), then each change of the text
# that brings it about.
FAULTS_IN_README = {
    ("NO_TITLE", ""): {
        "# Small Failure Runbook\n": "\n",
    },
    ("SECTION_MISSING", ""): {
        "## When to Use This Runbook\n": "",
        "## Verification\n": "## Proof\n",
    },
    ("SECTION_TWICE", "## Immediate Safety Checks\n\n**DO NOT**"): {
        "## Title + Scope": "## Immediate Safety Checks",
    },
    ("SECTION_TWICE", ""): {
        "## Evidence & Audit Notes": "## When NOT to Use This Runbook\n\n- Never.\n\n## Evidence & Audit Notes",
    },
    ("SECTION_EMPTY", "## When to Use"): {
        "- Customers see the status 500.\n": "",
    },
    ("NO_DO_NOT", "## Immediate Safety"): {
        "**DO NOT**:\n\n- **DO NOT** delete the log.\n": "Take care.\n",
    },
    ("UNCLOSED_FENCE", "date -u"): {
        "```bash\ndate -u\n```\n": "```bash\ndate -u\n",
    },
    ("STEP_WITHOUT_ACTION", "### Step 1"): {
        "**Action**: Ask the service.\n\n```bash\ncurl <url>\n```\n": "",
    },
    ("STEP_WITHOUT_EXPECTATION", "### Step 1"): {
        "**Expected**: 200.\n": "",
    },
    ("STEP_NUMBER_TWICE", "### Step 1: Analyze"): {
        "### Step 2: Analyze": "### Step 1: Analyze",
    },
    ("PLACEHOLDER_UNEXPLAINED", "curl <url>"): {
        "`<url>` is the address in the alert.": "Begin.",
    },
    ("BRANCH_NOWHERE", "Be glad"): {
        "**If it is 200**: Continue to Verification": "**If it is 200**: Be glad",
    },
    ("BRANCH_NOWHERE", "Step 9"): {
        "**If it is not 200**: Continue to Step 2": "**If it is not 200**: Continue to Step 9",
    },
    ("STEP_UNREACHABLE", "### Step 2"): {
        "**If it is not 200**: Continue to Step 2": "**If it is not 200**: See Action 1",
    },
    ("STEP_UNREACHABLE", "### Action 1"): {
        "**If Failed Events > 0**: See Action 1": "**If Failed Events > 0**: Continue to Step 1",
    },
    ("ACTION_NOT_MARKED", "### Action 1"): {
        "**REVERSIBLE**\n": "",
    },
    ("ACTION_WITHOUT_PRECONDITION", "### Action 1"): {
        "**Precondition**: Step 2 led here.\n": "",
    },
    ("ACTION_WITHOUT_PRECONDITION", "**Precondition**"): {
        "**Precondition**: Step 2 led here.\n": "**Precondition**:\n",
    },
    ("ACTION_WITHOUT_VERIFICATION", "### Action 1"): {
        "**Verification**: It prints `active`.\n": "",
    },
    ("ACTION_WITHOUT_ROLLBACK", "### Action 1"): {
        "**Rollback**: A restart needs none.\n": "",
    },
    ("KEY_FIELD_MISSING", "jupyter-small"): {
        "   - **Input**: `events.csv`\n": "",
        "   - **Output**: Success rate\n": "",
        "   - **Questions Answered**:\n     - Do events fail?\n": "",
        "   - **Next Steps**: Take a branch\n": "",
    },
    ("KEY_NOT_EVIDENCE", "**KEY**"): {
        "2. **Report** (`jupyter-small`)": "2. **Report**",
    },
    ("KEY_NOT_LISTED", "jupyter-smal`"): {
        "`jupyter-small`\n   - **Input**": "`jupyter-smal`\n   - **Input**",
    },
    ("VERIFICATION_WINDOWS", "## Verification"): {
        "### Window 2: After 4 Hours": "### Window 2: After 15 Minutes",
        "### Window 3: After 24 Hours": "### Window 3: After 20 Hours",
        "### Window 1: First 15 Minutes": "### Window 1: After 3 Hours",
    },
    ("NO_ESCALATION_TIME", "## Rollback"): {
        "Unresolved after 30 minutes": "Unresolved",
    },
    ("NO_ARTIFACTS", "## Evidence"): {
        "### Artifacts to Save": "### More",
    },
    ("NO_AUDIT_ENTRIES", "## Evidence"): {
        "### Required Audit Entries": "### Who",
    },
    ("VAGUE", "as needed"): {
        "Ask the service.": "Ask the service as needed.",
    },
    (None, ""): {
        "Make a folder.": "Check the application logs.",
    },
    ("RUNBOOK_UNKNOWN", "lost-failure"): {
        "see the Other Failure Runbook (`other-failure`)": "see the Lost Failure Runbook (`lost-failure`)",
    },
}
BAD_README = [
    (old, new, code, words)
    for (code, words), changes in FAULTS_IN_README.items()
    for old, new in changes.items()
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
