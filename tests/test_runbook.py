"""The parser: whatever the dialect, the right steps, branches, commands and keys; and never a byte lost."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys_jupyter.model.pack import RunbookMetadata
from keys_jupyter.runbook import parse, spans
from keys_jupyter.runbook.commands import split_shell, split_sql
from keys_jupyter.runbook.names import section_name, step_number
from keys_jupyter.runbook.placeholders import placeholders

CORPUS = Path(__file__).parent / "runbooks"
FILES = sorted(CORPUS.glob("*.md"))


def read(name):
    return parse((CORPUS / f"{name}.md").read_bytes().decode())


def steps_of(runbook):
    return {step.id: step for section in runbook.sections for step in section.steps}


# What each dialect comes to: steps in order, (condition, goto) of all branches, keys in order.
TABLE = {
    "seed-complete-example": (
        ["diagnosis-3"],
        [
            ("Success Rate < 95%", None),
            ("Signature Errors", None),
            ("Timeout Errors", None),
            ("Processing Errors", None),
        ],
        ["jupyter-webhook-event-analysis"],
    ),
    "numbered-lists": (
        [
            "safety-1",
            "safety-2",
            "safety-3",
            "diagnosis-1",
            "diagnosis-2",
            "action-1",
            "action-2",
            "verification-1",
            "follow-ups-1",
            "follow-ups-2",
        ],
        [
            ("more than 100", "diagnosis-2"),
            ("fewer than 100", "verification"),
            ("Failures > 0", "action-1"),
            ("Otherwise", "rollback"),
        ],
        ["jupyter-job-failure-analysis"],
    ),
    "emoji-headings": (
        ["safety-1", "diagnosis-1", "action-a", "action-b"],
        [("token errors", "action-a"), ("clock errors", "action-b")],
        [],
    ),
    "bold-steps": (
        ["diagnosis-1", "diagnosis-2", "action-1"],
        [("expired", "action-1"), ("valid", "runbook:partial-outage-dependency-failure")],
        ["jupyter-dependency-impact-analysis"],
    ),
    "crlf-no-final-newline": (
        ["diagnosis-1", "diagnosis-2", "action-1", "action-2"],
        [("Logs > 50 GB", "action-1"), ("Database > 50 GB", "action-2")],
        [],
    ),
    "references-everywhere": (
        [
            "diagnosis-1",
            "diagnosis-2",
            "verification-0",
            "verification-1",
            "verification-2",
            "rollback-1",
            "follow-ups-1",
            "follow-ups-2",
        ],
        [],
        [
            "jupyter-stripe-subscription-reconciliation",
            "jupyter-data-drift-analysis",
            "node-subscription-sync",
            "jupyter-stripe-subscription-reconciliation",
            "next-maintenance-page",
            "jupyter-data-drift-analysis",
        ],
    ),
    "tables-and-comments": (
        ["diagnosis-1", "diagnosis-2", "action-1", "action-2", "verification-1"],
        [
            ("p95 above 2000 ms", "action-1"),
            ("Error Rate > 1 %", "action-2"),
            ("Neither", "verification"),
            ("Europe is slow", "action-1"),
            ("Asia is slow", "action-2"),
            ("nothing is slow", None),
        ],
        [],
    ),
    "fences-in-lists": (["action-1", "action-2", "verification-1"], [], []),
    "headings-one-level": (
        [
            "safety-1",
            "safety-2",
            "diagnosis-3a",
            "diagnosis-3b",
            "action-1",
            "action-2",
            "verification-1",
        ],
        [("broken", "diagnosis-3a"), ("whole", "action")],
        [],
    ),
    "phases": (
        ["diagnosis-1", "diagnosis-2", "diagnosis-3", "action-1"],
        [
            ("Packet Loss > 5 %", "action-1"),
            ("unreachable", "diagnosis-2"),
            ("Unreachable", "diagnosis-2"),
        ],
        [],
    ),
    "repeated-numbers": (
        [
            "safety-1",
            "safety-2",
            "diagnosis-1",
            "diagnosis-1-2",
            "diagnosis-3",
            "verification-1",
            "verification-2",
            "rollback-1",
        ],
        [("stale", None), ("fresh", "verification-2")],
        [],
    ),
    "no-structure": ([], [], []),
    "decision": (
        ["diagnosis-1", "diagnosis-2", "action-1", "action-2"],
        [
            ("Value < 50", "action-1"),
            ("Else", "runbook:refund-review"),
            ("Age is 30 or more", "action-1"),
        ],
        [],
    ),
    "nested-steps": (
        ["safety-1", "safety-2", "diagnosis-0", "diagnosis-1", "diagnosis-2"],
        [("Failures", "diagnosis-2"), ("none of these", "rollback")],
        ["jupyter-job-failure-analysis"],
    ),
}


def test_every_file_of_the_corpus_has_its_row():
    assert {path.stem for path in FILES} == set(TABLE)
    assert len(FILES) >= 13


@pytest.mark.parametrize("name", sorted(TABLE))
def test_dialect(name):
    runbook = read(name)
    steps, branches, keys = TABLE[name]
    found = steps_of(runbook).values()
    assert [step.id for step in found] == steps
    assert [(b.condition, b.goto) for step in found for b in step.branches] == branches
    assert [key.slug for step in found for key in step.keys] == keys


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_nothing_is_lost(path):
    source = path.read_bytes().decode()
    pieces = spans(source)
    assert "".join(piece.text for piece in pieces) == source
    runbook = parse(source)
    texts = [x for s in runbook.sections for x in (s.text, *(step.text for step in s.steps))]
    at = 0
    for text in texts:
        at = source.index(text, at) + len(text)
    for piece in pieces:
        start = source.splitlines(keepends=True)[piece.line - 1]
        assert piece.text.startswith(start) or start.startswith(piece.text)


def test_seed_example_in_full():
    step = steps_of(read("seed-complete-example"))["diagnosis-3"]
    assert step.number == "3"
    assert step.title == "Analyze Webhook Delivery Patterns"
    assert step.when == "After verifying webhook endpoint is healthy (Step 2)"
    assert step.action == "Use Jupyter KEY to analyze webhook delivery patterns"
    assert step.expected.splitlines() == [
        "Analysis report showing:",
        "- Delivery success rate (should be > 95%)",
        "- Failure patterns (which events fail most)",
        "- Timing patterns (when failures occur)",
        "- Error types (signature, timeout, processing)",
    ]
    assert step.commands == []
    assert step.branches[0].outcome == "Continue to Step 4 (check application logs)"
    (key,) = step.keys
    assert key.input == "`webhook_logs_YYYYMMDD.csv`"
    assert key.output == step.expected
    assert key.location == "/jupyter-keys/webhook-event-analysis/webhook-event-analysis.ipynb"


def test_key_with_all_its_labels():
    key = steps_of(read("references-everywhere"))["diagnosis-1"].keys[0]
    assert (key.input, key.output) == ("two CSV exports", "list of mismatches")
    assert key.questions == ["Which subscriptions don't match?", "What are the discrepancies?"]
    assert key.next_steps == "repair them"


def test_labels_without_bullets_and_rule_one():
    source = (
        "## Diagnosis\n\n### Step 4: Errors\n\n**When:** After collecting error logs\n\n**Action:** Run it\n"
        "**KEY**: `jupyter-error-pattern-analysis`\n**Input**: Error logs\n**When to Run**: After Step 3\n"
        "**Expected Output**: Pattern report\n  by type\n"
    )
    (step,) = parse(source).sections[0].steps
    assert (step.when, step.action) == ("After collecting error logs", "Run it")
    (key,) = step.keys
    assert key.when == "After Step 3"
    assert key.output == "Pattern report\nby type"
    ruled = "### Step 3: X\n- Run: `jupyter-a-b` KEY\n- Input: Logs\n- Review: patterns, timing\n"
    (key,) = parse(ruled).sections[0].steps[0].keys
    assert (key.slug, key.input, key.output) == ("jupyter-a-b", "Logs", "patterns, timing")


def test_reversible():
    emoji, bold = steps_of(read("emoji-headings")), steps_of(read("bold-steps"))
    assert emoji["action-a"].reversible is True
    assert emoji["action-b"].reversible is False
    assert emoji["diagnosis-1"].reversible is None
    assert bold["action-1"].reversible is False
    listed = steps_of(read("numbered-lists"))
    assert [listed[f"action-{n}"].reversible for n in (1, 2)] == [True, False]


def test_do_not_and_artifacts():
    assert read("emoji-headings").do_not == ["Rotate the signing key", "Restart the database"]
    assert read("bold-steps").do_not == ["turn TLS off", "reuse the old key"]
    assert read("numbered-lists").do_not == ["DO NOT restart all workers at once."]
    assert read("headings-one-level").do_not == ["Never drop a table"]
    assert read("nested-steps").do_not == ["Delete the last good backup"]
    assert read("decision").do_not == []
    assert read("numbered-lists").artifacts == ["freeze.txt", "Report of the key with its input"]
    assert read("emoji-headings").artifacts == ["Error log", "Timeline"]


def test_what_a_runbook_says_of_itself():
    listed = read("numbered-lists")
    assert (listed.title, listed.version) == ("Queue Backlog Runbook", "2.1.0")
    assert (listed.key_types, listed.severity) == (["incident"], "p2")
    fronted = read("tables-and-comments")
    assert (fronted.title, fronted.version) == ("Slow Checkout", "0.3.0")
    assert (fronted.key_types, fronted.severity) == (["failure-mode"], "p3")
    metadata = RunbookMetadata(
        slug="queue-backlog",
        title="Queues",
        tool="runbook",
        version="3.0.0",
        license_spdx="MIT",
        key_type=["recovery"],
        severity_level="p1",
    )
    told = parse("# Queue\n**Severity**: P4\n", metadata=metadata)
    assert (told.slug, told.title, told.version) == ("queue-backlog", "Queue", "3.0.0")
    assert (told.key_types, told.severity) == (["recovery"], "p1")
    named = parse("# Queue\n", slug="mine", version="9", metadata=metadata)
    assert (named.slug, named.version) == ("mine", "9")


def test_digest_is_of_the_utf8_source():
    assert parse("# Ünglück\r\n").sha256 == hashlib.sha256("# Ünglück\r\n".encode()).hexdigest()


def test_authors_comment_fixes_the_condition():
    branches = [b for s in steps_of(read("tables-and-comments")).values() for b in s.branches]
    assert [b.when for b in branches] == [
        None,
        "error_rate > 1",
        None,
        "slow_regions > 0",
        "asia_p95 > 2000",
        None,
    ]


def test_sections_that_are_not_for_this_lead_elsewhere():
    (section,) = [s for s in read("numbered-lists").sections if s.name == "when-not"]
    (branch,) = section.branches
    assert branch.condition == "Jobs fail instead of waiting"
    assert branch.goto == "runbook:background-job-failure-replay"


def test_commands_of_fences_in_lists():
    steps = steps_of(read("fences-in-lists"))
    commands = steps["action-1"].commands
    assert [c.text for c in commands] == [
        "SELECT id FROM jobs\nWHERE status = 'failed; dead';",
        "BEGIN;",
        "\\x on",
        "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;",
        'for id in $(cat ids.txt); do\n  curl -X POST \\\n    "https://your-app.com/replay/$id"\ndone',
        'cat > body.json <<EOF\n# {"id": "evt_123"}\nit\'s here\nEOF',
        'psql "$DATABASE_URL" -c "select 1" | # goes on\n  wc -l',
        "```",
        "not the end",
        "```",
    ]
    assert [c.language for c in commands] == ["sql"] * 4 + ["bash"] * 6
    assert [c.lines for c in commands] == [2, 1, 1, 1, 4, 4, 2, 1, 1, 1]
    assert [c.placeholders for c in commands[4:7]] == [
        ["your-app.com"],
        ["evt_123"],
        ["$DATABASE_URL"],
    ]
    assert "200 OK" in steps["action-1"].expected
    assert [c.text for c in steps["action-2"].commands] == ["whoami", "ls \\\n  /tmp"]
    # An unclosed fence runs to the end: what looks like a heading in it is none.
    assert [c.text for c in steps["verification-1"].commands] == ['echo "## Rollback"']


def test_one_terminal_remembers_what_was_set():
    steps = steps_of(read("nested-steps"))
    assert steps["diagnosis-0"].commands[0].placeholders == ["<host>"]
    assert steps["diagnosis-1"].commands[0].placeholders == []
    assert steps["diagnosis-2"].commands[0].placeholders == ["$OTHER"]


@pytest.mark.parametrize(
    ("lines", "commands"),
    [
        ("a\nb", ["a", "b"]),
        ("# only words\n\n  # more\n", []),
        ("a # why\nb '#' x#y ${#z}", ["a", "b '#' x#y ${#z}"]),
        ("a \\\n  b\nc", ["a \\\n  b", "c"]),
        ("a &&\nb\nc |\n\nd", ["a &&\nb", "c |\n\nd"]),
        ("f() {\n  a\n}\nf", ["f() {\n  a\n}", "f"]),
        ("if a; then\n  b\nfi\nc", ["if a; then\n  b\nfi", "c"]),
        ("while read -r x; do\n  if y; then z; fi\ndone < f\ng", None),
        (
            "case $x in\n  a) b ;;\n  *) c ;;\nesac\nd",
            ["case $x in\n  a) b ;;\n  *) c ;;\nesac", "d"],
        ),
        ("echo 'a\nb'\nc", ["echo 'a\nb'", "c"]),
        ('echo "it\'s"\nc', ['echo "it\'s"', "c"]),
        ("a $(b\nc)\nd", ["a $(b\nc)", "d"]),
        ("cat <<'E' <<-F\none\nE\ntwo\n\tF\nnext", ["cat <<'E' <<-F\none\nE\ntwo\n\tF", "next"]),
        ("cat <<< word\nnext", ["cat <<< word", "next"]),
        ("echo '<<E'\nnext", ["echo '<<E'", "next"]),
        ("if x; then\ncat <<E\nfi\nE\nfi\nnext", ["if x; then\ncat <<E\nfi\nE\nfi", "next"]),
        ("cat <<E\nnever ends", ["cat <<E\nnever ends"]),
        ("echo for if done {x}\nnext", ["echo for if done {x}", "next"]),
        ("find . -exec rm {} \\;\nnext", ["find . -exec rm {} \\;", "next"]),
        ("# it's\na", ["a"]),
    ],
)
def test_shell_is_split_where_a_prompt_returns(lines, commands):
    wanted = commands or (
        ["while read -r x; do\n  if y; then z; fi\ndone < f", "g"] if "while" in lines else []
    )
    assert split_shell(lines.split("\n")) == wanted


def test_sql_is_split_at_its_semicolons():
    text = "-- one; two\nselect ';' , \"a;b\"; /* x; */\nselect 1 -- why;\n;\n\\d jobs\ndo $a$ x; $a$; select 2"
    assert split_sql(text) == [
        "select ';' , \"a;b\";",
        "select 1 -- why;\n;",
        "\\d jobs",
        "do $a$ x; $a$;",
        "select 2",
    ]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("curl https://your-app.com/<path>", ["your-app.com", "<path>"]),
        ("curl https://api.your-app.com -d YOUR_API_KEY", ["api.your-app.com", "YOUR_API_KEY"]),
        ("stripe events resend evt_123 --webhook we_1AbC", ["evt_123", "we_1AbC"]),
        ("export S=whsec_...", ["whsec_..."]),
        ("cp logs_YYYYMMDD.csv YYYY-MM-DD.csv", ["YYYYMMDD", "YYYY-MM-DD"]),
        ("psql $DATABASE_URL; echo ${TOKEN} $HOME", ["$DATABASE_URL", "${TOKEN}"]),
        ("echo ${NAME:-me} $lower $1", []),
        ("awk '{print $NF}' x", []),
        ("sort < in.txt > out.txt", []),
        ("select sub_id, in_progress, price_id", []),
        ("echo <event id> <event id>", ["<event id>"]),
        ("echo {{ host }} CHANGE_ME", ["{{ host }}", "CHANGE_ME"]),
    ],
)
def test_placeholders(command, found):
    assert placeholders(command, "bash", set()) == found


def test_a_format_is_no_placeholder():
    assert placeholders("select to_char(now(), 'YYYY-MM-DD')", "sql", set()) == []
    assert placeholders("echo $A $B", "bash", {"A"}) == ["$B"]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("TITLE + SCOPE", "scope"),
        ("Scope", "scope"),
        ("2. WHEN TO USE THIS RUNBOOK", "when"),
        ("3. WHEN *NOT* TO USE THIS RUNBOOK", "when-not"),
        ("Do NOT use this runbook if", "when-not"),
        ("**4) Immediate Safety Checks**", "safety"),
        ("🔍 DIAGNOSIS FLOW", "diagnosis"),
        ("Section 6: Action Steps", "action"),
        ("VI. Actions", "action"),
        ("7️⃣ Verification", "verification"),
        ("Rollback / Escalation", "rollback"),
        ("Evidence & Audit Notes", "evidence"),
        ("POST-INCIDENT FOLLOW-UPS", "follow-ups"),
        ("Version History", "other"),
        ("Whenever", "other"),
        ("", "other"),
    ],
)
def test_sections_by_their_words(heading, name):
    assert section_name(heading) == name


@pytest.mark.parametrize(
    ("heading", "number", "title"),
    [
        ("Step 3: Look", "3", "Look"),
        ("STEP 3a - Look", "3a", "Look"),
        ("Action A: Look", "A", "Look"),
        ("3. Look", "3", "Look"),
        ("**5.1 Look**", "5.1", "Look"),
        ("🔹 Check 2 – Look", "2", "Look"),
        ("24 hours after", "", "24 hours after"),
        ("15-minute check", "", "15-minute check"),
        ("Look", "", "Look"),
    ],
)
def test_numbers_of_headings(heading, number, title):
    assert step_number(heading) == (number, title)


def test_comments_and_fences_hide_headings():
    source = (
        "# T\n## Diagnosis\n<!--\n## Action\n-->\n````\n```\n## Rollback\n````\n### Step 1: X\n"
    )
    runbook = parse(source)
    assert [s.name for s in runbook.sections] == ["diagnosis"]
    assert [step.id for step in runbook.sections[0].steps][-1] == "diagnosis-1"


PIECES = st.sampled_from(
    [
        "# T",
        "## Diagnosis",
        "## 6. ACTION STEPS",
        "### Step 1: A",
        "#### B",
        "### DO NOT",
        "- x",
        "1. y",
        "   - **If A < 5 %**: see Action 1",
        "```bash",
        "   ```",
        "~~~",
        "<!--",
        "-->",
        "---",
        "===",
        "***",
        "<!-- when: a < 5 -->",
        "| If | Then |",
        "|--|--|",
        "| a | Step 1 |",
        "**KEY**: `jupyter-a-b`",
        "**Expected**:",
        "- Run: `node-a` KEY",
        "text",
        "",
        "\t",
        "> quoted",
        "1) z",
        "Artifacts to Save:",
    ]
)
ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r", ""])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.one_of(PIECES, st.text(max_size=12)), ENDS), max_size=30))
def test_spans_joined_are_the_source(parts):
    source = "".join(text + end for text, end in parts)
    pieces = spans(source)
    assert "".join(piece.text for piece in pieces) == source
    runbook = parse(source)
    ids = [step.id for section in runbook.sections for step in section.steps]
    assert len(set(ids)) == len(ids)
    assert [piece.step for piece in pieces if piece.kind == "step"] == ids
    for section in runbook.sections:
        assert section.text in source
        for step in section.steps:
            assert step.text in source
            assert all(b.goto is None or ":" in b.goto or b.goto for b in step.branches)


@pytest.mark.parametrize(
    "line",
    [
        "- " * 20000,
        "**" * 20000,
        "if " * 10000,
        "`" * 20000,
        "| a " * 10000,
        "<a " * 10000,
        "'" * 20001,
        "<<" * 10000,
        "$(" * 10000,
        "# " * 20000,
        "Action " * 5000,
        "use the " * 5000,
    ],
)
def test_hostile_lines_end_quickly(line):
    source = f"## Diagnosis\n{line}\n- {line}\n```bash\n{line}\n```\n"
    began = time.perf_counter()
    assert "".join(piece.text for piece in spans(source)) == source
    parse(source)
    assert time.perf_counter() - began < 5


def test_many_lines_end_quickly():
    source = "## Diagnosis\n" + "- **If A < 5 %**: see Step 2\n  **Expected**:\n\n  x\n" * 2_000
    began = time.perf_counter()
    parse(source + "```bash\n" + "if a; then\n" * 400)
    assert time.perf_counter() - began < 10


STRIPE = Path(__file__).parent.parent / "library/runbook-keys/stripe-webhook-failure/README.md"


def test_the_embedded_runbook_comes_out_whole():
    source = STRIPE.read_bytes().decode()
    runbook = parse(source)
    assert "".join(piece.text for piece in spans(source)) == source
    assert [section.name for section in runbook.sections] == [
        *("scope", "when", "when-not", "safety", "diagnosis", "action"),
        *("verification", "rollback", "evidence", "follow-ups"),
    ]
    steps = steps_of(runbook)
    assert all(branch.goto for step in steps.values() for branch in step.branches)
    keys = {step.id: [key.slug for key in step.keys] for step in steps.values() if step.keys}
    assert keys == {
        "diagnosis-3": ["jupyter-webhook-event-analysis"],
        "diagnosis-7": ["jupyter-webhook-duplicate-detection"],
        "verification-3": ["jupyter-webhook-delivery-report"],
    }
    success = next(b for b in steps["diagnosis-3"].branches if b.condition.startswith("Success"))
    assert success.goto == "diagnosis-4"
    assert all(s.reversible is not None for s in steps.values() if s.id.startswith("action-"))
