"""Parameters cells of languages other than Python: read line by line, written through papermill's translators.

papermill 2.7 can write these languages but reads only Python, so reading is here and modest: a name, ``=`` or ``<-``
and a plain value on one line; any other line is left to the kernel. Its text literals are replaced by ours, since
some let a value become code (``$`` in Julia, a backtick in PowerShell) or change it (backslashes in MATLAB).
"""

from __future__ import annotations

import datetime
import math
import re
import shlex
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.parameters import kinds
from keys_jupyter.parameters.cell import Declared

_LONG = 2**63
_DOUBLE = 2**53
_ASSIGNMENT = re.compile(
    r"(?:(?:val|var|let|const|local|export|declare|global)\s+)?"
    r"(?:\[(?P<cast>\w+)\]\s*|(?P<before>[A-Za-z]\w*)\s+(?=[A-Za-z]\w*\s*=))?"
    r"\$?(?P<name>[A-Za-z_]\w*)\s*(?:::?\s*(?P<after>\w+))?\s*(?:<-|=(?!=))\s*(?P<value>.*)",
    re.ASCII,
)
_QUOTED = re.compile(r'"(?P<double>[^"\\$`]*)"|\'(?P<single>[^\'\\]*)\'')
_NUMBER = re.compile(
    r"(?P<sign>-?)(?P<digits>[0-9]+)(?P<long>L?)|-?([0-9]+\.[0-9]*|\.?[0-9]+)([eE][+-]?[0-9]+)?"
)
_TYPES = {
    **dict.fromkeys(("int", "int32", "int64", "long", "integer"), "int"),
    **dict.fromkeys(("double", "float", "float32", "float64", "number", "numeric"), "float"),
    **dict.fromkeys(("bool", "boolean"), "bool"),
    **dict.fromkeys(("string", "str"), "str"),
}
_WORDS = {"true": True, "false": False}
_NOTHING = {"null", "nothing", "none"}


def _escaped(text: str, also: str = "") -> str:
    shown = []
    for character in text:
        if character in '"\\' + also:
            shown.append("\\" + character)
        elif (
            unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and ord(character) < 0x10000
        ):
            shown.append(f"\\u{ord(character):04x}")
        else:
            shown.append(character)
    return '"' + "".join(shown) + '"'


def _julia(text: str) -> str:
    return _escaped(text, also="$")


