"""The command line as a person calls it: a process, its two outputs, its exit code."""

import argparse
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keys_jupyter import cli
from tests.packs import code, key_files, make_library, notebook, runbook_files


@pytest.fixture
def call(tmp_path, library):
    """Run a command in a workspace of its own, with the small library in place of the embedded one."""
    root = tmp_path / "root"
    root.mkdir()
    start = (
        "import sys; from pathlib import Path; import keys_jupyter.service.opening as o;"
        f"o.embedded_library = lambda: Path({str(library)!r});"
        "from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }

    def run(*words, cwd=root, popen=False, **extra):
        command = [sys.executable, "-c", start, *map(str, words)]
        options = {"cwd": cwd, "env": {**environment, **extra}, "text": True}
        if popen:
            return subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
            )
        return subprocess.run(command, capture_output=True, check=False, **options)

    run.root, run.start, run.environment = root, start, environment
    return run


def document(done, code_=0):
    assert done.returncode == code_, done.stderr
    return json.loads(done.stdout)


def test_the_whole_path_in_json(call):
    keys = document(call("catalog", "--json"))["keys"]
    assert {
        "slug",
        "kind",
        "title",
        "version",
        "source",
        "entitled",
        "installed",
        "update",
        "category",
        "maturity",
        "outcome",
        "severity",
        "tags",
    } <= set(keys[0])
    done = document(call("install", "jupyter-small@1.0.0", "--json"))
    assert set(done) == {"slug", "version", "sha256", "verified", "path", "files", "source"}
    takes = document(call("parameters", "jupyter-small", "--json"))
    assert {"name", "type", "default", "required", "help", "choices", "secret", "file"} <= set(
        takes["parameters"][0]
    )
    assert takes["schema"]["properties"]["limit"]["type"] == "integer"
    incident = document(call("incident", "open", "small-failure", "--rehearsal", "--json"))
    (call.root / "log.csv").write_text("a\n1\n")
    run = document(
        call(
            "run",
            "jupyter-small",
            "-p",
            "input_csv",
            "log.csv",
            "-p",
            "limit",
            "8",
            "--incident",
            incident["id"],
            "--step",
            "diagnosis-1",
            "--json",
        )
    )
    assert run["state"] == "SUCCEEDED"
    assert set(run["cells"][0]) >= {"index", "type", "state", "started_at", "duration", "error"}
    assert run["results"][0]["name"] == "success_rate"
    assert set(run["artifacts"][0]) == {"path", "sha256", "size"}
    assert document(call("runs", "show", run["id"], "--json"))["state"] == "SUCCEEDED"
    assert len(document(call("runs", "list", "--json"))["runs"]) == 1
    shown = document(call("runbook", "show", "small-failure", "--json"))
    assert {"slug", "title", "key_types", "severity", "sections", "artifacts", "do_not"} <= set(
        shown
    )
    told = call("runbook", "show", "small-failure").stdout.lower()
    assert ("do not" in told, "do not do not" in told) == (True, False)
    assert "      1 if " in told
    assert len(document(call("runbook", "list", "--json"))["runbooks"]) == 1
    state = document(call("incident", "show", "1", "--json"))
    branches = next(s for s in state["steps"] if s["id"] == "diagnosis-1")["branches"]
    assert {"condition", "true", "suggested", "reason"} <= set(branches[0])
    assert branches[0]["true"] is True
    after = document(call("incident", "branch", "1", "diagnosis-1", "1", "--json"))
    assert after["focus"] == "diagnosis-2"
    records = document(call("incident", "timeline", "1", "--json"))["records"]
    assert set(records[0]) >= {"seq", "index", "at", "actor", "type", "step", "data", "leaf"}
    kept = document(call("evidence", "list", "1", "--json"))["evidence"]
    assert set(kept[0]) >= {"id", "run", "step", "kind", "mime", "sha256", "size", "redactions"}
    assert len(document(call("incident", "list", "--json"))["incidents"]) == 1
    assert document(call("installed", "--json"))["installed"][0]["edited"] == []
    assert (
        document(call("info", "jupyter-small", "--json"))["referenced_by"][0]["slug"]
        == "small-failure"
    )


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (("install", "jupyter-smal"), 3, "UNKNOWN_KEY"),
        (("install", "jupyter-small@7.0.0"), 3, "UNKNOWN_VERSION"),
        (("parameters", "small-failure"), 3, "NOT_A_NOTEBOOK_KEY"),
        (("parameters", "gone.ipynb"), 3, "NO_NOTEBOOK"),
        (("run", "jupyter-small", "-p", "limt", "3"), 2, "UNKNOWN_PARAMETER"),
        (("run", "jupyter-small", "-p", "limit", "three"), 2, "WRONG_TYPE"),
        (("run", "jupyter-small", "-p", "input_csv", "gone.csv"), 2, "FILE_MISSING"),
        (("run", "jupyter-small", "-f", "gone.yaml"), 2, "NO_PARAMETERS_FILE"),
        (("run", "jupyter-small", "--timeout", "-1"), 2, "BAD_SECONDS"),
        (("run", "jupyter-small", "--step", "diagnosis-1"), 2, "INCIDENT_AND_STEP"),
        (("incident", "open", "jupyter-small"), 3, "NOT_A_RUNBOOK"),
        (("incident", "show", "4"), 3, "UNKNOWN_INCIDENT"),
        (("runbook", "show", "./nowhere/README.md"), 3, "NO_RUNBOOK"),
        (("runbook", "show", "../../outside.md"), 2, "OUTSIDE_WORKSPACE"),
        (("catalog", "--workspace", "nowhere"), 1, "WORKSPACE_MISSING"),
    ],
)
def test_bad_input_is_one_clear_error(call, words, status, error):
    done = call(*words, "--json")
    fault = document(done, status)["error"]
    assert fault["code"] == error
    assert fault["message"]
    assert fault["hint"]
    plain = call(*words)
    assert plain.returncode == status
    assert plain.stdout == ""
    assert fault["message"] in plain.stderr
    assert "Traceback" not in done.stderr + plain.stderr


