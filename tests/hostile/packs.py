"""F. Not the archive but the pack."""

from __future__ import annotations

import hashlib
import json

from tests.hostile.case import Case, key_json, notebook, pack
from tests.hostile.writer import Item, write


def keyed(**changed: object) -> bytes:
    return write([key_json(**changed), notebook()]).closed()


def raw_key(text: bytes) -> bytes:
    return write([Item(b"key.json", text), notebook()]).closed()


def raw_notebook(text: bytes) -> bytes:
    return pack(Item(b"odd.ipynb", text))


def asked(number: int, code: str, field: str, *values: str) -> list[Case]:
    return [
        Case(number, f"{field} {ascii(value)[:30]}", code, pack, {field: value}) for value in values
    ]


DIGEST = hashlib.sha256(pack()).hexdigest()
OTHER = hashlib.sha256(keyed(version="1.0.1")).hexdigest()

CASES = [
    *asked(73, "CATALOG_INVALID", "version", "../../x", "1.0/../..", "." * 50, "", "1.0.0\n", "1."),
    *asked(73, "CATALOG_INVALID", "version", "nul", "1" * 51, "1.0.0\0", "١.٠"),
    *asked(73, "CATALOG_INVALID", "slug", "jupyter-١", "../x", "A", "a--b", "con", "a/b", ""),
    Case(73, "version in key.json", "METADATA_INVALID", lambda: keyed(version="../../x")),
    Case(73, "slug in key.json", "METADATA_INVALID", lambda: keyed(slug="../x")),
    Case(73, "device as slug in key.json", "METADATA_INVALID", lambda: keyed(slug="aux")),
    Case(73, "another slug", "IDENTITY_MISMATCH", pack, {"slug": "jupyter-other"}),
    Case(73, "another version", "IDENTITY_MISMATCH", pack, {"version": "1.0.1"}),
    *asked(74, "DIGEST", "sha256", DIGEST.upper(), DIGEST[:-1], "", DIGEST + "\n", "g" * 64),
    *asked(74, "DIGEST_MISMATCH", "sha256", OTHER, "0" * 64),
    Case(
        76,
        "README that is absent",
        "MANIFEST",
        lambda: keyed(documentation={"readme": "README.md"}),
    ),
    Case(76, "entry that is absent", "MANIFEST", lambda: keyed(entry="other.ipynb")),
    Case(
        76,
        "listed file that is absent",
        "MANIFEST",
        lambda: keyed(files=["key.json", "notebooks/example.ipynb", "x.csv"]),
    ),
    Case(76, "file that is not listed", "MANIFEST", lambda: keyed(files=["key.json"])),
    Case(76, "no metadata", "METADATA_MISSING", lambda: write([notebook()]).closed()),
    Case(
        76,
        "metadata two folders down",
        "METADATA_MISSING",
        lambda: write([Item(b"a/b/key.json", key_json().data)]).closed(),
    ),
    Case(
        76,
        "two top folders",
        "METADATA_MISSING",
        lambda: write([Item(b"a/key.json", key_json().data), notebook(b"b/x.ipynb")]).closed(),
    ),
    Case(
        76,
        "two kinds of metadata",
        "METADATA_INVALID",
        lambda: pack(Item(b"pack.json", key_json().data)),
    ),
    Case(76, "not JSON", "METADATA_INVALID", lambda: raw_key(b"{slug: x}")),
    Case(76, "not UTF-8", "METADATA_INVALID", lambda: raw_key('{"slug": "é"}'.encode("latin-1"))),
    Case(76, "a list", "METADATA_INVALID", lambda: raw_key(b"[]")),
    Case(76, "NaN", "METADATA_INVALID", lambda: raw_key(b'{"x": NaN}')),
    Case(
        76,
        "a name twice",
        "METADATA_INVALID",
        lambda: raw_key(json.dumps({"slug": "a"}).encode()[:-1] + b', "slug": "b"}'),
    ),
    Case(
        76,
        "a number of 5000 digits",
        "METADATA_INVALID",
        lambda: raw_key(b'{"x": ' + b"9" * 5000 + b"}"),
    ),
    Case(79, "notebook that is none", "NOTEBOOK", lambda: raw_notebook(b"<html>")),
    Case(
        79,
        "notebook of format 3",
        "NOTEBOOK",
        lambda: raw_notebook(b'{"nbformat": 3, "metadata": {}, "worksheets": []}'),
    ),
    Case(
        79,
        "notebook with Infinity",
        "NOTEBOOK",
        lambda: raw_notebook(b'{"cells": [], "metadata": {"x": -Infinity}, "nbformat": 4}'),
    ),
    Case(
        79,
        "cell without metadata",
        "NOTEBOOK",
        lambda: raw_notebook(
            b'{"cells": [{"cell_type": "code", "source": ""}], "metadata": {}, "nbformat": 4}'
        ),
    ),
    Case(
        79,
        "half a character, trusted",
        "NOTEBOOK",
        lambda: raw_notebook(
            b'{"cells": [], "metadata": {"trusted": true, "x": "\\ud800"}, "nbformat": 4}'
        ),
    ),
]
