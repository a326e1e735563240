"""Two versions of a key in, the parameters and results out that the newer one has lost; nothing is run.

A parameter is known from the notebooks' parameters cells. A result is known from four places: key.json's
``results``, the table of results in README.md, names that the code spells out, and what the notebook gave when its
preview was made. What a place named before it must still name; a name in code may have moved, or be put together
from parts.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from keys_jupyter import parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError
from keys_jupyter.parameters.notebook import cells_of, source_of

_NAME = re.compile(r"`([a-z][a-z0-9_]*)`")
_HEADING = re.compile(r"#+\s+(?P<words>.*)")
_MAGIC = re.compile(r"(?m)^[ \t]*[%!].*$")
_FEWEST_LETTERS = 3
_MAKERS = ("result", "Result")
Files: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True)
class Interface:
    """What runbooks and scripts rely on in one version of a key."""

    parameters: frozenset[str]
    declared: frozenset[str]  # results that key.json names
    documented: frozenset[str]  # results in README.md's table
    spelled: frozenset[str]  # results that the code spells out
    texts: frozenset[str]  # every text constant of the code
    patterns: tuple[re.Pattern[str], ...]  # names the code puts together


def lost(
    old: VerifiedPack,
    new: VerifiedPack,
    given_before: frozenset[str] = frozenset(),
    given_now: frozenset[str] = frozenset(),
) -> list[str]:
    """Return, as sentences, what a newer version of a key no longer has.

    Args:
        old: the version before.
        new: the version now.
        given_before: the results the old version gave when its preview was made; empty when unknown.
        given_now: the same of the new version.
    """
    before, after = _interface(old.files), _interface(new.files)
    gone = sorted(before.parameters - after.parameters)
    said = [f"the parameter {name} of version {old.version} is gone" for name in gone]
    results = (
        (before.declared - after.declared)
        | (before.documented - after.documented)
        | {
            name
            for name in before.spelled | given_before
            if name not in given_now and not _made(name, after)
        }
        # Where both notebooks were run, what they gave decides, whatever texts the code holds.
        | (given_before - given_now if given_now else frozenset())
    )
    return said + [
        f"the result {name} of version {old.version} is gone" for name in sorted(results)
    ]


def result_names(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the results that a key's files name: in key.json, in README.md's tables, in the code."""
    found = _interface(files)
    return found.declared | found.documented | found.spelled


def same_major(one: str, other: str) -> bool:
    """Whether two versions promise the same interface."""
    return one.split(".")[0] == other.split(".")[0]


def _made(name: str, after: Interface) -> bool:
    return name in after.texts or any(pattern.fullmatch(name) for pattern in after.patterns)


def _interface(files: Files) -> Interface:
    trees = list(_trees(files))
    return Interface(
        parameters=frozenset(_parameters(files)),
        declared=frozenset(_declared(files)),
        documented=frozenset(_documented(_text(files, "README.md"))),
        spelled=frozenset(name for tree in trees for name in _spelled(tree)),
        texts=frozenset(
            node.value
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ),
        patterns=tuple(pattern for tree in trees for pattern in _patterns(tree)),
    )


def _declared(files: Files) -> Iterator[str]:
    try:
        stated = json.loads(_text(files, "key.json") or "{}")
    except (ValueError, RecursionError):
        return
    results = stated.get("results") if isinstance(stated, dict) else None
    yield from (name for name in results or [] if isinstance(name, str))


def _text(files: Files, path: str) -> str:
    return files[path].decode("utf-8", "replace") if path in files else ""


def _notebooks(files: Files) -> Iterator[dict[str, object]]:
    for path in files:
        if path.casefold().endswith(".ipynb"):
            try:
                notebook = json.loads(files[path])
                cells_of(notebook if isinstance(notebook, dict) else {})
            except (ValueError, RecursionError, InputError):
                continue
            yield notebook


def _parameters(files: Files) -> Iterator[str]:
    for notebook in _notebooks(files):
        try:
            yield from parameters.declared(notebook).names
        except InputError:
            # A cell that cannot be read promises nothing; that it cannot is for validation to say.
            continue


def _documented(readme: str) -> Iterator[str]:
    """Yield the names in the first column of every table below a heading on outputs or results."""
    here = False
    for line in readme.splitlines():
        heading = _HEADING.match(line)
        if heading:
            here = re.search(r"output|result", heading["words"], re.I) is not None
        elif here and line.lstrip().startswith("|"):
            yield from _NAME.findall(line.strip().strip("|").split("|")[0])


def _trees(files: Files) -> Iterator[ast.Module]:
    sources = [_text(files, path) for path in files if path.endswith(".py")]
    for notebook in _notebooks(files):
        sources += [source_of(cell) for cell in cells_of(notebook) if _is_code(cell)]
    for source in sources:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield ast.parse(_MAGIC.sub("pass", source))
        except (SyntaxError, ValueError, RecursionError):
            continue


def _is_code(cell: dict[str, object]) -> bool:
    return cell.get("cell_type") == "code"


def _spelled(tree: ast.Module) -> Iterator[str]:
    """Yield the names of results made by ``result("name", …)`` or ``{"name": "name", "value": …}``."""
    for node in ast.walk(tree):
        name: ast.expr | None = None
        if isinstance(node, ast.Call) and _called(node.func) in _MAKERS:
            keyed = (word.value for word in node.keywords if word.arg == "name")
            name = node.args[0] if node.args else next(keyed, None)
        elif isinstance(node, ast.Dict):
            fields = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            name = fields.get("name") if "value" in fields else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _patterns(tree: ast.Module) -> Iterator[re.Pattern[str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                str(part.value) if isinstance(part, ast.Constant) else None for part in node.values
            ]
            letters = sum(len(part) for part in parts if part)
            if letters >= _FEWEST_LETTERS:
                yield re.compile("".join(r"\w+" if p is None else re.escape(p) for p in parts))
