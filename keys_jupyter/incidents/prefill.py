"""What an incident already knows in, values for the next key's form out, each with where it is from.

A suggestion a person sees and can change, and therefore careful: a file is taken over only where the runbook does not
name another one, a time range by its name, and everything else only into the same key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from keys_jupyter.model.parameters import Parameter
from keys_jupyter.model.redaction import MARKER
from keys_jupyter.model.working import Prefill

_RANGE = """start end since until from to from_time to_time start_time end_time incident_start incident_end
window_start window_end time_zone timezone tz"""
_TIMES = frozenset(_RANGE.split())
_NAMED_FILE = re.compile(r"[A-Za-z0-9_][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,7}\b")


@dataclass(frozen=True)
class Earlier:
    """An earlier run: its key, its step, what it was given, and the files it left, from the workspace's root."""

    run: str
    step: str
    key: str
    succeeded: bool
    parameters: Mapping[str, Any]
    files: Sequence[str] = ()

    @property
    def origin(self) -> str:
        """Return where a value of this run is from."""
        return f"{self.run}/{self.step}"


def prefilled(
    key: str, parameters: Sequence[Parameter], said: str, earlier: Sequence[Earlier]
) -> Prefill:
    """Return values for a key's form.

    Args:
        key: the key.
        parameters: what it takes.
        said: the runbook's words on its input.
        earlier: runs to take from, newest first; those that succeeded are preferred.
    """
    runs = sorted(earlier, key=lambda run: not run.succeeded)
    names = {name.lower() for name in _NAMED_FILE.findall(said)}
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for parameter in parameters:
        if parameter.secret or parameter.output_folder:
            continue
        found = (
            _file(key, parameter, names, runs)
            if parameter.file
            else _value(key, parameter.name, runs)
        )
        if found:
            values[parameter.name], origin[parameter.name] = found
    return Prefill(key=key, values=values, origin=origin)


def _file(
    key: str, parameter: Parameter, names: set[str], runs: Sequence[Earlier]
) -> tuple[str, str] | None:
    """Return a file another run left for this parameter, else the one that was given under its name."""
    wanted = _roles(parameter)
    for run in runs:
        for path in run.files:
            if run.succeeded and PurePosixPath(path).name.lower() in wanted and MARKER not in path:
                return path, run.origin
    for run in runs:
        given = run.parameters.get(parameter.name)
        if isinstance(given, str) and given and MARKER not in given:
            name = PurePosixPath(given).name.lower()
            if name in names or (not names and run.key == key) or (not names and name in wanted):
                return given, run.origin
    return None


def _roles(parameter: Parameter) -> set[str]:
    """Return the names a file for this parameter goes by: its default's, and its own with its ending."""
    stem, _, ending = parameter.name.rpartition("_")
    roles = {f"{stem}.{ending}"} if stem and stem != "input" else set()
    if isinstance(parameter.default, str) and parameter.default:
        roles.add(PurePosixPath(parameter.default).name)
    return {role.lower() for role in roles}


def _value(key: str, name: str, runs: Sequence[Earlier]) -> tuple[Any, str] | None:
    for run in runs:
        given = run.parameters.get(name)
        if given is not None and MARKER not in str(given) and (run.key == key or name in _TIMES):
            return given, run.origin
    return None
