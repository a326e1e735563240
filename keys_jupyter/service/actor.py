"""Who is acting, and how we know: the Hub's user where there is one, else the operating system's.

The random names that Jupyter gives to people without an account are never used.
"""

from __future__ import annotations

import getpass
import os
import platform

from keys_jupyter.model.incident import Actor


def os_actor() -> Actor:
    """Return the person this process runs for."""
    user = _os_user()
    hub = os.environ.get("JUPYTERHUB_USER")
    return Actor(
        subject=hub or user,
        display=hub or user,
        method="jupyterhub" if hub else "os",
        os_user=user,
        host=platform.node(),
        claimed_name=os.environ.get("KEYS_ACTOR") or None,
    )


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"uid-{os.getuid()}"
