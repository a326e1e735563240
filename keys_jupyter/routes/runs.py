"""Running keys. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import RUN, Base, Operation


class RunsHandler(Base):
    """All runs."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer runs, newest first, of an incident or a key where one is named."""
        incident = self.get_query_argument("incident", "") or None
        key = self.get_query_argument("key", "") or None
        await self.ask(lambda service: service.runs.all(incident=incident, key=key))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Prepare and start a run."""
        from keys_jupyter.model.run import RunRequest

        request = self.body(RunRequest)
        await self.ask(lambda service: service.runs.start(request), status=201)


class RunHandler(Base):
    """One run."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer the run as it stands."""
        await self.ask(lambda service: service.runs.run(run_id))


class CancelHandler(Base):
    """Cancelling one run."""

    @web.authenticated
    @authorized
    async def post(self, run_id: str) -> None:
        """Ask it to end."""
        await self.ask(lambda service: service.runs.cancel(run_id))


class CollectHandler(Base):
    """The end of one run that a person ran."""

    @web.authenticated
    @authorized
    async def post(self, run_id: str) -> None:
        """Take what its saved notebook shows as what happened."""
        await self.ask(lambda service: service.runs.collect(run_id))


class EnvironmentHandler(Base):
    """What one run's kernel had around it."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer Python, packages and machine as they were recorded."""
        await self.ask(lambda service: service.runs.environment(run_id))


class OutputHandler(Base):
    """What one run has printed."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer text from an offset, or the end of it."""
        offset = self.number("offset", None)
        await self.ask(lambda service: service.runs.output(run_id, offset))


ROUTES: list[tuple[str, type[Base]]] = [
    ("runs", RunsHandler),
    (f"runs/{RUN}", RunHandler),
    (f"runs/{RUN}/cancel", CancelHandler),
    (f"runs/{RUN}/collect", CollectHandler),
    (f"runs/{RUN}/environment", EnvironmentHandler),
    (f"runs/{RUN}/output", OutputHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "runs", "Runs, newest first", "RunList", query=("incident", "key")),
    Operation("post", "runs", "Prepare and start a run", "Run", "RunRequest", status=201),
    Operation("get", "runs/{run_id}", "One run as it stands", "Run"),
    Operation("post", "runs/{run_id}/cancel", "Ask a run to end", "Run"),
    Operation("post", "runs/{run_id}/collect", "End a run that a person ran", "Run"),
    Operation("get", "runs/{run_id}/environment", "What a run's kernel had", "Environment"),
    Operation(
        "get", "runs/{run_id}/output", "What a run has printed", "OutputTail", query=("offset",)
    ),
]
