"""Which secrets this process holds: the marketplace's token, the server's, and those of its environment, by name.

They are looked for exactly, in every encoding. Not here: a run's secret parameters, which only its own process knows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from keys_jupyter.redaction.variables import from_variables


def held_here(
    marketplace: Callable[[], Mapping[str, str]], server: Callable[[], Mapping[str, str]]
) -> dict[str, str]:
    """Return every secret that is held now, by a label.

    Args:
        marketplace: returns the tokens of the marketplace's session.
        server: returns the tokens of the server we run in.
    """
    return {**from_variables(os.environ), **server(), **marketplace()}
