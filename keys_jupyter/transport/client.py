"""Questions and answers with a marketplace: one request, its redirects, its JSON.

* A redirect is followed by our own loop, hop by hop, and its body is never read.
* Credentials go to the origin they were given for and are not sent to any other, on no hop.
* Cookies, ``.netrc`` and ambient proxies do not exist here, unless the settings say so.

::

    transport = Transport(Settings())
    reply = transport.get_json("https://keys.example.com/marketplace/keys", etag=known)
    if reply.status != 304:
        rows = reply.data["keys"]
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.credentials.secret import Secret
from keys_jupyter.errors import SurroundingsError
from keys_jupyter.transport import answers, faults
from keys_jupyter.transport.addresses import Policy, Reach, Target, reach
from keys_jupyter.transport.body import Body
from keys_jupyter.transport.hops import allowed, hop, origin_of, redirect_refused
from keys_jupyter.transport.request import Request, bearer, prepared
from keys_jupyter.transport.settings import Settings
from keys_jupyter.transport.watch import Watch

if TYPE_CHECKING:
    from requests import Response
    from requests.adapters import HTTPAdapter

    from keys_jupyter.transport.lines import Resolve

_ERROR_BYTES = 64 * 1024
_EMPTY = frozenset({204, 304})
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Reply:
    """A good answer."""

    status: int  # 200, 201, 204, or 304 when the entity tag still holds
    data: Any  # None with 204 and 304
    etag: str  # empty where there is none


class Transport:
    """The door to the network of one configuration; safe to share between threads."""

    def __init__(self, settings: Settings, *, resolve: Resolve | None = None) -> None:
        """Take the limits; nothing is imported or opened before the first request.

        Args:
            settings: the limits.
            resolve: how names become addresses, where not by this machine's resolver.

        Raises:
            SurroundingsError: the named file of certificates is not there.
            AddressRefused: an entry of ``allowed_marketplaces`` is no address.
        """
        self.settings = settings
        self._resolve = resolve
        self._lock = threading.Lock()
        self._adapters: dict[Policy, HTTPAdapter] = {}
        self.policy = Policy(frozenset(origin_of(url) for url in settings.allowed_marketplaces))
        if settings.ca_bundle and not Path(settings.ca_bundle).exists():
            raise SurroundingsError(
                "CA_BUNDLE_MISSING",
                "The configured file of certificates (ca_bundle) is not there.",
                "Correct its path, or leave it out to use the usual authorities.",
            )

    # asking --------------------------------------------------------------------------------------

    def get_json(
        self,
        url: str,
        *,
        headers: Mapping[str, str | Secret] | None = None,
        authorization: Secret | None = None,
        etag: str = "",
        private: bool = False,
    ) -> Reply:
        """Ask for a JSON document; a connection that is cut is tried once more.

        Args:
            url: what to ask for.
            headers: beside the usual ones.
            authorization: the bearer token.
            etag: the tag of what is known already; 304 then says that it still holds.
            private: private addresses are allowed, because the marketplace is private itself.

        Raises:
            AddressRefused: the URL may not be asked.
            Unreachable: nobody answered.
            InvalidAnswer: not JSON, too large, or a redirect elsewhere.
            Answered: the other side answered with an error.
        """
        sent = {"Accept": "application/json", **bearer(authorization), **(headers or {})}
        if etag:
            sent["If-None-Match"] = etag
        request = Request("GET", url, sent, policy=self.storage_policy(private=private))
        try:
            return self._json(request)
        except faults.Unreachable as error:
            if error.code != "UNREACHABLE_CUT":
                raise
        return self._json(request)

    def post_json(
        self,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str | Secret] | None = None,
        authorization: Secret | None = None,
        private: bool = False,
    ) -> Reply:
        """Send a JSON document, once; a redirect is not followed. Raises like :meth:`get_json`.

        Args:
            url: where to.
            body: the document; a :class:`Secret` in it is revealed on the wire only.
            headers: beside the usual ones.
            authorization: the bearer token.
            private: private addresses are allowed, because the marketplace is private itself.
        """
        sent = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._json(
            Request(
                "POST",
                url,
                {**sent, **bearer(authorization), **(headers or {})},
                body=body,
                policy=self.storage_policy(private=private),
            )
        )

    def post_bytes(
        self,
        url: str,
        data: bytes,
        kind: str,
        *,
        headers: Mapping[str, str | Secret] | None = None,
        authorization: Secret | None = None,
        private: bool = False,
    ) -> Reply:
        """Send bytes, once; a redirect is not followed. Raises like :meth:`get_json`.

        Args:
            url: where to.
            data: the bytes.
            kind: their media type.
            headers: beside the usual ones.
            authorization: the bearer token.
            private: private addresses are allowed, because the marketplace is private itself.
        """
        sent = {"Accept": "application/json", "Content-Type": kind}
        return self._json(
            Request(
                "POST",
                url,
                {**sent, **bearer(authorization), **(headers or {})},
                data=data,
                policy=self.storage_policy(private=private),
            ),
            self.settings.download_seconds,
        )

    def get_bytes(
        self, url: str, most: int, *, private: bool = False, etag: str = ""
    ) -> tuple[bytes, str]:
        """Return a small document that is not JSON and needs no credentials, and its entity tag.

        Raises like :meth:`get_json`; what is not changed is an empty document with the tag that was given.
        """
        headers = {"Accept": "*/*", **({"If-None-Match": etag} if etag else {})}
        policy = self.storage_policy(private=private)
        request = Request("GET", url, headers, policy=policy, same_origin=False)
        with (
            Watch(self.settings.reply_seconds) as watch,
            self.exchange(request, watch) as (response, host),
        ):
            if response.status_code == 304:
                return b"", etag
            body = Body(response, host, most, watch)
            self.must_be_good(response, body, host)
            return body.whole(), response.headers.get("ETag", "")

    def is_private(self, url: str) -> bool:
        """Say whether an address is one an operator named and that lies in a private network."""
        at = self.readable(url)
        if not self.policy.exempt(at):
            return False
        if at.scheme == "http" or self._proxies(url):
            return True
        try:
            return any(reach(one) is Reach.PRIVATE for one in self._resolver()(at.host, at.port))
        except OSError:
            return False

    def storage_policy(self, *, private: bool) -> Policy:
        """Return who may be reached where no credentials go."""
        return Policy(self.policy.named, any_private=private)

    def readable(self, url: str) -> Target:
        """Return what a URL given by a person leads to.

        Raises:
            AddressRefused: it may not be asked.
        """
        return allowed(url, self.policy)

    # one exchange --------------------------------------------------------------------------------

    @contextmanager
    def exchange(self, request: Request, watch: Watch) -> Iterator[tuple[Response, str]]:
        """Send a request, follow its redirects, and hold the answer open for reading.

        Yields:
            The answer, whatever its status, and the host that gave it.
        """
        response, host = self._follow(request, watch)
        try:
            yield response, host
        finally:
            response.close()

    def must_be_good(self, response: Response, body: Body, host: str) -> None:
        """Raise the other side's own error unless the answer is good.

        Raises:
            Answered: with what it said.
        """
        if not 200 <= response.status_code < 300:
            text = body.beginning(_ERROR_BYTES)
            raise answers.error_of(response.status_code, response.headers, text, host)

    def _json(self, request: Request, seconds: float | None = None) -> Reply:
        with (
            Watch(seconds or self.settings.reply_seconds) as watch,
            self.exchange(request, watch) as (response, host),
        ):
            if response.status_code in _EMPTY:
                return Reply(response.status_code, None, response.headers.get("ETag", ""))
            body = Body(response, host, self.settings.reply_bytes, watch)
            self.must_be_good(response, body, host)
            text = body.whole()
            data = _document(text, host)
            if answers.hidden_error(data):
                raise answers.error_of(response.status_code, response.headers, text, host)
            return Reply(response.status_code, data, response.headers.get("ETag", ""))

    def _follow(self, request: Request, watch: Watch) -> tuple[Response, str]:
        url, at = request.url, allowed(request.url, request.policy)
        home = at.origin
        for _ in range(self.settings.redirects + 1):
            response = self._send(request, url, at, watch, with_secrets=at.origin == home)
            if response.status_code not in _MOVED:
                return response, at.host
            where = response.headers.get("Location", "")
            response.close()  # unread: a redirect's body may be as large as it likes
            if request.method != "GET":
                raise redirect_refused(at.host, "this request is not repeated elsewhere")
            url, at = hop(url, where, at, request)
        raise redirect_refused(at.host, "it leads in a circle or too far")

    def _send(
        self, request: Request, url: str, at: Target, watch: Watch, *, with_secrets: bool
    ) -> Response:
        import requests
        import urllib3

        failed: BaseException
        ready = prepared(request, url, with_secrets=with_secrets)
        watch.check(at.host)
        try:
            return self._adapter(request.policy).send(
                ready,
                stream=True,
                timeout=(self.settings.connect_seconds, self.settings.stall_seconds),
                verify=self._verify(),
                proxies=self._proxies(url),
            )
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            failed = error
        watch.check(at.host)
        raise faults.named(failed, at.host)

    def _adapter(self, policy: Policy) -> HTTPAdapter:
        from keys_jupyter.transport import lines

        with self._lock:
            if policy not in self._adapters:
                self._adapters[policy] = lines.adapter(policy, self._resolver())
            return self._adapters[policy]

    def _resolver(self) -> Resolve:
        from keys_jupyter.transport import lines

        return self._resolve or lines.system_resolver

    def _verify(self) -> bool | str:
        if self.settings.ca_bundle:
            return str(self.settings.ca_bundle)
        if self.settings.use_environment:
            import os

            names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
            return next((os.environ[name] for name in names if os.environ.get(name)), True)
        return True

    def _proxies(self, url: str) -> dict[str, str]:
        if self.settings.proxies:
            return dict(self.settings.proxies)
        if self.settings.use_environment:
            from requests.utils import get_environ_proxies

            return dict(get_environ_proxies(url))
        return {}


def _document(text: bytes, host: str) -> Any:
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pass
    raise faults.InvalidAnswer(
        "ANSWER_NOT_JSON",
        f"{host} answered something that is not JSON; it may not be a marketplace.",
        "Check the address; a login page of the network can stand in between.",
    )


def _no_constant(name: str) -> Callable[[], None]:
    raise ValueError(f"{name} is not JSON")
