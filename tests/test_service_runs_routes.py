"""Runs and requirements over HTTP, as the panel asks."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

from tests.packs import code, key_files, make_library, notebook


@pytest.fixture
def jp_server_config(tmp_path, monkeypatch):
    files = key_files()
    files["requirements.txt"] = "pydantic>=2\nno-such-package-here>=1\n"
    library = make_library(tmp_path / "library", files)
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "KeysExtension": {"data_dir": str(tmp_path / "data")},
    }


@pytest.fixture
def ask(jp_fetch):
    async def ask(method, path, body=None, **query):
        reply = await jp_fetch(
            "keys-jupyter",
            *path.split("/"),
            method=method,
            params=query,
            body=None if method == "GET" else json.dumps(body or {}),
        )
        return json.loads(reply.body)

    return ask


async def refused(asked):
    with pytest.raises(HTTPClientError) as caught:
        await asked
    return caught.value.code, json.loads(caught.value.response.body)["code"]


async def test_requirements_are_compared_for_the_notebooks_kernel_or_another(ask):
    looked = await ask("GET", "keys/jupyter-small/requirements")
    assert (looked["kernel"], looked["known"], looked["missing"]) == ("python3", True, 1)
    assert [(p["name"], p["satisfied"]) for p in looked["packages"]] == [
        ("pydantic", True),
        ("no-such-package-here", False),
    ]
    assert looked["installing"] is None
    other = await ask("GET", "keys/jupyter-small/requirements", kernel="nowhere")
    assert (other["kernel"], other["known"], other["missing"]) == ("nowhere", False, 0)
    assert await refused(ask("GET", "keys/no-such/requirements")) == (404, "UNKNOWN_KEY")
    assert await refused(ask("GET", "keys/jupyter-small/requirements/log")) == (
        404,
        "NO_INSTALLATION",
    )
    body = {"kernel": "nowhere"}
    assert await refused(ask("POST", "keys/jupyter-small/requirements", body)) == (
        503,
        "ENVIRONMENT_UNKNOWN",
    )


async def test_a_run_by_hand_is_made_collected_and_known_by_its_environment(ask, jp_root_dir):
    (jp_root_dir / "n.ipynb").write_text(json.dumps(notebook(code("1"))))
    run = await ask("POST", "runs", {"key": "n.ipynb", "mode": "interactive"})
    assert (run["state"], run["mode"], run["queue_position"]) == ("PREPARED", "interactive", None)
    assert await refused(ask("POST", f"runs/{run['id']}/collect")) == (409, "NOTHING_RAN")
    path = jp_root_dir / run["notebook"]
    book = json.loads(path.read_text())
    book["cells"][0]["execution_count"] = 1
    path.write_text(json.dumps(book))
    ended = await ask("POST", f"runs/{run['id']}/collect")
    assert (ended["state"], ended["notes"][0][:11]) == ("SUCCEEDED", "Run by hand")
    assert await refused(ask("POST", f"runs/{run['id']}/collect")) == (409, "NOT_COLLECTABLE")
    seen = await ask("GET", f"runs/{run['id']}/environment")
    assert "ipykernel" in {package["name"] for package in seen["packages"]}
    assert (await ask("GET", "status"))["open_runs"] == 0


async def test_a_secret_of_a_request_is_in_no_answer(ask, jp_root_dir):
    book = notebook(code("token: str = ''", tags=["parameters"]), code("print(token)", ident="d"))
    (jp_root_dir / "n.ipynb").write_text(json.dumps(book))
    secrets = {"token": "canary-over-http"}
    run = await ask("POST", "runs", {"key": "n.ipynb", "secrets": secrets})
    for _ in range(600):
        run = await ask("GET", f"runs/{run['id']}")
        if run["ended_at"]:
            break
        await asyncio.sleep(0.05)
    assert run["state"] == "SUCCEEDED"
    text = await ask("GET", f"runs/{run['id']}/output", offset=0)
    assert text["text"] == "[secret token]\n"
    assert "canary-over-http" not in json.dumps(run)
    body = {"key": "n.ipynb", "secrets": {"token": "abc"}}
    assert await refused(ask("POST", "runs", body)) == (400, "SECRET_TOO_SHORT")
