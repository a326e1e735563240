"""Files attached and notebooks collected by hand: redacted before they are kept, looked at safely, cleared by people."""

import base64
import hashlib
import hmac
import json
import stat

import pytest

from keys_jupyter.cli import main
from keys_jupyter.errors import InputError, NotAvailable, StateError
from keys_jupyter.model.bundle import ComplianceRequest
from keys_jupyter.model.evidence import ClearRequest, CollectRequest
from keys_jupyter.model.incident import OpenRequest
from keys_jupyter.model.run import RunRequest
from keys_jupyter.model.working import AttachRequest
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.bundles import png
from tests.test_bundle_service import facts_of, finished, worked

KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
OTHER = "sk_live_" + "9Zt0PmQxB2vLcR7yKwE5uHaN"


def opened(service):
    return service.incidents.open(OpenRequest(runbook="small-failure")).id


def attach(service, incident, name, data, step=None):
    sent = base64.b64encode(data).decode()
    reply = service.additions.attach(incident, AttachRequest(name=name, data=sent, step=step))
    return reply.evidence[-1]


def records(service, incident):
    return service.incidents.timeline(incident).records


def notebook(*outputs, run=None, source="print(1)"):
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{number}",
            "metadata": {},
            "execution_count": number,
            "source": source,
            "outputs": [one],
        }
        for number, one in enumerate(outputs, 1)
    ]
    metadata = {"keys_jupyter": {"run": run}} if run else {}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


# attachments -------------------------------------------------------------------------------------


def test_an_attached_text_is_redacted_before_it_is_kept(service):
    incident = opened(service)
    original = f"STRIPE={KEY}\nretries 3\n".encode()
    item = attach(service, incident, "env.txt", original)
    assert (item.redactions, item.scanned) == (1, True)
    kept = service.previews.preview(incident, item.id)
    assert KEY not in kept.text
    assert "retries 3" in kept.text
    assert kept.redaction.original_sha256 == hashlib.sha256(original).hexdigest()
    data = records(service, incident)[-1].data
    assert data["original_sha256"] == hashlib.sha256(original).hexdigest()
    assert data["sha256"] == hashlib.sha256(kept.text.encode()).hexdigest()
    everything = b"".join(
        path.read_bytes() for path in service._store.data_dir.rglob("*") if path.is_file()
    )
    assert KEY.encode() not in everything


def test_a_picture_says_that_nobody_looked_into_it(service):
    incident = opened(service)
    item = attach(service, incident, "shot.png", png())
    assert (item.redactions, item.scanned) == (0, False)
    shown = service.previews.preview(incident, item.id)
    assert (shown.form, base64.b64decode(shown.data)) == ("image", png())
    assert "not looked for" in shown.note


def test_one_secret_has_one_commitment_in_all_of_an_incident_and_another_elsewhere(service):
    first, second = opened(service), opened(service)
    for incident in (first, first, second):
        attach(
            service, incident, "env.txt", f"a {KEY} b {len(records(service, incident))}".encode()
        )
    ours, theirs = (service.reviewing.findings(one).findings for one in (first, second))
    assert [len(ours), len(theirs)] == [1, 1]
    assert ours[0].items == ["attached-1", "attached-2"]
    assert ours[0].commitment != theirs[0].commitment
    salt = service._store.data_dir / "incidents" / first / "redaction-salt"
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    opens = hmac.new(salt.read_bytes(), KEY.encode(), "sha256").hexdigest()
    assert opens == ours[0].commitment


# no secret ---------------------------------------------------------------------------------------


