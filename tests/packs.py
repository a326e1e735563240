"""Makes small packs and libraries for tests, with the standard library only."""

import hashlib
import io
import json
import zipfile

RESULT = {
    "schema": "keys.result/1",
    "results": [
        {
            "name": "success_rate",
            "label": "Delivery success rate",
            "value": 91.3,
            "unit": "%",
            "expected": {"op": ">", "value": 95},
            "ok": False,
        },
        {
            "name": "timeout_errors",
            "label": "Timeout errors",
            "value": 0,
            "unit": None,
            "expected": None,
            "ok": None,
        },
    ],
}

PARAMETERS = """from typing import Literal
input_csv: str = "sample/data.csv"  # What to read
limit: int = 3  # How many
mode: Literal["fast", "slow"] = "fast"
note: str | None = None
output_dir: str = "artifacts"
"""

WORK = """import json, pathlib
rows = pathlib.Path(input_csv).read_text().splitlines()
print(len(rows), "rows,", limit)
pathlib.Path(output_dir, "report.md").write_text(f"# {len(rows)} rows")
"""

EMIT = f"""from IPython.display import display
display({{"application/vnd.keys.result+json": {RESULT!r}, "text/plain": "results"}}, raw=True)
"""


def code(source, *, tags=(), ident="c"):
    return {
        "cell_type": "code",
        "id": ident,
        "metadata": {"tags": list(tags)} if tags else {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def notebook(*cells):
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": list(cells),
    }


def small_notebook(*extra):
    return notebook(
        code(PARAMETERS, tags=["parameters"], ident="p"),
        code(WORK, ident="w"),
        *extra,
        code(EMIT, ident="e"),
    )


def key_files(slug="jupyter-small", version="1.0.0", book=None, **fields):
    metadata = {
        "slug": slug,
        "title": "Small Key",
        "description": "Counts rows",
        "tool": "jupyter",
        "key_type": ["notebook"],
        "version": version,
        "license_spdx": "MIT",
        "outcome": "diagnosis",
        "maturity": "operator",
        "category": "operational-analysis",
        "entry": "notebooks/small.ipynb",
        "parameters": {"input_csv": {"file": True}, "output_dir": {"output_folder": True}},
        **fields,
    }
    return {
        "key.json": json.dumps(metadata),
        "README.md": "# Small Key\n",
        "CHANGELOG.md": "# 1.0.0\n",
        "sample/data.csv": "a\n1\n2\n",
        "notebooks/small.ipynb": json.dumps(book or small_notebook()),
    }


RUNBOOK = """# Small Failure Runbook

## Immediate Safety Checks

**DO NOT**:
- Do not replay events

### Check 1: Look first

**Action**: Look.

## Diagnosis Flow

### Step 1: Analyze

**When**: After the check

**Action**: Use the key
- **KEY**: `jupyter-small`
- **Input**: the log (CSV)
- **Output**: a report
- **Questions Answered**:
  - How many rows?

**Interpret Results**:
- **If Success Rate < 95 %**: Continue to Step 2
- **If Timeout Errors**: See Action 1

### Step 2: Read the log

```bash
tail -n 50 app.log
```

## Action Steps

### Action 1: Raise the timeout

**REVERSIBLE**

## Evidence & Audit Notes

### Artifacts to Save

1. **Report** (`jupyter-small`)
"""


def runbook_files(slug="small-failure", version="1.0.0", text=RUNBOOK, **fields):
    metadata = {
        "slug": slug,
        "title": "Small Failure Runbook",
        "description": "When small things fail",
        "tool": "operational",
        "key_type": ["incident"],
        "severity_level": "p1",
        "version": version,
        "license_spdx": "MIT",
        "outcome": "incident-response",
        "maturity": "operator",
        "author": {"name": "KEYS"},
        "documentation": {
            "readme": "README.md",
            "checklist": "checklist.md",
            "changelog": "CHANGELOG.md",
        },
        "references_jupyter_keys": ["jupyter-small"],
        **fields,
    }
    return {
        "pack.json": json.dumps(metadata),
        "README.md": text,
        "checklist.md": "# Checklist\n",
        "CHANGELOG.md": "# 1.0.0\n",
        "LICENSE.txt": "MIT\n",
    }


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def add_pack(folder, files):
    """Put one pack into a library folder and return its row."""
    name = "key.json" if "key.json" in files else "pack.json"
    metadata = json.loads(files[name])
    data = zipped(files)
    place = f"packs/{metadata['slug']}/{metadata['version']}/pack.zip"
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    row = {
        field: metadata[field]
        for field in (
            "slug",
            "title",
            "description",
            "version",
            "license_spdx",
            "category",
            "maturity",
            "outcome",
            "severity_level",
            "key_type",
            "tags",
        )
        if metadata.get(field) is not None
    }
    return {
        **row,
        "kind": "jupyter" if name == "key.json" else "runbook",
        "assets": {"zip": place},
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def make_library(folder, *packs):
    """Write a library of packs; a small key and a small runbook when none is given."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [add_pack(folder, files) for files in (packs or (key_files(), runbook_files()))]
    (folder / "library.json").write_text(json.dumps({"version": "1", "packs": rows}))
    return folder
