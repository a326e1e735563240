"""``library publish``: a built library sent to a marketplace. The password or the session is typed, piped or given by the surroundings, and kept nowhere."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.cli.marketplace import secret_of
from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.authoring.publish import Published, Result
    from keys_jupyter.cli.printing import Add, Commands
    from keys_jupyter.credentials import Secret
    from keys_jupyter.options import KeysOptions
    from keys_jupyter.sources.marketplace import MarketplaceSettings
    from keys_jupyter.transport import Transport

EXAMPLE = "jupyter keys library publish built-library --dry-run --email admin@example.com"
_SESSION = "KEYS_PUBLISH_TOKEN"


def add_publish(library: Commands, add: Add) -> None:
    """Add ``publish`` to the verbs of ``library``."""
    one = add(library, "publish", "send a built library to a marketplace", group="library")
    one.add_argument("folder", type=Path, metavar="OUT", help="what `library build` wrote")
    one.add_argument(
        "--dry-run", action="store_true", help="say what would become of each pack; change nothing"
    )
    one.add_argument("--marketplace", metavar="URL", help="another one than the configured one")
    one.add_argument("--email", metavar="E", help="an administrator who signs in with a password")
    one.add_argument(
        "--token-stdin",
        action="store_true",
        help="read the password, or without --email the token of an administrator's session, from "
        f"standard input; a session may also stand in {_SESSION}",
    )
    one.add_argument(
        "--allow-private",
        action="store_true",
        help="this marketplace is on your own machine or network; it may be http and private",
    )


def publish(parsed: argparse.Namespace) -> int:
    """Send a library; 0 when every pack is there as it is here, else by the family of the first fault."""
    from keys_jupyter.authoring.publish import Admin, read_built
    from keys_jupyter.authoring.publish import publish as send
    from keys_jupyter.options import configured
    from keys_jupyter.transport import Transport

    packs = read_built(parsed.folder)
    options = configured()
    settings = _settings(options, parsed)
    transport = Transport(settings.transport)
    with _session(settings, transport, parsed) as session:
        admin = Admin(settings, transport, session)
        done = send(packs, admin, dry_run=parsed.dry_run, on_result=_tell)
    reply: dict[str, Any] = {
        "marketplace": settings.base,
        "dry_run": parsed.dry_run,
        "results": [vars(result) for result in done.results],
    }
    if done.fault is None:
        return answer(parsed, reply, _words(done, dry_run=parsed.dry_run))
    fault = {"code": done.fault.code, "message": done.fault.message, "hint": done.fault.hint}
    answer(parsed, {**reply, "error": fault}, _words(done, dry_run=parsed.dry_run))
    if not parsed.json:
        sys.stderr.write(f"{done.fault.message}\n{done.fault.hint}\n")
    return done.fault.exit_code


def _settings(options: KeysOptions, parsed: argparse.Namespace) -> MarketplaceSettings:
    from dataclasses import replace

    from keys_jupyter.credentials import Secret
    from keys_jupyter.service.opening import transport_settings
    from keys_jupyter.sources.marketplace import MarketplaceSettings, origin_of

    url = (parsed.marketplace or options.marketplace_url).strip()
    if not url:
        raise InputError(
            "NO_MARKETPLACE", "Which marketplace? None is configured.", "Give it by --marketplace."
        )
    transport = transport_settings(options)
    if parsed.allow_private:
        named = (*transport.allowed_marketplaces, url)
        transport = replace(transport, allowed_marketplaces=named)
    settings = MarketplaceSettings(
        url,
        auth_url=options.marketplace_auth_url,
        auth_anon_key=Secret(options.marketplace_auth_anon_key),
        transport=transport,
    )
    try:
        ours = options.marketplace_url or url
        another = origin_of(url) != origin_of(ours)
    except ValueError as error:
        raise InputError(
            "BAD_ADDRESS", f"The marketplace's address cannot be used: {error}.", "Correct it."
        ) from error
    if another or not options.marketplace_auth_url or not options.marketplace_auth_anon_key:
        raise InputError(
            "PUBLISHING_OFF",
            f"Where {settings.base} signs in and stores files is not set up here.",
            "Set KEYS_MARKETPLACE_URL, KEYS_MARKETPLACE_AUTH_URL and KEYS_MARKETPLACE_AUTH_ANON_KEY, or the "
            "options of these names.",
        )
    return settings


def _session(
    settings: MarketplaceSettings, transport: Transport, parsed: argparse.Namespace
) -> AbstractContextManager[Secret]:
    from keys_jupyter.authoring.publish import signed_in
    from keys_jupyter.credentials import Secret

    given = os.environ.pop(_SESSION, "").strip()
    if parsed.email:
        return signed_in(settings, transport, parsed.email, Secret(secret_of(parsed, "password")))
    text = given if given and not parsed.token_stdin else secret_of(parsed, "session token")
    if text.startswith("kx_"):
        raise InputError(
            "NOT_A_SESSION",
            "That is an API key, and no API key may publish. It was not sent anywhere.",
            "Give an administrator's e-mail by --email, or the token of their session.",
        )
    return nullcontext(Secret(text))


def _tell(result: Result) -> None:
    sys.stderr.write(f"{result.slug} {result.version}: {result.state}\n")


def _words(done: Published, *, dry_run: bool) -> str:
    from keys_jupyter.cli import words

    would = {"created": "would be created", "updated": "would be updated"} if dry_run else {}
    rows = [
        (one.slug, one.version, would.get(one.state, one.state), one.message)
        for one in done.results
    ]
    sent = any(one.state in ("created", "updated") for one in done.results)
    note = "A marketplace may send a pack out only after an ingest of its own; until then it is listed."
    return words.table(rows) + (f"\n{note}" if sent and not dry_run else "")