def test_what_a_person_clears_is_left_from_then_on_and_the_bundle_lists_it(
    service, tmp_path, workspace
):
    incident = opened(service)
    attach(service, incident, "before.txt", f"key {KEY} and {OTHER}\n".encode())
    findings = service.reviewing.findings(incident).findings
    assert len(findings) == 2
    salt = (service._store.data_dir / "incidents" / incident / "redaction-salt").read_bytes()
    ours = hmac.new(salt, KEY.encode(), "sha256").hexdigest()
    reply = service.reviewing.clear(
        incident, ClearRequest(commitment=ours[:12], reason=" the key  of our docs ")
    )
    decided = {one.commitment: one.cleared for one in reply.findings}
    assert decided[ours].reason == "the key of our docs"
    assert [one for one in decided.values() if one is None] == [None]
    count = len(records(service, incident))
    service.reviewing.clear(incident, ClearRequest(commitment=ours, reason="the key of our docs"))
    assert len(records(service, incident)) == count
    after = attach(service, incident, "after.txt", f"key {KEY} and {OTHER}\n".encode())
    text = service.previews.preview(incident, after.id).text
    assert after.redactions == 1
    assert KEY in text
    assert OTHER not in text
    before = service.previews.preview(incident, "attached-1").text
    assert KEY not in before
    done = service.evidence.export(incident, target=tmp_path / "x.zip")
    checked = service.evidence.verify_file(tmp_path / "x.zip")
    assert checked.ok, checked.checks
    facts = facts_of(tmp_path / "x.zip")
    assert [(one["commitment"], one["reason"]) for one in facts["cleared"]] == [
        (ours, "the key of our docs")
    ]
    left = [found for item in facts["evidence"] for found in item["found"]]
    assert [one["what"] for one in left].count("left on purpose") == 1
    assert done.warnings == []


def test_a_clearing_needs_a_reason_and_one_finding(service):
    incident = opened(service)
    attach(service, incident, "a.txt", f"{KEY}\n".encode())
    found = service.reviewing.findings(incident).findings[0].commitment
    with pytest.raises(NotAvailable):
        service.reviewing.clear(incident, ClearRequest(commitment="0" * 64, reason="x"))
    with pytest.raises(InputError) as caught:
        service.reviewing.clear(incident, ClearRequest(commitment=found, reason="  "))
    assert caught.value.code == "REASON_MISSING"
    assert service.reviewing.findings(incident).findings[0].cleared is None


# secrets we hold ---------------------------------------------------------------------------------


def spelled(secret):
    raw = secret.encode()
    return [
        secret,
        secret[::-1],
        raw.hex(),
        raw.hex().upper(),
        base64.b64encode(raw).decode(),
        base64.b64encode(b"x" + raw).decode(),
        base64.urlsafe_b64encode(b"xy" + raw).decode(),
        json.dumps({"v": secret}),
        "".join(f"%{byte:02X}" for byte in raw),
    ]


@pytest.mark.parametrize(
    "name", ["server-token", "keys-publish-token", "acme-password", "marketplace-token"]
)
def test_secrets_of_this_process_are_found_in_every_spelling(
    name, tmp_path, library, workspace, monkeypatch
):
    # Without any shape of its own, so that only knowing it can find it.
    secret = "plain orange river " + name
    server = {}
    if name == "server-token":
        server = {name: secret}
    elif name == "marketplace-token":
        monkeypatch.setenv("KEYS_API_KEY", secret)
    else:
        monkeypatch.setenv(name.upper().replace("-", "_"), secret)
    service = service_with(tmp_path, library, workspace, server, name)
    try:
        incident = opened(service)
        for spelling in spelled(secret):
            item = attach(service, incident, "n.txt", f"before {spelling} after\n".encode())
            text = service.previews.preview(incident, item.id).text
            assert item.redactions >= 1, spelling
            assert spelling not in text
            assert "after" in text
        finding = service.reviewing.findings(incident).findings[0]
        assert (finding.rule, finding.held) == (f"known-{name}", True)
        with pytest.raises(InputError) as caught:
            service.reviewing.clear(
                incident, ClearRequest(commitment=finding.commitment, reason="no")
            )
        assert caught.value.code == "SECRET_HELD"
    finally:
        service.close()


