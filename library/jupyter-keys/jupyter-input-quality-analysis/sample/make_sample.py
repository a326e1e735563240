"""Make ai_inputs.csv again, byte for byte: two weeks of inputs in which the context gets lost.

On 2026-11-20 at 02:10 UTC an index of documents is rebuilt without one of its parts: from then on
most inputs reach the model without context, and their answers are 25 points worse. Those that
still have context are answered as well as before. In the same night more inputs come by e-mail,
whose answers are no worse than others: a change beside the cause.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

FIRST, DAYS = datetime(2026, 11, 7), 14
LOST = datetime(2026, 11, 20, 2, 10)
INPUTS = 3600
LANGUAGES = {"en": 70, "de": 18, "fr": 8, "pt": 4}
HEADER = [
    "input_id", "created_at", "feature", "source", "language", "input_chars",
    "context_documents", "truncated", "missing_fields", "content_hash", "quality_score",
]  # fmt: skip


def _moments(rng: random.Random) -> list[datetime]:
    """Draw times with a quiet night."""
    times = [LOST]
    while len(times) < INPUTS:
        moment = FIRST + timedelta(seconds=rng.randrange(DAYS * 86400))
        if rng.random() < (1.0 if 7 <= moment.hour < 20 else 0.35):
            times.append(moment)
    return sorted(times)


def _row(rng: random.Random, number: int, when: datetime, earlier: list[str]) -> list[object]:
    lost = when >= LOST
    source = rng.choices(["web", "email", "api"], [50, 40, 10] if lost else [65, 22, 13])[0]
    language = rng.choices(list(LANGUAGES), LANGUAGES.values())[0]
    chars = min(12_000, int(rng.lognormvariate(6.2, 0.7)))
    documents = 0 if rng.random() < (0.62 if lost else 0.015) else rng.randrange(3, 9)
    truncated = chars > 3_000 and rng.random() < 0.8
    missing = rng.choices([0, 1, 2], [965, 30, 5])[0]
    repeats = rng.random() < 0.02 and earlier
    content = rng.choice(earlier[-60:]) if repeats else f"{rng.getrandbits(64):016x}"
    earlier.append(content)
    level = 0.87 - 0.25 * (documents == 0) - 0.10 * truncated - 0.06 * (missing > 0)
    score = min(1.0, max(0.0, rng.gauss(level, 0.08)))
    graded = "" if rng.random() < 0.03 else f"{score:.2f}"
    stamp = when.strftime("%Y-%m-%d %H:%M:%S+00")
    head = [f"in_{number:05}", stamp, "search-answer", source, language, chars]
    return [*head, documents, "t" if truncated else "f", missing, content, graded]


def main() -> None:
    """Write the sample beside this script, oldest input first."""
    rng = random.Random(20261122)  # noqa: S311 - reproducible, not secret
    earlier: list[str] = []
    rows = [_row(rng, n, when, earlier) for n, when in enumerate(_moments(rng), start=1)]
    path = Path(__file__).with_name("ai_inputs.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
