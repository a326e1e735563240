"""Prints how long each key of the library takes for a million rows, and how much memory, beside its limits.

Every notebook runs whole in a fresh Python process, its imports, plots and artifacts included, on its sample
repeated with ids and times of its own. A key that compares two files gets half of the rows in each; ``--each``
gives every file all of them. Usage: ``library_rows.py [--rows N] [--each] [--check] [SLUG…]``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

ROOT = Path(__file__).parent.parent
KEYS = ROOT / "library" / "jupyter-keys"
SHAPES = ("csv", "jsonl")
ROWS, SECONDS, GIGABYTES = 1_000_000, 15.0, 1.5


class Sample(NamedTuple):
    """One input of a key: the parameter that names it, and which columns grow with the rows."""

    parameter: str
    ids: tuple[str, ...]
    times: tuple[str, ...]


SUBSCRIPTION = ("subscription_id", "customer_id", "user_id")
SAMPLES: dict[str, tuple[Sample, ...]] = {
    "jupyter-webhook-event-analysis": (Sample("input_csv", ("Event ID",), ("Created (UTC)",)),),
    "jupyter-webhook-delivery-report": (Sample("input_csv", ("event_id",), ("created",)),),
    "jupyter-webhook-duplicate-detection": (
        Sample("input_csv", ("attempt_id", "event_id"), ("received_at",)),
    ),
    "jupyter-stripe-subscription-reconciliation": (
        Sample("stripe_csv", SUBSCRIPTION, ("created", "changed_at", "current_period_end")),
        Sample("database_csv", SUBSCRIPTION, ("created_at", "updated_at", "current_period_end")),
    ),
    "jupyter-data-drift-analysis": (
        Sample("history_csv", ("subscription_id",), ("changed_at",)),
        Sample(
            "discrepancies_csv",
            ("subscription_id", "customer_id"),
            ("differs_since", "stripe_changed_at", "database_changed_at"),
        ),
    ),
    "jupyter-job-failure-analysis": (
        Sample(
            "input_csv",
            ("attempt_id", "job_id", "object_id"),
            ("created_at", "started_at", "finished_at"),
        ),
    ),
    "jupyter-dependency-impact-analysis": (Sample("input_csv", (), ("called_at",)),),
    "jupyter-ai-output-analysis": (Sample("input_csv", ("output_id",), ("created_at",)),),
    "jupyter-input-quality-analysis": (
        Sample("input_csv", ("input_id", "content_hash"), ("created_at",)),
    ),
}


def main() -> int:
    """Run every key on every format; return 1 when one is above a limit and that was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slugs", nargs="*", default=list(SAMPLES), metavar="SLUG")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of all inputs together")
    parser.add_argument("--each", action="store_true", help="so many rows in every input")
    parser.add_argument("--check", action="store_true", help="exit 1 when a limit is passed")
    # What follows is how this script calls itself: a process of its own has a peak of its own.
    parser.add_argument("--prepare", metavar="FOLDER", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cells", metavar="FOLDER", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.prepare:
        return _prepare(given.slugs[0], given.rows, given.prepare)
    if given.cells:
        return _cells(given.cells)
    print(
        f"{given.rows:,} rows{' in each input' * given.each}; limits {SECONDS:g} s, {GIGABYTES:g} GB"
    )
    passed = []
    for slug in given.slugs:
        passed += _measured(slug, given.rows if given.each else given.rows // len(SAMPLES[slug]))
    return 1 if given.check and not all(passed) else 0


def _measured(slug: str, rows: int) -> Iterator[bool]:
    with tempfile.TemporaryDirectory() as name:
        called = [sys.executable, __file__, slug, "--rows", str(rows), "--prepare", name]
        subprocess.run(called, check=True)
        for shape in SHAPES:
            seconds, busy, gigabytes = _run(Path(name) / shape)
            fits = seconds <= SECONDS and gigabytes <= GIGABYTES
            print(
                f"{slug:44} {shape:6} {seconds:6.1f} s  {seconds / SECONDS:5.0%}  ({busy:.1f} s CPU)  "
                f"{gigabytes:5.2f} GB  {gigabytes / GIGABYTES:5.0%}  {'' if fits else 'ABOVE'}",
                flush=True,
            )
            yield fits


def _prepare(slug: str, rows: int, folder: Path) -> int:
    """Write a folder for each format: the inputs, the key's modules, its notebook's cells."""
    for shape in SHAPES:
        parameters = {
            sample.parameter: str(_grown(slug, sample, rows, folder / shape, shape))
            for sample in SAMPLES[slug]
        }
        _assemble(slug, folder / shape, parameters)
    return 0


def _grown(slug: str, sample: Sample, rows: int, folder: Path, shape: str) -> Path:
    """Write a sample of a key so often that it has so many rows, in the order of its times."""
    source = KEYS / slug / _default(slug, sample.parameter)
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.read_csv(source, dtype=str, keep_default_na=False)
    turns = -(-rows // len(table))
    grown = pd.concat([table] * turns, ignore_index=True).head(rows)
    turn = pd.Series(range(len(grown))) // len(table)
    for column in sample.ids:
        # The ids of a turn are its own; what belongs together in a turn stays together.
        grown[column] = grown[column].where(
            grown[column] == "", grown[column] + turn.astype(str).str.zfill(5)
        )
    for column in sample.times:
        grown[column] = _later(grown[column], turn)
    order = pd.to_datetime(grown[sample.times[0]], format="ISO8601", utc=True)
    grown = grown.iloc[order.argsort(kind="stable")]
    path = folder / f"{sample.parameter}.{shape}"
    if shape == "csv":
        grown.to_csv(path, index=False)
    else:
        grown.to_json(path, orient="records", lines=True)
    return path


def _default(slug: str, parameter: str) -> str:
    from keys_jupyter import parameters

    (notebook,) = (KEYS / slug / "notebooks").glob("*.ipynb")
    declared = parameters.declared(json.loads(notebook.read_text("utf-8"))).parameters
    return next(str(one.default) for one in declared if one.name == parameter)


def _later(times: pd.Series, turn: pd.Series) -> pd.Series:
    """Move the times of each turn by seconds, in the notation they have."""
    filled = times != ""
    suffix = times[filled].str.extract(r"(Z|[+-]\d\d(?::?\d\d)?)$")[0].fillna("")
    plain = times[filled].str.replace(r"(Z|[+-]\d\d(?::?\d\d)?)$", "", regex=True)
    mark = "T" if "T" in plain.iloc[0] else " "
    moved = pd.to_datetime(plain, format="ISO8601") + pd.to_timedelta(turn[filled], unit="s")
    written = moved.dt.strftime(f"%Y-%m-%d{mark}%H:%M:%S") + suffix
    return written.reindex(times.index).fillna("")


def _assemble(slug: str, folder: Path, values: dict[str, str]) -> None:
    """Put the key's modules and its notebook's cells beside the inputs."""
    document = json.loads((KEYS / slug / "key.json").read_text("utf-8"))
    sources = [*(KEYS / slug).glob("*.py")]
    sources += [ROOT / "library" / "modules" / f"{name}.py" for name in document["modules"]]
    for source in sources:
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / "sample").mkdir()
    for source in (KEYS / slug / "sample").glob("*.csv"):
        (folder / "sample" / source.name).write_bytes(source.read_bytes())
    (notebook,) = (KEYS / slug / "notebooks").glob("*.ipynb")
    cells = []
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            cells.append("".join(cell["source"]))
            if "parameters" in cell["metadata"].get("tags", []):
                cells.append("\n".join(f"{name} = {value!r}" for name, value in values.items()))
    (folder / "cells.json").write_text(json.dumps(cells), "utf-8")


def _run(folder: Path) -> tuple[float, float, float]:
    """Return the seconds that passed, the processors' seconds, and the peak in gigabytes."""
    begin, before = time.monotonic(), _busy()
    done = subprocess.run(
        [sys.executable, __file__, "--cells", str(folder)],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begin
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return seconds, _busy() - before, int(done.stdout.splitlines()[-1]) / 1e9


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cells(folder: Path) -> int:
    """Run the cells of one folder as a kernel would, and print the peak memory in bytes."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell in json.loads((folder / "cells.json").read_text("utf-8")):
        begin = time.monotonic()
        if not shell.run_cell(cell).success:
            return 1
        print(f"{time.monotonic() - begin:.2f} s: {cell.strip().splitlines()[-1][:80]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak * (1 if sys.platform == "darwin" else 1024))
    return 0


if __name__ == "__main__":
    sys.exit(main())
