"""Fuzzes the archive door: ``python -m tests.fuzz.archive --seconds 60``; the first input that breaks a promise ends it.

For every input: a verified pack or one typed refusal, in less than a second of computing, and nothing is written,
started or asked. An input that breaks this is printed as base64 and belongs into ``found.txt``.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from keys_jupyter.archive import verify
from keys_jupyter.errors import IntegrityError
from tests.fuzz.corpus import corpus
from tests.fuzz.mutate import mutated

SECONDS_EACH = 1.0
_ACTS = ("os.", "shutil.", "socket.", "subprocess.", "tempfile.", "ctypes.", "exec", "compile")
# Controls, what turns text around, halves of characters, and the separators of other systems.
_NO_NAME = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\\\:]")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_armed: list[str] = []
_watching = False


class Broken(Exception):
    """An input that broke a promise."""


def check(data: bytes) -> bool:
    """Give one input to the door; returns whether it was accepted.

    Raises:
        Broken: it broke a promise.
    """
    start = time.process_time()
    with _nothing_done() as acts:
        accepted = _accepted(data)
    took = time.process_time() - start
    if acts:
        raise Broken(f"it did {acts[0]}")
    if took > SECONDS_EACH:
        raise Broken(f"it took {took:.1f} s")
    return accepted


def _accepted(data: bytes) -> bool:
    try:
        pack = verify(data, sha256=None)
    except IntegrityError as error:
        if not (error.code.isupper() and error.message.isprintable() and error.hint):
            raise Broken(f"its refusal is not fit for a person: {error!r}") from error
        return False
    except Exception as error:
        raise Broken(traceback.format_exc()) from error
    for name in pack.files:
        parts = name.split("/")
        if _NO_NAME.search(name) or any(part in ("", ".", "..") for part in parts):
            raise Broken(f"it let a name in: {name!a}")
        pack.files[name]
    return True


@contextmanager
def _nothing_done() -> Iterator[list[str]]:
    global _watching
    if not _watching:
        sys.addaudithook(_heard)
        _watching = True
    _armed.clear()
    _armed.append("")
    acts: list[str] = []
    try:
        yield acts
    finally:
        acts += [act for act in _armed if act]
        _armed.clear()


def _heard(event: str, given: tuple[Any, ...]) -> None:
    if not _armed:
        return
    writes = event == "open" and isinstance(given[2], int) and given[2] & _WRITES
    if writes or event.startswith(_ACTS):
        _armed.append(event)


def run(seed: str, *, seconds: float | None = None, count: int | None = None) -> tuple[int, int]:
    """Fuzz for a time or a number of inputs; returns how many there were and how many were accepted.

    Raises:
        Broken: with the input as base64.
    """
    begins = corpus()
    for data in begins:  # what is imported late is imported here
        check_named(data, "the corpus")
    end = None if seconds is None else time.monotonic() + seconds
    done = accepted = 0
    while (count is None or done < count) and (end is None or time.monotonic() < end):
        name = f"{seed}:{done}"
        accepted += check_named(mutated(name, begins), name)
        done += 1
    return done, accepted


def check_named(data: bytes, name: str) -> bool:
    """Check one input, and give it whole to whoever reads the failure."""
    try:
        return check(data)
    except Broken as error:
        text = base64.b64encode(data).decode()
        raise Broken(f"input {name}: {error}\nbase64: {text}") from error


def main() -> int:
    """Fuzz, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", help="of an earlier run, to have it again", default="")
    given = parser.parse_args()
    seed = given.seed or secrets.token_hex(4)
    try:
        done, accepted = run(seed, seconds=given.seconds)
    except Broken as error:
        print(f"FAILED, seed {seed}: {error}")
        return 1
    print(f"{done:,} archives, {accepted:,} of them accepted, no promise broken; seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
