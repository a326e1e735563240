"""Declared and given values in, a checked cell out; pure. No value and no name ever becomes code.

Reading and writing files, asking for secrets and running kernels are not here.
"""

from keys_jupyter.parameters.declare import Declaration, declared
from keys_jupyter.parameters.document import from_document
from keys_jupyter.parameters.given import check, complete
from keys_jupyter.parameters.literals import as_json
from keys_jupyter.parameters.notebook import inject
from keys_jupyter.parameters.problems import InvalidParameters, Problem
from keys_jupyter.parameters.schema import json_schema
from keys_jupyter.parameters.source import cell_source, commitment

__all__ = [
    "Declaration",
    "InvalidParameters",
    "Problem",
    "as_json",
    "cell_source",
    "check",
    "commitment",
    "complete",
    "declared",
    "from_document",
    "inject",
    "json_schema",
]
