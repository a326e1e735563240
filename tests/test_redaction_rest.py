"""Every address that takes words gets a secret in each of them, over HTTP; then everything written and answered is searched.

What takes words is read off the contract: an address, a field, a kind of act or a name in an address that is new and not
thought of here fails the test. Where a secret stays is said with the reason, place by place, and nothing may stay elsewhere;
a reason that nothing needs any more fails as well.
"""

import asyncio
import gzip
import io
import json
import logging
import re
import sqlite3
import urllib.parse
import zipfile

import pytest

from keys_jupyter import contract
from keys_jupyter.extension import EVENT_SCHEMA
from keys_jupyter.marketplace_fake import FakeMarketplace
from keys_jupyter.routes import OPERATIONS
from tests.incident_books import RICH
from tests.packs import key_files, make_library, runbook_files, zipped
from tests.rest_canary import A_PART, MARK, WORD, Secrets, files, rows
from tests.rest_story import SOLD, Driver, Story, key_book

# Fields of text that hold no words of a person, each with the reason.
NO_WORDS = {
    "a version that is there": {
        *("CellPreviewRequest.version", "InstallRequest.version", "UseRequest.version"),
        *("InstallingRequest.version", "RunRequest.version"),
    },
    "a kernel that is there": {"InstallingRequest.kernel"},
    "a parameter that the notebook declares": {
        *("CellPreviewRequest.values{}", "CellPreviewRequest.nulls", "RunRequest.parameters{}"),
        *("RunRequest.nulls", "RunRequest.secrets{}"),
    },
    "an incident, a step, a run, a result, a timer or an item that is there": {
        *("RunRequest.incident", "RunRequest.step", "Act.step", "Act.run", "Act.result"),
        *("Act.timer", "Act.item", "LinkRequest.step", "AttachRequest.step", "ContextRequest.run"),
        *("RunAttachRequest.run", "RunAttachRequest.incident", "RunAttachRequest.step"),
        *("CollectRequest.incident", "CollectRequest.step"),
    },
    "a key of the catalogue": {"Act.key"},
    "one of a list": {"Act.type"},
    "digits and nothing else": {
        *("RunRequest.id", "PeriodRequest.start", "PeriodRequest.end", "ClearRequest.commitment"),
        "VerifyRequest.key",
    },
}
# What stands in an address or behind its question mark: names of what is there. Access logs hold them.
IN_ADDRESSES = {
    *("slug", "version", "kernel", "offset", "run_id", "incident", "key", "name", "step", "item"),
    *("state", "after", "left", "right", "start", "end", "runbook", "severity", "rehearsal"),
}
# Addresses that are not asked, each with the reason; none of them takes words.
NOT_ASKED = {
    ("post", "keys/{slug}/requirements"): "it would install packages from the network",
    ("get", "keys/{slug}/requirements/log"): "there is no installation to ask about",
    ("delete", "keys/{slug}/install"): "there is no install to stop",
    ("delete", "evidence/exporting/{name}"): "there is no export to stop",
}

_OWN = {"own runbook", "own file", "own source", "own output", "by hand"}
_NAMED = {"OpenRequest.runbook", "CustomiseRequest.name", "RunRequest.key", "AttachRequest.path"}
_OPENED = {f"GET runbooks/{{slug}}{rest}" for rest in ("", "/readiness", "/lint", "/differences")}
# Where a secret stays: why, which ones, and where.
STAYS = (
    (
        "files and folders that a person made and named",
        _OWN | _NAMED | {"CollectRequest.path", "VerifyRequest.path", "VerifyRequest.data"},
        {"workspace"},
    ),
    (
        "the notebook of a run and what it wrote are the person's",
        {"RunRequest.parameters"},
        {"workspace"},
    ),
    (
        "the private journal of a run, which nothing is exported from",
        {"RunRequest.parameters", "RunRequest.kernel", "RunRequest.key", "by hand"},
        {"data runs"},
    ),
    (
        "the live output of a run is that journal's",
        {"RunRequest.parameters", "by hand"},
        {"GET runs/{run_id}/output"},
    ),
    (
        "a run's files are found by their path",
        {"RunRequest.key"},
        {"store runs.key", "store runs.facts", "store file"},
    ),
    (
        "which notebook ran is told as its path",
        {"RunRequest.key"},
        {
            *("POST runs", "GET runs", "GET runs/{run_id}", "POST runs/{run_id}/collect"),
            "POST context",
        },
    ),
    (
        "a runbook of the workspace is told by its path",
        {"CustomiseRequest.name"},
        {"POST runbooks/{slug}/customise", "GET runbooks", *_OPENED},
    ),
    ("the log names each address that was asked for", {"CustomiseRequest.name"}, {"log"}),
    (
        "the cell is shown to who gave the values",
        {"CellPreviewRequest.values"},
        {"POST keys/{slug}/cell"},
    ),
    ("who asks about a file is told its name", {"ContextRequest.path"}, {"POST context"}),
    ("who collects a file is told its name", {"CollectRequest.path"}, {"POST evidence/collect"}),
    (
        "who has a bundle verified is told what is in it",
        {"VerifyRequest.data"},
        {"POST evidence/verify"},
    ),
    (
        "who names a marketplace is told which one did not answer",
        {"SignInRequest.marketplace"},
        {"POST marketplace/sign-in"},
    ),
)
# Where words have come to with what was around the secret in them, so that a search there means something.
WORDS_ARE_IN = {
    *("bundle", "store ledger.body", "store runs.facts", "data blobs", "data runs", "workspace"),
    *("GET incidents/{name}", "GET incidents/{name}/timeline", "GET evidence/bundles/{name}"),
    *("GET incidents/{name}/evidence/{item}", "GET incidents/{name}/evidence/{item}/file"),
    *("GET runs/{run_id}", "GET evidence/checkpoint", "GET incidents/{name}/findings"),
}


