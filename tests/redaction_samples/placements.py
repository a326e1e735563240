"""Places a secret turns up in: each puts a line there, redacts it, and gives back what a reader could get out again.

Reading back is written here with the standard library only, so that it owes nothing to what is tested.
"""

import base64
import html
import json
import re
from urllib.parse import quote, unquote

from keys_jupyter.redaction import redact_bytes, redact_notebook, redact_output, redact_outputs

BEFORE, AFTER = "2026-11-21 09:00:00 INFO worker-3 begins\n", "\n2026-11-21 09:00:01 INFO done\n"


def stdout(line, secret, policy):
    text = BEFORE + line + AFTER
    done = redact_output({"output_type": "stream", "name": "stdout", "text": text}, policy)
    return done.value["text"]


def stderr_lines(line, secret, policy):
    text = [f"{piece}\n" for piece in (BEFORE + line + AFTER).split("\n")]
    done = redact_output({"output_type": "stream", "name": "stderr", "text": text}, policy)
    return "".join(done.value["text"])


def chunks(line, secret, policy):
    """Split in the middle of the secret, in two outputs: both have to change."""
    at = line.index(secret) + len(secret) // 2
    outputs = [
        (3, {"output_type": "stream", "name": "stdout", "text": BEFORE + line[:at]}),
        (3, {"output_type": "stream", "name": "stdout", "text": line[at:] + AFTER}),
    ]
    first, second = (done.value["text"] for done in redact_outputs(outputs, policy))
    assert "[redacted " in first and "[redacted " in second
    return first + second


def traceback(line, secret, policy):
    """Coloured, with the colour changing in the middle of the secret."""
    at = line.index(secret) + len(secret) // 2
    coloured = (
        f"\x1b[0;32m---> 12\x1b[0m \x1b[31m{line[:at]}\x1b[39m\x1b[38;5;28m{line[at:]}\x1b[0m"
    )
    output = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "it failed",
        "traceback": ["\x1b[0;31mValueError\x1b[0m", coloured, "ValueError: it failed"],
    }
    done = redact_output(output, policy).value
    assert done["evalue"] == "it failed" and done["traceback"][0].endswith("ValueError\x1b[0m")
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(done["traceback"]))


def html_cell(line, secret, policy):
    page = f"<table><tr><td class='a'>{html.escape(line)}</td></tr></table>"
    return html.unescape(_display("text/html", page, policy))


def html_marked(line, secret, policy):
    """A tag in the middle of the secret."""
    at = line.index(secret) + len(secret) // 2
    page = f"<p>{html.escape(line[:at])}<mark>{html.escape(line[at:])}</mark></p>"
    shown = _display("text/html", page, policy)
    assert shown.count("<mark>") == shown.count("</mark>") == 1
    return html.unescape(re.sub(r"</?(?:p|mark)>", "", shown))


def json_value(line, secret, policy):
    shown = _display("application/json", {"rows": [{"n": 1, "note": line}]}, policy)
    return shown["rows"][0]["note"]


def json_text(line, secret, policy):
    text = json.dumps({"level": "info", "detail": json.dumps({"message": line})})
    done = redact_output({"output_type": "stream", "name": "stdout", "text": text}, policy)
    return json.loads(json.loads(done.value["text"])["detail"])["message"]


def address(line, secret, policy):
    text = f"GET https://example.com/cb?id=7&note={quote(line, safe='')}&page=2 200"
    done = redact_output({"output_type": "stream", "name": "stdout", "text": text}, policy)
    return unquote(done.value["text"])


def in_base64(line, secret, policy):
    body = base64.b64encode(f'{{"at": 1, "message": {json.dumps(line)}}}'.encode()).decode()
    shown = _display("text/plain", f"payload {body} end", policy)
    assert "[redacted " in shown
    runs = re.findall(r"[A-Za-z0-9+/]{8,}={0,2}", shown)
    return shown + "".join(_decoded(run, skipped) for run in runs for skipped in range(4))


def source(line, secret, policy):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "outputs": []}
    cell["source"] = [f"{piece}\n" for piece in f"# note\n{line}\nprint(1)".split("\n")]
    done = redact_notebook({"cells": [cell], "metadata": {}, "nbformat": 4}, policy)
    return "".join(done.value["cells"][0]["source"])


def csv_file(line, secret, policy):
    quoted = line.replace('"', '""')
    data = f'id,note\r\n1,"{quoted}"\r\n'.encode("utf-16")
    done = redact_bytes("rows.csv", "text/csv", data, policy).value.decode("utf-16")
    return done.replace('""', '"')


def _display(mime, value, policy):
    output = {"output_type": "display_data", "metadata": {}, "data": {mime: value}}
    return redact_output(output, policy).value["data"][mime]


def _decoded(run, skipped):
    run = run[skipped:].rstrip("=")
    return base64.b64decode(run[: len(run) // 4 * 4]).decode("latin-1")


PLACEMENTS = (
    *(stdout, stderr_lines, chunks, traceback, html_cell, html_marked),
    *(json_value, json_text, address, in_base64, source, csv_file),
)
