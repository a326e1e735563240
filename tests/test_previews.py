"""Previews: what a notebook showed, kept beside it, harmless, and known to be of that very notebook."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from html import unescape

import pytest

from keys_jupyter.authoring.previews import make_previews
from keys_jupyter.authoring.previews.head import Head, line_in, read_head
from keys_jupyter.authoring.previews.markup import harmless
from keys_jupyter.authoring.previews.page import page
from keys_jupyter.authoring.scaffold import new_key, new_runbook
from keys_jupyter.authoring.validate import validate
from keys_jupyter.cli import main as cli
from keys_jupyter.errors import InputError, StateError
from keys_jupyter.model.run import Result

HEAD = Head("jupyter-x", "1.0.0", "notebooks/x.ipynb", "a" * 64, "b" * 64)


def notebook(*outputs, source="1", tags=()):
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def shown(**data):
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def body(document):
    return page(document, HEAD, "X").partition("<main>")[2].partition("</main>")[0]


# --- with a real kernel -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A library with one key and its preview, made by the command."""
    library = tmp_path_factory.mktemp("previewed")
    key = new_key("jupyter-order-analysis", library)
    assert cli(["library", "previews", str(library)]) == 0
    return key


def test_a_preview_shows_what_the_notebook_shows(made):
    text = (made / "preview.html").read_text("utf-8")
    assert "Order Analysis" in text
    assert "input_csv: str =" in text
    assert "success rate" in text.lower()
    head = read_head(text)
    (entry,) = made.glob("notebooks/*.ipynb")
    assert head.notebook_sha256 == sha256(entry.read_bytes()).hexdigest()
    names = [result.name for result in head.results]
    assert names == json.loads((made / "key.json").read_text("utf-8"))["results"]
    rows = (made / "sample" / "events.csv").read_text("utf-8").splitlines()[1:]
    failed = sum("failed" in row for row in rows)
    assert 0 < failed < len(rows)
    assert {r.name: r.value for r in head.results}["failed_events"] == failed


def test_a_preview_tells_nothing_of_the_machine_or_the_time(made):
    text = re.sub(r"base64,[^\"]+", "", (made / "preview.html").read_text("utf-8"))
    assert "/tmp" not in text
    assert str(made.parent) not in text
    assert not re.search(r"\b\d\d:\d\d:\d\d\.\d", text)


def test_the_same_notebook_gives_the_same_bytes_and_only_old_ones_are_made(made, capsys):
    before = (made / "preview.html").read_bytes()
    assert cli(["library", "previews", str(made), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["changed"] for one in told["previews"]] == [False]
    assert (made / "preview.html").read_bytes() == before
    assert cli(["library", "previews", str(made), "--only-old", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"previews": []}


def test_a_preview_that_is_current_is_no_note(made):
    report = validate(made)
    assert report.ok
    assert report.notes == []


def test_a_notebook_that_fails_leaves_the_old_preview_and_says_which_cell(tmp_path):
    key = new_key("jupyter-broken-analysis", tmp_path)
    (key / "preview.html").write_text("before")
    (entry,) = key.glob("notebooks/*.ipynb")
    document = json.loads(entry.read_text("utf-8"))
    codes = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    codes[1]["source"] = ["raise ValueError('no such thing')"]
    entry.write_text(json.dumps(document), "utf-8")
    with pytest.raises(StateError) as error:
        list(make_previews(key))
    assert error.value.code == "PREVIEW_FAILED"
    assert f"code cell 2 of {len(codes)}" in error.value.message
    assert "ValueError: no such thing" in error.value.message
    assert (key / "preview.html").read_text() == "before"


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("import sys; print(sys.prefix + '/x')", "PREVIEW_NAMES_MACHINE"),
        ("print('rk_live_' + 'a1B2c3D4e5F6g7H8i9J0k1L2')", "PREVIEW_SECRET"),
        ("print('0123456789' * 70_000)", "PREVIEW_TOO_LARGE"),
        (
            "from IPython.display import display; display({'application/vnd.keys.result+json':"
            " {'results': [{'name': 'a', 'value': [1]}]}}, raw=True)",
            "PREVIEW_FAILED",
        ),
    ],
)
def test_what_must_not_be_published_is_refused(tmp_path, printed, code):
    key = new_key("jupyter-loud-analysis", tmp_path)
    (entry,) = key.glob("notebooks/*.ipynb")
    document = json.loads(entry.read_text("utf-8"))
    cells = [c for c in document["cells"] if "parameters" in c["metadata"].get("tags", [])]
    document["cells"] = [*cells, {**cells[0], "id": "loud", "metadata": {}, "source": [printed]}]
    entry.write_text(json.dumps(document), "utf-8")
    with pytest.raises((InputError, StateError)) as error:
        list(make_previews(key))
    assert error.value.code == code
    assert not (key / "preview.html").exists()


