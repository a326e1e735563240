"""A kernel's messages in, outputs of cells out: to the journal as they arrive and into the notebook.

* An output is attributed by the request it answers, so what a thread of an earlier cell prints goes to that cell.
* Pieces of a stream, and updates of a display, are joined until the next ``flush``.
* What is beyond a cap is dropped; that it was is recorded once for a cell and once for the run.
* A secret is replaced by its name (see ``secret_text``), also where a stream brings it in pieces: what may be the
  beginning of one is held back until more comes or the cell has ended.

What is *not* here: sending requests, deciding how a cell ended, time limits, clocks.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from keys_jupyter.runner import journal
from keys_jupyter.runner.job import Caps
from keys_jupyter.runner.recording import Recording, readable
from keys_jupyter.runner.secret_text import SecretText

JOIN_CHARACTERS = 64 * 1024
"""A stream's pieces are written down at the latest when they are this long together."""
CLEAR_BYTES = 100
"""What taking outputs back counts against the caps, so that doing so for ever is bounded too."""

_SHOWN = frozenset({"stream", "display_data", "execute_result", "error", "update_display_data"})


class CellCapture:
    """What is known of one cell while it may still print."""

    def __init__(self, index: int, cell: dict[str, Any], count: int) -> None:
        self.index = index
        self.cell = cell
        self.count = count
        self.idle = asyncio.Event()
        self.bytes = 0
        self.dropped = 0
        self.clear_next = False
        self.held: dict[str, str] = {}


