"""Bytes of a CSV, JSON or JSON lines file go in, its columns come out, or one readable message."""

from __future__ import annotations

import csv
import gc
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NoReturn, TextIO

from table_columns import ColumnEncoder, InputProblem, Table

# Small chunks stay in the processor cache: half the time of large ones.
CHUNK_ROWS = 1_000
CHUNK_RECORDS = 250
# One field may be a whole document: a prompt, a payload.
LONGEST_FIELD = 1 << 28


def _open_text(path: Path) -> TextIO:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise InputProblem(str(path), "the input cannot be read.", "a file", found)
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        head = stream.read(4096)
    _refuse_other_formats(path.name, head)
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def _refuse_other_formats(file: str, head: bytes) -> None:
    expected = "CSV with a header line, JSON or JSON lines, in UTF-8"
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise InputProblem(file, "the file is empty.", expected, "no data at all")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        fix = "Save it again as UTF-8: iconv -f UTF-16 -t UTF-8 in.csv > out.csv"
        raise InputProblem(file, "the encoding is wrong.", "UTF-8", "UTF-16", fix)
    if head[:4] == b"PK\x03\x04":
        raise InputProblem(file, "this is no text file.", expected, "an Excel or zip file")
    if b"\x00" in head:
        raise InputProblem(file, "this is no text file.", expected, "binary data")
    if text[:1] == b"<":
        raise InputProblem(file, "this is a web page.", expected, "HTML (a sign-in page?)")


def _wrong_encoding(file: str, error: UnicodeDecodeError) -> NoReturn:
    byte = error.object[error.start]
    fix = "Save it again as UTF-8: iconv -f WINDOWS-1252 -t UTF-8 in.csv > out.csv"
    found = f"the byte 0x{byte:02x}, which UTF-8 does not have there (Windows-1252 or Latin-1?)"
    raise InputProblem(file, "the encoding is wrong.", "UTF-8", found, fix) from None


def read_table(
    path: Path | str, wanted: Callable[[str], bool], nested: Collection[str] = ()
) -> Table:
    """Read the wanted columns of a CSV, JSON or JSON lines file, plain or gzip.

    Args:
        path: the file.
        wanted: says for a column's name whether to keep the column.
        nested: JSON objects whose scalars become columns named "object.field"; every other
            object is dropped as it is read. Lists are kept as JSON text.

    Raises:
        InputProblem: when the file cannot be read; the message says why.
    """
    path = Path(path)
    try:
        with _open_text(path) as text, _collector_resting():
            first = text.read(4096).lstrip()[:1]
            text.seek(0)
            if first in ("{", "["):
                table = _read_json(text, path.name, wanted, nested)
            else:
                table = _read_csv(text, path.name, wanted)
    except UnicodeDecodeError as error:
        _wrong_encoding(path.name, error)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputProblem(path.name, "the gzip file is damaged.", "gzip", str(error)) from None
    table.sha256 = _digest(path)
    return table


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Let the collector of cycles rest: it would walk through millions of texts that have none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _read_csv(text: TextIO, file: str, wanted: Callable[[str], bool]) -> Table:
    csv.field_size_limit(LONGEST_FIELD)
    first = next((line for line in text if line.strip()), "")
    separator = max(",;\t|", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=separator))]
    reader = csv.reader(text, delimiter=separator, strict=True)
    encoders = {i: ColumnEncoder(name) for i, name in enumerate(header) if wanted(name)}
    rows = 0
    for chunk in _checked_chunks(reader, len(header), file):
        fields = list(zip(*chunk, strict=True)) or [()] * len(header)
        for index, encoder in encoders.items():
            encoder.extend(fields[index])
        rows += len(chunk)
    columns = {encoder.name: encoder.column() for encoder in encoders.values()}
    return Table(file, "csv", header, columns, rows)


def _checked_chunks(reader: Any, width: int, file: str) -> Iterator[list[list[str]]]:
    expected = f"{width} fields on every line, as in the header"
    while True:
        start = reader.line_num
        try:
            chunk = list(islice(reader, CHUNK_ROWS))
        except csv.Error as error:
            where = f"line {reader.line_num + 1}: {error}"
            raise InputProblem(file, "a row is not CSV.", expected, where) from None
        if not chunk:
            return
        if set(map(len, chunk)) != {width}:
            _refuse_ragged(chunk, width, file, expected, start)
            chunk = [row for row in chunk if row]
        yield chunk


