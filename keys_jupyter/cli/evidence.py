"""``evidence …``: what is kept, bundles, their verification, checkpoints, and two runs compared.

Not here: what the use cases do. Each function parses what is left to parse, makes one call and prints the answer.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keys_jupyter.cli import exporting
from keys_jupyter.cli.printing import answer
from keys_jupyter.errors import InputError

if TYPE_CHECKING:
    from keys_jupyter.cli.printing import Add, Command, Commands, Group
    from keys_jupyter.cli.surroundings import Desk
    from keys_jupyter.model.bundle import Comparison, Compliance, Difference, Exported, Verified
    from keys_jupyter.model.evidence import FindingList

EXAMPLES = {
    "evidence list": "jupyter keys evidence list 1",
    "evidence findings": "jupyter keys evidence findings 1",
    "evidence clear": 'jupyter keys evidence clear 1 3f9a --reason "the test key of our docs"',
    "evidence compliance": "jupyter keys evidence compliance --from 2026-10-01 --to 2026-12-31",
    "evidence collect": "jupyter keys evidence collect mine.ipynb --incident 1",
    "evidence export": "jupyter keys evidence export 1 -o incident-1.zip",
    "evidence verify": "jupyter keys evidence verify incident-1.zip --against checkpoint.txt",
    "evidence compare": "jupyter keys evidence compare 1a2b3c4d 5e6f7a8b",
    "evidence checkpoint": 'jupyter keys evidence checkpoint --to "ticket OPS-12"',
}
_INTERRUPTED = 130
_COMMITMENT = re.compile(r"[0-9a-f]{4,64}")
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_KEPT_AS_IT_IS = "What was taken out already stays out: the original text is not kept. Collect or attach the file again to have it."


def add_commands(commands: Commands, add: Add, group: Group) -> None:
    """Add the commands of this room."""
    evidence = group(commands, "evidence", "look at, export and verify evidence")
    listing = add(evidence, "list", "list what is kept under an incident", group="evidence")
    listing.add_argument("id", metavar="ID")
    collecting = add(evidence, "collect", "collect a notebook by hand", group="evidence")
    collecting.add_argument("notebook", metavar="NOTEBOOK")
    collecting.add_argument("--incident", metavar="ID", help="of a notebook that is no run's")
    collecting.add_argument("--step", metavar="STEP", help="the step it belongs to")
    _add_review(evidence, add)
    _add_bundles(evidence, add)
    comparing = add(evidence, "compare", "show what differs between two runs", group="evidence")
    comparing.add_argument("left", metavar="RUN")
    comparing.add_argument("right", metavar="RUN")
    leaving = add(
        evidence,
        "checkpoint",
        "print a checkpoint to keep elsewhere, and record that it left",
        group="evidence",
    )
    leaving.add_argument(
        "--to", default="printed on the command line", metavar="WHERE", help="where it is kept"
    )
    leaving.add_argument(
        "--since", type=int, metavar="SIZE", help="prove that it continues the ledger of this size"
    )
    leaving.add_argument(
        "--status", action="store_true", help="only say when the last one left; nothing is recorded"
    )


def _add_review(evidence: Commands, add: Add) -> None:
    findings = add(evidence, "findings", "list what redaction found", group="evidence")
    findings.add_argument("id", metavar="ID")
    clearing = add(evidence, "clear", "say that a finding is no secret", group="evidence")
    clearing.add_argument("id", metavar="ID")
    clearing.add_argument("commitment", metavar="COMMITMENT", help="or its beginning")
    clearing.add_argument("--reason", required=True, metavar="TEXT", help="what it is instead")
    counting = add(
        evidence, "compliance", "count incidents by framework and month", group="evidence"
    )
    counting.add_argument("--from", dest="start", metavar="DAY", help="such as 2026-10-01")
    counting.add_argument("--to", dest="end", metavar="DAY", help="the last day, included")
    counting.add_argument("--runbook", metavar="SLUG")
    counting.add_argument("--severity", metavar="P1")
    counting.add_argument("--rehearsal", choices=("no", "only", "all"), default="no")


def _add_bundles(evidence: Commands, add: Add) -> None:
    bundle = add(
        evidence, "export", "write the bundle of an incident or a period", group="evidence"
    )
    bundle.add_argument("id", metavar="ID", nargs="?")
    bundle.add_argument("--at", type=int, metavar="N", help="as it was at record N")
    bundle.add_argument("--from", dest="start", metavar="DAY", help="such as 2026-10-01")
    bundle.add_argument("--to", dest="end", metavar="DAY", help="the last day, included")
    bundle.add_argument("-o", "--output", type=Path, metavar="FILE")
    verifying = add(
        evidence, "verify", "say whether a bundle holds, and if not what does not", group="evidence"
    )
    verifying.add_argument("file", type=Path, metavar="FILE")
    verifying.add_argument(
        "--against", metavar="CHECKPOINT", help="a file with a checkpoint that somebody kept, or - "
    )
    verifying.add_argument("--key", metavar="HEX", help="the fingerprint that the key should have")


def evidence_list(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what is kept under an incident."""
    from keys_jupyter.cli import words

    reply = desk.service.incidents.evidence(parsed.id)
    return answer(parsed, reply, words.evidence(reply.evidence))


