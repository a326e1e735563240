"""The library builder: the same bytes every time, every problem at once, nothing half written."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from keys_jupyter.archive import verify
from keys_jupyter.authoring.build import build, main
from keys_jupyter.authoring.folders import pack_folder
from keys_jupyter.authoring.previews.head import Head
from keys_jupyter.errors import InputError
from keys_jupyter.model.pack import LibraryIndex, LibraryPack

KEY: dict[str, Any] = {
    "slug": "jupyter-example",
    "title": "Example, größer",
    "description": "Counts.",
    "tool": "jupyter",
    "key_type": ["notebook"],
    "version": "1.2.0",
    "license_spdx": "MIT",
    "maturity": "operator",
    "outcome": "incident-diagnosis",
    "category": "operational-analysis",
    "difficulty": "beginner",
    "runtime_minutes": 2,
    "tags": ["a", "b"],
    "questions": ["How many are there?", "Which are  missing?"],
    "documentation": {"readme": "README.md"},
}
RUNBOOK: dict[str, Any] = {
    "slug": "example-failure",
    "title": "Example Failure",
    "tool": "operational",
    "key_type": ["incident"],
    "version": "1.0.0",
    "license_spdx": "MIT",
    "severity_level": "p1",
    "references_jupyter_keys": ["jupyter-example"],
}


def notebook(outputs: list[dict[str, Any]] | None = None) -> str:
    cell = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": outputs or []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A library of one key and one runbook, as authors write it, with what must stay out."""
    key = tmp_path / "library" / "jupyter-keys" / "jupyter-example"
    runbook = tmp_path / "library" / "runbook-keys" / "example-failure"
    files = {
        key / "key.json": json.dumps(KEY),
        key / "README.md": "# Example\n",
        key / "CHANGELOG.md": "# 1.2.0\n",
        key / "LICENSE.txt": "MIT\n",
        key / "counting.py": "def count(): return 1\n",
        key / "notebooks" / "example.ipynb": notebook(),
        key / "sample" / "größe.csv": "a,b\n" * 500,
        key / "sample" / "artifacts" / "kept.csv": "1\n",
        key / "__pycache__" / "counting.cpython-311.pyc": "x",
        key / "stray.pyc": "x",
        key / ".env": "SECRET=1",
        key / "notebooks" / ".ipynb_checkpoints" / "example-checkpoint.ipynb": notebook(),
        key / "artifacts" / "result.csv": "1\n",
        runbook / "pack.json": json.dumps(RUNBOOK),
        runbook
        / "README.md": "# Example Failure\n\n## When to Use\n\n- Examples fail, and nobody\n  knows why\n",
        runbook / "checklist.md": "- [ ] look\n",
        runbook / "CHANGELOG.md": "# 1.0.0\n",
        runbook / "LICENSE.txt": "MIT\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "library"


@pytest.fixture
def other_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def change(path: Path, **fields: Any) -> None:
    """Change fields of a JSON file; None removes one."""
    found = {**json.loads(path.read_text(encoding="utf-8")), **fields}
    path.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))


def test_library_is_written_as_marketplaces_read_it(source: Path, tmp_path: Path) -> None:
    index = build(source, tmp_path / "out")
    written = tree(tmp_path / "out")
    assert set(written) == {
        "assets-index.json",
        "library.json",
        "packs/example-failure/1.0.0/changelog.md",
        "packs/example-failure/1.0.0/pack.zip",
        "packs/jupyter-example/1.2.0/changelog.md",
        "packs/jupyter-example/1.2.0/pack.zip",
    }
    assert written["packs/jupyter-example/1.2.0/changelog.md"] == b"# 1.2.0\n"
    found = json.loads(written["library.json"])
    assert LibraryIndex.model_validate(found) == index
    assert "generated_at" not in found
    assert [row["slug"] for row in found["packs"]] == ["example-failure", "jupyter-example"]
    key = found["packs"][1]
    assert key == {
        "slug": "jupyter-example",
        "title": "Example, größer",
        "description": "Counts.",
        "kind": "jupyter",
        "version": "1.2.0",
        "license_spdx": "MIT",
        "category": "operational-analysis",
        "maturity": "operator",
        "outcome": "incident-diagnosis",
        "difficulty": "beginner",
        "runtime_minutes": 2,
        "tags": ["a", "b"],
        "key_type": ["notebook"],
        "about": "How many are there? Which are missing?",
        "assets": {
            "zip": "packs/jupyter-example/1.2.0/pack.zip",
            "changelog_md": "packs/jupyter-example/1.2.0/changelog.md",
        },
        "sha256": sha256(written["packs/jupyter-example/1.2.0/pack.zip"]).hexdigest(),
    }
    assert found["packs"][0]["kind"] == "runbook"
    assert found["packs"][0]["severity_level"] == "p1"
    assert found["packs"][0]["about"] == "- Examples fail, and nobody knows why"
    assert found["packs"][0]["references"] == ["jupyter-example"]


