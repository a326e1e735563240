"""What comes before a right: looking at a preview, the page on which a key is bought, and waiting for the purchase."""

from __future__ import annotations

import time
from collections.abc import Callable

from keys_jupyter.credentials import Secret
from keys_jupyter.errors import NotAvailable
from keys_jupyter.model.marketplace import CheckoutPage, Entitlement
from keys_jupyter.sources.marketplace.api import Api
from keys_jupyter.sources.marketplace.settings import MarketplaceSettings
from keys_jupyter.transport import Answered, InvalidAnswer, Transport, target

_PREVIEW_BYTES = 2 * 1024 * 1024
_SLICE_SECONDS = 0.1


def preview(
    api: Api, transport: Transport, settings: MarketplaceSettings, slug: str, token: Secret | None
) -> str:
    """Return the HTML of a preview, whatever its content type says.

    Raises:
        NotAvailable: there is none for us.
        NetworkError: nobody answered.
    """
    try:
        url = api.preview_url(slug, token)
        data, _ = transport.get_bytes(
            url, _PREVIEW_BYTES, private=transport.is_private(settings.base)
        )
    except Answered as error:
        if error.http_status >= 500 or error.http_status in (408, 429):
            raise
    else:
        return data.decode("utf-8", "replace")
    raise NotAvailable(
        "NO_PREVIEW", f"There is no preview of {slug}.", "Read its description instead."
    )


def checkout(api: Api, settings: MarketplaceSettings, slug: str, token: Secret) -> CheckoutPage:
    """Return the page on which a key is bought.

    Raises:
        NotAvailable: the marketplace sells nothing now.
        NetworkError: nobody answered, or the page is none that may be opened.
    """
    try:
        url = api.checkout(slug, settings.return_url or settings.base, token)
    except Answered as error:
        fault = error
    else:
        return CheckoutPage(slug=slug, url=_page(url))
    if fault.http_status not in (400, 404, 500):
        raise fault
    raise NotAvailable(
        "CHECKOUT_OFF",
        f"{slug} cannot be bought from here: {fault.message.rstrip('. ')}.",
        "Buy it on the marketplace's pages, or ask whoever runs it.",
    )


def _page(url: str) -> str:
    """Return a page that a browser may be sent to: a readable address of the web."""
    try:
        at = target(url)
    except ValueError:
        at = None
    if at is None or (at.scheme != "https" and at.host not in ("127.0.0.1", "localhost", "::1")):
        raise InvalidAnswer(
            "CHECKOUT_ADDRESS",
            "The marketplace names a page for buying that is not opened: it is not https.",
            "Tell whoever runs the marketplace.",
        )
    return url


def wait_for_right(
    ask: Callable[[], Entitlement],
    *,
    seconds: float,
    every: float,
    cancelled: Callable[[], bool] | None = None,
) -> Entitlement:
    """Ask until there is an active right, the time is over, or a person stops it; returns the last answer."""
    end = time.monotonic() + seconds
    right = ask()
    while right.state != "active" and time.monotonic() < end and not (cancelled and cancelled()):
        until = min(time.monotonic() + every, end)
        while (left := until - time.monotonic()) > 0 and not (cancelled and cancelled()):
            time.sleep(min(left, _SLICE_SECONDS))
        right = ask()
    return right
