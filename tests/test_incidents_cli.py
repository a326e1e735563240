"""Incidents and runbooks on the command line: the same acts, answers and refusals as everywhere."""

import io
import json

import pytest

from keys_jupyter import cli
from tests.incident_books import RICH
from tests.packs import key_files, make_library, runbook_files


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run a command in this process; return its exit code and its one document."""
    big = runbook_files(slug="big-failure", title="Big Failure Runbook", text=RICH)
    library = make_library(tmp_path / "library", key_files(), runbook_files(), big)
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("KEYS_ACTOR", "Ada")
    monkeypatch.chdir(root)

    def run(*words, text=False):
        code = cli.main([*map(str, words)] if text else [*map(str, words), "--json"])
        out = capsys.readouterr().out
        return code, out if text else json.loads(out)

    run.root = root
    return run


def test_a_whole_incident_from_the_terminal(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("BIG_FAILURE fires\non web-1\n"))
    code, opened = call(
        "incident", "open", "big-failure", "--trigger", "-", "--fact", "<host>", "web-1"
    )
    assert (code, opened["trigger"]) == (0, "BIG_FAILURE fires\non web-1\n")
    assert opened["facts"] == {"<host>": "web-1"}
    assert call("incident", "step", 1, "safety-1", "done")[1]["focus"] == "safety-2"
    assert call("incident", "undo", 1, "safety-1")[1]["focus"] == "safety-1"
    assert call("incident", "step", 1, "safety-2", "focus")[1]["focus"] == "safety-2"
    taken = call("incident", "branch", 1, "diagnosis-1", 2, "--text", "they time out")[1]
    step = next(one for one in taken["steps"] if one["id"] == "diagnosis-1")
    assert (step["branches"][1]["taken"], step["branches"][1]["why"]) == (True, "they time out")
    code, refused = call("incident", "step", 1, "action-2", "done")
    assert (code, refused["error"]["code"]) == (1, "CONFIRMATION_MISSING")
    assert "RESEND 2" in refused["error"]["hint"]
    code, _ = call("incident", "step", 1, "action-2", "done", "--confirm", "RESEND 2")
    assert code == 0
    assert call("incident", "confirm", 1, "action-2", "RESEND 2")[0] == 0
    assert call("incident", "note", 1, "a word", "--step", "safety-1")[0] == 0
    assert call("incident", "note", 1, "another")[1]["notes"][0]["by"] == "Ada"
    assert call("incident", "fact", 1, "<id>", "7")[1]["facts"]["<id>"] == "7"
    assert call("incident", "claim", 1)[1]["owner"] == "Ada"
    handed = call("incident", "handover", 1, "--to", "Bo", "--text", "bye")[1]
    assert handed["owner"] == "Bo"
    timed = call("incident", "timer", 1, "start", "--minutes", "5", "--text", "look")[1]
    assert timed["timers"][-1]["title"] == "look"
    assert call("incident", "escalate", 1, "escalation-1", "--text", "called")[0] == 0
    assert call("incident", "tick", 1, "entry-1")[1]["items"][3]["state"] == "ticked"
    assert call("incident", "tick", 1, "entry-1", "--undo")[1]["items"][3]["state"] == "missing"
    added = call("incident", "add-analysis", 1, "jupyter-small")[1]
    assert added["focus"] == "added-1"
    (call.root / "probe.txt").write_text("ok")
    kept = call("incident", "attach", 1, "probe.txt", "--step", "safety-1")[1]
    assert kept["evidence"][0]["name"] == "probe.txt"
    linked = call("incident", "link", 1, "small-failure")[1]
    assert linked["number"] == 2
    closed = call(
        "incident", "close", 1, "--root-cause", "a", "--resolution", "b", "--verification", "c"
    )[1]
    assert (closed["state"], closed["closing"]["by"]) == ("closed", "Ada")
    assert call("incident", "reopen", 1, "--text", "again")[1]["state"] == "open"
    records = call("incident", "timeline", 1, "--after", 1)[1]["records"]
    assert [record["seq"] for record in records] == list(range(2, opened["n"] + len(records) + 2))
    assert [one["number"] for one in call("incident", "list")[1]["incidents"]] == [2, 1]


def test_words_for_people(call):
    call("incident", "open", "big-failure", "--trigger", "fires\x1b[2J")
    _, shown = call("incident", "show", 1, text=True)
    assert "> safety-1" in shown
    assert "\x1b" not in shown
    assert "escalation-1" in shown
    _, told = call("incident", "timeline", 1, text=True)
    assert "Incident 1 opened on Big Failure Runbook 1.0.0" in told
    _, paper = call("incident", "checklist", 1, text=True)
    assert paper.startswith("# Incident 1: Big Failure Runbook, P1\n")
    _, keys = call("incident", "keys", 1, "diagnosis-2", text=True)
    assert "not run here" in keys
    assert "$ npx keys run node-queue-drain --queue default" in keys
    assert call("incident", "prefill", 1, "diagnosis-1", "jupyter-small", text=True)[1] == "None.\n"
    assert "No key at hand" in call("incident", "analyses", 1, text=True)[1]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("incident", "show", "7"), 3, "UNKNOWN_INCIDENT"),
        (("incident", "step", "1", "safety-9", "done"), 3, "UNKNOWN_STEP"),
        (("incident", "branch", "1", "diagnosis-1", "0"), 2, "UNKNOWN_BRANCH"),
        (("incident", "branch", "1", "diagnosis-1", "9"), 3, "UNKNOWN_BRANCH"),
        (("incident", "step", "1", "safety-1", "skipped"), 1, "TEXT_MISSING"),
        (("incident", "timer", "1", "start", "--minutes", "-3"), 2, "BAD_ACT"),
        (("incident", "attach", "1", "nothing.txt"), 2, "NO_FILE"),
        (("incident", "attach-run", "1", "safety-1", "none"), 3, "UNKNOWN_RUN"),
        (("incident", "prefill", "1", "safety-1", "nothing"), 3, "UNKNOWN_KEY"),
        (("runbook", "ready", "nothing"), 3, "UNKNOWN_KEY"),
        (("runbook", "diff", "small-failure"), 3, "NOT_CUSTOMISED"),
        (("runbook", "customise", "small-failure", "--as", "../x"), 2, "BAD_NAME"),
    ],
)
def test_refusals_keep_their_exit_codes(call, words, exit_code, code):
    call("incident", "open", "big-failure")
    got, reply = call(*words)
    assert (got, reply["error"]["code"]) == (exit_code, code)
    assert reply["error"]["hint"]


def test_stale_is_told_with_what_changed(call):
    call("incident", "open", "big-failure")
    call("incident", "step", 1, "safety-1", "failed", "--text", "no access")
    code, reply = call("incident", "step", 1, "safety-1", "done", "--after", 0)
    assert (code, reply["error"]["code"]) == (1, "STALE")
    assert "no access" in reply["error"]["message"]


def test_readiness_is_an_exit_code_for_ci(call):
    code, reply = call("runbook", "ready", "small-failure")
    assert (code, reply["ready"]) == (1, False)
    call("install", "jupyter-small")
    code, reply = call("runbook", "ready", "small-failure")
    assert (code, reply["ready"]) == (0, True)
    _, shown = call("runbook", "ready", "small-failure", text=True)
    assert shown.startswith("Small Failure Runbook 1.0.0: ready\n")


def test_runbooks_are_found_copied_and_compared(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("BIG_FAILURE fires"))
    assert call("runbook", "find", "-")[1]["matches"][0]["slug"] == "big-failure"
    assert "when to use" in call("runbook", "find", "BIG_FAILURE fires", text=True)[1]
    made = call("runbook", "customise", "small-failure", "--as", "mine")[1]
    file = call.root / made["path"] / "README.md"
    file.write_text(file.read_text().replace("Look first", "Look twice"))
    found = call("runbook", "diff", "mine")[1]
    assert [one["section"] for one in found["sections"]] == ["safety"]
    assert "+### Check 1: Look twice" in call("runbook", "diff", "mine", text=True)[1]
    rows = call("runbook", "list")[1]["runbooks"]
    assert {row["slug"] for row in rows} == {"small-failure", "big-failure", "mine"}
    rows = call("runbook", "list", "--find", "big")[1]["runbooks"]
    assert [row["slug"] for row in rows] == ["big-failure"]
    assert call("runbook", "show", "runbook:mine")[1]["slug"] == "mine"
