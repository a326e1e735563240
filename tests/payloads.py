"""What a publisher's or a marketplace's text may try: one table for the terminal, the server and the browser.

It is ``payloads.json``, which the tests of the panel read as well. A payload that ran would set ``window.ran``; one that
reached out would ask ``127.0.0.1:9``, where nobody listens.
"""

import json
from pathlib import Path

_TABLE = json.loads((Path(__file__).parent / "payloads.json").read_text("utf-8"))
CONTROLS, UNICODE = _TABLE["controls"], _TABLE["Unicode"]
# Written as code: they are long, and no document that is drawn needs them.
DEEP = {
    "a thousand quotes": ">" * 1000 + " x",
    "a thousand brackets": "[" * 1000 + "](x)" * 10,
    "stars without end": "*a **b " * 2000,
    "a text without end": "A" * 200_000,
}
TEXTS = {
    f"{group}: {name}": text
    for group, rows in {**_TABLE, "deep": DEEP}.items()
    for name, text in rows.items()
}
# What stands where a text is expected.
OTHER_TYPES = [
    None, True, False, 0, -1, 1.5, 10**400, [], {}, [[]], [None], {"a": "b"}, ["x", 7, {"y": []}],
    {"__proto__": {"polluted": True}}, {"toString": "x"}, "x" * 100_000, ["x"] * 10_000, [["x"] * 50] * 50,
]  # fmt: skip