def takes_text(schema):
    if schema.get("enum"):
        return False
    nested = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return schema.get("type") == "string" or any(takes_text(one) for one in nested)


def texts_of(model, schemas):
    """Yield the fields of a model that hold text; names that a person may give are another field."""
    for name, schema in schemas[model]["properties"].items():
        assert "$ref" not in json.dumps(schema), (
            f"{model}.{name} is a model of its own: look into it"
        )
        inner = schema.get("additionalProperties")
        if inner:
            yield f"{model}.{name}{{}}"
        if takes_text(schema) or inner is True or (inner and takes_text(inner)):
            yield f"{model}.{name}"


def words_of(operations, schemas):
    """Return each address that takes words, with each field that does."""
    without = set().union(*NO_WORDS.values())
    return {
        (one.path, field)
        for one in operations
        if one.body
        for field in texts_of(one.body, schemas)
        if field not in without
    }


def kinds_of_acts():
    """Return every kind of act there is, as the contract's pattern says."""
    pattern = contract.schemas()["Act"]["properties"]["type"]["pattern"]
    found = re.findall(r"(\w+)\\\.(?:\(([\w|]+)\)|(\w+))", pattern)
    kinds = {f"{of}.{kind}" for of, many, one in found for kind in (many or one).split("|")}
    assert len(kinds) > 15 and all(re.fullmatch(pattern, kind) for kind in kinds)
    return kinds


# the surroundings ------------------------------------------------------------------------------------


