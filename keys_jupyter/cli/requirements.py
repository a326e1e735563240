"""``install SLUG --requirements``: what a key needs beside what a kernel has, and installing the rest after a question.

Not here: comparing and installing. The question is asked on a terminal; elsewhere ``--yes`` must have been given.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.requirements import Installing

_LOOK_SECONDS = 0.3


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options to ``install``."""
    command.add_argument(
        "--requirements",
        action="store_true",
        help="install the packages it needs into a kernel, after asking",
    )
    command.add_argument("--kernel", metavar="NAME", help="with --requirements: into this kernel")
    command.add_argument("--yes", action="store_true", help="with --requirements: do not ask")


def install(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show what is missing, ask, install it, and say how that ended."""
    from keys_jupyter.cli import run_words

    slug, _, version = parsed.slug.partition("@")
    room = desk.service.requirements
    looked = room.of(slug, version or None, parsed.kernel)
    sys.stderr.write(run_words.requirements(looked) + "\n")
    if looked.known and not looked.missing and not looked.refused:
        return answer(parsed, looked, "Nothing to install.")
    if not parsed.yes and not _agreed(looked.kernel):
        return answer(parsed, looked, "Nothing was installed.")
    room.install(slug, version or None, parsed.kernel)
    done = _followed(desk, slug, version or None, looked.kernel)
    answer(parsed, done, run_words.installation(done))
    return 0 if done.state == "DONE" else 1


def _agreed(kernel: str) -> bool:
    """Ask the person.

    Raises:
        InputError: nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise InputError(
            "NOT_ASKED",
            "Nothing was installed: there is no terminal to ask on.",
            "Give --yes if they are to be installed.",
        )
    sys.stderr.write(f"Install the missing packages into the kernel {kernel}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _followed(desk: Desk, slug: str, version: str | None, kernel: str) -> Installing:
    """Pass the log on as it grows; Ctrl-C leaves off watching, and the installation goes on."""
    room = desk.service.requirements
    offset = 0
    while True:
        last = room.last(kernel)
        tail = room.log(slug, version, kernel, offset)
        offset = tail.end
        sys.stderr.write(tail.text)
        sys.stderr.flush()
        if last.state != "RUNNING" and not tail.text:
            return last
        time.sleep(_LOOK_SECONDS)
