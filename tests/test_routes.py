"""Every handler and verb: who may, in which shape it answers, and whether the contract tells the truth."""

import asyncio
import inspect
import json
import re
import socket

import jsonschema
import pytest
from tornado.httpclient import HTTPClientError

from keys_jupyter import contract, routes
from tests.packs import make_library

VERBS = ("get", "post", "put", "delete", "patch", "head", "options")


@pytest.fixture
def jp_server_config(tmp_path, monkeypatch):
    library = make_library(tmp_path / "library")
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    return {
        "ServerApp": {
            "jpserver_extensions": {"keys_jupyter": True},
            "allow_unauthenticated_access": False,
        },
        "KeysExtension": {"data_dir": str(tmp_path / "data")},
    }


def verbs_of(handler):
    return [verb for verb in VERBS if verb in vars(handler)]


def cells():
    return [(path, handler, verb) for path, handler in routes.ROUTES for verb in verbs_of(handler)]


def address(path):
    return re.sub(r"\(\?P<\w+>[^)]*\)|\(\.\*\)", "some-thing", path)


@pytest.mark.parametrize(
    ("path", "handler", "verb"), cells(), ids=lambda v: getattr(v, "__name__", v)
)
async def test_without_a_token_nothing_is_answered(jp_fetch, path, handler, verb):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "keys-jupyter",
            address(path),
            method=verb.upper(),
            headers={"Authorization": ""},
            body="{}" if verb == "post" else None,
        )
    assert caught.value.code in (401, 403)


@pytest.mark.parametrize(
    ("path", "handler", "verb"),
    [c for c in cells() if c[2] != "get"],
    ids=lambda v: getattr(v, "__name__", v),
)
async def test_a_cookie_without_xsrf_changes_nothing(
    jp_serverapp, http_server_client, jp_base_url, path, handler, verb
):
    # The way a foreign page would come: with the browser's cookie, without our token and without the XSRF header.
    token = jp_serverapp.identity_provider.token
    entered = await http_server_client.fetch(
        f"{jp_base_url}login?token={token}", follow_redirects=False, raise_error=False
    )
    cookies = entered.headers.get_list("Set-Cookie")
    cookie = next(c.split(";")[0] for c in cookies if c.startswith("username-"))
    headers = {"Cookie": cookie}
    seen = await http_server_client.fetch(
        f"{jp_base_url}keys-jupyter/status",
        headers={**headers, "Referer": jp_serverapp.public_url},
        raise_error=False,
    )
    assert seen.code == 200, "the cookie is good, so what follows is refused for want of XSRF"
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            f"{jp_base_url}keys-jupyter/{address(path)}",
            method="POST",
            body="{}",
            headers=headers,
        )
    assert caught.value.code == 403
    assert json.loads(caught.value.response.body)["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("path", "handler", "verb"), cells(), ids=lambda v: getattr(v, "__name__", v)
)
async def test_authorizer_is_asked_with_our_resource_and_obeyed(
    jp_fetch, jp_serverapp, monkeypatch, path, handler, verb
):
    asked = []

    def deny(_handler, _user, action, resource):
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", deny)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "keys-jupyter",
            address(path),
            method=verb.upper(),
            body="{}" if verb == "post" else None,
        )
    assert caught.value.code == 403
    assert asked == [("read" if verb == "get" else "write", "keys-jupyter")]


def test_no_decorated_verb_is_shared_between_handlers():
    mine = {(handler, verb) for _, handler, verb in cells()}
    assert len({id(vars(handler)[verb]) for handler, verb in mine}) == len(mine)
    for _, handler in routes.ROUTES:
        assert handler.auth_resource == "keys-jupyter"


def test_document_and_routes_are_the_same_set():
    served = {
        (re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path), verb)
        for path, handler, verb in cells()
        if handler is not routes.UnknownHandler
    }
    said = {(operation.path, operation.method) for operation in routes.OPERATIONS}
    assert said == served


def test_document_is_complete_and_names_only_what_it_defines():
    document = contract.openapi()
    text = json.dumps(document)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named <= set(document["components"]["schemas"])
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            assert operation["responses"]["default"], (path, verb)
    ids = [op["operationId"] for verbs in document["paths"].values() for op in verbs.values()]
    assert len(ids) == len(set(ids))


