"""An incident in plain data, written by hand, for bundles to be made from."""

import hashlib
import json
import struct
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys_jupyter import ledger
from keys_jupyter.evidence.bundle import (
    IncidentMaterial,
    PeriodMaterial,
    Signer,
    incident_sources,
    make,
    period_sources,
    write,
)
from keys_jupyter.evidence.bundle.attestation import pretty
from keys_jupyter.evidence.bundle.cells import cells_digest

ACTOR = {
    "subject": "ada",
    "display": "ada",
    "method": "os",
    "os_user": "ada",
    "host": "desk",
    "claimed_name": None,
}
RUNBOOK = b"# Stripe Webhook Failure\n\n## Diagnosis\n\n1. Look.\n2. Count.\n"
STEPS = ("diagnosis-1", "diagnosis-2", "action-1")
INCIDENT = "0f" * 16
OTHER = "5a" * 16
RUN = "c0ffee00" * 4


def key(seed=1):
    """Return a signing key that is the same in every test."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(private.public_key().public_bytes_raw(), private)


def png(width=3, height=2, shade=120):
    """Return a picture, made by hand."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([shade]) * width for _ in range(height))
    # Stored by hand, since two versions of zlib compress one picture in two ways.
    stored = b"\1" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows
    packed = b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(rows))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def notebook():
    """Return a notebook of one cell, as bytes."""
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a1",
        "metadata": {},
        "outputs": [],
        "source": "1 + 1",
    }
    whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


