"""Evidence of runs and incidents: captured, put into a bundle, verified, compared.

* ``capture`` takes what a finished run left; nothing is written.
* ``bundle`` makes one deterministic zip of an incident, or of a period, from plain data.
* ``verify`` checks such a zip whole, with nothing but the standard library; a copy of it lies in every bundle.
* ``compare`` sets two runs of one key side by side.
"""

from keys_jupyter.evidence.capture import (
    RESULT_MIME,
    Captured,
    artifacts_in,
    capture,
    capture_file,
    capture_saved,
)

__all__ = [
    "RESULT_MIME",
    "Captured",
    "artifacts_in",
    "capture",
    "capture_file",
    "capture_saved",
]
