"""``python -m keys_jupyter.runner``: the spawner, for a server to start and talk to."""

from __future__ import annotations

from importlib import import_module

WARM = ("asyncio", "jupyter_client.manager", "jupyter_client.asynchronous", "keys_jupyter.store")
"""What every child needs: imported once here, so that a child is forked with it in place."""


def main() -> None:
    """Import once what every child needs, then serve."""
    for name in WARM:
        import_module(name)
    from keys_jupyter.runner.forking import Spawner

    Spawner().serve()


if __name__ == "__main__":
    main()
