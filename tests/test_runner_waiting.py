"""Whose turn it is, journals that grow, logs that flood, and texts without secrets."""

from __future__ import annotations

import base64
import html
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from keys_jupyter.runner import journal
from keys_jupyter.runner.following import Following
from keys_jupyter.runner.job import Job
from keys_jupyter.runner.kernel_log import LIMIT_BYTES
from keys_jupyter.runner.queue import Queue
from keys_jupyter.runner.recording import Recording
from keys_jupyter.runner.secret_text import SecretText


def _job(name: str, lane: str) -> Job:
    run_id = name.ljust(32, "0")
    return Job.model_validate(
        {"run_id": run_id, "folder": "/f", "notebook": "n.ipynb", "journal_dir": "/j", "lane": lane}
    )


def _queue(*names: str) -> Queue:
    queue = Queue()
    for name in names:
        queue.add(_job(name, name[0]))
    return queue


def _taken(queue: Queue) -> list[str]:
    return [queue.take().run_id.rstrip("0") for _ in range(len(queue))]


def _order(queue: Queue) -> list[str]:
    return [run_id.rstrip("0") for run_id in queue.order()]


def test_lanes_take_turns_and_the_order_is_told_before() -> None:
    queue = _queue("a1", "a2", "a3", "b1", "c1", "c2")
    told = _order(queue)
    assert told == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert _taken(queue) == told


def test_a_lane_that_comes_late_is_not_behind_a_batch_and_not_before_everybody_for_ever() -> None:
    queue = _queue("a1", "a2", "a3", "a4")
    assert [queue.take().run_id[:2] for _ in range(2)] == ["a1", "a2"]
    for name in ("b1", "b2", "b3"):
        queue.add(_job(name, "b"))
    assert _order(queue) == ["b1", "a3", "b2", "a4", "b3"]
    ever = _queue("a1", "a2")
    ever.take()
    for number in range(20):
        ever.add(_job(f"d{number}", f"lane {number}"))
        if ever.take().run_id.startswith("a2"):
            break
    else:
        raise AssertionError("new lanes kept an old one waiting")


def test_a_job_leaves_the_queue_once() -> None:
    queue = _queue("a1", "b1")
    assert queue.remove("a1".ljust(32, "0")) is not None
    assert queue.remove("a1".ljust(32, "0")) is None
    assert _order(queue) == ["b1"]
    assert [job.run_id[:2] for job in queue.empty()] == ["b1"]
    assert not queue


def test_a_growing_journal_is_read_once_and_tells_the_same(tmp_path: Path) -> None:
    following = Following(tmp_path)
    assert following.lines() == []
    result = {"schema": journal.RESULT_SCHEMA, "results": [{"name": "n", "value": 1}]}
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 1000},
        {"output_type": "stream", "name": "stdout", "text": "y"},
        {"output_type": "display_data", "data": {journal.RESULT_MIME: result}, "metadata": {}},
    ]
    book = {"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]}
    with Recording(tmp_path, lambda _: None) as recording:
        for output in outputs:
            recording.add("cell", index=0, number=1, state="running", started_at="t")
            recording.add("output", index=0, output=output, sha256="-")
            seen, whole = following.lines(), journal.read(tmp_path)
            assert len(seen) == len(whole)
            assert journal.cells(book, seen) == journal.cells(book, whole)
            assert journal.results(seen) == journal.results(whole)
    assert "xxx" not in json.dumps(following.lines())
    with (tmp_path / journal.JOURNAL).open("ab") as file:
        file.write(b'{"n": 6, "type": "en')
        file.flush()
        assert len(following.lines()) == 6
        file.write(b'd", "state": "SUCCEEDED", "reason": ""}\n')
    assert following.lines()[-1]["type"] == "end"


def _line(at: str, mono: float, **more: Any) -> dict[str, Any]:
    return {"at": f"2026-01-31T{at}.000Z", "mono": mono, "type": "cell", **more}


def test_a_clock_that_was_set_is_seen_and_a_line_added_later_is_not_one() -> None:
    kept = [_line("10:00:00", 5.0), _line("10:00:10", 15.1)]
    assert abs(journal.clock_shift(kept)) < 1
    assert journal.seconds(kept) == 10.1
    back = [*kept, _line("09:00:20", 25.0)]
    assert round(journal.clock_shift(back)) == -3600
    rebooted = [*kept, _line("18:00:00", 2.0, salvaged=True)]
    assert abs(journal.clock_shift(rebooted)) < 1
    assert journal.seconds(rebooted) == 10.1
    assert (journal.clock_shift([]), journal.seconds([])) == (0, None)


SECRET = "p'ä\"s\\ <&> /+\n9"


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        repr(SECRET),
        ascii(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        html.escape(SECRET),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(b"user:" + SECRET.encode()).decode(),
        base64.b64encode(b"xy" + SECRET.encode() + b"z").decode(),
    ],
)
def test_every_spelling_of_a_secret_is_found(spelled: str) -> None:
    cleaned = SecretText({"token": SECRET}).clean(f"before {spelled} after")
    assert "[secret token]" in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert len(cleaned) < 45


def test_only_whole_secrets_are_replaced_and_the_longest_first() -> None:
    known = SecretText({"short": "abcd", "long": "abcdefgh", "tiny": "xyz"})
    assert known.clean("abcdefgh abcd abc xyz") == "[secret long] [secret short] abc xyz"
    assert known.clean_all({"abcd": ["x", ("abcdefgh",), 1, None]}) == {
        "[secret short]": ["x", ["[secret long]"], 1, None]
    }
    assert known.part("say abc") == ("say ", "abc")
    assert SecretText({}).part("say abc") == ("say abc", "")
    assert not SecretText({"tiny": "xyz"})


LOG = """
import asyncio, os, subprocess, sys
from pathlib import Path
from keys_jupyter.runner.kernel_log import KernelLog
from keys_jupyter.runner.secret_text import SecretText
async def main(log):
    log.listen()
    for text in (b"first ", b"hun", b"ter2-secret", b" \\xff\\xfe last\\n"):
        os.write(1, text); await asyncio.sleep(0.01)
    await (await asyncio.create_subprocess_exec(sys.executable, "-c",
        "import os\\nfor _ in range(300): os.write(2, b'z' * 10000)")).wait()
log = KernelLog(Path(sys.argv[1]), SecretText({"token": "hunter2-secret"}))
try:
    asyncio.run(main(log))
finally:
    log.close()
os.write(2, b"of the process itself")
"""


def test_what_goes_past_the_sockets_is_kept_without_secrets_up_to_a_limit(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LOG, str(tmp_path)], check=True, env=dict(os.environ))
    kept = (tmp_path / "kernel.log").read_bytes()
    assert kept.startswith(b"first [secret token] \xff\xfe last\nzzz")
    assert kept.endswith(b"[Later text was dropped.]\nof the process itself")
    assert LIMIT_BYTES < len(kept) < LIMIT_BYTES + 100


def test_a_line_the_disk_does_not_take_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Recording(tmp_path, lambda _: None) as recording:
        recording.add("cell", index=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                recording.add("output", text="x" * 5000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        recording.add("end", state="CAPTURE_FAILED", reason="")
    assert [line["type"] for line in journal.read(tmp_path)] == ["cell", "end"]
