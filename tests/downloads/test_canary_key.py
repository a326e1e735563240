"""A key with a known value goes through everything a person does with a marketplace and turns up nowhere else.

Searched for it, in several spellings: every log record at DEBUG, every error with its chain, every answer given to the
panel, every file written, and every request that was not meant to carry it.
"""

import base64
import json
import logging
import traceback
import urllib.parse

import pytest

from keys_jupyter.credentials import Credentials, FileStore, Secret
from keys_jupyter.errors import KeysError
from keys_jupyter.marketplace_fake import (
    MARK,
    FakeMarketplace,
    Fault,
    Part,
    Place,
    Shape,
    new_api_key,
)
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings
from keys_jupyter.transport import Settings
from tests.packs import make_library

SLUG = "small-failure"
KEY = "jupyter-small"
PASSWORD = f"{MARK}-password-7f3a9c51e2-04bd86"

TROUBLE = [
    (Fault.ERROR, {"status": status, "shape": shape, "message": "no"})
    for status, shape in (
        (400, Shape.STORAGE),
        (401, Shape.NESTED),
        (403, Shape.HANDLER),
        (404, Shape.HANDLER),
        (408, Shape.TIMEOUT),
        (429, Shape.TEXT),
        (500, Shape.NESTED),
    )
] + [
    (Fault.CUT, {"at": 10}),
    (Fault.CUT, {"at": 10, "reset": True, "on": Place.ANY}),
    (Fault.HTML, {"on": Place.ANY}),
    (Fault.BROKEN_JSON, {"on": Place.ANY}),
    (Fault.RAW, {}),
    (Fault.REDIRECT, {"on": Place.ANY, "to": "https://169.254.169.254/"}),
    (Fault.REDIRECT, {"on": Place.ANY}),
    (Fault.WRONG_BYTES, {"at": 50}),
    (Fault.EXPIRED_LINK, {}),
    (Fault.UNPINNED, {}),
    (Fault.OUTAGE, {"of": Part.SUPABASE}),
    (Fault.OUTAGE, {"of": Part.STORAGE}),
    (Fault.DAMAGED_ROWS, {}),
]


def spellings(secret):
    """Return a secret as it may be written, and its halves, of which one is already too much."""
    raw = secret.encode()
    half = len(secret) // 2
    # half of a short one could stand anywhere by chance
    halves = {secret[8 : 8 + half], secret[half:-4]} if half >= 16 else set()
    return halves | {
        secret,
        urllib.parse.quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(f"Bearer {secret}".encode()).decode().rstrip("="),
        raw.hex(),
        secret[::-1],
        secret[half:] + secret[:half],
    }


class Journey:
    """A person's way through a marketplace, remembering every word that was said on it."""

    def __init__(self, market, folder):
        self.market, self.folder, self.said, self.locals = market, folder, [], []
        self.user = market.user(password=PASSWORD)
        market.grant_all(self.user)
        self.key = market.key(self.user).token
        self.client = self.opened()

    def opened(self):
        limits = Settings(allowed_marketplaces=(self.market.url,), retry_seconds=0.0, resumes=1)
        settings = MarketplaceSettings(
            self.market.url,
            self.market.project_url,
            Secret(self.market.anon_key),
            self.market.frontend,
            failed_seconds=0.0,
            transport=limits,
        )
        store = FileStore(self.folder)
        return Marketplace(settings, Credentials(store, given=lambda: None), self.folder)

    def does(self, act, *given):
        try:
            answer = act(*given)
        except KeysError as error:
            self.said += [repr(error), str(error), str(vars(error))]
            self.said += [repr(error.__cause__), repr(error.__context__)]
            self.said += traceback.format_exception(error)
            whole = traceback.TracebackException.from_exception(error, capture_locals=True)
            self.locals += whole.format()
        else:
            shown = answer.model_dump_json() if hasattr(answer, "model_dump_json") else repr(answer)
            self.said += [shown, repr(answer), str(answer)]

    def everything(self):
        client = self.client
        self.does(client.session)
        self.does(lambda: client.listing(refresh=True))
        self.does(client.versions, SLUG)
        for slug in (SLUG, KEY):
            self.does(client.fetch, slug, "1.0.0")
        self.does(client.preview, KEY)
        self.does(client.checkout, SLUG)

    def secrets(self):
        """Return every secret there has been: keys, password, sessions, and what the links held."""
        links = [one.query.get("token", "") for one in self.market.requests.where(origin="project")]
        return self.credentials() | {one for one in links if one}

    def credentials(self):
        accounts = self.market._state.accounts
        found = {self.key, PASSWORD, *(key.token for key in accounts.keys)}
        found |= {one.access_token for one in accounts.sessions.values()}
        found |= {one.refresh_token for one in accounts.sessions.values()}
        return found


