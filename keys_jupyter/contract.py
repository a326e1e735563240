"""The one contract: OpenAPI from the models and the routes, and the frontend's TypeScript from the same models.

``python -m keys_jupyter.contract --check`` fails when ``src/contract.ts`` is not what the models say;
``--write`` makes it so.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

_MODULES = (
    "catalog",
    "installs",
    "marketplace",
    "parameters",
    "runbook",
    "run",
    "requirements",
    "incident",
    "evidence",
    "bundle",
    "working",
    "wire",
)
_PLACES = re.compile(r"\{(\w+)\}")


def models() -> dict[str, type[BaseModel]]:
    """Return every model that crosses the wire, by name."""
    found: dict[str, type[BaseModel]] = {}
    for name in _MODULES:
        module = importlib.import_module(f"keys_jupyter.model.{name}")
        for label, value in vars(module).items():
            ours = inspect.isclass(value) and value.__module__ == module.__name__
            if ours and issubclass(value, BaseModel):
                found[label] = value
    return found


@cache
def schemas() -> dict[str, Any]:
    """Return the JSON Schema of every model that crosses the wire, by name."""
    _, document = models_json_schema(
        [(model, "serialization") for model in models().values()],
        ref_template="#/components/schemas/{model}",
    )
    return dict(document["$defs"])


@cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of every route."""
    from keys_jupyter.places import version
    from keys_jupyter.routes import OPERATIONS

    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{operation.path}", {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Keys for Jupyter",
            "version": version(),
            "description": "What the panel and the command line can do, below the server's base URL.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/keys-jupyter"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
    }


def _operation(operation: Any) -> dict[str, Any]:
    answer = (
        {"$ref": f"#/components/schemas/{operation.reply}"}
        if operation.reply
        else {"type": "object"}
    )
    described: dict[str, Any] = {
        "operationId": f"{operation.method}_{re.sub(r'[^a-z]+', '_', operation.path).strip('_')}",
        "summary": operation.summary,
        "parameters": [
            *(
                {"name": n, "in": "path", "required": True, "schema": {"type": "string"}}
                for n in _PLACES.findall(operation.path)
            ),
            *({"name": n, "in": "query", "schema": {"type": "string"}} for n in operation.query),
        ],
        "responses": {
            str(operation.status): {"description": "Done", "content": _json(answer)},
            "default": {
                "description": "What happened, what it means, what to do",
                "content": _json({"$ref": "#/components/schemas/ErrorReply"}),
            },
        },
    }
    if operation.body:
        body = {"$ref": f"#/components/schemas/{operation.body}"}
        described["requestBody"] = {"required": True, "content": _json(body)}
    return described


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


# TypeScript --------------------------------------------------------------------------------------


def typescript() -> str:
    """Return ``src/contract.ts``."""
    parts = [
        "// Generated from keys_jupyter/model by `python -m keys_jupyter.contract --write`; do not edit.",
        "",
        "/** Any JSON value. */",
        "export type Json =",
        "  string | number | boolean | null | Json[] | { [key: string]: Json };",
    ]
    requests = _requests()
    for name, schema in sorted(schemas().items()):
        parts += ["", *_declaration(name, schema, partial=name in requests)]
    return "\n".join(parts) + "\n"


def _requests() -> set[str]:
    from keys_jupyter.routes import OPERATIONS

    return {operation.body for operation in OPERATIONS if operation.body}


def _declaration(name: str, schema: Mapping[str, Any], *, partial: bool) -> Iterator[str]:
    yield from _comment(schema.get("description", ""), "")
    if "enum" in schema:
        yield f"export type {name} ="
        values = schema["enum"]
        for value in values:
            yield f"  | '{value}'" + (";" if value == values[-1] else "")
        return
    yield f"export interface {name} {{"
    for field, inner in schema.get("properties", {}).items():
        # In a request, what has a default may be left out; in an answer, everything is there.
        mark = "?" if partial and field not in schema.get("required", ()) else ""
        yield f"  {field}{mark}: {_type(inner)};"
    yield "}"


def _comment(text: str, indent: str) -> Iterator[str]:
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
    elif lines:
        yield f"{indent}/**"
        yield from (f"{indent} * {line}".rstrip() for line in lines)
        yield f"{indent} */"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(option) for option in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        return (
            f"{{ [key: string]: {_type(schema['additionalProperties'])} }}"
            if isinstance(schema.get("additionalProperties"), dict)
            else "{ [key: string]: Json }"
        )
    names = {
        "string": "string",
        "integer": "number",
        "number": "number",
        "boolean": "boolean",
        "null": "null",
    }
    return names.get(str(kind), "Json")


def main() -> int:
    """Write or check the generated file."""
    parser = argparse.ArgumentParser(prog="python -m keys_jupyter.contract", description=__doc__)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--write", action="store_true", help="make src/contract.ts anew")
    group.add_argument("--check", action="store_true", help="fail when it is not as the models say")
    arguments = parser.parse_args()
    path = Path(__file__).parent.parent / "src" / "contract.ts"
    text = typescript()
    if arguments.write:
        path.write_text(text, "utf-8")
        return 0
    if path.is_file() and path.read_text("utf-8") == text:
        return 0
    sys.stderr.write("src/contract.ts is not what the models say: run `make contract`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
