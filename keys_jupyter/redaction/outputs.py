"""Outputs and notebooks in, redacted copies and reports out.

The pieces of one stream are read as one text, whichever outputs they came in. Images, sound and the like are not looked
into; the report says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from keys_jupyter.model.redaction import NotScanned, RedactionReport
from keys_jupyter.redaction.leaves import APART, LINE, Leaf, Leaves, added, copied, pointer
from keys_jupyter.redaction.policy import Policy, encoded
from keys_jupyter.redaction.redacting import Tally, redact_leaves

Value = TypeVar("Value")
_NOT_TEXT = ("image/", "audio/", "video/", "font/", "model/")
_NOT_TEXT_EITHER = ("application/pdf", "application/zip", "application/gzip")
_STILL_TEXT = ("image/svg+xml",)


@dataclass(frozen=True)
class Redacted(Generic[Value]):
    """A redacted copy, and what was found in the original."""

    value: Value
    report: RedactionReport


class _Work:
    """One structure, or several that are read together."""

    def __init__(self) -> None:
        self.leaves = Leaves()
        self.streams: dict[tuple[Hashable, str], list[Leaf]] = {}
        self.not_scanned: list[tuple[int, NotScanned]] = []

    def redact(self, policy: Policy) -> Callable[[int], Tally]:
        """Redact everything added so far; return what tells what was found for an owner."""
        for pieces in self.streams.values():
            for number, leaf in enumerate(pieces):
                leaf.before = "" if number else APART
                self.leaves.add(leaf)
        tallies = redact_leaves(self.leaves, policy, self.not_scanned)
        return lambda owner: tallies.get(owner) or Tally()


def redact_text(text: str, policy: Policy) -> Redacted[str]:
    """Return a text with a marker for every secret in it."""
    work = _Work()
    holder = [text]
    added(text, work.leaves, "", 0, holder=holder, at=0)
    found = work.redact(policy)(0)
    digest = hashlib.sha256(encoded(text)).hexdigest()
    return Redacted(holder[0], found.report(digest, policy))


def redact_value(value: Mapping[str, Any], policy: Policy) -> Redacted[dict[str, Any]]:
    """Return a JSON object redacted in every text and every name."""
    work = _Work()
    copy = copied(value, work.leaves, "", 0)
    return Redacted(copy, work.redact(policy)(0).report(digest_of(value), policy))


def redact_output(output: Mapping[str, Any], policy: Policy) -> Redacted[dict[str, Any]]:
    """Return one output as a notebook holds it, redacted."""
    return redact_outputs([(0, output)], policy)[0]


def redact_outputs(
    outputs: Sequence[tuple[Hashable, Mapping[str, Any]]], policy: Policy
) -> list[Redacted[dict[str, Any]]]:
    """Return outputs redacted, each with its own report.

    Args:
        outputs: the cell each came from, whatever names it, and the output; what a cell wrote to one stream is read as
            one text over all its outputs.
        policy: what to look for.
    """
    work = _Work()
    digests = [digest_of(output) for _, output in outputs]
    copies = [_output(work, output, "", n, cell) for n, (cell, output) in enumerate(outputs)]
    found = work.redact(policy)
    return [
        Redacted(copy, found(n).report(digest, policy))
        for n, (copy, digest) in enumerate(zip(copies, digests, strict=True))
    ]


def redact_notebook(notebook: Mapping[str, Any], policy: Policy) -> Redacted[dict[str, Any]]:
    """Return a notebook with sources, outputs, attachments' texts and metadata redacted."""
    work = _Work()
    copy = dict(notebook)
    cells = copy.pop("cells", [])
    copy = copied(copy, work.leaves, "", 0)
    copy["cells"] = [_cell(work, cell, number) for number, cell in enumerate(cells)]
    found = work.redact(policy)(0)
    return Redacted(_in_order_of(notebook, copy), found.report(digest_of(notebook), policy))


