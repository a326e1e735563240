"""The server's environment in, a kernel's environment out: nothing of ours and no credential of Jupyter's.

What is *not* here: hiding anything else. A kernel runs as the same user and may read what that user may read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

OURS = "KEYS_"
"""Variables of this package: they configure the server and may hold credentials. No key may ask for one."""

_PARENTS = frozenset({"JPY_PARENT_PID", "JPY_SESSION_NAME", "JPY_INTERRUPT_EVENT"})
"""What a server that is itself a child tells about its own kernel; wrong for any other."""

_CREDENTIAL = re.compile(
    r"^(JUPYTER|JUPYTERHUB|JUPYTERLAB|JPY|CONFIGPROXY|KERNEL|KG)_?.*"
    r"(TOKEN|SECRET|PASSWORD|PASSWD|COOKIE|AUTH|CRYPT_KEY|API_KEY)"
)


def spawner_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The server's environment without anything of ours."""
    return {name: value for name, value in environ.items() if not name.startswith(OURS)}


def kernel_environment(environ: Mapping[str, str], named: Iterable[str] = ()) -> dict[str, str]:
    """What a kernel gets.

    Args:
        environ: the environment to choose from.
        named: names the key declares; they pass although they look like a credential of Jupyter's.
    """
    wanted = frozenset(named)
    return {
        name: value
        for name, value in spawner_environment(environ).items()
        if name not in _PARENTS and (name in wanted or not _CREDENTIAL.match(name))
    }
