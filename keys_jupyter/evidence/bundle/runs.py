"""The report's chapter on runs: what was asked, how each cell ended, the results, and the plots."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.evidence.bundle.page import (
    Markup,
    digest,
    element,
    listing,
    picture,
    state,
    table,
)
from keys_jupyter.evidence.bundle.words import moment

_PICTURES = ("image/png", "image/jpeg", "image/gif")
_MOST_PICTURE = 2 * 1024 * 1024
_MOST_PICTURES = 24 * 1024 * 1024
_MOST_TEXT = 1500
_SIGNS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}


def run_chapter(facts: Mapping[str, Any], read: Callable[[str], bytes]) -> list[Markup]:
    """Return every run of the incident, in the order they were asked for."""
    body: list[Markup] = []
    room = [_MOST_PICTURES]
    for run in facts["runs"]:
        kept = [
            item for item in facts["evidence"] if item["run"] == run["id"] and not item["absent"]
        ]
        body.append(element("section", _run(run, kept, read, room), class_="run"))
    return body or [element("p", "No run belongs to this incident.", class_="soft")]


def _run(
    run: Mapping[str, Any], kept: list[Any], read: Callable[[str], bytes], room: list[int]
) -> list[Markup]:
    title = f"{run['key']} {run['version']}".strip()
    body = [
        element("h3", [f"{title} ", state(run["state"])]),
        listing(_facts(run)),
    ]
    if run["parameters"]:
        rows = [[name, value(run["parameters"][name])] for name in sorted(run["parameters"])]
        body += [element("h4", "Parameters"), table(["Name", "Value"], rows, ["", ""])]
    if run["results"]:
        body += [element("h4", "Results"), _results(run["results"])]
    if run["cells"]:
        body += [element("h4", "Cells"), _cells(run["cells"])]
    body += [shown for item in kept for shown in _output(item, read, room)]
    return body


def _facts(run: Mapping[str, Any]) -> list[tuple[str, object]]:
    inputs = [f"{one['parameter']}: {one['path']} ({one['sha256'][:16]}…)" for one in run["inputs"]]
    by_hand = "by hand in an open editor" if run["mode"] != "headless" else "by the recorder"
    return [
        ("Run", run["id"]),
        ("Step", run["step"]),
        ("Asked for", f"{moment(run['requested_at'])} by {run['by']}"),
        ("Ran", f"{moment(run['started_at'] or '')} – {moment(run['ended_at'] or '')}".strip(" –")),
        ("Executed", by_hand),
        ("Reason", run["reason"]),
        ("Pack digest", digest(run["pack_sha256"])),
        ("Environment", run["environment"]),
        ("Inputs", "; ".join(inputs)),
    ]


def _results(results: list[Mapping[str, Any]]) -> Markup:
    rows = [
        [
            one.get("label") or one["name"],
            f"{value(one.get('value'))} {one.get('unit') or ''}".strip(),
            _expected(one.get("expected"), one.get("unit") or ""),
            _met(one.get("ok")),
        ]
        for one in results
    ]
    return table(["Result", "Value", "Expected", "Met"], rows, ["", "num", "num", "short"])


def _met(ok: bool | None) -> object:
    return "–" if ok is None else state("met" if ok else "not_met")


def _expected(expected: Mapping[str, Any] | None, unit: str) -> str:
    if not expected:
        return "–"
    sign = _SIGNS.get(expected["op"], expected["op"])
    return f"{sign} {value(expected['value'])} {unit}".strip()


def _cells(cells: list[Mapping[str, Any]]) -> Markup:
    rows = []
    for cell in cells:
        error = cell.get("error") or {}
        said = f"{error.get('name')}: {error.get('message')}" if error else ""
        took = "–" if cell["duration"] is None else f"{cell['duration']:.2f} s"
        words = element("div", [cell["title"] or "–", element("div", said, class_="bad")])
        rows.append([cell["number"], words, state(cell["state"]), took])
    return table(["Cell", "Title", "State", "Took"], rows, ["no", "", "short", "num"])


def _output(item: Mapping[str, Any], read: Callable[[str], bytes], room: list[int]) -> list[Markup]:
    if item["kind"] not in ("output", "error", "artifact", "screenshot", "attachment"):
        return []
    caption = f"{item['name']}, record {item['seq']}, sha256 {item['sha256'][:16]}…"
    if item["mime"] in _PICTURES and item["size"] <= min(_MOST_PICTURE, room[0]):
        room[0] -= item["size"]
        return [picture(item["mime"], read(item["path"]), caption)]
    if item["mime"] == "text/plain" and item["kind"] == "output" and item["size"] <= 1024 * 1024:
        words = read(item["path"]).decode("utf-8", "replace")
        more = "\n…" if len(words) > _MOST_TEXT else ""
        return [
            element("pre", words[:_MOST_TEXT].rstrip() + more),
            element("p", caption, class_="caption"),
        ]
    return []


def value(something: Any) -> str:
    """Return a parameter's or result's value as people write it."""
    if something is None:
        return "none"
    if isinstance(something, bool):
        return "yes" if something else "no"
    if isinstance(something, float):
        return f"{something:.10g}"
    if isinstance(something, (list, dict)):
        return json.dumps(something, ensure_ascii=False, sort_keys=True)
    return str(something)