def test_packs_pass_the_door_and_leave_out_what_is_nobody_elses(
    source: Path, tmp_path: Path
) -> None:
    for row in build(source, tmp_path / "out").packs:
        stated = LibraryPack.model_validate(row)
        data = (tmp_path / "out" / stated.assets["zip"]).read_bytes()
        pack = verify(data, sha256=stated.sha256, slug=stated.slug, version=stated.version)
        assert pack.verified
        assert pack.notes == ()
        if pack.kind == "jupyter":
            assert list(pack.files) == [
                "CHANGELOG.md",
                "LICENSE.txt",
                "README.md",
                "counting.py",
                "key.json",
                "notebooks/example.ipynb",
                "sample/artifacts/kept.csv",
                "sample/größe.csv",
            ]


def test_entries_say_nothing_of_the_machine(source: Path) -> None:
    data = pack_folder(source / "jupyter-keys" / "jupyter-example")
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        for info in made.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr == 0o100644 << 16
            assert info.create_system == 3
            assert info.compress_type == zipfile.ZIP_DEFLATED
            assert info.extra == b""
            assert not info.is_dir()


@pytest.mark.usefixtures("other_umask")
def test_two_builds_are_byte_identical(source: Path, tmp_path: Path) -> None:
    build(source, tmp_path / "first")
    copy = tmp_path / "copy"
    random = Random(7)
    paths = list(tree(source).items())
    random.shuffle(paths)
    for name, data in paths:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(random.choice([0o600, 0o644, 0o755, 0o777]))
        os.utime(target, (when := random.randrange(10**9), when))
    build(copy, tmp_path / "second")
    build(copy, tmp_path / "second")
    assert tree(tmp_path / "first") == tree(tmp_path / "second")


def faults() -> dict[str, tuple[Callable[[Path, Path], object], str]]:
    """What an author may get wrong, and what they are told."""
    shell = "notebooks/example.ipynb"
    return {
        "no README": (lambda key, _: (key / "README.md").unlink(), "README.md is missing"),
        "no key.json": (lambda key, _: (key / "key.json").unlink(), "key.json is missing"),
        "no checklist": (
            lambda _, book: (book / "checklist.md").unlink(),
            "checklist.md is missing",
        ),
        "no notebook": (lambda key, _: (key / shell).unlink(), "there is no notebook"),
        "another slug": (
            lambda key, _: change(key / "key.json", slug="jupyter-other"),
            "slug is jupyter-other and not the folder's name",
        ),
        "no title": (
            lambda key, _: change(key / "key.json", title=None),
            "key.json: title: Field required",
        ),
        "version as a path": (
            lambda _, book: change(book / "pack.json", version="../1"),
            "pack.json: version:",
        ),
        "another tool": (
            lambda _, book: change(book / "pack.json", tool="jupyter"),
            "tool must be",
        ),
        "not JSON": (
            lambda key, _: (key / "key.json").write_text("{"),
            "key.json: file: Invalid JSON",
        ),
        "outputs": (
            lambda key, _: (key / shell).write_text(notebook([{"output_type": "stream"}])),
            f"{shell} holds outputs",
        ),
        "no notebook inside": (lambda key, _: (key / shell).write_text("<html>"), "(NOTEBOOK)"),
        "link": (lambda key, _: (key / "link.md").symlink_to(key / "README.md"), "is a link"),
        "linked folder": (lambda key, _: (key / "d").symlink_to(key / "sample"), "is a link"),
        "absent document": (
            lambda key, _: change(key / "key.json", documentation={"readme": "NONE.md"}),
            "(MANIFEST)",
        ),
        "executable": (lambda key, _: (key / "x.exe").write_text("x"), "(TYPE_NOT_ALLOWED)"),
        "reserved": (lambda key, _: (key / "conftest.py").write_text("x"), "(NAME_RESERVED)"),
        "two cases": (lambda key, _: (key / "readme.md").write_text("x"), "(NAME_COLLISION_CASE)"),
    }


