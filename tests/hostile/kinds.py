"""C. What kind of thing it is."""

from __future__ import annotations

import stat

from tests.hostile.case import Case, names, pack
from tests.hostile.writer import Item


def special(kind: int, *, made_by: int = 3 << 8 | 20) -> bytes:
    return pack(Item(b"x.txt", b"/etc/passwd", attributes=(kind | 0o777) << 16, made_by=made_by))


def link_then_file() -> bytes:
    link = Item(b"d", b"/srv", attributes=(stat.S_IFLNK | 0o777) << 16)
    return pack(link, Item(b"d/evil", b"x"))


FOLDER = {"attributes": (stat.S_IFDIR | 0o755) << 16 | 0x10, "method": 0}

CASES = [
    Case(25, "symlink out", "ENTRY_TYPE", lambda: special(stat.S_IFLNK)),
    Case(25, "symlink by macOS", "ENTRY_TYPE", lambda: special(stat.S_IFLNK, made_by=19 << 8 | 20)),
    Case(25, "symlink by a DOS zip", "ENTRY_TYPE", lambda: special(stat.S_IFLNK, made_by=20)),
    Case(26, "symlink and a file behind it", "ENTRY_TYPE", link_then_file),
    Case(
        27,
        "symlink inside",
        "ENTRY_TYPE",
        lambda: pack(Item(b"l", b"key.json", attributes=stat.S_IFLNK << 16)),
    ),
    Case(
        27,
        "Windows reparse point",
        "ENTRY_TYPE",
        lambda: pack(Item(b"l.txt", b"x", attributes=0x0420, made_by=10 << 8 | 20)),
    ),
    Case(28, "FIFO", "ENTRY_TYPE", lambda: special(stat.S_IFIFO)),
    Case(29, "character device", "ENTRY_TYPE", lambda: special(stat.S_IFCHR)),
    Case(30, "block device", "ENTRY_TYPE", lambda: special(stat.S_IFBLK)),
    Case(31, "socket", "ENTRY_TYPE", lambda: special(stat.S_IFSOCK)),
    Case(31, "folder without a slash", "ENTRY_TYPE", lambda: special(stat.S_IFDIR)),
    Case(31, "file with a slash", "ENTRY_TYPE", lambda: pack(Item(b"x/", method=0))),
    Case(33, "folder with contents", "DIR_WITH_DATA", lambda: pack(Item(b"d/", b"x", **FOLDER))),
    Case(
        33,
        "folder with a checksum",
        "DIR_WITH_DATA",
        lambda: pack(Item(b"d/", **FOLDER, local={"crc": 7}, central={"crc": 7})),
    ),
    *names(34, "NAME_CONFLICT", ("a", "a/b"), ("a/b", "a"), ("a/b/c", "a/b")),
    *names(35, "NAME_RESERVED", ".git/hooks/x", ".GIT/config", ".ipynb_checkpoints/x.ipynb"),
    *names(35, "NAME_RESERVED", ".jupyter/x.json", "jupyter_server_config.py", "a/conftest.py"),
    *names(35, "NAME_RESERVED", "jupyter_notebook_config.json", "Jupyter_Config.py", ".env"),
    *names(35, "NAME_RESERVED", "sitecustomize.py", "usercustomize.py", "x.pth", "lib/.bashrc"),
    *names(36, "TYPE_NOT_ALLOWED", "x.exe", "x.so", "x.so.1", "x.ps1", "x.lnk", "x.desktop"),
    *names(36, "TYPE_NOT_ALLOWED", "x.PYC", "x.pkl", "x.whl", "x.jar", "x.dll", "x.command"),
]