def check(reply, name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": contract.schemas()}}
    jsonschema.validate(json.loads(reply.body), schema)
    return json.loads(reply.body)


async def post(jp_fetch, path, body):
    return await jp_fetch("keys-jupyter", *path.split("/"), method="POST", body=json.dumps(body))


async def test_every_route_answers_as_the_contract_says(jp_fetch, jp_root_dir):
    async def get(path, name, **params):
        return check(await jp_fetch("keys-jupyter", *path.split("/"), params=params), name)

    assert (await get("status", "Status"))["writable"] is True
    assert len((await get("catalog", "Catalog"))["keys"]) == 2
    await get("keys/jupyter-small", "KeyDetail")
    check(await post(jp_fetch, "keys/jupyter-small/install", {}), "Installed")
    assert (jp_root_dir / "keys/jupyter-small/1.0.0/key.json").is_file()
    await get("keys/jupyter-small/parameters", "ParametersReply", version="1.0.0")
    check(await post(jp_fetch, "keys/jupyter-small/cell", {"values": {"limit": 4}}), "CellPreview")
    await get("runbooks", "RunbookList")
    await get("runbooks/small-failure", "Runbook")
    opened = await post(jp_fetch, "incidents", {"runbook": "small-failure"})
    assert opened.code == 201
    incident = check(opened, "Incident")["id"]
    started = await post(
        jp_fetch, "runs", {"key": "jupyter-small", "incident": incident, "step": "diagnosis-1"}
    )
    assert started.code == 201
    run = check(started, "Run")["id"]
    while (await get(f"incidents/{incident}", "Incident"))["evidence"] < 4:
        await asyncio.sleep(0.1)
    ended = await get(f"runs/{run}", "Run")
    assert ended["state"] == "SUCCEEDED"
    check(await post(jp_fetch, f"runs/{run}/cancel", {}), "Run")
    tail = await get(f"runs/{run}/output", "OutputTail", offset="0")
    assert "rows" in tail["text"]
    assert len((await get("runs", "RunList", incident=incident))["runs"]) == 1
    await get("incidents", "IncidentList")
    await get(f"incidents/{incident}/runbook", "Runbook")
    check(
        await post(
            jp_fetch, f"incidents/{incident}/acts", {"type": "step.done", "step": "safety-1"}
        ),
        "Incident",
    )
    records = (await get(f"incidents/{incident}/timeline", "Timeline", after="0"))["records"]
    assert records[0]["seq"] == 1
    await get(f"incidents/{incident}/evidence", "EvidenceList")
    found = check(await post(jp_fetch, "context", {"path": ended["notebook"]}), "Context")
    assert found["step"]["id"] == "diagnosis-1"
    served = json.loads((await jp_fetch("keys-jupyter", "openapi.json")).body)
    assert served == json.loads(json.dumps(contract.openapi()))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "keys/nothing", None, 404, "UNKNOWN_KEY"),
        ("GET", "keys/..%2F..%2Fetc", None, 404, "UNKNOWN_KEY"),
        ("GET", "nowhere", None, 404, "NO_SUCH_ADDRESS"),
        ("GET", "runs/x", None, 404, "UNKNOWN_RUN"),
        ("GET", "incidents/99/timeline?after=x", None, 400, "BAD_QUERY"),
        ("GET", "incidents/99", None, 404, "UNKNOWN_INCIDENT"),
        ("POST", "runs", "{", 400, "BAD_REQUEST"),
        ("POST", "runs", "[]", 400, "BAD_REQUEST"),
        ("POST", "runs", "null", 400, "BAD_REQUEST"),
        ("POST", "runs", '{"key": "jupyter-small", "surprise": 1}', 400, "BAD_REQUEST"),
        ("POST", "runs", '{"key": "jupyter-small", "timeout": -1}', 400, "BAD_REQUEST"),
        ("POST", "runs", '{"key": "jupyter-small", "step": "x"}', 400, "INCIDENT_AND_STEP"),
        ("POST", "runs", '{"key": "small-failure"}', 404, "NOT_A_NOTEBOOK_KEY"),
        (
            "POST",
            "runs",
            '{"key": "jupyter-small", "parameters": {"limt": 1}}',
            400,
            "UNKNOWN_PARAMETER",
        ),
        ("POST", "incidents", '{"runbook": "jupyter-small"}', 404, "NOT_A_RUNBOOK"),
        ("DELETE", "catalog", None, 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_errors_have_one_shape(jp_fetch, jp_root_dir, method, path, body, status, code):
    path, _, query = path.partition("?")
    params = dict(pair.split("=") for pair in query.split("&")) if query else {}
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("keys-jupyter", *path.split("/"), method=method, body=body, params=params)
    assert caught.value.code == status
    reply = json.loads(caught.value.response.body)
    assert set(reply) == {"code", "message", "hint", "request_id", "problems"}
    assert reply["code"] == code
    assert reply["message"]
    assert str(jp_root_dir) not in caught.value.response.body.decode()


async def test_an_error_about_values_names_the_parameters(jp_fetch, jp_root_dir):
    book = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "x"}},
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "metadata": {"tags": ["parameters"]},
                "source": "count: int = 1\nday: int = 2",
                "outputs": [],
                "execution_count": None,
            }
        ],
    }
    (jp_root_dir / "values.ipynb").write_text(json.dumps(book))
    body = json.dumps({"key": "values.ipynb", "parameters": {"count": "x", "day": "y"}})
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("keys-jupyter", "runs", method="POST", body=body)
    reply = json.loads(caught.value.response.body)
    assert reply["code"] == "INVALID_PARAMETERS"
    assert [one["name"] for one in reply["problems"]] == ["count", "day"]
    assert {one["code"] for one in reply["problems"]} == {"WRONG_TYPE"}
    assert all(one["message"] in reply["message"] for one in reply["problems"])


