"""``install``, ``import``, ``pack-file``, ``installed``, ``outdated``, ``use``, ``remove``: versions in a workspace."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from keys_jupyter.cli import requirements
from keys_jupyter.cli.catalog import tell_of_sources
from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError, KeysError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.installs import Installed


EXAMPLES = {
    "install": "jupyter keys install jupyter-webhook-event-analysis",
    "import": "jupyter keys import jupyter-webhook-event-analysis-1.0.0.zip",
    "pack-file": "jupyter keys pack-file jupyter-webhook-event-analysis -o pack.zip",
    "installed": "jupyter keys installed --json",
    "outdated": "jupyter keys outdated",
    "use": "jupyter keys use jupyter-webhook-event-analysis@1.0.0",
    "remove": "jupyter keys remove jupyter-webhook-event-analysis@1.0.0",
}
_VERSIONED = "SLUG[@VERSION]"


def add_commands(commands: Commands, add: Add) -> None:
    """Add the commands of this room."""
    one = add(commands, "install", "verify a key and unpack it into the workspace")
    one.add_argument("slug", metavar=_VERSIONED)
    requirements.add_options(one)
    taken = add(commands, "import", "install a pack from a file, without network")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--sha256", metavar="HEX", help="the digest the file must have")
    written = add(commands, "pack-file", "write a pack to a file, for a machine without network")
    written.add_argument("slug", metavar=_VERSIONED)
    written.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE")
    add(commands, "installed", "list what is installed in this workspace")
    add(commands, "outdated", "list the keys that have a newer version")
    add(commands, "use", "use an installed version from now on").add_argument(
        "slug", metavar="SLUG@VERSION"
    )
    add(commands, "remove", "take a key, or one version of it, away").add_argument(
        "slug", metavar=_VERSIONED
    )


def install(desk: Desk, parsed: argparse.Namespace) -> int:
    """Install one key, saying how far it is; Ctrl-C stops it and leaves nothing behind."""
    if parsed.requirements:
        return requirements.install(desk, parsed)
    slug, version = _named(parsed.slug)
    done = _followed(desk, slug, version)
    return answer(parsed, done, _installed(done))


def _followed(desk: Desk, slug: str, version: str | None) -> Installed:
    """Install in a thread of its own, so that progress can be told and the person can stop it."""
    outcome: list[Installed | KeysError] = []

    def work() -> None:
        try:
            outcome.append(desk.service.installs.install(slug, version))
        except KeysError as error:
            outcome.append(error)

    thread = threading.Thread(target=work, name="keys-install", daemon=True)
    thread.start()
    tell = _Teller()
    while thread.is_alive():
        try:
            thread.join(0.2)
            tell.say(desk)
        except KeyboardInterrupt:
            _stop(desk, slug)
            thread.join()
            tell.end()
            raise
    tell.end()
    # A thread that ended by an error of another family has printed it; there is no outcome to give.
    if not outcome:
        raise InputError("INSTALL_FAILED", f"{slug} was not installed.", "See the error above.")
    if isinstance(outcome[0], KeysError):
        raise outcome[0]
    return outcome[0]


def _stop(desk: Desk, slug: str) -> None:
    if any(one.slug == slug for one in desk.service.installs.underway.listed().installing):
        desk.service.installs.underway.cancel(slug)


class _Teller:
    """Says on standard error how far an install is, on one line of a terminal."""

    def __init__(self) -> None:
        self._last = ""

    def say(self, desk: Desk) -> None:
        for one in desk.service.installs.underway.listed().installing:
            text = f"{one.bytes / 1e6:.1f} MB"
            if one.total:
                text += f" of {one.total / 1e6:.1f} MB"
            if one.waiting:
                text = "Waiting for another process that works on this key …"
            self._show(text)

    def _show(self, text: str) -> None:
        if text == self._last:
            return
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
        elif text.startswith("Waiting"):
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        self._last = text

    def end(self) -> None:
        if self._last and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def import_file(desk: Desk, parsed: argparse.Namespace) -> int:
    """Install a pack from a file."""
    done = desk.service.installs.import_pack(desk.here / parsed.file, parsed.sha256)
    return answer(parsed, done, _installed(done))


def pack_file(desk: Desk, parsed: argparse.Namespace) -> int:
    """Write a pack to a file."""
    slug, version = _named(parsed.slug)
    done = desk.service.installs.export_pack(slug, version, desk.here / parsed.out)
    text = f"Wrote {done.slug} {done.version} to {parsed.out}.\nsha256 {done.sha256}"
    return answer(parsed, done.model_copy(update={"path": str(parsed.out)}), text)


def installed(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what is installed."""
    from keys_jupyter.cli import words

    reply = desk.service.installs.installed()
    text = words.table(
        (
            row.slug,
            row.version + (" (in use)" if row.default else ""),
            row.path,
            f"edited: {', '.join(row.edited)}" if row.edited else "as installed",
        )
        for row in reply.installed
    )
    return answer(parsed, reply, text)


def outdated(desk: Desk, parsed: argparse.Namespace) -> int:
    """List the keys that have a newer version."""
    from keys_jupyter.cli import words

    tell_of_sources(desk.service.catalogue.catalog(refresh=True))
    reply = desk.service.installs.outdated()
    text = words.table(
        (
            row.slug,
            f"{row.version} → {row.newest}",
            row.source,
            "may break what worked: read its changelog first" if row.breaking else "",
        )
        for row in reply.outdated
    )
    newest = "Everything installed is the newest there is."
    return answer(parsed, reply, text if reply.outdated else newest)


def use(desk: Desk, parsed: argparse.Namespace) -> int:
    """Use an installed version from now on."""
    slug, version = _named(parsed.slug)
    if version is None:
        raise InputError(
            "NO_VERSION",
            "Which version is to be used?",
            f"For example {slug}@1.0.0; see `installed`.",
        )
    reply = desk.service.installs.use(slug, version)
    return answer(parsed, reply, f"{slug} {version} is in use from now on.")


def remove(desk: Desk, parsed: argparse.Namespace) -> int:
    """Take a key, or one version of it, away."""
    slug, version = _named(parsed.slug)
    reply = desk.service.installs.remove(slug, version)
    text = f"Removed {slug} {', '.join(reply.versions)}. Runs made with it are whole."
    if reply.kept:
        text += f"\nFiles you edited or added were kept in {', '.join(reply.kept)}."
    return answer(parsed, reply, text)


def _named(text: str) -> tuple[str, str | None]:
    slug, _, version = text.partition("@")
    return slug, version or None


def _installed(done: Installed) -> str:
    digest = "as published" if done.verified else "pinned at first use, no digest was published"
    return (
        f"Installed {done.slug} {done.version} in {done.path}, {done.files} files.\n"
        f"sha256 {done.sha256}, {digest}."
    )


COMMANDS: dict[str, Command] = {
    "install": install,
    "import": import_file,
    "pack-file": pack_file,
    "installed": installed,
    "outdated": outdated,
    "use": use,
    "remove": remove,
}
