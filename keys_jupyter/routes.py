"""The HTTP surface: each verb parses, makes one call, replies. Nothing here knows what the words mean.

- Every verb carries ``@authenticated`` and ``@authorized`` itself; a decorated verb is never inherited, because
  ``@authorized`` remembers the first resource it sees on a method.
- A GET changes nothing.
- :class:`Base` is the one place where an exception becomes a status, and the only one with a broad ``except``.
- :data:`OPERATIONS` says what each verb takes and answers; the served OpenAPI document is made from it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from keys_jupyter.errors import InputError, KeysError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from keys_jupyter.service import Service

AUTH_RESOURCE = "keys-jupyter"
_BODY_BYTES = 1024 * 1024
_Model = TypeVar("_Model", bound="BaseModel")


class Operation(NamedTuple):
    """One verb of one route, for the OpenAPI document: model names are resolved when it is asked for."""

    method: str
    path: str
    summary: str
    reply: str
    body: str = ""
    query: tuple[str, ...] = ()
    status: int = 200


class Base(APIHandler):
    """What every handler shares: its resource, its reading, and its errors."""

    auth_resource = AUTH_RESOURCE

    async def ask(self, use: Callable[[Service], Any], *, status: int = 200) -> None:
        """Call the service in a worker thread and answer what it returns."""
        desk = self.settings["keys_jupyter"]
        desk.listening()
        reply = await asyncio.to_thread(lambda: use(desk.service()))
        self.set_status(status)
        await self.finish(reply.model_dump_json())

    def body(self, model: type[_Model]) -> _Model:
        """Return the request's body as a model.

        Raises:
            InputError: it is too large, not JSON, or not of that shape.
        """
        from pydantic import ValidationError

        if len(self.request.body) > _BODY_BYTES:
            raise InputError("BODY_TOO_LARGE", "The request is larger than 1 MiB.", "Send less.")
        try:
            return model.model_validate_json(self.request.body or b"{}")
        except ValidationError as error:
            raise _bad_body(error) from error

    def number(self, name: str, default: int | None) -> int | None:
        """Return a whole number from the query.

        Raises:
            InputError: it is something else.
        """
        text = self.get_query_argument(name, "")
        if not text:
            return default
        # Bounded by length as well: a thousand digits are a number too.
        if len(text) > 18 or not text.lstrip("-").isdecimal():
            raise InputError("BAD_QUERY", f"{name} is not a whole number.", "Give digits only.")
        return int(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every error in one shape, without a traceback, a path or a token."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        reply = {
            "code": "INTERNAL_ERROR",
            "message": "The server met an error it has no words for. Nothing is known to be lost.",
            "hint": "Try again; if it stays so, report it with the request id.",
            "request_id": self.request_id,
        }
        if isinstance(error, KeysError):
            status_code = error.status
            reply |= {"code": error.code, "message": error.message, "hint": error.hint}
        elif isinstance(error, web.HTTPError):
            reply |= _http_words(status_code)
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(reply))

    def log_exception(self, *args: Any) -> None:
        """Leave errors that are answers out of the log; keep the rest with its request id."""
        if not isinstance(args[1], KeysError):
            super().log_exception(*args)

    @property
    def request_id(self) -> str:
        """Return the id that ties an answer to the server's log."""
        if not hasattr(self, "_request_id"):
            import secrets

            self._request_id = secrets.token_hex(8)
        return self._request_id


class StatusHandler(Base):
    """The server half itself."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer version and state."""
        await self.ask(lambda service: service.status())


class CatalogHandler(Base):
    """The keys of all sources."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer all keys."""
        await self.ask(lambda service: service.catalog())


class KeyHandler(Base):
    """One key."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer the key whole."""
        await self.ask(lambda service: service.key(slug))


class InstallHandler(Base):
    """Installing one key."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Verify and unpack it."""
        from keys_jupyter.model.catalog import InstallRequest

        request = self.body(InstallRequest)
        await self.ask(lambda service: service.install(slug, request.version))


class ParametersHandler(Base):
    """What one key takes."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its parameters and the schema of its form."""
        version = self.get_query_argument("version", "") or None
        await self.ask(lambda service: service.parameters(slug, version))


class CellHandler(Base):
    """The cell a run would inject."""

    @web.authenticated
    @authorized
    async def post(self, slug: str) -> None:
        """Answer its source; nothing is changed."""
        from keys_jupyter.model.parameters import CellPreviewRequest

        request = self.body(CellPreviewRequest)
        await self.ask(lambda service: service.preview_cell(slug, request))


class RunbooksHandler(Base):
    """The runbooks."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer all runbooks."""
        await self.ask(lambda service: service.runbooks())


class RunbookHandler(Base):
    """One runbook."""

    @web.authenticated
    @authorized
    async def get(self, slug: str) -> None:
        """Answer its sections, steps and keys."""
        await self.ask(lambda service: service.runbook(slug))


class RunsHandler(Base):
    """All runs."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer runs, newest first, of an incident or a key where one is named."""
        incident = self.get_query_argument("incident", "") or None
        key = self.get_query_argument("key", "") or None
        await self.ask(lambda service: service.runs(incident=incident, key=key))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Prepare and start a run."""
        from keys_jupyter.model.run import RunRequest

        request = self.body(RunRequest)
        await self.ask(lambda service: service.start_run(request), status=201)


class RunHandler(Base):
    """One run."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer the run as it stands."""
        await self.ask(lambda service: service.run(run_id))


