"""Evidence looked at, collected and reviewed; bundles, checkpoints, comparisons. Each verb makes one call and replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.errors import InputError
from keys_jupyter.routes.base import NAME, Base, Operation

if TYPE_CHECKING:
    from keys_jupyter.model.bundle import ComplianceRequest
    from keys_jupyter.service import Service

_ITEM = r"(?P<item>[^/?]+)"
_LEFT = r"(?P<left>[^/?]+)"
_RIGHT = r"(?P<right>[^/?]+)"
# 100 MiB of a bundle are 134 MiB of base64; a larger one is verified as a file.
_BUNDLE_BYTES = 140 * 1024 * 1024
_PIECE = 1024 * 1024
_FILTERS = ("start", "end", "runbook", "severity", "rehearsal")
# Whatever a file holds, a browser saves it and runs nothing of it.
_INERT = {
    "Content-Type": "application/octet-stream",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class FileBase(Base):
    """What handlers of files share: bytes to be saved, never shown."""

    async def send(self, find: Callable[[Service], tuple[Path, str]]) -> None:
        """Answer a file piece by piece."""
        desk = self.settings["keys_jupyter"]
        desk.listening()
        path, name = await asyncio.to_thread(lambda: find(desk.service()))
        with path.open("rb") as file:
            for header, value in _INERT.items():
                self.set_header(header, value)
            self.set_header("Content-Length", str(path.stat().st_size))
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")
            while piece := await asyncio.to_thread(file.read, _PIECE):
                self.write(piece)
                await self.flush()
        await self.finish(set_content_type=_INERT["Content-Type"])


class ItemHandler(Base):
    """One kept thing."""

    @web.authenticated
    @authorized
    async def get(self, name: str, item: str) -> None:
        """Answer what can be looked at of it."""
        await self.ask(lambda service: service.previews.preview(name, item))


class ItemFileHandler(FileBase):
    """The bytes of one kept thing."""

    @web.authenticated
    @authorized
    async def get(self, name: str, item: str) -> None:
        """Answer them as a file to save."""
        await self.send(lambda service: service.previews.file(name, item))


class FindingsHandler(Base):
    """What redaction found in what is kept under one incident."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer it by rule and commitment."""
        await self.ask(lambda service: service.reviewing.findings(name))


class ClearHandler(Base):
    """Findings that are no secrets."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Record that one is none, and why."""
        from keys_jupyter.model.evidence import ClearRequest

        request = self.body(ClearRequest)
        await self.ask(lambda service: service.reviewing.clear(name, request), status=201)


class CollectHandler(Base):
    """Notebooks collected by hand."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Keep what one shows as it is saved."""
        from keys_jupyter.model.evidence import CollectRequest

        request = self.body(CollectRequest)
        await self.ask(lambda service: service.collecting.collect(request), status=201)


class ComplianceHandler(Base):
    """All incidents by framework and month."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer those that pass the filters."""
        told = {name: self.get_query_argument(name, "") for name in _FILTERS}
        request = _compliance({name: value for name, value in told.items() if value})
        await self.ask(lambda service: service.compliance.summary(request))


class BundleFileHandler(FileBase):
    """A bundle that was exported into the workspace."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer it as a file to save."""
        await self.send(lambda service: service.evidence.file(name))


class BundleHandler(Base):
    """The bundle of one incident."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Write it into the workspace."""
        from keys_jupyter.model.bundle import ExportRequest

        request = self.body(ExportRequest)
        await self.ask(lambda service: service.evidence.export(name, request.at), status=201)


class PeriodHandler(Base):
    """The bundle of a period."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Write it into the workspace."""
        from keys_jupyter.model.bundle import PeriodRequest

        request = self.body(PeriodRequest)
        await self.ask(
            lambda service: service.evidence.export_period(request.start, request.end), status=201
        )


class ExportingHandler(Base):
    """Exports that go on."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer how far each export of this server is."""
        await self.ask(lambda service: service.evidence.exporting.list())


class ExportingOneHandler(Base):
    """One export that goes on."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Stop it; it leaves nothing behind."""
        await self.ask(lambda service: service.evidence.exporting.cancel(name))


