"""A type annotation in, the kind of value it asks for out.

Nothing is looked up or imported: an annotation is read as syntax, by the last part of its name. Checking values
against a kind is in ``values``, its JSON Schema in ``schema``.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

_SCALARS = {"bool", "int", "float", "str", "Path", "date", "datetime", "None", "Any"}
_SPELLINGS = {
    "List": "list",
    "Sequence": "list",
    "Iterable": "list",
    "Dict": "dict",
    "Mapping": "dict",
    "Tuple": "tuple",
    "Set": "set",
    "FrozenSet": "set",
    "frozenset": "set",
    "PurePath": "Path",
    "NoneType": "None",
    "object": "Any",
}
_CONTAINERS = {"list", "dict", "tuple", "set"}
_TRANSPARENT = {"Annotated", "Final"}


@dataclass(frozen=True)
class Kind:
    """What values a parameter takes.

    ``name`` is one of the scalar or container names, ``Literal`` or ``union``; ``label`` is the annotation as
    written where it means nothing to us, so that any value is taken but the person still sees it.
    """

    name: str
    args: tuple[Kind, ...] = ()
    choices: tuple[Any, ...] = ()
    label: str = ""

    def __str__(self) -> str:
        """Return the annotation as a person reads it; reading it again gives the same kind."""
        if self.label:
            return self.label
        if self.name == "union":
            return " | ".join(str(arg) for arg in self.args)
        if self.name == "Literal":
            return f"Literal[{', '.join(repr(choice) for choice in self.choices)}]"
        if not self.args:
            return self.name
        rest = ", ..." if self.name == "tuple" and len(self.args) == 1 else ""
        return f"{self.name}[{', '.join(str(arg) for arg in self.args)}{rest}]"

    @property
    def optional(self) -> bool:
        """Whether None is a value of this kind."""
        return self.name in ("Any", "None") or any(arg.optional for arg in self._members())

    @property
    def bare(self) -> Kind:
        """The same kind without None."""
        if self.name != "union":
            return self
        return union([arg for arg in self.args if arg.name != "None"])

    def _members(self) -> tuple[Kind, ...]:
        return self.args if self.name == "union" else ()


ANY = Kind("Any")
NONE = Kind("None")


def union(members: Iterable[Kind]) -> Kind:
    """Return one kind for several: flat, each once, None last."""
    flat: dict[Kind, None] = {}
    for member in members:
        flat.update(dict.fromkeys(member.args if member.name == "union" else (member,)))
    kinds = sorted(flat, key=lambda kind: kind.name == "None")
    if not kinds:
        return NONE
    return kinds[0] if len(kinds) == 1 else Kind("union", tuple(kinds))


def from_text(text: str) -> Kind:
    """Return the kind of an annotation given as text; any value where it is not an expression."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return Kind("Any", label=text.strip())
    return from_annotation(node)


def from_annotation(node: ast.expr) -> Kind:
    """Return the kind that an annotation asks for; an unknown one takes any value and keeps its spelling."""
    if isinstance(node, ast.Constant):
        return _from_constant(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union([from_annotation(node.left), from_annotation(node.right)])
    if isinstance(node, ast.Subscript):
        return _from_subscript(node)
    name = _last_name(node)
    if name in _SCALARS or name in _CONTAINERS:
        return Kind(name)
    return Kind("Any", label=ast.unparse(node))


def _from_constant(node: ast.Constant) -> Kind:
    if node.value is None:
        return NONE
    if isinstance(node.value, str):
        return from_text(node.value)
    return Kind("Any", label=ast.unparse(node))


def _from_subscript(node: ast.Subscript) -> Kind:
    name = _last_name(node.value)
    items = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return _from_choices(node, items)
    if name in _TRANSPARENT and items:
        return from_annotation(items[0])
    if name == "Optional":
        return union([from_annotation(items[0]), NONE])
    if name == "Union":
        return union(from_annotation(item) for item in items)
    if name in _CONTAINERS:
        return _from_container(name, items, node)
    return Kind("Any", label=ast.unparse(node))


def _from_container(name: str, items: list[ast.expr], node: ast.Subscript) -> Kind:
    endless = isinstance(items[-1], ast.Constant) and items[-1].value is ... if items else False
    args = tuple(from_annotation(item) for item in (items[:-1] if endless else items))
    expected = {"list": (1,), "set": (1,), "dict": (2,)}.get(name)
    if name == "tuple" and not endless and len(args) == 1:
        return Kind("Any", label=ast.unparse(node))
    if (expected and len(args) not in expected) or (endless and name != "tuple"):
        return Kind("Any", label=ast.unparse(node))
    return Kind(name, args)


def _from_choices(node: ast.Subscript, items: list[ast.expr]) -> Kind:
    try:
        choices = [ast.literal_eval(item) for item in items]
    except ValueError:
        return Kind("Any", label=ast.unparse(node))
    if not all(choice is None or isinstance(choice, (str, int)) for choice in choices):
        return Kind("Any", label=ast.unparse(node))
    kept = tuple(choice for choice in choices if choice is not None)
    literal = [Kind("Literal", choices=kept)] if kept else []
    return union(literal + [NONE] * (len(kept) < len(choices)))


def _last_name(node: ast.expr) -> str:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return _SPELLINGS.get(name, name)


def infer(value: Any) -> Kind:
    """Return the kind of a default that carries no annotation."""
    if value is None:
        return ANY
    if isinstance(value, dict):
        keys, values = _common(value), _common(value.values())
        return Kind("dict", (keys, values)) if value and ANY not in (keys, values) else Kind("dict")
    for name, kind in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, kind):
            inner = _common(value)
            return Kind(name, (inner,)) if inner != ANY else Kind(name)
    return Kind(_scalar_name(value))


def _common(values: Iterable[Any]) -> Kind:
    kinds = {infer(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else ANY


def _scalar_name(value: Any) -> str:
    # A bool is an int and a datetime is a date: the narrower comes first.
    for name, kind in (
        ("bool", bool),
        ("int", int),
        ("float", float),
        ("str", str),
        ("Path", PurePath),
        ("datetime", datetime.datetime),
        ("date", datetime.date),
    ):
        if isinstance(value, kind):
            return name
    return "Any"
