"""A slug in, the folder of a key or runbook out that validates as it is and can be run or read at once.

Nothing that exists is ever overwritten: a folder of that name is refused, whatever is in it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from keys_jupyter.alignment import SUITED
from keys_jupyter.authoring.lint import Page, checklist
from keys_jupyter.authoring.schema import RUNBOOK_TYPES
from keys_jupyter.authoring.validate import KEYS, RUNBOOKS
from keys_jupyter.errors import InputError

_TEMPLATES = Path(__file__).parent / "templates"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 100
_AUTHOR = "The authors"
_OUTCOMES = {
    "incident": "incident-response",
    "failure-mode": "incident-response",
    "recovery": "recovery",
    "decision": "decision-support",
}

_DESCRIPTION = (
    "A service answers with errors or not at all: finds the cause, repairs and verifies it."
)
_DESCRIPTIONS = {"decision": "A release is ready: weighs risk and cost, decides, and verifies it."}


def new_key(slug: str, folder: Path, *, author: str = _AUTHOR) -> Path:
    """Make a key with a small notebook that runs.

    Args:
        slug: its name, such as ``jupyter-order-analysis``.
        folder: the library; the key goes to ``jupyter-keys/<slug>/`` in it.
        author: who makes it.

    Returns:
        The new folder.

    Raises:
        InputError: ``BAD_SLUG``, or ``ALREADY_THERE`` when something of that name exists.
    """
    title = "Jupyter Keys: " + _titled(slug.removeprefix("jupyter-"))
    notebook = f"{slug.removeprefix('jupyter-')}.ipynb"
    words = _words(slug, title, author) | {"notebook": notebook}
    files = {
        "key.json": _document(_key(slug, title, author, notebook)),
        "README.md": _filled("key/README.md", words),
        "CHANGELOG.md": _filled("key/CHANGELOG.md", words),
        "LICENSE.txt": _filled("LICENSE.txt", words),
        "requirements.txt": _filled("key/requirements.txt", words),
        "sample/events.csv": _filled("key/events.csv", words),
        f"notebooks/{notebook}": _filled("key/notebook.ipynb", words),
    }
    return _made(slug, folder, KEYS, files)


def new_runbook(
    slug: str, folder: Path, *, key_type: str = "incident", author: str = _AUTHOR
) -> Path:
    """Make a runbook with all ten sections, and its checklist.

    Args:
        slug: its name, such as ``order-service-failure``.
        folder: the library; the runbook goes to ``runbook-keys/<slug>/`` in it.
        key_type: incident, failure-mode, decision or recovery.
        author: who makes it.

    Returns:
        The new folder.

    Raises:
        InputError: ``BAD_SLUG``, ``UNKNOWN_TYPE``, or ``ALREADY_THERE``.
    """
    if key_type not in RUNBOOK_TYPES:
        raise InputError(
            "UNKNOWN_TYPE",
            f"{key_type!a} is no type of runbook.",
            f"Choose one of {', '.join(RUNBOOK_TYPES)}.",
        )
    title = f"{_titled(slug.removesuffix('-runbook'))} Runbook"
    words = _words(slug, title, author) | {"suited": _suited(key_type)}
    template = "decision.md" if key_type == "decision" else "README.md"
    text = _filled(f"runbook/{template}", words)
    files = {
        "pack.json": _document(_pack(slug, title, author, key_type)),
        "README.md": text,
        "checklist.md": checklist.checklist(Page("README.md", text)),
        "CHANGELOG.md": _filled("runbook/CHANGELOG.md", words),
        "LICENSE.txt": _filled("LICENSE.txt", words),
    }
    return _made(slug, folder, RUNBOOKS, files)


def _made(slug: str, library: Path, kind: str, files: Mapping[str, str]) -> Path:
    """Write a folder beside its place and put it there at once."""
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise InputError(
            "BAD_SLUG",
            f"{slug!a} is no slug.",
            f"Use small letters and figures joined by hyphens, at most {_LONGEST} characters.",
        )
    home = library if library.name == kind else library / kind
    target = home / slug
    if target.exists() or target.is_symlink():
        raise InputError(
            "ALREADY_THERE",
            f"{target.as_posix()!a} exists already; nothing was written.",
            "Choose another slug, or move that folder aside.",
        )
    home.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        for name, text in files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        stage.chmod(0o755)
        stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return target


def _titled(slug: str) -> str:
    return slug.replace("-", " ").title()


def _words(slug: str, title: str, author: str) -> dict[str, str]:
    today = datetime.now(timezone.utc).date()
    return {
        "slug": slug,
        "title": title,
        "author": author,
        "date": today.isoformat(),
        "year": str(today.year),
    }


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = (_TEMPLATES / template).read_text("utf-8")
    for name, value in words.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def _document(stated: Mapping[str, object]) -> str:
    return json.dumps(stated, indent=2, ensure_ascii=False) + "\n"


def _key(slug: str, title: str, author: str, notebook: str) -> dict[str, object]:
    return {
        "slug": slug,
        "title": title,
        "description": "Says which share of a list of events succeeded, and which event fails most.",
        "tool": "jupyter",
        "key_type": ["notebook"],
        "version": "1.0.0",
        "license_spdx": "MIT",
        "outcome": "incident-diagnosis",
        "maturity": "starter",
        "category": "operational-analysis",
        "difficulty": "beginner",
        "runtime_minutes": 1,
        "tags": ["events"],
        "preview_public": True,
        "author": {"name": author},
        "documentation": {"readme": "README.md", "changelog": "CHANGELOG.md"},
        "entry": f"notebooks/{notebook}",
        "questions": ["What share of the events succeeded?", "Which event fails most?"],
        "results": ["success_rate", "failed_events", "failing_most"],
        "parameters": {
            "input_csv": {"title": "Events", "file": True},
            "expected_success_rate": {
                "title": "Expected success rate",
                "unit": "%",
                "minimum": 0,
                "maximum": 100,
            },
            "output_dir": {"title": "Output folder", "output_folder": True},
        },
    }


def _pack(slug: str, title: str, author: str, key_type: str) -> dict[str, object]:
    return {
        "slug": slug,
        "title": title,
        "description": _DESCRIPTIONS.get(key_type, _DESCRIPTION),
        "tool": "operational",
        "key_type": [key_type],
        "severity_level": "p3" if key_type == "decision" else "p2",
        "version": "1.0.0",
        "outcome": _OUTCOMES[key_type],
        "maturity": "starter",
        "license_spdx": "MIT",
        "author": {"name": author},
        "documentation": {
            "readme": "README.md",
            "checklist": "checklist.md",
            "changelog": "CHANGELOG.md",
        },
        "runtime_dependency": "human",
        "required_access_level": "write",
        "produces_evidence": True,
        "compliance_relevance": [],
        "references_jupyter_keys": [],
        "references_node_keys": [],
        "related_runbooks": [],
        "tags": [key_type],
    }


def _suited(key_type: str) -> str:
    """Return, as a hidden comment, the analyses usual for this type and how a step calls one."""
    rows = []
    for one in SUITED[key_type]:
        others = f" (for one subject: {', '.join(one.keys)})" if one.keys else ""
        rows.append(f"- {one.kind}: {one.slug}{others}")
    return "\n".join(
        [
            "<!--",
            f"Runbooks of type {key_type} usually call these analyses. Give each a step of its own, list its key in",
            "pack.json, and name its output among the artifacts to save:",
            *rows,
            "",
            "   - **KEY**: the slug",
            "   - **Input**: which file, and the command that makes it",
            "   - **Output**: what the report holds",
            "   - **Questions Answered**: one line each",
            "   - **When to Run**: after which step",
            "   - **Next Steps**: what to do with the output",
            "-->",
        ]
    )
