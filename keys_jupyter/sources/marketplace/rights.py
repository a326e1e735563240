"""Who may fetch what: entitlements as last heard, each tenant's for itself, their ends compared with our own clock.

A marketplace whose look-up of the organisation fails answers for the person alone, and one that fails altogether
refuses. So an answer for one tenant never removes what another's said, and no refusal removes anything.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from keys_jupyter.credentials import Secret, moment_of
from keys_jupyter.model.marketplace import Entitlement
from keys_jupyter.sources.marketplace.answers import Answer, Answers
from keys_jupyter.sources.marketplace.api import Api


@dataclass(frozen=True)
class Tenant:
    """For whom the marketplace answers."""

    id: str
    type: str


class Rights:
    """The entitlements of the person who is signed in."""

    def __init__(self, api: Api, answers: Answers, now: Callable[[], float]) -> None:
        """Take the routes, the kept answers and the clock."""
        self._api = api
        self._answers = answers
        self._now = now
        self._lock = threading.Lock()
        self._looked_at: tuple[Answer | None, bool] = (None, False)

    def refresh(self, token: Secret) -> Tenant:
        """Ask anew; what was known stays when that fails.

        Raises:
            NetworkError: there was no usable answer.
        """
        said = self._api.entitlements(token)
        tenant = Tenant(str(said.get("tenantId", ""))[:100], str(said.get("tenantType", ""))[:20])
        rows = [row for row in said["entitlements"] if _readable(row)]
        with self._lock:
            known = self._known(token)
            tenants = {**known.get("tenants", {})}
            tenants[tenant.id] = {"type": tenant.type, "at": self._now(), "rows": rows}
            data = {"last": tenant.id, "tenants": tenants}
            self._answers.put(_name(token), Answer(data, "", self._now()))
        return tenant

    def tenant(self, token: Secret) -> Tenant | None:
        """Return the tenant of the last answer."""
        known = self._known(token)
        last = known.get("last")
        return Tenant(last, known["tenants"][last]["type"]) if last is not None else None

    def heard(self, token: Secret) -> float | None:
        """Return when the marketplace last answered, in seconds since 1970."""
        answer = self._kept(token)
        return answer.at if answer else None

    def all(self, token: Secret, *, stale: bool) -> dict[str, Entitlement]:
        """Return every right that was ever heard of, by slug.

        Args:
            token: whose rights.
            stale: the marketplace could not be asked now, so they are of the last time.
        """
        known = self._known(token)
        found: dict[str, Entitlement] = {}
        tenants = sorted(
            known.get("tenants", {}).items(), key=lambda pair: pair[0] != known.get("last")
        )
        for tenant, said in tenants:
            since = text_of(said["at"]) if stale or tenant != known["last"] else None
            for row in said["rows"]:
                right = self._right(row, tenant, since)
                if right.slug not in found or (right.state == "active" != found[right.slug].state):
                    found[right.slug] = right
        return found

    def of(self, slug: str, token: Secret, *, stale: bool) -> Entitlement:
        """Return the right to one key; ``unknown`` when the marketplace never answered."""
        if self.heard(token) is None:
            return Entitlement(slug=slug, state="unknown")
        return self.all(token, stale=stale).get(slug) or Entitlement(slug=slug, state="none")

    def next_end(self, token: Secret) -> float | None:
        """Return when the next right ends, in seconds since 1970."""
        ends = [
            moment.timestamp()
            for said in self._known(token).get("tenants", {}).values()
            for row in said["rows"]
            if (moment := moment_of(row.get("expiresAt")))
        ]
        return min((end for end in ends if end > self._now()), default=None)

    def _right(self, row: dict[str, Any], tenant: str, since: str | None) -> Entitlement:
        end = moment_of(row.get("expiresAt"))
        over = end is not None and end.timestamp() <= self._now()
        return Entitlement(
            slug=row["packSlug"],
            state="expired" if over else "active" if row.get("status") == "active" else "none",
            expires_at=row.get("expiresAt"),
            tenant=tenant,
            stale_since=since,
        )

    def _known(self, token: Secret) -> dict[str, Any]:
        answer = self._kept(token)
        return answer.data if answer else {}

    def _kept(self, token: Secret) -> Answer | None:
        """Return what is kept, where it is whole; the same answer is looked through once."""
        answer = self._answers.get(_name(token))
        known, whole = self._looked_at
        if answer is not known:
            whole = answer is not None and _whole(answer.data)
            self._looked_at = (answer, whole)
        return answer if whole else None


def text_of(seconds: float) -> str:
    """Return a time as every record holds it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(token: Secret) -> str:
    # Whose rights they are must be known without the token being kept; one cannot come back from its digest.
    digest = hashlib.sha256(b"keys-jupyter rights " + token.reveal().encode()).hexdigest()
    return f"entitlements {digest[:32]}"


def _readable(row: Any) -> bool:
    end = row.get("expiresAt") if isinstance(row, dict) else None
    return (
        isinstance(row, dict)
        and isinstance(row.get("packSlug"), str)
        and (end is None or isinstance(end, str))
    )


def _whole(known: Any) -> bool:
    """Say whether what was kept is what we keep; a file of another time or hand is as good as none."""
    if not isinstance(known, dict) or not isinstance(known.get("tenants"), dict):
        return False
    for said in known["tenants"].values():
        if not isinstance(said, dict) or not isinstance(said.get("type"), str):
            return False
        if not isinstance(said.get("at"), int | float) or not isinstance(said.get("rows"), list):
            return False
        if not all(_readable(row) for row in said["rows"]):
            return False
    return known.get("last") in known["tenants"]
