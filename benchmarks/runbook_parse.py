"""Prints what reading the longest runbook of the library costs, beside a Markdown library that only makes a tree.

*Structure* is sections and steps; *whole* is everything an operator works with: commands, placeholders, branches,
calls of keys. Medians of processor time, each round interleaved with its peer.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import mistune

from keys_jupyter.runbook import parse, spans

ROUNDS, STRUCTURE_LIMIT = 25, 0.15
RUNBOOKS = Path(__file__).parent.parent / "library" / "runbook-keys"


def milliseconds(work: Callable[[], object]) -> float:
    """Return the processor's milliseconds of one call."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


def main() -> int:
    """Print the medians and their ratios to the peer."""
    source = max((p.read_text("utf-8") for p in RUNBOOKS.glob("*/README.md")), key=len)
    tree = mistune.create_markdown(renderer=None)
    ways: dict[str, Callable[[], object]] = {
        "mistune, tree only": lambda: tree(source),
        "structure": lambda: spans(source),
        "whole": lambda: parse(source),
    }
    for work in ways.values():
        work()
    rounds = [{name: milliseconds(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    found = {name: [each[name] for each in rounds] for name in ways}
    peer = statistics.median(found["mistune, tree only"])
    lines = source.count("\n")
    for name, took in found.items():
        median = statistics.median(took)
        limit = f", limit {STRUCTURE_LIMIT}" if name == "structure" else ""
        sys.stdout.write(
            f"runbook of {lines} lines, {name:20} {median:6.2f} ms CPU (of {min(took):.2f}..{max(took):.2f}),"
            f" {median / peer:.2f} of the peer{limit}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