def _matlab(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise InputError("NO_LITERAL", "MATLAB has no literal for text with line ends or controls.")
    return '"' + text.replace('"', '""') + '"'


def _powershell(text: str) -> str:
    # PowerShell takes the typographic quotes for quotes, too.
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"


@dataclass(frozen=True)
class _Dialect:
    """What papermill's translator does not know of a language; ``special`` is NaN, infinity, minus infinity."""

    translator: str
    comment: str
    quote: Callable[[str], str]
    special: tuple[str, str, str] | None
    largest: int | None = _LONG
    whole: bool = True


_DIALECTS = {
    "r": _Dialect("R", "#", _escaped, ("NaN", "Inf", "-Inf"), _DOUBLE, whole=False),
    "julia": _Dialect("julia", "#", _julia, ("NaN", "Inf", "-Inf"), None),
    "scala": _Dialect(
        "scala",
        "//",
        _escaped,
        ("Double.NaN", "Double.PositiveInfinity", "Double.NegativeInfinity"),
    ),
    "matlab": _Dialect("matlab", "%", _matlab, ("NaN", "Inf", "-Inf"), _DOUBLE, whole=False),
    "c#": _Dialect(
        ".net-csharp",
        "//",
        _escaped,
        ("double.NaN", "double.PositiveInfinity", "double.NegativeInfinity"),
    ),
    "f#": _Dialect(".net-fsharp", "//", _escaped, ("nan", "infinity", "-infinity")),
    "powershell": _Dialect(
        ".net-powershell",
        "#",
        _powershell,
        ("[double]::NaN", "[double]::PositiveInfinity", "[double]::NegativeInfinity"),
    ),
    "bash": _Dialect("bash", "#", shlex.quote, None),
}
_KERNELS = {
    ".net-csharp": "C#",
    ".net-fsharp": "F#",
    ".net-powershell": "PowerShell",
    "sparkkernel": "scala",
    "sparkrkernel": "R",
    "pysparkkernel": "python",
}
_ALIASES = {"csharp": "c#", "fsharp": "f#", "pwsh": "powershell"}


def language_of(notebook: Mapping[str, Any]) -> tuple[str, str]:
    """Return a notebook's language and the name of its kernel; Python where it says nothing."""
    metadata = _mapping(notebook.get("metadata"))
    spec, info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    kernel = str(spec.get("name") or "")
    said = _KERNELS.get(kernel) or info.get("name") or spec.get("language") or "python"
    language = str(said)
    return ("python" if language.lower() in ("python", "ipython") else language), kernel


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _dialect(language: str) -> _Dialect | None:
    name = language.lower()
    return _DIALECTS.get(_ALIASES.get(name, name))


def read_lines(source: str, language: str) -> list[Declared]:
    """Return what the lines of a cell declare; nothing for a language that values could not be written in."""
    dialect = _dialect(language)
    if dialect is None:
        return []
    found: dict[str, Declared] = {}
    for line in source.splitlines():
        match = _ASSIGNMENT.fullmatch(line.rstrip())
        if match:
            item = _declared(match, dialect)
            found[item.name] = item
    return list(found.values())


def _declared(match: re.Match[str], dialect: _Dialect) -> Declared:
    text, said = _split_comment(match["value"], dialect.comment)
    named = _TYPES.get((match["cast"] or match["before"] or match["after"] or "").lower())
    known, value = _value(text, dialect)
    if not known:
        return Declared(match["name"], kinds.Kind(named or "Any"), computed=True, help=said)
    kind = kinds.Kind(named) if named else kinds.infer(value)
    return Declared(match["name"], kind, value, help=said)


def _split_comment(text: str, mark: str) -> tuple[str, str]:
    quoted = _QUOTED.match(text)
    start = text.find(mark, quoted.end() if quoted else 0)
    if start < 0:
        return text.strip().rstrip(";").strip(), ""
    return text[:start].strip().rstrip(";").strip(), text[start + len(mark) :].strip()


def _value(text: str, dialect: _Dialect) -> tuple[bool, Any]:
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return True, quoted["single"] if quoted["double"] is None else quoted["double"]
    number = _NUMBER.fullmatch(text)
    if number:
        if number["digits"] and (dialect.whole or number["long"]):
            return True, int(text.rstrip("L"))
        return True, float(text.rstrip("L"))
    word = text.lower().lstrip("$")
    if word in _WORDS:
        return True, _WORDS[word]
    if word in _NOTHING:
        return True, None
    bare_word = dialect.translator == "bash" and re.fullmatch(r"[\w./:@%+,-]*", text, re.ASCII)
    return (True, text) if bare_word else (False, None)


def render_cell(
    language: str, values: Mapping[str, Any], secrets: set[str], comment: str, secret_note: str
) -> str:
    """Return the injected cell in a language other than Python.

    Raises:
        InputError: the language is not one of those known to keep values from becoming code, or it has no literal
            for a value.
    """
    dialect = _dialect(language)
    if dialect is None:
        raise InputError(
            "LANGUAGE_WITHOUT_PARAMETERS",
            "Values cannot be given to a notebook in this language.",
            "Run it without values.",
        )
    translator = _translator(dialect)
    # Some languages read an escape or an end mark even inside a comment.
    lines = [translator.comment(re.sub(r"[\\*]", "", comment))]
    for name, value in values.items():
        if not name.isascii():
            raise InputError("UNKNOWN_PARAMETER", "A name in this language is of ASCII letters.")
        literal = _literal(translator, None if name in secrets else value, dialect)
        line = translator.assign(name, literal) + (";" if dialect.translator == "matlab" else "")
        note = f"  {translator.comment(secret_note)}" if name in secrets else ""
        lines.append(line + note)
    return "\n".join(lines)


def _translator(dialect: _Dialect) -> Any:
    from papermill.translators import papermill_translators

    base = papermill_translators.find_translator(dialect.translator, dialect.translator)

    def text(_cls: type, value: str) -> str:
        return dialect.quote(value)

    def number(_cls: type, value: float) -> str:
        return _float(value, dialect)

    own = {
        "translate_str": classmethod(text),
        "translate_escaped_str": classmethod(text),
        "translate_float": classmethod(number),
    }
    return type(base.__name__, (base,), own)


def _float(value: float, dialect: _Dialect) -> str:
    if math.isfinite(value):
        return repr(value)
    if dialect.special is None:
        raise InputError("NO_LITERAL", "This language has no literal for a number without end.")
    return dialect.special[0 if math.isnan(value) else 1 if value > 0 else 2]


def _literal(translator: Any, value: Any, dialect: _Dialect) -> str:
    try:
        return str(translator.translate(_plain(value, dialect)))
    except NotImplementedError:
        said = "no value at all" if value is None else "a value of this form"
        raise InputError("NO_LITERAL", f"This language has no literal for {said}.") from None


def _plain(value: Any, dialect: _Dialect) -> Any:
    if isinstance(value, (datetime.date, PurePath)):
        value = value.isoformat() if isinstance(value, datetime.date) else str(value)
    if isinstance(value, int) and dialect.largest and abs(value) >= dialect.largest:
        raise InputError("NO_LITERAL", "A number is too large for this language.")
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise InputError("NOT_TEXT", "A value holds a character that is none in this language.")
    if isinstance(value, (list, tuple)):
        return [_plain(item, dialect) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_plain(item, dialect) for item in sorted(value, key=repr)]
    if isinstance(value, dict):
        return {_key(key): _plain(item, dialect) for key, item in value.items()}
    return value


def _key(key: Any) -> str:
    # Keys reach a literal of their own in each translator; these need no escape in any language.
    if isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9_ .-]+", key):
        return key
    raise InputError(
        "NO_LITERAL", "A key of a mapping may hold letters, digits, `_`, `.`, `-`, blanks."
    )
