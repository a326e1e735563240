"""Imports run one way: a module may import only from lower floors, or from within its own package."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "keys_jupyter"

FLOORS = {
    "errors": 0,
    "model": 0,
    "places": 0,
    "options": 1,
    "alignment": 1,
    "archive": 1,
    "parameters": 1,
    "runbook": 1,
    "conditions": 1,
    "ledger": 1,
    "redaction": 1,
    "store": 2,
    "workspace": 2,
    "runner": 2,
    "transport": 2,
    "credentials": 2,
    "sources": 3,
    "evidence": 3,
    "incidents": 3,
    "service": 4,
    "authoring": 4,
    "extension": 5,
    "routes": 5,
    "contract": 5,
    "cli": 5,
    "marketplace_fake": 5,
    "pytest_plugin": 5,
}
# On one floor, side by side: each reads only the simpler one, and never the other way round.
SIDE_BY_SIDE = {
    ("authoring", "service"),
    ("workspace", "store"),
    ("runner", "store"),
    ("transport", "credentials"),
    ("contract", "routes"),
    ("pytest_plugin", "marketplace_fake"),
    ("routes", "contract"),
    ("extension", "routes"),
}
HEAVY = {"pydantic", "requests", "nbformat", "nbclient", "papermill", "keyring", "cryptography"}
AT_START = ("__init__", "extension", "routes", "errors", "places", "options")


def room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path, *, top_only=False):
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules():
    return sorted(p for p in PACKAGE.rglob("*.py") if "labextension" not in p.parts)


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_go_down_only(path):
    here = room(path)
    if here == "__init__":
        return
    assert here in FLOORS, f"{here} has no floor"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "keys_jupyter" or len(parts) < 2 or parts[1] not in FLOORS:
            continue
        there = parts[1]
        allowed = there == here or FLOORS[there] < FLOORS[here] or (here, there) in SIDE_BY_SIDE
        assert allowed, f"{here} (floor {FLOORS[here]}) imports {there} (floor {FLOORS[there]})"


@pytest.mark.parametrize("name", AT_START)
def test_nothing_heavy_at_the_top_of_what_a_server_loads(name):
    room = PACKAGE / name
    for path in room.rglob("*.py") if room.is_dir() else [room.with_suffix(".py")]:
        found = {module.split(".")[0] for module in imports(path, top_only=True)}
        assert not found & HEAVY, path


def test_only_the_error_mapping_catches_everything():
    broad = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert broad == []


def test_what_ends_a_process_is_caught_only_to_be_told_and_raised_where_it_belongs():
    # A run that did not start is recorded as such, however it failed; an answer's fault belongs to whoever waits for it.
    told = {"service/runs/running.py", "sources/marketplace/asking.py"}
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Name)
        and node.type.id == "BaseException"
    }
    assert found == told


def test_only_the_runner_and_the_workspace_own_their_doors():
    starters = {"nbclient", "jupyter_client"}
    for path in modules():
        if room(path) not in ("runner", "authoring"):
            found = {module.split(".")[0] for module in imports(path)}
            assert not found & starters, path