def _refuse_ragged(chunk: list[list[str]], width: int, file: str, expected: str, at: int) -> None:
    # Blank lines are no rows; lines before a quoted line break are counted too, hence the sum.
    line = at + 1
    for row in chunk:
        line += 1 + sum(cell.count("\n") for cell in row)
        if row and len(row) != width:
            shown = ",".join(row)[:60]
            found = f"line {line} has {len(row)}: {shown!r}"
            raise InputProblem(file, "a row is not CSV.", expected, found)


def _decoder(nested: Collection[str]) -> Callable[[str], Any]:
    """Make one decoder for all lines that drops what is not wanted while it reads."""

    def flat(obj: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in obj.items():
            if not isinstance(value, dict):
                kept[key] = value
            elif key in nested:
                kept.update({f"{key}.{inner}": scalar for inner, scalar in value.items()})
        return kept

    return json.JSONDecoder(object_hook=flat).decode


def _parse_json(decode: Callable[[str], Any], text: str, file: str, line: int = 0) -> Any:
    try:
        return decode(text)
    except json.JSONDecodeError as error:
        where = f"line {line + error.lineno}, column {error.colno}: {error.msg}"
        problem = "the file is not JSON."
        expected = "one JSON document, or one JSON object a line"
        raise InputProblem(file, problem, expected, where) from None


def _json_documents(text: TextIO, file: str, nested: Collection[str]) -> Iterator[Any]:
    """Yield each line when the file is JSON lines, else the whole file as one document."""
    decode = _decoder(nested)
    first = next(line for line in text if line.strip())
    try:
        document = decode(first)
    except json.JSONDecodeError:
        text.seek(0)
        yield _parse_json(decode, text.read(), file)
        return
    yield document
    number = 1
    while lines := list(islice(text, CHUNK_RECORDS)):
        yield from _json_lines(lines, decode, file, number)
        number += len(lines)


def _json_lines(
    lines: list[str], decode: Callable[[str], Any], file: str, number: int
) -> Iterator[Any]:
    """Read many lines at once, and where they are not one plain object each, one by one."""
    whole = f"[{','.join(lines)}]"
    if whole.count("{") == len(lines):
        try:
            documents = json.loads(whole)
        except json.JSONDecodeError:
            documents = []
        if len(documents) == len(lines) and set(map(type, documents)) == {dict}:
            yield documents
            return
    for at, line in enumerate(lines, start=number):
        if line.strip():
            yield _parse_json(decode, line.rstrip(), file, at)


def _records(document: Any, notes: list[str]) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        if document.get("has_more") is True:
            notes.append("The file says has_more: it is one page of a longer list.")
        return list(document["data"])
    return [document]


def _read_json(
    text: TextIO, file: str, wanted: Callable[[str], bool], nested: Collection[str]
) -> Table:
    encoders: dict[str, ColumnEncoder] = {}
    table = Table(file, "json")
    documents = _json_documents(text, file, nested)
    records = chain.from_iterable(_records(document, table.notes) for document in documents)
    while chunk := list(islice(records, CHUNK_RECORDS)):
        _refuse_scalars(chunk, file, table.rows)
        columns = _columns_of(chunk)
        for key in columns:
            if key not in table.header:
                table.header.append(key)
                if wanted(key):
                    encoders[key] = ColumnEncoder(key, missing=table.rows)
        for key, encoder in encoders.items():
            encoder.extend(_texts(columns.get(key) or [None] * len(chunk)))
        table.rows += len(chunk)
    table.columns = {key: encoder.column() for key, encoder in encoders.items()}
    table.notes = sorted(set(table.notes))
    return table


def _columns_of(chunk: list[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """Turn records into columns; all at once where every record has the same fields."""
    layout = tuple(chunk[0])
    if len(layout) > 1 and set(map(len, chunk)) == {len(layout)}:
        # So many fields and all of these: no record has another one.
        with suppress(KeyError):
            return dict(
                zip(layout, zip(*map(itemgetter(*layout), chunk), strict=True), strict=True)
            )
    names = dict.fromkeys(chain.from_iterable(chunk))
    return {name: [record.get(name) for record in chunk] for name in names}


def _refuse_scalars(chunk: list[Any], file: str, before: int) -> None:
    if set(map(type, chunk)) == {dict}:
        return
    for number, record in enumerate(chunk, start=before + 1):
        if not isinstance(record, dict):
            found = f"record {number} is {str(record)[:40]!r}"
            raise InputProblem(file, "a record is no object.", "JSON objects", found)


def _texts(values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        return values
    if list in kinds:
        return [_as_text(value) for value in values]
    return ["" if value is None else str(value) for value in values]


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
