"""A file through cuts, lies and changes of mind: whole and right, or a typed error and nothing on disk."""

import hashlib
import random
import re
import threading

import pytest

from keys_jupyter.errors import IntegrityError, KeysError, SurroundingsError
from keys_jupyter.transport import (
    Answered,
    Cancelled,
    InvalidAnswer,
    Settings,
    Transport,
    Unreachable,
    download,
)
from tests.loopback import Loopback, gzipped, raw

DATA = random.Random(7).randbytes(300_000)
DIGEST = hashlib.sha256(DATA).hexdigest()
OTHER = random.Random(8).randbytes(300_000)


class Storage:
    """An object that can be cut, changed and answered wrongly; counts the bytes it sends."""

    def __init__(self, data=DATA, etag='"one"', **ways):
        self.data, self.etag, self.ways = data, etag, ways
        self.cuts = list(ways.get("cuts", ()))
        self.sent = 0
        self.ranges = []

    def __call__(self, handler):
        ways = self.ways
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        same = handler.headers.get("If-Range") in (self.etag, ways.get("modified"))
        start = int(asked[1]) if asked and same and not ways.get("no_ranges") else 0
        self.ranges.append(handler.headers.get("Range"))
        if "before" in ways and ways["before"](self, handler, start):
            return
        status = 206 if start else 200
        handler.send_response(status)
        if self.etag:
            handler.send_header("ETag", self.etag)
        if "modified" in ways:
            handler.send_header("Last-Modified", ways["modified"])
        if start:
            whole = len(self.data)
            said = ways.get("range", "bytes {start}-{end}/{whole}")
            handler.send_header(
                "Content-Range", said.format(start=start, end=whole - 1, whole=whole)
            )
        chunked = ways.get("chunked")
        if chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.send_header("Content-Length", str(len(self.data) - start))
        handler.end_headers()
        self.send(handler, self.data[start:], chunked)

    def send(self, handler, body, chunked):
        cut = self.cuts.pop(0) if self.cuts else None
        part = body if cut is None else body[:cut]
        self.sent += len(part)
        if chunked:
            handler.wfile.write(b"%x\r\n" % len(body) + part)
            handler.wfile.write(b"" if cut is not None else b"\r\n0\r\n\r\n")
        else:
            handler.wfile.write(part)
        handler.close_connection = True


def fetch(server, tmp_path, *, path="/o.zip", name="part", limits=None, **ways):
    transport = Transport(
        Settings(allowed_marketplaces=(server.url,), retry_seconds=0.0, **(limits or {}))
    )
    return download(transport, server.url + path, tmp_path / name, **ways)


def nothing_left(tmp_path):
    return list(tmp_path.iterdir()) == []


def test_a_file_comes_whole_with_its_digest_and_its_progress(tmp_path):
    told = []
    with Loopback(Storage()) as server:
        got = fetch(
            server,
            tmp_path,
            sha256=DIGEST,
            on_progress=lambda done, total: told.append((done, total)),
        )
    assert (got.sha256, got.size) == (DIGEST, len(DATA))
    assert got.path.read_bytes() == DATA
    assert got.path.stat().st_mode & 0o777 == 0o600
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert "authorization" not in server.requests[0][2]


@pytest.mark.parametrize("ways", [{}, {"modified": "Sat, 21 Nov 2026 08:00:00 GMT", "etag": ""}])
def test_a_cut_is_continued_where_it_happened(tmp_path, ways):
    storage = Storage(cuts=[100_000, 50_000], **ways)
    with Loopback(storage) as server:
        got = fetch(server, tmp_path, sha256=DIGEST)
    assert got.path.read_bytes() == DATA
    assert storage.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert storage.sent == len(DATA), "nothing was sent twice"


@pytest.mark.parametrize("ways", [{"etag": 'W/"weak"'}, {"etag": ""}, {"no_ranges": True}])
def test_what_cannot_be_known_again_begins_again(tmp_path, ways):
    storage = Storage(cuts=[100_000], **ways)
    with Loopback(storage) as server:
        got = fetch(server, tmp_path)
    assert got.path.read_bytes() == DATA
    assert got.sha256 == DIGEST


