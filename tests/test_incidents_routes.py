"""The addresses around incidents and runbooks: each answers as the contract says, and refuses in one shape."""

import base64
import json

import jsonschema
import pytest
from tornado.httpclient import HTTPClientError

from keys_jupyter import contract
from tests.incident_books import RICH
from tests.packs import key_files, make_library, runbook_files


@pytest.fixture
def jp_server_config(tmp_path, monkeypatch):
    big = runbook_files(slug="big-failure", title="Big Failure Runbook", text=RICH)
    library = make_library(tmp_path / "library", key_files(), runbook_files(), big)
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    return {
        "ServerApp": {
            "jpserver_extensions": {"keys_jupyter": True},
            "allow_unauthenticated_access": False,
        },
        "KeysExtension": {"data_dir": str(tmp_path / "data")},
    }


@pytest.fixture
def ask(jp_fetch):
    """Ask one address and check the answer against the contract."""

    async def asked(method, path, name, body=None, status=200, **params):
        reply = await jp_fetch(
            "keys-jupyter",
            *path.split("/"),
            method=method,
            body=None if body is None else json.dumps(body),
            params=params,
        )
        assert reply.code == status
        schema = {
            "$ref": f"#/components/schemas/{name}",
            "components": {"schemas": contract.schemas()},
        }
        jsonschema.validate(json.loads(reply.body), schema)
        return json.loads(reply.body)

    return asked


async def test_runbooks_answer_as_the_contract_says(ask, jp_root_dir):
    found = await ask("POST", "runbooks/find", "MatchList", {"text": "alert BIG_FAILURE fires"})
    assert found["matches"][0]["slug"] == "big-failure"
    ready = await ask("GET", "runbooks/small-failure/readiness", "Readiness")
    assert ready["ready"] is False
    made = await ask("POST", "runbooks/small-failure/customise", "Customised", {}, 201)
    assert (jp_root_dir / made["path"] / "README.md").is_file()
    same = await ask("GET", f"runbooks/{made['slug']}/differences", "Differences")
    assert same["same"]
    await ask("GET", "runbooks/small-failure/lint", "LintReport")
    rows = (await ask("GET", "runbooks", "RunbookList"))["runbooks"]
    assert [row["origin"] for row in rows if row["source"] == "workspace"] == ["small-failure"]
    assert (await ask("GET", "runbooks/runbook:big-failure", "Runbook"))["slug"] == "big-failure"


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("runbooks%2Fsmall-failure-custom", "small-failure-custom"),
        ("..%2F..%2Fetc", "OUTSIDE_WORKSPACE"),
        ("%2Fetc%2Fpasswd", "OUTSIDE_WORKSPACE"),
        ("runbooks%2Fnowhere", "NO_RUNBOOK"),
    ],
)
async def test_a_place_in_the_workspace_is_one_part_of_an_address(
    ask, http_server_client, jp_base_url, jp_auth_header, place, wanted
):
    await ask("POST", "runbooks/small-failure/customise", "Customised", {}, 201)
    reply = await http_server_client.fetch(
        f"{jp_base_url}keys-jupyter/runbooks/{place}", headers=jp_auth_header, raise_error=False
    )
    said = json.loads(reply.body)
    assert said.get("slug", said.get("code")) == wanted, said


async def test_an_incident_answers_as_the_contract_says(ask, jp_root_dir):
    opened = await ask(
        "POST",
        "incidents",
        "Incident",
        {"runbook": "big-failure", "trigger": "fires", "facts": {"host": "web-1"}},
        201,
    )
    name = f"incidents/{opened['id']}"
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    kept = await ask("POST", f"{name}/attachments", "EvidenceList", {"data": png}, 201)
    assert kept["evidence"][0]["mime"] == "image/png"
    cards = await ask("GET", f"{name}/steps/diagnosis-2/cards", "CardList")
    assert cards["cards"][0]["runnable"] is False
    form = await ask("GET", f"{name}/steps/diagnosis-1/prefill", "Prefill", key="jupyter-small")
    assert form == {"key": "jupyter-small", "values": {}, "origin": {}}
    await ask("GET", f"{name}/analyses", "SuitedList")
    paper = await ask("GET", f"{name}/checklist", "Checklist")
    assert paper["markdown"].startswith("# Incident 1: Big Failure Runbook")
    child = await ask("POST", f"{name}/links", "Incident", {"runbook": "small-failure"}, 201)
    assert child["linked"][0]["incident"] == opened["id"]
    done = {"type": "step.done", "step": "safety-1", "after": opened["n"]}
    after = await ask("POST", f"{name}/acts", "Incident", done, 201)
    assert after["focus"] == "safety-2"
    records = (await ask("GET", f"{name}/timeline", "Timeline"))["records"]
    assert [record["text"].endswith(".") for record in records] == [True] * 4


