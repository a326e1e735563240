"""Make ai_outputs.csv again, byte for byte: two weeks in which one of three features falls.

`search-answer` scores 86 until its context gets lost on 2026-11-20 at 02:10 UTC; from then on it
scores 69, its answers are shorter and more are refused. Neither its prompt (changed three days
earlier) nor its model explains that. `ticket-summary` gets a new model on 2026-11-15, which is
slower and just as good.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

FIRST, DAYS = datetime(2026, 11, 7), 14
FELL = datetime(2026, 11, 20, 2, 10)
PROMPT_CHANGED = datetime(2026, 11, 17, 9, 30)
MODEL_CHANGED = datetime(2026, 11, 15, 6, 0)
OUTPUTS = 3600
FEATURES = {"search-answer": 5, "ticket-summary": 4, "reply-draft": 3}
LEVELS = {"search-answer": 0.86, "ticket-summary": 0.91, "reply-draft": 0.82}
PROMPTS = {"search-answer": "v14", "ticket-summary": "v8", "reply-draft": "v21"}
LENGTHS = {"search-answer": 900, "ticket-summary": 420, "reply-draft": 700}
HEADER = [
    "output_id", "created_at", "feature", "model", "prompt_version", "quality_score",
    "format_valid", "finish_reason", "user_rating", "output_chars", "latency_ms",
]  # fmt: skip


def _moments(rng: random.Random) -> list[datetime]:
    """Draw times with a quiet night, the moment of the fall among them."""
    times = [FELL]
    while len(times) < OUTPUTS:
        moment = FIRST + timedelta(seconds=rng.randrange(DAYS * 86400))
        if rng.random() < (1.0 if 7 <= moment.hour < 20 else 0.35):
            times.append(moment)
    return sorted(times)


def _row(rng: random.Random, number: int, when: datetime, feature: str) -> list[object]:
    fallen = feature == "search-answer" and when >= FELL
    level = LEVELS[feature] - (0.17 if fallen else 0)
    score = min(1.0, max(0.0, rng.gauss(level, 0.13 if fallen else 0.08)))
    newer = feature == "ticket-summary" and when >= MODEL_CHANGED
    model = "large-2026-11" if newer else "large-2026-05"
    prompt = "v15" if feature == "search-answer" and when >= PROMPT_CHANGED else PROMPTS[feature]
    finish = rng.choices(["stop", "length", "content_filter", "error"],
                         [900, 8, 70 if fallen else 6, 4])[0]  # fmt: skip
    chars = int(LENGTHS[feature] * (0.7 if fallen else 1.0) * rng.lognormvariate(0, 0.3))
    latency = int(rng.lognormvariate(7.2, 0.35) * (1.3 if newer else 1.0))
    stamp = when.strftime("%Y-%m-%d %H:%M:%S+00")
    head = [f"out_{number:05}", stamp, feature, model, prompt]
    if finish == "error":
        return [*head, "", "", finish, "", "", latency]
    rated = ""
    if rng.random() < 0.12:
        rated = 1 if rng.random() < score - 0.05 else -1
    graded = "" if rng.random() < 0.03 else f"{score:.2f}"
    valid = "f" if rng.random() < 0.006 else "t"
    return [*head, graded, valid, finish, rated, chars, latency]


def main() -> None:
    """Write the sample beside this script, oldest output first."""
    rng = random.Random(20261125)  # noqa: S311 - reproducible, not secret
    rows, names = [], list(FEATURES)
    for number, when in enumerate(_moments(rng), start=1):
        feature = "search-answer" if when == FELL else rng.choices(names, FEATURES.values())[0]
        rows.append(_row(rng, number, when, feature))
    path = Path(__file__).with_name("ai_outputs.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
