"""``python -m keys_jupyter.marketplace_fake LIBRARY``: run it until standard input ends, steered by its lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from keys_jupyter.marketplace_fake.control import Control
from keys_jupyter.marketplace_fake.market import FakeMarketplace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a marketplace with one user, who has a right to nothing yet, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m keys_jupyter.marketplace_fake",
        description="A marketplace for tests on loopback. The first line on stdout says where it is; "
        "lines of JSON on stdin steer it.",
    )
    parser.add_argument("library", type=Path, help="a built library, or the source of one")
    parser.add_argument("--digests", action="store_true", help="details carry sha256")
    given = parser.parse_args(arguments)
    with FakeMarketplace(given.library, digests=given.digests) as market:
        control = Control(market, market.user())
        _say(control.greeting())
        for line in sys.stdin:
            if line.strip():
                _say(control.obey(line))
    return 1 if market.failures else 0


def _say(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
