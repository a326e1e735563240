"""The archives mutations begin from: every small one of the hostile and benign corpora, and those of other writers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.hostile import CASES

FOREIGN = Path(__file__).parent.parent / "hostile" / "foreign"
# Larger ones are large in one respect only, and cost the time of a thousand others.
_MOST = 16 * 1024


@cache
def corpus() -> tuple[bytes, ...]:
    """Return the archives in an order that is always the same."""
    from tests.test_archive import BENIGN

    made = [build() for build in BENIGN.values()]
    made += [path.read_bytes() for path in sorted(FOREIGN.glob("*.zip"))]
    made += [case.build() for case in CASES]
    return tuple(data for data in made if len(data) <= _MOST)
