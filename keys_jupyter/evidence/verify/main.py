"""``verify.py FILE``: the verifier on the command line, with the standard library only."""

from __future__ import annotations

import argparse
import json
import mmap
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keys_jupyter.evidence.verify.checks import FAILS, HOLDS, UNPROVED, verified

# How a verification ends for whoever called it, and how for whoever reads it.
EXIT_CODES = {HOLDS: 0, UNPROVED: 1, FAILS: 5}
_MARKS = {HOLDS: "holds ", UNPROVED: "not proved", FAILS: "FAILS "}
_SUMMARIES = {
    HOLDS: "The bundle holds.",
    UNPROVED: "The bundle's own checks hold. Against the held checkpoint it is NOT PROVED, and not disproved.",
    FAILS: "THE BUNDLE DOES NOT HOLD.",
}


def as_text(result: dict[str, Any]) -> str:
    """Return a result for people."""
    lines = [
        f"{_MARKS[check['verdict']]} {check['name']}: {check['detail']}"
        for check in result["checks"]
    ]
    lines += [f"missing  {words}" for words in result["missing"]]
    lines += [f"limit    {words}" for words in result["limits"]]
    lines.append(_SUMMARIES[result["verdict"]])
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one bundle; 0 when it holds, 1 when something is not proved, 5 when it does not hold, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an evidence bundle.")
    parser.add_argument("bundle", help="the zip")
    parser.add_argument("--against", metavar="FILE", help="a checkpoint that somebody kept")
    parser.add_argument("--key", metavar="HEX", help="the fingerprint the key should have")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parsed = parser.parse_args(arguments)
    try:
        held = None
        if parsed.against:
            held = Path(parsed.against).read_bytes().decode("utf-8", "replace")
        with open(parsed.bundle, "rb") as file:  # noqa: PTH123
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"verify.py: {error}\n")
        return 2
    result = verified(memoryview(data), key=parsed.key, against=held)
    shown = json.dumps(result, indent=1) if parsed.json else as_text(result)
    sys.stdout.buffer.write(shown.encode("utf-8") + b"\n")
    return EXIT_CODES[result["verdict"]]
