"""Two runs of one key in, what differs between them out: how they ran, what they were given, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys_jupyter.errors import InputError
from keys_jupyter.model.bundle import Comparison, Difference
from keys_jupyter.model.run import Result, Run

_ABSENT = object()
Digests = Sequence[tuple[str, str]]


def compare(left: Run, right: Run, outputs: tuple[Digests, Digests] = ((), ())) -> Comparison:
    """Return two runs side by side.

    Args:
        left: the one that counts as before.
        right: the one that counts as after.
        outputs: for each run, the name and the digest of every output, in order.

    Raises:
        InputError: they are runs of two keys.
    """
    if left.key != right.key:
        raise InputError(
            "TWO_KEYS",
            f"These are runs of two keys, {left.key} and {right.key}.",
            'Choose two runs of one key; "jupyter keys runs list" names them.',
        )
    facts = _facts(left, right)
    parameters = _differences(left.parameters, right.parameters)
    results = _results(left.results, right.results)
    artifacts = (
        [(f"artifact {one.path}", one.sha256) for one in left.artifacts],
        [(f"artifact {one.path}", one.sha256) for one in right.artifacts],
    )
    told = [dict([*outputs[side], *artifacts[side]]) for side in (0, 1)]
    found = _differences(told[0], told[1])
    cells = _differences(_cells(left), _cells(right))
    return Comparison(
        left=left.id,
        right=right.id,
        key=left.key,
        facts=facts,
        parameters=parameters,
        results=results,
        outputs=found,
        cells=cells,
        summary=_summary(parameters, results, found, facts),
    )


def _facts(left: Run, right: Run) -> list[Difference]:
    names = ("version", "pack_sha256", "kernel", "mode", "state", "reason")
    sides = []
    for run in (left, right):
        facts = {name: _plain(getattr(run, name)) for name in names}
        facts |= {f"input {one.parameter}": one.sha256 for one in run.inputs}
        sides.append(facts)
    return _differences(sides[0], sides[1])


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _results(left: Sequence[Result], right: Sequence[Result]) -> list[Difference]:
    rows = _differences(
        {one.name: one.value for one in left}, {one.name: one.value for one in right}
    )
    met = _differences(
        {f"{one.name}, as expected": one.ok for one in left if one.ok is not None},
        {f"{one.name}, as expected": one.ok for one in right if one.ok is not None},
    )
    return rows + [row for row in met if row.change != "same"]


def _cells(run: Run) -> dict[str, Any]:
    return {f"cell {cell.number}": cell.state.value for cell in run.cells}


def _differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Difference]:
    names = [*left, *(name for name in right if name not in left)]
    return [_difference(name, left.get(name, _ABSENT), right.get(name, _ABSENT)) for name in names]


def _difference(name: str, left: Any, right: Any) -> Difference:
    if left is _ABSENT:
        return Difference(name=name, left=None, right=right, change="added")
    if right is _ABSENT:
        return Difference(name=name, left=left, right=None, change="removed")
    # True equals 1 in Python, and is another value to a reader.
    same = left == right and isinstance(left, bool) == isinstance(right, bool)
    numbers = not same and _is_number(left) and _is_number(right)
    return Difference(
        name=name,
        left=left,
        right=right,
        change="same" if same else "changed",
        by=float(f"{right - left:.12g}") if numbers else None,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _summary(
    parameters: Sequence[Difference],
    results: Sequence[Difference],
    outputs: Sequence[Difference],
    facts: Sequence[Difference],
) -> str:
    said = []
    for name, rows in (
        ("parameter", parameters),
        ("result", results),
        ("output", outputs),
        ("other fact", facts),
    ):
        count = sum(row.change != "same" for row in rows)
        if count:
            said.append(f"{count} {name}{'' if count == 1 else 's'}")
    return f"{', '.join(said)} differ." if said else "Nothing differs."
