"""Whether a bundle holds: one verifier, used here and put as one file into every bundle.

It reads and compares. Nothing of a bundle is executed, rendered, or written to a disk.
"""

from keys_jupyter.evidence.verify.checks import verified
from keys_jupyter.evidence.verify.door import verify_bytes, verify_file
from keys_jupyter.evidence.verify.standalone import source

__all__ = ["source", "verified", "verify_bytes", "verify_file"]
