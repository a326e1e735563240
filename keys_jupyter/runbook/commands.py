"""What a person would enter from a code fence, one command at a time, with its placeholders named.

A shell fence is split where a prompt would return: continuations, here-documents, quoted line breaks,
loops and functions stay one command. SQL is split at its semicolons. Any other language is one command.
Comments are not commands. Nothing is executed or expanded here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from keys_jupyter.model.runbook import Command
from keys_jupyter.runbook.placeholders import SHELL, assigned_in, placeholders
from keys_jupyter.runbook.scan import Fence

_SQL = frozenset(("sql", "psql", "postgres", "postgresql", "pgsql", "mysql", "sqlite"))
_DATA = re.compile(
    r"text|txt|plain(?:text)?|none|output|out|logs?|json[l5]?|csv|tsv|ya?ml|toml|ini|(?:dot)?env|markdown|md"
    r"|html|xml|diff|patch|mermaid|http|properties"
)
_OPENERS = {"if": "fi", "case": "esac"} | dict.fromkeys(("for", "while", "until", "select"), "done")
_BRACKETS = {"(": ")", "$(": ")", "{": "}"}
# What keeps a command open; most have none of it, and need no closer look.
_MAY_BE_OPEN = re.compile(rf"['\"\\|&({{]|\b(?:{'|'.join(_OPENERS)})\b")
_BEFORE_COMMAND = frozenset(
    ("", ";", "&", "|", "&&", "||", "(", ")", "$(", "{", "then", "do", "else", "elif", "!", "time")
)
_HEREDOC = re.compile(r"<<-?[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([A-Za-z_]\w*))")
_SHELL_TOKEN = re.compile(
    r"(?<!\S)#[^\n]*|'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|<<<|&&|\|\||;;|\$\(|[;&|(){}]|\s+|[^\s;&|(){}'\"\\]+|.",
    re.S,
)
_SQL_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|--[^\n]*|/\*.*?\*/|;|[^;'\"$/-]+|.", re.S
)


def is_commands(fence: Fence) -> bool:
    """Whether a fence holds something to enter, and not data or printed text."""
    return _DATA.fullmatch(fence.language) is None


def commands_of(fence: Fence, lines: list[str], known: Set[str] = frozenset()) -> list[Command]:
    """Split a fence into commands, in order.

    Args:
        fence: the fence.
        lines: the lines of its file.
        known: variables set before it.
    """
    if not is_commands(fence):
        return []
    body = fence.body(lines)
    whole = "\n".join(body)
    if fence.language in SHELL:
        texts = split_shell(body)
    elif fence.language in _SQL:
        texts = split_sql(whole)
    else:
        texts = [whole.strip("\n")] if whole.strip() else []
    assigned = known | assigned_in(fence, lines)
    language = fence.language or "bash"
    return [
        Command(
            text=text,
            language=language,
            lines=text.count("\n") + 1,
            placeholders=placeholders(text, language, assigned),
        )
        for text in texts
    ]


def split_shell(lines: Sequence[str]) -> list[str]:
    """Split shell lines into what a prompt would take at once; comments are left out."""
    if any(line.startswith(("$ ", "% ")) for line in lines):
        lines = _typed(lines)
    commands: list[str] = []
    at = 0
    while at < len(lines):
        bare = lines[at].strip()
        if not bare or bare.startswith("#"):
            at += 1
            continue
        taken = _extent(lines, at)
        text = "\n".join(lines[at : at + taken]).strip()
        commands.append(_without_comment(text) if taken == 1 else text)
        at += taken
    return commands


def _typed(lines: Sequence[str]) -> list[str]:
    """Keep what follows a prompt, and its continuations; the rest was printed."""
    kept: list[str] = []
    for line in lines:
        if line.startswith(("$ ", "% ")):
            kept.append(line[2:])
        elif kept and (kept[-1].endswith("\\") or line.startswith("> ")):
            kept.append(line.removeprefix("> "))
    return kept


def _extent(lines: Sequence[str], at: int) -> int:
    """Return how many lines from ``at`` a shell would read before it acts."""
    code: list[str] = []
    end = at
    while end < len(lines):
        code.append(lines[end])
        end += 1
        for word in _heredoc_words(code[-1]):
            end = _after_heredoc(lines, end, word)
        if not _open("\n".join(code)):
            break
    return end - at


def _heredoc_words(line: str) -> list[str]:
    """Return the words that end the here-documents a line begins."""
    if "<<" not in line:
        return []
    bare = _SHELL_TOKEN.sub(lambda m: m[0] if m[0][0] not in "'\"#" else _kept(m, line), line)
    found = _HEREDOC.findall(bare.replace("<<<", ""))
    return [next(word for word in words if word) for words in found]


def _kept(match: re.Match[str], line: str) -> str:
    """Keep a quoted word only where it is a here-document's own."""
    return match[0] if re.search(r"<<-?[ \t]*\Z", line[: match.start()]) else ""


def _after_heredoc(lines: Sequence[str], start: int, word: str) -> int:
    for end in range(start, len(lines)):
        if lines[end].strip() == word:
            return end + 1
    return len(lines)


def _open(text: str) -> bool:
    """Whether a shell would ask for more after this text."""
    if not _MAY_BE_OPEN.search(text):
        return False
    if re.search(r"(?<!\\)(?:\\\\)*\\\Z", text):
        return True
    depth: list[str] = []
    before = ""
    for match in _SHELL_TOKEN.finditer(text):
        part = match[0]
        if part in ("'", '"'):
            return True
        if part.isspace():
            if "\n" in part and before not in ("|", "||", "&&"):
                before = ""
        elif not _is_comment(match, text):
            _bracket(part, before, depth)
            before = "" if part in (";;", "then", "do", "else", "elif") else part
    return bool(depth) or before in ("|", "||", "&&")


def _is_comment(match: re.Match[str], text: str) -> bool:
    start = match.start()
    return match[0][0] == "#" and (start == 0 or text[start - 1].isspace())


def _bracket(part: str, before: str, depth: list[str]) -> None:
    """Push what a word or bracket opens, pop what it closes."""
    first = before in _BEFORE_COMMAND
    if part in _BRACKETS:
        depth.append(_BRACKETS[part])
    elif part in (")", "}"):
        # A case pattern's bracket closes nothing.
        if depth and depth[-1] == part:
            depth.pop()
    elif first and part in _OPENERS:
        depth.append(_OPENERS[part])
    elif first and depth and part == depth[-1]:
        depth.pop()


def _without_comment(text: str) -> str:
    """Cut a comment behind a one-line command; not every prompt takes one."""
    if "#" not in text:
        return text
    for match in _SHELL_TOKEN.finditer(text):
        if match.start() and _is_comment(match, text):
            return text[: match.start()].rstrip()
    return text


def split_sql(text: str) -> list[str]:
    """Split SQL at its semicolons, minding quotes, bodies between dollars and psql's own lines."""
    commands: list[str] = []
    for part in re.split(r"(?m)^([ \t]*\\[^\n]*)$", text):
        if part.lstrip(" \t").startswith("\\"):
            commands.append(part.strip())
        else:
            commands.extend(_sql_statements(part))
    return commands


def _sql_statements(text: str) -> list[str]:
    statements: list[str] = []
    current = ""
    for match in _SQL_TOKEN.finditer(text):
        part = match[0]
        if part.startswith(("--", "/*")):
            # A comment inside a statement stays with it; one before it is no command.
            current += part if current.strip() else ""
            continue
        current += part
        if part == ";":
            statements.append(current.strip())
            current = ""
    if current.strip():
        statements.append(current.strip())
    return [statement for statement in statements if statement != ";"]