def service_with(tmp_path, library, workspace, server, name):
    import os

    from keys_jupyter.credentials import from_environment
    from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces

    marketplace = None
    if name == "marketplace-token":
        site = Configuration(url="https://keys.example.org")
        marketplace = Marketplaces(
            tmp_path / "data", site, lambda *_: None, given=lambda: from_environment(os.environ)
        )
    return Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(library, "embedded")],
        marketplace=marketplace,
        secrets=lambda: server,
    )


def test_paths_and_short_words_of_the_environment_are_left(service, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/home/ada/service.json")
    monkeypatch.setenv("SOME_TOKEN", "short")
    incident = opened(service)
    item = attach(service, incident, "n.txt", b"see /home/ada/service.json, in short\n")
    assert item.redactions == 0


def test_a_run_that_prints_a_secret_of_the_server_keeps_none_of_it(
    tmp_path, library, workspace, changes, monkeypatch
):
    secret = "green lantern under water"
    monkeypatch.setenv("ACME_SECRET", secret)
    whole = {
        "cells": [
            {
                "cell_type": "code",
                "id": "a1",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": "import os\nprint(os.environ['ACME_SECRET'])\nraise ValueError(os.environ['ACME_SECRET'])",
            }
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (workspace / "prints.ipynb").write_text(json.dumps(whole))
    service = Service(
        workspace, tmp_path / "data", [FolderLibrary(library, "embedded")], on_change=changes
    )
    try:
        incident = opened(service)
        run = finished(
            service,
            changes,
            service.runs.start(
                RunRequest(key="prints.ipynb", incident=incident, step="diagnosis-1")
            ),
        )
        assert secret not in run.model_dump_json()
        for item in service.incidents.evidence(incident).evidence:
            assert secret not in service.previews.preview(incident, item.id).text
        assert all(secret not in one.model_dump_json() for one in records(service, incident))
    finally:
        service.close()


# collecting --------------------------------------------------------------------------------------


def test_any_notebook_is_collected_once_and_says_what_it_cannot_prove(service, workspace, tmp_path):
    incident = opened(service)
    (workspace / "mine.ipynb").write_bytes(notebook(printed(f"key {KEY}\n"), printed("two\n")))
    asked = CollectRequest(path="mine.ipynb", incident=incident, step="diagnosis-1")
    first = service.collecting.collect(asked)
    assert [item.kind for item in first.kept] == ["output", "output", "notebook"]
    assert [item.name for item in first.kept] == [
        "mine.ipynb: Output 1, stdout of cell 1",
        "mine.ipynb: Output 2, stdout of cell 2",
        "mine.ipynb",
    ]
    assert first.redactions == 2
    assert all("cannot prove" in item.standing for item in first.kept)
    again = service.collecting.collect(asked)
    assert (again.kept, again.already) == ([], 3)
    assert "second time" in again.summary
    (workspace / "mine.ipynb").write_bytes(notebook(printed("changed\n")))
    later = service.collecting.collect(asked)
    assert [item.kind for item in later.kept] == ["output", "notebook"]
    service.evidence.export(incident, target=tmp_path / "x.zip")
    assert service.evidence.verify_file(tmp_path / "x.zip").ok
    facts = facts_of(tmp_path / "x.zip")
    assert all(item["by_hand"] for item in facts["evidence"])
    assert any("run by hand" in limit for limit in facts["limits"])


def test_the_notebook_of_a_run_is_collected_by_its_run(service, changes, workspace):
    incident, run = worked(service, changes)
    before = len(service.incidents.evidence(incident).evidence)
    reply = service.collecting.collect(CollectRequest(path=run.notebook))
    assert (reply.run, reply.incident, reply.kept) == (run.id, incident, [])
    assert reply.already == before
    path = workspace / run.notebook
    changed = json.loads(path.read_bytes())
    changed["cells"].append(json.loads(notebook(printed("afterwards\n")))["cells"][0])
    path.write_text(json.dumps(changed))
    later = service.collecting.collect(CollectRequest(path=run.notebook))
    assert (later.incident, later.step, later.run) == (incident, "diagnosis-1", run.id)
    assert any("afterwards" in text for text in shown(service, incident, later.kept))
    assert all(item.run is None and item.standing for item in later.kept)
    other = opened(service)
    with pytest.raises(InputError) as caught:
        service.collecting.collect(CollectRequest(path=run.notebook, incident=other))
    assert caught.value.code == "RUN_ELSEWHERE"


def shown(service, incident, items):
    return [service.previews.preview(incident, item.id).text for item in items]


def test_an_open_run_of_a_person_ends_with_its_collection(service, changes, workspace):
    incident = opened(service)
    run = service.runs.start(
        RunRequest(key="jupyter-small", incident=incident, step="diagnosis-1", mode="interactive")
    )
    with pytest.raises(StateError):
        service.collecting.collect(CollectRequest(path=run.notebook))
    path = workspace / run.notebook
    whole = json.loads(path.read_bytes())
    for number, cell in enumerate((c for c in whole["cells"] if c["cell_type"] == "code"), 1):
        cell["execution_count"] = number
        cell["outputs"] = [printed(f"cell {number}\n")]
    path.write_text(json.dumps(whole))
    reply = service.collecting.collect(CollectRequest(path=run.notebook))
    assert reply.run == run.id
    assert "ended as SUCCEEDED" in reply.summary
    assert {item.run for item in reply.kept} == {run.id}
    again = service.collecting.collect(CollectRequest(path=run.notebook))
    assert (again.kept, again.already) == ([], len(reply.kept))


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"cells": 3}', b'{"cells": [{"cell_type": "code"}]}']
)
def test_what_is_no_notebook_is_refused(service, workspace, data):
    incident = opened(service)
    (workspace / "no.ipynb").write_bytes(data)
    with pytest.raises(InputError):
        service.collecting.collect(CollectRequest(path="no.ipynb", incident=incident))
    assert service.incidents.evidence(incident).evidence == []


def test_a_notebook_of_no_run_needs_an_incident(service, workspace):
    (workspace / "mine.ipynb").write_bytes(notebook(printed("x")))
    with pytest.raises(InputError) as caught:
        service.collecting.collect(CollectRequest(path="mine.ipynb"))
    assert caught.value.code == "WHICH_INCIDENT"
    with pytest.raises(InputError):
        service.collecting.collect(CollectRequest(path="../mine.ipynb", incident=opened(service)))


# compliance --------------------------------------------------------------------------------------


def test_incidents_are_counted_by_framework_and_month_as_the_period_counts_them(service, tmp_path):
    for rehearsal in (False, False, True):
        service.incidents.open(OpenRequest(runbook="small-failure", rehearsal=rehearsal))
    whole = service.compliance.summary(ComplianceRequest())
    assert len(whole.incidents) == 2
    day = whole.incidents[0].opened_at[:10]
    service.evidence.export_period(day, day, tmp_path / "p.zip")
    assert facts_of(tmp_path / "p.zip")["matrix"] == {"months": whole.months, "rows": whole.rows}
    counted = {name: sum(months.values()) for name, months in whole.rows.items()}
    assert set(counted.values()) == {2}
    every = service.compliance.summary(ComplianceRequest(rehearsal="all"))
    assert [row.rehearsal for row in every.incidents] == [False, False, True]
    assert len(service.compliance.summary(ComplianceRequest(rehearsal="only")).incidents) == 1
    assert service.compliance.summary(ComplianceRequest(runbook="other")).rows == {}
    assert service.compliance.summary(ComplianceRequest(severity="P9")).incidents == []
    assert service.compliance.summary(
        ComplianceRequest(end="2001-01-01", start="2000-12-01")
    ).months == [
        "2000-12",
        "2001-01",
    ]
    with pytest.raises(InputError):
        service.compliance.summary(ComplianceRequest(start="2026-02-01", end="2026-01-01"))


# the server --------------------------------------------------------------------------------------


@pytest.fixture
def jp_server_config(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "server-data"))
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "IdentityProvider": {"token": "lilac-meadow-morning"},
    }


