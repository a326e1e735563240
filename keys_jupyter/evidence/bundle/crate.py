"""What a bundle means to other tools: an RO-Crate 1.1 with its runs as the Process Run Crate profile has them.

The runbook is a HowTo, each step a HowToStep, each run a CreateAction, and a ControlAction says which step
called for which run. Nothing here is signed or proved; it only names what lies beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter.evidence.bundle.attestation import pretty
from keys_jupyter.evidence.bundle.container import Measure
from keys_jupyter.evidence.bundle.layout import CRATE, RUNBOOK

_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_RIGHTS = "#rights"
_FORMATS = {
    "csv": "text/csv",
    "gif": "image/gif",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "jpg": "image/jpeg",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "md": "text/markdown",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
_STATUS = {"SUCCEEDED": "Completed", "NOT_ENDED": "Active"}


def crate_file(facts: Mapping[str, Any], payload: Mapping[str, Measure]) -> bytes:
    """Return the crate's metadata for these payload files, itself not among them."""
    paths = [path for path in sorted(payload) if path != CRATE]
    actions = _actions(facts) if facts["kind"] == "incident" else []
    files = [_file(path, payload[path]) for path in paths]
    people = sorted({run["by"] for run in facts["runs"]}) if actions else []
    graph = [
        _descriptor(),
        _root(facts, files, actions),
        {"@id": _RIGHTS, "@type": "CreativeWork", "name": "All rights reserved by its owner"},
        *files,
        *(_person(people, name) for name in people),
    ]
    if actions:
        graph += [_profile(), *_tools(facts), *_steps(facts, graph), *actions]
    context = [f"{_SPECIFICATION}/context", _TERMS]
    return pretty({"@context": context, "@graph": graph})


def _descriptor() -> dict[str, Any]:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": _to("./"),
        "conformsTo": _to(_SPECIFICATION),
    }


def _root(
    facts: Mapping[str, Any], files: Sequence[Mapping[str, Any]], actions: Sequence[Any]
) -> dict[str, Any]:
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": facts["title"],
        "description": f"Evidence recorded by keys-jupyter: {facts['name']}.",
        "datePublished": facts["last_at"],
        "identifier": facts["name"],
        "license": _to(_RIGHTS),
        "hasPart": [_to(file["@id"]) for file in files],
    }
    if actions:
        root["conformsTo"] = _to(_PROFILE)
        root["mentions"] = [_to(a["@id"]) for a in actions if a["@type"] == "CreateAction"]
    return root


def _profile() -> dict[str, Any]:
    return {
        "@id": _PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }


def _file(path: str, measure: Measure) -> dict[str, Any]:
    name = path[len("data/") :]
    row = {
        "@id": name,
        "@type": "File",
        "name": name.rsplit("/", 1)[-1],
        "contentSize": str(measure.size),
        "sha256": measure.sha256,
    }
    known = _FORMATS.get(name.rsplit(".", 1)[-1])
    return {**row, "encodingFormat": known} if known else row


def _person(people: Sequence[str], name: str) -> dict[str, Any]:
    return {"@id": f"#person-{people.index(name) + 1}", "@type": "Person", "name": name}


def _tool_id(run: Mapping[str, Any]) -> str:
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in run["key"])
    return f"#key-{plain}-{run['version'] or 'workspace'}"


def _tools(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = {}
    for run in facts["runs"]:
        found[_tool_id(run)] = {
            "@id": _tool_id(run),
            "@type": "SoftwareApplication",
            "name": run["key"],
            "softwareVersion": run["version"] or "not versioned",
            "identifier": f"sha256:{run['pack_sha256']}" if run["pack_sha256"] else run["key"],
        }
    return [found[name] for name in sorted(found)]


def _steps(facts: Mapping[str, Any], graph: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the runbook's steps, and name them in the runbook's own file."""
    steps = [
        {
            "@id": f"#step-{step['id']}",
            "@type": "HowToStep",
            "name": step["title"],
            "position": position,
        }
        for position, step in enumerate(facts["steps"], 1)
    ]
    for entity in graph:
        if entity["@id"] == RUNBOOK[len("data/") :]:
            entity["@type"] = ["File", "HowTo"]
            entity["step"] = [_to(step["@id"]) for step in steps]
    return steps


def _actions(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    people = sorted({run["by"] for run in facts["runs"]})
    actions: list[dict[str, Any]] = []
    for run in facts["runs"]:
        values = _values(run)
        actions += [_action(run, facts, people, values), *values]
        if run["step"]:
            actions.append(_control(run))
    return actions


def _action(
    run: Mapping[str, Any],
    facts: Mapping[str, Any],
    people: Sequence[str],
    values: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    status = _STATUS.get(run["state"], "Failed")
    kept = [item for item in facts["evidence"] if item["run"] == run["id"] and not item["absent"]]
    action = {
        "@id": f"#run-{run['id']}",
        "@type": "CreateAction",
        "name": f"{run['key']} {run['version']}".strip(),
        "description": f"Run {run['id'][:8]}, ended as {run['state']}.",
        "actionStatus": f"http://schema.org/{status}ActionStatus",
        "agent": _to(_person(people, run["by"])["@id"]),
        "instrument": _to(_tool_id(run)),
        "object": [_to(value["@id"]) for value in values],
        "result": [_to(item["path"][len("data/") :]) for item in kept],
        "startTime": run["started_at"] or run["requested_at"],
    }
    if run["ended_at"]:
        action["endTime"] = run["ended_at"]
    if status == "Failed":
        action["error"] = run["reason"] or run["state"]
    return action


def _values(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "@id": f"#value-{run['id']}-{number}",
            "@type": "PropertyValue",
            "name": name,
            "value": _plain(run["parameters"][name]),
        }
        for number, name in enumerate(sorted(run["parameters"]), 1)
    ]


def _control(run: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": f"#control-{run['id']}",
        "@type": "ControlAction",
        "name": f"Step {run['step']} called for run {run['id'][:8]}",
        "instrument": _to(f"#step-{run['step']}"),
        "object": _to(f"#run-{run['id']}"),
    }


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else pretty(value).decode("utf-8").strip()


def _to(name: str) -> dict[str, str]:
    return {"@id": name}