@pytest.mark.parametrize(("spoil", "told"), faults().values(), ids=faults().keys())
def test_fault_is_told_and_nothing_is_written(
    source: Path, tmp_path: Path, spoil: Callable[[Path, Path], object], told: str
) -> None:
    spoil(source / "jupyter-keys" / "jupyter-example", source / "runbook-keys" / "example-failure")
    with pytest.raises(InputError) as caught:
        build(source, tmp_path / "out")
    assert caught.value.code == "LIBRARY_INVALID"
    assert told in caught.value.message
    assert str(tmp_path) not in caught.value.message
    assert not (tmp_path / "out").exists()


def test_all_problems_are_told_at_once(source: Path, tmp_path: Path) -> None:
    key, book = (
        source / "jupyter-keys" / "jupyter-example",
        source / "runbook-keys" / "example-failure",
    )
    (key / "README.md").unlink()
    (key / "notebooks" / "example.ipynb").write_text(notebook([{"output_type": "stream"}]))
    change(book / "pack.json", title=None, version=None)
    with pytest.raises(InputError) as caught:
        build(source, tmp_path / "out")
    assert caught.value.message.splitlines() == [
        "The library has 4 problem(s); nothing was written:",
        "- jupyter-keys/jupyter-example: README.md is missing",
        "- jupyter-keys/jupyter-example: notebooks/example.ipynb holds outputs; clear them, "
        "since they may carry somebody's data",
        "- runbook-keys/example-failure: pack.json: title: Field required",
        "- runbook-keys/example-failure: pack.json: version: Field required",
    ]


def test_one_slug_belongs_to_one_key(source: Path, tmp_path: Path) -> None:
    book = source / "runbook-keys" / "example-failure"
    book = book.rename(book.with_name("jupyter-example"))
    change(book / "pack.json", slug="jupyter-example")
    with pytest.raises(InputError, match="another kind of key has this slug"):
        build(source, tmp_path / "out")


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_library_without_keys_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no key"):
        build(tmp_path / name, tmp_path / "out")


def test_command_prints_a_line_for_each_pack(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(source), str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["runbook", "example-failure", "1.0.0"],
        ["jupyter", "jupyter-example", "1.2.0"],
    ]
    assert main([str(tmp_path), str(tmp_path / "out")]) == 2
    assert "there is no key" in capsys.readouterr().err


