"""A library made by hand that breaks no rule: one key, and two runbooks."""

from __future__ import annotations

import pytest

from tests.authored import RUNBOOK_FILES, key_files, pack_json, write


@pytest.fixture
def library(tmp_path):
    write(tmp_path / "jupyter-keys" / "jupyter-small", key_files())
    write(tmp_path / "runbook-keys" / "small-failure", RUNBOOK_FILES)
    write(
        tmp_path / "runbook-keys" / "other-failure",
        {
            **RUNBOOK_FILES,
            "pack.json": pack_json(slug="other-failure", title="Other Failure Runbook"),
        },
    )
    return tmp_path


@pytest.fixture
def runbook(library):
    return library / "runbook-keys" / "small-failure"


@pytest.fixture
def key(library):
    return library / "jupyter-keys" / "jupyter-small"
