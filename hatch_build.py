"""Packs the embedded library into the package while a wheel or an editable install is made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EmbeddedLibrary(BuildHookInterface):
    """Builds ``library/`` into ``keys_jupyter/embedded/`` with the same tool that authors use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build it before the files of the package are listed."""
        root = Path(self.root)
        source = root / "library"
        if not source.is_dir():  # an sdist carries the built library only
            return
        sys.path.insert(0, self.root)
        try:
            from keys_jupyter.authoring.build import build
        finally:
            sys.path.remove(self.root)
        build(source, root / "keys_jupyter" / "embedded")
