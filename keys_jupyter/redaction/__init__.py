"""Text and outputs in, redacted copies and a report out.

Four layers: secrets we hold, in any spelling; rules for what has a shape of its own; rules for values beside a word such as
*password*; and values that merely look random, which are counted and left. Nothing is read or written here, and the
salt of the commitments stays with the caller.
"""

from __future__ import annotations

from keys_jupyter.model.redaction import RedactionReport
from keys_jupyter.redaction.files import redact_bytes
from keys_jupyter.redaction.outputs import (
    Redacted,
    redact_notebook,
    redact_output,
    redact_outputs,
    redact_text,
    redact_value,
)
from keys_jupyter.redaction.policy import Known, Options, Policy

Report = RedactionReport

__all__ = [
    "Known",
    "Options",
    "Policy",
    "Redacted",
    "Report",
    "redact_bytes",
    "redact_notebook",
    "redact_output",
    "redact_outputs",
    "redact_text",
    "redact_value",
]