class Story:
    """A ledger that grows record by record, with the kept bytes beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.bodies = []
        self.owners = []
        self.counts = {}
        self.blobs = {}
        self.left = []

    def add(self, incident, kind, data, step=None, at=None):
        index = len(self.bodies)
        seq = self.counts.get(incident, 0)
        self.counts[incident] = seq + 1
        record = {
            "actor": ACTOR,
            "at": at or f"2026-11-21T03:{index // 60 % 60:02d}:{index % 60:02d}.000Z",
            "data": data,
            "incident": incident,
            "index": index,
            "monotonic": 1.5 + index,
            "seq": seq,
            "step": step,
            "type": kind,
        }
        self.bodies.append(ledger.encode(record))
        self.owners.append(incident)
        return record

    def leave(self, signer):
        """Let a checkpoint of the ledger as it is leave, and record that."""
        tree = self.tree()
        data = {"size": tree.size, "root": tree.root().hex(), "outlet": "copied to a ticket"}
        self.add("", "checkpoint.left", data)
        self.left.append(self.bodies[-1])
        said = ledger.Checkpoint(ledger.origin_of(signer.public), tree.size, tree.root())
        return ledger.signed(said, signer.public, signer.sign)

    def keep(self, incident, run, kind, name, mime, data, step="diagnosis-2"):
        digest = hashlib.sha256(data).hexdigest()
        path = Path(self.folder) / digest
        path.write_bytes(data)
        self.blobs[digest] = path
        facts = {
            "id": f"{(run or 'hand')[:8]}-{len(self.blobs)}",
            "run": run,
            "kind": kind,
            "name": name,
            "mime": mime,
            "sha256": digest,
            "size": len(data),
            "redactions": 0,
        }
        self.add(incident, "evidence.kept", facts, step)

    def tree(self):
        return ledger.Tree(ledger.leaf_hash(body) for body in self.bodies)

    def of(self, incident):
        return [b for b, o in zip(self.bodies, self.owners, strict=True) if o == incident]


def opening(incident=INCIDENT, number=3, rehearsal=False):
    return {
        "incident": incident,
        "number": number,
        "runbook": "stripe-webhook-failure",
        "title": "Stripe Webhook Failure",
        "version": "1.2.0",
        "sha256": hashlib.sha256(RUNBOOK).hexdigest(),
        "severity": "P1",
        "key_types": ["operational"],
        "rehearsal": rehearsal,
        "demo": False,
    }


RESULTS = [
    {
        "name": "delivery_success_rate",
        "label": "Delivery success rate",
        "value": 91.3,
        "unit": "%",
        "expected": {"op": ">", "value": 95},
        "ok": False,
    },
    {"name": "retries", "label": "", "value": 4, "unit": None, "expected": None, "ok": None},
]
CELLS = [
    ("ok", "Read the log", None),
    ("failed", "Plot", {"name": "ValueError", "message": "no rows <b>", "traceback": "…"}),
    ("never_ran", "Save", None),
]


def run_facts(state="CELL_ERROR", run=RUN):
    """Return what is known of the run, as the store would."""
    return {
        "id": run,
        "key": "jupyter-webhook-event-analysis",
        "title": "Webhook event analysis",
        "version": "1.0.0",
        "pack_sha256": "ab" * 32,
        "mode": "headless",
        "state": state,
        "reason": "Cell 2 raised ValueError.",
        "requested_at": "2026-11-21T03:00:03.000Z",
        "started_at": "2026-11-21T03:00:04.000Z",
        "ended_at": "2026-11-21T03:00:05.000Z",
        "parameters": {"input_csv": "logs.csv", "days": 7},
        "inputs": [],
        "incident": INCIDENT,
        "step": "diagnosis-2",
        "results": RESULTS,
        "artifacts": [],
        "cells": [
            {
                "index": number,
                "number": number,
                "type": "code",
                "title": title,
                "state": state,
                "started_at": None,
                "duration": 0.25 if state != "never_ran" else None,
                "error": error,
                "outputs": 0,
            }
            for number, (state, title, error) in enumerate(CELLS, 1)
        ],
    }


def asked(run=RUN):
    facts = run_facts(run=run)
    names = ("key", "version", "pack_sha256", "parameters", "inputs")
    return {"run": run, **{name: facts[name] for name in names}}


def ended(run=RUN):
    facts = run_facts(run=run)
    names = ("state", "reason", "started_at", "ended_at", "results", "artifacts")
    counts = {"ok": 1, "failed": 1, "never_ran": 1}
    bound = cells_digest(facts["cells"])
    told = {name: facts[name] for name in names}
    return {"run": run, "cells": counts, "cells_sha256": bound, **told}


def tell(folder, signer=None, *, payload=b"", incident=INCIDENT, left=True):
    """Return the story of one incident: a step done, a run that fails, a branch, files, an end."""
    signer = signer or key()
    story = Story(folder)
    story.add(OTHER, "incident.opened", opening(OTHER, 2))
    story.add(incident, "incident.opened", opening(incident))
    story.add(incident, "step.done", {"title": "Look", "text": ""}, "diagnosis-1")
    if left:
        story.leave(signer)
    story.add(incident, "run.requested", asked(), "diagnosis-2")
    story.add(incident, "run.ended", ended(), "diagnosis-2")
    words = b"delivered 91.3 % <script>alert(1)</script>\n"
    story.keep(incident, RUN, "output", "Output 1, stdout of cell 1", "text/plain", words)
    story.keep(incident, RUN, "output", "Output 2 of cell 2", "image/png", png())
    story.keep(incident, RUN, "notebook", "run.ipynb", "application/x-ipynb+json", notebook())
    if payload:
        story.keep(incident, RUN, "artifact", "artifacts/large.csv", "text/csv", payload)
    taken = {
        "branch": 1,
        "condition": "success rate < 95 %",
        "outcome": "continue to Action 1",
        "goto": "action-1",
        "true": True,
        "suggested": True,
        "reason": "91.3 is below 95.",
        "title": "Count",
        "text": "as suggested",
    }
    story.add(incident, "branch.taken", taken, "diagnosis-2")
    story.add(incident, "step.skipped", {"title": "Resend", "text": "not needed"}, "action-1")
    return story


def state_of(story, incident=INCIDENT):
    """Return the state as the program folds it, here by hand from the story."""
    records = [json.loads(body) for body in story.of(incident)]
    kept = sum(record["type"] == "evidence.kept" for record in records)
    marks = {"diagnosis-1": "done", "diagnosis-2": "done", "action-1": "skipped"}
    branches = [{"taken": False}, {"taken": True}]
    return {
        "n": records[-1]["seq"],
        "runs": [RUN],
        "evidence": kept,
        "closed_at": None,
        "steps": [
            {
                "id": step,
                "number": step[-1],
                "title": step,
                "state": marks[step],
                "branches": branches if step == "diagnosis-2" else [],
            }
            for step in STEPS
        ],
        "items": [
            {
                "id": "artifact-1",
                "kind": "artifact",
                "text": "Webhook event analysis report",
                "state": "part",
                "have": ["run.ipynb"],
                "lack": ["webhook_logs.csv"],
                "by": None,
            }
        ],
    }


def runbook():
    sections = [
        ("diagnosis", "Diagnosis", [("diagnosis-1", "Look"), ("diagnosis-2", "Count")]),
        ("action", "Actions", [("action-1", "Resend")]),
    ]
    return {
        "sections": [
            {
                "name": name,
                "title": title,
                "steps": [{"id": i, "number": i[-1], "title": t} for i, t in steps],
            }
            for name, title, steps in sections
        ]
    }


def material(story, **changes):
    known = {
        "records": story.of(INCIDENT),
        "left": story.left,
        "runbook_source": RUNBOOK,
        "runbook": runbook(),
        "state": state_of(story),
        "runs": {RUN: run_facts()},
        "controls": ["SOC2", "PCI-DSS"],
        "kept": lambda digest: story.blobs[digest],
    }
    return IncidentMaterial(**{**known, **changes})


def of_form(sources, form):
    """Return sources as a bundle of another form has them."""
    if form is not None:
        said = json.loads(sources.files["data/bundle.json"])
        sources.files["data/bundle.json"] = pretty({**said, "format": form})
    return sources


def made(story, signer=None, form=None, **changes):
    """Return the files of the incident's bundle."""
    sources = of_form(incident_sources(material(story, **changes), "0.1.0"), form)
    return make(sources, story.tree(), signer or key())


