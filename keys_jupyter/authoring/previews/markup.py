"""HTML from a notebook's outputs in, HTML that can do nothing and asks nobody out."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

_KEPT = frozenset(
    word
    for row in (
        "a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img",
        "li ol p pre s small span strong sub summary sup table tbody td tfoot th thead tr u ul",
    )
    for word in row.split()
)
_ALONE = frozenset(("br", "col", "hr", "img"))
_PARTS = frozenset(("table", "thead", "tbody", "tfoot", "tr", "colgroup", "div", "ul", "ol", "dl"))
# With these, what is inside goes as well.
_DROPPED = frozenset(
    ("script", "style", "iframe", "object", "template", "svg", "math", "head", "title")
)
_ATTRIBUTES = frozenset(("colspan", "rowspan", "scope", "alt"))
_IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,")


def harmless(markup: str) -> str:
    """Return markup without scripts, styles, handlers and anything that would be fetched."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Writes again what is kept, every tag closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._open: list[str] = []
        self._inside: list[str] = []  # what is being dropped

    def text(self) -> str:
        """Return what was kept."""
        return "".join(self._written) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write a tag that is kept, with the attributes that are."""
        if self._inside or tag in _DROPPED:
            self._inside.append(tag)
            return
        kept = [
            f' {name}="{escape(value or "")}"'
            for name, value in attrs
            if _is_kept(tag, name, value)
        ]
        pictured = tag != "img" or any(name.startswith(" src=") for name in kept)
        if tag in _KEPT and pictured:
            self._written.append(f"<{tag}{''.join(kept)}>")
            if tag not in _ALONE:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag, and those that were left open in it."""
        if self._inside:
            if tag in self._inside:
                while self._inside.pop() != tag:
                    pass
        elif tag in self._open:
            closed = ""
            while closed != tag:
                closed = self._open.pop()
                self._written.append(f"</{closed}>")

    def handle_data(self, data: str) -> None:
        """Write text; between the parts of a table, blank lines mean nothing."""
        laid_out = data.isspace() and (not self._open or self._open[-1] in _PARTS)
        if not self._inside and not laid_out:
            self._written.append(escape(data, quote=False))


def _is_kept(tag: str, name: str, value: str | None) -> bool:
    value = (value or "").strip().lower()
    if tag == "a" and name == "href":
        return value.startswith(("https://", "http://", "#"))
    if tag == "img" and name == "src":
        return value.startswith(_IMAGES)
    return name in _ATTRIBUTES
