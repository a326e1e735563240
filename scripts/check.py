"""Runs every check and every test, goes on after a failure, and ends with a summary of what ran."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent


class Step(NamedTuple):
    """One check: what it is called and what it runs."""

    name: str
    command: list[str]


PYTHON = sys.executable

CHECKS = [
    Step("Python lint", ["ruff", "check", "."]),
    Step("Python format", ["ruff", "format", "--check", "."]),
    Step("Python types", ["mypy"]),
    Step("Contract", [PYTHON, "-m", "keys_jupyter.contract", "--check"]),
    Step("Frontend lint and format", ["jlpm", "lint:check"]),
    Step("Frontend types and tests", ["jlpm", "test"]),
    Step("Frontend size", [PYTHON, "benchmarks/frontend_size.py", "--check"]),
    Step("Python tests", [PYTHON, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]),
    Step("Archive fuzzing", [PYTHON, "-m", "tests.fuzz.archive", "--seconds", "60"]),
]
BROWSER = [
    Step("Browser tests", ["jlpm", "test:ui"]),
    Step("Browser tests with sign-in and base URL", ["jlpm", "test:ui:auth"]),
    Step("Browser tests with a marketplace", ["jlpm", "test:ui:market"]),
    Step("Browser tests of incidents", ["jlpm", "test:ui:incident"]),
    Step("Browser tests of evidence", ["jlpm", "test:ui:evidence"]),
    Step("Browser tests with shared documents", ["jlpm", "test:ui:shared"]),
]
LONG = [
    Step("Long sweeps", [PYTHON, "-m", "pytest", "-q", "-m", "long", "--timeout", "3600"]),
    Step("Archive fuzzing, long", [PYTHON, "-m", "tests.fuzz.archive", "--seconds", "600"]),
]


def main() -> int:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="run the long sweeps as well")
    arguments = parser.parse_args()
    steps = CHECKS + (LONG if arguments.long else []) + BROWSER
    environment = {**os.environ, "KEYS_CHROMIUM": _chromium()}
    results = [(step, *_run(step, environment)) for step in steps]
    return _summary(results)


def _chromium() -> str:
    done = subprocess.run(
        [PYTHON, "scripts/chromium.py"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout.strip()


def _run(step: Step, environment: dict[str, str]) -> tuple[bool, float]:
    sys.stdout.write(f"\n=== {step.name}: {' '.join(Path(part).name for part in step.command)}\n")
    sys.stdout.flush()
    started = time.monotonic()
    done = subprocess.run(step.command, cwd=ROOT, env=environment, check=False)
    return done.returncode == 0, time.monotonic() - started


def _summary(results: list[tuple[Step, bool, float]]) -> int:
    sys.stdout.write("\n=== Summary\n")
    for step, passed, seconds in results:
        sys.stdout.write(f"{'passed' if passed else 'FAILED'}  {seconds:6.1f} s  {step.name}\n")
    failed = sum(not passed for _, passed, _ in results)
    sys.stdout.write(f"checks: {len(results) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
