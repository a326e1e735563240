"""Tries to run a notebook without the superuser's power over permissions, and says how it was refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupyter_client.kernelspec  # noqa: F401 - what a run needs may lie where only the superuser reads

from keys_jupyter.errors import KeysError
from keys_jupyter.model.run import RunRequest
from keys_jupyter.service import Service

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    service = Service(Path(sys.argv[1]), Path(sys.argv[2]), [])
    service.runs.start(RunRequest(key="n.ipynb"))
except KeysError as refused:
    sys.stdout.write(refused.code)
