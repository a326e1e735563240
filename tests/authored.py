"""A key and a runbook as authors write them, by hand, as small as the rules allow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

README = """# Small Failure Runbook

## Title + Scope

**Scenario**: The service fails. `<url>` is the address in the alert.

## When to Use This Runbook

- Customers see the status 500.

## When NOT to Use This Runbook

- **If the host is gone**: see the Other Failure Runbook (`other-failure`)

## Immediate Safety Checks

**DO NOT**:

- **DO NOT** delete the log.

### Check 1: Begin

**Action**: Make a folder.

```bash
date -u
```

**Expected**: The date.

## Diagnosis Flow

### Step 1: Ask

**Action**: Ask the service.

```bash
curl <url>
```

**Expected**: 200.

- **If it is 200**: Continue to Verification
- **If it is not 200**: Continue to Step 2

### Step 2: Analyze the Events

**When**: After Step 1

**Action**: Use Jupyter KEY

1. **Run Jupyter KEY**
   - **KEY**: `jupyter-small`
   - **Input**: `events.csv`
   - **Output**: Success rate
   - **Questions Answered**:
     - Do events fail?
   - **When to Run**: After Step 1
   - **Next Steps**: Take a branch

2. **Review**
   - **Expected**: 0 failed events

3. **Interpret Results**
   - **If Failed Events > 0**: See Action 1
   - **If Failed Events = 0**: Continue to Verification

## Action Steps

### Action 1: Restart It

**REVERSIBLE**

**Precondition**: Step 2 led here.

**Action**: Restart it.

```bash
systemctl restart small
```

**Verification**: It prints `active`.

**Rollback**: A restart needs none.

## Verification

### Window 1: First 15 Minutes

**Action**: Run Step 1 again.

### Window 2: After 4 Hours

**Action**: Run Step 1 again.

### Window 3: After 24 Hours

**Action**: Run Step 1 again.

## Rollback / Escalation

- Unresolved after 30 minutes: call the engineering lead on call.

## Evidence & Audit Notes

### Artifacts to Save

1. **Log**: `app.log`
2. **Report** (`jupyter-small`)

### Required Audit Entries

- Who did what, and when

## Post-Incident Follow-Ups

### Task 1: Review

**Action**: Review it.
"""

CHECKLIST = """# Checklist

- [ ] Check 1: Begin
- [ ] Step 1: Ask
- [ ] Step 2: Analyze the Events
- [ ] Action 1: Restart It
- [ ] Window 1: First 15 Minutes
- [ ] Window 2: After 4 Hours
- [ ] Window 3: After 24 Hours
- [ ] Task 1: Review
"""

PACK: dict[str, Any] = {
    "slug": "small-failure",
    "title": "Small Failure Runbook",
    "description": "The service fails.",
    "tool": "operational",
    "key_type": ["incident"],
    "severity_level": "p2",
    "version": "1.0.0",
    "outcome": "incident-response",
    "maturity": "starter",
    "license_spdx": "MIT",
    "author": {"name": "Somebody"},
    "documentation": {
        "readme": "README.md",
        "checklist": "checklist.md",
        "changelog": "CHANGELOG.md",
    },
    "references_jupyter_keys": ["jupyter-small"],
    "related_runbooks": ["other-failure"],
}

KEY: dict[str, Any] = {
    "slug": "jupyter-small",
    "title": "Small",
    "description": "Counts events.",
    "tool": "jupyter",
    "key_type": ["notebook"],
    "version": "1.0.0",
    "license_spdx": "MIT",
    "outcome": "incident-diagnosis",
    "maturity": "starter",
    "category": "operational-analysis",
    "entry": "notebooks/small.ipynb",
    "author": {"name": "Somebody"},
    "documentation": {"readme": "README.md", "changelog": "CHANGELOG.md"},
}

PARAMETERS = """input_csv: str = "sample/events.csv"  # The events
output_dir: str = "artifacts"  # Where the report goes
"""


def _stated(base: dict[str, Any], fields: dict[str, Any]) -> str:
    """Write a document with some fields changed; None takes one out."""
    stated = {**base, **fields}
    kept = {name: value for name, value in stated.items() if value is not None}
    return json.dumps(kept, indent=2) + "\n"


def pack_json(**fields: Any) -> str:
    return _stated(PACK, fields)


def cell(kind: str, name: str, source: str, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": kind,
        "id": name,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source.splitlines(keepends=True),
    }
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def notebook(parameters: str = PARAMETERS, work: str = "print(input_csv)") -> str:
    document = {
        "cells": [
            cell("markdown", "title", "# Small\n\n**Last verified:** 2026-11-21"),
            cell("code", "parameters", parameters, ("parameters",)),
            cell("code", "work", work),
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1) + "\n"


def key_files(
    line: str = "", notes: dict[str, Any] | None = None, work: str = "print(1)", **fields: Any
) -> dict[str, str]:
    """Return a key's files; ``line`` is one more parameter and ``notes`` what key.json says of it."""
    said = {"input_csv": {"file": True}, "output_dir": {"output_folder": True}, **(notes or {})}
    return {
        "key.json": _stated({**KEY, "parameters": said}, fields),
        "README.md": "# Small\n",
        "CHANGELOG.md": "# Changelog\n\n## 1.0.0 - 2026-11-21\n\n- First.\n",
        "LICENSE.txt": "MIT\n",
        "requirements.txt": "pandas>=2.0,<4\n",
        "sample/events.csv": "a\n1\n",
        "notebooks/small.ipynb": notebook(PARAMETERS + line + "\n", work),
    }


RUNBOOK_FILES = {
    "pack.json": pack_json(),
    "README.md": README,
    "checklist.md": CHECKLIST,
    "CHANGELOG.md": "# Changelog\n\n## 1.0.0\n\n- First.\n",
    "LICENSE.txt": "MIT\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
