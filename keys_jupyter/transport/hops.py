"""Where a request may go first and where a redirect may lead it next; every hop is judged like the first."""

from __future__ import annotations

from urllib.parse import urljoin

from keys_jupyter.transport import faults
from keys_jupyter.transport.addresses import Policy, Target, target
from keys_jupyter.transport.request import Request


def origin_of(url: str) -> str:
    """Return the origin an operator named.

    Raises:
        AddressRefused: it is no address.
    """
    try:
        return target(url).origin
    except ValueError as error:
        why = str(error)
    raise faults.address_refused(f"The entry {ascii(url)[:80]} of allowed_marketplaces", why)


def allowed(url: str, policy: Policy) -> Target:
    """Return what a URL leads to.

    Raises:
        AddressRefused: it may not be asked.
    """
    try:
        at = target(url)
    except ValueError as error:
        why: str | None = str(error)
        shown = "The address"
    else:
        why = policy.problem(at)
        shown = at.host
        if why is None:
            return at
    raise faults.address_refused(shown, str(why))


def hop(url: str, where: str, here: Target, request: Request) -> tuple[str, Target]:
    """Return the next address and what it leads to, judged like the first one.

    Raises:
        InvalidAnswer: the redirect is not followed.
    """
    refused: faults.AddressRefused
    try:
        following = urljoin(url, where)
        at = allowed(following, request.policy)
    except ValueError:
        raise redirect_refused(here.host, "its target cannot be read") from None
    except faults.AddressRefused as error:
        refused = error
    else:
        if not where or (request.same_origin and at.origin != here.origin):
            raise redirect_refused(
                here.host, f"it leads to {at.origin}" if where else "it leads nowhere"
            )
        if here.scheme == "https" and at.scheme != "https":
            raise redirect_refused(here.host, "it leads from https to http")
        return following, at
    raise faults.InvalidAnswer(
        refused.code, f"A redirect of {here.host} was not followed. {refused.message}"
    )


def redirect_refused(host: str, why: str) -> faults.InvalidAnswer:
    """Return the error for a redirect that is not followed."""
    return faults.InvalidAnswer(
        "REDIRECT_REFUSED",
        f"{host} sends us elsewhere, and that was not followed: {why}.",
        "If the marketplace has moved, sign in at its new address.",
    )
