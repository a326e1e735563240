"""A hostile archive is a good pack with one thing wrong; what a good pack is stands here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.writer import UTF8, Item, Written, write

SLUG, VERSION = "jupyter-example", "1.0.0"
METADATA: dict[str, Any] = {
    "slug": SLUG,
    "title": "Example",
    "tool": "jupyter",
    "key_type": ["notebook"],
    "version": VERSION,
    "license_spdx": "MIT",
}
NOTEBOOK: dict[str, Any] = {
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": ["1 + 1"], "outputs": []}],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@dataclass(frozen=True)
class Case:
    """One archive and the code it must be refused with."""

    number: int
    name: str
    code: str
    build: Callable[[], bytes]
    asked: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.number:02d}-{self.code}-{self.name}"


def key_json(**changed: Any) -> Item:
    return Item(b"key.json", json.dumps({**METADATA, **changed}).encode())


def notebook(name: bytes = b"notebooks/example.ipynb", **changed: Any) -> Item:
    return Item(name, json.dumps({**NOTEBOOK, **changed}).encode())


def written(*items: Item) -> Written:
    return write([key_json(), notebook(), *items])


def pack(*items: Item, comment: bytes = b"", **changed: int) -> bytes:
    """A good pack with more items, and with what ``changed`` says in its end record."""
    return written(*items).closed(comment, **changed)


def named(name: str | bytes, data: bytes = b"x", **fields: Any) -> Item:
    """A file whose name is declared as UTF-8."""
    raw = name.encode("utf-8", "surrogatepass") if isinstance(name, str) else name
    return Item(raw, data, flags=UTF8, **fields)


def names(number: int, code: str, *given: str | bytes | tuple[str, ...]) -> list[Case]:
    """One case for every name, or for every group of names that must not stand together."""
    cases = []
    for one in given:
        group = one if isinstance(one, tuple) else (one,)
        items = [named(name, str(at).encode()) for at, name in enumerate(group)]
        label = ascii(one)[:40]
        cases.append(Case(number, label, code, lambda items=items: pack(*items)))
    return cases
