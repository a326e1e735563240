"""An acknowledged record is there after kill -9 and on a full disk, and the ledger has no gap.

A process of its own forks workers that append through the service and say every acknowledged record on a pipe. They
are killed while they append; whatever had been said must be there, whole, in its place.
"""

import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from keys_jupyter import ledger
from keys_jupyter.model.incident import Act, OpenRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.store import Store
from tests.packs import make_library

DRIVER = textwrap.dedent(
    """
    import json, os, random, select, signal, sys
    from pathlib import Path
    from keys_jupyter.model.incident import Act
    from keys_jupyter.service import Service
    from keys_jupyter.sources.library import FolderLibrary

    root, incident, rounds, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    dice = random.Random(seed)

    def work(out, name):
        service = Service(root / "ws", root / "data", [FolderLibrary(root / "library", "embedded")])
        number = 0
        while True:
            number += 1
            text = f"{name}-{number}-" + "x" * (number * 37 % 3000)
            service.incidents.act(incident, Act(type="incident.note", text=text))
            os.write(out, f"{text[:40]} {len(text)}\\n".encode())

    for round_ in range(rounds):
        into, out = os.pipe()
        workers = []
        for number in range(2):
            pid = os.fork()
            if pid == 0:
                os.close(into)
                try:
                    work(out, f"r{round_}w{number}")
                finally:
                    os._exit(1)
            workers.append(pid)
        os.close(out)
        wanted, seen = dice.randint(1, 25), b""
        while seen.count(b"\\n") < wanted:
            part = os.read(into, 65536)
            assert part, "a worker ended by itself"
            seen += part
        # A little later, at no particular point of the next append.
        select.select([], [], [], dice.random() * 0.008)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        for pid in workers:
            os.waitpid(pid, 0)
        while part := os.read(into, 65536):
            seen += part
        os.close(into)
        sys.stdout.buffer.write(seen[: seen.rfind(b"\\n") + 1])
        sys.stdout.flush()
    """
)

FULL = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from keys_jupyter.errors import KeysError
    from keys_jupyter.model.incident import Act
    from keys_jupyter.model.working import AttachRequest
    from keys_jupyter.service import Service
    from keys_jupyter.sources.library import FolderLibrary

    root, incident = Path(sys.argv[1]), sys.argv[2]
    service = Service(root / "ws", root / "data", [FolderLibrary(root / "library", "embedded")])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    number = 0
    while True:
        number += 1
        text = f"n{number}-" + "x" * 5000
        try:
            service.incidents.act(incident, Act(type="incident.note", text=text))
        except KeysError as error:
            print("refused", error.code, flush=True)
            break
        print(text[:40], len(text), flush=True)
    try:
        service.additions.attach(incident, AttachRequest(path="large.bin"))
    except KeysError as error:
        print("refused", error.code, flush=True)
    # The place is there again.
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    service.incidents.act(incident, Act(type="incident.note", text="after"))
    print("after 5", flush=True)
    """
)


@pytest.fixture
def begun(tmp_path):
    """Return a folder with an open incident, and the incident's id."""
    (tmp_path / "ws").mkdir()
    make_library(tmp_path / "library")
    service = Service(
        tmp_path / "ws", tmp_path / "data", [FolderLibrary(tmp_path / "library", "embedded")]
    )
    try:
        return tmp_path, service.incidents.open(OpenRequest(runbook="small-failure")).id
    finally:
        service.close()


def told(script, *arguments, seconds):
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


def check(folder, incident, acknowledged):
    """Look that every acknowledged note is there once, and the ledger without a gap, hash by hash."""
    store = Store(folder / "data")
    try:
        rows = store._all("SELECT idx, incident, seq, body, leaf FROM ledger ORDER BY idx")
    finally:
        store.close()
    assert [row["idx"] for row in rows] == list(range(len(rows)))
    mine = [json.loads(row["body"]) for row in rows if row["incident"] == incident]
    assert [record["seq"] for record in mine] == list(range(len(mine)))
    for row in rows:
        body = json.loads(row["body"])
        assert (body["index"], body["seq"]) == (row["idx"], row["seq"])
        assert ledger.leaf_hash(row["body"]) == row["leaf"]
    notes = [record["data"]["text"] for record in mine if record["type"] == "incident.note"]
    there = [f"{text[:40]} {len(text)}" for text in notes]
    assert len(set(there)) == len(there)
    missing = set(acknowledged) - set(there)
    assert not missing, f"{len(missing)} acknowledged records are gone: {sorted(missing)[:3]}"
    return there


def swept(begun, rounds, seconds):
    folder, incident = begun
    seed = random.SystemRandom().randint(0, 10**9)
    acknowledged = told(DRIVER, folder, incident, rounds, seed, seconds=seconds)
    assert len(acknowledged) >= rounds
    there = check(folder, incident, acknowledged)
    # At most the one append that each of the two workers was in is there without having been said.
    assert len(there) - len(acknowledged) <= 2 * rounds, f"seed {seed}"
    service = Service(
        folder / "ws", folder / "data", [FolderLibrary(folder / "library", "embedded")]
    )
    try:
        after = service.incidents.act(incident, Act(type="step.done", step="safety-1"))
        assert (after.n, len(after.notes)) == (len(there) + 1, len(there))
    finally:
        service.close()


def test_acknowledged_records_survive_kills(begun):
    swept(begun, rounds=6, seconds=120)


@pytest.mark.long
def test_acknowledged_records_survive_many_kills(begun):
    swept(begun, rounds=250, seconds=1500)


def test_a_full_disk_is_one_clear_error_and_loses_nothing(begun):
    folder, incident = begun
    with (folder / "ws" / "large.bin").open("wb") as file:
        file.write(b"x" * 2_000_000)
    lines = told(FULL, folder, incident, seconds=120)
    refused = [line for line in lines if line.startswith("refused")]
    acknowledged = [line for line in lines if not line.startswith("refused")]
    assert refused == ["refused STORE_UNWRITABLE", "refused STORE_UNWRITABLE"]
    assert len(acknowledged) > 20
    there = check(folder, incident, acknowledged)
    assert there == acknowledged
    assert there[-1] == "after 5"
    # No half of the attachment is left behind.
    assert not list((folder / "data/blobs").rglob(".*"))
