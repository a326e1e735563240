"""A saved notebook that a person ran in, what it shows of every cell out; pure.

What a saved notebook shows is weaker than what a run of ours saw: it does not tell when a cell ran, whether its outputs
came from the source that stands there now, or whether anybody edited it. :data:`STANDING` says so in every record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from keys_jupyter.errors import InputError, StateError
from keys_jupyter.model.run import CellState, RunState
from keys_jupyter.parameters.notebook import cells_of, source_of
from keys_jupyter.runner.recording import joined, plain
from keys_jupyter.runner.titles import text

STANDING = (
    "Run by hand: this record holds what the saved notebook shows. It cannot prove when or in which order cells ran, "
    "that their outputs came from the source they stand under, or that nothing was edited."
)
_MAY_RAISE = "raises-exception"
_SKIP = "skip-execution"
_LISTED = 12


class SeenCell(NamedTuple):
    """What a saved notebook shows of one code cell; ``state`` is None where it shows nothing."""

    at: int
    number: int
    state: CellState | None
    error: dict[str, str] | None
    outputs: list[dict[str, Any]]


class Collected(NamedTuple):
    """What a saved notebook shows, how that ends the run, and what is to be known about it."""

    cells: list[SeenCell]
    state: RunState
    reason: str
    notes: list[str]


def collected(prepared: Mapping[str, Any], saved: Mapping[str, Any], run_id: str) -> Collected:
    """Read what a saved notebook shows.

    Args:
        prepared: the notebook as it was prepared.
        saved: the notebook as it is saved now.
        run_id: the run it must be of.

    Raises:
        InputError: it is another run's notebook, or none of ours.
        StateError: no cell was run in it.
    """
    bound = (saved.get("metadata") or {}).get("keys_jupyter") or {}
    if bound.get("run") != run_id:
        raise InputError(
            "NOT_THIS_RUN",
            "The notebook at the run's place does not say that it belongs to this run.",
            "Put the notebook that was prepared back to its place.",
        )
    cells = list(seen_cells(saved))
    if not any(cell.state in _DONE for cell in cells):
        raise StateError(
            "NOTHING_RAN",
            "The saved notebook shows no cell that was run.",
            "Run its cells, save it, and collect it again.",
        )
    state, reason = _end(cells)
    return Collected(cells, state, reason, [STANDING, *_order(saved), *_changes(prepared, saved)])


def validated(saved: dict[str, Any]) -> dict[str, Any]:
    """Return a saved notebook whose every part can be relied on.

    Raises:
        InputError: it is malformed.
    """
    import nbformat

    for cell in cells_of(saved):
        source_of(cell)
    try:
        nbformat.validate(saved, relax_add_props=True)
    except nbformat.ValidationError as problem:
        raise InputError(
            "MALFORMED_NOTEBOOK",
            f"The saved notebook is malformed: {str(problem).splitlines()[0][:200]}",
            "Open it in JupyterLab, save it, and collect it again.",
        ) from problem
    return saved


_DONE = (CellState.OK, CellState.FAILED, CellState.ALLOWED_ERROR)


def seen_cells(saved: Mapping[str, Any]) -> Iterator[SeenCell]:
    """Yield what a saved notebook shows of each code cell."""
    number = 0
    for index, cell in enumerate(saved["cells"]):
        if cell.get("cell_type") == "code":
            number += 1
            outputs = [output for output in cell.get("outputs") or [] if isinstance(output, dict)]
            yield SeenCell(index, number, _state(cell, outputs), _error(outputs), outputs)


def _state(cell: Mapping[str, Any], outputs: list[dict[str, Any]]) -> CellState | None:
    tags = (cell.get("metadata") or {}).get("tags") or []
    if any(output.get("output_type") == "error" for output in outputs):
        return CellState.ALLOWED_ERROR if _MAY_RAISE in tags else CellState.FAILED
    if isinstance(cell.get("execution_count"), int):
        return CellState.OK
    if outputs:
        # Outputs without a count: it still ran when the notebook was saved, or was cut short.
        return CellState.INTERRUPTED
    if _SKIP in tags:
        return CellState.SKIPPED
    return None if text(cell).strip() else CellState.OK


def _error(outputs: list[dict[str, Any]]) -> dict[str, str] | None:
    for output in outputs:
        if output.get("output_type") == "error":
            return {
                "name": str(output.get("ename", "")),
                "message": plain(str(output.get("evalue", ""))),
                "traceback": plain("\n".join(map(str, output.get("traceback") or []))),
            }
    return None


def _end(cells: list[SeenCell]) -> tuple[RunState, str]:
    """Say how the run ended, from the worst that is seen."""
    failed = [cell for cell in cells if cell.state is CellState.FAILED]
    if failed:
        raised = failed[0].error or {}
        first = (raised.get("message", "").splitlines() or [""])[0][:200]
        said = f"{raised.get('name', '')}: {first}".removesuffix(": ")
        return RunState.CELL_ERROR, f"Run by hand; cell {failed[0].number} shows {said}."
    cut = _numbers(cell for cell in cells if cell.state is CellState.INTERRUPTED)
    if cut:
        return RunState.INTERRUPTED, f"Run by hand; cut short or still running when saved: {cut}."
    never = _numbers(cell for cell in cells if cell.state is None)
    if never:
        return RunState.INTERRUPTED, f"Run by hand; never run: {never}."
    return RunState.SUCCEEDED, "Run by hand; the saved notebook shows every cell as run."


def _numbers(cells: Iterator[SeenCell]) -> str:
    return _listed([cell.number for cell in cells])


def _listed(numbers: list[int]) -> str:
    if not numbers:
        return ""
    shown = ", ".join(map(str, numbers[:_LISTED]))
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    return f"cell {shown}" if len(numbers) == 1 else f"cells {shown}{more}"


def _order(saved: Mapping[str, Any]) -> Iterator[str]:
    """Say what the counts tell of the order; that they look right proves nothing."""
    counts = [
        cell["execution_count"]
        for cell in saved["cells"]
        if cell.get("cell_type") == "code" and isinstance(cell.get("execution_count"), int)
    ]
    if len(set(counts)) < len(counts):
        yield "Cells were run in more than one kernel: some counts stand twice."
    elif counts != sorted(counts):
        yield "Cells were not run from top to bottom; the order of their counts is another."
    elif counts and counts != list(range(1, len(counts) + 1)):
        yield "Some cells were run more than once, or cells that were run are gone: the counts have gaps."


def _changes(prepared: Mapping[str, Any], saved: Mapping[str, Any]) -> Iterator[str]:
    """Say which cells are not as they were prepared."""
    # Where the prepared notebook's format has no ids, JupyterLab adds some when it saves.
    by_id = all(cell.get("id") for cell in _codes(prepared))
    before = dict(_sources(prepared, by_id))
    after = dict(_sources(saved, by_id))
    numbers = {name: number for number, name in enumerate(after, 1)}
    edited = [numbers[name] for name in after if name in before and before[name] != after[name]]
    added = [numbers[name] for name in after if name not in before]
    gone = len(before.keys() - after.keys())
    if edited:
        yield f"Edited since it was prepared: {_listed(edited)}."
    if added:
        yield f"Added since it was prepared: {_listed(added)}."
    if gone:
        yield f"Removed since it was prepared: {gone} code {'cell' if gone == 1 else 'cells'}."


def _sources(notebook: Mapping[str, Any], by_id: bool) -> Iterator[tuple[str, str]]:
    """Code cells by id, or by number."""
    for number, cell in enumerate(_codes(notebook), 1):
        name = cell.get("id", "") if by_id else ""
        yield str(name or number), joined(cell.get("source") or "")


def _codes(notebook: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
