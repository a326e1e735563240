"""A slice of the fuzzing with seeds that never change, and everything it ever found."""

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.fuzz import archive
from tests.fuzz.archive import Broken, check, check_named, run
from tests.fuzz.corpus import corpus
from tests.fuzz.mutate import mutated

FOUND = Path(__file__).parent / "found.txt"
SEEDS = ("alder", "birch", "cedar", "damson")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_thousand_mutations_of_each_seed_break_no_promise(seed):
    done, accepted = run(seed, count=1000)
    assert done == 1000
    # Some must get through, or only the outermost check is reached.
    assert 20 < accepted < 900


def test_what_was_found_once_stays_mended():
    for number, line in enumerate(FOUND.read_text("ascii").splitlines()):
        if not line.startswith("#"):
            check_named(base64.b64decode(line), f"found before, line {number + 1}")


def test_mutations_come_again_and_are_many():
    begins = corpus()
    assert len(begins) > 150
    assert mutated("alder:7", begins) == mutated("alder:7", begins)
    assert len({mutated(f"alder:{number}", begins) for number in range(300)}) > 270


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda *_, **__: {}["x"], "KeyError"),
        (lambda *_, **__: Path("/dev/null").open("w").close(), "open"),
        (lambda *_, **__: Path("/tmp/never-made/x").mkdir(), "FileNotFoundError"),
        (lambda *_, **__: sum(n * n for n in range(10**7)), "took"),
    ],
)  # fmt: skip
def test_the_watch_sees_what_it_watches_for(monkeypatch, does, said):
    def verified(*_given, **_named):
        does()
        return SimpleNamespace(files={})

    monkeypatch.setattr(archive, "verify", verified)
    monkeypatch.setattr(archive, "SECONDS_EACH", 0.2)
    with pytest.raises(Broken) as caught:
        check(b"")
    assert said in str(caught.value)
