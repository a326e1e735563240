"""The pieces a report is put together from; every text is escaped here and nowhere else."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from keys_jupyter.evidence.bundle.style import STYLE


class Markup(NamedTuple):
    """HTML that was made here, as against text that came from somewhere."""

    html: str


# A list of its own: what Python calls printable grows with each version, and a report must not change with it.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ud800-\\udfff\\ufeff]"
)
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_GOOD = ("SUCCEEDED", "done", "kept", "ticked", "ok", "met")
_BAD = (
    "failed",
    "not_met",
    "missing",
    "kernel_died",
    "timed_out",
    "never_ran",
    "interrupted",
    "cancelled",
)
_WORDS = {
    "not_met": "not met",
    "part": "in part",
    "allowed_error": "allowed error",
    "not_started": "not started",
    "never_ran": "never ran",
    "NOT_ENDED": "not ended",
}


def text(value: object) -> Markup:
    """Return any text as markup that shows it; control characters show as what they are called."""
    shown = _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", str(value))
    return Markup(escape(shown, quote=True))


def element(name: str, content: object, **attributes: str) -> Markup:
    """Return an element around text, markup, or several of them."""
    parts = content if isinstance(content, list) else [content]
    inside = "".join((part if isinstance(part, Markup) else text(part)).html for part in parts)
    said = "".join(
        f' {key.rstrip("_")}="{escape(value, quote=True)}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{said}>{inside}</{name}>")


def state(value: str) -> Markup:
    """Return a state in its colour."""
    look = "good" if value in _GOOD else "soft"
    if value in _BAD or (value.isupper() and value not in ("SUCCEEDED", "NOT_ENDED")):
        look = "bad"
    if value in ("skipped", "part", "NOT_ENDED", "allowed_error"):
        look = "warn"
    return element("span", _WORDS.get(value, value), class_=f"state {look}")


def digest(value: str) -> Markup:
    """Return a digest, or a dash where there is none."""
    return element("span", value, class_="hash") if value else element("span", "–", class_="soft")


def table(head: Sequence[str], rows: Sequence[Sequence[object]], looks: Sequence[str]) -> Markup:
    """Return a table; ``looks`` names the class of each column."""
    if not rows:
        return element("p", "None.", class_="soft")
    first = element("tr", [element("th", name, class_=look) for name, look in zip(head, looks)])  # noqa: B905
    body = [
        element("tr", [element("td", cell, class_=look) for cell, look in zip(row, looks)])  # noqa: B905
        for row in rows
    ]
    return element("table", [element("thead", first), element("tbody", body)])


def listing(rows: Sequence[tuple[str, object]]) -> Markup:
    """Return names and values under each other, leaving out what is empty."""
    body = [
        element("tr", [element("th", name, scope="row"), element("td", value)])
        for name, value in rows
        if value not in (None, "", [])
    ]
    return element("table", element("tbody", body), class_="plain")


def picture(mime: str, data: bytes, caption: str) -> Markup:
    """Return a picture that lies in the page itself."""
    source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    image = Markup(f'<img alt="{text(caption).html}" src="{source}">')
    return element("figure", [image, element("figcaption", caption)])


def document(title: str, body: Sequence[Markup]) -> bytes:
    """Return the whole page."""
    inside = "\n".join(part.html for part in body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title).html}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{inside}\n</main>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")