# --- what cannot be previewed -----------------------------------------------------------------


def test_a_runbook_and_nothing_have_no_preview(tmp_path, capsys):
    runbook = new_runbook("order-failure", tmp_path, key_type="incident")
    for path in (runbook, tmp_path / "absent", tmp_path):
        assert cli(["library", "previews", str(path)]) == 2
        assert "neither a key (key.json) nor a library with keys" in capsys.readouterr().err


def test_a_key_that_is_no_pack_is_told_with_its_problems(tmp_path, capsys):
    key = new_key("jupyter-order-analysis", tmp_path)
    (key / "README.md").unlink()
    assert cli(["library", "previews", str(key)]) == 2
    assert "README.md is missing" in capsys.readouterr().err


# --- whether it is of this notebook -----------------------------------------------------------


def codes(report):
    return [(one.code, one.level) for one in [*report.problems, *report.notes]]


def test_an_edited_notebook_makes_its_preview_old(made, tmp_path):
    (entry,) = made.glob("notebooks/*.ipynb")
    before = entry.read_bytes()
    try:
        entry.write_bytes(before + b"\n")
        report = validate(made)
        assert codes(report) == [("PREVIEW_OLD", "error")]
        text = (made / "preview.html").read_text("utf-8")
        assert report.problems[0].path.endswith("preview.html")
        assert report.problems[0].line == line_in(text, "notebook-sha256") > 1
        assert "jupyter keys library previews" in report.problems[0].message
    finally:
        entry.write_bytes(before)


def test_edited_sources_and_another_version_are_told_apart(made):
    sample, meta = made / "sample" / "events.csv", made / "key.json"
    kept = sample.read_bytes(), meta.read_text("utf-8"), (made / "CHANGELOG.md").read_text("utf-8")
    try:
        sample.write_bytes(kept[0] + kept[0].splitlines(keepends=True)[-1])
        assert codes(validate(made)) == [("PREVIEW_SOURCES", "note")]
        meta.write_text(kept[1].replace('"1.0.0"', '"1.1.0"'), "utf-8")
        (made / "CHANGELOG.md").write_text(kept[2].replace("1.0.0", "1.1.0"), "utf-8")
        report = validate(made)
        assert codes(report) == [("PREVIEW_OLD", "error")]
        assert "a preview of jupyter-order-analysis 1.0.0" in report.problems[0].message
    finally:
        sample.write_bytes(kept[0])
        meta.write_text(kept[1], "utf-8")
        (made / "CHANGELOG.md").write_text(kept[2], "utf-8")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda text: "", "PREVIEW_FOREIGN"),
        (lambda text: "<html><body>mine</body></html>", "PREVIEW_FOREIGN"),
        (
            lambda text: text.replace("</main>", "<SCRIPT>alert(1)</SCRIPT></main>"),
            "PREVIEW_SCRIPT",
        ),
        (lambda text: text + "x" * 700_000, "PREVIEW_TOO_LARGE"),
        (lambda text: text + "\nAKIAQ3EGRZTM5WXK7B2P\n", "SECRET"),
    ],
)
def test_what_is_wrong_with_a_preview_is_found(made, spoil, expected):
    path = made / "preview.html"
    text = path.read_text("utf-8")
    try:
        path.write_text(spoil(text), "utf-8")
        assert codes(validate(made)) == [(expected, "error")]
    finally:
        path.write_text(text, "utf-8")


def test_a_missing_preview_is_a_note(tmp_path):
    assert codes(validate(new_key("jupyter-order-analysis", tmp_path))) == [
        ("PREVIEW_MISSING", "note")
    ]


# --- the head ---------------------------------------------------------------------------------


def test_a_head_is_read_as_it_was_written():
    results = (Result(name="a", label='1 < "2" & é', value=0.5, unit="%"), Result(name="b"))
    head = Head("jupyter-x", "1.0.0", "notebooks/a & b.ipynb", "a" * 64, "b" * 64, results)
    assert read_head(page(notebook(), head, "X")) == head


def test_what_an_output_shows_is_never_taken_for_the_head():
    forged = Head("jupyter-evil", "9.9.9", "n", "c" * 64, "d" * 64).tags()
    text = page(
        notebook(shown(text_html=forged), {"output_type": "stream", "text": forged}), HEAD, "X"
    )
    assert read_head(text) == HEAD
    assert forged not in text