async def test_locked_store_is_one_clear_error(jp_fetch, tmp_path, monkeypatch):
    import sqlite3

    await jp_fetch("keys-jupyter", "status")
    other = sqlite3.connect(tmp_path / "data" / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "keys-jupyter",
            "incidents",
            method="POST",
            body='{"runbook": "small-failure"}',
            request_timeout=30,
        )
    other.execute("ROLLBACK")
    other.close()
    assert caught.value.code == 503
    assert json.loads(caught.value.response.body)["code"] == "STORE_LOCKED"
    assert json.loads((await jp_fetch("keys-jupyter", "incidents")).body)["incidents"] == []


async def test_change_is_announced_as_an_event(jp_fetch, jp_serverapp):
    heard = []

    async def listen(logger, schema_id, data):
        heard.append(data)

    await jp_fetch("keys-jupyter", "status")
    jp_serverapp.event_logger.add_listener(
        schema_id="https://keys-jupyter/events/change/v1", listener=listen
    )
    reply = await post(jp_fetch, "incidents", {"runbook": "small-failure"})
    incident = json.loads(reply.body)["id"]
    for _ in range(100):
        if heard:
            break
        await asyncio.sleep(0.02)
    assert {"kind": "incident", "id": incident, "n": 0} in heard


def test_every_verb_has_both_decorators():
    for path, handler, verb in cells():
        source = inspect.getsource(handler)
        head = source[: source.index(f"def {verb}(")].rpartition("def ")[2]
        assert head.rstrip().endswith("async"), path
        assert "@web.authenticated\n    @authorized" in head, (path, verb)


async def test_a_listener_who_leaves_is_no_error_in_the_log(
    jp_serverapp, jp_http_port, jp_auth_header, jp_fetch, caplog, monkeypatch
):
    reached, answered = asyncio.Event(), asyncio.Event()
    ask = routes.catalog.CatalogHandler.ask_written

    async def after_it_left(handler, use):
        reached.set()
        while not handler.request.connection.stream.closed():
            await asyncio.sleep(0.01)
        try:
            await ask(handler, use)
        finally:
            answered.set()

    await jp_fetch("keys-jupyter", "catalog")
    monkeypatch.setattr(routes.catalog.CatalogHandler, "ask_written", after_it_left)
    lines = (
        f"GET {jp_serverapp.base_url}keys-jupyter/catalog HTTP/1.1",
        f"Host: 127.0.0.1:{jp_http_port}",
        f"Authorization: {jp_auth_header['Authorization']}",
    )
    with socket.create_connection(("127.0.0.1", jp_http_port)) as listener:
        listener.sendall("\r\n".join((*lines, "", "")).encode())
        await asyncio.wait_for(reached.wait(), 10)
    await asyncio.wait_for(answered.wait(), 10)
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []
