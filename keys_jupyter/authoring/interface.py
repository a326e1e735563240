"""Two versions of a key in, the parameters and results out that the newer one has lost; nothing is run.

A parameter is known from the notebooks' parameters cells. A result is known from three places: key.json's
``results``, the table of results in README.md, and names that the code spells out. What a place named
before it must still name; a name in code may have moved, or be put together from parts.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from keys_jupyter import parameters
from keys_jupyter.archive import VerifiedPack
from keys_jupyter.errors import InputError
from keys_jupyter.parameters.notebook import cells_of, source_of

_NAME = re.compile(r"`([a-z][a-z0-9_]*)`")
_HEADING = re.compile(r"#+\s+(?P<words>.*)")
_MAGIC = re.compile(r"(?m)^[ \t]*[%!].*$")
_FEWEST_LETTERS = 3
_MAKERS = ("result", "Result")


@dataclass(frozen=True)
class Interface:
    """What runbooks and scripts rely on in one version of a key."""

    parameters: frozenset[str]
    declared: frozenset[str]  # results that key.json names
    documented: frozenset[str]  # results in README.md's table
    spelled: frozenset[str]  # results that the code spells out
    texts: frozenset[str]  # every text constant of the code
    patterns: tuple[re.Pattern[str], ...]  # names the code puts together


def lost(old: VerifiedPack, new: VerifiedPack) -> list[str]:
    """Return, as sentences, what a newer version of a key no longer has."""
    before, after = _interface(old), _interface(new)
    gone = sorted(before.parameters - after.parameters)
    said = [f"the parameter {name} of version {old.version} is gone" for name in gone]
    results = (
        (before.declared - after.declared)
        | (before.documented - after.documented)
        | {name for name in before.spelled if not _made(name, after)}
    )
    return said + [
        f"the result {name} of version {old.version} is gone" for name in sorted(results)
    ]


def same_major(one: str, other: str) -> bool:
    """Whether two versions promise the same interface."""
    return one.split(".")[0] == other.split(".")[0]


def _made(name: str, after: Interface) -> bool:
    return name in after.texts or any(pattern.fullmatch(name) for pattern in after.patterns)


def _interface(pack: VerifiedPack) -> Interface:
    trees = list(_trees(pack))
    return Interface(
        parameters=frozenset(_parameters(pack)),
        declared=frozenset(_declared(pack)),
        documented=frozenset(_documented(_text(pack, "README.md"))),
        spelled=frozenset(name for tree in trees for name in _spelled(tree)),
        texts=frozenset(
            node.value
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ),
        patterns=tuple(pattern for tree in trees for pattern in _patterns(tree)),
    )


def _declared(pack: VerifiedPack) -> Iterator[str]:
    stated = json.loads(_text(pack, "key.json") or "{}")
    results = stated.get("results") if isinstance(stated, dict) else None
    yield from (name for name in results or [] if isinstance(name, str))


def _text(pack: VerifiedPack, path: str) -> str:
    return pack.files[path].decode("utf-8", "replace") if path in pack.files else ""


def _notebooks(pack: VerifiedPack) -> Iterator[dict[str, object]]:
    for path in pack.files:
        if path.casefold().endswith(".ipynb"):
            yield json.loads(pack.files[path])


def _parameters(pack: VerifiedPack) -> Iterator[str]:
    for notebook in _notebooks(pack):
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


def _trees(pack: VerifiedPack) -> Iterator[ast.Module]:
    sources = [_text(pack, path) for path in pack.files if path.endswith(".py")]
    for notebook in _notebooks(pack):
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