def test_a_chunked_answer_that_is_cut_is_not_taken_for_whole(tmp_path):
    storage = Storage(cuts=[1234], chunked=True)
    with Loopback(storage) as server:
        assert fetch(server, tmp_path).path.read_bytes() == DATA
    assert len(storage.ranges) == 2


def cut_anywhere(tmp_path, seed, count):
    chance = random.Random(seed)
    for number in range(count):
        size = chance.choice((1, 1000, 65_536, 200_000))
        data = chance.randbytes(size)
        cuts = [chance.randrange(size) for _ in range(chance.choice((1, 1, 2, 3)))]
        etag = chance.choice(('"a"', '"a"', 'W/"a"', ""))
        chunked = chance.random() < 0.2
        storage = Storage(data, etag, cuts=cuts, chunked=chunked)
        with Loopback(storage) as server:
            got = fetch(server, tmp_path, name=f"part{number}", limits={"resumes": 5})
        assert got.sha256 == hashlib.sha256(data).hexdigest(), (seed, number)
        assert got.path.read_bytes() == data
        if etag == '"a"' and not chunked:
            assert storage.sent <= 1.1 * size
        got.path.unlink()


def test_forty_downloads_cut_at_random_points(tmp_path):
    cut_anywhere(tmp_path, 1, 40)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_thousand_downloads_cut_at_random_points(tmp_path):
    cut_anywhere(tmp_path, 2, 1000)


def test_an_object_that_changed_meanwhile_is_fetched_anew(tmp_path):
    def change(storage, handler, start):
        if len(storage.ranges) == 2:
            storage.data, storage.etag = OTHER, '"two"'
            handler.headers["If-Range"]
        return

    class Changing(Storage):
        def __call__(self, handler):
            if len(self.ranges) == 1:
                self.data, self.etag = OTHER, '"two"'
            super().__call__(handler)

    storage = Changing(cuts=[100_000])
    with Loopback(storage) as server:
        got = fetch(server, tmp_path)
    assert got.path.read_bytes() == OTHER, "not a byte of the first object"


def test_an_object_replaced_behind_its_tag_is_seen_by_its_digest(tmp_path):
    class Changing(Storage):
        def __call__(self, handler):
            if len(self.ranges) == 1:
                self.data = OTHER
            super().__call__(handler)

    storage = Changing(cuts=[100_000])
    with Loopback(storage) as server:
        got = fetch(server, tmp_path, sha256=hashlib.sha256(OTHER).hexdigest())
    assert got.path.read_bytes() == OTHER
    assert storage.ranges[-1] is None, "the last time the whole was asked for"


@pytest.mark.parametrize(
    "said",
    ["bytes 0-{end}/{whole}", "bytes 99999-{end}/{whole}", "bytes 100001-{end}/{whole}", "bytes */{whole}",
     "bytes {start}-{end}/999", "bytes {start}-{end}/99999999", "items {start}-{end}/{whole}", "", "bytes",
     "bytes {start}-100000/{whole}", "bytes -1-{end}/{whole}", "bytes {end}-{start}/{whole}"],
)  # fmt: skip
def test_a_part_of_another_place_is_not_taken(tmp_path, said):
    storage = Storage(cuts=[100_000], range=said)
    with Loopback(storage) as server:
        got = fetch(server, tmp_path)
    assert got.path.read_bytes() == DATA
    assert storage.ranges == [None, "bytes=100000-", None]


def test_a_part_nobody_asked_for_is_not_taken(tmp_path):
    def answer(handler):
        handler.reply(206, DATA, Content_Range=f"bytes 0-{len(DATA) - 1}/{len(DATA)}")

    with Loopback(answer) as server, pytest.raises(Unreachable):
        fetch(server, tmp_path, limits={"resumes": 3})
    assert len(server.requests) == 4
    assert nothing_left(tmp_path)


def test_an_object_that_shrank_is_fetched_anew(tmp_path):
    def shrunk(storage, handler, start):
        if start:
            storage.data = DATA[:1000]
            handler.reply(416, b"", Content_Range="bytes */1000")
            return True
        return None

    storage = Storage(cuts=[100_000], before=shrunk)
    with Loopback(storage) as server:
        assert fetch(server, tmp_path).path.read_bytes() == DATA[:1000]