def evidence_collect(desk: Desk, parsed: argparse.Namespace) -> int:
    """Collect a notebook as it is saved; any other file is attached."""
    from keys_jupyter.cli import words
    from keys_jupyter.model.evidence import CollectRequest
    from keys_jupyter.model.working import AttachRequest

    name = desk.service.runs.from_workspace(desk.here / parsed.notebook)
    if not name.endswith(".ipynb"):
        if not parsed.incident:
            raise InputError(
                "WHICH_INCIDENT",
                f"{name} is no notebook; a file belongs to an incident.",
                "Name the incident with --incident, and the step with --step.",
            )
        request = AttachRequest(path=name, step=parsed.step)
        listed = desk.service.additions.attach(parsed.incident, request)
        return answer(parsed, listed, words.evidence(listed.evidence[-1:]))
    reply = desk.service.collecting.collect(
        CollectRequest(path=name, incident=parsed.incident, step=parsed.step)
    )
    lines = [reply.summary, words.evidence(reply.kept), reply.standing if reply.kept else ""]
    return answer(parsed, reply, "\n".join(line for line in lines if line))


def evidence_findings(desk: Desk, parsed: argparse.Namespace) -> int:
    """List what redaction found."""
    reply = desk.service.reviewing.findings(parsed.id)
    return answer(parsed, reply, _findings(reply))


def evidence_clear(desk: Desk, parsed: argparse.Namespace) -> int:
    """Say that a finding is no secret."""
    from keys_jupyter.model.evidence import ClearRequest

    if not _COMMITMENT.fullmatch(parsed.commitment.lower()):
        raise InputError(
            "BAD_COMMITMENT",
            "A finding is named by at least four characters of its commitment, 0-9 and a-f.",
            'They stand in its marker, and in "jupyter keys evidence findings".',
        )
    request = ClearRequest(commitment=parsed.commitment.lower(), reason=parsed.reason[:2000] or " ")
    reply = desk.service.reviewing.clear(parsed.id, request)
    return answer(parsed, reply, f"{_findings(reply)}\n{_KEPT_AS_IT_IS}")


def evidence_compliance(desk: Desk, parsed: argparse.Namespace) -> int:
    """Count incidents by framework and month."""
    from keys_jupyter.model.bundle import ComplianceRequest

    for day in (parsed.start, parsed.end):
        if day and not _DAY.fullmatch(day):
            raise InputError("NOT_A_DAY", f"{day!a} is no day.", "Write it as 2026-11-30.")
    names = ("start", "end", "runbook", "severity", "rehearsal")
    reply = desk.service.compliance.summary(
        ComplianceRequest(**{name: getattr(parsed, name) for name in names})
    )
    return answer(parsed, reply, _matrix(reply))


def evidence_export(desk: Desk, parsed: argparse.Namespace) -> int:
    """Write a bundle, saying how far it is; Ctrl-C stops it and leaves nothing behind."""
    target = desk.here / parsed.output if parsed.output else None
    service = desk.service.evidence
    if parsed.id and not (parsed.start or parsed.end):
        export = partial(service.export, parsed.id, parsed.at, target)
    elif parsed.start and parsed.end and not parsed.id and parsed.at is None:
        export = partial(service.export_period, parsed.start, parsed.end, target)
    else:
        raise InputError(
            "WHAT_TO_EXPORT",
            "An export is of one incident, or of a period given by --from and --to.",
            "Give an incident, or both days.",
        )
    reply, interrupted = exporting.exported(desk, export, quiet=parsed.json)
    answer(parsed, reply, _exported(reply))
    return _INTERRUPTED if interrupted else 0


