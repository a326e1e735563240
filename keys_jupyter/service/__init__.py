"""The use cases: what a person can do, by room, the same for the server and the command line.

A method takes and returns models, raises only :class:`~keys_jupyter.errors.KeysError`, and may be called from any
thread. What it announces through ``on_change`` is a hint that something is newer; the store is the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keys_jupyter.model.incident import Actor
from keys_jupyter.model.wire import Status
from keys_jupyter.runner.job import DEFAULT_KERNEL_MANAGER
from keys_jupyter.runner.python import Pythons
from keys_jupyter.runner.spawner import Runner
from keys_jupyter.service.actor import os_actor
from keys_jupyter.service.evidence.bundles import Evidence
from keys_jupyter.service.evidence.checkpoints import Checkpoints
from keys_jupyter.service.evidence.collecting import EvidenceCollecting
from keys_jupyter.service.evidence.compliance import EvidenceCompliance
from keys_jupyter.service.evidence.preview import EvidencePreviews
from keys_jupyter.service.evidence.redacting import Redacting
from keys_jupyter.service.evidence.redacting_known import held_here
from keys_jupyter.service.evidence.review import EvidenceReview
from keys_jupyter.service.incidents.additions import Additions
from keys_jupyter.service.incidents.assistance import Assistance
from keys_jupyter.service.incidents.folding import Folds
from keys_jupyter.service.incidents.placing import Placing
from keys_jupyter.service.incidents.recording import Announce, Recorder
from keys_jupyter.service.incidents.working import Incidents
from keys_jupyter.service.keys.catalogue import Catalogue
from keys_jupyter.service.keys.customising import Customising
from keys_jupyter.service.keys.documents import Documents
from keys_jupyter.service.keys.installs import Installs
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.service.keys.packs import Packs
from keys_jupyter.service.keys.readiness import Readying
from keys_jupyter.service.keys.runbooks import Runbooks
from keys_jupyter.service.runs.outcomes import Outcomes
from keys_jupyter.service.runs.reading import RunReader
from keys_jupyter.service.runs.requirements import KernelRequirements
from keys_jupyter.service.runs.running import Runs
from keys_jupyter.service.runs.targets import Targets
from keys_jupyter.sources import Source
from keys_jupyter.store.discreet import DiscreetStore, Held
from keys_jupyter.workspace import Workspace


def _silent(_kind: str, _id: str, _n: int) -> None:
    """Tell nobody."""


class Service:
    """Everything that can be done, over one workspace and one store.

    Attributes:
        installs: what is installed, and installing.
        catalogue: which keys there are.
        documents: previews of keys, and what versions change.
        runbooks: which runbooks there are.
        runs: running keys.
        requirements: what keys need installed, and installing it.
        incidents: working incidents.
        placing: which step a notebook belongs to.
        additions: linked incidents, attached files and runs.
        assistance: cards, prefilled values, suited keys, checklists.
        customising: copies of runbooks in the workspace.
        evidence: bundles, whether they hold, and comparisons.
        previews: looking at what is kept.
        reviewing: which findings of redaction are no secrets.
        compliance: frameworks and months over all incidents.
        collecting: notebooks collected by hand.
        checkpoints: what of the ledger left this machine.
        readying: whether a runbook could be worked now.
        marketplace: the session with the marketplace.
    """

    def __init__(
        self,
        workspace: Path,
        data_dir: Path,
        sources: Sequence[Source],
        *,
        on_change: Announce = _silent,
        kernel_manager_class: str = DEFAULT_KERNEL_MANAGER,
        max_running: int | None = None,
        actor: Callable[[], Actor] = os_actor,
        demo: bool = False,
        marketplace: Marketplaces | None = None,
        secrets: Held = dict,
    ) -> None:
        """Open the store and take up what an ended process left.

        Args:
            workspace: the folder a person sees.
            data_dir: where the store is.
            sources: where keys come from, first one first.
            on_change: told of every change as kind, id and number.
            kernel_manager_class: dotted name of the class that starts kernels.
            max_running: how many runs at once; the number of cores when None.
            actor: says who is acting.
            demo: this is a demonstration, and what it records says so.
            marketplace: the marketplace, which is then one of the sources; none when None.
            secrets: returns the tokens of the server this runs in, by a label; they are taken out of evidence.

        Raises:
            SurroundingsError: the workspace or the store cannot be used.
        """
        self._workspace = Workspace(workspace)
        self._store = DiscreetStore(
            data_dir, secrets=lambda: held_here(self.marketplace.secrets, secrets)
        )
        self._demo = demo
        options: dict[str, Any] = {"kernel_manager_class": kernel_manager_class}
        if max_running:
            options["max_running"] = max_running
        folds = Folds(self._store)
        recorder = Recorder(self._store, folds, on_change, actor)
        reader = RunReader(self._workspace, self._store)
        packs = Packs(self._store, sources)
        self.marketplace = marketplace or Marketplaces(data_dir, Configuration(), on_change)
        redacting = Redacting(self._store)
        outcomes = Outcomes(self._workspace, self._store, reader, recorder, redacting)
        self.installs = Installs(self._workspace, self._store, packs, on_change)
        self.documents = Documents(packs, self.installs, self.marketplace)
        self.catalogue = Catalogue(
            self._workspace, packs, self.installs, self.documents.has_preview
        )
        self.runbooks = Runbooks(self._workspace, self.catalogue, self.installs, packs)
        targets = Targets(self._workspace, self.installs)
        pythons = Pythons(kernel_manager_class)
        self.requirements = KernelRequirements(self._store, targets, pythons, actor)
        self.runs = Runs(
            self._workspace,
            self._store,
            self.installs,
            targets,
            pythons,
            recorder,
            reader,
            outcomes,
            on_change,
            actor,
            lambda progressed, exited: Runner(data_dir, progressed, exited, **options),
        )
        self.incidents = Incidents(self._store, folds, recorder, self.runbooks, demo=demo)
        self.placing = Placing(self._store, folds, recorder, self.runbooks, reader, self.incidents)
        self.additions = Additions(
            self._workspace,
            self._store,
            folds,
            recorder,
            self.runbooks,
            reader,
            outcomes,
            self.incidents,
            redacting,
        )
        self.assistance = Assistance(
            folds, recorder, self.catalogue, reader, self.incidents, self.runs.parameters
        )
        self.checkpoints = Checkpoints(self._store, on_change, actor)
        self.evidence = Evidence(
            self._workspace,
            self._store,
            folds,
            reader,
            self.installs,
            self.checkpoints,
            redacting,
            on_change,
        )
        self.previews = EvidencePreviews(self._store, folds)
        self.reviewing = EvidenceReview(self._store, folds, recorder)
        self.compliance = EvidenceCompliance(self._store, self.evidence.controls)
        self.collecting = EvidenceCollecting(
            self._workspace,
            self._store,
            folds,
            recorder,
            reader,
            self.runs,
            self.incidents,
            redacting,
        )
        self.customising = Customising(self._workspace, self._store, self.installs, self.runbooks)
        self.readying = Readying(
            self.runbooks,
            self.catalogue,
            self.installs,
            self.runs.parameters,
            self.requirements.of,
            self.marketplace,
        )

    def close(self) -> None:
        """End every run of this process and let go of the store."""
        self.runs.close()
        self._store.close()

    def status(self) -> Status:
        """Say which server this is and whether it can work."""
        from keys_jupyter.places import version

        return Status(
            version=version(),
            workspace=self._workspace.root.name,
            writable=self._workspace.writable(),
            demo=self._demo,
            open_runs=self.runs.open_here(),
        )

    def data_version(self) -> int:
        """Return a number that changes when another process has written to the store."""
        return self._store.data_version()
