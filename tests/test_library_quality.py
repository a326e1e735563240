"""The repository's own library stands the rules it asks of others."""

import re
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


def test_notes_are_about_analyses_and_one_line_for_a_person(report):
    """Previews are there and of the files as they are, and conditions name results."""
    others = [one for one in report.notes if one.code != "ANALYSIS_NOT_CALLED"]
    assert [one.code for one in others] == ["CONDITION_NO_RESULT"]
    assert "a line leads to an action that you have already done twice" in others[0].message


def test_every_key_has_a_preview_of_reasonable_size():
    previews = sorted(LIBRARY.glob("jupyter-keys/*/preview.html"))
    assert len(previews) == len(list(LIBRARY.glob("jupyter-keys/*/key.json"))) == 9
    for path in previews:
        text = path.read_text("utf-8")
        assert 10_000 < path.stat().st_size < 600_000
        assert text.count("<img ") >= 1
        assert "<script" not in text.lower()
        assert not re.search(r"""(?:src|href)=["'](?!data:image/png;base64,|#|https://)""", text)
        assert not re.search(r"/(?:tmp|home|root|Users|work)/", re.sub(r"base64,[^\"]+", "", text))
