"""Texts made to be slow: a megabyte of whatever a rule, a reading or a boundary begins with is gone through all the same.

A search that is not linear takes hours for these; the limits are many times what they take.
"""

import base64
import re

import pytest

from keys_jupyter.redaction import Known, Options, Policy, redact_bytes, redact_text
from keys_jupyter.redaction.rules import OPTIONAL, RULES

POLICY = Policy(
    salt=bytes(16),
    options=Options(emails=True, cards=True, ibans=True),
    known=(Known("a" * 12, "a"), Known("secret-of-ours", "b")),
)
ANCHORS = sorted(
    {anchor for rule in (*RULES, *OPTIONAL) for anchor in (*rule.starts, *rule.words, *rule.marks)}
)
UNITS = (
    *("eyJ.", "eyJaaaaaaaa.eyJaaaaaaaa.", "-----BEGIN <>PRIVATE KEY-----".replace("<>", "")),
    *(
        "-----BEGIN <>PRIVATE KEY-----\n".replace("<>", "") + "A" * 64 + "\n",
        "password=",
        "password: ",
    ),
    *("password='", "password=`", 'token="a\\', "://a:", "https://a:b@", "://a:@", "%41", "%25"),
    *(
        "&amp;",
        "&#",
        "&",
        "<",
        "<a",
        "<a ",
        "<!--",
        "\x1b[",
        "\x1b]",
        "\x1b",
        "\\u0041",
        "\\",
        '""',
    ),
    *("=", "a", "A", "4", "A1", "0", "\n", " ", "\x00", "\x01", "'", "`", "@", "a@a.", "4111 "),
    *("GB82 ", "QUFB", "QUFB\n", "a" * 20 + "\n", "Cookie: a=b; ", "cookie:a=b;a=b;", "x-api-key:"),
    *(
        "SG.aaaaaaaaaaaaaaaaaaaaaa.",
        "curl a -u a:",
        "/object/sign/a?",
        "1:AA",
        "0NRAL",
        "[redacted ",
    ),
    *('{"a":', "İ", "é", "\ud800", "😀", "secret-of-our", "secret-\n", "aaaaaaaaaaa "),
)


def filled(unit, size):
    return (unit * (size // len(unit) + 1))[:size]


@pytest.mark.timeout(60)
def test_a_slice_of_every_hostile_text():
    for unit in (*UNITS, *ANCHORS):
        text = filled(unit, 20_000)
        assert len(redact_text(text, POLICY).value) > 0


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("unit", [*UNITS, *ANCHORS], ids=repr)
def test_a_megabyte_of_every_hostile_text(unit):
    assert redact_text(filled(unit, 1_000_000), POLICY).value


def packed(text, times):
    for _ in range(times):
        text = base64.b64encode(text.encode()).decode()
    return text


SHAPES = {
    "base64 of base64 of anchors": lambda n: packed(filled("sk_live_", n * 9 // 16), 2)[:n],
    "base64 deeper than is read": lambda n: packed(filled("password=", n * 27 // 64), 3)[:n],
    "base64 lines of anchors": lambda n: "\n".join(
        re.findall(".{1,76}", packed(filled("password=hunter22 ", n * 3 // 4), 1))
    ),
    "hexadecimal of hexadecimal": lambda n: (
        filled("sk_live_", n // 4).encode().hex().encode().hex()
    ),
    "percent of percent": lambda n: filled("%2570assword=", n),
    "escapes of anchors": lambda n: filled("\\u0070assword=", n),
    "entities of anchors": lambda n: filled("&#112;assword=", n),
    "tags within anchors": lambda n: filled("p<b></b>assword=", n),
    "colours within anchors": lambda n: filled("\x1b[31mp\x1b[0massword=", n),
    "doubled quotes": lambda n: filled('""password"":""', n),
    "brackets as deep as long": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "a line for each character": lambda n: filled("a\n", n),
    "a line for each anchor": lambda n: filled("eyJ\n", n),
    "almost a token": lambda n: filled(f"eyJ{'a' * 200}.", n),
    "a block without its end": lambda n: (
        "-----BEGIN <>PRIVATE KEY-----".replace("<>", "") + filled("A" * 63 + "\n", n)
    ),
    "quotes that never end": lambda n: filled('password="a\\', n),
    "runs glued together": lambda n: filled("Aaaaaaaaaaaaaaaaaaaa-", n),
    "one cookie with many values": lambda n: "cookie: " + filled("a=b;", n),
    "one secret many times": lambda n: filled(f"sk_live_{'4eC39HqLyjWD' * 2} ", n),
    "many passwords": lambda n: "\n".join(f"password=abc{i:06d}" for i in range(n // 19)),
    "all words": lambda n: filled("token key secret password auth api_key ", n),
}


@pytest.mark.timeout(60)
def test_a_slice_of_every_hostile_shape():
    for name, made in SHAPES.items():
        done = redact_text(made(20_000), POLICY)
        assert done.value, name


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SHAPES)
def test_a_megabyte_of_every_hostile_shape(name):
    assert redact_text(SHAPES[name](1_000_000), POLICY).value


def test_a_text_of_nothing_but_secrets_holds_none_of_them_afterwards():
    """There are so many that they are not told apart any more."""
    text = SHAPES["many passwords"](400_000)
    done = redact_text(f"before\n{text}\n{'after ' * 100}", POLICY)
    assert done.report.count > 20_000
    assert "abc0" not in done.value
    assert done.value.startswith("before\n") and done.value.endswith("after " * 100)
    assert len(done.value) < 5_000


def test_a_secret_behind_anchors_that_come_to_nothing_is_found():
    secret = "hunter" + "22aB"
    assert secret not in redact_text(f"{'token: ' * 500}password: {secret}", POLICY).value
    assert secret not in redact_text(f"{'api_key=x ' * 500}api_key={secret}", POLICY).value


@pytest.mark.parametrize("depth", [200, 600, 900, 950, 980, 3000])
def test_a_notebook_deeper_than_any_loses_its_secret_all_the_same(depth):
    secret = f"sk_live_{'4eC39HqLyjWD' * 2}"
    deep = "[" * depth + f'"{secret}"' + "]" * depth
    cell = f'{{"cell_type": "raw", "metadata": {{"x": {deep}}}, "source": ""}}'
    data = f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'.encode()
    done = redact_bytes("deep.ipynb", "application/x-ipynb+json", data, POLICY)
    assert secret.encode() not in done.value
    assert done.value.count(b"[") >= depth and b"[redacted stripe-secret-key " in done.value


@pytest.mark.timeout(60)
def test_one_line_of_two_megabytes_without_anything_in_it():
    text = "word " * 400_000
    assert redact_text(text, POLICY).value == text


@pytest.mark.timeout(60)
def test_every_byte_there_is():
    data = bytes(range(32, 256)) * 2000
    done = redact_bytes("a.txt", "text/plain", data, POLICY)
    assert done.report.original_sha256
    assert done.value.count(bytes(range(0xC0, 0xFF))) == 2000
