"""Which names an archive may use: one spelling, one place, on every system that may unpack it.

* A name is UTF-8 and says so, relative, with forward slashes, and already in its shortest form.
* It holds nothing invisible and nothing that turns into another character when somebody normalises it.
* It can exist on Windows and macOS as well as on Linux, and no two names meet on any of them.

What a *pack* may contain (file types, reserved names) is :mod:`keys_jupyter.archive.contents`.
"""

from __future__ import annotations

import re
import unicodedata

from keys_jupyter.archive.directory import UTF8, Entry
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.refusal import refusal, shown

_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.I
)
_SHORT = re.compile(r"[^.]{1,6}~[0-9]{1,6}(\.[^.]{0,3})?")
_WINDOWS = frozenset('<>:"|?*')
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd")
_ON_THE_WAY = "folder on the way"
# A joiner holds family emoji and many Indic words together; between other letters it only hides.
_JOINER = "\N{ZERO WIDTH JOINER}"
_JOINED = {"So", "Sk", "Mn", "Mc", "Lo"}


def decode_name(entry: Entry, limits: Limits) -> str:
    """Return an entry's name as a relative path with forward slashes; a folder's ends with one.

    Raises:
        IntegrityError: ``NAME_EMPTY``, ``NAME_ENCODING``, ``PATH_ABSOLUTE``, ``PATH_BACKSLASH``,
            ``PATH_TRAVERSAL``, ``PATH_NOT_NORMAL``, ``PATH_DEPTH``, ``NAME_TOO_LONG``,
            ``NAME_CHARS``, ``NAME_WINDOWS`` or ``NAME_NOT_NFC``.
    """
    if not entry.name:
        raise refusal("NAME_EMPTY", "An entry has no name.")
    try:
        name = entry.name.decode("utf-8" if entry.flags & UTF8 else "ascii")
    except UnicodeDecodeError:
        raise refusal(
            "NAME_ENCODING",
            f"The name {shown(entry.name)} is not UTF-8, or does not say that it is.",
        ) from None
    _check_place(name)
    _check_length(name, limits)
    for part in name.rstrip("/").split("/"):
        problem = part_problem(part)
        if problem:
            raise refusal(
                problem, f"The name {shown(name)} does not mean one file on every system."
            )
    return name


def _check_place(name: str) -> None:
    said = shown(name)
    if name[0] in "/\\" or _DRIVE.match(name):
        raise refusal("PATH_ABSOLUTE", f"The path {said} does not stay in its folder.")
    if "\\" in name:
        raise refusal("PATH_BACKSLASH", f"The path {said} has backslashes.")
    parts = name.removesuffix("/").split("/")
    level = 0
    for part in parts:
        level += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if level < 0:
            raise refusal("PATH_TRAVERSAL", f"The path {said} leads out of its folder.")
    if parts == ["."]:
        raise refusal("PATH_TRAVERSAL", f"The path {said} names the folder itself.")
    if {"", ".", ".."} & set(parts):
        raise refusal("PATH_NOT_NORMAL", f"The path {said} is not in its shortest form.")


def _check_length(name: str, limits: Limits) -> None:
    parts = name.rstrip("/").split("/")
    if len(parts) > limits.depth:
        raise refusal("PATH_DEPTH", f"The path {shown(name)} is {len(parts)} folders deep.")
    longest = max(len(part.encode()) for part in parts)
    if len(name) > limits.path or longest > limits.component:
        raise refusal("NAME_TOO_LONG", f"The name {shown(name)} is too long.")


def part_problem(part: str) -> str | None:
    """Return the code of what is wrong with one part of a path, or None."""
    if any(_is_invisible(part, index) for index in range(len(part))):
        return "NAME_CHARS"
    if (
        part[-1] in ". "
        or _WINDOWS & set(part)
        or _DEVICE.fullmatch(part)
        or _SHORT.fullmatch(part)
    ):
        return "NAME_WINDOWS"
    plain = unicodedata.normalize("NFKC", part)
    if plain != unicodedata.normalize("NFC", part):
        return "NAME_CHARS" if set("./\\:") & (set(plain) - set(part)) else "NAME_NOT_NFC"
    return None


def _is_invisible(part: str, index: int) -> bool:
    char = part[index]
    if char.isascii():
        return not char.isprintable()
    if char == _JOINER and 0 < index < len(part) - 1:
        return unicodedata.category(part[index - 1]) not in _JOINED
    return char in _BLANK or unicodedata.category(char) in _INVISIBLE


def check_collisions(names: list[str]) -> None:
    """Check that no two names, or folders on the way to them, meet on any file system.

    Raises:
        IntegrityError: ``DUPLICATE``, ``NAME_CONFLICT`` (a file and a folder of one name),
            ``NAME_COLLISION_CASE`` or ``NAME_COLLISION_UNICODE``.
    """
    seen: dict[str, tuple[str, str]] = {}
    for name in names:
        parts = name.rstrip("/").split("/")
        for count in range(1, len(parts)):
            _claim(seen, "/".join(parts[:count]), _ON_THE_WAY)
        _claim(seen, "/".join(parts), "folder" if name.endswith("/") else "file")


def _claim(seen: dict[str, tuple[str, str]], path: str, role: str) -> None:
    folded = _folded(path)
    other, other_role = seen.get(folded, (path, _ON_THE_WAY))
    if other != path:
        same = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", path)
        code = "NAME_COLLISION_UNICODE" if same else "NAME_COLLISION_CASE"
        raise refusal(code, f"{shown(path)} and {shown(other)} are one file on some systems.")
    if role == other_role != _ON_THE_WAY:
        raise refusal("DUPLICATE", f"{shown(path)} is there twice.")
    if folded in seen and "file" in (role, other_role):
        raise refusal("NAME_CONFLICT", f"{shown(path)} is both a file and a folder.")
    seen[folded] = (path, other_role if role == _ON_THE_WAY else role)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).upper().casefold())
