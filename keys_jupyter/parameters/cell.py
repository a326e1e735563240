"""The text of a Python parameters cell in, what it declares out.

Values are checked elsewhere; here is only what the author wrote: name, kind, default, comment.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from keys_jupyter.parameters import kinds, literals

_HEADING = re.compile(r"\W*(parameters)?\W*", re.IGNORECASE)
_TYPE_COMMENT = re.compile(r"type:\s*(?P<type>[^\s#]+)\s*#?\s*(?P<help>.*)")


@dataclass(frozen=True)
class Declared:
    """One declaration as its author wrote it; ``computed`` when only the kernel knows the default."""

    name: str
    kind: kinds.Kind
    default: Any = None
    required: bool = False
    computed: bool = False
    help: str = ""


def read_cell(source: str) -> list[Declared]:
    """Return the declarations of a cell, in order.

    Raises:
        ValueError: the cell is not Python, or holds a statement that declares nothing; the text says which.
    """
    try:
        statements = _parse(source)
        comments = _Comments(source)
        return [
            _declaration(statement, comments)
            for statement in statements
            if not isinstance(statement, (ast.Import, ast.ImportFrom))
        ]
    except (RecursionError, MemoryError):
        raise ValueError("nests too deeply to be read") from None


def _parse(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            # A pack's odd escapes are its author's affair and no warning of ours.
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except SyntaxError as error:
        line = f" in its line {error.lineno}" if error.lineno else ""
        raise ValueError(f"is not plain Python{line}: {error.msg}") from None
    except ValueError:
        raise ValueError("is not plain Python") from None


def _declaration(statement: ast.stmt, comments: _Comments) -> Declared:
    target, annotation, value = _parts(statement)
    if not isinstance(target, ast.Name):
        what = type(statement).__name__
        raise ValueError(
            f"has in its line {statement.lineno} a statement that declares no parameter ({what})"
        )
    comment = comments.of(statement)
    typed = _TYPE_COMMENT.fullmatch(comments.trailing(statement))
    if annotation is None and typed:
        kind: kinds.Kind | None = kinds.from_text(typed["type"])
        comment = typed["help"]
    else:
        kind = None if annotation is None else kinds.from_annotation(annotation)
    if value is None:
        return Declared(target.id, kind or kinds.ANY, required=True, help=comment)
    try:
        default = literals.evaluate(value)
    except literals.Computed:
        return Declared(target.id, kind or kinds.ANY, computed=True, help=comment)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"gives `{target.id}` a default that does not exist: {error}") from None
    return Declared(target.id, kind or kinds.infer(default), default, help=comment)


def _parts(statement: ast.stmt) -> tuple[ast.expr | None, ast.expr | None, ast.expr | None]:
    if isinstance(statement, ast.AnnAssign):
        return statement.target, statement.annotation, statement.value
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets[0], None, statement.value
    return None, None, None


class _Comments:
    """The comments of a cell, by line."""

    def __init__(self, source: str) -> None:
        self._on_code: dict[int, str] = {}
        self._alone: dict[int, str] = {}
        for token in _comment_tokens(source):
            line = token.start[0]
            alone = not token.line[: token.start[1]].strip()
            (self._alone if alone else self._on_code)[line] = token.string.lstrip("#").strip()

    def trailing(self, statement: ast.stmt) -> str:
        """Return the comment behind a statement, or behind its first line."""
        last = statement.end_lineno or statement.lineno
        return self._on_code.get(last) or self._on_code.get(statement.lineno, "")

    def of(self, statement: ast.stmt) -> str:
        """Return what is said above and behind a statement, headings left out."""
        above: list[str] = []
        line = statement.lineno - 1
        while line in self._alone:
            above.insert(0, self._alone[line])
            line -= 1
        said = [text for text in [*above, self.trailing(statement)] if not _HEADING.fullmatch(text)]
        return " ".join(said)


def _comment_tokens(source: str) -> Iterable[tokenize.TokenInfo]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        # Help is a courtesy: what ast could read stays declared.
        return []
    return [token for token in tokens if token.type == tokenize.COMMENT]
