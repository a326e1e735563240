"""Archives that must be refused, each with the one code it must be refused with; all built in code."""

from __future__ import annotations

from tests.hostile import amounts, kinds, packs, places, readings, twins
from tests.hostile.case import Case

CASES: list[Case] = [
    *places.CASES,
    *amounts.CASES,
    *kinds.CASES,
    *twins.CASES,
    *readings.CASES,
    *packs.CASES,
]
