"""Two runs of one key side by side, with every difference counted by hand."""

import pytest

from keys_jupyter.errors import InputError
from keys_jupyter.evidence.compare import compare
from keys_jupyter.model.run import Run
from tests.bundles import run_facts


def run(**changes):
    facts = run_facts()
    known = {
        "n": 1,
        "usual_seconds": None,
        "folder": "f",
        "notebook": "f/x.ipynb",
        "kernel": "python3",
    }
    return Run.model_validate({**facts, **known, **changes})


def changed(rows):
    return {
        row.name: (row.left, row.right, row.change, row.by) for row in rows if row.change != "same"
    }


def test_a_run_compared_with_itself_differs_in_nothing():
    digests = [("output 1 of cell 1", "a" * 64)]
    found = compare(run(), run(), (digests, digests))
    assert found.summary == "Nothing differs."
    rows = [*found.facts, *found.parameters, *found.results, *found.outputs, *found.cells]
    assert {row.change for row in rows} == {"same"}
    assert [row.name for row in found.parameters] == ["input_csv", "days"]


def test_every_kind_of_difference_is_named():
    results = [
        {"name": "delivery_success_rate", "value": 97.1, "ok": True},
        {"name": "new", "value": True},
    ]
    cells = [dict(cell, state="ok", error=None) for cell in run_facts()["cells"]]
    after = run(
        id="b" * 32,
        version="1.1.0",
        state="SUCCEEDED",
        reason="",
        parameters={"input_csv": "later.csv", "hours": 3},
        results=results,
        cells=cells,
        artifacts=[{"path": "report.md", "sha256": "c" * 64, "size": 1}],
    )
    outputs = ([("output 1 of cell 1", "a" * 64)], [("output 1 of cell 1", "b" * 64)])
    found = compare(run(), after, outputs)
    assert changed(found.facts) == {
        "version": ("1.0.0", "1.1.0", "changed", None),
        "state": ("CELL_ERROR", "SUCCEEDED", "changed", None),
        "reason": ("Cell 2 raised ValueError.", "", "changed", None),
    }
    assert changed(found.parameters) == {
        "input_csv": ("logs.csv", "later.csv", "changed", None),
        "days": (7, None, "removed", None),
        "hours": (None, 3, "added", None),
    }
    assert changed(found.results) == {
        "delivery_success_rate": (91.3, 97.1, "changed", 5.8),
        "retries": (4, None, "removed", None),
        "new": (None, True, "added", None),
        "delivery_success_rate, as expected": (False, True, "changed", None),
    }
    assert changed(found.outputs) == {
        "output 1 of cell 1": ("a" * 64, "b" * 64, "changed", None),
        "artifact report.md": (None, "c" * 64, "added", None),
    }
    assert changed(found.cells) == {
        "cell 2": ("failed", "ok", "changed", None),
        "cell 3": ("never_ran", "ok", "changed", None),
    }
    assert found.summary == "3 parameters, 4 results, 2 outputs, 3 other facts differ."


def test_an_input_that_changed_under_its_name_is_seen():
    sides = [
        run(
            inputs=[
                {"parameter": "input_csv", "path": "logs.csv", "sha256": digest * 64, "size": 1}
            ]
        )
        for digest in "de"
    ]
    assert list(changed(compare(*sides).facts)) == ["input input_csv"]


@pytest.mark.parametrize(
    ("left", "right", "change"),
    [
        (1, 1.0, "same"),
        (1, True, "changed"),
        (0, False, "changed"),
        ("1", 1, "changed"),
        (None, None, "same"),
    ],
)
def test_values_are_the_same_only_if_a_reader_would_say_so(left, right, change):
    sides = [run(parameters={"x": value}) for value in (left, right)]
    assert compare(*sides).parameters[0].change == change


def test_runs_of_two_keys_are_not_compared():
    with pytest.raises(InputError) as caught:
        compare(run(), run(key="jupyter-other"))
    assert caught.value.code == "TWO_KEYS"