def digest_of(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a JSON object's canonical bytes: sorted, compact, ASCII, as the journal takes it."""
    body = json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
    return hashlib.sha256(body).hexdigest()


def _cell(work: _Work, cell: Any, number: int) -> Any:
    place = f"/cells/{number}"
    if not isinstance(cell, Mapping):
        return copied(cell, work.leaves, place, 0)
    apart = ("source", "outputs", "attachments")
    copy = copied({k: v for k, v in cell.items() if k not in apart}, work.leaves, place, 0)
    if "source" in cell:
        copy["source"] = cell["source"]
        _text(work, copy, "source", f"{place}/source", 0)
    if "outputs" in cell:
        copy["outputs"] = [
            _output(work, output, f"{place}/outputs/{n}", 0, number)
            for n, output in enumerate(cell["outputs"])
        ]
    for name, bundle in (cell.get("attachments") or {}).items():
        at = f"{place}/attachments/{pointer(name)}"
        held = copy.setdefault("attachments", {})
        held[name] = _bundle(work, bundle, at, 0)
        work.leaves.add(Leaf(name, at, 0, APART, held, name, is_name=True))
    return _in_order_of(cell, copy)


def _output(work: _Work, output: Any, place: str, owner: int, cell: Hashable) -> Any:
    """Copy one output, its strings added where they are read best."""
    if not isinstance(output, Mapping):
        return copied(output, work.leaves, place, owner)
    apart = ("text", "data", "traceback")
    copy = copied({k: v for k, v in output.items() if k not in apart}, work.leaves, place, owner)
    if "text" in output:
        copy["text"] = output["text"]
        _stream(work, copy, f"{place}/text", owner, (cell, str(output.get("name"))))
    if "data" in output:
        copy["data"] = _bundle(work, output["data"], f"{place}/data", owner)
    if "traceback" in output:
        copy["traceback"] = output["traceback"]
        _lines(work, copy, f"{place}/traceback", owner)
    return _in_order_of(output, copy)


def _in_order_of(like: Mapping[str, Any], copy: dict[str, Any]) -> dict[str, Any]:
    """The same object, since leaves hold on to it, with its members in the order the original has."""
    members = {name: copy.pop(name) for name in like if name in copy}
    copy.update(members)
    return copy


def _bundle(work: _Work, bundle: Any, place: str, owner: int) -> Any:
    if not isinstance(bundle, Mapping):
        return copied(bundle, work.leaves, place, owner)
    copy = dict(bundle)
    for mime, value in bundle.items():
        here = f"{place}/{pointer(str(mime))}"
        work.leaves.add(Leaf(str(mime), here, owner, APART, copy, mime, is_name=True))
        if not is_text(str(mime)):
            said = NotScanned(place=here, mime=str(mime), reason="not a text")
            work.not_scanned.append((owner, said))
        elif _is_json(str(mime)) or not _is_pieces(value):
            copy[mime] = copied(value, work.leaves, here, owner)
        else:
            _text(work, copy, mime, here, owner)
    return copy


def is_text(mime: str) -> bool:
    """Whether what a type names can be read; what is unknown is tried."""
    kind = mime.partition(";")[0].strip().lower()
    if kind in _STILL_TEXT:
        return True
    return not (kind.startswith(_NOT_TEXT) or kind in _NOT_TEXT_EITHER)


def _is_json(mime: str) -> bool:
    return mime.partition(";")[0].strip().lower().endswith(("/json", "+json"))


def _is_pieces(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(piece, str) for piece in value)
    )


def _text(work: _Work, holder: dict[Any, Any], at: Any, place: str, owner: int) -> None:
    if _is_pieces(holder[at]):
        added(holder[at], work.leaves, place, owner, holder=holder, at=at)
    else:
        holder[at] = copied(holder[at], work.leaves, place, owner)


def _stream(
    work: _Work, holder: dict[Any, Any], place: str, owner: int, stream: tuple[Hashable, str]
) -> None:
    """Set the pieces of a stream aside until all of them are known."""
    if not _is_pieces(holder["text"]):
        holder["text"] = copied(holder["text"], work.leaves, place, owner)
        return
    apart = Leaves()
    added(holder["text"], apart, place, owner, holder=holder, at="text")
    work.streams.setdefault(stream, []).extend(apart.all)


def _lines(work: _Work, holder: dict[Any, Any], place: str, owner: int) -> None:
    """Add a traceback: its entries are lines that were taken apart."""
    if not _is_pieces(holder["traceback"]) or isinstance(holder["traceback"], str):
        _text(work, holder, "traceback", place, owner)
        return
    holder["traceback"] = entries = list(holder["traceback"])
    for number, entry in enumerate(entries):
        here = f"{place}/{number}"
        work.leaves.add(Leaf(entry, here, owner, LINE if number else APART, entries, number))
