"""Working incidents. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import NAME, Base, Operation


class IncidentsHandler(Base):
    """All incidents."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer incidents, newest first."""
        await self.ask(lambda service: service.incidents.all())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Open an incident on a runbook."""
        from keys_jupyter.model.incident import OpenRequest

        request = self.body(OpenRequest)
        await self.ask(lambda service: service.incidents.open(request), status=201)


class IncidentHandler(Base):
    """One incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer its state."""
        await self.ask(lambda service: service.incidents.incident(name))


class PinnedHandler(Base):
    """The runbook of one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer the runbook as it was when the incident was opened."""
        await self.ask(lambda service: service.incidents.pinned_runbook(name))


class TimelineHandler(Base):
    """The records of one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer records behind a number."""
        after = self.number("after", -1)
        await self.ask(
            lambda service: service.incidents.timeline(name, -1 if after is None else after)
        )


class ActsHandler(Base):
    """What people do in one incident."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Append what was done."""
        from keys_jupyter.model.incident import Act

        act = self.body(Act)
        await self.ask(lambda service: service.incidents.act(name, act), status=201)


class EvidenceHandler(Base):
    """What is kept under one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer the list with digests."""
        await self.ask(lambda service: service.incidents.evidence(name))


class ContextHandler(Base):
    """Where a notebook belongs."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer its run, incident and step; nothing is changed."""
        from keys_jupyter.model.wire import ContextRequest

        request = self.body(ContextRequest)
        await self.ask(lambda service: service.incidents.context(request))


ROUTES: list[tuple[str, type[Base]]] = [
    ("incidents", IncidentsHandler),
    (f"incidents/{NAME}", IncidentHandler),
    (f"incidents/{NAME}/runbook", PinnedHandler),
    (f"incidents/{NAME}/timeline", TimelineHandler),
    (f"incidents/{NAME}/acts", ActsHandler),
    (f"incidents/{NAME}/evidence", EvidenceHandler),
    ("context", ContextHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "incidents", "Incidents, newest first", "IncidentList"),
    Operation("post", "incidents", "Open an incident", "Incident", "OpenRequest", status=201),
    Operation("get", "incidents/{name}", "One incident as it stands", "Incident"),
    Operation("get", "incidents/{name}/runbook", "Its runbook as it was pinned", "Runbook"),
    Operation(
        "get", "incidents/{name}/timeline", "Its records in order", "Timeline", query=("after",)
    ),
    Operation(
        "post", "incidents/{name}/acts", "Record what was done", "Incident", "Act", status=201
    ),
    Operation("get", "incidents/{name}/evidence", "What is kept under it", "EvidenceList"),
    Operation("post", "context", "Where a notebook belongs", "Context", "ContextRequest"),
]
