"""Which secrets this process holds: the marketplace's token, the server's, and those of its environment, by name.

They are looked for exactly, in every encoding. Not here: a run's secret parameters, which only its own process knows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

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


def held_here(
    marketplace: Callable[[], Mapping[str, str]], server: Callable[[], Mapping[str, str]]
) -> dict[str, str]:
    """Return every secret that is held now, by a label.

    Args:
        marketplace: returns the tokens of the marketplace's session.
        server: returns the tokens of the server we run in.
    """
    return {**from_variables(os.environ), **server(), **marketplace()}