@pytest.mark.parametrize("results", ["", "[", "{}", "[1]", '[{"value": 1}]'])
def test_a_torn_head_is_none(results):
    text = page(notebook(), HEAD, "X").replace(
        'name="keys-results" content="[]"', f'name="keys-results" content="{results}"'
    )
    assert read_head(text) is None


# --- the page ---------------------------------------------------------------------------------

PIXEL = "iVBORw0KGgo="


def test_outputs_are_shown_in_their_best_form():
    html = body(
        notebook(
            {"output_type": "stream", "name": "stdout", "text": ["5 \x1b[31m<b>\x1b[0m\n"]},
            shown(image_png=PIXEL + "\n", text_plain="<Figure>"),
            shown(text_html="<table border=1><tr><td>7</td></tr></table>", text_plain="7"),
            shown(text_markdown="**bold** <i>raw</i>"),
            shown(text_plain="plain & simple"),
        )
    )
    assert "<pre>5 &lt;b&gt;</pre>" in html
    assert f'src="data:image/png;base64,{PIXEL}"' in html
    assert "<Figure>" not in html
    assert "<table><tr><td>7</td></tr></table>" in html
    assert "<strong>bold</strong> &lt;i&gt;raw&lt;/i&gt;" in html
    assert "plain &amp; simple" in html


def test_results_are_a_table_and_what_is_not_as_expected_is_marked():
    document = {
        "schema": "keys.result/1",
        "results": [
            {
                "name": "rate",
                "label": "Rate <x>",
                "value": 91.3,
                "unit": "%",
                "expected": {"op": ">", "value": 95},
                "ok": False,
            },
            {"name": "between", "value": 3, "expected": {"op": "between", "value": [1, 5]}},
            {"name": "fine", "label": "Fine", "value": True, "ok": True},
            {"name": "none", "label": "None", "value": None},
        ],
    }
    output = {
        "output_type": "display_data",
        "data": {"application/vnd.keys.result+json": document, "text/plain": "x"},
    }
    rows = re.findall(r"<tr[^>]*>(?:<td>.*?</td>)+</tr>", body(notebook(output)))
    cells = [[unescape(c) for c in re.findall(r"<td>(.*?)</td>", row)] for row in rows]
    assert cells == [
        ["Rate <x>", "91.3 %", "> 95 %", "not as expected"],
        ["between", "3", "between 1 and 5", ""],
        ["Fine", "yes", "", "as expected"],
        ["None", "–", "", ""],
    ]
    assert [row.startswith('<tr class="bad">') for row in rows] == [True, False, False, False]


def test_code_is_folded_away_but_for_parameters():
    assert "<details><summary>" in body(notebook(source="x = 1 < 2"))
    assert "x = 1 &lt; 2" in body(notebook(source="x = 1 < 2"))
    assert "<details open>" in body(notebook(source="x = 1", tags=["parameters"]))


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("<script>alert(1)</script>ok", "ok"),
        ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
        ("a<embed src=x>b<link href=x>c", "abc"),
        ("a<style>b{}</style>c", "ac"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href=" JaVaScRiPt:x()">a</a>', "<a>a</a>"),
        ('<a href="https://example.com/?a=1&amp;b">a</a>', "https://example.com/?a=1&amp;b"),
        ('<img src="https://example.com/x.png">', ""),
        ('<img src="data:image/svg+xml;base64,AAAA">', ""),
        (
            f'<img src="data:image/png;base64,{PIXEL}">',
            f'<img src="data:image/png;base64,{PIXEL}">',
        ),
        ("<iframe src='x'><p>in</p></iframe>after", "after"),
        ("<svg><script>x</script></svg>after", "after"),
        ("<b><i>x", "<b><i>x</i></b>"),
        ("</main></body>x", "x"),
        ("<td colspan=2 style='x' title='y'>1", '<td colspan="2">1</td>'),
        ("a < b &lt;script&gt;", "a &lt; b &lt;script&gt;"),
        ("<meta http-equiv=refresh content='0;url=x'>a", "a"),
        ("<form action=x><input name=y>a</form>", "a"),
        ("<!-- <b> -->a", "a"),
    ],
)
def test_markup_can_do_nothing(markup, kept):
    made = harmless(markup)
    assert kept in made
    assert not re.search(r"<(?!/?[a-z0-9]+[ >])", made.replace("&lt;", ""))
    assert not re.search(r"<script|<style|<iframe|<svg|\son\w+=|javascript:", made, re.I)


def test_the_page_lets_nothing_be_fetched_or_run():
    text = page(notebook(shown(text_html="<script src=//x></script>")), HEAD, "A <b> title")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "<script" not in text
    assert "A &lt;b&gt; title" in text
