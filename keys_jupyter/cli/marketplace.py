"""``login``, ``logout``, ``whoami``: the session with a marketplace. A secret is typed or piped, never an argument."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError, NetworkError, NotAvailable

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.marketplace import Session

EXAMPLES = {
    "login": "jupyter keys login --marketplace https://keys.example.com",
    "logout": "jupyter keys logout",
    "whoami": "jupyter keys whoami --json",
}
_MOST = 4096
# Nothing was heard before in a command, so it waits longer than a page.
_WHO_SECONDS = 15.0


def add_commands(commands: Commands, add: Add) -> None:
    """Add the commands of this room."""
    one = add(commands, "login", "sign in at a marketplace")
    one.add_argument(
        "--marketplace", metavar="URL", help="another one than the configured or last one"
    )
    one.add_argument(
        "--token-stdin",
        action="store_true",
        help="read the API key (or the password) from standard input",
    )
    one.add_argument(
        "--email", metavar="E", help="sign in once with a password; an API key is kept instead"
    )
    one.add_argument(
        "--allow-private",
        action="store_true",
        help="this marketplace is on your own machine or network; it may be http and private",
    )
    add(commands, "logout", "forget the marketplace's key")
    add(commands, "whoami", "show who you are at the marketplace")


def login(desk: Desk, parsed: argparse.Namespace) -> int:
    """Sign in.

    Raises:
        NotAvailable: the marketplace does not accept it.
        NetworkError: it could not be asked.
    """
    from pydantic import SecretStr

    from keys_jupyter.model.marketplace import SignInRequest

    secret = SecretStr(secret_of(parsed, "password" if parsed.email else "API key"))
    request = SignInRequest(
        marketplace=parsed.marketplace,
        key=None if parsed.email else secret,
        email=parsed.email,
        password=secret if parsed.email else None,
    )
    session = desk.service.marketplace.sign_in(request, vouched=parsed.allow_private)
    if session.state == "invalid":
        raise NotAvailable(session.code, session.message, session.hint)
    if session.state != "valid":
        raise NetworkError(session.code, session.message, session.hint)
    if session.warning:
        sys.stderr.write(f"{session.warning}\n")
    return answer(parsed, session, _words(session))


def logout(desk: Desk, parsed: argparse.Namespace) -> int:
    """Sign out."""
    session = desk.service.marketplace.sign_out()
    if session.warning:
        sys.stderr.write(f"{session.warning}\n")
    return answer(parsed, session, _words(session))


def whoami(desk: Desk, parsed: argparse.Namespace) -> int:
    """Show who one is; not being signed in is an answer too."""
    session = desk.service.marketplace.session(seconds=_WHO_SECONDS)
    return answer(parsed, session, _words(session))


def secret_of(parsed: argparse.Namespace, what: str) -> str:
    """Return one secret that is piped (``--token-stdin``) or typed.

    Raises:
        InputError: standard input holds something else, or there is no terminal to type in.
    """
    if parsed.token_stdin:
        text = sys.stdin.read(_MOST + 1).strip("\r\n")
        if not text or len(text) > _MOST or "\n" in text:
            raise InputError(
                "NO_TOKEN", f"Standard input does not hold one {what}.", "Pipe it and nothing else."
            )
        return text
    if not sys.stdin.isatty():
        raise InputError(
            "NO_TERMINAL",
            f"There is no terminal to type the {what} in.",
            "Pipe it with --token-stdin.",
        )
    from getpass import getpass

    return getpass(f"{what[:1].upper()}{what[1:]}: ", stream=sys.stderr)


def _words(session: Session) -> str:
    if session.marketplace is None:
        return "No marketplace is chosen."
    head = {
        "valid": "Signed in at",
        "invalid": "Not accepted at",
        "unreachable": "Not reachable now:",
        "signed_out": "Not signed in at",
    }[session.state]
    lines = [f"{head} {session.marketplace}"]
    if session.masked:
        lines.append(f"Key {session.masked}, kept in: {session.place or 'nowhere'}")
    if session.tenant:
        lines.append(f"As {session.tenant_type} {session.tenant}")
    if session.expires_at:
        lines.append(f"Until {session.expires_at}")
    lines += [part for part in (session.message, session.hint) if part]
    return "\n".join(lines)


COMMANDS: dict[str, Command] = {"login": login, "logout": logout, "whoami": whoami}
