"""Deliveries counted by type and hour go in, pictures of them come out."""

from __future__ import annotations

from typing import Any

import pandas as pd
from key_results import BAD_COLOUR, GOOD_COLOUR, legend_below, new_plot, time_axis
from table_times import utc

LONGEST_HOURLY_PLOT = pd.Timedelta(days=14)


def plot_by_type(by_type: pd.DataFrame, most: int = 10) -> Any:
    """Draw failed deliveries by event type, the worst on top."""
    table = by_type.head(most).iloc[::-1]
    title = "Failed deliveries by event type (share of its deliveries)"
    figure, axes = new_plot(title, "Failed deliveries", "Event type", 0.45 * len(table) + 1.6)
    bars = axes.barh(table.index, table["failed"], color=BAD_COLOUR)
    shares = zip(table["failed"], table["failed %"], strict=True)
    axes.bar_label(bars, [f"{n:,} ({share:g} %)" for n, share in shares], padding=4)
    axes.set_xlim(0, max(1, table["failed"].max()) * 1.2)
    return figure


def plot_over_time(
    by_hour: pd.DataFrame, began: pd.Timestamp | None, ended: pd.Timestamp | None = None
) -> Any:
    """Draw delivered and failed deliveries per hour, per day when the log is long."""
    table, unit, width = _plotted(by_hour)
    counted = f"Deliveries per {unit}"
    figure, axes = new_plot(counted, "Time (UTC)", counted)
    fine = table["deliveries"] - table["failed"]
    wide = {"width": width, "align": "edge"}
    axes.bar(table.index, fine, label="Delivered", color=GOOD_COLOUR, **wide)
    axes.bar(table.index, table["failed"], bottom=fine, label="Failed", color=BAD_COLOUR, **wide)
    lines = ((began, "Failures began", "--"), (ended, "Failures ended", ":"))
    for moment, what, style in [line for line in lines if line[0] is not None]:
        label = f"{what} {utc(moment)}"
        axes.axvline(moment, color="black", linestyle=style, linewidth=1, label=label)
    time_axis(axes)
    legend_below(figure, 2 if ended is not None else 3)
    return figure


def _plotted(by_hour: pd.DataFrame) -> tuple[pd.DataFrame, str, pd.Timedelta]:
    table = by_hour[["deliveries", "failed"]]
    if len(table) and table.index[-1] - table.index[0] > LONGEST_HOURLY_PLOT:
        return table.resample("D").sum(), "day", pd.Timedelta(days=1)
    return table, "hour", pd.Timedelta(hours=1)
