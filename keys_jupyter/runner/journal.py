"""Journal lines in, cells and results and outputs out; pure but for ``read``, ``told_end`` and ``salvage``.

A journal is ``journal.jsonl``: one JSON object a line, ``n`` counting from 0, so that a journal of ``k`` lines is read on with
``read(folder, after=k)``. Every line has ``n``, ``at`` (UTC), ``mono`` (monotonic seconds) and ``type``:

============= ==========================================================================================
``state``     ``state``, ``reason``: the run's state
``process``   ``process``: the name of a process of this run (see ``identity``)
``kernel``    ``pid``, ``name``, ``language_info``
``cell``      ``index``, ``number``, ``state``, ``started_at``, ``duration``, ``source_sha256``, ``error``
``output``    ``index``, ``output`` (as a notebook holds it), ``sha256``; ``display_id``, ``update``
``clear``     ``index``: the cell took its outputs back
``truncated`` ``index``, ``scope`` (cell or run), ``limit``: later output of that scope was dropped
``notebook``  ``written``: false when somebody edited the file during the run and it was left alone
``end``       ``state``, ``reason``; ``notes``, ``salvaged``: nothing follows
============= ==========================================================================================

What is *not* here: writing it; see ``recording``.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keys_jupyter.model.run import Cell, CellError, CellState, Result, RunState
from keys_jupyter.runner.titles import cell_title

JOURNAL = "journal.jsonl"
TAIL = "output.txt"
HEARTBEAT = "heartbeat"
EXECUTED = "executed.ipynb"
PREPARED = "prepared.ipynb"
"""The notebook as it was when the run was prepared; written by who prepares the run."""

RESULT_MIME = "application/vnd.keys.result+json"
RESULT_SCHEMA = "keys.result/1"

_UNFINISHED = {
    RunState.TIMED_OUT: CellState.TIMED_OUT,
    RunState.KERNEL_DIED: CellState.KERNEL_DIED,
    RunState.CANCELLED: CellState.CANCELLED,
}
_NOT_NUMBERS = {"nan": "not a number", "inf": "infinite", "-inf": "infinite"}


def now() -> str:
    """The time as every line has it: UTC with milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(output: Mapping[str, Any]) -> bytes:
    """The bytes of an output that its digest is taken of: sorted, compact, ASCII JSON."""
    return json.dumps(output, sort_keys=True, separators=(",", ":")).encode("ascii")


def digest(output: Mapping[str, Any]) -> str:
    """The SHA-256 of an output's canonical bytes."""
    return hashlib.sha256(canonical(output)).hexdigest()


def read(journal_dir: Path, after: int = 0) -> list[dict[str, Any]]:
    """The lines of a journal from the ``after``-th on; a last line that is not whole yet is left for later.

    A run that has not begun has no journal and so no lines.
    """
    try:
        with (journal_dir / JOURNAL).open("rb") as stream:
            whole = (line for line in stream if line.endswith(b"\n"))
            return [json.loads(line) for line in islice(whole, after, None)]
    except FileNotFoundError:
        return []


def told_end(journal_dir: Path) -> tuple[RunState, str] | None:
    """The end a journal tells; None when its writer did not come to that."""
    for line in reversed(read(journal_dir)):
        if line["type"] == "end":
            return RunState(line["state"]), line["reason"]
    return None


def salvage(journal_dir: Path, state: RunState, reason: str) -> None:
    """Give the journal of a process that is gone its end; one that has its end is left as it is.

    Call it only when nobody writes any more.
    """
    lines = read(journal_dir)
    if any(line["type"] == "end" for line in lines):
        return
    journal_dir.mkdir(parents=True, exist_ok=True)
    with (journal_dir / JOURNAL).open("ab") as stream:
        stream.truncate(sum(len(line) for line in _whole_lines(journal_dir)))
        for at, content in enumerate(_endings(state, reason), len(lines)):
            stream.write(encode(at, content))
        stream.flush()
        os.fsync(stream.fileno())


def _whole_lines(journal_dir: Path) -> Iterator[bytes]:
    with (journal_dir / JOURNAL).open("rb") as stream:
        yield from (line for line in stream if line.endswith(b"\n"))


def _endings(state: RunState, reason: str) -> list[dict[str, Any]]:
    said = {"state": state.value, "reason": reason, "salvaged": True}
    return [{"type": "state", **said}, {"type": "end", **said}]


def encode(n: int, content: Mapping[str, Any]) -> bytes:
    """One line of a journal."""
    line = {"n": n, "at": now(), "mono": round(time.monotonic(), 6), **content}
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


def state(lines: Iterable[Mapping[str, Any]]) -> RunState | None:
    """The last state a journal tells; None before the first."""
    told = [line["state"] for line in lines if line["type"] == "state"]
    return RunState(told[-1]) if told else None


