"""What a bundle does not prove, said in every bundle: first what always holds, then what holds for this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys_jupyter.evidence.bundle.words import moment

_ALWAYS = (
    "The ledger and its signing key lie on one machine. Whoever controls that machine could have written another "
    "ledger and signed it. Only a checkpoint that somebody else holds shows that nothing was rewritten since.",
    "The times are those of that machine's clock. Nobody else attests them.",
    "People are named as the account or the person says; nobody checked an identity document.",
    "That a notebook ran and what it printed is recorded. Whether its logic is right is not.",
    "Code that ran in a notebook had the same rights on that machine as the recorder itself.",
    "Pictures and other binary files were not searched for secrets.",
)


def limits_of(facts: Mapping[str, Any]) -> list[str]:
    """Return the limits of an incident's bundle as sentences."""
    said = list(_ALWAYS)
    said.append(_last_left(facts["left"]))
    if facts["items"]:
        said.append(
            "Which of the artifacts that the runbook asks for are there is as the program judged it by names of keys and "
            "files; a verifier does not judge that again."
        )
    if facts["incident"]["rehearsal"]:
        said.append("This was a rehearsal, not a real incident.")
    if facts["incident"]["demo"]:
        said.append("This was a demonstration on sample data.")
    by_hand = any(item["by_hand"] for item in facts["evidence"])
    if by_hand or any(run["mode"] != "headless" for run in facts["runs"]):
        said.append(
            "Some notebooks were run by hand in an open editor. For those, only what the saved notebook shows was "
            "recorded: the order of cells, what ran in between and who ran it are not known."
        )
    noted = [note for run in facts["runs"] for note in run["notes"]]
    said += list(dict.fromkeys(noted))
    if any(item["redacted_at_export"] for item in facts["evidence"]):
        said.append(
            "In some files a secret was found only at export. It was taken out, so these files differ from "
            "what the ledger holds the digest of."
        )
    if facts["cleared"]:
        said.append(
            "People decided that something that looked like a secret is none; it stands in what was captured after "
            "that. Who decided what, and why, is listed under redactions."
        )
    if any(run["id"] and not run["pack_sha256"] for run in facts["runs"]):
        said.append("Some notebooks came from the workspace and not from a verified pack.")
    return said


def period_limits(facts: Mapping[str, Any]) -> list[str]:
    """Return the limits of a period's bundle as sentences."""
    said = list(_ALWAYS)
    said.append(_last_left(facts["left"]))
    said.append(
        "The kept files are listed with their digests and are not in this bundle; each incident's own bundle holds them."
    )
    said.append(
        "The end of the period is complete as far as the ledger reached at the last record in it. That nothing was "
        "recorded later in the period is shown only by a later checkpoint."
    )
    if any(not run["incident"] for run in facts["runs"]):
        said.append(
            "Runs outside of incidents are listed as the store holds them; they have no records in the ledger."
        )
    return said


def _last_left(left: Any) -> str:
    if not left:
        return (
            "Before the last record in this bundle, no checkpoint had left the machine: up to then nobody else "
            "could have noticed a rewritten ledger."
        )
    last = left[-1]
    return (
        f"The last checkpoint before the last record in this bundle left the machine at {moment(last['at'])} "
        f"(record {last['index']}, {last['size']} records, by {last['outlet']}). What was recorded after it is "
        "protected only from the next one on."
    )
