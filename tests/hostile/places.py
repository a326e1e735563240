"""A. Where it would land."""

from __future__ import annotations

from tests.hostile.case import names

CASES = [
    *names(1, "PATH_TRAVERSAL", "../evil.ipynb"),
    *names(2, "PATH_TRAVERSAL", "a/../../evil"),
    *names(3, "PATH_NOT_NORMAL", "a/../b"),
    *names(4, "PATH_ABSOLUTE", "/etc/cron.d/x"),
    *names(5, "PATH_ABSOLUTE", "C:\\x", "C:x", "\\x"),
    *names(6, "PATH_ABSOLUTE", "\\\\srv\\share\\x", "//srv/share/x", "\\\\?\\C:\\x", "\\??\\C:\\x"),
    *names(7, "PATH_BACKSLASH", "..\\..\\evil", "a\\b"),
    *names(8, "PATH_NOT_NORMAL", "./x", "a//b", "a/./b", "a/b//"),
    *names(9, "NAME_EMPTY", ""),
    *names(10, "PATH_TRAVERSAL", ".", "..", "../"),
    *names(11, "PATH_TRAVERSAL", "../jupyter-example-evil/x"),
]
