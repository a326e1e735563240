"""How much an archive may ask of this machine: every limit is a field with its unit.

What happens when one is passed is said where it is counted: :mod:`keys_jupyter.archive.inflate` for what
comes out of the archive, :mod:`keys_jupyter.archive.naming` for names.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The most that is accepted; the defaults suit packs a person would want to install."""

    archive: int = 256 * MIB  # bytes of the zip itself
    total: int = 1024 * MIB  # bytes, all entries unpacked
    entry: int = 200 * MIB  # bytes, one entry unpacked
    entry_ratio: int = 100  # unpacked bytes to packed byte, one entry ...
    entry_ratio_from: int = MIB  # ... looked at above this many unpacked bytes
    total_ratio: int = 50  # unpacked bytes to packed byte, all entries ...
    total_ratio_from: int = 64 * MIB  # ... looked at above this many unpacked bytes
    entries: int = 5000  # count of entries, folders included
    depth: int = 20  # parts of one path
    component: int = 120  # bytes of UTF-8, one part of a path
    path: int = 240  # characters, one whole path
    metadata: int = MIB  # bytes of key.json or pack.json
    notebook: int = 50 * MIB  # bytes of one notebook
    json_depth: int = 100  # nested lists and objects of one JSON file
    json_values: int = 500_000  # strings, lists, objects and commas of one JSON file
    kept: int = 16 * MIB  # bytes unpacked up to which a pack stays in memory after it was checked