def cells(
    notebook: Mapping[str, Any],
    lines: Iterable[Mapping[str, Any]],
    run_state: RunState | None = None,
) -> list[Cell]:
    """Every code cell of a notebook as it stands.

    Args:
        notebook: the notebook that is being run (version 4).
        lines: the journal's lines.
        run_state: the run's state as the store has it; it decides over the journal's, whose writer may be dead.

    While the run is open a cell may be pending or running. After its end none is: the one that was running ended
    as the run did, those after it never ran.
    """
    known = list(lines)
    last = {line["index"]: line for line in known if line["type"] == "cell"}
    counts = _count_outputs(known)
    ended = run_state or state(known)
    return [
        _cell(notebook["cells"], index, number, last.get(index), counts.get(index, 0), ended)
        for number, index in enumerate(code_indexes(notebook), 1)
    ]


def seconds(lines: Iterable[Mapping[str, Any]]) -> float | None:
    """How long a run took from its kernel's start to its last line; None when it wrote none.

    By the clock that nobody sets. Lines that were added afterwards do not count.
    """
    own = [line["mono"] for line in lines if not line.get("salvaged")]
    return round(own[-1] - own[0], 3) if own else None


def clock_shift(lines: Iterable[Mapping[str, Any]]) -> float:
    """By how many seconds the machine's clock was set while a run wrote its lines; 0 when nothing tells of it."""
    own = [line for line in lines if not line.get("salvaged")]
    if not own:
        return 0.0
    wall = [datetime.fromisoformat(line["at"].replace("Z", "+00:00")).timestamp() for line in own]
    drift = [at - float(line["mono"]) for at, line in zip(wall, own, strict=True)]
    return max(drift, key=lambda one: abs(one - drift[0])) - drift[0]


def code_indexes(notebook: Mapping[str, Any]) -> list[int]:
    """Where the code cells of a notebook are."""
    return [at for at, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]


def _cell(
    all_cells: list[Mapping[str, Any]],
    index: int,
    number: int,
    line: Mapping[str, Any] | None,
    outputs: int,
    ended: RunState | None,
) -> Cell:
    told = line or {}
    error = told.get("error")
    return Cell(
        index=index,
        number=number,
        type="code",
        title=cell_title(all_cells, index),
        state=_cell_state(told.get("state"), ended),
        started_at=told.get("started_at"),
        duration=told.get("duration"),
        error=CellError(**error) if error else None,
        outputs=outputs,
    )


def _cell_state(told: str | None, ended: RunState | None) -> CellState:
    """What a cell's last line means, given how the run stands."""
    over = ended is not None and ended.terminal
    if told is None:
        return CellState.NEVER_RAN if over else CellState.PENDING
    if told == CellState.RUNNING and ended is not None and over:
        return _UNFINISHED.get(ended, CellState.INTERRUPTED)
    return CellState(told)


def _count_outputs(lines: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """Outputs by cell as a notebook counts them: pieces of one stream are one, updates are none."""
    counts: dict[int, int] = {}
    streams: dict[int, str | None] = {}
    for line in lines:
        if line["type"] == "clear":
            counts[line["index"]], streams[line["index"]] = 0, None
        elif line["type"] == "output" and not line.get("update"):
            index, stream = line["index"], line["output"].get("name")
            if stream is None or streams.get(index) != stream:
                counts[index] = counts.get(index, 0) + 1
            streams[index] = stream
    return counts


def outputs(
    lines: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Every output in the order it came: its cell's number among the code cells, the output, and its digest."""
    numbers: dict[int, int] = {}
    for line in lines:
        if line["type"] == "cell":
            numbers[line["index"]] = line["number"]
        elif line["type"] == "output":
            index = line["index"]
            yield numbers.get(index, index + 1), line["output"], line["sha256"]


def results(lines: Iterable[Mapping[str, Any]]) -> list[Result]:
    """The results a key reported, in the order of their first appearance; a later one of a name replaces it.

    What does not follow the schema is passed over: it is still among the outputs.
    """
    found: dict[str, Result] = {}
    for _, output, _ in outputs(lines):
        table = (output.get("data") or {}).get(RESULT_MIME)
        if isinstance(table, dict) and table.get("schema") == RESULT_SCHEMA:
            for entry in table.get("results") or []:
                result = _result(entry)
                if result is not None:
                    found[result.name] = result
    return list(found.values())


def _result(entry: Any) -> Result | None:
    """One result; a value that is no number keeps its place with a note in its label."""
    try:
        result = Result.model_validate(entry)
    except ValidationError:
        return None
    note = _NOT_NUMBERS.get(_spelled(result.value))
    if note is None:
        return result
    label = f"{result.label or result.name} ({note})"
    return result.model_copy(update={"value": None, "ok": None, "label": label})


def _spelled(value: object) -> str:
    """How a number that is none is spelled: kernels send it as text, since JSON has no word for it."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.lower() if isinstance(value, str) else ""
