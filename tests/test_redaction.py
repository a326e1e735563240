"""Redaction of texts, outputs, notebooks and files: what goes, what stays, and what is reported."""

import base64
import copy
import hashlib
import hmac
import html
import html.parser
import json
import re
import shlex
from urllib.parse import quote, unquote

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys_jupyter.redaction import (
    Known,
    Options,
    Policy,
    redact_bytes,
    redact_notebook,
    redact_output,
    redact_outputs,
    redact_text,
    redact_value,
)
from tests.redaction_samples.benign import benign
from tests.redaction_samples.grammar import make
from tests.redaction_samples.measure import STANDARD

SALT = bytes(range(32))
POLICY = Policy(salt=SALT)
STRIPE = make("«sk_live_<w24>»", 1)[1]
GITHUB = make("«ghp_<w36>»", 1)[1]
PASSWORD = "Tr0ub4dor&3"
MARKER = re.compile(r"\[redacted [a-z0-9-]+ [0-9a-f]{4}(?: continued)?\]")


def commitment(secret, salt=SALT):
    return hmac.new(salt, secret.encode(), hashlib.sha256).hexdigest()


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(**data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def rules(done):
    return [found.rule for found in done.report.redactions]


# markers and reports -----------------------------------------------------------------------------


def test_marker_names_rule_and_the_beginning_of_the_commitment():
    done = redact_text(f"key {STRIPE} ok", POLICY)
    assert done.value == f"key [redacted stripe-secret-key {commitment(STRIPE)[:4]}] ok"
    (found,) = done.report.redactions
    assert (found.rule, found.count, found.commitment) == (
        "stripe-secret-key",
        1,
        commitment(STRIPE),
    )
    assert found.length == "32-63"
    assert done.report.original_sha256 == hashlib.sha256(f"key {STRIPE} ok".encode()).hexdigest()
    assert STRIPE not in done.report.model_dump_json()


def test_the_same_secret_has_one_commitment_however_it_is_written():
    encoded = base64.b64encode(f"user {STRIPE} x".encode()).decode()
    done = redact_text(f"{STRIPE}\n{encoded}\n{quote(STRIPE, safe='').replace('_', '%5F')}", POLICY)
    assert {found.commitment for found in done.report.redactions} == {commitment(STRIPE)}
    assert done.report.count == 3


def test_commitments_of_another_salt_differ():
    done = redact_text(STRIPE, Policy(salt=b"another salt 1234"))
    assert done.report.redactions[0].commitment == commitment(STRIPE, b"another salt 1234")


def test_what_was_allowed_stays_and_is_reported_with_its_reason():
    policy = Policy(salt=SALT, allowed={commitment(STRIPE): "a key of the documentation"})
    done = redact_text(f"{STRIPE} {GITHUB} token={STRIPE}", policy)
    assert done.value.count(STRIPE) == 2
    assert rules(done) == ["github-token"]
    assert {entry.reason for entry in done.report.allowed} == {"a key of the documentation"}


def test_random_values_are_counted_and_left():
    value = make("<s48>", 3)[0]
    done = redact_text(f"cursor {value}", POLICY)
    assert done.value == f"cursor {value}"
    assert [entry.count for entry in done.report.suspicions] == [1]


# secrets we hold ---------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["it's <\"s\\p>/ä&c", "plain-secret-9", "x" * 40 + "9"])
@pytest.mark.parametrize(
    "spelled",
    [
        lambda s: s,
        lambda s: quote(s, safe=""),
        lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.b64encode(b"a" + s.encode() + b"bc").decode(),
        lambda s: base64.b64encode(b"ab" + s.encode() + b"c").decode(),
        lambda s: base64.urlsafe_b64encode(b"\xff\xfe\xfb" + s.encode()).decode(),
        lambda s: s.encode().hex(),
        lambda s: s.encode().hex().upper(),
        lambda s: json.dumps(s),
        lambda s: json.dumps({"a": json.dumps(s)}),
        lambda s: html.escape(s),
        lambda s: "".join(f"&#{ord(char)};" for char in s),
        lambda s: shlex.quote(s),
        lambda s: repr(s),
        lambda s: s[::-1],
        lambda s: f"{s[:7]}\n    {s[7:]}",
        lambda s: f"{s[:7]}\x1b[0m\x1b[31m{s[7:]}",
    ],
)
def test_known_secret_is_found_in_every_spelling(secret, spelled):
    policy = Policy(salt=SALT, known=(Known(secret, "db password"),))
    text = f"before {spelled(secret)} after"
    done = redact_text(text, policy)
    assert rules(done) == ["known-db-password"]
    assert done.report.redactions[0].commitment == commitment(secret)
    assert "[redacted known-db-password " in done.value
    assert done.value.startswith("before ") and done.value.endswith(" after")
    assert redact_text(done.value, policy).value == done.value


def test_known_secrets_too_short_to_mean_anything_are_not_looked_for():
    done = redact_text("a cat sat", Policy(salt=SALT, known=(Known("cat", "pet"),)))
    assert done.value == "a cat sat"


def test_a_known_secret_is_not_shown_by_its_policy():
    policy = Policy(salt=SALT, known=(Known("hunter2hunter2", "x"),))
    assert "hunter2" not in repr(policy) and repr(SALT) not in repr(policy)


# what stays readable -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dumps", "pretty", "twice"])
def test_json_text_stays_json(kind):
    value = {"k\\": [STRIPE, f'"{STRIPE}"', f"a\n{STRIPE}\\"], "password": 'x\\"y1z', "n": 12345678}
    text = json.dumps(value, indent=2 if kind == "pretty" else None)
    text = json.dumps(text) if kind == "twice" else text
    done = redact_text(text, POLICY).value
    read = json.loads(json.loads(done)) if kind == "twice" else json.loads(done)
    assert STRIPE not in done and "y1z" not in done
    assert read["n"] == 12345678 and list(read) == list(value)
    assert [MARKER.sub("", entry) for entry in read["k\\"]] == ["", '""', "a\n\\"]


class Balance(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.text += [value for _, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_html_stays_balanced_and_its_text_loses_the_secret():
    page = (
        f"<table><tr><td><b>{STRIPE[:9]}</b>{STRIPE[9:]}</td><td><i>{STRIPE[:20]}</i></td>"
        f"<td title='{STRIPE}'>password: &quot;{html.escape(PASSWORD)}1&quot;</td></tr></table>"
    )
    done = redact_output(display(**{"text/html": page}), POLICY)
    shown = done.value["data"]["text/html"]
    reader = Balance()
    reader.feed(shown)
    assert reader.open == []
    assert STRIPE not in "".join(reader.text) and PASSWORD not in "".join(reader.text)
    assert re.findall(r"<[^>]*>", MARKER.sub("", shown)) == re.findall(
        r"<[^>]*>", page.replace(STRIPE, "")
    )


def test_traceback_keeps_its_colours_and_its_words():
    red, off = "\x1b[0;31m", "\x1b[0m"
    output = {
        "output_type": "error",
        "ename": "AuthError",
        "evalue": f"key {STRIPE} was refused",
        "traceback": [
            f"{red}AuthError{off}   Traceback (most recent call last)",
            f"----> 3 call({red}'{STRIPE[:12]}{off}{red}{STRIPE[12:]}'{off})",
            f"{red}AuthError{off}: key {STRIPE} was refused",
        ],
    }
    before = copy.deepcopy(output)
    done = redact_output(output, POLICY)
    assert output == before
    marker = f"[redacted stripe-secret-key {commitment(STRIPE)[:4]}]"
    assert done.value == {
        **output,
        "evalue": f"key {marker} was refused",
        "traceback": [
            output["traceback"][0],
            f"----> 3 call({red}'{marker}{off}{red}'{off})",
            f"{red}AuthError{off}: key {marker} was refused",
        ],
    }
    assert [(found.place, found.count) for found in done.report.redactions] == [
        ("/evalue", 1),
        ("/traceback/1", 1),
        ("/traceback/2", 1),
    ]


def test_connection_string_keeps_everything_but_the_password():
    text = "OperationalError: postgresql://app:p%40ss%2Fw0rd@db:5432/app?sslmode=require refused"
    assert MARKER.sub("#", redact_text(text, POLICY).value) == text.replace("p%40ss%2Fw0rd", "#")


# outputs -----------------------------------------------------------------------------------------


def test_secret_over_three_chunks_of_a_stream_changes_all_of_them():
    pieces = [f"start {STRIPE[:6]}", STRIPE[6:20], f"{STRIPE[20:]} end\n"]
    outputs = [(0, stream(pieces[0])), (0, stream("other", "stderr"))]
    outputs += [(0, stream(pieces[1])), (0, stream(pieces[2])), (1, stream("x"))]
    done = redact_outputs(outputs, POLICY)
    short = commitment(STRIPE)[:4]
    assert [one.value["text"] for one in done] == [
        f"start [redacted stripe-secret-key {short}]",
        "other",
        f"[redacted stripe-secret-key {short} continued]",
        f"[redacted stripe-secret-key {short} continued] end\n",
        "x",
    ]
    assert [one.report.count for one in done] == [1, 0, 1, 1, 0]


def test_streams_of_different_cells_are_not_joined():
    outputs = [(0, stream(STRIPE[:12])), (1, stream(STRIPE[12:]))]
    done = redact_outputs(outputs, POLICY)
    assert [one.report.count for one in done] == [0, 0]


def test_digest_of_an_output_is_the_one_the_journal_takes():
    from keys_jupyter.runner import journal

    output = display(**{"text/plain": f"ü {STRIPE}", "application/json": {"b": 1, "a": [None]}})
    assert redact_output(output, POLICY).report.original_sha256 == journal.digest(output)


def test_mime_bundles_are_walked_and_pictures_left_and_named():
    png = base64.b64encode(b"\x89PNG" + bytes(200)).decode()
    output = display(
        **{
            "application/vnd.plotly.v1+json": {
                "data": [{"text": [STRIPE, 1, None, True], "token": GITHUB}],
                "layout": {STRIPE: {"name": "password", "value": PASSWORD}},
            },
            "image/svg+xml": f"<svg><text>{STRIPE}</text></svg>",
            "image/png": png,
            "text/plain": ["a\n", f"b {STRIPE[:10]}", f"{STRIPE[10:]} c\n"],
        }
    )
    done = redact_output(output, POLICY)
    data = done.value["data"]
    assert STRIPE not in json.dumps(data) and GITHUB not in json.dumps(data)
    assert PASSWORD not in json.dumps(data)
    plot = data["application/vnd.plotly.v1+json"]
    assert plot["data"][0]["text"][1:] == [1, None, True]
    assert next(iter(plot["layout"].values()))["name"] == "password"
    assert data["image/png"] == png
    assert "".join(data["text/plain"]).startswith("a\nb [redacted stripe-secret-key ")
    assert "".join(data["text/plain"]).endswith("] c\n")
    assert [(n.place, n.mime) for n in done.report.not_scanned] == [
        ("/data/image~1png", "image/png")
    ]
    assert json.loads(json.dumps(done.value)) == done.value
    assert list(done.value) == list(output) and list(data) == list(output["data"])


def test_two_names_that_get_one_marker_are_both_kept():
    policy = Policy(salt=SALT, known=(Known("secret-one", "k"),))
    done = redact_value({"secret-one": 1, "secret-%6Fne": 2, "z": 3}, policy)
    assert sorted(done.value.values()) == [1, 2, 3]
    assert "secret-one" not in done.value


def test_members_and_pairs_of_name_and_value_are_read_together():
    value = {
        "env": [{"name": "DB_PASSWORD", "value": "s3cretValue"}, {"name": "PORT", "value": "5432"}],
        "headers": {"X-Api-Key": "abcdef0123456789"},
        "token": "expired",
    }
    done = redact_value(value, POLICY)
    assert rules(done) == ["password", "api-key-header"]
    assert done.value["env"][1] == value["env"][1] and done.value["token"] == "expired"
    assert done.value["env"][0]["name"] == "DB_PASSWORD"


def test_deeply_nested_json_is_no_trouble():
    value = {"a": STRIPE}
    for _ in range(5000):
        value = {"n": [value]}
    done = redact_value({"deep": 1, "at": "x"}, POLICY)
    assert done.report.count == 0
    from keys_jupyter.redaction.leaves import Leaves, copied

    leaves = Leaves()
    copied(value, leaves, "", 0)
    assert leaves.all[-1].text == STRIPE


# notebooks and files -----------------------------------------------------------------------------


def notebook():
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P"}}
    )
    made.cells = [
        nbformat.v4.new_markdown_cell(f"Use {GITHUB}", metadata={"note": STRIPE}),
        nbformat.v4.new_code_cell(
            f"key = '{STRIPE}'\nprint(key)",
            outputs=[
                nbformat.v4.new_output("stream", text=f"{STRIPE[:9]}"),
                nbformat.v4.new_output("stream", text=f"{STRIPE[9:]}\n"),
            ],
        ),
    ]
    made.cells[0]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    return made


def test_notebook_is_redacted_everywhere_and_stays_a_notebook():
    made = json.loads(nbformat.writes(notebook()))
    done = redact_notebook(made, POLICY)
    text = json.dumps(done.value)
    assert STRIPE not in text and GITHUB not in text
    nbformat.validate(nbformat.from_dict(done.value))
    assert sorted(found.place for found in done.report.redactions) == [
        "/cells/0/metadata/note",
        "/cells/0/source",
        "/cells/1/outputs/0/text",
        "/cells/1/source",
    ]
    assert [n.place for n in done.report.not_scanned] == ["/cells/0/attachments/a.png/image~1png"]
    assert redact_notebook(done.value, POLICY).value == done.value


def test_file_without_a_secret_keeps_its_bytes():
    for name, mime, data in (
        ("a.ipynb", "", json.dumps(nbformat.v4.new_notebook()).encode()),
        ("a.csv", "text/csv", "id;ü\r\n1;2\r\n".encode("latin-1")),
        ("a.txt", "text/plain", b""),
        ("a.json", "application/json", b'{"a" :  1}'),
    ):
        done = redact_bytes(name, mime, data, POLICY)
        assert done.value == data and done.report.not_scanned == []


def test_notebook_file_is_read_as_a_notebook():
    data = nbformat.writes(notebook()).encode()
    done = redact_bytes("x.ipynb", "application/x-ipynb+json", data, POLICY)
    read = nbformat.reads(done.value.decode(), 4)
    nbformat.validate(read)
    assert STRIPE not in done.value.decode()
    assert done.report.original_sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
def test_csv_keeps_encoding_and_every_other_byte(encoding):
    text = f'id,né,note\r\n1,x,"{STRIPE}"\r\n2,y,"pass: 3"\r\n'
    done = redact_bytes("t.csv", "text/csv", text.encode(encoding), POLICY)
    marker = f"[redacted stripe-secret-key {commitment(STRIPE)[:4]}]"
    assert done.value == text.replace(STRIPE, marker).encode(encoding)


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n" + STRIPE.encode()),
        ("application/octet-stream", b"\x00\x01\x02" + STRIPE.encode()),
        ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + STRIPE.encode()),
        ("text/csv", b"PAR1\x00\x01\x02" + STRIPE.encode()),
        ("text/plain", b"\x1f\x8b\x08\x00\x00\x00" + bytes(range(256))),
    ],
)
def test_what_is_no_text_is_left_and_said(mime, data):
    done = redact_bytes("a", mime, data, POLICY)
    assert done.value == data
    assert [(n.mime, n.reason) for n in done.report.not_scanned] == [(mime, "not a text")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "mime", ["", "application/octet-stream", "application/pdf", "image/png", "video/mp2t"]
)
def test_a_text_is_read_whatever_its_name_makes_of_it(mime, encoding):
    """The type comes from a name, and most names of logs and settings say nothing."""
    done = redact_bytes("app.log", mime, f"key {STRIPE}\n".encode(encoding), POLICY)
    marker = f"[redacted stripe-secret-key {commitment(STRIPE)[:4]}]"
    assert done.value == f"key {marker}\n".encode(encoding)
    assert done.report.not_scanned == []