class VerifyHandler(Base):
    """Verifying a bundle."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer whether it holds; nothing is kept."""
        from keys_jupyter.model.bundle import VerifyRequest

        request = self.body(VerifyRequest, most=_BUNDLE_BYTES)
        await self.ask(lambda service: service.evidence.verify(request))


class CheckpointHandler(Base):
    """The ledger's checkpoint."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer when one last left this machine."""
        await self.ask(lambda service: service.checkpoints.state())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Let one leave, as text to keep elsewhere."""
        from keys_jupyter.model.bundle import CheckpointRequest

        request = self.body(CheckpointRequest)
        await self.ask(lambda service: service.checkpoints.leave(request), status=201)


class CompareHandler(Base):
    """Two runs of one key."""

    @web.authenticated
    @authorized
    async def get(self, left: str, right: str) -> None:
        """Answer what differs between them."""
        await self.ask(lambda service: service.evidence.compare(left, right))


def _compliance(told: dict[str, str]) -> ComplianceRequest:
    from pydantic import ValidationError

    from keys_jupyter.model.bundle import ComplianceRequest

    try:
        return ComplianceRequest.model_validate(told)
    except ValidationError as error:
        name = error.errors(include_url=False, include_input=False)[0]["loc"][0]
        raise InputError(
            "BAD_QUERY",
            f"{name} is not understood.",
            "Days are written as 2026-11-30; rehearsal is no, only or all.",
        ) from error


ROUTES: list[tuple[str, type[Base]]] = [
    (f"incidents/{NAME}/bundle", BundleHandler),
    ("evidence/period", PeriodHandler),
    ("evidence/exporting", ExportingHandler),
    (f"evidence/exporting/{NAME}", ExportingOneHandler),
    ("evidence/verify", VerifyHandler),
    ("evidence/checkpoint", CheckpointHandler),
    (f"evidence/compare/{_LEFT}/{_RIGHT}", CompareHandler),
    ("evidence/collect", CollectHandler),
    ("evidence/compliance", ComplianceHandler),
    (f"evidence/bundles/{NAME}", BundleFileHandler),
    (f"incidents/{NAME}/evidence/{_ITEM}", ItemHandler),
    (f"incidents/{NAME}/evidence/{_ITEM}/file", ItemFileHandler),
    (f"incidents/{NAME}/findings", FindingsHandler),
    (f"incidents/{NAME}/findings/cleared", ClearHandler),
]

OPERATIONS: list[Operation] = [
    Operation(
        "post",
        "incidents/{name}/bundle",
        "Export its evidence as a bundle",
        "Exported",
        "ExportRequest",
        status=201,
    ),
    Operation(
        "post",
        "evidence/period",
        "Export all incidents and runs of a period",
        "Exported",
        "PeriodRequest",
        status=201,
    ),
    Operation("get", "evidence/exporting", "How far exports are", "ExportingList"),
    Operation("delete", "evidence/exporting/{name}", "Stop an export", "ExportingList"),
    Operation("post", "evidence/verify", "Verify a bundle", "Verified", "VerifyRequest"),
    Operation("get", "evidence/checkpoint", "When a checkpoint last left", "CheckpointState"),
    Operation(
        "post",
        "evidence/checkpoint",
        "Take a checkpoint to keep elsewhere",
        "CheckpointText",
        "CheckpointRequest",
        status=201,
    ),
    Operation(
        "get", "evidence/compare/{left}/{right}", "What differs between two runs", "Comparison"
    ),
    Operation(
        "post",
        "evidence/collect",
        "Collect a notebook as it is saved",
        "Collection",
        "CollectRequest",
        status=201,
    ),
    Operation(
        "get",
        "evidence/compliance",
        "All incidents by framework and month",
        "Compliance",
        query=_FILTERS,
    ),
    Operation("get", "evidence/bundles/{name}", "An exported bundle, as a file to save", ""),
    Operation(
        "get", "incidents/{name}/evidence/{item}", "Look at one kept thing", "EvidencePreview"
    ),
    Operation(
        "get", "incidents/{name}/evidence/{item}/file", "One kept thing, as a file to save", ""
    ),
    Operation("get", "incidents/{name}/findings", "What redaction found", "FindingList"),
    Operation(
        "post",
        "incidents/{name}/findings/cleared",
        "Say that a finding is no secret",
        "FindingList",
        "ClearRequest",
        status=201,
    ),
]
