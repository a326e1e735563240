"""The two kinds of model: what we say (strict) and what we read from others (tolerant)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Something we write or answer: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Document(BaseModel):
    """Something others wrote (a pack's metadata): fields we do not know are kept out, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
