"""What a real run prints, raises and writes is kept redacted, and its record says what was redacted."""

import hashlib
import hmac
import json

import pytest

from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import PARAMETERS, code, key_files, make_library, notebook, runbook_files
from tests.redaction_samples.grammar import make

STRIPE = make("«sk_live_<w24>»", 9)[1]
PASSWORD = make("«<w14>»", 4)[1]
BOOK = notebook(
    code(PARAMETERS, tags=["parameters"], ident="p"),
    code(
        "import pathlib, sys\n"
        f"key = '{STRIPE}'\n"
        "sys.stdout.write('calling with ' + key[:11])\n"
        "display({'text/plain': 'between'}, raw=True)\n"
        "print(key[11:])\n"
        f"pathlib.Path(output_dir, 'config.csv').write_text('name,dsn\\r\\na,postgres://u:{PASSWORD}@h/d\\r\\n')\n"
        "pathlib.Path(output_dir, 'raw.bin').write_bytes(bytes(64))\n",
        ident="w",
    ),
    code(f"raise ValueError('the key {STRIPE} was refused')", ident="e"),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """One run under an incident: the service's folder, records, and the run."""
    from tests.conftest import Changes

    base = tmp_path_factory.mktemp("capture")
    (base / "workspace").mkdir()
    changes = Changes()
    library = make_library(base / "library", key_files(book=BOOK), runbook_files())
    service = Service(
        base / "workspace",
        base / "data",
        [FolderLibrary(library, "embedded")],
        on_change=changes,
    )
    try:
        incident = service.incidents.open(OpenRequest(runbook="small-failure"))
        run = service.runs.start(
            RunRequest(key="jupyter-small", incident=incident.id, step="diagnosis-1")
        )
        changes.until(lambda: service.runs.settled(run.id))
        records = [
            record.model_dump(mode="json")
            for record in service.incidents.timeline(incident.id).records
        ]
        yield base / "data", records, service.runs.run(run.id)
    finally:
        service.close()


def files_of(records):
    return {r["data"]["name"]: r["data"] for r in records if r["type"] == "evidence.kept"}


def bytes_of(data, facts):
    (path,) = [found for found in data.rglob(f"{facts['sha256']}*") if found.is_file()]
    return path.read_bytes()


def test_no_kept_byte_and_no_record_holds_a_secret(kept):
    data, records, run = kept
    assert run.state.value == "CELL_ERROR"
    said = json.dumps(records) + run.model_dump_json()
    for facts in files_of(records).values():
        said += bytes_of(data, facts).decode("latin-1")
    for secret in (STRIPE, STRIPE[:11], STRIPE[11:], PASSWORD):
        assert secret not in said


def test_reason_and_error_stay_readable(kept):
    _, records, run = kept
    assert run.reason.startswith("Cell 4 raised ValueError: the key [redacted stripe-secret-key ")
    assert run.reason.endswith("] was refused")
    (ended,) = [record["data"] for record in records if record["type"] == "run.ended"]
    assert ended["reason"] == run.reason
    error = next(cell.error for cell in run.cells if cell.error)
    assert error.name == "ValueError" and "[redacted stripe-secret-key " in error.message


def test_each_record_says_what_was_redacted_and_what_the_bytes_were(kept):
    data, records, _ = kept
    kept_files = files_of(records)
    salt = next(data.rglob("redaction-salt")).read_bytes()
    assert next(data.rglob("redaction-salt")).stat().st_mode & 0o777 == 0o600
    stripe = hmac.new(salt, STRIPE.encode(), hashlib.sha256).hexdigest()
    first, second = (facts for name, facts in kept_files.items() if "stdout" in name)
    for facts, original in ((first, f"calling with {STRIPE[:11]}"), (second, f"{STRIPE[11:]}\n")):
        assert facts["redactions"] == 1
        assert facts["original_sha256"] == hashlib.sha256(original.encode()).hexdigest()
        assert [one["commitment"] for one in facts["redaction"]["redactions"]] == [stripe]
    assert bytes_of(data, first).decode() == (
        f"calling with [redacted stripe-secret-key {stripe[:4]}]"
    )
    assert bytes_of(data, second).decode() == (
        f"[redacted stripe-secret-key {stripe[:4]} continued]\n"
    )
    plain = next(facts for name, facts in kept_files.items() if name == "Output 2 of cell 3")
    assert (plain["redactions"], plain["original_sha256"]) == (0, plain["sha256"])
    csv = kept_files["artifacts/config.csv"]
    password = hmac.new(salt, PASSWORD.encode(), hashlib.sha256).hexdigest()
    assert bytes_of(data, csv).decode() == (
        f"name,dsn\r\na,postgres://u:[redacted connection-string-password {password[:4]}]@h/d\r\n"
    )
    binary = kept_files["artifacts/raw.bin"]
    assert bytes_of(data, binary) == bytes(64)
    assert [one["reason"] for one in binary["redaction"]["not_scanned"]] == ["not a text"]
    executed = next(facts for facts in kept_files.values() if facts["kind"] == "notebook")
    assert executed["redactions"] >= 3
    assert json.loads(bytes_of(data, executed))["nbformat"] == 4


def test_what_was_kept_is_redacted_already(kept):
    """Reading a kept file again finds nothing more, so that an export has nothing to change."""
    from keys_jupyter.redaction import Policy, redact_bytes

    data, records, _ = kept
    for name, facts in files_of(records).items():
        body = bytes_of(data, facts)
        assert redact_bytes(name, facts["mime"], body, Policy(salt=bytes(16))).value == body
        assert redact_bytes("", facts["mime"], body, Policy(salt=bytes(16))).value == body
