"""What a publisher or a marketplace may write at worst, as rows and as a library, for the browser tests.

Every text of ``tests/payloads.py`` becomes a row of the marketplace, and stands in documents, in a runbook, in a form and
in the outputs of packs. After each one in a document comes a mark; what is not seen after a text, that text has
swallowed, and then it has to stand alone.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import packs
import payloads

# What follows these is theirs, or they are something only where nothing is before them.
_ALONE = {"HTML: script without an end", "HTML: half an element", "HTML: frameset"} | {
    f"deep: {name}" for name in payloads.DEEP
}
# What cannot be written as UTF-8 can be in no file.
_TEXTS = {name: text.encode("utf-8", "replace").decode() for name, text in payloads.TEXTS.items()}
# The application's Markdown takes the square of these: a second for all of them.
_TEXTS["deep: stars without end"] = _TEXTS["deep: stars without end"][:4000]
_LINES = [" ".join(text.split())[:300] for text in _TEXTS.values()]
_STEPS = 12

_WORK = """import json, pathlib
from IPython.display import SVG, display
lines = json.loads(pathlib.Path("sample/lines.json").read_text("utf-8"))
print("\\n".join(lines))
results = [{"name": f"r{at}", "label": line, "value": line, "unit": line,
            "expected": {"op": "==", "value": line}, "ok": False} for at, line in enumerate(lines)]
result = {"schema": "keys.result/1", "results": results}
display({"application/vnd.keys.result+json": result, "text/html": "".join(lines)}, raw=True)
drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.ran=1"><script>window.ran=1</script>'
drawn += '<image href="http://127.0.0.1:9/o.png"/><rect width="9" height="9"/></svg>'
display({"image/svg+xml": drawn}, raw=True)
raise RuntimeError("\\n".join(lines))
"""


def rows() -> dict[str, dict[str, Any]]:
    """Return one row of a marketplace for each text, which is all that it says."""
    words = ("title", "description", "category", "maturity", "outcome", "difficulty")
    return {
        f"jupyter-payload-{number}": {
            **dict.fromkeys(words, text),
            "slug": f"jupyter-payload-{number}",
            "version": "1.0.0",
            "license_spdx": "MIT",
            "tags": [text],
            "key_type": [text],
        }
        for number, text in enumerate(payloads.TEXTS.values())
    }


def library(folder: Path) -> dict[str, list[str]]:
    """Write everything but rows as packs of a library; answers the marks in the documents of each pack."""
    made, marks = [_outputs(), _runbook()], {}
    for number, (text, seen) in enumerate(_documents()):
        slug = f"jupyter-document-{number}"
        files = packs.key_files(slug, title=f"Document {number}")
        made.append(files | dict.fromkeys(("README.md", "CHANGELOG.md", "preview.html"), text))
        marks[slug] = seen
    empty(folder)
    packs.make_library(folder, *made)
    return marks


def empty(folder: Path) -> None:
    """Write a library of nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "library.json").write_text(json.dumps({"version": "1", "packs": []}), "utf-8")


def _documents() -> list[tuple[str, list[str]]]:
    """Return all texts in as few documents as there can be, and the marks that are seen in each."""
    calm = {
        f"mark{at}.": text for at, (name, text) in enumerate(_TEXTS.items()) if name not in _ALONE
    }
    first = "\n\n".join(f"{text}\n\n{mark}" for mark, text in calm.items())
    return [(first, list(calm)), *((_TEXTS[name], []) for name in sorted(_ALONE))]


def _outputs() -> dict[str, str]:
    """Return a key whose form, cells, outputs and error are made of the texts."""
    names = [f"p{at}" for at in range(0, len(_LINES), 3)]
    notes = {
        name: dict(zip(("title", "help", "unit"), _LINES[at * 3 :], strict=False))
        for at, name in enumerate(names)
    }
    form = [f"{name}: str = {line!r}" for name, line in zip(names, _LINES, strict=False)]
    form.append(f"choice: Literal[{', '.join(map(repr, dict.fromkeys(_LINES)))}] = {_LINES[0]!r}")
    heading = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": f"# {_LINES[8]}"}
    book = packs.notebook(
        packs.code(
            "\n".join(["from typing import Literal", *form]), tags=["parameters"], ident="p"
        ),
        heading,
        packs.code(_WORK, ident="w"),
    )
    files = packs.key_files(
        "jupyter-outputs", title="Outputs", book=book, parameters=notes, questions=_LINES
    )
    return files | {"sample/lines.json": json.dumps(_LINES)}


def _runbook() -> dict[str, str]:
    """Return a runbook with the texts wherever a runbook says something."""
    rules = "\n".join(f"- Do not {line}" for line in _LINES)
    steps = "\n".join(_step(number) for number in range(_STEPS))
    text = f"""# Worst Failure Runbook

## When to use this runbook

{_documents()[0][0]}

## When not to use

{rules.replace("Do not ", "")}

## Immediate Safety Checks

**DO NOT**:
{rules}

## Diagnosis Flow

{steps}

## Rollback

{_documents()[0][0]}

## Evidence & Audit Notes

### Artifacts to Save

{rules.replace("Do not ", "")}
"""
    return packs.runbook_files("worst-failure", text=text, title="Worst Failure Runbook")


def _step(number: int) -> str:
    lines = _LINES[number::_STEPS]
    asked = "\n".join(f"  - {line}" for line in lines)
    ways = "\n".join(f"- **If {line}**: {line}" for line in lines)
    said = "\n".join(f"> {line}" for line in lines)
    return f"""### Step {number + 1}: {lines[0]}

**When**: {lines[1]}

**Action**: Use the key

{said}

- **KEY**: `jupyter-outputs`
- **Input**: {lines[2]}
- **Output**: {lines[3]}
- **Questions Answered**:
{asked}

```bash
echo {lines[4]}
```

**Expected**: {lines[5]}

**Interpret Results**:
{ways}
"""
