"""What a bundle is: the same bytes every time, complete, honest about what is missing, and plain to read."""

import hashlib
import html.parser
import json
import zipfile

import pytest

from keys_jupyter import archive, ledger
from keys_jupyter.errors import InputError, SurroundingsError
from keys_jupyter.evidence.bundle import load_or_make, write
from keys_jupyter.evidence.verify import verify_file
from keys_jupyter.evidence.verify.standalone import source
from tests import bundles
from tests.bundles import INCIDENT, RUN, bundle, key, made, material, period, period_story, tell


def files(path):
    with zipfile.ZipFile(path) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def failed(result):
    return {check["name"] for check in result["checks"] if not check["ok"]}


def test_two_exports_are_the_same_bytes(tmp_path):
    (tmp_path / "b").mkdir()
    first = bundle(tmp_path)
    second = bundle(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert verify_file(first)["ok"]


def test_nothing_later_is_in_a_bundle_of_an_earlier_record(tmp_path):
    story = tell(tmp_path)
    early = made(story)
    records = story.of(bundles.INCIDENT)
    size = json.loads(records[-1])["index"] + 1
    story.add(bundles.OTHER, "step.done", {"title": "x", "text": "later"}, "diagnosis-1")
    story.leave(key())
    story.add(bundles.OTHER, "step.done", {"title": "x", "text": "later"}, "diagnosis-2")
    late = made(story)
    assert early.files == late.files
    assert ledger.opened(early.files["data/ledger/checkpoint.txt"].decode()).checkpoint.size == size


def test_another_key_and_another_story_are_other_bytes(tmp_path):
    whole = bundle(tmp_path)
    other = bundle(tmp_path, key(2), name="other.zip")
    assert whole.read_bytes() != other.read_bytes()
    assert verify_file(other)["ok"]


def test_the_zip_is_stored_sorted_and_dated_never(tmp_path):
    path = bundle(tmp_path)
    with zipfile.ZipFile(path) as whole:
        infos = whole.infolist()
        assert whole.testzip() is None
    names = [info.filename for info in infos]
    assert names == sorted(names)
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.extra for info in infos} == {b""}
    assert len(archive.read(path.read_bytes())) == len(names)


def test_every_file_is_covered_by_the_signed_statement_or_is_it(tmp_path):
    found = files(bundle(tmp_path))
    statement = json.loads(found["attestation/statement.json"])
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    tag = found["tagmanifest-sha256.txt"].decode()
    covered = {line[66:]: line[:64] for line in tag.splitlines()} | subjects
    for name, data in found.items():
        if name in covered:
            assert covered[name] == hashlib.sha256(data).hexdigest(), name
        else:
            assert name.startswith("attestation/"), name
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicate"]["missing"] == [
        "Webhook event analysis report (lacking: webhook_logs.csv)"
    ]


def test_what_the_bundle_says_of_the_run_is_what_was_recorded(tmp_path):
    found = files(bundle(tmp_path))
    facts = json.loads(found["data/facts.json"])
    run = facts["runs"][0]
    assert (run["state"], run["step"], run["key"]) == (
        "CELL_ERROR",
        "diagnosis-2",
        "jupyter-webhook-event-analysis",
    )
    assert [cell["state"] for cell in run["cells"]] == ["ok", "failed", "never_ran"]
    assert run["results"] == bundles.RESULTS
    assert facts["counts"] == {
        "steps": 3,
        "steps_done": 2,
        "steps_failed": 0,
        "steps_skipped": 1,
        "runs": 1,
        "runs_succeeded": 0,
        "runs_failed": 1,
        "evidence": 3,
        "bytes": sum(len(data) for name, data in found.items() if "/evidence/" in name),
        "redactions": 0,
        "redactions_in_records": 0,
        "missing": 1,
    }
    branch = facts["steps"][1]["branch"]
    assert (branch["condition"], branch["suggested"]) == ("success rate < 95 %", True)
    assert facts["controls"] == ["PCI-DSS", "SOC2"]
    assert found[f"data/runs/{RUN}.json"].decode().count("never_ran") == 1


def test_what_is_gone_or_has_changed_is_said_and_not_put_in(tmp_path):
    story = tell(tmp_path)
    blobs = list(story.blobs.values())
    blobs[0].unlink()
    blobs[1].write_bytes(b"other bytes")
    whole = made(story)
    names = [name for name in whole.files if "/evidence/" in name]
    assert names == ["data/evidence/0006-run.ipynb"]
    assert whole.facts["missing"][1:] == [
        "Output 1, stdout of cell 1: its bytes are no longer kept here",
        "Output 2 of cell 2: its bytes have changed since they were kept",
    ]
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    result = verify_file(path)
    assert result["ok"]
    assert result["missing"] == whole.facts["missing"]


