"""Calls or counted requests go in; their failing stretches since an incident's start come out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from failing_stretches import Stretch, stretches

COMPARABLE = 30


def since_position(frame: pd.DataFrame, since: pd.Timestamp | None) -> int:
    """Return the position of the first row that belongs to the incident."""
    return 0 if since is None else int(frame["time"].searchsorted(since))


def trials_of(part: pd.DataFrame) -> pd.DataFrame:
    """Take each call as a trial."""
    failed = (part["kind"] != "").to_numpy().astype("f8")
    return pd.DataFrame({"time": part["time"].to_numpy(), "failed": failed, "tried": 1.0})


def failing_since(
    trials: pd.DataFrame, since: pd.Timestamp | None
) -> tuple[float, list[Stretch], pd.DataFrame]:
    """Find failing stretches since the incident's start; the trials before say what is usual."""
    times = pd.to_datetime(trials["time"], utc=True)
    trials = trials.assign(time=times)
    at = since_position(trials, since)
    before, during = trials.iloc[:at], trials.iloc[at:].reset_index(drop=True)
    tried = before["tried"].sum()
    usual = before["failed"].sum() / tried if tried >= COMPARABLE else np.nan
    found = stretches(during["failed"], during["tried"], 0.0 if np.isnan(usual) else usual)
    return round(100 * usual, 2), found, during