def test_cuts_without_end_become_an_error(tmp_path):
    storage = Storage(cuts=[1] * 100)
    with Loopback(storage) as server, pytest.raises(Unreachable) as caught:
        fetch(server, tmp_path, limits={"resumes": 4})
    assert caught.value.code == "UNREACHABLE_CUT"
    assert len(storage.ranges) == 5
    assert nothing_left(tmp_path)


def test_other_bytes_than_published_are_refused(tmp_path):
    with Loopback(Storage(OTHER)) as server, pytest.raises(IntegrityError) as caught:
        fetch(server, tmp_path, sha256=DIGEST)
    assert caught.value.code == "DIGEST_MISMATCH"
    assert len(server.requests) == 1
    assert nothing_left(tmp_path)


EXPIRED = (
    b'{"statusCode":"400","error":"InvalidJWT","message":"\\"exp\\" claim timestamp check failed"}'
)


def test_an_expired_url_is_renewed_once_in_the_middle(tmp_path):
    def old_is_over(storage, handler, start):
        if start and "token=old" in handler.path:
            handler.reply(400, EXPIRED)
            return True
        return None

    asked = []
    storage = Storage(cuts=[100_000], before=old_is_over)
    with Loopback(storage) as server:

        def renew():
            asked.append(1)
            return server.url + "/o.zip?token=new"

        got = fetch(server, tmp_path, path="/o.zip?token=old", renew=renew)
    assert got.sha256 == DIGEST
    assert asked == [1]
    assert storage.ranges[-1] == "bytes=100000-", "continued under the new URL"


def test_a_url_that_stays_expired_is_renewed_once_only(tmp_path):
    asked = []
    with Loopback(lambda handler: handler.reply(400, EXPIRED)) as server:

        def renew():
            asked.append(1)
            return server.url + "/again"

        with pytest.raises(Answered) as caught:
            fetch(server, tmp_path, renew=renew)
    assert caught.value.remote == "InvalidJWT"
    assert asked == [1]
    assert nothing_left(tmp_path)


def test_an_object_that_is_gone_is_not_asked_for_again(tmp_path):
    gone = (
        b'{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}'
    )

    def never():
        raise AssertionError("renewed")

    with (
        Loopback(lambda handler: handler.reply(400, gone)) as server,
        pytest.raises(Answered) as caught,
    ):
        fetch(server, tmp_path, renew=never)
    assert caught.value.remote == "NoSuchKey"
    assert len(server.requests) == 1


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_the_cap_is_not_taken(tmp_path, announced):
    storage = Storage(b"\0" * 2_000_000, chunked=not announced)
    with Loopback(storage) as server, pytest.raises(InvalidAnswer) as caught:
        fetch(server, tmp_path, limits={"download_bytes": 1_000_000})
    assert caught.value.code == "ANSWER_TOO_LARGE"
    assert nothing_left(tmp_path)


def test_a_range_that_grows_above_the_cap_is_not_taken(tmp_path):
    storage = Storage(b"\0" * 900_000, cuts=[500_000], range="bytes {start}-999999999/1000000000")
    with Loopback(storage) as server:
        got = fetch(server, tmp_path, limits={"download_bytes": 1_000_000})
    assert got.size == 900_000


def test_a_packed_download_is_counted_unpacked(tmp_path):
    bomb = gzipped(b"\0" * 50_000_000)

    def answer(handler):
        handler.reply(200, bomb, Content_Encoding="gzip", ETag='"g"')

    with Loopback(answer) as server, pytest.raises(InvalidAnswer) as caught:
        fetch(server, tmp_path, most=1_000_000)
    assert caught.value.code == "ANSWER_TOO_LARGE"
    assert nothing_left(tmp_path)


def test_a_packed_download_arrives_unpacked(tmp_path):
    with Loopback(
        lambda handler: handler.reply(200, gzipped(DATA), Content_Encoding="gzip")
    ) as server:
        assert fetch(server, tmp_path, sha256=DIGEST).size == len(DATA)


def test_cancel_works_in_a_stall_and_leaves_nothing(tmp_path):
    stop = threading.Event()

    def talk(connection, ended):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5000)
        stop.set()
        ended.wait(20)

    with raw(talk) as url, pytest.raises(Cancelled) as caught:
        transport = Transport(Settings(allowed_marketplaces=(url,)))
        download(transport, url + "/o", tmp_path / "part", cancelled=stop.is_set)
    assert caught.value.code == "CANCELLED"
    assert nothing_left(tmp_path)


