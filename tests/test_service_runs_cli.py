"""Runs on the command line, as a person calls it: secrets, by hand, from another terminal, once more."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.packs import code, notebook

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))",
]
SLOW = "print('on', flush=True)\nimport time\ntime.sleep(600)"
SECRET = "canary-of-the-console"


@pytest.fixture
def call(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "KEYS_WORKSPACE": str(root),
    }

    def run(*words, given="", popen=False, **extra):
        options = {"cwd": root, "env": {**environment, **extra}, "text": True}
        if popen:
            return subprocess.Popen(
                [*COMMAND, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **options,
            )
        return subprocess.run(
            [*COMMAND, *words], input=given, capture_output=True, check=False, **options
        )

    run.root, run.data, run.environment = root, tmp_path / "data", environment
    return run


def put(call, name, *cells):
    book = notebook(*(code(text, ident=f"c{at}") for at, text in enumerate(cells)))
    book["cells"][0]["metadata"] = {"tags": ["parameters"]}
    (call.root / name).write_text(json.dumps(book))
    return name


def until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("option", "given", "extra"),
    [
        ("token", SECRET + "\n", {}),
        ("token=@kept.txt", "", {}),
        ("token=env:MY_TOKEN", "", {"MY_TOKEN": SECRET}),
    ],
)
def test_a_secret_from_input_file_or_variable(call, option, given, extra):
    (call.root / "kept.txt").write_text(SECRET + "\r\n")
    name = put(call, "n.ipynb", "token: str = ''", f"print(token, len(token) == {len(SECRET)})")
    done = call("run", name, "--secret", option, "--json", given=given, **extra)
    run = json.loads(done.stdout)
    assert run["state"] == "SUCCEEDED", done.stderr
    assert run["parameters"]["token"].startswith("secret, hmac-sha256 ")
    assert SECRET not in done.stdout + done.stderr
    (call.root / "kept.txt").unlink()
    for path in [*call.root.rglob("*"), *call.data.rglob("*")]:
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    tail = next(call.data.glob("keys-jupyter/runs/*/output.txt"))
    assert tail.read_text() == "[secret token] True\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--secret", f"token={SECRET}"], "SECRET_IN_ARGUMENTS"),
        (["--secret", "token=env:NOT_SET_AT_ALL"], "NO_SECRET_VARIABLE"),
        (["--secret", "token=@nothing.txt"], "NO_SECRET_FILE"),
        (["--secret", "token", "--secret", "other"], "TWO_SECRETS_ON_INPUT"),
        (["--secret", "token", "-p", "token", "x"], "SECRET_AND_VALUE"),
    ],
)
def test_a_secret_that_cannot_be_had_stops_everything(call, words, problem):
    name = put(call, "n.ipynb", "token: str = ''\nother: str = ''")
    done = call("run", name, *words, "--json", given=SECRET)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == problem
    assert SECRET not in done.stdout + done.stderr
    assert not (call.root / "key-runs").exists()


def test_a_secret_is_asked_for_on_a_terminal_and_not_shown(call):
    name = put(call, "n.ipynb", "token: str = ''", "print(len(token))")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(call.root)
        os.execve(COMMAND[0], [*COMMAND, "run", name, "--secret", "token"], call.environment)
    shown = ""
    asked = False
    while select.select([terminal], [], [], 60)[0]:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:
            break
        if not asked and "token: " in shown:
            asked = True
            os.write(terminal, SECRET.encode() + b"\n")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert SECRET not in shown
    assert "succeeded" in shown
    # One line that is drawn over, then the answer.
    bars = re.findall(r"\r\x1b\[K(\[[#.]{24}\][^\r\n]*)", shown)
    assert bars
    assert all(len(bar) < 80 for bar in bars)


def test_from_another_terminal_a_run_is_cancelled_and_then_run_again_with_other_values(call):
    name = put(
        call, "n.ipynb", "n: int = 600", "print('on', flush=True)\nimport time\ntime.sleep(n)", "2"
    )
    first = call("run", name, "--json", popen=True)
    tails = lambda: list(call.data.glob("keys-jupyter/runs/*/output.txt"))  # noqa: E731
    until(lambda: any("on" in tail.read_text() for tail in tails()))
    (run_id,) = (tail.parent.name for tail in tails())
    done = call("runs", "cancel", run_id[:8], KEYS_ACTOR="Ada")
    assert done.returncode == 0, done.stderr
    assert "n : cancelled" in done.stdout
    assert "Cancelled by Ada." in done.stdout
    out, _ = first.communicate(timeout=30)
    assert first.returncode == 1
    told = json.loads(out)
    assert (told["state"], told["reason"]) == ("CANCELLED", "Cancelled in cell 2.")
    assert [cell["state"] for cell in told["cells"]] == ["ok", "cancelled", "never_ran"]
    again = call("runs", "rerun", run_id[:8], "-p", "n", "0", "--json")
    assert again.returncode == 0, again.stderr
    run = json.loads(again.stdout)
    assert (run["state"], run["parameters"]) == ("SUCCEEDED", {"n": 0})
    listed = call("runs", "list", "--key", name).stdout.splitlines()
    assert [line.split()[2] for line in listed] == ["succeeded", "cancelled"]


def test_ctrl_c_records_a_cancelled_run(call):
    process = call("run", put(call, "n.ipynb", "n: int = 1", SLOW), "--json", popen=True)
    until(
        lambda: any("on" in t.read_text() for t in call.data.glob("keys-jupyter/runs/*/output.txt"))
    )
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["state"] == "CANCELLED"
    assert json.loads(out)["cancelled_by"]["actor"]["subject"]


def test_a_run_by_hand_from_the_command_line(call):
    done = call("run", put(call, "n.ipynb", "n: int = 1", "n + 1"), "--interactive", "-p", "n", "5")
    assert done.returncode == 0
    path, run_id = re.search(r"Open (\S+) in[\s\S]*runs collect (\w{8})", done.stdout).groups()
    book = json.loads((call.root / path).read_text())
    assert book["cells"][1]["source"].endswith("n = 5")
    assert "open for you to run" in call("runs", "list").stdout
    assert call("runs", "collect", run_id).returncode == 1
    for count, cell in enumerate(book["cells"], 1):
        cell["execution_count"] = count
    (call.root / path).write_text(json.dumps(book))
    done = call("runs", "collect", run_id)
    assert done.returncode == 0, done.stderr
    assert "the saved notebook shows every cell as run" in done.stdout
    assert "cannot prove" in done.stdout


def test_a_rerun_needs_its_secret_again(call):
    name = put(call, "n.ipynb", "token: str = ''", "print(len(token))")
    run = json.loads(call("run", name, "--secret", "token", "--json", given=SECRET).stdout)
    missing = call("runs", "rerun", run["id"], "--json")
    assert json.loads(missing.stdout)["error"]["code"] == "SECRET_NEEDED"
    again = call("runs", "rerun", run["id"], "--secret", "token", "--json", given=SECRET)
    assert json.loads(again.stdout)["state"] == "SUCCEEDED"
    assert Path(call.root, run["notebook"]).is_file()


def test_a_notebooks_titles_do_not_command_the_terminal(call):
    name = put(
        call,
        "n.ipynb",
        "n: int = 1",
        "# \x1b]0;owned\x07\x1b[2J\u202etitle\n1",
        "raise ValueError('\x1b[31mred')",
    )
    done = call("run", name)
    assert "title" in done.stdout
    for bad in ("\x1b", "\x07", "\u202e"):
        assert bad not in done.stdout + done.stderr