async def test_kept_things_are_served_so_that_nothing_of_them_runs(jp_fetch, jp_root_dir):
    async def post(path, body):
        parts = ("keys-jupyter", *path.split("/"))
        reply = await jp_fetch(*parts, method="POST", body=json.dumps(body))
        return json.loads(reply.body)

    async def get(path, **query):
        return await jp_fetch("keys-jupyter", *path.split("/"), params=query)

    incident = (await post("incidents", {"runbook": "stripe-webhook-failure"}))["id"]
    page = "<script>alert('lilac-meadow-morning')</script>"
    sent = base64.b64encode(page.encode()).decode()
    listed = await post(f"incidents/{incident}/attachments", {"name": "x.html", "data": sent})
    item = listed["evidence"][-1]
    assert item["redactions"] == 1
    reply = await get(f"incidents/{incident}/evidence/{item['id']}")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    shown = json.loads(reply.body)
    assert shown["form"] == "text"
    assert "lilac-meadow" not in shown["text"]
    saved = await get(f"incidents/{incident}/evidence/{item['sha256']}/file")
    assert hashlib.sha256(saved.body).hexdigest() == item["sha256"]
    for name, value in (
        ("Content-Type", "application/octet-stream"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ):
        assert saved.headers[name] == value
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    done = await post(f"incidents/{incident}/bundle", {})
    bundle = await get(done["download"])
    assert hashlib.sha256(bundle.body).hexdigest() == done["sha256"]
    (jp_root_dir / "evidence" / "secret.txt").write_text("no")
    for path in ("evidence/bundles/secret.txt", "evidence/bundles/..%2Fx.zip"):
        with pytest.raises(Exception) as caught:
            await jp_fetch("keys-jupyter", *path.split("/"))
        assert caught.value.code == 404
    matrix = json.loads((await get("evidence/compliance", rehearsal="all")).body)
    assert matrix["rows"].keys() == {"SOC2", "PCI-DSS"}
    with pytest.raises(Exception) as caught:
        await get("evidence/compliance", rehearsal="maybe")
    assert caught.value.code == 400
    (jp_root_dir / "mine.ipynb").write_bytes(notebook(printed(f"{KEY}\n")))
    kept = await post(
        "evidence/collect", {"path": "mine.ipynb", "incident": incident, "step": "diagnosis-1"}
    )
    assert kept["redactions"] == 2
    findings = json.loads((await get(f"incidents/{incident}/findings")).body)["findings"]
    free = next(one for one in findings if not one["held"])
    reply = await post(
        f"incidents/{incident}/findings/cleared",
        {"commitment": free["commitment"], "reason": "made for this test"},
    )
    assert [one["cleared"]["reason"] for one in reply["findings"] if one["cleared"]] == [
        "made for this test"
    ]


# the command line --------------------------------------------------------------------------------


def test_by_the_command_line(tmp_path, workspace, monkeypatch, capsys):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("KEYS_WORKSPACE", str(workspace))
    monkeypatch.chdir(workspace)

    def keys(*arguments):
        code = main([*arguments])
        return code, capsys.readouterr().out

    assert keys("incident", "open", "stripe-webhook-failure")[0] == 0
    (workspace / "mine.ipynb").write_bytes(notebook(printed(f"{KEY}\n")))
    code, text = keys("evidence", "collect", "mine.ipynb", "--incident", "1")
    assert code == 0
    assert "Something secret was taken out 2 times." in text
    assert "cannot prove" in text
    assert "second time" in keys("evidence", "collect", "mine.ipynb", "--incident", "1")[1]
    code, text = keys("evidence", "findings", "1")
    commitment = text.split()[0]
    code, text = keys("evidence", "clear", "1", commitment, "--reason", "of our docs")
    assert (code, "no secret: of our docs" in text, "stays out" in text) == (0, True, True)
    assert keys("evidence", "clear", "1", "xyz", "--reason", "x")[0] == 2
    code, text = keys("evidence", "compliance")
    assert (code, "SOC2" in text) == (0, True)
    assert keys("evidence", "compliance", "--from", "yesterday")[0] == 2
