"""Numbers go in; the results, tables and files that a key leaves as evidence come out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RESULT_MIME = "application/vnd.keys.result+json"
GOOD_COLOUR, BAD_COLOUR, OTHER_COLOUR = "#4c78a8", "#d62728", "#9d9d9d"
HOLDS = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "==": lambda value, bound: value == bound,
    "between": lambda value, bound: bound[0] <= value <= bound[1],
}


# --- results ----------------------------------------------------------------------------------


def result(
    name: str, label: str, value: Any, unit: str | None = None, expected: Any = None
) -> dict[str, Any]:
    """Make one result.

    Args:
        name: snake_case; an interface, as runbooks' branches name it.
        label: what a person reads.
        value: a number, text, truth value or None; NaN and infinity become None.
        unit: such as "%" or "ms".
        expected: nothing, or a pair such as (">", 95.0), ("==", 0) or ("between", [1, 2]).
    """
    value = plain(value)
    bound = None if expected is None else {"op": expected[0], "value": plain(expected[1])}
    known = bound is not None and value is not None
    return {
        "name": name,
        "label": label,
        "value": value,
        "unit": unit,
        "expected": bound,
        "ok": bool(HOLDS[bound["op"]](value, bound["value"])) if known and bound else None,
    }


def results_document(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Put results into the document that an output of type RESULT_MIME carries."""
    return {"schema": "keys.result/1", "results": rows}


def results_text(document: dict[str, Any]) -> str:
    """Return the results as lines of plain text."""
    marks = {True: "ok", False: "NOT OK", None: ""}
    lines = []
    for row in document["results"]:
        unit = f" {row['unit']}" if row["unit"] else ""
        asked = f" (expected {_asked(row['expected'])}{unit})" if row["expected"] else ""
        value = "-" if row["value"] is None else f"{row['value']}{unit}"
        lines.append(f"{row['label']}: {value}{asked} {marks[row['ok']]}".rstrip())
    return "\n".join(lines)


def _asked(expected: dict[str, Any]) -> str:
    if expected["op"] == "between":
        return "between {:g} and {:g}".format(*expected["value"])
    bound = expected["value"]
    number = isinstance(bound, (int, float)) and not isinstance(bound, bool)
    return f"{expected['op']} {bound:g}" if number else f"{expected['op']} {bound}"


def results_bundle(document: dict[str, Any]) -> dict[str, Any]:
    """Return what `display(..., raw=True)` shows: the results, and their twin in plain text."""
    return {RESULT_MIME: document, "text/plain": results_text(document)}


def plain(value: Any) -> Any:
    """Turn a value into one that JSON has: NaN and infinity become None, UTC moments text."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return None if isinstance(value, float) and not math.isfinite(value) else value


def percent_down(part: int, whole: int) -> float | None:
    """Give a share in percent to two decimals, rounded down: never healthier than it is."""
    return part * 10_000 // whole / 100 if whole else None


# --- tables and files -------------------------------------------------------------------------


def markdown_table(table: pd.DataFrame) -> str:
    """Write a table and its index in Markdown."""
    frame = table.reset_index()
    rows = [[str(name) for name in frame.columns], ["---"] * len(frame.columns)]
    rows += [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: Any) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def write_artifacts(folder: Path | str, artifacts: dict[str, Any]) -> list[Path]:
    """Write artifacts by file name: text as it is, a table as CSV, anything else as JSON.

    The same content gives the same bytes on every system.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, content) for name, content in artifacts.items()]


def _write(path: Path, content: Any) -> Path:
    if isinstance(content, pd.DataFrame):
        content = content.to_csv(index=False, lineterminator="\n")
    elif not isinstance(content, str):
        content = json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n"
    path.write_bytes(content.encode("utf-8"))
    return path


# --- plots ------------------------------------------------------------------------------------


def new_plot(title: str, x: str, y: str, height: float = 3.8) -> tuple[Any, Any]:
    """Start a figure with a title and named axes; returns the figure and its axes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, height), layout="constrained")
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def time_axis(axes: Any) -> None:
    """Let the horizontal axis show times shortly."""
    import matplotlib.dates as dates

    locator = dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


def legend_below(figure: Any, columns: int = 3) -> None:
    """Put the legend where it hides no data."""
    figure.legend(loc="outside lower center", ncols=columns, frameon=False)