def evidence_verify(desk: Desk, parsed: argparse.Namespace) -> int:
    """Verify a bundle; 5 where it does not hold, 1 where a held checkpoint proves nothing either way."""
    from keys_jupyter.evidence.verify.main import EXIT_CODES

    reply = desk.service.evidence.verify_file(
        desk.here / parsed.file, _held(desk, parsed.against), parsed.key
    )
    answer(parsed, reply, _verified(reply))
    return EXIT_CODES[reply.verdict]


def evidence_compare(desk: Desk, parsed: argparse.Namespace) -> int:
    """Compare two runs of one key."""
    reply = desk.service.evidence.compare(parsed.left, parsed.right)
    return answer(parsed, reply, _compared(reply))


def evidence_checkpoint(desk: Desk, parsed: argparse.Namespace) -> int:
    """Print a checkpoint, or when the last one left."""
    from keys_jupyter.model.bundle import CheckpointRequest

    if parsed.status:
        state = desk.service.checkpoints.state()
        return answer(parsed, state, state.meaning)
    request = CheckpointRequest(outlet=parsed.to, since=parsed.since)
    reply = desk.service.checkpoints.leave(request)
    if not parsed.json:
        sys.stderr.write(f"Keep this text elsewhere. Key SHA256:{reply.fingerprint}\n")
    return answer(parsed, reply, reply.text)


def _findings(reply: FindingList) -> str:
    if not reply.findings:
        return "Nothing was found that looks like a secret."
    from keys_jupyter.cli.words import table

    return table(
        (
            one.commitment[:12],
            one.rule,
            f"{one.count}x",
            f"no secret: {one.cleared.reason}" if one.cleared else "taken out",
            ", ".join(one.items[:4]) + (" …" if len(one.items) > 4 else ""),
        )
        for one in reply.findings
    )


def _matrix(reply: Compliance) -> str:
    from keys_jupyter.cli.words import table

    count = len(reply.incidents)
    said = f"{count} incident{'s' * (count != 1)} opened from {reply.start} to {reply.end}."
    if not reply.rows:
        return said
    head = ("", *reply.months)
    rows = [
        (name, *(str(counts[month]) for month in reply.months))
        for name, counts in reply.rows.items()
    ]
    return f"{said}\n\n{table([head, *rows])}"


def _held(desk: Desk, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        raw = sys.stdin.buffer.read() if name == "-" else (desk.here / name).read_bytes()
    except OSError as error:
        raise InputError(
            "CHECKPOINT_UNREADABLE",
            f"The checkpoint cannot be read: {error.strerror}.",
            "Save its text as a file and name that.",
        ) from error
    return raw.decode("utf-8", "replace")


def _exported(reply: Exported) -> str:
    lines = [f"Wrote {reply.path}, {reply.size} bytes.", f"sha256 {reply.sha256}"]
    lines += [f"missing  {words}" for words in reply.missing]
    lines += [f"warning  {words}" for words in reply.warnings]
    lines.append(f"Signed by SHA256:{reply.fingerprint}. Its checkpoint, to keep elsewhere:\n")
    return "\n".join(lines) + "\n" + reply.checkpoint


def _verified(reply: Verified) -> str:
    from keys_jupyter.evidence.verify.main import as_text

    return as_text(reply.model_dump(mode="json"))


def _compared(reply: Comparison) -> str:
    blocks = (
        ("Run", reply.facts),
        ("Parameters", reply.parameters),
        ("Results", reply.results),
        ("Outputs", reply.outputs),
        ("Cells", reply.cells),
    )
    lines = [f"{reply.key}: {reply.left[:8]} and {reply.right[:8]}. {reply.summary}"]
    for title, rows in blocks:
        if rows:
            lines += ["", f"{title:<34} {'before':<26} {'after':<26}"]
            lines += [_line(row) for row in rows]
    return "\n".join(lines)


def _line(row: Difference) -> str:
    mark = {"same": " ", "changed": "~", "added": "+", "removed": "-"}[row.change]
    by = "" if row.by is None else f" ({row.by:+g})"
    return f"{mark} {row.name[:32]:<32} {_short(row.left):<26} {_short(row.right):<26}{by}".rstrip()


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 26 else f"{text[:25]}…"


COMMANDS: dict[str, Command] = {
    "evidence list": evidence_list,
    "evidence findings": evidence_findings,
    "evidence clear": evidence_clear,
    "evidence compliance": evidence_compliance,
    "evidence collect": evidence_collect,
    "evidence export": evidence_export,
    "evidence verify": evidence_verify,
    "evidence compare": evidence_compare,
    "evidence checkpoint": evidence_checkpoint,
}
