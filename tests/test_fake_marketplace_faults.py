"""Each fault the marketplace can imitate really happens on the wire, and only where and as often as told."""

import gzip
import http.client
import json
import threading
import zlib

import pytest

from keys_jupyter.marketplace_fake import FakeMarketplace, Fault, Part, Place, Shape
from keys_jupyter.marketplace_fake.faults import _FAULTS
from tests.downloads.asking import ask
from tests.packs import key_files, make_library, runbook_files, zipped

SLUG = "small-failure"


@pytest.fixture
def market(tmp_path):
    with FakeMarketplace(make_library(tmp_path / "library")) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def link(market):
    return market.signed_url(SLUG)


@pytest.fixture
def pack(market):
    return market.pack(SLUG)


@pytest.fixture
def token(market):
    reader = market.user()
    market.grant(reader, SLUG)
    return market.key(reader).token


# the plan


def test_a_fault_strikes_as_often_as_told_after_as_many_as_told(market, link, pack):
    rule = market.faults.add(Fault.CUT, at=10, times=2, skip=1)
    assert [ask(link).whole for _ in range(5)] == [True, False, False, True, True]
    assert rule.hits == 2


def test_a_fault_strikes_where_told(market, link):
    market.faults.add(Fault.ERROR, on=Place.LIST, status=500)
    assert ask(f"{market.url}/marketplace/keys").status == 500
    assert ask(f"{market.url}/marketplace/keys/{SLUG}").status == 200
    assert ask(link).status == 200
    market.faults.clear()
    market.faults.add(Fault.ERROR, on="GET /marketplace/keys/*", status=503)
    assert ask(f"{market.url}/marketplace/keys").status == 200
    assert ask(f"{market.url}/marketplace/keys/{SLUG}").status == 503
    market.faults.clear()
    rule = market.faults.add(Fault.ERROR, on=(Place.OBJECT, Place.DETAIL), status=418)
    assert [ask(link).status, ask(f"{market.url}/marketplace/keys/{SLUG}").status] == [418, 418]
    rule.remove()
    assert ask(link).status == 200


def test_a_misspelt_option_is_noticed_at_once(market):
    with pytest.raises(ValueError, match="CUT takes"):
        market.faults.add(Fault.CUT, att=10)


def test_every_fault_has_its_place_and_its_options():
    assert set(_FAULTS) == set(Fault)


def test_several_faults_strike_one_request(market, link, pack):
    market.faults.add(Fault.WRONG_BYTES, at=3)
    market.faults.add(Fault.CUT, at=10)
    answer = ask(link)
    assert answer.body == pack[:3] + bytes([pack[3] ^ 0xFF]) + pack[4:10]


# what arrives


@pytest.mark.parametrize("at", [0, 1, 777])
def test_cut(market, link, pack, at):
    market.faults.add(Fault.CUT, at=at)
    answer = ask(link)
    assert not answer.whole
    assert answer.body == pack[:at]
    assert answer.headers["Content-Length"] == str(len(pack))


def test_cut_with_a_reset(market, link):
    market.faults.add(Fault.CUT, at=0, reset=True)
    with pytest.raises(ConnectionResetError):
        ask(link)


def test_a_cut_of_a_resumed_part_counts_within_the_part(market, link, pack):
    market.faults.add(Fault.CUT, at=5)
    answer = ask(link, Range="bytes=100-")
    assert (answer.status, answer.body) == (206, pack[100:105])


@pytest.mark.parametrize("at", [None, 0, 500])
def test_a_stall_lasts_until_it_is_released(market, link, pack, at):
    rule = market.faults.add(Fault.STALL, at=at)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(ask(link)))
    asking.start()
    assert rule.reached.wait(10)
    assert answers == []
    rule.release()
    asking.join(10)
    assert answers[0].body == pack