class Capture:
    """Takes the messages of one run's kernel."""

    def __init__(self, recording: Recording, caps: Caps, secrets: SecretText) -> None:
        self._recording = recording
        self._caps = caps
        self._secrets = secrets
        self._cells: dict[str, CellCapture] = {}
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self._stream: _Stream | None = None
        self._updates: dict[str, tuple[CellCapture, Mapping[str, Any]]] = {}
        self._bytes = 0
        self._run_truncated = False
        self.last_heard = 0.0
        self.heard = asyncio.Event()

    def expect(self, request: str, index: int, cell: dict[str, Any], count: int) -> CellCapture:
        """Attribute what answers this request to this cell."""
        self._cells[request] = CellCapture(index, cell, count)
        return self._cells[request]

    def take(self, message: Mapping[str, Any]) -> None:
        """Take one message.

        Raises:
            OSError: it could not be written down.
        """
        self.last_heard = asyncio.get_running_loop().time()
        self.heard.set()
        capture = self._cells.get(message["parent_header"].get("msg_id", ""))
        if capture is None:
            return
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            self.flush()
            self._release(capture)
            capture.idle.set()
        elif kind == "clear_output":
            self.flush()
            capture.clear_next = True
            if not content.get("wait"):
                self._clear(capture)
        elif kind in _SHOWN:
            self._show(capture, kind, content)

    def flush(self) -> None:
        """Write down what was held back to be joined.

        Raises:
            OSError: it could not be written down.
        """
        if self._stream is not None:
            stream, self._stream = self._stream, None
            self._flush_stream(stream)
        updates, self._updates = self._updates, {}
        for display_id, (capture, content) in updates.items():
            self._update(capture, display_id, content)

    def release(self) -> None:
        """Write down what was held back as the beginning of a secret, when nothing more can come.

        Raises:
            OSError: it could not be written down.
        """
        self.flush()
        for capture in self._cells.values():
            self._release(capture)

    def without_secrets(self, value: Any) -> Any:
        """A copy of a message's content with the names of secrets for their values."""
        return self._secrets.clean_all(value)

    def _flush_stream(self, stream: _Stream) -> None:
        """Write a stream's text down, but for an end that may be the beginning of a secret."""
        text = "".join(stream.pieces)
        if self._secrets:
            held = stream.capture.held.pop(stream.name, "")
            text, rest = self._secrets.part(self._secrets.clean(held + text))
            if rest:
                stream.capture.held[stream.name] = rest
        if text:
            self._keep_stream(stream.capture, stream.name, text)

    def _release(self, capture: CellCapture) -> None:
        held, capture.held = capture.held, {}
        for name, text in held.items():
            self._keep_stream(capture, name, text)

    def _show(self, capture: CellCapture, kind: str, content: Mapping[str, Any]) -> None:
        """Sort one output by its kind."""
        display_id = (content.get("transient") or {}).get("display_id")
        if kind == "stream":
            self._join(capture, content["name"], content["text"])
        elif kind == "update_display_data":
            self._updates[str(display_id)] = (capture, content)
        else:
            self.flush()
            output = self.without_secrets(_as_output(kind, content, capture.count))
            self._keep(capture, output, display_id)

    def _join(self, capture: CellCapture, name: str, text: str) -> None:
        """Hold a piece of a stream back for a moment, since a loop that prints sends thousands."""
        stream = self._stream
        if stream is None or stream.capture is not capture or stream.name != name:
            self.flush()
            stream = self._stream = _Stream(capture, name)
        stream.pieces.append(text)
        stream.length += len(text)
        if stream.length >= JOIN_CHARACTERS:
            self.flush()

    def _keep_stream(self, capture: CellCapture, name: str, text: str) -> None:
        """Keep as much of a stream's text as there is room for."""
        output = {"output_type": "stream", "name": name, "text": text}
        size, room = len(journal.canonical(output)), self._room(capture)
        while size > room and output["text"]:
            kept = int(len(output["text"]) * max(room, 0) / size * 0.99)
            output["text"] = text[:kept]
            size = len(journal.canonical(output))
        if output["text"]:
            self._keep(capture, output, None)
        if len(output["text"]) < len(text):
            self._drop(capture, len(text) - len(output["text"]))

    def _keep(self, capture: CellCapture, output: dict[str, Any], display_id: str | None) -> None:
        """Put an output into the journal and the notebook, if there is room for it."""
        if capture.clear_next:
            self._clear(capture)
        if not self._write(capture, output, {"display_id": display_id} if display_id else {}):
            return
        held = capture.cell["outputs"]
        if held and output["output_type"] == "stream" and held[-1].get("name") == output["name"]:
            held[-1]["text"] += output["text"]
        else:
            held.append(output)
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(output)
        self._recording.show(readable(output))

    def _update(self, capture: CellCapture, display_id: str, content: Mapping[str, Any]) -> None:
        """Replace what a display shows, in whichever cell it is."""
        shown = self._displays.get(display_id)
        output = self.without_secrets(_as_output("display_data", content, capture.count))
        if shown and self._write(capture, output, {"display_id": display_id, "update": True}):
            for place in shown:
                place["data"], place["metadata"] = output["data"], output["metadata"]

    def _clear(self, capture: CellCapture) -> None:
        """Take a cell's outputs back, in the notebook; the journal keeps what was."""
        capture.clear_next = False
        if capture.cell["outputs"] and self._room(capture) >= CLEAR_BYTES:
            self._count(capture, CLEAR_BYTES)
            self._recording.add("clear", index=capture.index)
            capture.cell["outputs"] = []

    def _write(self, capture: CellCapture, output: dict[str, Any], more: Mapping[str, Any]) -> bool:
        """Append one output to the journal; False when there was no room."""
        encoded = journal.canonical(output)
        if len(encoded) > self._room(capture):
            self._drop(capture, len(encoded))
            return False
        self._count(capture, len(encoded))
        sha256 = hashlib.sha256(encoded).hexdigest()
        self._recording.add("output", index=capture.index, output=output, sha256=sha256, **more)
        return True

    def _room(self, capture: CellCapture) -> int:
        return min(self._caps.cell_bytes - capture.bytes, self._caps.run_bytes - self._bytes)

    def _count(self, capture: CellCapture, size: int) -> None:
        capture.bytes += size
        self._bytes += size

    def _drop(self, capture: CellCapture, size: int) -> None:
        """Say once that output is being dropped, and count how much."""
        first, capture.dropped = not capture.dropped, capture.dropped + size
        of_run = self._caps.run_bytes - self._bytes < self._caps.cell_bytes - capture.bytes
        if not first or (of_run and self._run_truncated):
            return
        self._run_truncated = self._run_truncated or of_run
        scope, limit = ("run", self._caps.run_bytes) if of_run else ("cell", self._caps.cell_bytes)
        self._recording.add("truncated", index=capture.index, scope=scope, limit=limit)
        note = f"\n[Later output was dropped: more than {limit} bytes for one {scope}.]\n"
        capture.cell["outputs"].append({"output_type": "stream", "name": "stderr", "text": note})
        self._recording.show(note)


class _Stream:
    """Pieces of a stream that are not written down yet."""

    def __init__(self, capture: CellCapture, name: str) -> None:
        self.capture = capture
        self.name = name
        self.pieces: list[str] = []
        self.length = 0


def _as_output(kind: str, content: Mapping[str, Any], count: int) -> dict[str, Any]:
    """A message's content as a notebook holds it."""
    if kind == "error":
        return {
            "output_type": kind,
            "ename": content["ename"],
            "evalue": content["evalue"],
            "traceback": content["traceback"],
        }
    data = {"data": dict(content["data"]), "metadata": dict(content.get("metadata") or {})}
    if kind == "execute_result":
        return {"output_type": kind, "execution_count": count, **data}
    return {"output_type": kind, **data}
