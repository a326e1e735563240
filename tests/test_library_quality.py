"""The repository's own library stands the rules it asks of others."""

from pathlib import Path

import pytest

from keys_jupyter.authoring.validate import validate

LIBRARY = Path(__file__).parent.parent / "library"


@pytest.fixture(scope="module")
def report():
    return validate(LIBRARY)


def test_the_library_has_no_problem(report):
    listed = [f"{one.path}:{one.line}: {one.message} [{one.code}]" for one in report.problems]
    assert listed == []


def test_notes_are_about_analyses_only(report):
    assert {one.code for one in report.notes} <= {"ANALYSIS_NOT_CALLED"}
