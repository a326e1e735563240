"""What a person must fill in before a command can be entered: `<…>`, sample ids and hosts, unset variables.

Not here: where a command ends (`commands`), and what is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Set

from keys_jupyter.runbook.scan import Fence

SHELL = frozenset(
    (
        "",
        "bash",
        "sh",
        "shell",
        "zsh",
        "ksh",
        "console",
        "shell-session",
        "shellsession",
        "terminal",
    )
)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.S)
_KNOWN = re.compile(
    r"HOME|PATH|USER|PWD|OLDPWD|SHELL|HOSTNAME|TMPDIR|LANG|EDITOR|RANDOM|SECONDS|E?UID|PPID|IFS|LINENO"
    r"|BASH_SOURCE|PIPESTATUS|REPLY|OPTARG|OPTIND"
)
_ID = r"evt|we|whsec|sub|cus|pi|in|ch|sk|pk|rk|req|acct|price|prod|cs|si|txn|po|seti|sk_test|sk_live|pk_test|pk_live"
_PLACEHOLDER = re.compile(
    r"<[A-Za-z](?:[\w ./:@|-]*[\w.])?>"
    r"|(?:[A-Za-z][\w.-]*[.@])?\b[Yy][Oo][Uu][Rr][-_][\w.-]*\w"
    rf"|\b(?:{_ID})_(?:[A-Za-z]*\d\w*|\w*(?:\.{{3}}|…)|[xX]{{2,}}\w*|\*{{3,}})"
    r"|(?<![A-Za-z])YYYY(?:[-/]?MM(?:[-/]?DD)?)?(?:[T_ -]?HH:?MM(?::?SS)?Z?)?(?![A-Za-z])|\bHH:MM(?::SS)?\b"
    r"|\{\{[^{}\n]+\}\}|\b(?:REPLACE|CHANGE)[_-]?(?:ME|THIS)\b|\[(?:YOUR|your)[ _-][^\]\n]+\]"
    r"|\$\{[A-Z][A-Z0-9_]*\}|\$[A-Z][A-Z0-9_]*"
)
_ASSIGNED = re.compile(
    r"(?:^|[\s;&|(])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?([A-Z][A-Z0-9_]*)\+?="
    r"|\bfor\s+([A-Z][A-Z0-9_]*)\s+in\b|\bread\s+(?:-\w+\s+(?:\"[^\"]*\"\s+|'[^']*'\s+)?)*([A-Z][A-Z0-9_]*)",
    re.M,
)
_FORMAT_CALL = re.compile(
    r"\b(?:to_char|to_date|to_timestamp|date_format|strftime)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)",
    re.I,
)


def placeholders(text: str, language: str, assigned: Set[str]) -> list[str]:
    """Return what a person must fill in before entering a command, in order, each once.

    Args:
        text: the command.
        language: its fence's language.
        assigned: variables that are set already.
    """
    seen = text
    if language in SHELL:
        # The shell leaves $NAME alone between single quotes; awk's $NF is not ours to fill.
        seen = _QUOTED.sub(lambda m: m[0].replace("$", " ") if m[0][0] == "'" else m[0], seen)
    seen = _FORMAT_CALL.sub("", seen) if "(" in seen else seen
    found: dict[str, None] = {}
    for match in _PLACEHOLDER.finditer(seen):
        word = match[0]
        name = word.strip("${}") if word[0] == "$" else ""
        if name and (language not in SHELL or name in assigned or _KNOWN.fullmatch(name)):
            continue
        found[word] = None
    return list(found)


def assigned_in(fence: Fence, lines: list[str]) -> set[str]:
    """Return the upper-case variables a fence sets."""
    if fence.language not in SHELL:
        return set()
    whole = "".join(lines[fence.line + 1 : fence.end])
    if not ("=" in whole or "read" in whole or "for" in whole):
        return set()
    return {name for names in _ASSIGNED.findall(whole) for name in names if name}
