"""From a request to its handler: the table of routes, who is asking, and what every reply has in common."""

from __future__ import annotations

import enum
import functools
import hashlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keys_jupyter.marketplace_fake import shapes, transfer
from keys_jupyter.marketplace_fake.accounts import Accounts, Tenant, User
from keys_jupyter.marketplace_fake.clock import Clock
from keys_jupyter.marketplace_fake.faults import Fault, Faults, Part, Place, Rule
from keys_jupyter.marketplace_fake.shelf import Shelf
from keys_jupyter.marketplace_fake.wire import Received, Reply

BODY_BYTES = 10 * 1024 * 1024


@dataclass
class Checkout:
    """One purchase that was begun in a browser."""

    id: str
    user: User
    slug: str
    url: str
    paid_after: int | None = None
    """How many more times the entitlements are read before this one is among them; None until it is paid."""

    def pay(self, after_reads: int = 0) -> None:
        """Pay; the entitlement appears after the entitlements were read this many more times."""
        self.paid_after = after_reads


@dataclass
class State:
    """All a marketplace knows, shared by its routes."""

    clock: Clock
    accounts: Accounts
    shelf: Shelf
    faults: Faults
    anon_key: str
    frontend: str = "https://keys.example"
    digests: bool = False
    url: str = ""
    project_url: str = ""
    checkouts: list[Checkout] = field(default_factory=list)
    counts: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


class Refusal(Exception):
    """Ends a handler with an error reply."""

    def __init__(self, reply: Reply) -> None:
        """Keep the reply."""
        super().__init__(reply.status)
        self.reply = reply


@dataclass
class Call:
    """One request as its handler sees it."""

    received: Received
    state: State
    place: Place
    rules: list[Rule]
    names: dict[str, str]
    """The parts of the path the route names, decoded."""

    def fault(self, fault: Fault) -> dict[str, Any] | None:
        """Return the options of a fault if it strikes this request."""
        return next((rule.options for rule in self.rules if rule.fault is fault), None)

    def out(self, *parts: Part) -> bool:
        """Say whether one of these stands still for this request."""
        return any(r.fault is Fault.OUTAGE and r.options["of"] in parts for r in self.rules)

    def user(self) -> User:
        """Return who asks, by API key or session.

        Raises:
            Refusal: 401, in the marketplace's words.
        """
        token = self._token()
        if token is None:
            raise Refusal(shapes.nested(401, shapes.NO_HEADER))
        user = self._by_token(token)
        if user is None:
            text = shapes.BAD_KEY if token.startswith("kx_") else shapes.BAD_SESSION
            raise Refusal(shapes.nested(401, text))
        return user

    def session_user(self) -> User | None:
        """Return who asks by session; an API key counts as nobody."""
        token = self._token()
        return None if token is None or token.startswith("kx_") else self._by_token(token)

    def tenant(self, user: User) -> Tenant:
        """Return on whose behalf a user acts; the person alone while organisations cannot be read."""
        if self.out(Part.ORGANISATION):
            return Tenant(user.id, "user")
        return self.state.accounts.tenant(user)

    def json(self) -> Any:
        """Return the body's JSON.

        Raises:
            Refusal: 500 for what is no JSON object or too large, as the marketplace answers.
        """
        body = self.received.body
        try:
            document = json.loads(body or b"{}")
        except ValueError:
            document = None
        if not isinstance(document, dict) or len(body) > BODY_BYTES:
            raise Refusal(shapes.nested(500, "Internal server error"))
        return document

    def _token(self) -> str | None:
        kind, _, token = (self.received.header("Authorization") or "").partition(" ")
        return token if kind == "Bearer" and token else None

    def _by_token(self, token: str) -> User | None:
        if self.out(Part.SUPABASE):
            return None
        if token.startswith("kx_"):
            return self.state.accounts.by_key(token)
        if self.out(Part.GOTRUE):
            return None
        session = self.state.accounts.by_access_token(token)
        return session.user if session else None


Handler = Callable[[Call], Reply]


class Limit(enum.Enum):
    """How many requests of an address are answered in a quarter of an hour."""

    NONE = 0
    AUTH = 5
    API = 100


@dataclass(frozen=True)
class Route:
    """One method and path; ``{name}`` stands for one part of a path, ``{*name}`` for the rest of it."""

    method: str
    path: str
    handler: Handler
    place: Place = Place.OTHER
    limit: Limit = Limit.NONE
    cased: bool = False
    """Whether capitals matter, as they do in storage."""

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern = re.sub(r"\\{\\\*(\w+)\\}", r"(?P<\1>.+)", re.escape(self.path))
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        return re.compile(pattern if self.cased else pattern + "/?", 0 if self.cased else re.I)

    def names(self, path: str) -> dict[str, str] | None:
        """Return the named parts if the path is this route's."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        return {k: urllib.parse.unquote(v, errors="strict") for k, v in found.groupdict().items()}


class Router:
    """Answers requests from a table of routes, in the marketplace's manner."""

    def __init__(
        self,
        state: State,
        routes: list[Route],
        count: Callable[[Call, Limit], Reply | None],
        show: Callable[[Call, Limit, Reply], None],
    ) -> None:
        """Take the routes, who counts requests against the limits, and who tells of them."""
        self._state = state
        self._routes = routes
        self._count = count
        self._show = show

    def __call__(self, received: Received) -> Reply:
        """Answer one request."""
        try:
            route, names = self._find(received)
        except UnicodeDecodeError:
            return shapes.nested(500, "Failed to decode param")
        place = route.place if route else Place.OTHER
        rules = self._state.faults.striking(received, place)
        call = Call(received, self._state, place, rules, names)
        reply = self._answer(route, call)
        self._common(reply, received)
        return transfer.change(reply, received, rules)

    def _find(self, received: Received) -> tuple[Route | None, dict[str, str]]:
        method = "GET" if received.method == "HEAD" else received.method
        for route in self._routes:
            names = route.names(received.path) if route.method == method else None
            if names is not None:
                return route, names
        return None, {}

    def _answer(self, route: Route | None, call: Call) -> Reply:
        received = call.received
        if received.method == "OPTIONS":
            allowed = "Content-Type, Authorization, X-Request-ID"
            return Reply(204, headers=[("Access-Control-Allow-Headers", allowed)])
        if route is None:
            return shapes.nested(404, f"Route {received.method} {received.path} not found")
        try:
            reply = self._count(call, route.limit) or route.handler(call)
        except Refusal as refusal:
            reply = refusal.reply
        self._show(call, route.limit, reply)
        return reply

    def _common(self, reply: Reply, received: Received) -> None:
        """Add the request's id, and for lists and details a weak ETag that revalidates."""
        reply.headers.append(
            ("X-Request-ID", received.header("X-Request-ID") or shapes.request_id())
        )
        if reply.status != 200 or received.method not in ("GET", "HEAD") or reply.header("ETag"):
            return
        etag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:27]}"'
        reply.headers.append(("ETag", etag))
        if received.header("If-None-Match") == etag:
            reply.status = 304
