"""All checks of a bundle, one after another; each says whether it holds and, where it does not, what differs.

What neither holds nor does not, since the bundle cannot show it, is not proved; nothing else is called so.

A check that meets something it cannot read has failed; it never ends the verifier. Only where the zip itself
is not in its one form nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keys_jupyter.evidence.bundle.container import Measure, Refused, measured, unzipped
from keys_jupyter.evidence.bundle.derive import derived, document_of
from keys_jupyter.evidence.bundle.layout import (
    ATTESTATION,
    FACTS,
    VERIFIER,
)
from keys_jupyter.evidence.verify.opened import Opened, Problem, Unproved, opened_bundle
from keys_jupyter.evidence.verify.recorded import check_kept, check_records, check_runs, check_state
from keys_jupyter.evidence.verify.sealed import (
    check_digests,
    check_signature,
    check_subjects,
)
from keys_jupyter.evidence.verify.treed import (
    check_against,
    check_checkpoint,
    check_inclusion,
    check_left,
)

HOLDS, UNPROVED, FAILS = "holds", "not proved", "fails"
# What reading a document of the wrong shape raises.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def verified(
    data: bytes | memoryview, *, key: str | None = None, against: str | None = None
) -> dict[str, Any]:
    """Check a bundle whole.

    Args:
        data: the zip's bytes.
        key: the fingerprint that the signing key should have, as somebody said it by another way.
        against: the text of a checkpoint that somebody kept.

    Returns:
        ``verdict``, and ``ok`` where that is "holds"; the ``checks`` by name, each with the same two and its
        ``detail``; what is ``missing`` in the bundle, its ``limits``, and ``bundle`` with what it calls itself.
    """
    checks: list[dict[str, Any]] = []

    def check(name: str, look: Callable[[], str]) -> bool:
        try:
            detail, verdict = look(), HOLDS
        except Unproved as unproved:
            detail, verdict = str(unproved), UNPROVED
        except Problem as problem:
            detail, verdict = str(problem), FAILS
        except _UNREADABLE as error:
            detail, verdict = f"It cannot be read: {type(error).__name__}: {error!s:.200}", FAILS
        ok = verdict == HOLDS
        checks.append({"name": name, "ok": ok, "verdict": verdict, "detail": detail})
        return ok

    found: dict[str, memoryview] = {}
    if check("archive", lambda: _archive(data, found)):
        _all(check, found, key, against)
    verdict = verdict_of(checks)
    facts = _facts(found) if verdict != FAILS else {}
    return {
        "ok": verdict == HOLDS,
        "verdict": verdict,
        "checks": checks,
        "missing": facts.get("missing", []),
        "limits": facts.get("limits", []),
        "bundle": {
            name: facts[name] for name in ("kind", "name", "title", "ledger") if name in facts
        },
    }


def verdict_of(checks: list[dict[str, Any]]) -> str:
    """Return what all checks come to: one that fails decides, then one that is not proved."""
    found = {one["verdict"] for one in checks}
    return FAILS if FAILS in found else UNPROVED if UNPROVED in found else HOLDS


def _archive(data: bytes | memoryview, found: dict[str, memoryview]) -> str:
    try:
        found.update(unzipped(memoryview(data)))
    except Refused as refused:
        raise Problem(str(refused)) from None
    return f"{len(found)} files, stored, in the order of their names."


def _all(
    check: Callable[[str, Callable[[], str]], bool],
    found: dict[str, memoryview],
    key: str | None,
    against: str | None,
) -> None:
    measures = {name: measured([view]) for name, view in found.items()}
    check("digests", lambda: check_digests(found, measures))
    box: list[Opened] = []
    check("signature", lambda: check_signature(found, key))
    check("statement", lambda: check_subjects(found, measures))
    if not check("sources", lambda: _opened(found, measures, box)):
        return
    bundle = box[0]
    check("files", lambda: _files(bundle))
    check("checkpoint", lambda: check_checkpoint(bundle))
    check("records", lambda: check_records(bundle))
    check("inclusion", lambda: check_inclusion(bundle))
    check("checkpoints that left", lambda: check_left(bundle))
    check("kept files", lambda: check_kept(bundle))
    check("runs", lambda: check_runs(bundle))
    check("state", lambda: check_state(bundle))
    check("derived files", lambda: _derived(bundle))
    if against is not None:
        check("against the held checkpoint", lambda: check_against(bundle, against))


def _opened(
    found: Mapping[str, memoryview], measures: Mapping[str, Measure], box: list[Opened]
) -> str:
    box.append(opened_bundle(found, measures))
    return "The records, the runbook and what the bundle says of itself are in their one form."


def _files(bundle: Opened) -> str:
    expected = set(bundle.sources) | set(bundle.derived_names) | set(ATTESTATION)
    extra, lacking = sorted(set(bundle.found) - expected), sorted(expected - set(bundle.found))
    if extra or lacking:
        said = [f"{name} does not belong here" for name in extra]
        said += [f"{name} is not there" for name in lacking]
        raise Problem("; ".join(said[:20]))
    return "Every file belongs to the bundle and none is missing."


def _derived(bundle: Opened) -> str:
    sources = {name: bundle.measures[name] for name in bundle.sources}
    made = derived(bundle.read, sources, bundle.public, bundle.read(VERIFIER))
    differ = sorted(name for name in made if bundle.read(name) != made[name])
    if differ:
        raise Problem(f"Made again from the sources, these files differ: {', '.join(differ)}.")
    return (
        f"Facts, report, crate, manifests and guide were made again from the sources: {len(made)} "
        "files, equal to the last byte."
    )


def _facts(found: Mapping[str, memoryview]) -> dict[str, Any]:
    facts: dict[str, Any] = document_of(bytes(found[FACTS]))
    return facts
