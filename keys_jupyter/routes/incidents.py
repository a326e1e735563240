"""Working incidents. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import NAME, Base, Operation

_STEP = r"(?P<step>[^/?]+)"
# 20 MiB of a file are 27 MiB of base64.
_ATTACHMENT_BYTES = 28 * 1024 * 1024


class IncidentsHandler(Base):
    """All incidents."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer incidents, open ones first, or those in one state where it is named."""
        state = self.get_query_argument("state", "") or None
        await self.ask(lambda service: service.incidents.all(state))

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


class LinksHandler(Base):
    """Incidents that one incident led to."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Go on in another runbook, as a linked incident."""
        from keys_jupyter.model.working import LinkRequest

        request = self.body(LinkRequest)
        await self.ask(lambda service: service.additions.link(name, request), status=201)


class AttachmentsHandler(Base):
    """Files that people attach to one incident."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Keep a file as evidence."""
        from keys_jupyter.model.working import AttachRequest

        request = self.body(AttachRequest, most=_ATTACHMENT_BYTES)
        await self.ask(lambda service: service.additions.attach(name, request), status=201)


class ChecklistHandler(Base):
    """One incident on paper."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer its checklist with its state."""
        await self.ask(lambda service: service.assistance.checklist(name))


class AnalysesHandler(Base):
    """Keys that suit one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer the keys usual for its type of runbook."""
        await self.ask(lambda service: service.assistance.suited(name))


class CardsHandler(Base):
    """The keys of one step."""

    @web.authenticated
    @authorized
    async def get(self, name: str, step: str) -> None:
        """Answer a card for each key it calls."""
        await self.ask(lambda service: service.assistance.cards(name, step))


class PrefillHandler(Base):
    """Values for a key's form at one step."""

    @web.authenticated
    @authorized
    async def get(self, name: str, step: str) -> None:
        """Answer what this incident already knows."""
        key = self.get_query_argument("key", "")
        await self.ask(lambda service: service.assistance.prefill(name, step, key))


class ContextHandler(Base):
    """Where a notebook belongs."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer its run, incident and step; nothing is changed."""
        from keys_jupyter.model.wire import ContextRequest

        request = self.body(ContextRequest)
        await self.ask(lambda service: service.placing.context(request))


class ContextAttachHandler(Base):
    """Putting a run where it belongs."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Attach a run that was begun outside any step to one."""
        from keys_jupyter.model.working import RunAttachRequest

        request = self.body(RunAttachRequest)
        await self.ask(lambda service: service.additions.attach_run(request), status=201)


ROUTES: list[tuple[str, type[Base]]] = [
    ("incidents", IncidentsHandler),
    (f"incidents/{NAME}", IncidentHandler),
    (f"incidents/{NAME}/runbook", PinnedHandler),
    (f"incidents/{NAME}/timeline", TimelineHandler),
    (f"incidents/{NAME}/acts", ActsHandler),
    (f"incidents/{NAME}/evidence", EvidenceHandler),
    (f"incidents/{NAME}/links", LinksHandler),
    (f"incidents/{NAME}/attachments", AttachmentsHandler),
    (f"incidents/{NAME}/checklist", ChecklistHandler),
    (f"incidents/{NAME}/analyses", AnalysesHandler),
    (f"incidents/{NAME}/steps/{_STEP}/cards", CardsHandler),
    (f"incidents/{NAME}/steps/{_STEP}/prefill", PrefillHandler),
    ("context", ContextHandler),
    ("context/attach", ContextAttachHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "incidents", "Incidents, open ones first", "IncidentList", query=("state",)),
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
    Operation(
        "post",
        "incidents/{name}/links",
        "Go on in another runbook",
        "Incident",
        "LinkRequest",
        status=201,
    ),
    Operation(
        "post",
        "incidents/{name}/attachments",
        "Keep a file as evidence",
        "EvidenceList",
        "AttachRequest",
        status=201,
    ),
    Operation("get", "incidents/{name}/checklist", "It as a checklist to print", "Checklist"),
    Operation("get", "incidents/{name}/analyses", "Keys that suit it", "SuitedList"),
    Operation(
        "get", "incidents/{name}/steps/{step}/cards", "The keys that a step calls", "CardList"
    ),
    Operation(
        "get",
        "incidents/{name}/steps/{step}/prefill",
        "Values a key's form can begin with",
        "Prefill",
        query=("key",),
    ),
    Operation("post", "context", "Where a notebook belongs", "Context", "ContextRequest"),
    Operation(
        "post",
        "context/attach",
        "Put a run under a step",
        "Incident",
        "RunAttachRequest",
        status=201,
    ),
]