class Listener(logging.Handler):
    """Keeps what the server logs."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(message)s %(args)r"))
        self.said = []

    def emit(self, record):
        self.said.append(self.format(record))


@pytest.fixture
def secrets():
    return Secrets()


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "sold")) as running:
        running.put(zipped(key_files(SOLD, "1.0.0")))
        running.preview(SOLD, "<b>Look</b>")
        yield running
    assert running.failures == []


@pytest.fixture
def jp_server_config(tmp_path, market_config, monkeypatch):
    big = runbook_files(slug="big-failure", title="Big Failure Runbook", text=RICH)
    library = make_library(tmp_path / "library", key_files(book=key_book()), runbook_files(), big)
    monkeypatch.setattr("keys_jupyter.service.opening.embedded_library", lambda: library)
    return market_config


@pytest.fixture
def drive(http_server_client, jp_base_url, jp_auth_header, secrets):
    async def fetch(method, path, body, query):
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        reply = await http_server_client.fetch(
            f"{jp_base_url}keys-jupyter/{path}{asked}",
            method=method.upper(),
            headers=jp_auth_header,
            body=json.dumps(body or {}) if method == "post" else None,
            raise_error=False,
            request_timeout=60,
        )
        return reply.code, reply.body

    return Driver(fetch, secrets)


@pytest.fixture
def overheard(jp_serverapp):
    """What the server announces and logs while it works; set is the bell for each announcement."""
    bell, heard, listener = asyncio.Event(), [], Listener()

    async def listen(logger, schema_id, data):
        heard.append(data)
        bell.set()

    jp_serverapp.event_logger.add_listener(schema_id=EVENT_SCHEMA, listener=listen)
    loggers = [logging.getLogger(), jp_serverapp.log]
    for one in loggers:
        one.addHandler(listener)
    yield bell, heard, listener.said
    for one in loggers:
        one.removeHandler(listener)


def search_files(drive, data, workspace):
    """Search everything that was written."""
    for name, value in rows(data / "store.sqlite"):
        drive.saw(f"store {name}", value if isinstance(value, bytes) else str(value))
    for path, held in files(data):
        raw = path.name.startswith("store.sqlite")
        # Its pages cut long values anywhere; whole, they were searched column by column.
        drive.saw("store file" if raw else f"data {path.parts[0]}", held, cut=raw)
    for path, held in files(workspace):
        drive.saw("bundle" if path.parts[0] == "evidence" else "workspace", held)


# the test --------------------------------------------------------------------------------------------


async def test_what_is_typed_over_http_stays_nowhere_but_where_it_is_said_to(
    drive, secrets, market, tmp_path, jp_root_dir, overheard, capfd
):
    bell, heard, logged = overheard
    await Story(drive, secrets, market, jp_root_dir, bell).whole()

    asked = {(one.method, one.path) for one in OPERATIONS} - set(NOT_ASKED)
    assert sorted(drive.asked ^ asked) == []
    words = words_of(OPERATIONS, contract.schemas())
    assert sorted(drive.told ^ words) == []
    said = {field.removeprefix("Act.") for _, field in words if field.startswith("Act.")}
    assert drive.acts == dict.fromkeys(kinds_of_acts(), said)

    search_files(drive, tmp_path / "data", jp_root_dir)
    drive.saw("event", json.dumps(heard))
    drive.saw("log", "\n".join(logged))
    drive.saw("output", "".join(capfd.readouterr()))
    stays = {(place, where) for _, places, there in STAYS for place in places for where in there}
    assert sorted(drive.left - stays) == []
    assert sorted(stays - drive.left) == []
    assert drive.worded >= WORDS_ARE_IN
    assert heard and logged


def test_what_takes_no_words_is_said_of_each_address_there_is():
    schemas = contract.schemas()
    texts = {field for one in OPERATIONS if one.body for field in texts_of(one.body, schemas)}
    assert set().union(*NO_WORDS.values()) <= texts
    assert sum(map(len, NO_WORDS.values())) == len(set().union(*NO_WORDS.values()))
    names = {name for one in OPERATIONS for name in re.findall(r"\{(\w+)\}", one.path)}
    assert {*names, *(name for one in OPERATIONS for name in one.query)} == IN_ADDRESSES
    assert {path for path, _ in words_of(OPERATIONS, schemas)}.isdisjoint(
        path for method, path in NOT_ASKED if method == "post"
    )


# that it can fail --------------------------------------------------------------------------------------


def test_a_field_or_an_address_that_is_new_has_to_be_thought_of():
    schemas = dict(contract.schemas())
    before = words_of(OPERATIONS, schemas)
    link = schemas["LinkRequest"]
    also = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    many = {"type": "array", "items": {"type": "string"}}
    some = {"type": "object", "additionalProperties": {"type": "string"}}
    number = {"type": "object", "additionalProperties": {"type": "integer"}}
    new = {"also": also, "many": many, "some": some, "number": number, "count": {"type": "integer"}}
    schemas["LinkRequest"] = {**link, "properties": {**link["properties"], **new}}
    found = words_of(OPERATIONS, schemas) - before
    assert {field for _, field in found} == {
        *("LinkRequest.also", "LinkRequest.many"),
        *("LinkRequest.some{}", "LinkRequest.some", "LinkRequest.number{}"),
    }
    another = OPERATIONS[0]._replace(method="post", path="somewhere", body="FindRequest")
    found = words_of([*OPERATIONS, another], contract.schemas()) - before
    assert found == {("somewhere", "FindRequest.text")}


def test_a_secret_is_found_however_it_is_written(secrets, tmp_path):
    text = secrets.text("here")
    secret = text.removeprefix(f"{WORD} ").removesuffix(" here")
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", gzip.compress(text.encode()))
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner.getvalue())
    assert secrets.places(outer.getvalue()) == {"here"}
    for data in (
        text,
        text.encode("utf-16"),
        text.encode("utf-32"),
        text.encode().hex(),
        text[::-1],
    ):
        assert secrets.places(data) == {"here"}, data
    at = secret.index(MARK)
    for half in (secret[: at + len(MARK) + 4], secret[at + len(MARK) :]):
        assert secrets.places(f"x{half}x") == {"here"}, half
    assert secrets.places(secret[: at + len(MARK)] + "xxxx") == {A_PART}
    assert secrets.places(text.replace(secret, "[redacted stripe-secret-key 1f2e]")) == set()
    path = tmp_path / "store.sqlite"
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode=WAL; CREATE TABLE notes (n INTEGER, body TEXT)")
    with db:
        db.execute("INSERT INTO notes VALUES (1, ?)", ("x" * 9000 + text,))
    assert not secrets.places(path.read_bytes())
    assert [name for name, value in rows(path) if secrets.places(value)] == ["notes.body"]
    db.close()
