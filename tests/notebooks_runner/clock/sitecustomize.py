"""Every Python that starts with this folder on its path sees a clock that the file CLOCK_FILE sets: its number is added."""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

_told = time.time
_file = Path(os.environ["CLOCK_FILE"])


def _shift() -> float:
    return float(_file.read_text() or 0) if _file.exists() else 0.0


class _Moved(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_told() + _shift(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


time.time = lambda: _told() + _shift()
datetime.datetime = _Moved
