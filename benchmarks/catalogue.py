"""Prints what ten thousand keys of a marketplace cost to list and to send, beside what they are made of.

*First* has nothing kept and asks a marketplace on loopback; *again* is the same question while nothing changed; *restart*
is a fresh process's first answer from what was kept. Ratios are in one run: to decoding the marketplace's own answers with
``json`` and to writing the rows out anew, since times differ from machine to machine.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from keys_jupyter.credentials import Secret
from keys_jupyter.marketplace_fake import FakeMarketplace
from keys_jupyter.marketplace_fake.shelf import KeyEntry, KeyVersion
from keys_jupyter.model.marketplace import SignInRequest
from keys_jupyter.places import embedded_library
from keys_jupyter.service import Service
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.transport import Settings

ROWS = 10_000
ROUNDS = 7
AGAIN_RATIO = 0.05  # an unchanged list beside writing it out anew
DESCRIPTION = "Reads the export of a payment provider and says which rows differ, by how much and since when. "


def fill(market: FakeMarketplace) -> None:
    """Put ten thousand keys on the shelf, as rows without objects."""
    shelf = market._state.shelf
    kind = ("jupyter", "runbook")
    for number in range(ROWS):
        slug = f"jupyter-{number:05d}-analysis"
        about = {
            "slug": slug,
            "title": f"Analysis number {number}",
            "description": DESCRIPTION * 3,
            "version": "1.0.0",
            "license_spdx": "MIT",
            "category": f"category-{number % 12}",
            "maturity": ("starter", "operator", "scale", "enterprise")[number % 4],
            "outcome": ("diagnosis", "automation")[number % 2],
            "tags": [f"tag-{number % 40}", "payments", "webhooks"],
        }
        entry = KeyEntry(slug, slug, kind[number % 10 == 0], about, shelf._tick())
        entry.version = "1.0.0"
        entry.versions = [KeyVersion("1.0.0", None, entry.created)]
        shelf.keys[slug] = entry


def service(root: Path, market: FakeMarketplace) -> Service:
    """Return a fresh service over one folder and the marketplace."""
    door = Settings(allowed_marketplaces=(market.url,))
    here = Marketplaces(
        root / "data",
        Configuration(url=market.url, transport=door),
        lambda *_: None,
        given=lambda: None,
    )
    embedded = FolderLibrary(embedded_library(), "embedded")
    return Service(root / "ws", root / "data", [embedded, here], marketplace=here)


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def median(work: Callable[[], object]) -> float:
    """Return the median of several calls."""
    return statistics.median(milliseconds(work) for _ in range(ROUNDS))


def main() -> int:
    """Print the figures; 1 when an unchanged list costs more than it should."""
    with tempfile.TemporaryDirectory() as folder, FakeMarketplace(embedded_library()) as market:
        fill(market)
        user = market.user()
        for slug in list(market._state.shelf.keys)[::10]:
            market.grant(user, slug)
        root = Path(folder)
        (root / "ws").mkdir()
        opened = service(root, market)
        key = Secret(market.key(user).token)
        opened.marketplace.sign_in(SignInRequest.model_validate({"key": key.reveal()}))
        first = milliseconds(opened.catalogue.written)
        written = opened.catalogue.written()
        again = median(opened.catalogue.written)
        listed = median(opened.catalogue.catalog)
        anew = median(opened.catalogue.catalog().model_dump_json)
        detail = median(lambda: opened.catalogue.detail("stripe-webhook-failure"))
        kept = [path.read_bytes() for path in (root / "data" / "marketplaces").rglob("*.json")]
        decoded = median(lambda: [json.loads(data) for data in kept])
        opened.close()
        fresh = service(root, market)
        restart = milliseconds(fresh.catalogue.written)
        fresh.close()
    say = sys.stdout.write
    count = len(json.loads(written.json)["keys"])
    say(f"catalogue of {count:,} keys, {len(written.json) / 1e6:.1f} MB, packed {len(written.gzip) / 1e6:.2f} MB "
        f"({len(written.gzip) / len(written.json):.2f} of it)\n")  # fmt: skip
    say(
        f"first answer        {first:8.1f} ms  {first / decoded:5.1f} x decoding the kept answers ({decoded:.0f} ms)\n"
    )
    say(f"after a restart     {restart:8.1f} ms  {restart / decoded:5.1f} x\n")
    say(
        f"again, as rows      {listed:8.2f} ms  {listed / anew:5.3f} x writing the rows out ({anew:.0f} ms)\n"
    )
    say(f"again, as bytes     {again:8.2f} ms  {again / anew:5.3f} x, limit {AGAIN_RATIO}\n")
    say(f"one key whole       {detail:8.2f} ms\n")
    return 0 if again / anew <= AGAIN_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
