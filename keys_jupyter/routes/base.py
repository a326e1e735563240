"""What every handler shares: one resource, one reading of requests, one shape of errors.

- Every verb carries ``@authenticated`` and ``@authorized`` itself; a decorated verb is never inherited, because
  ``@authorized`` remembers the first resource it sees on a method.
- A GET changes nothing.
- :class:`Base` is the one place where an exception becomes a status.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from keys_jupyter.errors import InputError, KeysError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from keys_jupyter.service import Service
    from keys_jupyter.service.keys.catalogue import Written

AUTH_RESOURCE = "keys-jupyter"
SLUG = r"(?P<slug>[^/?]+)"
RUN = r"(?P<run_id>[^/?]+)"
NAME = r"(?P<name>[^/?]+)"
_BODY_BYTES = 1024 * 1024
_PACKED_FROM = 64 * 1024
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

    async def ask_written(self, use: Callable[[Service], Written]) -> None:
        """Call the service in a worker thread and answer bytes that are there already, packed where that is taken."""
        desk = self.settings["keys_jupyter"]
        desk.listening()
        written, packed = await asyncio.to_thread(
            lambda: _whole_or_packed(use(desk.service()), self.request.headers)
        )
        self.set_header("Etag", written.etag)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Content-Type", "application/json")
        if self.check_etag_header():
            self.set_status(304)
            await self.finish()
            return
        if packed is not None:
            self.set_header("Content-Encoding", "gzip")
        await self.finish(written.json if packed is None else packed)

    def body(self, model: type[_Model], *, most: int = _BODY_BYTES) -> _Model:
        """Return the request's body as a model.

        Args:
            model: its shape.
            most: how many bytes it may have.

        Raises:
            InputError: it is too large, not JSON, or not of that shape.
        """
        from pydantic import ValidationError

        if len(self.request.body) > most:
            size = f"{most // 1024 // 1024} MiB"
            raise InputError("BODY_TOO_LARGE", f"The request is larger than {size}.", "Send less.")
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
        from keys_jupyter.parameters.problems import InvalidParameters

        error = kwargs.get("exc_info", (None, None, None))[1]
        reply: dict[str, Any] = {
            "code": "INTERNAL_ERROR",
            "message": "The server met an error it has no words for. Nothing is known to be lost.",
            "hint": "Try again; if it stays so, report it with the request id.",
            "request_id": self.request_id,
            "problems": [],
        }
        if isinstance(error, KeysError):
            status_code = error.status
            reply |= {"code": error.code, "message": error.message, "hint": error.hint}
            if isinstance(error, InvalidParameters):
                reply["problems"] = [asdict(problem) for problem in error.problems]
        elif isinstance(error, web.HTTPError):
            reply |= _http_words(status_code)
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(reply))

    def log_exception(self, *args: Any) -> None:
        """Leave out of the log what is an answer, and a listener who left before it; keep the rest with its request id."""
        if not isinstance(args[1], (KeysError, StreamClosedError)):
            super().log_exception(*args)

    @property
    def request_id(self) -> str:
        """Return the id that ties an answer to the server's log."""
        if not hasattr(self, "_request_id"):
            import secrets

            self._request_id = secrets.token_hex(8)
        return self._request_id


def _whole_or_packed(written: Written, headers: Mapping[str, str]) -> tuple[Written, bytes | None]:
    taken = "gzip" in headers.get("Accept-Encoding", "") and len(written.json) >= _PACKED_FROM
    return written, written.gzip if taken else None


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
