"""Which variables of an environment are secrets, by what they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMED = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|CREDENTIALS?|APIKEY|KEY)$", re.I
)
_SHORTEST = 8
"""Characters; shorter values of variables are words that appear by chance."""


def from_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an environment that its names call secret, by a label.

    What is the path of a file is left: it is no secret, and evidence without paths could not be read.
    """
    return {
        name.lower().replace("_", "-"): value
        for name, value in environ.items()
        if _NAMED.search(name) and len(value) >= _SHORTEST and not value.startswith(("/", "~"))
    }
