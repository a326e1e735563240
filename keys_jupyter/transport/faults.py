"""What can go wrong between us and another machine, each with its own code.

::

    NetworkError
    ├── Unreachable     nobody answered: UNREACHABLE_DNS _REFUSED _TIMEOUT _TLS _PROXY _CUT _NETWORK
    ├── InvalidAnswer   somebody answered something that cannot be used
    └── Answered        the other side answered with an error of its own
    InputError
    └── AddressRefused  an address given by a person that may not be reached
    StateError
    └── Cancelled       a person stopped it

Errors of the libraries below are never chained to ours: their texts hold whole URLs, and those hold tokens.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from keys_jupyter.errors import InputError, NetworkError, StateError

# Kinds of the libraries below, which are not imported before the first request.
_NO_NAME = frozenset({"NameResolutionError", "gaierror"})
_LATE = frozenset(
    {"ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError", "TimeoutError"}
)


class Unreachable(NetworkError):
    """Nobody answered; nothing is known about what was asked."""


class InvalidAnswer(NetworkError):
    """An answer came and cannot be used."""


class Answered(NetworkError):
    """The other side answered with an error; what it means is for the caller to judge.

    A marketplace in trouble answers like one that refuses: one of these alone proves nothing.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        http_status: int,
        remote: str = "",
        retry_after: float | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        """Keep what was answered beside what is said about it.

        Args:
            code: ours, stable.
            message: for a person.
            hint: what to do next.
            http_status: the status of the answer.
            remote: the other side's own code, such as ``InvalidJWT``; empty where it gave none.
            retry_after: seconds it asked us to wait.
            details: what it said of single fields, each as ``path: message``.
        """
        super().__init__(code, message, hint)
        self.http_status = http_status
        self.remote = remote
        self.retry_after = retry_after
        self.details = details


class AddressRefused(InputError):
    """An address that may not be reached."""


class Cancelled(StateError):
    """A person stopped it; nothing was left behind."""


def address_refused(host: str, why: str) -> AddressRefused:
    """Return the error for an address a person gave."""
    return AddressRefused(
        "ADDRESS_REFUSED",
        f"{host} is not asked: {why}.",
        "Only https and public addresses are, unless the address is named in allowed_marketplaces "
        "(for one's own machine: --allow-private).",
    )


def answer_names_refused(host: str, why: str) -> InvalidAnswer:
    """Return the error for an address another machine sent us to."""
    return InvalidAnswer(
        "ADDRESS_REFUSED",
        f"The answer leads to {host}, which is not asked: {why}.",
        "Nothing was sent there. Tell whoever runs the marketplace.",
    )


def cancelled() -> Cancelled:
    """Return the error for something a person stopped."""
    return Cancelled(
        "CANCELLED", "It was cancelled; nothing was left behind.", "Begin again when you like."
    )


def timed_out(host: str, seconds: float) -> Unreachable:
    """Return the error for a deadline that passed."""
    return Unreachable(
        "UNREACHABLE_TIMEOUT",
        f"{host} did not finish its answer within {seconds:g} s.",
        "Try again; if it stays slow, ask whoever runs it.",
    )


def cut(host: str) -> Unreachable:
    """Return the error for a connection that ended too early."""
    return Unreachable(
        "UNREACHABLE_CUT",
        f"The connection to {host} was cut before its answer was whole.",
        "Try again.",
    )


def named(error: BaseException, host: str) -> NetworkError:
    """Return our error for one of the libraries' errors, without a word of its text but a certificate's fault.

    Args:
        error: what was raised below.
        host: who was asked.
    """
    chain = list(_chain(error))
    kinds = {type(one).__name__ for one in chain}
    if "ProxyError" in kinds:
        return _proxy(host, chain, kinds)
    tls = [one for one in chain if isinstance(one, ssl.SSLError)]
    if tls or "SSLError" in kinds:
        return _tls(host, tls)
    if kinds & _NO_NAME:
        return Unreachable(
            "UNREACHABLE_DNS",
            f"No address was found for {host}.",
            "Check the address and this machine's network.",
        )
    if kinds & _LATE:
        return Unreachable("UNREACHABLE_TIMEOUT", f"{host} did not answer in time.", "Try again.")
    return _of_the_socket(chain, host)


def _of_the_socket(chain: list[BaseException], host: str) -> NetworkError:
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return Unreachable(
            "UNREACHABLE_REFUSED",
            f"{host} refuses connections: nothing listens there.",
            "Check the address, or ask whoever runs it whether it is up.",
        )
    numbers = {one.errno for one in chain if isinstance(one, OSError)}
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN}:
        return Unreachable(
            "UNREACHABLE_NETWORK",
            f"There is no way to {host} from here.",
            "Check this machine's network.",
        )
    kinds = {type(one).__name__ for one in chain}
    if kinds & {
        "BadStatusLine",
        "InvalidHeader",
        "LineTooLong",
        "InvalidChunkLength",
        "UnknownProtocol",
    } and ("RemoteDisconnected" not in kinds):
        return InvalidAnswer(
            "ANSWER_NOT_HTTP", f"{host} answers something that is not HTTP.", "Check the address."
        )
    return cut(host)


def _tls(host: str, faults: list[ssl.SSLError]) -> Unreachable:
    why = next(
        (one.verify_message for one in faults if isinstance(one, ssl.SSLCertVerificationError)), ""
    )
    why = why or next((one.reason for one in faults if one.reason), "") or "the handshake failed"
    return Unreachable(
        "UNREACHABLE_TLS",
        f"There is no trusted connection to {host}: {ascii(why)[1:-1][:150].rstrip('.')}.",
        "Behind a company's own certificate authority, name its certificates in ca_bundle.",
    )


def _proxy(host: str, chain: list[BaseException], kinds: set[str]) -> Unreachable:
    why = f"did not let us through{_tunnel(chain)}"
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        why = "is not there: nothing listens at its address"
    elif kinds & _NO_NAME:
        why = "was not found: its name has no address"
    elif kinds & _LATE:
        why = "did not answer in time"
    return Unreachable(
        "UNREACHABLE_PROXY",
        f"The proxy on the way to {host} {why}.",
        "Check the configured proxies.",
    )


def _tunnel(chain: list[BaseException]) -> str:
    texts = " ".join(str(one) for one in chain if isinstance(one, OSError))
    return next(
        (f" (it answered {n})" for n in ("407", "403", "502", "503") if f"failed: {n}" in texts), ""
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Walk an error with everything below it, which these libraries keep in three different places."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def resolution_failed(host: str) -> socket.gaierror:
    """Return the resolver's own error for a name that has no address."""
    return socket.gaierror(socket.EAI_NONAME, f"no address for {host}")
