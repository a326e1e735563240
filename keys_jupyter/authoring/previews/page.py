"""An executed notebook in, one page out: no scripts, nothing fetched, plots inside it, code folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from keys_jupyter.authoring.previews.head import Head
from keys_jupyter.authoring.previews.markup import harmless
from keys_jupyter.parameters.notebook import cells_of, source_of

RESULTS = "application/vnd.keys.result+json"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PICTURES = ("image/png", "image/jpeg")
_MARKS = {True: "as expected", False: "not as expected", None: ""}
_STYLE = """
:root { color-scheme: light; }
body { background: #fff; color: #1f2328; font: 15px/1.55 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 .6rem; } h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; }
p, ul, ol { margin: .6rem 0; } a { color: #0757b8; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } code { background: #f3f4f6; padding: .1em .3em; }
pre { background: #f6f7f9; border: 1px solid #e2e5e9; border-radius: 4px; margin: .5rem 0; overflow-x: auto;
  padding: .6rem .8rem; white-space: pre-wrap; }
pre code { background: none; padding: 0; } pre.error { background: #fdf1f0; border-color: #e8b4b0; }
details { margin: .5rem 0; } summary { color: #59636e; cursor: pointer; font-size: 13px; }
.scrolled { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; margin: .6rem 0; }
th, td { border-bottom: 1px solid #e2e5e9; padding: .25rem .7rem; text-align: left; vertical-align: top; }
td { font-variant-numeric: tabular-nums; } thead th { border-bottom-color: #9aa4ae; }
img { height: auto; max-width: 100%; } .about { background: #eef4fb; border-left: 4px solid #3b7dd8; padding: .6rem 1rem; }
.bad td:last-child { color: #a3231b; font-weight: 600; }
""".replace("\n", " ").strip()
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(notebook: Mapping[str, Any], head: Head, title: str) -> str:
    """Return the page.

    Args:
        notebook: the notebook with its outputs.
        head: what the page is of.
        title: what people call the key.
    """
    shown = escape(f"{title} {head.version}", quote=False)
    cells = "\n".join(part for cell in cells_of(notebook) for part in _cell(cell))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{head.tags()}
<title>Preview: {shown}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<p class="about">This is what <strong>{shown}</strong> shows for the sample data it comes with. Nothing here is live.</p>
<main>
{cells}
</main>
</body>
</html>
"""


def results_in(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results a notebook's outputs hold; a later one of a name replaces an earlier one."""
    found: dict[str, dict[str, Any]] = {}
    for cell in cells_of(notebook):
        for output in cell.get("outputs") or []:
            document = (output.get("data") or {}).get(RESULTS)
            for row in document.get("results", []) if isinstance(document, dict) else []:
                if isinstance(row, dict) and isinstance(row.get("name"), str):
                    found[row["name"]] = row
    return list(found.values())


def _cell(cell: Mapping[str, Any]) -> Iterator[str]:
    source = source_of(cell)
    if cell.get("cell_type") == "markdown":
        yield _markdown(source)
        return
    if cell.get("cell_type") != "code" or not source.strip():
        return
    tags = cell.get("metadata", {}).get("tags", [])
    opened = " open" if "parameters" in tags else ""
    code = escape(source, quote=False)
    yield f"<details{opened}><summary>Code</summary><pre><code>{code}</code></pre></details>"
    for output in cell.get("outputs") or []:
        yield _output(output)


def _markdown(source: str) -> str:
    import mistune

    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return harmless(str(render(source)))


def _output(output: Mapping[str, Any]) -> str:
    if output.get("output_type") == "stream":
        return _text(_joined(output.get("text", "")))
    if output.get("output_type") == "error":
        said = f"{output.get('ename', '')}: {output.get('evalue', '')}"
        return _text(said, "error")
    data = output.get("data") or {}
    if isinstance(data.get(RESULTS), dict):
        return _results(data[RESULTS])
    for mime in _PICTURES:
        if mime in data:
            picture = "".join(_joined(data[mime]).split())
            return f'<p><img alt="Plot" src="data:{mime};base64,{escape(picture)}"></p>'
    if "text/html" in data:
        return f'<div class="scrolled">{harmless(_joined(data["text/html"]))}</div>'
    if "text/markdown" in data:
        return _markdown(_joined(data["text/markdown"]))
    return _text(_joined(data.get("text/plain", "")))


def _text(text: str, kind: str = "") -> str:
    plain = _ESCAPES.sub("", text).rstrip()
    named = f' class="{kind}"' if kind else ""
    return f"<pre{named}>{escape(plain, quote=False)}</pre>" if plain else ""


def _results(document: Mapping[str, Any]) -> str:
    rows = []
    for row in document.get("results", []):
        known = row.get("ok") if isinstance(row.get("ok"), bool) else None
        cells = [
            row.get("label") or row.get("name", ""),
            _value(row.get("value"), row.get("unit")),
            _expected(row.get("expected"), row.get("unit")),
            _MARKS[known],
        ]
        shown = "".join(f"<td>{escape(str(cell), quote=False)}</td>" for cell in cells)
        opened = '<tr class="bad">' if known is False else "<tr>"
        rows.append(f"{opened}{shown}</tr>")
    named = "".join(f"<th>{name}</th>" for name in ("Result", "Value", "Expected", ""))
    body = "".join(rows)
    return f'<div class="scrolled"><table><thead><tr>{named}</tr></thead><tbody>{body}</tbody></table></div>'


def _value(value: object, unit: object) -> str:
    if value is None:
        return "–"
    said = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return f"{said} {unit}" if unit else said


def _expected(expected: object, unit: object) -> str:
    if not isinstance(expected, dict):
        return ""
    bound = expected.get("value")
    limits = " and ".join(map(str, bound)) if isinstance(bound, list) else bound
    return f"{expected.get('op', '')} {limits}{f' {unit}' if unit else ''}"


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
