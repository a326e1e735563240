"""Texts made to be slow: a megabyte of whatever a rule, a reading or a boundary begins with is gone through all the same.

A search that is not linear takes hours for these; the limits are many times what they take.
"""

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