def test_closing_ends_a_stall(tmp_path):
    market = FakeMarketplace(make_library(tmp_path / "library"))
    rule = market.faults.add(Fault.STALL, at=3)
    ended = []

    def asking():
        ended.append(ask(market.signed_url(SLUG)).body)

    thread = threading.Thread(target=asking)
    thread.start()
    assert rule.reached.wait(10)
    market.close()
    thread.join(10)
    assert len(ended) == 1
    assert market.failures == []


def test_drip(market, link, pack):
    rule = market.faults.add(Fault.DRIP, size=100, every=60)
    wire = http.client.HTTPConnection("localhost", int(market.project_url.rpartition(":")[2]))
    wire.request("GET", link.partition(market.project_url)[2])
    rule.release()
    assert wire.getresponse().read() == pack
    wire.close()


def test_wrong_bytes(market, link, pack):
    market.faults.add(Fault.WRONG_BYTES, at=20)
    answer = ask(link)
    assert answer.whole and len(answer.body) == len(pack)
    assert [i for i, (a, b) in enumerate(zip(answer.body, pack, strict=True)) if a != b] == [20]


def test_wrong_range(market, link, pack):
    market.faults.add(Fault.WRONG_RANGE, by=3)
    size = len(pack)
    answer = ask(link, Range="bytes=100-199")
    assert answer.headers["Content-Range"] == f"bytes 103-202/{size}"
    assert len(answer.body) == 100 and answer.body != pack[100:200]
    assert ask(link).body == pack


def test_wrong_range_that_lies(market, link, pack):
    market.faults.add(Fault.WRONG_RANGE, by=3, lie=True)
    answer = ask(link, Range="bytes=100-199")
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(pack)}"
    assert answer.body != pack[100:200]


@pytest.mark.parametrize("header", ["bytes 0-9/10", "rubbish", "bytes */100", ""])
def test_wrong_range_in_any_words(market, link, header):
    market.faults.add(Fault.WRONG_RANGE, by=0, header=header)
    answer = ask(link, Range="bytes=100-199")
    assert answer.status == 206
    assert answer.headers.get("Content-Range", "") == header


def test_ignore_range(market, link, pack):
    market.faults.add(Fault.IGNORE_RANGE)
    answer = ask(link, Range="bytes=100-199")
    assert (answer.status, answer.body) == (200, pack)


def test_many_ranges(market, link, pack):
    market.faults.add(Fault.MANY_RANGES)
    answer = ask(link, Range="bytes=100-199")
    assert answer.status == 206
    assert answer.headers["Content-Type"].startswith("multipart/byteranges")
    assert pack[100:200] in answer.body and "Content-Range" not in answer.headers


def test_not_satisfiable(market, link):
    market.faults.add(Fault.NOT_SATISFIABLE)
    assert ask(link, Range="bytes=1-").status == 416
    assert ask(link).status == 200


def test_an_object_changes_in_mid_download(market, link, pack):
    market.faults.add(Fault.CHANGED, at=50, times=1)
    first = ask(link)
    assert first.body == pack[:50] and not first.whole
    resumed = ask(link, Range="bytes=50-", If_Range=first.headers["ETag"])
    assert resumed.status == 200
    assert resumed.body == bytes(byte ^ 0x55 for byte in pack)
    assert resumed.headers["ETag"] != first.headers["ETag"]


def test_an_object_changes_and_storage_does_not_say_so(market, link, pack):
    other = b"x" * len(pack)
    market.faults.add(Fault.CHANGED, at=50, times=1, data=other, keep_etag=True)
    first = ask(link)
    resumed = ask(link, Range="bytes=50-", If_Range=first.headers["ETag"])
    assert (resumed.status, resumed.body) == (206, other[50:])


def test_ignore_if_range(market, link, pack):
    market.faults.add(Fault.IGNORE_IF_RANGE)
    answer = ask(link, Range="bytes=50-", If_Range='"of another day"')
    assert (answer.status, answer.body) == (206, pack[50:])