def test_a_file_that_only_says_it_is_a_notebook_is_read_as_text():
    data = f'{{"cells": [ {STRIPE}'.encode()
    assert STRIPE.encode() not in redact_bytes("a.ipynb", "", data, POLICY).value


# for any text ------------------------------------------------------------------------------------

WRAPS = (
    str,
    lambda s: base64.b64encode(s.encode()).decode(),
    lambda s: quote(s, safe=""),
    html.escape,
    json.dumps,
    lambda s: f"<i>{s}</i>",
    lambda s: f"\x1b[31m{s}\x1b[0m",
    lambda s: json.dumps({"password": s}),
)
LINES = [make(template, 5)[0] for true, _ in STANDARD.values() for template in true]
PARTS = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(benign(200)),
    st.text(max_size=12),
    st.sampled_from(['"', "'", "\\", "\n", "=", ": ", "password=", "token: ", "eyJ", "%", "://"]),
)
TEXTS = st.lists(
    st.builds(lambda wrap, part: wrap(part), st.sampled_from(WRAPS), PARTS), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["", " ", "\n", ",", "/"]))
def test_redacting_twice_is_redacting_once(parts, between):
    try:
        text = between.join(parts)
    except UnicodeEncodeError:
        return
    policy = Policy(salt=SALT, options=Options(True, True, True), known=(Known(PASSWORD, "p"),))
    once = redact_text(text, policy)
    again = redact_text(once.value, policy)
    assert again.value == once.value
    assert again.report.redactions == []


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=6), st.sampled_from([" ", "\n", ","]))
def test_what_is_not_a_finding_is_unchanged(parts, between):
    """Between markers stand stretches of the original, in its order, the first and the last at its ends."""
    text = between.join(parts).replace("<", "(").replace("\x1b", "")
    pieces = MARKER.split(redact_text(text, POLICY).value)
    assert text.startswith(pieces[0]) and text.endswith(pieces[-1])
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        assert at >= 0
        at += len(piece)


def test_a_forged_marker_hides_nothing():
    done = redact_text(f"[redacted {STRIPE} 1234] [redacted x {GITHUB}]", POLICY)
    assert STRIPE not in done.value and GITHUB not in done.value


def test_nested_encodings_are_looked_into():
    inner = base64.b64encode(json.dumps({"x": f"a\n{STRIPE}"}).encode()).decode()
    outer = base64.b64encode(f"https://h/?q={quote(quote(inner))}".encode()).decode()
    for text in (inner, outer, quote(f"k={STRIPE}".replace("_", "%5F"))):
        shown = redact_text(text, POLICY).value
        assert "[redacted stripe-secret-key" in shown
        assert STRIPE not in unquote(unquote(shown))


def test_base64_over_several_lines_is_one_value():
    text = base64.encodebytes(f"{'x' * 49} {STRIPE} {'y' * 99}".encode()).decode()
    done = redact_text(text, POLICY)
    assert rules(done) == ["stripe-secret-key"]
    assert done.value.count("\n") == text.count("\n")
    before, after = MARKER.split(done.value)
    assert base64.b64decode(before[: len(before) // 4 * 4]).decode().startswith("x" * 48)
    assert text.endswith(after[-20:])