def test_a_secret_found_only_now_is_taken_out_listed_and_warned_of(tmp_path):
    story = tell(tmp_path)

    def redact(name, mime, data):
        found = b"91.3" in data and mime == "text/plain"
        return (data.replace(b"91.3", b"[redacted: rate]"), ("rate",)) if found else (data, ())

    whole = made(story, redact=redact)
    changed = [item for item in whole.facts["evidence"] if item["redacted_at_export"]]
    assert [item["name"] for item in changed] == ["Output 1, stdout of cell 1"]
    assert any("found only at export" in limit for limit in whole.facts["limits"])
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert b"91.3 %" not in files(path)[changed[0]["path"]]
    assert verify_file(path)["ok"]


class Page(html.parser.HTMLParser):
    """Everything in a page that could load or run something, and its text."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.sources, self.handlers = [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            if name in ("src", "href", "action", "srcset"):
                self.sources.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data):
        self.words.append(data)


def test_the_report_runs_nothing_loads_nothing_and_shows_hostile_text_as_text(tmp_path):
    text = files(bundle(tmp_path))["data/report.html"].decode()
    page = Page(text)
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "link", "base", "svg"}
    assert page.handlers == []
    assert page.sources
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    words = "".join(page.words)
    assert "<script>alert(1)</script>" in words
    assert "ValueError: no rows <b>" in words
    assert "default-src 'none'" in text


def test_the_report_says_what_happened_what_is_missing_and_what_it_does_not_prove(tmp_path):
    words = " ".join(Page(files(bundle(tmp_path))["data/report.html"].decode()).words)
    for said in (
        "Incident 3: Stripe Webhook Failure",
        "severity P1",
        "Webhook event analysis report",
        "Lacking: webhook_logs.csv",
        "Branch taken: success rate < 95 % → continue to Action 1",
        "Delivery success rate",
        "91.3 %",
        "never ran",
        "PCI-DSS, SOC2",
        "Only a checkpoint that somebody else holds shows",
        "Pictures and other binary files were not searched for secrets.",
        "copied to a ticket",
        "Step skipped. not needed",
    ):
        assert said in words, said


def test_what_cannot_be_seen_is_shown_by_its_number_on_every_version_of_python():
    from keys_jupyter.evidence.bundle.page import text

    assert text("a\u202eb\x00\x1b[31m\u200b\t\n<é&\U0001fae8").html == (
        "a&lt;U+202E&gt;b&lt;U+0000&gt;&lt;U+001B&gt;[31m&lt;U+200B&gt;\t\n&lt;é&amp;\U0001fae8"
    )


def test_values_are_written_as_people_write_them():
    from keys_jupyter.evidence.bundle.runs import value

    told = [None, True, False, 3, 0.1 + 0.2, 1e21, "a", ["é", 1], {"b": 1, "a": None}]
    assert [value(one) for one in told] == [
        "none",
        "yes",
        "no",
        "3",
        "0.3",
        "1e+21",
        "a",
        '["é", 1]',
        '{"a": null, "b": 1}',
    ]


def test_a_rehearsal_says_so_everywhere(tmp_path):
    story = bundles.Story(tmp_path)
    story.add(bundles.INCIDENT, "incident.opened", bundles.opening(rehearsal=True))
    state = bundles.state_of(story) | {"runs": [], "items": []}
    for step in state["steps"]:
        step |= {"state": "not_started", "branches": []}
    whole = made(story, state=state, runs={}, left=[])
    assert "This was a rehearsal, not a real incident." in whole.facts["limits"]
    assert b"Evidence of a rehearsal" in whole.files["data/report.html"]
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path)["ok"]
    assert "no checkpoint had left the machine" in whole.facts["limits"][6]


def test_a_run_that_had_not_ended_is_missing_and_not_guessed(tmp_path):
    story = bundles.Story(tmp_path)
    story.add(bundles.INCIDENT, "incident.opened", bundles.opening())
    story.add(bundles.INCIDENT, "run.requested", bundles.asked(), "diagnosis-2")
    state = bundles.state_of(story)
    for step in state["steps"]:
        step |= {"state": "not_started", "branches": []}
    whole = made(story, state=state, runs={}, left=[])
    assert whole.facts["runs"][0]["state"] == "NOT_ENDED"
    said = "Run c0ffee00 of jupyter-webhook-event-analysis had not ended at this record."
    assert said in whole.facts["missing"]
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path)["ok"]


def test_names_from_people_become_plain_and_never_meet(tmp_path):
    story = tell(tmp_path)
    for name in (
        "../../etc/passwd",
        "CON",
        "bericht über alles.csv",
        "A.csv",
        "a.csv",
        ".",
        "x" * 300,
    ):
        story.keep(bundles.INCIDENT, RUN, "artifact", name, "text/csv", name.encode())
    whole = made(story)
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path)["ok"]
    names = [name for name in whole.files if "/evidence/" in name]
    assert len(names) == 10
    assert len({name.lower() for name in names}) == 10
    for name in names:
        assert name.isascii() and ".." not in name and len(name) < 100


# a period ----------------------------------------------------------------------------------------


def test_a_period_counts_all_and_names_frameworks_by_month(tmp_path):
    whole = period(period_story(tmp_path))
    facts = whole.facts
    assert facts["counts"] == {
        "records": 5,
        "incidents": 2,
        "rehearsals": 0,
        "closed": 0,
        "runs": 2,
        "runs_succeeded": 0,
        "runs_cancelled": 1,
        "runs_not_ended": 0,
        "evidence": 0,
        "missing": 0,
    }
    # The second incident was opened in September, and is in the period for what was done in October.
    assert facts["matrix"] == {
        "months": ["2026-10", "2026-11"],
        "rows": {
            "PCI-DSS": {"2026-10": 1, "2026-11": 0},
            "SOC2": {"2026-10": 1, "2026-11": 0},
        },
    }
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    result = verify_file(path)
    assert result["ok"], failed(result)
    assert "Runs outside of incidents" in " ".join(result["limits"])
    assert b"CANCELLED" in whole.files["data/report.html"]


# keys and places ---------------------------------------------------------------------------------


def test_the_key_is_made_once_for_its_owner_only(tmp_path):
    first = load_or_make(tmp_path / "data")
    file = tmp_path / "data/signing-key.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_or_make(tmp_path / "data").public == first.public
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["signing-key.pem"]
    assert first.fingerprint not in repr(first._key)
    assert "PRIVATE" not in repr(first)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda file: file.chmod(0o640), "SIGNING_KEY_EXPOSED"),
        (lambda file: file.write_text("nothing"), "SIGNING_KEY_DAMAGED"),
    ],
)
def test_a_key_that_others_can_read_or_that_is_none_signs_nothing(tmp_path, spoil, code):
    load_or_make(tmp_path)
    spoil(tmp_path / "signing-key.pem")
    with pytest.raises(SurroundingsError) as caught:
        load_or_make(tmp_path)
    assert caught.value.code == code


def test_a_key_behind_a_link_is_not_followed(tmp_path):
    load_or_make(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/signing-key.pem").symlink_to(tmp_path / "a/signing-key.pem")
    with pytest.raises(SurroundingsError) as caught:
        load_or_make(tmp_path / "b")
    assert caught.value.code == "SIGNING_KEY_UNREADABLE"


def test_a_bundle_that_cannot_be_written_leaves_nothing(tmp_path):
    whole = made(tell(tmp_path))
    with pytest.raises(SurroundingsError) as caught:
        write(whole.files, whole.measures, tmp_path / "no" / "x.zip")
    assert caught.value.code == "BUNDLE_UNWRITABLE"
    target = tmp_path / "there"
    (target / "x.zip").mkdir(parents=True)
    with pytest.raises(SurroundingsError):
        write(whole.files, whole.measures, target / "x.zip")
    assert [path.name for path in target.iterdir()] == ["x.zip"]


def test_a_bundle_too_large_for_its_form_is_refused(tmp_path):
    whole = made(tell(tmp_path))
    measures = dict(whole.measures)
    measures["data/report.html"] = measures["data/report.html"]._replace(size=2**32)
    with pytest.raises(InputError) as caught:
        write(whole.files, measures, tmp_path / "x.zip")
    assert caught.value.code == "BUNDLE_TOO_LARGE"


def hidden(rule, place, count, mark="ab"):
    return {
        "rule": rule,
        "place": place,
        "commitment": mark * 32,
        "count": count,
        "length": "20 to 39",
    }


def story_with_hidden_words(folder):
    """Return a story where secrets were hidden in a note, a handover, and a kept file and its name."""
    story = tell(folder)
    key_rule, token_rule = "stripe-key", "bearer-token"
    cleared = {**hidden(key_rule, "/data/text/", 4, "cd"), "reason": "the key of our docs"}
    del cleared["length"]
    note = {
        "rules": "7",
        "redactions": [hidden(key_rule, "/data/text/", 2), hidden(token_rule, "/data/text/", 1)],
        "allowed": [cleared],
        "original_commitment": "ee" * 32,
    }
    story.add(INCIDENT, "step.note", {"text": "[redacted …]", "redacted": note}, "diagnosis-2")
    handed = {"rules": "7", "redactions": [hidden(token_rule, "/data/text/", 1)]}
    story.add(INCIDENT, "incident.handover", {"to": "bob", "text": "[…]", "redacted": handed})
    content = b"taken out five times"
    digest = hashlib.sha256(content).hexdigest()
    story.blobs[digest] = folder / digest
    story.blobs[digest].write_bytes(content)
    kept = {
        "id": "hand-4",
        "run": None,
        "kind": "attachment",
        "name": "[redacted …].txt",
        "mime": "text/plain",
        "sha256": digest,
        "size": len(content),
        "redactions": 5,
        "redaction": {"rules": "7", "redactions": [hidden(key_rule, "line 1", 5)]},
        "redacted": {"rules": "7", "redactions": [hidden(key_rule, "/data/name/", 1)]},
    }
    story.add(INCIDENT, "evidence.kept", kept, "diagnosis-2")
    return story


def test_secrets_hidden_in_words_are_counted_and_told_by_the_number_of_their_record(tmp_path):
    whole = made(story_with_hidden_words(tmp_path))
    # Five in the file; two and one in the note, one in the handover, one in the file's name.
    assert whole.facts["counts"]["redactions"] == 10
    assert whole.facts["counts"]["redactions_in_records"] == 5
    told = [
        (one["seq"], one["type"], one["step"], row["what"], row["rule"], row["count"])
        for one in whole.facts["redacted_records"]
        for row in one["found"]
    ]
    assert told == [
        (9, "step.note", "diagnosis-2", "taken out", "stripe-key", 2),
        (9, "step.note", "diagnosis-2", "taken out", "bearer-token", 1),
        (9, "step.note", "diagnosis-2", "left on purpose", "stripe-key", 4),
        (10, "incident.handover", None, "taken out", "bearer-token", 1),
        (11, "evidence.kept", "diagnosis-2", "taken out", "stripe-key", 1),
    ]
    report = whole.files["data/report.html"].decode()
    chapter = report[report.index("In the words of records") :]
    for words in ("incident.handover", "bearer-token abab", "stripe-key cdcd, the key of our docs"):
        assert words in chapter
    assert "<b>10</b><span>redactions</span>" in report
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path)["ok"]


def test_where_no_word_was_hidden_none_is_told(tmp_path):
    whole = made(tell(tmp_path))
    assert whole.facts["redacted_records"] == []
    assert b"In the words of records" not in whole.files["data/report.html"]


def test_a_bundle_of_the_form_before_still_holds_with_what_it_counted(tmp_path):
    story = story_with_hidden_words(tmp_path)
    whole = made(story, form=3)
    assert whole.facts["counts"]["redactions"] == 5
    assert not {"format", "redacted_records"} & set(whole.facts)
    assert b"Bundle-Format: 3\n" in whole.files["bag-info.txt"]
    assert b"With 1" not in whole.files["VERIFY.md"]
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path)["ok"]


@pytest.mark.parametrize("form", [3, 4])
def test_derived_files_are_pinned_to_their_form(tmp_path, form):
    """What is derived may change only together with the number of the form, or old bundles would seem changed."""
    from keys_jupyter.evidence.bundle.layout import FORMAT, FORMATS

    whole = made(tell(tmp_path), form=form)
    period_whole = period(period_story(tmp_path), form=form)
    pinned = [whole, period_whole]
    if form > 3:
        (tmp_path / "hidden").mkdir()
        pinned.append(made(story_with_hidden_words(tmp_path / "hidden"), form=form))
    told = [
        (one.files[name])
        for one in pinned
        for name in (
            "data/report.html",
            "data/facts.json",
            "data/ro-crate-metadata.json",
            "VERIFY.md",
        )
    ]
    assert hashlib.sha256(b"".join(told)).hexdigest() == PINNED[form]
    assert (max(PINNED), tuple(PINNED)) == (FORMAT, FORMATS)


PINNED = {
    3: "168ec553aa83c5a0a73d8e5cc84fbd62df7f2fd1235a55e85a8c4c1846d4c2cc",
    4: "75e65f2bec5db98e6544c72f36221d3749c16b3c1a654d2aaad67813bc8914ba",
}


def test_material_is_plain_data(tmp_path):
    told = material(tell(tmp_path))
    assert all(isinstance(body, bytes) for body in told.records)
    assert source().count("keys_jupyter.") == source().count("# keys_jupyter.")