def test_no_validators(market, link):
    rule = market.faults.add(Fault.NO_VALIDATORS)
    answer = ask(link)
    assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers
    rule.remove()
    market.faults.add(Fault.NO_VALIDATORS, weak=True)
    assert ask(link).headers["ETag"].startswith('W/"')


def test_an_expired_link(market, link):
    market.faults.add(Fault.EXPIRED_LINK, times=1)
    late = ask(link)
    assert (late.status, late.json()["error"]) == (400, "InvalidJWT")
    assert ask(link).status == 200


@pytest.mark.parametrize(("by", "whole"), [(5, False), (-5, True)])
def test_a_length_that_is_wrong(market, link, pack, by, whole):
    market.faults.add(Fault.LENGTH, by=by)
    answer = ask(link)
    assert answer.headers["Content-Length"] == str(len(pack) + by)
    assert answer.whole is whole
    assert answer.body == pack[: len(pack) + by]


def test_a_length_that_is_no_number_missing_or_chunked(market, link, pack):
    market.faults.add(Fault.LENGTH, value="-1", times=1)
    assert ask(link).headers["Content-Length"] == "-1"
    market.faults.add(Fault.LENGTH, missing=True, times=1)
    missing = ask(link)
    assert "Content-Length" not in missing.headers and missing.body == pack
    market.faults.add(Fault.LENGTH, chunked=True, times=1)
    chunked = ask(link)
    assert chunked.headers["Transfer-Encoding"] == "chunked" and chunked.body == pack


def test_a_chunked_body_can_be_cut(market, link, pack):
    market.faults.add(Fault.LENGTH, chunked=True)
    market.faults.add(Fault.CUT, at=100)
    answer = ask(link)
    assert not answer.whole and answer.body == pack[:100]


@pytest.mark.parametrize("declared", [True, False])
def test_endless(market, link, declared):
    market.faults.add(Fault.ENDLESS, size=3_000_000, declared=declared)
    answer = ask(link)
    assert len(answer.body) == 3_000_000
    assert ("Content-Length" in answer.headers) is declared


def test_an_endless_body_costs_only_what_is_read(market, link):
    market.faults.add(Fault.ENDLESS)
    host, port = market.project_url.removeprefix("http://").split(":")
    wire = http.client.HTTPConnection(host, int(port), timeout=10)
    wire.request("GET", link.partition(market.project_url)[2])
    response = wire.getresponse()
    assert len(response.read(100_000)) == 100_000
    response.close()
    wire.close()
    market.stop()
    (received,) = market.requests
    assert received.sent < 20_000_000


def test_gzip_and_its_bomb(market, link, pack):
    market.faults.add(Fault.GZIP, times=1)
    answer = ask(link, Accept_Encoding="identity")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == pack
    market.faults.add(Fault.GZIP, bomb=50_000_000)
    bomb = ask(link).body
    assert len(bomb) < 100_000
    assert zlib.decompressobj(31).decompress(bomb, 10) == bytes(10)
    assert len(gzip.decompress(bomb)) == 50_000_000