def bundle(folder, signer=None, name="bundle.zip", **changes):
    """Write the incident's bundle and return its path."""
    story = tell(folder, signer)
    whole = made(story, signer, **changes)
    path = Path(folder) / name
    write(whole.files, whole.measures, path)
    return path


def period_story(folder, signer=None):
    """Return two incidents and a run outside of them, over two months."""
    signer = signer or key()
    story = Story(folder)
    story.add(OTHER, "incident.opened", opening(OTHER, 1), at="2026-09-30T23:59:59.000Z")
    story.add(
        OTHER, "step.done", {"title": "x", "text": ""}, "diagnosis-1", "2026-10-01T00:00:00.000Z"
    )
    story.add(INCIDENT, "incident.opened", opening(INCIDENT, 2), at="2026-10-05T10:00:00.000Z")
    story.add(INCIDENT, "run.requested", asked(), "diagnosis-2", "2026-10-05T10:01:00.000Z")
    story.leave(signer)
    story.add(INCIDENT, "run.ended", ended(), "diagnosis-2", "2026-11-02T10:02:00.000Z")
    return story


def period(story, signer=None, form=None):
    """Return the files of the bundle of October and November."""
    listed = [
        {**run_facts(), "requested_at": "2026-10-05T10:01:00.000Z"},
        {**run_facts("CANCELLED", "ad" * 16), "incident": None, "step": None},
    ]
    names = ("id", "key", "version", "state", "reason", "requested_at", "started_at", "ended_at")
    rows = [{n: run[n] for n in (*names, "incident", "step")} for run in listed]
    told = PeriodMaterial(
        start="2026-10-01",
        end="2026-11-30",
        first=1,
        last=5,
        records=list(zip(story.owners, story.bodies, strict=True)),
        left=story.left,
        runs=rows,
        controls={INCIDENT: ["SOC2", "PCI-DSS"], OTHER: ["SOC2"]},
    )
    return make(of_form(period_sources(told, "0.1.0"), form), story.tree(), signer or key())
