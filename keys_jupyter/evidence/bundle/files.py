"""Files of a bundle on their way to the disk: measured in pieces, written whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from keys_jupyter.errors import InputError, SurroundingsError
from keys_jupyter.evidence.bundle.container import (
    MOST_BYTES,
    Measure,
    central_header,
    check_names,
    ending,
    local_header,
    measured,
)
from keys_jupyter.store.files import written_beside

_PIECE = 1024 * 1024

# Told the bytes of each piece of a file that was read or written; what it raises ends the work.
Told = Callable[[int], None]


def silent(_bytes: int) -> None:
    """Tell nobody."""


def measure(content: bytes | Path, told: Told = silent) -> Measure:
    """Measure one file."""
    return measured(_pieces(content, told))


def write(
    files: Mapping[str, bytes | Path],
    measures: Mapping[str, Measure],
    target: Path,
    told: Told = silent,
) -> tuple[str, int]:
    """Write a bundle's zip, and return its sha256 and size.

    Args:
        files: the bundle's files.
        measures: what each of them measures.
        target: where the zip is put once it is whole.
        told: told how far it is; nothing is left when it raises.

    Raises:
        InputError: it would be larger than a zip of its kind can be.
        SurroundingsError: the place cannot be written; nothing is left there.
    """
    names = sorted(files)
    check_names(names)
    if sum(measures[name].size + 1000 for name in names) > MOST_BYTES:
        raise InputError(
            "BUNDLE_TOO_LARGE",
            "The bundle would be larger than 4 GB, so it was not made.",
            "Export an earlier record of the incident with --at, or remove large files from later runs.",
        )
    try:
        return _written(files, measures, names, target, told)
    except OSError as error:
        raise SurroundingsError(
            "BUNDLE_UNWRITABLE",
            f"The bundle cannot be written: {error.strerror or 'the disk does not take it'}.",
            "Choose another file with -o, or free space.",
        ) from error


def _written(
    files: Mapping[str, bytes | Path],
    measures: Mapping[str, Measure],
    names: list[str],
    target: Path,
    told: Told,
) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with written_beside(target) as out:
        for piece in _zip(files, measures, names, told):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _zip(
    files: Mapping[str, bytes | Path],
    measures: Mapping[str, Measure],
    names: list[str],
    told: Told,
) -> Iterator[bytes]:
    directory, offset = [], 0
    for name in names:
        size, crc = measures[name].size, measures[name].crc
        directory.append(central_header(name, size, crc, offset))
        header = local_header(name, size, crc)
        yield header
        yield from _pieces(files[name], told)
        offset += len(header) + size
    lines = b"".join(directory)
    yield lines
    yield ending(len(names), len(lines), offset)


def _pieces(content: bytes | Path, told: Told) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        told(len(content))
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
            told(len(piece))