def test_html_in_place_of_json(market):
    market.faults.add(Fault.HTML)
    answer = ask(f"{market.url}/marketplace/keys")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_broken_json(market):
    whole = ask(f"{market.url}/marketplace/keys").body
    market.faults.add(Fault.BROKEN_JSON)
    answer = ask(f"{market.url}/marketplace/keys")
    assert answer.whole and answer.body == whole[: len(whole) // 2]
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_redirect(market, link, canary):
    market.faults.add(Fault.REDIRECT, to=canary.url + "/inner", status=307, times=1)
    answer = ask(link)
    assert (answer.status, answer.headers["Location"]) == (307, f"{canary.url}/inner")
    market.faults.add(Fault.REDIRECT, times=1)
    assert link.endswith(ask(link).headers["Location"])
    market.faults.add(Fault.REDIRECT, to="/x", size=1_000_000)
    assert len(ask(link).body) == 1_000_000
    assert not canary.reached


@pytest.mark.parametrize(
    ("shape", "status", "expected"),
    [
        (Shape.HANDLER, 403, {"error": "no"}),
        (Shape.NESTED, 401, {"error": {"code": "AUTHENTICATION_ERROR", "message": "no"}}),
        (Shape.TIMEOUT, 408, {"status": "error", "code": "REQUEST_TIMEOUT", "message": "no"}),
        (Shape.VALIDATE, 200, {"valid": False, "error": "no"}),
        (
            Shape.STORAGE,
            400,
            {"statusCode": "404", "error": "not_found", "message": "no", "code": "NoSuchKey"},
        ),
    ],
)
def test_errors_in_five_shapes(market, shape, status, expected):
    market.faults.add(Fault.ERROR, status=status, shape=shape, message="no")
    answer = ask(f"{market.url}/marketplace/keys")
    found = answer.json()
    found.pop("requestId", None)
    assert (answer.status, found) == (status, expected)


def test_errors_in_plain_text(market):
    market.faults.add(Fault.ERROR, status=429, shape=Shape.TEXT, message="too many")
    answer = ask(f"{market.url}/marketplace/keys")
    assert (answer.status, answer.body) == (429, b"too many")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_headers(market):
    market.faults.add(Fault.HEADERS, headers=[("Set-Cookie", "a=b"), ("Content-Type", "x/y")])
    answer = ask(f"{market.url}/health")
    assert answer.headers["Set-Cookie"] == "a=b"
    assert answer.headers["Content-Type"] == "x/y"


def test_what_is_not_http(market):
    market.faults.add(Fault.RAW, data=b"SSH-2.0-OpenSSH\r\n")
    with pytest.raises(http.client.BadStatusLine):
        ask(f"{market.url}/health")


def test_a_connection_is_kept_unless_it_is_hung_up(market):
    wire = http.client.HTTPConnection(*market.url.removeprefix("http://").split(":"))
    for _ in range(2):
        wire.request("GET", "/health")
        assert wire.getresponse().read()
    rule = market.faults.add(Fault.HANG_UP)
    wire.request("GET", "/health")
    response = wire.getresponse()
    assert response.getheader("Connection") is None and response.read()
    assert rule.reached.wait(10)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        wire.request("GET", "/health")
        wire.getresponse()
    wire.close()


# outages that look like something else


def seen(market, token, path, method="GET", body=None):
    answer = ask(market.url + path, method, body, token=token)
    found = answer.json() if answer.body else None
    error = found.get("error") if isinstance(found, dict) else None
    return answer.status, error["message"] if isinstance(error, dict) else error


OUTAGES = [
    (Part.SUPABASE, "/marketplace/keys", "GET", 500, "Failed to fetch keys"),
    (Part.SUPABASE, f"/marketplace/keys/{SLUG}", "GET", 404, "Key not found"),
    (Part.SUPABASE, "/marketplace/entitlements", "GET", 401, "Invalid or revoked API key"),
    (
        Part.SUPABASE,
        f"/marketplace/keys/{SLUG}/download",
        "POST",
        401,
        "Invalid or revoked API key",
    ),
    (Part.SUPABASE, "/health", "GET", 200, None),
    (Part.KEY_ROW, f"/marketplace/keys/{SLUG}", "GET", 404, "Key not found"),
    (Part.KEY_ROW, f"/marketplace/keys/{SLUG}/download", "POST", 404, "Key not found"),
    (Part.ORGANISATION, f"/marketplace/keys/{SLUG}/download", "POST", 403, "Access denied"),
    (Part.ENTITLEMENT, f"/marketplace/keys/{SLUG}/download", "POST", 403, "Access denied"),
    (Part.ENTITLEMENT, "/marketplace/entitlements", "GET", 500, "Failed to fetch entitlements"),
    (
        Part.STORAGE,
        f"/marketplace/keys/{SLUG}/download",
        "POST",
        500,
        "Failed to generate download link",
    ),
    (Part.STORAGE_STALL, f"/marketplace/keys/{SLUG}/download", "POST", 408, None),
]


@pytest.mark.parametrize(("part", "path", "method", "status", "error"), OUTAGES)
def test_outages(market, token, part, path, method, status, error):
    assert seen(market, token, path, method)[0] == 200
    market.faults.add(Fault.OUTAGE, of=part)
    assert seen(market, token, path, method) == (status, error)
    market.faults.clear()
    assert seen(market, token, path, method)[0] == 200


def test_a_session_is_invalid_while_its_service_is_out(market):
    session = market.session(market.user()).access_token
    market.faults.add(Fault.OUTAGE, of=Part.GOTRUE)
    found = seen(market, session, "/marketplace/entitlements")
    assert found == (401, "Invalid or expired token")


def test_a_member_looks_alone_while_organisations_are_out(market, token):
    reader = market._state.accounts.users[0]
    market.organisation(reader)
    url = f"{market.url}/marketplace/entitlements"
    assert ask(url, token=token).json()["tenantType"] == "organization"
    market.faults.add(Fault.OUTAGE, of=Part.ORGANISATION)
    found = ask(url, token=token).json()
    assert (found["tenantType"], len(found["entitlements"])) == ("user", 1)


def asked(market, token, version):
    url = f"{market.url}/marketplace/keys/{SLUG}/download"
    return ask(url, "POST", {"version": version}, token=token).json()["downloadUrl"]


@pytest.mark.parametrize(
    ("fault", "options"), [(Fault.UNPINNED, {}), (Fault.OUTAGE, {"of": Part.VERSION})]
)
def test_a_known_version_is_answered_with_the_latest(market, token, fault, options):
    market.put(zipped(runbook_files(version="1.1.0")))
    assert "/1.0.0/" in asked(market, token, "1.0.0")
    market.faults.add(fault, **options)
    assert "/1.1.0/" in asked(market, token, "1.0.0")


def test_a_link_can_say_the_right_version_and_lead_to_the_latest(market, token):
    market.put(zipped(runbook_files(version="1.1.0")))
    market.faults.add(Fault.UNPINNED, mislabelled=True)
    link = asked(market, token, "1.0.0")
    assert "/1.0.0/" in link
    assert ask(link).body == market.pack(SLUG, "1.1.0") != market.pack(SLUG, "1.0.0")


def test_digests_can_be_missing_or_wrong(market):
    market.digests = True
    url = f"{market.url}/marketplace/keys/{SLUG}"
    market.faults.add(Fault.WRONG_DIGEST, times=1)
    assert ask(url).json()["key"]["sha256"] == "0" * 64
    market.faults.add(Fault.NULL_DIGEST, times=1)
    assert ask(url).json()["key"]["sha256"] is None
    assert len(ask(url).json()["key"]["sha256"]) == 64


def test_damaged_rows_stand_among_the_good_ones(market):
    market.faults.add(Fault.DAMAGED_ROWS)
    rows = ask(f"{market.url}/marketplace/keys").json()["keys"]
    assert rows[-2]["slug"] == SLUG
    slugs = [row.get("slug") for row in rows[:-2] if isinstance(row, dict)]
    assert "`jupyter-webhook-event-analysis`" in slugs
    assert None in slugs and "../../escape" in slugs
    assert any(not isinstance(row, dict) for row in rows)


def test_a_key_with_backticks_is_found_encoded_and_never_downloaded(market, token):
    about = {"slug": "`jupyter-odd`", "title": "Odd", "version": "1.0.0", "kind": "jupyter"}
    market.put(zipped(key_files()), about)
    market.grant(market._state.accounts.users[0], "`jupyter-odd`")
    assert ask(f"{market.url}/marketplace/keys/%60jupyter-odd%60").status == 200
    assert ask(f"{market.url}/marketplace/keys/jupyter-odd").status == 404
    link = f"{market.url}/marketplace/keys/%60jupyter-odd%60/download"
    assert ask(link, "POST", token=token).status == 500
