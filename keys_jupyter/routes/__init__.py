"""The HTTP surface: a room a file, joined here. Nothing here knows what the words mean.

:data:`OPERATIONS` says what each verb takes and answers; the served OpenAPI document is made from it.
"""

from __future__ import annotations

import json

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes import (
    catalog,
    evidence,
    incidents,
    installs,
    marketplace,
    requirements,
    runbooks,
    runs,
)
from keys_jupyter.routes.base import AUTH_RESOURCE, Base, Operation

__all__ = ["AUTH_RESOURCE", "OPERATIONS", "ROUTES", "Base", "Operation", "handlers"]


class OpenApiHandler(Base):
    """The contract."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the OpenAPI document."""
        from keys_jupyter.contract import openapi

        await self.finish(json.dumps(openapi()))


class UnknownHandler(Base):
    """Any other address below ours."""

    @web.authenticated
    @authorized
    async def get(self, _rest: str) -> None:
        """Say that there is nothing here."""
        raise web.HTTPError(404)


_ROOMS = (catalog, marketplace, installs, requirements, runbooks, runs, incidents, evidence)

ROUTES: list[tuple[str, type[Base]]] = [
    *(route for room in _ROOMS for route in room.ROUTES),
    ("openapi.json", OpenApiHandler),
    (r"(.*)", UnknownHandler),
]

OPERATIONS: list[Operation] = [
    *(operation for room in _ROOMS for operation in room.OPERATIONS),
    Operation("get", "openapi.json", "This document", ""),
]


def handlers() -> list[tuple[str, type[Base]]]:
    """Return the routes as patterns below the server's base URL."""
    return [(f"/keys-jupyter/{path}", handler) for path, handler in ROUTES]
