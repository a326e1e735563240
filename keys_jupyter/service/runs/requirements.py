"""What a key needs beside what a kernel has, and installing the rest when a person says so.

Only lines that are a name with versions are ever installed. What else pip would take (addresses, paths, options) is
refused, because a pack must not choose where code comes from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from keys_jupyter.errors import InputError, NotAvailable, SurroundingsError
from keys_jupyter.model.incident import Actor
from keys_jupyter.model.requirements import Installing, RequiredPackage, Requirements
from keys_jupyter.model.run import OutputTail
from keys_jupyter.runner import installing
from keys_jupyter.runner.python import KernelPython, Pythons
from keys_jupyter.service.runs.reading import tail_of
from keys_jupyter.service.runs.targets import Targets
from keys_jupyter.store import Store, utc_now

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FILE = "requirements.txt"
_LOG_END = 2000
_LONGEST = 500
"""Characters of one requirement."""
_DEEPEST = 5
"""How far extras that name extras are followed; two packages may name each other's."""


class _Wanted(NamedTuple):
    """A requirements file as it is understood."""

    requirements: list[Requirement]
    refused: list[str]


class KernelRequirements:
    """Requirements of keys and installations into kernels."""

    def __init__(
        self,
        store: Store,
        targets: Targets,
        pythons: Pythons,
        actor: Callable[[], Actor],
    ) -> None:
        """Take where installations are kept, how keys are found, who knows kernels, and who says who is acting."""
        self._data_dir = store.data_dir
        self._targets = targets
        self._pythons = pythons
        self._actor = actor

    def of(self, slug: str, version: str | None = None, kernel: str | None = None) -> Requirements:
        """Compare a key's requirements with what a kernel has; the notebook's own kernel when None.

        Raises:
            NotAvailable: there is no such key or version, or it is no notebook.
        """
        target = self._targets.find(slug, version)
        name = kernel or target.kernel
        wanted = _read(target.pack.files.get(FILE, b"") if target.pack else b"")
        found = self._pythons.of(name)
        packages = list(_compared(wanted.requirements, found))
        return Requirements(
            slug=slug,
            version=target.version,
            kernel=name,
            known=found.python is not None,
            note=found.note,
            python=found.python,
            packages=packages,
            missing=sum(not package.satisfied for package in packages) if found.python else 0,
            refused=wanted.refused,
            installing=self._last(name),
        )

    def install(
        self, slug: str, version: str | None = None, kernel: str | None = None
    ) -> Installing:
        """Begin to install what a key needs and a kernel lacks; somebody was asked and agreed.

        Raises:
            NotAvailable: there is no such key or version, or it is no notebook.
            InputError: a line of its requirements is refused, or nothing is missing.
            StateError: something is being installed into this kernel.
            SurroundingsError: the kernel's environment is not known, or nothing can be started.
        """
        looked = self.of(slug, version, kernel)
        if not looked.known:
            raise SurroundingsError(
                "ENVIRONMENT_UNKNOWN",
                f"Nothing can be installed into the kernel {looked.kernel!a}: {looked.note}",
                "Install what the key's requirements.txt names yourself.",
            )
        if looked.refused:
            raise InputError(
                "REQUIREMENT_REFUSED",
                f"requirements.txt has a line that is not a name with versions: {looked.refused[0]!a}. "
                "Nothing was installed.",
                "Read it, and install it yourself if you trust it.",
            )
        lines = [package.wanted for package in looked.packages if not package.satisfied]
        if not lines:
            raise InputError(
                "NOTHING_MISSING", f"The kernel {looked.kernel!a} has all that {slug} needs.", ""
            )
        asked = {"actor": self._actor().model_dump(mode="json"), "at": utc_now()}
        installing.start(self._data_dir, self._pythons.of(looked.kernel), lines, asked)
        return self.last(looked.kernel)

    def log(
        self,
        slug: str,
        version: str | None = None,
        kernel: str | None = None,
        offset: int | None = None,
    ) -> OutputTail:
        """Return what the last installation into a kernel has printed, from a byte offset, or its end.

        Raises:
            NotAvailable: nothing was ever installed into it from here.
        """
        name = kernel or self._targets.find(slug, version).kernel
        return tail_of(installing.log(self._data_dir, self.last(name).id), offset)

    def last(self, kernel: str) -> Installing:
        """Return the last installation into a kernel as it stands.

        Raises:
            NotAvailable: nothing was ever installed into it from here.
        """
        last = self._last(kernel)
        if last is None:
            raise NotAvailable(
                "NO_INSTALLATION",
                "Nothing was installed into this kernel from here.",
                "Compare its requirements first.",
            )
        return last

    def _last(self, kernel: str) -> Installing | None:
        record = installing.last(self._data_dir, kernel)
        if record is None:
            return None
        printed = tail_of(installing.log(self._data_dir, record["id"]), None).text
        shown = {name: record[name] for name in Installing.model_fields if name != "log"}
        return Installing.model_validate({**shown, "log": printed[-_LOG_END:]})


def _read(data: bytes) -> _Wanted:
    """Read a requirements file: a plain requirement a line, everything else refused."""
    from packaging.requirements import InvalidRequirement, Requirement

    requirements: list[Requirement] = []
    refused: list[str] = []
    for line in data.decode("utf-8-sig", "replace").splitlines():
        text = re.sub(r"(^|\s)#.*$", "", line).strip()
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            refused.append(text[:_LONGEST])
            continue
        plain = requirement.url is None and len(text) <= _LONGEST
        if plain:
            requirements.append(requirement)
        else:
            refused.append(text[:_LONGEST])
    return _Wanted(requirements, refused)


def _compared(
    requirements: Iterable[Requirement], found: KernelPython
) -> Iterator[RequiredPackage]:
    """Set each requirement that holds in this environment beside what is there."""
    from packaging.utils import canonicalize_name

    have = {canonicalize_name(package.name): package for package in found.packages}
    for requirement in requirements:
        if found.python and not _applies(requirement, found.markers):
            continue
        there = have.get(canonicalize_name(requirement.name))
        yield RequiredPackage(
            name=requirement.name,
            wanted=str(requirement),
            found=there.version if there else None,
            satisfied=there is not None and _satisfied(requirement, have, found.markers),
        )


def _applies(requirement: Requirement, markers: dict[str, str], extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**markers, "extra": extra})


def _satisfied(
    requirement: Requirement, have: dict[Any, Any], markers: dict[str, str], depth: int = 0
) -> bool:
    """Say whether a requirement is met, those of the extras it names included."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion

    there = have.get(canonicalize_name(requirement.name))
    try:
        met = there is not None and requirement.specifier.contains(there.version, prereleases=True)
        if not met or there is None or depth > _DEEPEST:
            return False
        inner = [Requirement(text) for text in there.requires] if requirement.extras else []
    except (InvalidVersion, InvalidRequirement):
        return False
    return all(
        _satisfied(of, have, markers, depth + 1)
        for extra in requirement.extras
        for of in inner
        if of.marker is not None and not _applies(of, markers) and _applies(of, markers, extra)
    )