def test_a_filter_that_no_key_can_pass_says_what_there_is(call):
    done = call("catalog", "--kind", "runbok", "--maturity", "operator", "--json")
    assert document(done)["keys"] == []
    assert done.stderr == "No key has the kind 'runbok'. There are: jupyter, runbook.\n"
    assert call("catalog", "--kind", "runbook").stderr == ""


def test_broken_pack_is_an_integrity_error(call, library):
    path = library / "packs/jupyter-small/1.0.0/pack.zip"
    path.write_bytes(b"PK" + path.read_bytes()[2:-1])
    assert (
        document(call("install", "jupyter-small", "--json"), 5)["error"]["code"]
        == "DIGEST_MISMATCH"
    )
    assert not (call.root / "keys/jupyter-small").exists()


def test_torn_library_is_said_and_the_list_still_answers(call, library):
    (library / "library.json").write_text("{")
    done = call("catalog", "--json")
    assert document(done)["keys"] == []
    assert document(done)["problems"][0]["code"] == "LIBRARY_TORN"
    assert "cannot be read" in done.stderr


def test_failed_run_exits_with_1_and_says_which_cells_never_ran(call, library):
    make_library(library, key_files(book=notebook(code("1/0", ident="a"), code("2", ident="b"))))
    done = call("run", "jupyter-small", "--json")
    assert [c["state"] for c in document(done, 1)["cells"]] == ["failed", "never_ran"]
    words = call("run", "jupyter-small")
    assert words.returncode == 1
    assert "ZeroDivisionError" in words.stdout
    assert "never ran" in words.stdout


def test_values_from_a_file_and_the_command_line_join(call):
    (call.root / "values.yaml").write_text("limit: 5\nnote: from file\n")
    run = document(call("run", "jupyter-small", "-f", "values.yaml", "-p", "limit", "6", "--json"))
    assert (run["parameters"]["limit"], run["parameters"]["note"]) == (6, "from file")


def test_ctrl_c_cancels_cleanly(call, library):
    book = notebook(code("print('here', flush=True)\nimport time; time.sleep(600)"))
    make_library(library, key_files(book=book, parameters={}), runbook_files())
    process = call("run", "jupyter-small", "--json", popen=True)
    for line in process.stderr:
        if line.startswith("running"):
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["state"] == "CANCELLED"


def test_a_terminal_gets_a_bar_and_a_pipe_gets_lines(call):
    piped = call("run", "jupyter-small")
    assert "cell 3 of 4 ok" in piped.stderr
    assert piped.stderr.endswith("succeeded\n")
    assert "\x1b" not in piped.stderr
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", call.start, "run", "jupyter-small"],
        cwd=call.root,
        env=call.environment,
        stdout=subprocess.PIPE,
        stderr=follower,
        text=True,
    )
    os.close(follower)
    process.communicate(timeout=60)
    assert b"[" in os.read(leader, 65536)
    os.close(leader)


