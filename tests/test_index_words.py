"""What an index says of its keys: searched and followed without a pack being opened, however many there are."""

import json

import pytest

from keys_jupyter.authoring.build import build
from keys_jupyter.errors import NotAvailable
from keys_jupyter.service import Service
from keys_jupyter.sources.index import IndexLibrary
from keys_jupyter.sources.library import FolderLibrary
from keys_jupyter.transport import Settings, Transport
from tests.loopback import Loopback
from tests.packs import key_files, make_library, runbook_files

ALERT = "[FIRING:1] HeronNestsFlooded: the nest of heron 17 is under water since 30m"
VAST = 2_000


def listed(number, **fields):
    """Return the row of a runbook whose zip is nowhere."""
    slug = f"case-{number}"
    return {
        "slug": slug,
        "title": f"Case {number}",
        "kind": "runbook",
        "version": "1.0.0",
        "license_spdx": "MIT",
        "assets": {"zip": f"packs/{slug}/1.0.0/pack.zip"},
        **fields,
    }


def told(number):
    if number == 1234:
        return {"about": "Flooded nests of a heron", "references": ["jupyter-small"]}
    return {"about": "Something else is wet", "references": ["jupyter-other"]}


@pytest.fixture
def vast(tmp_path):
    """A library of two thousand runbooks that would fail whoever opened one of them."""
    folder = tmp_path / "vast"
    folder.mkdir()
    rows = [listed(number, **told(number)) for number in range(VAST)]
    (folder / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    return folder


@pytest.fixture
def opened(tmp_path, workspace, changes):
    made = []

    def opener(*sources):
        made.append(Service(workspace, tmp_path / "data", sources, on_change=changes))
        return made[-1]

    yield opener
    for one in made:
        one.close()


def by_slug(service):
    return {row.slug: row for row in service.catalogue.catalog().keys}


def test_a_vast_librarys_runbook_is_found_by_an_alert_and_none_is_opened(opened, vast, library):
    service = opened(FolderLibrary(library, "embedded"), FolderLibrary(vast, "vast"))
    rows = by_slug(service)
    assert rows["case-1234"].about == "Flooded nests of a heron"
    found = service.runbooks.find(ALERT).matches
    assert [one.slug for one in found] == ["case-1234"]
    assert found[0].reasons == ["covers: heron, nests, flooded"]
    detail = service.catalogue.detail("jupyter-small")
    assert {one.slug for one in detail.referenced_by} == {"small-failure", "case-1234"}


def test_where_an_index_is_silent_a_small_librarys_packs_say_it(opened, tmp_path):
    text = "# Silent\n\n## When to Use\n\n- A heron's nest is flooded\n"
    library = make_library(tmp_path / "small", key_files(), runbook_files("silent", text=text))
    service = opened(FolderLibrary(library, "small"))
    assert by_slug(service)["silent"].about == "- A heron's nest is flooded"
    assert [one.slug for one in service.runbooks.find(ALERT).matches] == ["silent"]


def test_a_library_on_the_web_tells_it_before_anything_is_fetched(opened, tmp_path):
    source = tmp_path / "source" / "runbook-keys" / "heron-flood"
    source.mkdir(parents=True)
    text = "# Heron Flood\n\n## When to Use\n\n- A heron's nest is flooded\n"
    for name, data in runbook_files("heron-flood", text=text).items():
        (source / name).write_text(data)
    build(tmp_path / "source", tmp_path / "built")
    asked = []

    def web(handler):
        asked.append(handler.path)
        return handler.reply(200, (tmp_path / "built" / handler.path[1:]).read_bytes())

    with Loopback(web) as server:
        door = Transport(Settings(allowed_marketplaces=(server.url,), retry_seconds=0.0))
        service = opened(IndexLibrary(server.url, door, tmp_path / "data"))
        assert by_slug(service)["heron-flood"].about == "- A heron's nest is flooded"
        assert [one.slug for one in service.runbooks.find(ALERT).matches] == ["heron-flood"]
        detail = service.catalogue.detail("heron-flood")
        assert [one.slug for one in detail.references] == ["jupyter-small"]
        assert set(asked) == {"/library.json"}
        with pytest.raises(NotAvailable, match="not installed"):
            service.runbooks.runbook("heron-flood")


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("heron\u202e\x1b[2Jnest", "heron?[2Jnest"),
        ("heron " * 2000, "heron " * 666 + "hero"),
        ("", ""),
    ],
)
def test_an_indexs_words_are_shown_safe_and_short(opened, tmp_path, about, shown):
    rows = [listed(1, about=about)]
    (tmp_path / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    service = opened(FolderLibrary(tmp_path, "odd"))
    assert by_slug(service)["case-1"].about == shown
    assert service.catalogue.catalog().problems == []


def test_a_row_whose_words_are_of_another_kind_costs_only_itself(opened, tmp_path):
    rows = [listed(1, about=["heron"]), listed(2, references="jupyter-small"), listed(3)]
    (tmp_path / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    service = opened(FolderLibrary(tmp_path, "torn"))
    assert set(by_slug(service)) == {"case-3"}
    assert [one.code for one in service.catalogue.catalog().problems] == ["DAMAGED_ENTRY"] * 2