def test_building_needs_little(source: Path, tmp_path: Path) -> None:
    """The wheel is built where only pydantic is there besides the standard library."""
    code = (
        "import sys; from pathlib import Path; before = set(sys.modules);"
        "from keys_jupyter.authoring.build import build;"
        "build(Path(sys.argv[1]), Path(sys.argv[2]));"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [
            sys.executable,
            "-P" if sys.version_info >= (3, 11) else "-B",
            "-c",
            code,
            source,
            tmp_path / "out",
        ],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    allowed = {"keys_jupyter", "pydantic", "pydantic_core", "typing_extensions", "annotated_types"}
    found = {name for name in done.stdout.split() if not name.startswith("_sysconfigdata")}
    assert found <= {*allowed, "typing_inspection"}


def test_shared_modules_go_into_every_pack_that_names_them(source: Path, tmp_path: Path) -> None:
    modules = source / "modules"
    modules.mkdir()
    (modules / "reading.py").write_text("def read(): return 1\n")
    (modules / "unused.py").write_text("")
    change(source / "jupyter-keys" / "jupyter-example" / "key.json", modules=["reading"])
    build(source, tmp_path / "out")
    path = tmp_path / "out" / "packs" / "jupyter-example" / "1.2.0" / "pack.zip"
    names = zipfile.ZipFile(path).namelist()
    assert "reading.py" in names
    assert "unused.py" not in names
    assert names == sorted(names)


@pytest.mark.parametrize("name", ["missing", "counting"])
def test_shared_module_that_is_not_there_or_there_twice_is_told(
    source: Path, tmp_path: Path, name: str
) -> None:
    modules = source / "modules"
    modules.mkdir()
    (modules / "counting.py").write_text("")
    change(source / "jupyter-keys" / "jupyter-example" / "key.json", modules=[name])
    with pytest.raises(InputError, match=rf"modules: .*{name}\.py"):
        build(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def preview(key: Path, words: str = "It shows this.") -> str:
    """A preview as the tool writes it, of the notebook beside it."""
    entry = "notebooks/example.ipynb"
    digest = sha256((key / entry).read_bytes()).hexdigest()
    head = Head("jupyter-example", "1.2.0", entry, digest, "0" * 64)
    return f"<html>\n<head>\n{head.tags()}\n</head>\n<body>{words}</body>\n</html>\n"


def test_a_preview_is_published_beside_its_pack_and_not_in_it(source: Path, tmp_path: Path) -> None:
    key = source / "jupyter-keys" / "jupyter-example"
    build(source, tmp_path / "without")
    (key / "preview.html").write_text(preview(key))
    (row,) = [r for r in build(source, tmp_path / "with").packs if r["kind"] == "jupyter"]
    written = tree(tmp_path / "with")
    assert row["assets"]["preview_html"] == "packs/jupyter-example/1.2.0/preview.html"
    assert written[row["assets"]["preview_html"]] == preview(key).encode()
    # The pack is the same with another preview, so a new plot is no new pack.
    assert written[row["assets"]["zip"]] == tree(tmp_path / "without")[row["assets"]["zip"]]


@pytest.mark.parametrize("fault", ["older", "foreign", "link"])
def test_a_preview_of_something_else_is_left_out(source: Path, tmp_path: Path, fault: str) -> None:
    key = source / "jupyter-keys" / "jupyter-example"
    text = preview(key)
    if fault == "older":
        text = text.replace(sha256(notebook().encode()).hexdigest(), "1" * 64)
    (tmp_path / "page.html").write_text("<html></html>" if fault == "foreign" else text)
    if fault == "link":
        (key / "preview.html").symlink_to(tmp_path / "page.html")
        with pytest.raises(InputError, match="is a link"):
            build(source, tmp_path / "out")
        return
    (key / "preview.html").write_text((tmp_path / "page.html").read_text())
    build(source, tmp_path / "out")
    assert not [name for name in tree(tmp_path / "out") if name.endswith(".html")]


def test_the_assets_index_holds_what_authors_stated(source: Path, tmp_path: Path) -> None:
    key = source / "jupyter-keys" / "jupyter-example"
    change(key / "key.json", preview_public=False, made_by_hand={"a": [1]})
    index = build(source, tmp_path / "out")
    found = json.loads((tmp_path / "out" / "assets-index.json").read_bytes())
    assert list(found) == ["version", "jupyter_keys", "runbooks"]
    (stated,) = found["jupyter_keys"]
    assert stated["made_by_hand"] == {"a": [1]}
    assert stated["documentation"] == {"readme": "README.md"}
    (runbook,) = found["runbooks"]
    assert {name: runbook[name] for name in RUNBOOK} == RUNBOOK
    rows = {row["slug"]: row for row in index.packs}
    for one in (stated, runbook):
        assert one["assets"] == rows[one["slug"]]["assets"]
        assert one["sha256"] == rows[one["slug"]]["sha256"]
        assert all((tmp_path / "out" / path).is_file() for path in one["assets"].values())
    # A marketplace shows a preview to everybody unless it is told not to.
    assert rows["jupyter-example"]["preview_public"] is False
    assert "preview_public" not in rows["example-failure"]