def test_cancel_while_bytes_flow_leaves_nothing(tmp_path):
    seen = []
    with Loopback(Storage(b"\0" * 5_000_000)) as server, pytest.raises(Cancelled):
        fetch(
            server,
            tmp_path,
            on_progress=lambda done, total: seen.append(done),
            cancelled=lambda: len(seen) > 3,
        )
    assert nothing_left(tmp_path)


def test_a_download_slower_than_allowed_ends(tmp_path):
    def talk(connection, ended):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not ended.wait(0.01):
            connection.sendall(b"x")

    with raw(talk) as url, pytest.raises(Unreachable) as caught:
        limits = Settings(
            allowed_marketplaces=(url,), slow_seconds=0.1, slow_bytes=100_000, resumes=1
        )
        download(Transport(limits), url + "/o", tmp_path / "part")
    assert caught.value.code == "UNREACHABLE_TIMEOUT"
    assert nothing_left(tmp_path)


def test_the_deadline_of_a_download_holds_over_all_its_parts(tmp_path):
    storage = Storage(cuts=[1] * 100_000)
    with Loopback(storage) as server, pytest.raises(Unreachable) as caught:
        limits = Settings(
            allowed_marketplaces=(server.url,),
            resumes=10**6,
            retry_seconds=0.05,
            download_seconds=0.4,
        )
        download(Transport(limits), server.url + "/o", tmp_path / "part")
    assert caught.value.code == "UNREACHABLE_TIMEOUT"


def moved(where, handler):
    handler.reply(302, Location=where)


def test_a_redirect_of_the_storage_is_judged(tmp_path):
    with Loopback(Storage()) as inner:
        with Loopback(lambda handler: handler.reply(302, Location=inner.url)) as server:
            with pytest.raises(InvalidAnswer) as caught:
                fetch(server, tmp_path)
            assert caught.value.code == "ADDRESS_REFUSED"
            assert fetch(server, tmp_path, name="whole", private=True).sha256 == DIGEST
        for where in ("http://169.254.169.254/x", "https://[fd00:ec2::254]/"):
            with (
                Loopback(lambda handler, where=where: handler.reply(302, Location=where)) as server,
                pytest.raises(InvalidAnswer),
            ):
                fetch(server, tmp_path, private=True)
    assert inner.connections == 1


def test_a_private_storage_is_reached_only_for_a_private_marketplace(tmp_path):
    with Loopback(Storage()) as storage:
        with pytest.raises(KeysError) as caught:
            download(Transport(Settings()), storage.url, tmp_path / "part")
        assert caught.value.code == "ADDRESS_REFUSED"
        assert download(
            Transport(Settings()), storage.url, tmp_path / "part", private=True
        ).size == len(DATA)
    assert storage.connections == 1


@pytest.mark.parametrize(
    ("named", "found", "private"),
    [
        ("http://keys.example.com", ["8.8.8.8"], True),
        ("https://keys.example.com", ["10.0.0.1"], True),
        ("https://keys.example.com", ["8.8.8.8"], False),
        ("https://other.example.com", ["10.0.0.1"], False),
    ],
)
def test_when_a_marketplace_is_private(named, found, private):
    transport = Transport(Settings(allowed_marketplaces=(named,)), resolve=lambda host, port: found)
    url = named if "keys" in named else "https://keys.example.com"
    assert transport.is_private(url) is private


def test_an_existing_file_is_never_written_to_nor_removed(tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("keep")
    (tmp_path / "link").symlink_to(mine)
    with Loopback(Storage()) as server:
        for name in ("mine", "link"):
            with pytest.raises(SurroundingsError):
                fetch(server, tmp_path, name=name)
        with pytest.raises(SurroundingsError):
            fetch(server, tmp_path, name="no/folder")
    assert mine.read_text() == "keep"
    assert server.connections == 0


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Loopback(Storage()) as server, pytest.raises(SurroundingsError) as caught:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
            fetch(server, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert caught.value.code == "DISK"
    assert nothing_left(tmp_path)
