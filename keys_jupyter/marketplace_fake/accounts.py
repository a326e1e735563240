"""Who there is and what they may have: users, organisations, API keys, sessions, entitlements.

No HTTP here; times are the marketplace's own.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import uuid
from dataclasses import dataclass, field

from keys_jupyter.marketplace_fake import tokens
from keys_jupyter.marketplace_fake.clock import Clock

SESSION_SECONDS = 3600


@dataclass(frozen=True)
class User:
    """A person with an account."""

    id: str
    email: str
    password: str = field(repr=False)
    admin: bool = False


@dataclass
class Organisation:
    """A tenant of several people."""

    id: str
    name: str
    members: list[User]


@dataclass
class ApiKey:
    """An API key; ``token`` is what a client sends."""

    id: str
    user: User
    token: str = field(repr=False)
    name: str
    prefix: str
    scopes: list[str]
    expires: dt.datetime | None
    created: dt.datetime
    status: str = "active"
    used: dt.datetime | None = None

    @property
    def partial(self) -> str:
        """Return the part that may be shown."""
        return f"{self.token[: len(self.prefix) + 5]}...{self.token[-4:]}"


@dataclass(frozen=True)
class Session:
    """What signing in with a password gives."""

    id: str
    user: User
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int


@dataclass
class Entitlement:
    """One right to one key."""

    tenant: str
    slug: str
    until: dt.datetime | None
    status: str = "active"
    source: str = "manual"


@dataclass(frozen=True)
class Tenant:
    """On whose behalf a user acts: the first organisation that has them as a member, else themselves."""

    id: str
    type: str


class Accounts:
    """All of them, and the questions a request asks."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nobody."""
        self.clock = clock
        self.secret = secrets.token_bytes(32)
        self.users: list[User] = []
        self.organisations: list[Organisation] = []
        self.keys: list[ApiKey] = []
        self.sessions: dict[str, Session] = {}
        self.entitlements: list[Entitlement] = []
        self.last_refreshed: Session | None = None
        self.last_signed_in: Session | None = None
        self.lock = threading.RLock()

    def add_user(self, email: str, password: str, *, admin: bool) -> User:
        """Make an account."""
        user = User(str(uuid.uuid4()), email, password, admin)
        with self.lock:
            self.users.append(user)
        return user

    def with_password(self, email: object, password: object) -> User | None:
        """Return the user with this e-mail and password."""
        return next((u for u in self.users if (u.email, u.password) == (email, password)), None)

    def add_key(
        self, user: User, *, name: str, prefix: str, scopes: list[str], expires: dt.datetime | None
    ) -> ApiKey:
        """Make an API key."""
        key = ApiKey(
            str(uuid.uuid4()),
            user,
            tokens.new_api_key(prefix),
            name,
            prefix,
            scopes,
            expires,
            self.clock.now(),
        )
        with self.lock:
            self.keys.append(key)
        return key

    def by_key(self, token: str) -> User | None:
        """Return whose API key this is, unless it is revoked or expired."""
        now = self.clock.now()
        for key in self.keys:
            if key.token == token and key.status == "active" and not _past(key.expires, now):
                key.used = now
                return key.user
        return None

    def open_session(self, user: User) -> Session:
        """Sign a user in."""
        now = int(self.clock.seconds())
        ident = str(uuid.uuid4())
        payload = {
            "aud": "authenticated",
            "exp": now + SESSION_SECONDS,
            "iat": now,
            "sub": user.id,
            "email": user.email,
            "role": "authenticated",
            "session_id": ident,
            "mark": tokens.MARK,
            "app_metadata": {"role": "admin"} if user.admin else {},
        }
        session = Session(
            ident,
            user,
            tokens.sign(payload, self.secret),
            tokens.marked(18),
            now + SESSION_SECONDS,
        )
        with self.lock:
            self.sessions[ident] = session
        return session

    def refresh(self, refresh_token: object) -> Session | None:
        """Return a new session for a refresh token, which is used up by that."""
        with self.lock:
            for ident, session in self.sessions.items():
                if session.refresh_token == refresh_token:
                    del self.sessions[ident]
                    return self.open_session(session.user)
        return None

    def by_access_token(self, token: str) -> Session | None:
        """Return the session of a JWT, unless it is over."""
        try:
            payload = tokens.read(token, self.secret)
        except tokens.TokenInvalid:
            return None
        session = self.sessions.get(str(payload.get("session_id")))
        return session if session and session.expires_at > self.clock.seconds() else None

    def end_sessions(self, user: User) -> None:
        """Sign a user out everywhere."""
        with self.lock:
            self.sessions = {i: s for i, s in self.sessions.items() if s.user != user}

    def tenant(self, user: User) -> Tenant:
        """Return on whose behalf a user acts."""
        for organisation in self.organisations:
            if user in organisation.members:
                return Tenant(organisation.id, "organization")
        return Tenant(user.id, "user")

    def listed(self, tenant: str) -> list[Entitlement]:
        """Return what is listed for a tenant: what is active, even where its time is past."""
        return [e for e in self.entitlements if e.tenant == tenant and e.status == "active"]

    def may(self, tenant: str, slug: str) -> bool:
        """Say whether a tenant may download a key now."""
        now = self.clock.now()
        return any(e.slug == slug and not _past(e.until, now) for e in self.listed(tenant))


def _past(until: dt.datetime | None, now: dt.datetime) -> bool:
    return until is not None and until <= now
