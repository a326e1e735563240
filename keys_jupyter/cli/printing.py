"""What the commands share: one answer, as one JSON document or as words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pydantic import BaseModel

    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.catalog import KeyRow

    Command: TypeAlias = Callable[[Desk, argparse.Namespace], int]
    Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
    Add: TypeAlias = Callable[..., argparse.ArgumentParser]
    Group: TypeAlias = Callable[[Commands, str, str], Commands]


def answer(parsed: argparse.Namespace, reply: BaseModel | dict[str, Any], text: str) -> int:
    """Print the one JSON document, or the words."""
    if parsed.json:
        data = reply if isinstance(reply, dict) else reply.model_dump(mode="json")
        sys.stdout.write(document(data) + "\n")
    else:
        sys.stdout.write(plain(text.rstrip("\n")) + "\n")
    return 0


def plain(text: str) -> str:
    """Return words that cannot act on the terminal they are printed in, whoever wrote parts of them."""
    from keys_jupyter.sources.wording import shown_lines

    return shown_lines(text)


def document(data: dict[str, Any]) -> str:
    """Return a JSON document that cannot act on the terminal either, and means the same."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)


def notebook(desk: Desk, name: str) -> str:
    """Name a notebook from the workspace's root, as the service does, where the person named it from here."""
    return desk.service.runs.from_workspace(desk.here / name) if name.endswith(".ipynb") else name


def says(row: KeyRow, text: str | None) -> bool:
    """Say whether every word of a text stands in what a list says of a key or of what it is for."""
    content = " ".join([row.slug, row.title, row.description, *row.tags, row.about]).casefold()
    return all(word in content for word in (text or "").casefold().split())