def test_workspace_is_found_from_below(call):
    document(call("install", "jupyter-small", "--json"))
    below = call.root / "a" / "b"
    below.mkdir(parents=True)
    (below / "log.csv").write_text("a\n1\n2\n3\n")
    assert len(document(call("installed", "--json", cwd=below))["installed"]) == 1
    run = document(call("run", "jupyter-small", "-p", "input_csv", "log.csv", "--json", cwd=below))
    assert run["parameters"]["input_csv"] == "a/b/log.csv"
    assert (call.root / run["folder"] / "artifacts/report.md").read_text() == "# 4 rows"


def test_running_server_names_the_workspace(call, tmp_path):
    served = tmp_path / "served" / "deep"
    served.mkdir(parents=True)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    row = {"pid": os.getpid(), "root_dir": str(tmp_path / "served")}
    (runtime / "jpserver-1.json").write_text(json.dumps(row))
    document(call("install", "jupyter-small", "--json", cwd=served))
    assert (tmp_path / "served/keys/jupyter-small/1.0.0").is_dir()


def test_two_commands_at_once_share_the_store(call):
    document(call("incident", "open", "small-failure", "--json"))
    many = [
        call("incident", "step", "1", "safety-1", "note", "--text", str(i), "--json", popen=True)
        for i in range(4)
    ]
    for process in many:
        process.communicate(timeout=60)
        assert process.returncode == 0
    records = document(call("incident", "timeline", "1", "--json"))["records"]
    assert [r["seq"] for r in records] == list(range(5))


def leaves(parser, words=()):
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield words, parser
    for group in groups:
        for name, inner in group.choices.items():
            yield from leaves(inner, (*words, name))


def test_every_command_works_has_help_and_an_example_that_parses():
    parser = cli.parser()
    found = {" ".join(words): inner for words, inner in leaves(parser)}
    assert set(cli.EXAMPLES) == set(found)
    for name, inner in found.items():
        text = inner.format_help()
        example = re.sub(r"\s+", " ", text).partition("Example: jupyter keys ")[2]
        assert example, f"{name} has no example"
        import shlex

        parser.parse_args(shlex.split(example))
        assert "--json" in text


def test_every_command_is_documented():
    pages = Path(__file__).parent.parent.joinpath("docs").glob("*.md")
    text = "".join(page.read_text() for page in pages)
    for words, _ in leaves(cli.parser()):
        assert re.search(rf"\b{words[-1]}\b", text), f"{' '.join(words)} is not documented"


def test_libraries_of_a_team_come_from_the_configuration_and_the_environment(call, tmp_path):
    team = make_library(tmp_path / "team", key_files(slug="jupyter-team"))
    named = {"KEYS_LIBRARY_PATHS": str(team)}
    rows = document(call("catalog", "--json", **named))["keys"]
    assert {row["slug"]: row["source"] for row in rows}["jupyter-team"] == "team"
    # What is set wrong is said where its keys would stand, and takes nothing else along; a password is not told.
    wrong = {
        "KEYS_LIBRARY_PATHS": "/nowhere",
        "KEYS_LIBRARY_URLS": "http://me:secret@lib.example.org",
    }
    told = document(call("catalog", "--json", **wrong))
    assert [one["code"] for one in told["problems"]] == ["LIBRARY_MISSING", "ADDRESS_REFUSED"]
    assert "secret" not in json.dumps(told)
    assert len(told["keys"]) == len(rows) - 1
    assert document(call("incident", "list", "--json", **wrong)) == {"incidents": []}
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"KeysExtension": {"library_paths": [str(team)]}})
    )
    found = document(call("install", "jupyter-team", "--json", JUPYTER_CONFIG_DIR=str(config)))
    assert found["source"] == "team"


def test_versions_are_switched_written_out_and_taken_away(call, tmp_path):
    document(call("install", "jupyter-small", "--json"))
    assert document(call("outdated", "--json")) == {"outdated": []}
    assert document(call("use", "jupyter-small@1.0.0", "--json"))["installed"][0]["default"]
    written = document(call("pack-file", "jupyter-small", "-o", str(tmp_path / "p.zip"), "--json"))
    assert document(call("remove", "jupyter-small", "--json"))["versions"] == ["1.0.0"]
    again = document(
        call("import", str(tmp_path / "p.zip"), "--sha256", written["sha256"], "--json")
    )
    assert again["sha256"] == written["sha256"]
    refused = call("use", "jupyter-small", "--json")
    assert refused.returncode == 2
