"""The marketplace's limits: how many requests of one address it answers in a quarter of an hour."""

from __future__ import annotations

from keys_jupyter.marketplace_fake import shapes
from keys_jupyter.marketplace_fake.routing import Call, Limit
from keys_jupyter.marketplace_fake.wire import Headers, Reply, text_reply

_WINDOW_SECONDS = 900


def count(call: Call, limit: Limit) -> Reply | None:
    """Count one request and return a refusal when there were too many."""
    if limit is Limit.NONE:
        return None
    now = call.state.clock.seconds()
    key = f"{limit.name} {call.received.client}"
    # an anonymous request to the API is counted by two limiters
    weight = 2 if limit is Limit.API and not call.received.header("Authorization") else 1
    with call.state.lock:
        recent = [at for at in call.state.counts.get(key, []) if at > now - _WINDOW_SECONDS]
        recent.extend([now] * weight)
        call.state.counts[key] = recent
    if len(recent) <= limit.value:
        return None
    return _refusal(limit)


def show(call: Call, limit: Limit, reply: Reply) -> None:
    """Add what an authenticated reply of the API claims: each time a fresh allowance, which is not true."""
    if limit is Limit.API and reply.status != 429 and call.received.header("Authorization"):
        reply.headers += _headers(200, 199)


def _refusal(limit: Limit) -> Reply:
    if limit is Limit.AUTH:
        reply = text_reply(429, shapes.TOO_MANY)
    else:
        reply = shapes.nested(429, "Too many requests", retryAfter=_WINDOW_SECONDS)
    reply.headers += [*_headers(limit.value, 0), ("Retry-After", str(_WINDOW_SECONDS))]
    return reply


def _headers(allowed: int, left: int) -> Headers:
    return [
        ("RateLimit-Policy", f"{allowed};w={_WINDOW_SECONDS}"),
        ("RateLimit-Limit", str(allowed)),
        ("RateLimit-Remaining", str(left)),
        ("RateLimit-Reset", str(_WINDOW_SECONDS)),
    ]