class CancelHandler(Base):
    """Cancelling one run."""

    @web.authenticated
    @authorized
    async def post(self, run_id: str) -> None:
        """Ask it to end."""
        await self.ask(lambda service: service.cancel(run_id))


class OutputHandler(Base):
    """What one run has printed."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer text from an offset, or the end of it."""
        offset = self.number("offset", None)
        await self.ask(lambda service: service.output(run_id, offset))


class IncidentsHandler(Base):
    """All incidents."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer incidents, newest first."""
        await self.ask(lambda service: service.incidents())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Open an incident on a runbook."""
        from keys_jupyter.model.incident import OpenRequest

        request = self.body(OpenRequest)
        await self.ask(lambda service: service.open_incident(request), status=201)


class IncidentHandler(Base):
    """One incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer its state."""
        await self.ask(lambda service: service.incident(name))


class PinnedHandler(Base):
    """The runbook of one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer the runbook as it was when the incident was opened."""
        await self.ask(lambda service: service.pinned_runbook(name))


class TimelineHandler(Base):
    """The records of one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer records behind a number."""
        after = self.number("after", -1)
        await self.ask(lambda service: service.timeline(name, -1 if after is None else after))


class ActsHandler(Base):
    """What people do in one incident."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Append what was done."""
        from keys_jupyter.model.incident import Act

        act = self.body(Act)
        await self.ask(lambda service: service.act(name, act), status=201)


class EvidenceHandler(Base):
    """What is kept under one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer the list with digests."""
        await self.ask(lambda service: service.evidence(name))


class ContextHandler(Base):
    """Where a notebook belongs."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer its run, incident and step; nothing is changed."""
        from keys_jupyter.model.wire import ContextRequest

        request = self.body(ContextRequest)
        await self.ask(lambda service: service.context(request))


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


_SLUG = r"(?P<slug>[^/?]+)"
_RUN = r"(?P<run_id>[^/?]+)"
_NAME = r"(?P<name>[^/?]+)"

ROUTES: list[tuple[str, type[Base]]] = [
    ("status", StatusHandler),
    ("catalog", CatalogHandler),
    (f"keys/{_SLUG}", KeyHandler),
    (f"keys/{_SLUG}/install", InstallHandler),
    (f"keys/{_SLUG}/parameters", ParametersHandler),
    (f"keys/{_SLUG}/cell", CellHandler),
    ("runbooks", RunbooksHandler),
    (f"runbooks/{_SLUG}", RunbookHandler),
    ("runs", RunsHandler),
    (f"runs/{_RUN}", RunHandler),
    (f"runs/{_RUN}/cancel", CancelHandler),
    (f"runs/{_RUN}/output", OutputHandler),
    ("incidents", IncidentsHandler),
    (f"incidents/{_NAME}", IncidentHandler),
    (f"incidents/{_NAME}/runbook", PinnedHandler),
    (f"incidents/{_NAME}/timeline", TimelineHandler),
    (f"incidents/{_NAME}/acts", ActsHandler),
    (f"incidents/{_NAME}/evidence", EvidenceHandler),
    ("context", ContextHandler),
    ("openapi.json", OpenApiHandler),
    (r"(.*)", UnknownHandler),
]

OPERATIONS: list[Operation] = [
    Operation("get", "status", "The server half: version and state", "Status"),
    Operation("get", "catalog", "The keys of all sources", "Catalog"),
    Operation("get", "keys/{slug}", "One key whole", "KeyDetail"),
    Operation(
        "post", "keys/{slug}/install", "Verify a key and unpack it", "Installed", "InstallRequest"
    ),
    Operation(
        "get", "keys/{slug}/parameters", "What a key takes", "ParametersReply", query=("version",)
    ),
    Operation(
        "post",
        "keys/{slug}/cell",
        "The cell a run would inject",
        "CellPreview",
        "CellPreviewRequest",
    ),
    Operation("get", "runbooks", "The runbooks, most severe first", "RunbookList"),
    Operation("get", "runbooks/{slug}", "One runbook", "Runbook"),
    Operation("get", "runs", "Runs, newest first", "RunList", query=("incident", "key")),
    Operation("post", "runs", "Prepare and start a run", "Run", "RunRequest", status=201),
    Operation("get", "runs/{run_id}", "One run as it stands", "Run"),
    Operation("post", "runs/{run_id}/cancel", "Ask a run to end", "Run"),
    Operation(
        "get", "runs/{run_id}/output", "What a run has printed", "OutputTail", query=("offset",)
    ),
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
    Operation("get", "openapi.json", "This document", ""),
]


def handlers() -> list[tuple[str, type[Base]]]:
    """Return the routes as patterns below the server's base URL."""
    return [(f"/keys-jupyter/{path}", handler) for path, handler in ROUTES]


def _bad_body(error: Any) -> InputError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the body"
    return InputError(
        "BAD_REQUEST", f"The request is not understood: {where}: {first['msg']}.", "Correct it."
    )


def _http_words(status: int) -> dict[str, str]:
    words = {
        401: ("NOT_SIGNED_IN", "This server does not know you.", "Open it again with its token."),
        403: (
            "FORBIDDEN",
            "This is not allowed to you here.",
            "Reload the page, or ask who runs the server.",
        ),
        404: (
            "NO_SUCH_ADDRESS",
            "There is nothing at this address.",
            "See openapi.json for what there is.",
        ),
        405: ("METHOD_NOT_ALLOWED", "This address does not take that method.", "See openapi.json."),
    }
    code, message, hint = words.get(
        status, ("HTTP_ERROR", f"The server answered {status}.", "Try again.")
    )
    return {"code": code, "message": message, "hint": hint}
