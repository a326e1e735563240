"""Downloads through cuts and lies end in the right file or in a typed error, and never in a wrong byte.

The marketplace is real HTTP: a link is asked for, the storage host is another one, and each request to it meets a
fault drawn by lot. A seed that fails can be run alone.
"""

import collections
import hashlib
import random

import pytest

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import IntegrityError, KeysError, NetworkError
from keys_jupyter.marketplace_fake import FakeMarketplace, Fault, Place, Shape
from keys_jupyter.transport import Settings, Transport, download

SLUG = "cut-often"
SIZE = 60_000
DATA = random.Random(1).randbytes(SIZE)
OTHER = random.Random(2).randbytes(SIZE)
LONGER = random.Random(3).randbytes(SIZE + 7_001)


@pytest.fixture(scope="module")
def market():
    with FakeMarketplace() as running:
        yield running
    assert running.failures == []


@pytest.fixture(scope="module")
def scene(market):
    about = {"slug": SLUG, "title": "Cut often", "version": "1.0.0", "kind": "jupyter"}
    market.put(DATA, about)
    reader = market.user()
    market.grant(reader, SLUG)
    settings = Settings(allowed_marketplaces=(market.url,), retry_seconds=0.0, resumes=8)
    return market, Transport(settings), Secret(market.key(reader).token)


def fresh(market):
    market.faults.clear()
    market.requests.clear()
    market.replace(SLUG, "1.0.0", DATA)


def fetch(scene, to, sha256=None):
    market, transport, token = scene

    def link():
        url = f"{market.url}/marketplace/keys/{SLUG}/download"
        answer = transport.post_json(url, {"version": "1.0.0"}, authorization=token)
        return answer.data["downloadUrl"]

    return download(transport, link(), to, sha256=sha256, private=True, renew=link)


def sent_by_storage(market):
    return sum(one.sent for one in market.requests.where(origin="project"))


# Honest storage in trouble: whatever happens, what is finished is one of the objects that were there, whole.
HONEST = {
    "cut": lambda lot: (Fault.CUT, {"at": lot.randrange(SIZE)}),
    "reset": lambda lot: (Fault.CUT, {"at": lot.randrange(SIZE), "reset": True}),
    "cut at an edge": lambda lot: (Fault.CUT, {"at": lot.choice([0, 1, SIZE - 1])}),
    "changed": lambda lot: (
        Fault.CHANGED,
        {"at": lot.randrange(SIZE), "data": lot.choice([OTHER, LONGER, DATA])},
    ),
    "whole again": lambda lot: (Fault.IGNORE_RANGE, {}),
    "another part": lambda lot: (Fault.WRONG_RANGE, {"by": lot.choice([-500, 1, 4096])}),
    "several parts": lambda lot: (Fault.MANY_RANGES, {}),
    "no such part": lambda lot: (Fault.NOT_SATISFIABLE, {}),
    "not to be known again": lambda lot: (Fault.NO_VALIDATORS, {"weak": lot.random() < 0.5}),
    "expired": lambda lot: (Fault.EXPIRED_LINK, {}),
    "too long": lambda lot: (Fault.LENGTH, {"by": lot.randrange(1, 5000)}),
    "chunked": lambda lot: (Fault.LENGTH, {"chunked": True}),
    "packed": lambda lot: (Fault.GZIP, {}),
    "out": lambda lot: (
        Fault.ERROR,
        {"status": lot.choice([408, 429, 500, 502, 503]), "shape": lot.choice(list(Shape))},
    ),
    "hung up": lambda lot: (Fault.HANG_UP, {}),
    "not http": lambda lot: (Fault.RAW, {}),
}
# Storage that lies so that only a digest can tell.
LYING = {
    "wrong byte": lambda lot: (Fault.WRONG_BYTES, {"at": lot.randrange(SIZE)}),
    "a part that lies": lambda lot: (Fault.WRONG_RANGE, {"by": 100, "lie": True}),
    "changed behind its tag": lambda lot: (
        Fault.CHANGED,
        {"at": lot.randrange(SIZE), "data": OTHER, "keep_etag": True},
    ),
    "a condition ignored": lambda lot: (Fault.IGNORE_IF_RANGE, {}),
    "too short": lambda lot: (Fault.LENGTH, {"by": -lot.randrange(1, 5000)}),
    "no length and cut": lambda lot: (Fault.LENGTH, {"missing": True}),
    "a page": lambda lot: (Fault.HTML, {"status": 200}),
}


OF_A_PART = ["another part", "several parts", "changed", "whole again"]


