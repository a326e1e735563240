"""JSON from strangers, read without being led deep, wide or astray; and notebooks made fit to install."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.refusal import refusal, shown

_TOKEN = re.compile(rb'["\[\]{},]')


def read_object(raw: bytes, path: str, code: str, limits: Limits) -> dict[str, Any]:
    """Parse a JSON object.

    Args:
        raw: the file's bytes.
        path: the file's name, for messages.
        code: the code to refuse with when it is no JSON object.
        limits: how deep and how large it may be.

    Raises:
        IntegrityError: ``JSON_DEPTH``, ``JSON_SIZE``, or ``code`` for anything that is not plain JSON:
            not UTF-8, NaN or infinity, one name given twice, another kind of value.
    """
    _measure(raw, path, limits)

    def refuse_constant(constant: str) -> NoReturn:
        raise refusal(code, f"{shown(path)} holds {constant}, which is not JSON.")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise refusal(code, f"{shown(path)} gives one name twice in an object.")
        return found

    try:
        value = json.loads(
            raw.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=unique
        )
    except ValueError:
        raise refusal(code, f"{shown(path)} is not JSON.") from None
    if not isinstance(value, dict):
        raise refusal(code, f"{shown(path)} is not a JSON object.")
    return value


def _measure(raw: bytes, path: str, limits: Limits) -> None:
    """Count nesting and values before anything is built, so that time and memory stay bounded.

    Strings are jumped over; what is left out first are escapes that hide the end of one.
    """
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    depth = values = position = 0
    while depth >= 0 and (match := _TOKEN.search(plain, position)):
        token, position = match.group(), match.end()
        if token in b"]}":
            depth -= 1
            continue
        values += 1
        if token == b'"':
            position = plain.find(b'"', position) + 1 or len(plain)
        elif token != b",":
            depth += 1
        if depth > limits.json_depth:
            raise refusal("JSON_DEPTH", f"{shown(path)} nests deeper than {limits.json_depth}.")
        if values > limits.json_values:
            raise refusal("JSON_SIZE", f"{shown(path)} has more than {limits.json_values} values.")


def clean_notebook(raw: bytes, path: str, limits: Limits) -> tuple[bytes, list[str]]:
    """Check a notebook and return the bytes to install, with notes on what was changed or is odd.

    A notebook that says it is trusted loses that word; all others keep their bytes.

    Raises:
        IntegrityError: ``NOTEBOOK`` when it is none, else as :func:`read_object`.
    """
    notebook = read_object(raw, path, "NOTEBOOK", limits)
    cells = notebook.get("cells")
    metadata = notebook.get("metadata")
    if (
        notebook.get("nbformat") != 4
        or not isinstance(cells, list)
        or not isinstance(metadata, dict)
    ):
        raise refusal("NOTEBOOK", f"{shown(path)} is not a notebook of format 4.")
    if not all(_is_cell(cell) for cell in cells):
        raise refusal("NOTEBOOK", f"{shown(path)} has a cell that is not one.")
    notes = _kernel_notes(metadata, path)
    stated = [part["metadata"] for part in (notebook, *cells) if "trusted" in part["metadata"]]
    if not stated:
        return raw, notes
    for part in stated:
        del part["trusted"]
    notes.append(f"{shown(path)} called itself trusted; that was removed.")
    try:
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        return text.encode("utf-8"), notes
    except UnicodeEncodeError:
        raise refusal("NOTEBOOK", f"{shown(path)} holds half a character.") from None


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return isinstance(cell.get("cell_type"), str) and all(isinstance(line, str) for line in lines)


def _kernel_notes(metadata: dict[str, Any], path: str) -> list[str]:
    spec = metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
        return []
    if spec is None:
        return []
    return [f"{shown(path)} names a kernel that cannot exist; a person has to choose one."]
