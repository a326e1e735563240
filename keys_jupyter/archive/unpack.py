"""An archive's bytes in, its files out, by the rules that hold for every archive and not only packs."""

from __future__ import annotations

import stat
import unicodedata
from dataclasses import dataclass

from keys_jupyter.archive.directory import Entry, read_entries
from keys_jupyter.archive.ending import find_directory
from keys_jupyter.archive.inflate import Budget
from keys_jupyter.archive.layout import Extent, lay_out
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.members import Members
from keys_jupyter.archive.naming import check_collisions, decode_name
from keys_jupyter.archive.refusal import refusal, shown

_UNIX = {3, 19}
_WINDOWS = {0, 10, 11, 14}
_REPARSE_POINT = 0x0400
_SPECIAL = {stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK}


@dataclass(frozen=True)
class Plan:
    """An archive whose structure and names are sound; nothing is unpacked yet."""

    files: dict[str, Extent]
    folders: list[Extent]
    notes: list[str]  # what was left out or changed, for people


def plan(data: bytes, limits: Limits) -> Plan:
    """Check everything that can be known without unpacking.

    Raises:
        IntegrityError: with the code of the first thing that is wrong.
    """
    if len(data) > limits.archive:
        raise refusal("ARCHIVE_SIZE", f"The archive is larger than {limits.archive} bytes.")
    directory = find_directory(data)
    extents = lay_out(data, read_entries(data, directory, limits), directory.start)
    names = [decode_name(extent.entry, limits) for extent in extents]
    notes = [note for extent in extents if (note := _check_kind(extent.entry))]
    check_collisions(names)
    Budget(limits).admit(extents)
    named = list(zip(names, extents, strict=True))
    folders = [extent for name, extent in named if name.endswith("/")]
    files = {
        unicodedata.normalize("NFC", name): extent
        for name, extent in named
        if not name.endswith("/")
    }
    return Plan(files, folders, notes)


def unpack(data: bytes, planned: Plan, files: dict[str, Extent], limits: Limits) -> Members:
    """Unpack everything once, counting, and return those files that are wanted.

    Small archives stay in memory as they were counted, so that they are unpacked only once.

    Args:
        data: the archive.
        planned: what was found in it.
        files: the wanted ones of its files, by the path they shall have.
        limits: the most that may come out.

    Raises:
        IntegrityError: when what comes out is not what the headers state, or is too much.
    """
    budget = Budget(limits)
    wanted = set(files.values())
    for extent in (*planned.folders, *planned.files.values()):
        if extent not in wanted:
            _drain(data, extent, budget)
    keep = sum(extent.entry.size for extent in wanted) <= limits.kept
    held = {}
    for path, extent in files.items():
        if keep:
            held[path] = b"".join(budget.counted(data, extent))
        else:
            _drain(data, extent, budget)
    return Members(data, files, held)


def _drain(data: bytes, extent: Extent, budget: Budget) -> None:
    for _ in budget.counted(data, extent):
        continue


def _check_kind(entry: Entry) -> str | None:
    """Refuse what is neither file nor folder; return a note when permissions were dropped."""
    folder = entry.name.endswith(b"/")
    if folder and (entry.size or entry.crc):
        raise refusal("DIR_WITH_DATA", f"The folder {shown(entry.name)} has contents of its own.")
    if entry.host in _WINDOWS and entry.attributes & _REPARSE_POINT:
        raise refusal("ENTRY_TYPE", f"{shown(entry.name)} is a link.")
    mode = entry.attributes >> 16
    kind = stat.S_IFMT(mode)
    if entry.host not in _UNIX | _WINDOWS:
        return None
    expected = {0, stat.S_IFDIR} if folder else {0, stat.S_IFREG}
    if kind in _SPECIAL or (entry.host in _UNIX and kind not in expected):
        raise refusal("ENTRY_TYPE", f"{shown(entry.name)} is not a plain file or folder.")
    if entry.host in _UNIX and mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX):
        return f"Special permissions of {shown(entry.name)} were dropped."
    return None
