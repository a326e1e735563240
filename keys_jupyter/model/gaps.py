"""One line of what a runbook asks to keep in, what of it nothing shows out; the panel and the bundle say the same."""

from __future__ import annotations

from collections.abc import Sequence


def gap(kind: str, state: str, text: str, lack: Sequence[str]) -> str:
    """Return what is missing of one line, in words; nothing where all is there or a person ticked it.

    Args:
        kind: artifact or entry; only artifacts can be missing.
        state: how it stands.
        text: the runbook's words.
        lack: what of it is not there.
    """
    if kind != "artifact" or state in ("kept", "ticked"):
        return ""
    return f"{text} (lacking: {', '.join(lack)})" if state == "part" and lack else text
