"""Searches whatever a test run writes, says and sends for the mark that every key of the test marketplace holds.

The run is watched from its begin to its end (``conftest.py``), and fails for what was found. A key may be in two places
only: in the file of its owner, and in the header that is for it on its way to the marketplace.
"""

import base64
import contextlib
import functools
import gzip
import io
import logging
import os
import stat
import subprocess
import time
import zipfile
import zlib

import pytest
from tornado import web, websocket

from keys_jupyter.marketplace_fake import MARK, RequestLog
from keys_jupyter.places import data_dir

_BYTES = 64 * 1024 * 1024
_MEMBER = 8 * 1024 * 1024
_MEMBERS = 400
_DEEP = 2
_HEADERS = ("authorization", "x-api-key")


def spellings(mark=MARK):
    """Return the ways in which a text holding the mark may be written, each with its name."""
    raw = mark.encode()
    found = {"plain": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    found |= {f"base64 at {offset}": _in_base64(raw, offset) for offset in range(3)}
    found["percent"] = "".join(f"%{byte:02X}" for byte in raw).encode()
    found["percent, small"] = "".join(f"%{byte:02x}" for byte in raw).encode()
    found["JSON"] = "".join(f"\\u{byte:04x}" for byte in raw).encode()
    found["JSON, large"] = "".join(f"\\u{byte:04X}" for byte in raw).encode()
    found["UTF-16"] = mark.encode("utf-16-le")
    found["UTF-32"] = mark.encode("utf-32-le")
    found["backwards"] = raw[::-1]
    return found


def _in_base64(raw, offset):
    """Return the characters that do not depend on what stands before or after."""
    text = base64.b64encode(b"\0" * offset + raw + b"\0\0")
    return text[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


_SPELLINGS = spellings()


def spelling_in(data):
    """Return how the mark is written in some bytes, packed ones included; None where it is not."""
    return _spelling(data, 0)


def _spelling(data, deep):
    for name, text in _SPELLINGS.items():
        if text in data:
            return name
    if deep < _DEEP:
        for piece in unpacked(data):
            found = _spelling(piece, deep + 1)
            if found:
                return f"packed, {found}"
    return None


def unpacked(data):
    """Yield what is inside a zip or a gzip; the hostile ones of the tests end it early."""
    if data[:2] == b"\x1f\x8b":
        with (
            contextlib.suppress(OSError, EOFError, zlib.error),
            gzip.open(io.BytesIO(data)) as file,
        ):
            yield file.read(_BYTES)
    if b"PK\x05\x06" in data[-65_600:]:
        # what a damaged zip makes zipfile raise is not one family
        with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist()[:_MEMBERS]:
                with archive.open(name) as file:
                    yield file.read(_MEMBER)


class Watch:
    """What was looked at, and where the mark was found."""

    def __init__(self):
        self.looks = {"file": 0, "log": 0, "request": 0, "reply": 0, "process": 0, "captured": 0}
        self.found = []
        self.folder = None
        self.seconds = 0.0
        self._seen = set()

    @contextlib.contextmanager
    def planted(self):
        """Give what is found meanwhile to a test that leaks on purpose, and do not count it."""
        kept, self.found = self.found, []
        try:
            yield self.found
        finally:
            self.found = kept

    def end(self):
        """Search all files of the run, and those of the person who runs it."""
        begun = time.monotonic()
        for folder in (self.folder, data_dir()):
            if folder is not None:
                self.files(folder)
        self.seconds = time.monotonic() - begun

    def handed_over(self):
        """Return what another process needs to count this watch to its own."""
        return {"looks": self.looks, "found": self.found, "seconds": self.seconds}

    def take_over(self, other):
        """Count the watch of another process to this one."""
        self.looks = {kind: count + other["looks"][kind] for kind, count in self.looks.items()}
        self.found += other["found"]
        self.seconds += other["seconds"]

    def summary(self):
        """Return one line about what was looked at."""
        looks = ", ".join(f"{count} {kind}" for kind, count in self.looks.items())
        return f"searched for keys: {looks}; the files in {self.seconds:.1f} s"

    def look(self, kind, where, data):
        """Look at one text or some bytes."""
        if not data:
            return
        self.looks[kind] += 1
        raw = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
        spelling = spelling_in(raw)
        if spelling:
            self.found.append(f"{kind} {where}: {spelling} (in {_test()})")

    def request(self, received):
        """Look at a request of ours: the mark may be where it belongs and nowhere else."""
        name = f"{received.origin} {received.method} {received.path}"
        if not (received.header("User-Agent") or "").startswith("keys-jupyter"):
            return
        head = "\n".join(f"{k}: {v}" for k, v in received.headers if not _is_for_it(received, k))
        self.look("request", name, f"{received.target}\n{head}")
        if not (received.origin == "project" and received.path == "/auth/v1/token"):
            self.look("request", f"{name} (its body)", received.body)

    def files(self, folder):
        """Look at the name and the content of every file below a folder."""
        for path in _within(folder):
            found = path.lstat()
            if spelling_in(path.name.encode("utf-8", "surrogateescape")):
                self.found.append(f"file {path.parent}: in a name (in {_test()})")
            if stat.S_ISDIR(found.st_mode):
                self.files(path)
            elif stat.S_ISREG(found.st_mode) and not self._known(found):
                self._file(path, found)

    def _known(self, found):
        """Say whether this very file was looked at under another name."""
        ident = (found.st_dev, found.st_ino)
        known = found.st_nlink > 1 and ident in self._seen
        self._seen.add(ident)
        return known

    def _file(self, path, found):
        if not _is_of_its_owner(path, found):
            self.look("file", path, _content(path))


def _within(folder):
    try:
        return sorted(folder.iterdir())
    except PermissionError:
        folder.chmod(0o700)
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _content(path):
    try:
        file = path.open("rb")
    except PermissionError:
        path.chmod(0o600)
        file = path.open("rb")
    with file:
        return file.read(_BYTES)


def _is_of_its_owner(path, found):
    """Say whether this is the file in which a key is kept, or one that a person wrote it into, and nobody else's."""
    if stat.S_IMODE(found.st_mode) != 0o600:
        return False
    kept = path.parent.name == "credentials" and path.suffix == ".json"
    alone = stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    return (kept and alone) or path.name in ("api-key", "keyring-of-the-test")


def _is_for_it(received, header):
    return received.origin in ("api", "project", "proxy") and header.casefold() in _HEADERS


def _test():
    return os.environ.get("PYTEST_CURRENT_TEST", "no test").split(" ")[0]


class Listener(logging.Handler):
    """Looks at every record of the log, with its error."""

    def __init__(self, watch):
        super().__init__(logging.DEBUG)
        self._watch = watch
        self.setFormatter(logging.Formatter("%(message)s %(args)r"))

    def emit(self, record):
        try:
            said = self.format(record)
        except (TypeError, ValueError):
            said = repr(vars(record))
        self._watch.look("log", record.name, said)


def begin(watch):
    """Watch this process from now on: its log, the processes it starts, what its servers get and answer."""
    logging.getLogger().addHandler(Listener(watch))
    for name in ("keys_jupyter", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)

    def process(one, said):
        words = one.args if isinstance(one.args, list | tuple) else [one.args]
        line = " ".join(" ".join(map(str, words)).split())
        watch.look("process", f"{line[:80]} (its arguments)", line)
        for text in said:
            watch.look("process", line[:80], text)

    def captured(_, said):
        for text in said:
            watch.look("captured", "output", text)

    def reply(handler):
        data = b"".join(handler._write_buffer) + str(handler._headers).encode()
        watch.look("reply", handler.request.path, data)

    _after(subprocess.Popen, "communicate", process)
    _after(pytest.CaptureFixture, "readouterr", captured)
    _before(RequestLog, "add", lambda _, received: watch.request(received))
    _before(web.RequestHandler, "flush", lambda handler, *_: reply(handler))
    _before(
        websocket.WebSocketHandler,
        "write_message",
        lambda handler, message, *_: watch.look("reply", handler.request.path, message),
    )


def _after(owner, name, look):
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def watched(self, *given, **named):
        result = plain(self, *given, **named)
        look(self, result)
        return result

    setattr(owner, name, watched)


def _before(owner, name, look):
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def watched(self, *given, **named):
        look(self, *given)
        return plain(self, *given, **named)

    setattr(owner, name, watched)
