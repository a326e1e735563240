"""The server of the first browser suite: Galata's own configuration. Tests only, loopback only."""

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821 - Jupyter puts `c` here
# One run at a time, so that a second one is seen to wait.
c.KeysExtension.max_running = 1  # noqa: F821
