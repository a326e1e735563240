"""A declaration in, the JSON Schema (draft 2020-12) of its form out; pure."""

from __future__ import annotations

from typing import Any

from keys_jupyter.model.parameters import Parameter
from keys_jupyter.parameters import kinds
from keys_jupyter.parameters.declare import Declaration

_SIMPLE: dict[str, dict[str, Any]] = {
    "Any": {},
    "None": {"type": "null"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "str": {"type": "string"},
    "Path": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_NAMES = {str: "string", bool: "boolean", int: "integer"}


def json_schema(declaration: Declaration) -> dict[str, Any]:
    """Return the schema that the form, REST and the command line share; properties keep the cell's order."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {item.name: _property(item) for item in declaration.parameters},
        "additionalProperties": False,
    }
    required = [item.name for item in declaration.parameters if item.required]
    return {**schema, "required": required} if required else schema


def _property(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": parameter.title}
    if parameter.help:
        schema["description"] = parameter.help
    schema |= _of_kind(kinds.from_text(parameter.type), parameter)
    if not (parameter.required or parameter.computed or parameter.secret):
        schema["default"] = parameter.default
    if parameter.secret:
        schema |= {"x-keys-secret": True, "writeOnly": True}
    if parameter.file:
        schema["x-keys-file"] = True
    if parameter.output_folder:
        schema["x-keys-output-folder"] = True
    if parameter.unit:
        schema["x-keys-unit"] = parameter.unit
    return schema


def _of_kind(kind: kinds.Kind, parameter: Parameter | None) -> dict[str, Any]:
    if kind.name == "union":
        return {"anyOf": [_of_kind(member, parameter) for member in kind.args]}
    if kind.name == "Literal":
        types = {_NAMES[type(choice)] for choice in kind.choices}
        typed = {"type": types.pop()} if len(types) == 1 else {}
        return {**typed, "enum": list(kind.choices)}
    if kind.name in _SIMPLE:
        return {**_SIMPLE[kind.name], **_limits(kind.name, parameter)}
    return _container(kind)


def _limits(name: str, parameter: Parameter | None) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if parameter is None:
        return limits
    if name in ("int", "float"):
        if parameter.minimum is not None:
            limits["minimum"] = parameter.minimum
        if parameter.maximum is not None:
            limits["maximum"] = parameter.maximum
    if name in ("str", "Path") and parameter.pattern is not None:
        limits["pattern"] = parameter.pattern
    return limits


def _container(kind: kinds.Kind) -> dict[str, Any]:
    inner = [_of_kind(arg, None) for arg in kind.args]
    if kind.name == "dict":
        return {"type": "object", "additionalProperties": inner[1] if inner else True}
    if kind.name == "tuple" and len(inner) > 1:
        count = len(inner)
        return {"type": "array", "prefixItems": inner, "minItems": count, "maxItems": count}
    schema: dict[str, Any] = {"type": "array", "items": inner[0] if inner else {}}
    return {**schema, "uniqueItems": True} if kind.name == "set" else schema
