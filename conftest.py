"""Fixtures of a real Jupyter server for the tests."""

pytest_plugins = ["pytest_jupyter.jupyter_server"]
