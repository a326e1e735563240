"""What a runbook asks to be kept and written down, and which of it is there; nothing is required of anybody.

An artifact line is *kept* when there is evidence of every key it names and every file it names, *part* when there
is some, *ticked* when a person says that it is saved elsewhere. Files that a line calls optional do not count as
missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from keys_jupyter.incidents.state import State
from keys_jupyter.model.gaps import gap
from keys_jupyter.model.incident import ItemState
from keys_jupyter.model.runbook import Runbook

_KEY = re.compile(r"\b(?:jupyter|node|next)-[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE = re.compile(r"(?<![\w/.<-])[A-Za-z0-9_][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,9}\b(?!\()")
_NEVER = re.compile(r"\bnever\b[^)]*", re.I)
_OPTIONAL = re.compile(
    r"\bif (?:used|there|reached|any|needed)\b|\bthat exist\b|\bif\b.*\breached\b", re.I
)
_ENTRIES = re.compile(
    r"^[#>*\s]*(?:required )?audit (?:entries|notes|log entries)|^[#>*\s]*what to record|^[#>*\s]*record the following",
    re.I,
)
_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)$")


def entries_of(runbook: Runbook) -> list[str]:
    """Return what the runbook asks to be written down, under "Required Audit Entries" and its like."""
    found: dict[str, None] = {}
    for section in runbook.sections:
        if section.name == "evidence":
            for text in (section.text, *(step.text for step in section.steps)):
                found.update(dict.fromkeys(_listed(text)))
    return list(found)


def _listed(text: str) -> Iterable[str]:
    inside = False
    for line in text.splitlines():
        heading = line.lstrip().startswith("#") or line.lstrip().startswith("**")
        if heading:
            inside = _ENTRIES.match(line.lstrip("#* \t")) is not None
        item = _ITEM.match(line)
        if inside and item:
            yield _plain(item["text"])


def _plain(text: str) -> str:
    return re.sub(r"[*`]+", "", text).strip()


def items(state: State) -> list[ItemState]:
    """Return every line with what is there and what is not, artifacts first, in the runbook's order."""
    keys = {run.id: run.key for run in state.runs.values()}
    have_keys = {keys[item.run] for item in state.evidence if item.run in keys}
    have_files = _files(state)
    artifacts = [
        _artifact(state, f"artifact-{number}", text, have_keys, have_files)
        for number, text in enumerate(state.runbook.artifacts, 1)
    ]
    entries = [
        _entry(state, f"entry-{number}", text)
        for number, text in enumerate(entries_of(state.runbook), 1)
    ]
    return artifacts + entries


def missing(rows: Sequence[ItemState]) -> list[str]:
    """Return the artifacts that nothing shows and nobody ticked."""
    said = [gap(row.kind, row.state, row.text, row.lack) for row in rows]
    return [words for words in said if words]


def _files(state: State) -> set[str]:
    """Return the names of files that are kept, or that a run read."""
    names = {PurePosixPath(item.name).name for item in state.evidence}
    for run in state.runs.values():
        names |= {
            PurePosixPath(value).name for value in run.parameters.values() if isinstance(value, str)
        }
    return {name.lower() for name in names}


def _artifact(
    state: State, name: str, text: str, have_keys: set[str], have_files: set[str]
) -> ItemState:
    wanted = _NEVER.sub("", text)
    keys = list(dict.fromkeys(_KEY.findall(wanted)))
    optional = _OPTIONAL.search(wanted)
    sure = wanted[: optional.start()] if optional else wanted
    if optional and "that exist" in optional[0].lower():
        sure = ""
    files = [f for f in dict.fromkeys(_FILE.findall(wanted)) if f not in keys]
    have = [k for k in keys if k in have_keys] + [f for f in files if f.lower() in have_files]
    needed = [k for k in keys if k in sure or not optional] + [f for f in files if f in sure]
    lack = [one for one in needed if one not in have]
    complete = bool(have) and not lack
    said = "kept" if complete else "part" if have else "missing"
    return _item(state, name, "artifact", text, said, have, lack)


def _entry(state: State, name: str, text: str) -> ItemState:
    return _item(state, name, "entry", text, "missing", [], [])


def _item(
    state: State, name: str, kind: str, text: str, said: str, have: list[str], lack: list[str]
) -> ItemState:
    tick = state.ticks.get(name)
    return ItemState(
        id=name,
        kind=kind,
        text=text,
        state="ticked" if tick and said != "kept" else said,
        have=have,
        lack=lack,
        at=tick[0] if tick else None,
        by=tick[1] if tick else None,
    )
