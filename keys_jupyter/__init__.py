"""Keys for Jupyter: runbooks, notebook keys and evidence inside JupyterLab.

Only what Jupyter asks for at start is here; everything else is imported when it is first used.
"""

from __future__ import annotations

from typing import Any


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "keys-jupyter"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from keys_jupyter.extension import KeysExtension

    return [{"module": "keys_jupyter", "app": KeysExtension}]
