"""Hostile words of a marketplace and of a library: shown as what they are, and nothing in them acts."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys

import pytest

from keys_jupyter.cli.printing import document, plain
from keys_jupyter.credentials import Credentials, FileStore, Secret
from keys_jupyter.errors import KeysError
from keys_jupyter.marketplace_fake import MARK, new_api_key
from keys_jupyter.service import Service
from keys_jupyter.service.keys.catalogue import Written
from keys_jupyter.service.keys.marketplace import Configuration, Marketplaces
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.sources.marketplace import Marketplace, MarketplaceSettings
from keys_jupyter.sources.marketplace.rows import joined
from keys_jupyter.sources.wording import shown, shown_lines
from keys_jupyter.transport import Settings
from tests.loopback import Loopback
from tests.payloads import CONTROLS, OTHER_TYPES, TEXTS, UNICODE

CALL = "import sys; from keys_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
FIELDS = ("title", "description", "category", "maturity", "outcome", "difficulty", "license_spdx",
          "severity_level")  # fmt: skip
# Every character that may be printed: a picture, or the space between two of them. Written out by hand as ranges of what
# may not: controls, directions and invisible ones, halves of pairs, private and tag characters.
ACTS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)


def row(slug="jupyter-a", **fields):
    return {"slug": slug, "title": "A", "version": "1.0.0", "license_spdx": "MIT", "tool": "jupyter",
            **fields}  # fmt: skip


def test_there_are_at_least_a_hundred_and_twenty_of_them_and_none_twice():
    assert len(TEXTS) >= 120
    assert len(set(TEXTS.values())) == len(TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_word_of_a_row_costs_at_most_that_row(name):
    text = TEXTS[name]
    hurt = row(**dict.fromkeys(FIELDS, text), tags=[text, text], key_type=[text])
    for found in (joined([hurt, row("jupyter-b")], []), joined([], [hurt, row("jupyter-b")])):
        assert [pack.slug for pack in found.packs] == ["jupyter-a", "jupyter-b"]
        (pack, _) = found.packs
        said = [pack.title, pack.category, pack.maturity, pack.outcome, *pack.tags, *pack.key_type]
        assert not [one for one in said if one and ACTS.search(one)]
        assert not [line for line in pack.description.split("\n") if ACTS.search(line)]
        assert pack.kind in ("jupyter", "other")
        # what can be seen of it is still there: nothing was taken for markup and lost
        runs = re.findall(r"[!-~]{3,}", text[:1000])
        assert not [run for run in runs if run not in pack.description]
        json.loads(pack.model_dump_json())


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_word_names_no_folder(name):
    text = TEXTS[name]
    found = joined([row(text), row("jupyter-b"), row("jupyter-c", version=text)], [])
    slugs = [pack.slug for pack in found.packs]
    assert {"jupyter-b"} <= set(slugs)
    for pack in found.packs:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", pack.slug)
        assert re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,49}", pack.version)
    for damaged in found.damaged:
        assert not ACTS.search(damaged.slug + damaged.title + damaged.reason)
        assert len(damaged.slug) <= 120 and len(damaged.title) <= 120
    assert len(found.packs) + len(found.damaged) == 3


@pytest.mark.parametrize("given", OTHER_TYPES, ids=lambda given: str(given)[:20])
def test_another_type_where_a_text_is_expected_costs_at_most_that_row(given):
    hurt = row(**dict.fromkeys((*FIELDS, "tags", "key_type", "tool", "runtime_minutes"), given))
    rows = [hurt, given, row(given), row("jupyter-c", version=given), row("jupyter-b")]
    found = joined(rows, [])
    assert "jupyter-b" in [pack.slug for pack in found.packs]
    for pack in found.packs:
        assert len(pack.title) <= 200 and len(pack.description) <= 5000 and len(pack.tags) <= 100
        assert len(pack.model_dump_json()) < 60_000
    assert not [one for one in found.damaged if len(one.model_dump_json()) > 1000]


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_that_is_printed_acts_on_the_terminal(name):
    text = TEXTS[name]
    said = plain(f"before {text}\nafter")
    assert not [line for line in said.split("\n") if ACTS.search(line)]
    assert said.startswith("before ") and said.endswith("\nafter")
    written = document({"title": text, text: 1})
    assert not [line for line in written.split("\n") if ACTS.search(line)]
    assert json.loads(written) == {"title": text, text: 1}
    written.encode()


def test_what_a_screen_has_a_picture_for_stays_as_it_is():
    for text in (
        "Größe ändern",
        "キーを使う",
        "مفتاح",
        "ключ",
        "→ ✓ 🔑",
        "a b",
        "<b>&amp;</b>",
        "",
    ):
        assert shown(text) == text
    assert shown("a\tb\xa0c") == "a b c"
    assert shown(CONTROLS["colour"]) == "?[31mred?[0m"
    assert shown(UNICODE["right to left override"]) == "gnp.exe.yek"
    assert shown(UNICODE["half a pair"]) == "a?b"
    assert shown("abcdef", 3) == "abc"
    assert shown_lines("a\r\nb\x1bc") == "a\nb?c"


# whole: a marketplace that says nothing but such words ------------------------------------------------


class Hostile:
    """A marketplace whose every text is a payload; its errors are, too."""

    def __init__(self):
        self.rows = [
            row(f"jupyter-p{number}", title=text, description=text, category=text, tags=[text])
            for number, text in enumerate(TEXTS.values())
        ] + [row(text) for text in TEXTS.values()]
        self.failing = ""
        self.checkout = ""
        self.server = Loopback(self.answer)
        self.url = self.server.url

    def answer(self, handler):
        path = handler.path.split("?")[0]
        if self.failing and path != "/health":
            error = {"error": {"code": self.failing, "message": self.failing}}
            return handler.reply(500, json.dumps(error).encode())
        found = {
            "/marketplace/keys": {"keys": self.rows},
            "/marketplace/packs": {"packs": self.rows},
            "/marketplace/entitlements": {
                "tenantId": "t",
                "tenantType": "user",
                "entitlements": [],
            },
            "/api/api-keys": {"api_keys": []},
        }.get(path)
        if path.endswith("/checkout"):
            found = {"sessionId": "s", "url": self.checkout}
        if found is None:
            return handler.reply(404, json.dumps({"error": "Not found"}).encode())
        return handler.reply(200, json.dumps(found).encode(), Content_Type="application/json")


@pytest.fixture(scope="module")
def hostile():
    made = Hostile()
    yield made
    made.server.close()


def test_a_catalogue_of_nothing_else_is_listed_kept_written_and_printed(
    hostile, tmp_path, workspace, library
):
    door = Settings(allowed_marketplaces=(hostile.url,), retry_seconds=0.0)
    source = Marketplaces(
        tmp_path / "data", Configuration(url=hostile.url, transport=door), lambda *_: None,
        given=lambda: None,
    )  # fmt: skip
    service = Service(
        workspace,
        tmp_path / "data",
        [FolderLibrary(library, "embedded"), source],
        marketplace=source,
    )
    try:
        found = service.catalogue.catalog()
        assert len(found.keys) >= len(TEXTS)
        assert found.problems == []
        written = Written(found).json.decode()
        for key in json.loads(written)["keys"]:
            assert not ACTS.search(key["title"] + key["slug"])
            if key["blocked"] == "" and key["source"] != "embedded":
                assert re.fullmatch(r"[a-z0-9-]+", key["slug"])
        detail = service.catalogue.detail("jupyter-p0")
        assert detail.title == next(iter(TEXTS.values()))
    finally:
        service.close()
    for words in (["catalog"], ["catalog", "--json"], ["info", "jupyter-p0"]):
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words, "--workspace", str(workspace)],
            capture_output=True, check=False, cwd=workspace,
            env={**base_environment(tmp_path), "KEYS_MARKETPLACE_URL": hostile.url,
                 "KEYS_ALLOWED_MARKETPLACES": hostile.url},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        for line in (done.stdout + done.stderr).decode().split("\n"):
            assert not ACTS.search(line)


def base_environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYS_")}
    return {**clean, "JUPYTER_DATA_DIR": str(tmp_path / "jupyter")}


@pytest.fixture
def client(hostile, tmp_path):
    door = Settings(allowed_marketplaces=(hostile.url,), retry_seconds=0.0)
    settings = MarketplaceSettings(hostile.url, failed_seconds=0.0, transport=door)
    return Marketplace(settings, Credentials(FileStore(tmp_path), given=lambda: None), tmp_path)


def test_what_an_error_says_is_one_short_line_that_does_nothing(hostile, client):
    try:
        for text in [*TEXTS.values(), f"key {new_api_key('kx_live')}"]:
            hostile.failing = text
            session = client.sign_in_with_key(Secret(new_api_key("kx_live")))
            assert session.state == "unreachable"
            assert not ACTS.search(session.message + session.hint)
            assert MARK not in session.message
            assert len(session.message) < 400
            json.loads(session.model_dump_json())
    finally:
        hostile.failing = ""


def test_no_page_for_buying_is_opened_that_is_not_one_of_the_web(hostile, client):
    assert client.sign_in_with_key(Secret(new_api_key("kx_live"))).state == "valid"
    for text in [*TEXTS.values(), *map(str, OTHER_TYPES)]:
        hostile.checkout = text
        with contextlib.suppress(KeysError):
            pytest.fail(f"{client.checkout('jupyter-p1').url[:80]!a} was opened")
    hostile.checkout = "https://buy.example.com/session?id=1"
    assert client.checkout("jupyter-p1").url == hostile.checkout


def test_a_library_is_read_with_the_same_care(tmp_path):
    rows = [
        {**row(f"jupyter-p{number}", title=text, description=text, tags=[text]), "kind": "jupyter",
         "assets": {"zip": text}}
        for number, text in enumerate(TEXTS.values())
    ]  # fmt: skip
    (tmp_path / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    source = FolderLibrary(tmp_path, "team")
    listing = source.listing()
    assert len(listing.packs) + len(listing.problems) == len(TEXTS)
    assert len(listing.packs) > 100
    for pack in listing.packs:
        assert not ACTS.search(pack.title + "".join(pack.tags))
        with pytest.raises(KeysError):
            source.fetch(pack.slug, pack.version)
    out = io.StringIO()
    out.writelines(problem.message for problem in listing.problems)
    assert not ACTS.search(out.getvalue())
