"""A person's whole way with the command line against a marketplace of another process, and no key left anywhere on it."""

import json
import os
import subprocess
import sys

import pytest

from keys_jupyter.marketplace_fake import MARK, Received, new_api_key
from tests.downloads.test_canary_key import spellings
from tests.packs import RUNBOOK, code, key_files, make_library, notebook, runbook_files

SOLD, ALERT_BOOK = "jupyter-sold", "sold-failure"
LOOK = """import json, os, pathlib
pathlib.Path("artifacts").mkdir(exist_ok=True)
pathlib.Path("artifacts/env.json").write_text(json.dumps(dict(os.environ)))
print(dict(os.environ))
"""
CALL = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"


class Market:
    """The marketplace as `python -m` runs it, steered by lines."""

    def __init__(self, library):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "keys_jupyter.marketplace_fake", str(library)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.greeting = json.loads(self.process.stdout.readline())
        self.url = self.greeting["url"]

    def does(self, what, **given):
        self.process.stdin.write(json.dumps({"do": what, **given}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["ok"], answer
        return answer

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        self.process.stdout.close()


@pytest.fixture
def market(tmp_path):
    text = RUNBOOK.replace(
        "## Immediate", "## When to Use\n\n- ledger writes time out on a shard\n\n## Immediate", 1
    )
    running = Market(
        make_library(
            tmp_path / "sold",
            key_files(SOLD, book=notebook(code(LOOK))),
            runbook_files(ALERT_BOOK, text=text),
        )
    )
    yield running
    running.end()


@pytest.fixture
def keys(tmp_path, workspace, market):
    said = []

    def run(*words, typed="", code=0, **extra):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYS_")}
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words, "--json"],
            input=typed, capture_output=True, text=True, cwd=workspace, check=False,
            env={**clean, "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"), **extra},
        )  # fmt: skip
        said.extend((done.stdout, done.stderr))
        assert done.returncode == code, done.stderr + done.stdout
        return json.loads(done.stdout)

    run.said = said
    return run


def test_sign_in_list_find_install_run_and_work_offline_without_a_trace_of_the_key(
    keys, market, tmp_path, workspace, watch
):
    key = market.does("key", seconds=86400)["token"]
    sign_in = ("login", "--marketplace", market.url, "--allow-private", "--token-stdin")
    wrong = keys(*sign_in, typed=new_api_key("kx_live"), code=3)
    assert wrong["error"]["code"] == "KEY_REFUSED"
    session = keys(*sign_in, typed=key + "\n")
    assert (session["state"], session["place"]) == ("valid", "file")

    slugs = {row["slug"]: row for row in keys("catalog", "--search", "small")["keys"]}
    assert slugs[SOLD]["entitled"] is False
    assert keys("install", SOLD, code=3)["error"]["code"] == "NOT_ENTITLED"
    market.does("grant", slug=SOLD)
    market.does("grant", slug=ALERT_BOOK)
    # A command believes what it heard five minutes ago; a fetch asks anew.
    assert keys("install", SOLD)["version"] == "1.0.0"
    assert keys("install", ALERT_BOOK)["version"] == "1.0.0"
    assert [row["slug"] for row in keys("catalog", "--installed", "--kind", "runbook")["keys"]] == [
        ALERT_BOOK
    ]
    alert = "[FIRING:2] ledger shard 12 writes time out after 30s, pager 8812"
    assert keys("catalog", "--search", alert)["keys"][0]["slug"] == ALERT_BOOK

    run = keys("run", SOLD, KEYS_API_KEY=key)
    assert run["state"] == "SUCCEEDED"

    market.does("stop")
    offline = keys("catalog")
    assert {SOLD, ALERT_BOOK} <= {row["slug"] for row in offline["keys"]}
    assert keys("whoami")["state"] == "unreachable"
    assert keys("run", SOLD)["state"] == "SUCCEEDED"
    assert keys("runbook", "show", ALERT_BOOK)["slug"] == ALERT_BOOK
    market.does("start")
    assert keys("whoami")["state"] == "valid"

    # The marketplace is another process here, so its requests are shown to the watch over this run.
    for one in market.does("requests", holding=MARK, whole=True)["requests"]:
        watch.request(Received(**{**one, "body": one["body"].encode("latin-1")}))
    places = {"said": "".join(keys.said)}
    for folder in (tmp_path / "jupyter", workspace):
        for path in folder.rglob("*"):
            if path.is_file() and path.parent.name != "credentials":
                places[str(path)] = path.read_bytes().decode("latin-1")
    assert any(name.endswith("store.sqlite") for name in places)
    assert any(name.endswith("env.json") for name in places)
    hits = [
        (name, text[:6]) for text in spellings(key) for name, said in places.items() if text in said
    ]
    assert hits == []

    kept = [path for path in (tmp_path / "jupyter").rglob("credentials/*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in kept} == {0o700}
    assert keys("logout")["state"] == "signed_out"
    assert key not in "".join(path.read_text("latin-1") for path in kept if path.exists())
    assert {row["slug"] for row in keys("installed")["installed"]} == {SOLD, ALERT_BOOK}
