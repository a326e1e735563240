"""Prints how fast secrets are redacted, how many are found, and how many harmless lines are taken for one.

Speed is that of one process over a megabyte or more of each kind of text, the best of several, beside the limit; where
detect-secrets can be imported, it goes through the same log with its structured rules. Texts made to be slow are told
beside the log: how many times as long a megabyte of them takes.

    python benchmarks/redaction.py
"""

from __future__ import annotations

import base64
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from keys_jupyter.redaction import Policy, redact_output, redact_text
from tests.redaction_samples.benign import benign
from tests.redaction_samples.grammar import make
from tests.redaction_samples.measure import STANDARD, false_positives, recall
from tests.redaction_samples.placements import PLACEMENTS
from tests.test_redaction_hostile import SHAPES, UNITS, filled

LIMIT = 5.0
SLOWEST = 1.0
"""Seconds for a megabyte of any text."""
ROUNDS = 3
LEAST_RECALL, MOST_FALSE = 0.99, 0.005
POLICY = Policy(salt=bytes(16))


def log() -> str:
    """Return a server's log, one line in ten with an id or a digest."""
    rng = random.Random(1)
    ids = benign(2000)
    words = ("delivered", "retried", "after", "timeout", "to", "endpoint", "with", "status", "in")
    lines = []
    for number in range(11_000):
        said = " ".join(rng.choice(words) for _ in range(9))
        mark = rng.choice(ids) if number % 10 == 0 else f"attempt={number % 7} status=200"
        lines.append(
            f"2026-11-21T09:{number % 60:02d}:00.123Z INFO worker-{number % 9} {said} {mark}"
        )
    return "\n".join(lines)


def with_secrets(text: str) -> str:
    """Return a text with a secret at the end of each hundredth line."""
    kinds = [true[0] for true, _ in STANDARD.values()]
    lines = text.split("\n")
    for number in range(0, len(lines), 100):
        lines[number] += " " + make(kinds[number // 100 % len(kinds)], number)[0]
    return "\n".join(lines)


def table(rows: int = 20_000) -> str:
    """Return a data frame as notebooks show it."""
    cells = (
        f"<tr><th>{n}</th><td>evt_{n:024d}</td><td>invoice.paid</td><td>{n % 500}</td><td>a &amp; b</td></tr>"
        for n in range(rows)
    )
    return f"<table border='1' class='dataframe'><tbody>{''.join(cells)}</tbody></table>"


def rows(count: int = 18_000) -> str:
    """Return a CSV file of webhook deliveries."""
    return "\n".join(
        f"evt_{n:024d},2026-11-21T09:00:{n % 60:02d}Z,invoice.paid,true,{200 + n % 300},{n % 900} ms"
        for n in range(count)
    )


def corpora() -> dict[str, tuple[int, Callable[[], object]]]:
    """Return each kind of text with its size and what redacts it."""
    picture = base64.b64encode(random.Random(2).randbytes(900_000)).decode()
    dense = "\n".join(benign(9000))
    records = [{"n": n, "line": line, "ok": True} for n, line in enumerate(log().split("\n"))]
    texts = {
        "log": log(),
        "log with a secret in 1 of 100": with_secrets(log()),
        "CSV": rows(),
        "JSON text": json.dumps(records),
        "HTML table": table(),
        "picture in base64": f'<img src="data:image/png;base64,{picture}">',
        "only ids, digests, URLs": dense,
        "the same in base64": base64.b64encode(dense.encode()).decode(),
    }
    made: dict[str, tuple[int, Callable[[], object]]] = {
        name: (len(text), lambda text=text: redact_text(text, POLICY))  # type: ignore[misc]
        for name, text in texts.items()
    }
    output = {"output_type": "display_data", "metadata": {}, "data": {"application/json": records}}
    made["JSON output"] = (len(texts["JSON text"]), lambda: redact_output(output, POLICY))
    return made


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the least processor time of several rounds, in seconds."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def beside_detect_secrets(text: str) -> None:
    """Print the same for detect-secrets, when it is there."""
    try:
        from detect_secrets.core.scan import scan_line
        from detect_secrets.settings import transient_settings
    except ImportError:
        return
    names = ("AWSKeyDetector", "StripeDetector", "GitHubTokenDetector", "JwtTokenDetector")
    names += ("PrivateKeyDetector", "SlackDetector", "BasicAuthDetector", "NpmDetector")
    with transient_settings({"plugins_used": [{"name": name} for name in names]}):
        took = best(lambda: [list(scan_line(line)) for line in text.splitlines()])
    ours = best(lambda: redact_text(text, POLICY))
    print(
        f"detect-secrets, {len(names)} of its rules, log {len(text) / took / 1e6:9.2f} MB/s, "
        f"{took / ours:.1f} times as long as ours with all rules"
    )


def hostile(shown: int = 8) -> None:
    """Print the slowest of the texts that were made to be slow."""
    text = log()
    usual = best(lambda: redact_text(text, POLICY)) / len(text)
    texts = {repr(unit)[:40]: filled(unit, 1_000_000) for unit in UNITS}
    texts |= {name: made(1_000_000) for name, made in SHAPES.items()}
    once = {name: best(lambda t=t: redact_text(t, POLICY), 1) for name, t in texts.items()}  # type: ignore[misc]
    slowest = sorted(once, key=once.__getitem__, reverse=True)[:shown]
    for name in slowest:
        each = best(lambda t=texts[name]: redact_text(t, POLICY)) / len(texts[name])  # type: ignore[misc]
        print(
            f"hostile: {name:40} {each * 1e6:5.2f} s/MB   limit {SLOWEST:.0f}, {each / usual:.0f} times the log"
        )


def main() -> int:
    """Print all figures; exit 1 when recall or false positives miss their limits."""
    for name, (size, work) in corpora().items():
        speed = size / best(work) / 1e6
        print(f"{name:32} {speed:9.1f} MB/s   limit {LIMIT:.0f}, {speed / LIMIT:.1f} times it")
    beside_detect_secrets(log())
    hostile()
    tried, lost = recall(20)
    found = 1 - sum(lost.values()) / tried
    print(
        f"recall                {found:10.3%} of {tried} ({len(STANDARD)} kinds, {len(PLACEMENTS)} places, 20 samples), "
        f"limit {LEAST_RECALL:.0%}"
    )
    wrong = len(false_positives(5000)) / 5000
    print(f"false positives       {wrong:10.3%} of 5000 harmless lines, limit {MOST_FALSE:.1%}")
    return 0 if found >= LEAST_RECALL and wrong <= MOST_FALSE else 1


if __name__ == "__main__":
    sys.exit(main())