async def test_a_run_is_attached_over_the_wire(ask, jp_fetch):
    opened = await ask("POST", "incidents", "Incident", {"runbook": "big-failure"}, 201)
    run = await ask("POST", "runs", "Run", {"key": "jupyter-small"}, 201)
    while (await ask("GET", f"runs/{run['id']}", "Run"))["state"] != "SUCCEEDED":
        pass
    body = {"run": run["id"], "incident": opened["id"], "step": "diagnosis-1"}
    after = None
    while after is None:
        try:
            after = await ask("POST", "context/attach", "Incident", body, 201)
        except HTTPClientError as error:
            # Ended, and its outcome not yet kept.
            assert json.loads(error.response.body)["code"] == "RUN_OPEN"
    assert after["runs"] == [run["id"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "runbooks/find", {"text": "x" * 20_001}, 400, "BAD_REQUEST"),
        ("GET", "runbooks/nothing/readiness", None, 404, "UNKNOWN_KEY"),
        ("GET", "runbooks/jupyter-small/lint", None, 404, "NOT_A_RUNBOOK"),
        ("GET", "runbooks/small-failure/differences", None, 404, "NOT_CUSTOMISED"),
        ("POST", "runbooks/small-failure/customise", {"name": "../x"}, 400, "BAD_REQUEST"),
        ("POST", "incidents/99/links", {"runbook": "small-failure"}, 404, "UNKNOWN_INCIDENT"),
        ("POST", "incidents/1/links", {"runbook": "nothing"}, 404, "UNKNOWN_KEY"),
        ("POST", "incidents/1/attachments", {}, 400, "WHICH_FILE"),
        ("POST", "incidents/1/attachments", {"path": "/etc/passwd"}, 400, "OUTSIDE_WORKSPACE"),
        ("GET", "incidents/1/steps/nowhere/cards", None, 404, "UNKNOWN_STEP"),
        ("GET", "incidents/1/steps/safety-1/prefill?key=", None, 404, "UNKNOWN_KEY"),
        ("POST", "incidents/1/acts", {"type": "step.levitate"}, 400, "BAD_REQUEST"),
        ("POST", "incidents/1/acts", {"type": "step.undone", "step": "safety-1"}, 409, None),
        ("POST", "incidents/1/acts", {"type": "timer.started", "minutes": -1}, 400, "BAD_REQUEST"),
        ("POST", "context/attach", {"run": "x", "incident": "1", "step": "y"}, 404, "UNKNOWN_RUN"),
    ],
)
async def test_errors_have_one_shape(jp_fetch, ask, method, path, body, status, code):
    await ask("POST", "incidents", "Incident", {"runbook": "big-failure"}, 201)
    address, _, query = path.partition("?")
    params = dict([query.split("=")]) if query else {}
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "keys-jupyter",
            *address.split("/"),
            method=method,
            body=None if body is None else json.dumps(body),
            params=params,
        )
    reply = json.loads(caught.value.response.body)
    assert caught.value.code == status, reply
    assert set(reply) == {"code", "message", "hint", "request_id", "problems"}
    assert reply["code"] == (code or "NOTHING_TO_UNDO")


async def test_a_large_file_is_taken_and_a_larger_one_is_not(ask, jp_fetch):
    await ask("POST", "incidents", "Incident", {"runbook": "big-failure"}, 201)
    data = base64.b64encode(b"x" * (3 * 1024 * 1024)).decode()
    kept = await ask("POST", "incidents/1/attachments", "EvidenceList", {"data": data}, 201)
    assert kept["evidence"][0]["size"] == 3 * 1024 * 1024
    body = json.dumps({"data": "x" * (28 * 1024 * 1024)})
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("keys-jupyter", "incidents", "1", "attachments", method="POST", body=body)
    assert json.loads(caught.value.response.body)["code"] == "BODY_TOO_LARGE"
