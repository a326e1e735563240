"""Bundles, checkpoints, comparisons. Each verb parses, makes one call, replies."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from keys_jupyter.routes.base import NAME, Base, Operation

_LEFT = r"(?P<left>[^/?]+)"
_RIGHT = r"(?P<right>[^/?]+)"
# 100 MiB of a bundle are 134 MiB of base64; a larger one is verified as a file.
_BUNDLE_BYTES = 140 * 1024 * 1024


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


ROUTES: list[tuple[str, type[Base]]] = [
    (f"incidents/{NAME}/bundle", BundleHandler),
    ("evidence/period", PeriodHandler),
    ("evidence/verify", VerifyHandler),
    ("evidence/checkpoint", CheckpointHandler),
    (f"evidence/compare/{_LEFT}/{_RIGHT}", CompareHandler),
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
]