@pytest.fixture
def journey(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library")) as market:
        market.preview(KEY, "<b>Look</b>")
        yield Journey(market, tmp_path / "data")
    assert market.failures == []


def walk(journey):
    client = journey.client
    journey.does(client.sign_in_with_key, Secret(new_api_key("kx_live")))
    journey.does(client.sign_in_with_key, Secret(journey.key))
    journey.everything()
    for fault, options in TROUBLE:
        rule = journey.market.faults.add(fault, **options)
        journey.everything()
        rule.remove()
    journey.market.stop()
    journey.everything()
    journey.market.start()
    journey.does(client.sign_out)
    journey.does(client.sign_in_with_password, journey.user.email, Secret("wrong " + PASSWORD[:4]))
    journey.does(client.sign_in_with_password, journey.user.email, Secret(PASSWORD))
    journey.everything()
    journey.client = journey.opened()
    journey.everything()


def test_no_secret_is_anywhere_it_need_not_be(journey, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "keys_jupyter"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    walk(journey)
    secrets = journey.secrets()
    assert len(secrets) >= 5
    assert caplog.records, "nothing was logged, so nothing was looked at"
    said = [record.getMessage() + repr(record.args) for record in caplog.records]
    places = {"log": "\n".join(said), "words": "\n".join(journey.said)}
    for path in journey.folder.rglob("*"):
        if path.is_file() and path.parent.name != "credentials":
            places[path.relative_to(journey.folder).as_posix()] = path.read_bytes().decode(
                "latin-1"
            )
    assert any(name.startswith("marketplaces/") for name in places)
    assert hits(places, secrets) == set()
    # a link must be plain text to be fetched; a key need not be, even to a debugger that prints variables
    assert hits({"variables": "\n".join(journey.locals)}, journey.credentials()) == set()


def hits(places, secrets):
    return {
        (name, text[:12])
        for name, content in places.items()
        for secret in secrets
        for text in spellings(secret)
        if text in content
    }


def test_each_request_carries_only_its_own_secret(journey):
    walk(journey)
    accounts = journey.market._state.accounts
    tokens = {journey.key, *(key.token for key in accounts.keys)}
    for one in journey.market.requests:
        line = f"{one.method} {one.target}"
        assert not any(token in line for token in tokens), one.path
        if one.origin == "project" and "/storage/" in one.path:
            assert not any(token in one.text() for token in tokens)
            assert PASSWORD not in one.text() and journey.market.anon_key not in one.text()
        elif one.path.startswith(("/marketplace/keys", "/marketplace/packs")):
            public = one.method == "GET" and not one.path.endswith("/preview")
            assert (one.header("Authorization") is None) is public, line
        if PASSWORD in one.text():
            assert (one.origin, one.path) == ("project", "/auth/v1/token")
    assert not journey.market.requests.where(path="/extension-auth")
    assert not journey.market.requests.where(path="/auth/signout")


def test_the_kept_token_is_in_one_file_of_its_owner_only(journey):
    journey.does(journey.client.sign_in_with_key, Secret(journey.key))
    files = [
        path
        for path in journey.folder.rglob("*")
        if path.is_file() and journey.key.encode() in path.read_bytes()
    ]
    (only,) = files
    assert only.parent == journey.folder / "credentials"
    assert only.stat().st_mode & 0o777 == 0o600
    assert only.parent.stat().st_mode & 0o777 == 0o700
    journey.does(journey.client.sign_out)
    assert not only.exists() or journey.key.encode() not in only.read_bytes()
