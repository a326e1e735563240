"""The verifier as one file: the same modules this package uses, joined, with nothing outside the standard library.

They are written for Python 3.8, which is what an auditor may have. There is one implementation. What a stranger runs from ``verify.py`` is, line for line, what
:mod:`keys_jupyter.evidence.verify` runs.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent.parent
# Each only uses those before it.
MODULES = (
    "ledger/encoding",
    "ledger/tree",
    "ledger/proofs",
    "ledger/ed25519",
    "ledger/checkpoint",
    "model/gaps",
    "evidence/bundle/container",
    "evidence/bundle/layout",
    "evidence/bundle/words",
    "evidence/bundle/steps",
    "evidence/bundle/cells",
    "evidence/bundle/limits",
    "evidence/bundle/facts",
    "evidence/bundle/period",
    "evidence/bundle/attestation",
    "evidence/bundle/bag",
    "evidence/bundle/crate",
    "evidence/bundle/guide",
    "evidence/bundle/style",
    "evidence/bundle/page",
    "evidence/bundle/runs",
    "evidence/bundle/report",
    "evidence/bundle/period_report",
    "evidence/bundle/derive",
    "evidence/verify/opened",
    "evidence/verify/sealed",
    "evidence/verify/treed",
    "evidence/verify/recorded",
    "evidence/verify/checks",
    "evidence/verify/main",
)
_JOINED = ("keys_jupyter", "__future__")
_HEAD = '''\
#!/usr/bin/env python3
"""Verifies an evidence bundle of keys-jupyter, with Python 3.8 or newer and nothing else.

    python3 verify.py BUNDLE.zip [--key FINGERPRINT] [--against CHECKPOINT.txt] [--json]

It only reads. It ends with 0 when the bundle holds, with 5 when it does not, and with 1 when its own checks hold
and the held checkpoint is of a later state, which the bundle alone cannot be compared with.
"""

from __future__ import annotations

'''
_FOOT = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


@lru_cache(maxsize=1)
def source() -> str:
    """Return the text of ``verify.py``.

    Raises:
        ValueError: two modules use one public name, so they cannot be one file.
    """
    imports: set[str] = set()
    bodies: list[str] = []
    owners: dict[str, str] = {}
    for module in MODULES:
        tree, lines = _read(module)
        imports |= {line for node in tree.body for line in _outside(node)}
        names = {name for node in tree.body for name in _names(node)}
        for name in names:
            if not name.startswith("_") and owners.setdefault(name, module) != module:
                raise ValueError(f"{name} is in {owners[name]} and in {module}.")
        body = "\n".join(lines).strip("\n")
        bodies.append(f"# {module.replace('/', '.')}\n\n{_marked(body, names, module)}")
    return _HEAD + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n\n".join(bodies) + _FOOT


def _read(module: str) -> tuple[ast.Module, list[str]]:
    """Return a module's tree, and its lines without docstring, imports and list of public names."""
    text = (_PACKAGE / f"{module}.py").read_text("utf-8")
    tree = ast.parse(text)
    drop: set[int] = set()
    for place, node in enumerate(tree.body):
        docstring = place == 0 and isinstance(node, ast.Expr)
        if docstring or isinstance(node, (ast.Import, ast.ImportFrom)):
            drop.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return tree, [line for number, line in enumerate(text.split("\n"), 1) if number not in drop]


def _outside(node: ast.stmt) -> list[str]:
    """Return an import as lines, unless it is of a module that is joined in anyway."""
    if isinstance(node, ast.Import):
        return [f"import {alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not str(node.module).startswith(_JOINED):
        return [f"from {node.module} import {alias.name}" for alias in node.names]
    return []


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [
            part.id for one in node.targets for part in ast.walk(one) if isinstance(part, ast.Name)
        ]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _marked(body: str, names: set[str], module: str) -> str:
    """Give the names that are private to a module its own mark, since in one file they would meet."""
    mark = module.rsplit("/", 1)[-1]
    for name in sorted(name for name in names if name.startswith("_")):
        body = re.sub(rf"(?<![\w.\"']){name}\b", f"_{mark}{name}", body)
    return body