def draw(lot, market, faults):
    """Let each of the first requests to the storage meet a fault, and more than half of them a cut besides."""
    drawn = []
    for place in range(lot.randint(2, 6)):
        # what goes wrong with a resumed part is drawn more often: most of it is only met there
        kinds = sorted(faults) + 4 * OF_A_PART
        for name in [lot.choice(kinds), *lot.choices(["cut", None], [3, 2])]:
            if name is not None:
                fault, options = faults[name](lot)
                market.faults.add(fault, on=Place.OBJECT, skip=place, times=1, **options)
                drawn.append(name)
    return drawn


def one_download(scene, seed, folder, tally):
    market = scene[0]
    lot = random.Random(seed)
    fresh(market)
    with_digest = lot.random() < 0.4
    drawn = draw(lot, market, {**HONEST, **LYING} if with_digest else HONEST)
    to = folder / f"{seed}.part"
    digest = hashlib.sha256(DATA).hexdigest() if with_digest else None
    try:
        found = fetch(scene, to, digest)
    except KeysError as error:
        assert isinstance(error, NetworkError | IntegrityError), (seed, drawn, error.code)
        assert error.code == error.code.upper() and error.message
        tally[error.code] += 1
    else:
        data = to.read_bytes()
        right = data == DATA or (not with_digest and data in (OTHER, LONGER))
        assert right, (seed, drawn, len(data))
        assert found.sha256 == hashlib.sha256(data).hexdigest(), (seed, drawn)
        assert found.size == len(data), (seed, drawn)
        to.unlink()
        tally["whole"] += 1
    assert list(folder.iterdir()) == [], (seed, drawn)


def sweep(scene, tmp_path, seeds):
    tally = collections.Counter()
    for seed in seeds:
        one_download(scene, seed, tmp_path, tally)
    return tally


def test_sixty_downloads_end_right_or_typed(scene, tmp_path):
    tally = sweep(scene, tmp_path, range(60))
    assert tally.total() == 60
    assert tally["whole"] >= 20 and tally["whole"] < 60, tally


@pytest.mark.long
def test_a_thousand_downloads_end_right_or_typed(scene, tmp_path):
    tally = sweep(scene, tmp_path, range(1000))
    assert tally.total() == 1000
    assert tally["whole"] >= 300, tally
    # the sweep met more than one kind of end, or it would prove little
    assert len(tally) >= 4, tally


def cut_only(scene, tmp_path, seeds):
    market = scene[0]
    for seed in seeds:
        lot = random.Random(seed)
        fresh(market)
        for place in range(lot.randint(1, 8)):
            market.faults.add(
                Fault.CUT,
                on=Place.OBJECT,
                at=lot.randrange(SIZE // 4),
                reset=lot.random() < 0.3,
                skip=place,
                times=1,
            )
        to = tmp_path / f"{seed}.part"
        assert fetch(scene, to).sha256 == hashlib.sha256(DATA).hexdigest()
        assert to.read_bytes() == DATA
        to.unlink()
        yield sent_by_storage(market)


def test_cuts_alone_never_fail_and_cost_nothing_twice(scene, tmp_path):
    # a reset may lose what was under way; the rest is never asked for again
    costs = list(cut_only(scene, tmp_path, range(30)))
    assert sum(costs) <= 1.1 * SIZE * len(costs)


@pytest.mark.long
def test_a_thousand_cut_downloads_never_fail(scene, tmp_path):
    costs = list(cut_only(scene, tmp_path, range(1000, 2000)))
    assert len(costs) == 1000
    assert sum(costs) <= 1.1 * SIZE * len(costs)


def test_an_expired_link_is_renewed_once_and_the_part_is_kept(scene, tmp_path):
    market = scene[0]
    fresh(market)
    market.faults.add(Fault.CUT, at=40_000, times=1)
    market.faults.add(Fault.EXPIRED_LINK, skip=1, times=1)
    fetch(scene, tmp_path / "a.part", hashlib.sha256(DATA).hexdigest())
    assert len(market.requests.where(method="POST", path="/download")) == 2
    ranges = [one.header("Range") for one in market.requests.where(origin="project")]
    assert ranges == [None, "bytes=40000-", "bytes=40000-"]
    fresh(market)
    market.faults.add(Fault.EXPIRED_LINK)
    with pytest.raises(NetworkError):
        fetch(scene, tmp_path / "b.part")
    assert len(market.requests.where(method="POST", path="/download")) == 2


def test_no_credential_ever_reaches_the_storage(scene, tmp_path):
    market, _, token = scene
    fresh(market)
    market.faults.add(Fault.CUT, at=100, times=3)
    fetch(scene, tmp_path / "a.part")
    seen = market.requests.where(origin="project")
    assert len(seen) == 4
    for one in seen:
        assert token.reveal() not in one.text()
        assert one.header("Authorization") is None and one.header("apikey") is None
        assert one.header("Cookie") is None
