"""Who a pack says it is, and whether that is who was asked for."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from keys_jupyter.archive.documents import read_object
from keys_jupyter.archive.limits import Limits
from keys_jupyter.archive.naming import part_problem
from keys_jupyter.archive.refusal import refusal, shown
from keys_jupyter.model.pack import KeyMetadata, RunbookMetadata, Sha256, Slug, Version

_Found = TypeVar("_Found")
_MODELS: dict[str, type[KeyMetadata] | type[RunbookMetadata]] = {
    "key.json": KeyMetadata,
    "pack.json": RunbookMetadata,
}
_KINDS = {"operational": "runbook"}
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
_VERSION: TypeAdapter[str] = TypeAdapter(Version)
_SHA256: TypeAdapter[str] = TypeAdapter(Sha256)


def check_asked(slug: str | None, version: str | None, sha256: str | None) -> None:
    """Check what a catalogue says before it is used, since slug and version become folders.

    Raises:
        IntegrityError: ``CATALOG_INVALID`` or ``DIGEST``.
    """
    hint = "The catalogue is damaged; tell whoever runs it."
    for adapter, value, what in ((_SLUG, slug, "slug"), (_VERSION, version, "version")):
        if value is not None and not _is_folder(adapter, value):
            raise refusal("CATALOG_INVALID", f"The {what} {shown(value)} is not one.", hint)
    if sha256 is not None and not _accepts(_SHA256, sha256):
        raise refusal("DIGEST", f"{shown(sha256)} is not a SHA-256 digest in lower-case hex.", hint)


def _accepts(adapter: TypeAdapter[str], value: str) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _is_folder(adapter: TypeAdapter[str], value: str) -> bool:
    return _accepts(adapter, value) and part_problem(value) is None


def below_root(files: dict[str, _Found]) -> dict[str, _Found]:
    """Return the files by their path in the pack: as they are, or below the one top folder.

    Raises:
        IntegrityError: ``METADATA_MISSING`` when neither place has a key.json or pack.json,
            ``METADATA_INVALID`` when it has both.
    """
    tops = {path.partition("/")[0] for path in files}
    if not _MODELS.keys() & files.keys() and len(tops) == 1 and not tops & files.keys():
        prefix = tops.pop() + "/"
        files = {path.removeprefix(prefix): found for path, found in files.items()}
    found = _MODELS.keys() & files.keys()
    if not found:
        raise refusal("METADATA_MISSING", "The archive has no key.json and no pack.json.")
    if len(found) > 1:
        raise refusal("METADATA_INVALID", "The pack has both a key.json and a pack.json.")
    return files


def metadata_path(files: dict[str, Any]) -> str:
    """Return which of the two metadata files a pack has."""
    return next(path for path in _MODELS if path in files)


def read_metadata(
    raw: bytes, path: str, paths: set[str], limits: Limits
) -> KeyMetadata | RunbookMetadata:
    """Read a pack's key.json or pack.json and hold it against the files beside it.

    Raises:
        IntegrityError: ``METADATA_INVALID`` when it is not one, ``MANIFEST`` when it names files that
            are absent or leaves out some that are present, else as for every JSON file.
    """
    found = read_object(raw, path, "METADATA_INVALID", limits)
    try:
        metadata = _MODELS[path].model_validate(found)
    except ValidationError as error:
        problems = ", ".join(f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()[:3])
        raise refusal("METADATA_INVALID", f"{path} is not valid ({problems}).") from None
    for value in (metadata.slug, metadata.version):
        if part_problem(value):
            raise refusal("METADATA_INVALID", f"{shown(value)} in {path} cannot name a folder.")
    _check_manifest(metadata, found.get("files"), path, paths)
    return metadata


def _place(location: tuple[int | str, ...]) -> str:
    return ascii(".".join(str(part) for part in location)).strip("'")[:80]


def _check_manifest(
    metadata: KeyMetadata | RunbookMetadata, listed: object, path: str, paths: set[str]
) -> None:
    named = [name for name in metadata.documentation.values() if name and "://" not in name]
    for name in named:
        if name.removeprefix("./").partition("#")[0] not in paths:
            raise refusal("MANIFEST", f"{path} names {shown(name)}, which is not in the pack.")
    entry = metadata.entry if isinstance(metadata, KeyMetadata) else None
    if entry is not None and not {entry, f"notebooks/{entry}"} & paths:
        raise refusal("MANIFEST", f"{path} names {shown(entry)}, which is not in the pack.")
    if isinstance(listed, list | dict) and set(map(str, listed)) | {path} != paths | {path}:
        raise refusal("MANIFEST", f"The files listed in {path} are not the files of the pack.")


def kind_of(metadata: KeyMetadata | RunbookMetadata) -> str:
    """Return the kind of key, in the words of the catalogue."""
    return _KINDS.get(metadata.tool, metadata.tool)


def check_identity(
    metadata: KeyMetadata | RunbookMetadata, slug: str | None, version: str | None
) -> None:
    """Check that the pack is the one that was asked for.

    Raises:
        IntegrityError: ``IDENTITY_MISMATCH``.
    """
    for what, asked, got in (("slug", slug, metadata.slug), ("version", version, metadata.version)):
        if asked is not None and asked != got:
            raise refusal(
                "IDENTITY_MISMATCH",
                f"The {what} asked for is {shown(asked)} and the pack says {shown(got)}.",
                "The source delivered something else. Nothing was unpacked.",
            )
