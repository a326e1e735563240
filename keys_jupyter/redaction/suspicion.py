"""A text in, the number of values in it that look random out; they are only counted, never changed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

_RUN = re.compile(r"[A-Za-z0-9+/_.=-]{24,}")
_VALUE = re.compile(
    r"(?=[^a-z]{0,130}[a-z])(?=[^A-Z]{0,130}[A-Z])(?=[^0-9]{0,130}[0-9])[A-Za-z0-9+/_-]{24,128}={0,2}"
)
_ORDINARY = re.compile(
    r"[0-9a-f]+|[0-9A-F]+|[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}|(?:sha\d{1,3}|md5)-.*"
    r"|[a-z]{2,5}_[A-Za-z0-9]{14,40}|pk_(?:live|test)_\w+|[A-Za-z]+(?:[_/-][A-Za-z]+)*|[0-9T:+_/-]+"
)
_LEAST_BITS = 4.1
_LONGEST = 130


def suspicious(text: str) -> Iterator[int]:
    """Yield where a value begins that looks random and is nothing that usually does."""
    for match in _RUN.finditer(text):
        value = match[0]
        if len(value) > _LONGEST or not _VALUE.fullmatch(value):
            continue
        if not _ORDINARY.fullmatch(value) and _bits(value) >= _LEAST_BITS:
            yield match.start()


def _bits(value: str) -> float:
    """Shannon's entropy of the characters of a value, in bits for one."""
    length = len(value)
    return -sum(n / length * math.log2(n / length) for n in Counter(value).values())
