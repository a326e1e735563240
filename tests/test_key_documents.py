"""Previews and lists of changes, read beside a pack, in it, or at a marketplace; before anything is installed."""

import json
from functools import partial

import pytest

from keys_jupyter.errors import IntegrityError, NotAvailable
from keys_jupyter.service import Service
from keys_jupyter.sources.library import FolderLibrary
from tests.packs import key_files, make_library

PAGE = "<!doctype html><h1>What it shows</h1>"
OLD, NEW = "# Changes\n\n## 1.0.0\n\n- First.\n", "# Changes\n\n## 2.0.0\n\n- Another input.\n"


def library_of(folder, *versions, beside=None):
    """Write a library of one key in several versions, with texts beside its packs by asset and version."""
    packs = [{**key_files(version=version), "CHANGELOG.md": text} for version, text in versions]
    make_library(folder, *packs)
    index = json.loads((folder / "library.json").read_text())
    for row in index["packs"]:
        for asset, name, text in (beside or {}).get(row["version"], ()):
            place = f"packs/{row['slug']}/{row['version']}/{name}"
            (folder / place).write_text(text, "utf-8")
            row["assets"][asset] = place
    (folder / "library.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def over(tmp_path, workspace):
    """Open a service over a library, and close it at the end."""
    opened = []

    def make(folder):
        opened.append(Service(workspace, tmp_path / "data", [FolderLibrary(folder, "embedded")]))
        return opened[-1]

    yield make
    for service in opened:
        service.close()


def test_a_preview_beside_a_pack_is_read_installed_or_not(over, tmp_path):
    beside = {"1.0.0": [("preview_html", "preview.html", PAGE)]}
    service = over(library_of(tmp_path / "shelf", ("1.0.0", OLD), beside=beside))
    assert service.catalogue.detail("jupyter-small").preview is True
    assert service.documents.preview("jupyter-small").html == PAGE
    service.installs.install("jupyter-small")
    assert service.catalogue.detail("jupyter-small").preview is True
    assert service.documents.preview("jupyter-small").html == PAGE


def test_the_preview_is_of_the_version_in_use(over, tmp_path):
    beside = {
        version: [("preview_html", "preview.html", f"{PAGE}{version}")]
        for version in ("1.0.0", "2.0.0")
    }
    shelf = library_of(tmp_path / "shelf", ("1.0.0", OLD), ("2.0.0", NEW), beside=beside)
    service = over(shelf)
    assert service.documents.preview("jupyter-small").html == f"{PAGE}2.0.0"
    service.installs.install("jupyter-small", "1.0.0")
    assert service.documents.preview("jupyter-small").html == f"{PAGE}1.0.0"


def test_a_preview_in_an_installed_pack_is_read_from_it(over, tmp_path):
    make_library(tmp_path / "shelf", {**key_files(), "preview.html": PAGE})
    service = over(tmp_path / "shelf")
    service.installs.install("jupyter-small")
    (tmp_path / "shelf" / "library.json").unlink()
    assert service.documents.preview("jupyter-small").html == PAGE


def test_without_a_preview_none_is_offered_and_that_is_said(over, tmp_path):
    service = over(library_of(tmp_path / "shelf", ("1.0.0", OLD)))
    assert service.catalogue.detail("jupyter-small").preview is False
    for slug in ("jupyter-small", "no-such-key"):
        with pytest.raises(NotAvailable) as caught:
            service.documents.preview(slug)
        assert (caught.value.code, caught.value.message) == (
            "NO_PREVIEW",
            f"There is no preview of {slug}.",
        )


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("../outside.html", IntegrityError),
        ("/etc/hostname", IntegrityError),
        ("packs/gone.html", NotAvailable),
        ("packs", NotAvailable),
    ],
)
def test_a_preview_outside_of_the_library_is_not_read(over, tmp_path, place, error):
    (tmp_path / "outside.html").write_text("private")
    shelf = library_of(tmp_path / "shelf", ("1.0.0", OLD))
    index = json.loads((shelf / "library.json").read_text())
    index["packs"][0]["assets"]["preview_html"] = place
    (shelf / "library.json").write_text(json.dumps(index))
    with pytest.raises(error):
        over(shelf).documents.preview("jupyter-small")


def test_a_preview_that_is_too_large_is_not_read(over, tmp_path):
    beside = {"1.0.0": [("preview_html", "preview.html", "x" * (8 * 1024 * 1024 + 1))]}
    service = over(library_of(tmp_path / "shelf", ("1.0.0", OLD), beside=beside))
    with pytest.raises(NotAvailable) as caught:
        service.documents.preview("jupyter-small")
    assert caught.value.code == "TEXT_MISSING"


def test_what_a_version_changes_is_read_before_it_is_installed(over, tmp_path):
    service = over(library_of(tmp_path / "shelf", ("1.0.0", OLD), ("2.0.0", NEW)))
    service.installs.install("jupyter-small", "1.0.0")
    changes = partial(service.documents.changes, "jupyter-small")
    assert (changes("2.0.0").text, changes("2.0.0").known) == (NEW, True)
    assert changes("1.0.0").text == OLD
    assert [row.version for row in service.installs.installed().installed] == ["1.0.0"]
    with pytest.raises(NotAvailable) as caught:
        changes("3.0.0")
    assert caught.value.code == "UNKNOWN_VERSION"


def test_changes_beside_the_pack_come_first_and_a_pack_without_them_says_so(over, tmp_path):
    beside = {"2.0.0": [("changelog_md", "changelog.md", "beside")]}
    shelf = library_of(tmp_path / "shelf", ("1.0.0", ""), ("2.0.0", NEW), beside=beside)
    service = over(shelf)
    assert service.documents.changes("jupyter-small", "2.0.0").text == "beside"
    told = service.documents.changes("jupyter-small", "1.0.0")
    assert (told.text, told.known) == ("", False)
    (shelf / "packs" / "jupyter-small" / "2.0.0" / "changelog.md").unlink()
    assert service.documents.changes("jupyter-small", "2.0.0").text == NEW


@pytest.fixture
def jp_server_config(tmp_path):
    return {
        "ServerApp": {"jpserver_extensions": {"keys_jupyter": True}},
        "KeysExtension": {"data_dir": str(tmp_path / "data")},
    }


async def test_both_over_http_with_the_embedded_library(jp_fetch):
    path = ("keys-jupyter", "keys", "jupyter-webhook-event-analysis")
    detail = json.loads((await jp_fetch(*path)).body)
    assert detail["preview"] is True
    told = await jp_fetch(*path, "preview")
    # A browser gets it inside of JSON and so renders nothing of it by itself.
    assert told.headers["Content-Type"].startswith("application/json")
    assert "<html" in json.loads(told.body)["html"]
    version = detail["versions"][0]
    changes = json.loads((await jp_fetch(*path, "changes", version)).body)
    assert version in changes["text"]
