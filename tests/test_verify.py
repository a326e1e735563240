"""Bundles that somebody changed: each change is found, by name, and nothing ever runs or breaks the verifier."""

import base64
import json
import random
import subprocess
import sys
import zipfile

import pytest

from keys_jupyter import ledger
from keys_jupyter.errors import InputError
from keys_jupyter.evidence.bundle import write
from keys_jupyter.evidence.bundle.attestation import attested, pretty, signed_bytes, statement
from keys_jupyter.evidence.bundle.bag import bag_files, manifest
from keys_jupyter.evidence.bundle.container import central_header, ending, local_header
from keys_jupyter.evidence.bundle.files import measure
from keys_jupyter.evidence.verify import source, verified, verify_bytes, verify_file
from tests import bundles
from tests.bundles import INCIDENT, key, made, period, period_story, tell

ATTESTATION = ("envelope.dsse.json", "envelope.pae", "envelope.sig", "statement.json")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A story and the files of its bundle."""
    folder = tmp_path_factory.mktemp("story")
    story = tell(folder)
    whole = made(story)
    files = {
        name: content if isinstance(content, bytes) else content.read_bytes()
        for name, content in whole.files.items()
    }
    return story, files, whole.facts


def zipped(files):
    """Return files as a zip in its one form, whatever is in them."""
    out, directory = b"", b""
    for name in sorted(files):
        size, crc = len(files[name]), measure(files[name]).crc
        directory += central_header(name, size, crc, len(out))
        out += local_header(name, size, crc) + files[name]
    return out + directory + ending(len(files), len(directory), len(out))


def manifests(files, facts):
    """Return the files with manifests that fit them, as anybody can make them."""
    payload = {name: measure(data) for name, data in files.items() if name.startswith("data/")}
    files = {**files, **bag_files(facts, payload)}
    tags = [
        (name, measure(files[name]).sha256)
        for name in sorted(files)
        if not name.startswith(("data/", "tagmanifest"))
        and name.removeprefix("attestation/") not in ATTESTATION
    ]
    return {**files, "tagmanifest-sha256.txt": manifest(tags)}


def resealed(files, facts, signer):
    """Return the files signed anew, as only the holder of the key can."""
    files = manifests(files, facts)
    payload = {n: measure(data).sha256 for n, data in files.items() if n.startswith("data/")}
    said = statement(facts, measure(files["tagmanifest-sha256.txt"]).sha256, payload)
    return {**files, **attested(said, signer.public, signer.sign(signed_bytes(said)))}


def failed(result):
    assert result["ok"] == all(check["ok"] for check in result["checks"])
    assert all(check["ok"] == (check["verdict"] == "holds") for check in result["checks"])
    return {check["name"]: check["detail"] for check in result["checks"] if not check["ok"]}


def test_the_good_one_holds(good):
    _, files, _ = good
    result = verify_bytes(zipped(files))
    assert failed(result) == {}
    assert result["bundle"]["name"] == f"incident {INCIDENT} at record 8"
    assert len(result["checks"]) == 14


# somebody without the key ------------------------------------------------------------------------


def test_a_changed_byte_anywhere_is_found(good):
    sweep(good, 150, seed=3)


@pytest.mark.long
def test_changed_bytes_everywhere_are_found(good):
    sweep(good, 20_000, seed=4)


def sweep(good, count, seed):
    data = zipped(good[1])
    chance = random.Random(seed)
    for _ in range(count):
        place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        other = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
        assert not verified(other)["ok"], (place, bit)


def test_the_verifier_says_which_file_changed(good):
    _, files, facts = good
    for name in files:
        other = {**files, name: bytes([files[name][0] ^ 1]) + files[name][1:]}
        found = failed(verified(zipped(other)))
        assert any(name in detail for detail in found.values()), name
        if name.startswith("data/"):
            found = failed(verified(zipped(manifests(other, facts))))
            assert name in found["statement"]


@pytest.mark.parametrize("fit", [False, True], ids=["as it is", "with fitting manifests"])
def test_a_file_that_is_added_dropped_renamed_or_exchanged_is_found(good, fit):
    _, files, facts = good
    text = "data/evidence/0004-Output-1-stdout-of-cell-1.txt"
    picture = "data/evidence/0005-Output-2-of-cell-2.png"
    without = {name: data for name, data in files.items() if name != text}
    cases = [
        {**files, "data/evidence/0099-more.txt": b"more"},
        {**files, "more.txt": b"more"},
        {**files, "attestation/more.pem": b"more"},
        {**files, "fetch.txt": b"http://x.test/ 1 data/x\n"},
        without,
        {**without, text.replace("0004", "0007"): files[text]},
        {**files, text: files[picture], picture: files[text]},
    ]
    for case in cases:
        found = failed(verified(zipped(manifests(case, facts) if fit else case)))
        assert {"files", "statement", "digests"} & set(found), found


def test_each_file_is_needed(good):
    _, files, facts = good
    for name in files:
        case = {other: data for other, data in files.items() if other != name}
        assert failed(verified(zipped(case))), name
        if name not in ("bagit.txt", "bag-info.txt") and "manifest" not in name:
            assert failed(verified(zipped(manifests(case, facts)))), name


def test_a_bundle_signed_by_another_key_does_not_pass_for_this_one(good, tmp_path):
    _, _, facts = good
    thief = key(2)
    forged = tmp_path / "forged.zip"
    whole = made(tell(tmp_path, thief), thief)
    write(whole.files, whole.measures, forged)
    # Alone it agrees with itself; that is what the fingerprint and the held checkpoint are for.
    assert verify_file(forged)["ok"]
    fingerprint = facts["ledger"]["fingerprint"]
    assert "signature" in failed(verify_file(forged, key=f"SHA256:{fingerprint.upper()}"))
    found = failed(verify_file(forged, against=facts["ledger"]["checkpoint"]))
    assert "another ledger" in found["against the held checkpoint"]


def test_the_expected_key_is_said(good):
    _, files, facts = good
    fingerprint = facts["ledger"]["fingerprint"]
    for spelled in (fingerprint, f"SHA256:{fingerprint}", f" {fingerprint.upper()}\n"):
        result = verified(zipped(files), key=spelled)
        assert result["ok"]
        assert "the expected key" in result["checks"][2]["detail"]
    assert not verified(zipped(files), key="")["ok"]


# somebody with the key ---------------------------------------------------------------------------


def test_a_report_that_says_something_else_is_found_even_if_signed(good):
    _, files, facts = good
    cases = {
        "data/report.html": (b"never ran", b"ok"),
        "data/facts.json": (b'"CELL_ERROR"', b'"SUCCEEDED"'),
        "data/ro-crate-metadata.json": (b"FailedActionStatus", b"CompletedActionStatus"),
        "VERIFY.md": (b"sha256sum --check", b"true sha256sum --check"),
    }
    for name, (old, new) in cases.items():
        assert old in files[name], name
        other = resealed({**files, name: files[name].replace(old, new)}, facts, key())
        found = failed(verified(zipped(other)))
        assert set(found) == {"derived files"}, found
        assert name in found["derived files"]


def edited(files, path, change):
    document = json.loads(files[path])
    change(document)
    return {**files, path: pretty(document)}


def swap_two_states(run):
    """Let another cell have failed; each state is still there as often as before."""
    first, second = run["cells"][:2]
    first["state"], second["state"] = second["state"], first["state"]


def test_a_state_a_run_or_a_gap_that_the_records_do_not_say_is_found_even_if_signed(good):
    _, files, facts = good
    run = f"data/runs/{bundles.RUN}.json"
    proofs, said = "data/ledger/proofs.json", "data/bundle.json"
    cases = {
        "state": [
            ("data/incident.json", lambda d: d["steps"][0].update(state="skipped")),
            ("data/incident.json", lambda d: d["steps"][1]["branches"][0].update(taken=True)),
            ("data/incident.json", lambda d: d["steps"].pop()),
            ("data/incident.json", lambda d: d.update(evidence=4)),
            ("data/incident.json", lambda d: d.update(closed_at="2026-11-21T04:00:00.000Z")),
        ],
        "runs": [
            (run, lambda d: d.update(state="SUCCEEDED")),
            (run, lambda d: d["results"][0].update(value=99.3)),
            (run, lambda d: d["parameters"].update(days=1)),
            (run, lambda d: d["cells"].pop()),
            (run, swap_two_states),
        ],
        "inclusion": [
            (proofs, lambda d: d["inclusion"].popitem()),
            (proofs, lambda d: d["inclusion"]["1"].append("00" * 32)),
            (proofs, lambda d: d["inclusion"]["1"].reverse()),
        ],
        "checkpoints that left": [(proofs, lambda d: d["consistency"].clear())],
        "files": [(said, lambda d: d["absent"].update({"4": "lost"}))],
        "kept files": [
            (
                said,
                lambda d: d["redacted"].update({"4": {"sha256": "0" * 64, "size": 1, "rules": []}}),
            )
        ],
        "sources": [(said, lambda d: d.update(format=99)), (said, lambda d: d.pop("kind"))],
    }
    for check, changes in cases.items():
        for path, change in changes:
            other = resealed(edited(files, path, change), facts, key())
            assert check in failed(verified(zipped(other))), (check, path)


def relined(files, change):
    """Return the files with other records, in a ledger written anew and signed with the same key."""
    path = "data/ledger/records.jsonl"
    rows = [json.loads(line) for line in files[path].split(b"\n")[:-1]]
    change(rows)
    return {**files, path: b"".join(ledger.encode(row) + b"\n" for row in rows)}


def test_records_that_were_edited_dropped_or_moved_are_found_even_if_signed(good):
    _, files, facts = good
    cases = [
        lambda rows: rows[2]["data"].update(text="other"),
        lambda rows: rows.pop(4),
        lambda rows: rows.pop(0),
        lambda rows: rows.pop(),
        lambda rows: rows.insert(3, dict(rows[3])),
        lambda rows: rows.reverse(),
        lambda rows: rows[5].update(seq=99),
        lambda rows: rows[5].update(incident=bundles.OTHER),
        lambda rows: rows[1].update(at="2020-01-01T00:00:00.000Z"),
    ]
    for change in cases:
        other = resealed(relined(files, change), facts, key())
        assert {"inclusion", "records", "checkpoint"} & set(failed(verified(zipped(other))))


def test_a_ledger_written_anew_with_the_right_key_is_found_by_a_held_checkpoint(tmp_path):
    signer = key()
    story = tell(tmp_path, signer)
    tree = story.tree()
    held = ledger.signed(
        ledger.Checkpoint(ledger.origin_of(signer.public), tree.size, tree.root()),
        signer.public,
        signer.sign,
    )
    (tmp_path / "later").mkdir()
    rewritten = tell(tmp_path / "later", signer, left=False)
    path = tmp_path / "rewritten.zip"
    # With fewer records than were held it is only not proved; with as many or more it is found.
    wanted = [(10, "not proved", "later state"), (11, "fails", "fork"), (12, "fails", "no proof")]
    for size, verdict, words in wanted:
        assert rewritten.tree().size == size
        whole = made(rewritten)
        write(whole.files, whole.measures, path)
        assert verify_file(path)["ok"]
        result = verify_file(path, against=held)
        assert result["verdict"] == verdict
        assert words in failed(result)["against the held checkpoint"]
        rewritten.add(INCIDENT, "step.note", {"text": "more"}, "diagnosis-1")


# held checkpoints --------------------------------------------------------------------------------


def test_held_checkpoints_of_the_same_an_earlier_and_a_later_size(tmp_path):
    signer = key()
    story = bundles.Story(tmp_path)
    story.add(INCIDENT, "incident.opened", bundles.opening())
    early = story.leave(signer)
    story = tell(tmp_path, signer)
    early = ledger_note(story, 3, signer)
    whole = made(story)
    path = tmp_path / "x.zip"
    write(whole.files, whole.measures, path)
    assert verify_file(path, against=early)["ok"]
    assert verify_file(path, against=whole.facts["ledger"]["checkpoint"])["ok"]
    # One that was never said to have left has no proof here, and that is said instead of guessed.
    found = failed(verify_file(path, against=ledger_note(story, 5, signer)))
    assert "not recorded as one that left" in found["against the held checkpoint"]
    for _ in range(20):
        story.add(bundles.OTHER, "step.note", {"text": "more"}, "diagnosis-1")
    late = ledger_note(story, 30, signer)
    assert "Ask its maker" in failed(verify_file(path, against=late))["against the held checkpoint"]
    assert verify_file(path, against=late)["verdict"] == "not proved"
    steps = [base64.b64encode(step).decode() for step in story.tree().consistency(11, 30)]
    proved = "\n".join(["old 11", *steps, "", late])
    assert verify_file(path, against=proved)["ok"]
    for wrong in (proved.replace("old 11", "old 12"), proved.replace(steps[0], steps[1])):
        assert "against the held checkpoint" in failed(verify_file(path, against=wrong))
    assert verify_file(path, against=proved.replace(steps[0], steps[1]))["verdict"] == "fails"


HELD = "against the held checkpoint"


def later_note(story, signer, size=30):
    """Return the checkpoint of a story that went on; the story itself stays as it is."""
    bodies = story.bodies + [ledger.encode({"more": number}) for number in range(size - 11)]
    root = ledger.Tree(ledger.leaf_hash(body) for body in bodies).root()
    said = ledger.Checkpoint(ledger.origin_of(signer.public), size, root)
    return ledger.signed(said, signer.public, signer.sign)


def test_against_a_later_checkpoint_a_good_bundle_is_not_proved_and_not_called_broken(
    good, tmp_path
):
    story, files, facts = good
    path, held = tmp_path / "x.zip", tmp_path / "held.txt"
    path.write_bytes(zipped(files))
    held.write_text(later_note(story, key()), "utf-8")
    result = verify_file(path, against=held.read_text("utf-8"))
    assert (result["ok"], result["verdict"]) == (False, "not proved")
    assert list(failed(result)) == [HELD]
    assert "30 records against the bundle's 11" in failed(result)[HELD]
    assert {check["verdict"] for check in result["checks"][:-1]} == {"holds"}
    # What the bundle says of itself is told, as its own checks hold.
    assert result["bundle"]["name"] == f"incident {INCIDENT} at record 8"
    assert result["limits"] == facts["limits"]
    alone = run_alone(tmp_path, path, "--json", "--against", held)
    assert (alone.returncode, json.loads(alone.stdout)) == (1, result)
    said = run_alone(tmp_path, path, "--against", held).stdout
    assert f"not proved {HELD}: " in said
    assert "FAILS" not in said
    assert said.endswith(
        "The bundle's own checks hold. Against the held checkpoint it is NOT PROVED, and not disproved.\n"
    )


def test_a_later_checkpoint_hides_no_fault(good, tmp_path):
    story, files, _ = good
    path, held = tmp_path / "x.zip", tmp_path / "held.txt"
    late = later_note(story, key())
    held.write_text(late, "utf-8")
    path.write_bytes(zipped({**files, "data/report.html": files["data/report.html"] + b" "}))
    result = verify_file(path, against=late)
    assert (result["verdict"], result["bundle"]) == ("fails", {})
    assert {"digests", HELD} <= set(failed(result))
    alone = run_alone(tmp_path, path, "--against", held)
    assert alone.returncode == 5
    assert alone.stdout.endswith("THE BUNDLE DOES NOT HOLD.\n")


def test_a_later_checkpoint_that_is_not_of_this_ledger_fails(good):
    story, files, _ = good
    late = later_note(story, key())
    origin = ledger.origin_of(key().public)
    forged = ledger.signed(ledger.Checkpoint(origin, 30, b"\1" * 32), key().public, key(2).sign)
    for other in (later_note(story, key(2)), forged, late.replace("\n30\n", "\n31\n")):
        result = verified(zipped(files), against=other)
        assert (result["verdict"], list(failed(result))) == ("fails", [HELD])
    # As large as the bundle's ledger, and with another root.
    same = ledger.Checkpoint(origin, 11, b"\1" * 32)
    fork = verified(zipped(files), against=ledger.signed(same, key().public, key().sign))
    assert fork["verdict"] == "fails"
    assert "fork" in failed(fork)[HELD]


def ledger_note(story, size, signer):
    said = ledger.Checkpoint(ledger.origin_of(signer.public), size, story.tree().root(size))
    return ledger.signed(said, signer.public, signer.sign)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "old 3\n",
        "old x\n\nnote",
        "old 11\n%%%\n\nkeys-jupyter/x",
        "\ud800",
        "a\n" * 6,
        "old " + "9" * 5000 + "\n\n",
    ],
)
def test_a_held_text_that_is_no_checkpoint_fails_and_says_so(good, text):
    assert "against the held checkpoint" in failed(verified(zipped(good[1]), against=text))


@pytest.mark.parametrize("ends", ["", "\n", "\r\n", "\n\n", "  \n"])
def test_a_held_checkpoint_that_was_pasted_is_the_one_that_was_handed_out(good, tmp_path, ends):
    _, files, facts = good
    text = facts["ledger"]["checkpoint"]
    pasted = text.rstrip("\n").replace("\n", "\r\n" if "\r" in ends else "\n") + ends
    assert pasted == text or ends != "\n"
    path, held = tmp_path / "x.zip", tmp_path / "held.txt"
    path.write_bytes(zipped(files))
    held.write_bytes(pasted.encode())
    assert verified(path.read_bytes(), against=pasted)["ok"]
    assert run_alone(tmp_path, path, "--against", held).returncode == 0
    inside = pasted.replace("keys-jupyter/", "keys-jupyter/ ", 1)
    assert "against the held checkpoint" in failed(verified(path.read_bytes(), against=inside))


def test_a_held_checkpoint_that_somebody_changed_fails(good):
    _, files, facts = good
    text = facts["ledger"]["checkpoint"]
    for other in (
        text.replace("\n11\n", "\n10\n"),
        text[:-6] + "AAA=\n",
        text.replace("keys-", "Keys-"),
    ):
        assert other != text
        assert failed(verified(zipped(files), against=other))


# a period ----------------------------------------------------------------------------------------


def test_a_period_with_a_record_or_a_run_left_out_is_found_even_if_signed(tmp_path):
    whole = period(period_story(tmp_path))
    files, facts = whole.files, whole.facts
    said = "data/bundle.json"

    def swapped(d):
        d["owners"].update({"1": INCIDENT, "2": bundles.OTHER})

    cases = [
        edited(files, said, lambda d: d["runs"].pop(0)),
        edited(files, said, lambda d: d["runs"][0].update(state="SUCCEEDED")),
        edited(files, said, lambda d: d["runs"].append(d["runs"][0])),
        edited(files, said, lambda d: d["period"].update(first=0)),
        edited(files, said, lambda d: d["period"].update(last=4)),
        edited(files, said, swapped),
        edited(files, said, lambda d: d["owners"].pop("3")),
        relined(files, lambda rows: rows.pop(3)),
        relined(files, lambda rows: rows.pop()),
    ]
    for case in cases:
        assert failed(verified(zipped(resealed(case, facts, key()))))


# the zip itself ----------------------------------------------------------------------------------


def rezipped(tmp_path, files, **how):
    path = tmp_path / "rezipped.zip"
    with zipfile.ZipFile(path, "w", how.get("method", zipfile.ZIP_STORED)) as out:
        if how.get("comment"):
            out.comment = b"hello"
        for name in sorted(files, reverse=how.get("reverse", False)):
            info = zipfile.ZipInfo(name, date_time=how.get("date", (1980, 1, 1, 0, 0, 0)))
            info.compress_type = how.get("method", zipfile.ZIP_STORED)
            info.external_attr = how.get("mode", 0o100644) << 16
            info.extra = how.get("extra", b"")
            info.create_system = how.get("system", 3)
            out.writestr(info, files[name])
    return path.read_bytes()


def test_any_other_form_of_the_same_zip_is_refused(good, tmp_path):
    _, files, _ = good
    data = zipped(files)
    assert rezipped(tmp_path, files) == data
    others = [
        rezipped(tmp_path, files, method=zipfile.ZIP_DEFLATED),
        rezipped(tmp_path, files, method=zipfile.ZIP_BZIP2),
        rezipped(tmp_path, files, comment=True),
        rezipped(tmp_path, files, reverse=True),
        rezipped(tmp_path, files, date=(2026, 11, 21, 3, 0, 0)),
        rezipped(tmp_path, files, mode=0o120777),
        rezipped(tmp_path, files, extra=b"\xfe\xca\0\0"),
        rezipped(tmp_path, files, system=0),
        b"#!/bin/sh\n" + data,
        data + b"\n",
        data[:-1],
        data[1:],
        data[:-22] + b"gap" + data[-22:],
        data[:-22] + data[-22:] + data[-22:],
        data + data,
        b"",
        b"PK",
        data[-22:],
        b"PK\5\6" + bytes(18),
    ]
    for other in others:
        assert list(failed(verify_bytes(other))) == ["archive"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "data/../../evil",
        "C:evil",
        "a\\b",
        "data/.git/x",
        "data/con.txt",
        "data/x.",
        "data//x",
        "data/x/",
        "DATA/facts.json",
        "data/Facts.json",
        "data/facts.json/x",
        "data/a b",
        "data/" + "x" * 200,
        "data/1/2/3/4/5/6/7",
        "data/x\0y",
    ],
)
def test_names_that_mean_something_elsewhere_are_refused(good, name):
    assert list(failed(verify_bytes(zipped({**good[1], name: b"x"})))) == ["archive"]


def test_a_name_that_is_there_twice_is_refused():
    twice = [("VERIFY.md", b"a"), ("VERIFY.md", b"a")]
    out, directory = b"", b""
    for said, content in twice:
        directory += central_header(said, 1, measure(content).crc, len(out))
        out += local_header(said, 1, measure(content).crc) + content
    assert "archive" in failed(verify_bytes(out + directory + ending(2, len(directory), len(out))))


def test_documents_of_any_shape_fail_and_never_break_the_verifier(good):
    _, files, facts = good
    hostile = [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"a":' * 5000,
        b"[" * 200_000,
        b'{"size":1e999}',
        b"9" * 10_000,
        b'{"kind":{},"format":[]}\n',
        b"\n",
    ]
    for name in files:
        for content in hostile:
            other = {**files, name: content}
            assert not verified(zipped(other))["ok"]
            fitting = manifests(other, facts)
            assert fitting[name] != content or not verified(zipped(fitting))["ok"]


def test_random_values_in_signed_documents_never_break_the_verifier(good):
    _, files, facts = good
    chance = random.Random(5)
    paths = ["data/bundle.json", "data/incident.json", "data/ledger/proofs.json"]
    paths += [f"data/runs/{bundles.RUN}.json", "data/runbook/runbook.json"]
    for _ in range(120):
        path = chance.choice(paths)
        other = edited(files, path, lambda document: spoil(document, chance))
        result = verified(zipped(resealed(other, facts, key())))
        assert not result["ok"] or other[path] == files[path] or result["checks"][-1]["ok"]


def spoil(document, chance):
    """Put something else at a random place of a document."""
    while True:
        places = list(document) if isinstance(document, dict) else list(range(len(document)))
        place = chance.choice(places)
        inner = document[place]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.8:
            document = inner
            continue
        document[place] = chance.choice([None, -1, "x", [], {}, 1.5, True, "\ud7ff", [[]]])
        return


# the file of its own -----------------------------------------------------------------------------


def run_alone(tmp_path, *arguments):
    alone = tmp_path / "verify.py"
    alone.write_text(source(), "utf-8")
    command = [sys.executable, "-I", "-S", str(alone), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)


def test_the_single_file_says_what_the_package_says_without_any_package(good, tmp_path):
    _, files, facts = good
    path, held = tmp_path / "x.zip", tmp_path / "held.txt"
    held.write_text(facts["ledger"]["checkpoint"], "utf-8")
    spoiled = {**files, "data/report.html": files["data/report.html"] + b" "}
    for content, code in ((files, 0), (spoiled, 5)):
        path.write_bytes(zipped(content))
        done = run_alone(tmp_path, path, "--json", "--against", held)
        assert (done.returncode, done.stderr) == (code, "")
        assert json.loads(done.stdout) == verified(
            path.read_bytes(), against=facts["ledger"]["checkpoint"]
        )
    assert "data/report.html has changed" in run_alone(tmp_path, path).stdout
    assert "THE BUNDLE DOES NOT HOLD" in run_alone(tmp_path, path).stdout
    assert files["verify.py"].decode() == source()


def test_the_single_file_cannot_read_what_is_not_there(tmp_path):
    assert run_alone(tmp_path, tmp_path / "no.zip").returncode == 2
    (tmp_path / "empty.zip").write_bytes(b"")
    assert run_alone(tmp_path, tmp_path / "empty.zip").returncode == 2


def test_the_package_says_when_there_is_no_file(tmp_path):
    with pytest.raises(InputError) as caught:
        verify_file(tmp_path / "no.zip")
    assert caught.value.code == "BUNDLE_UNREADABLE"
    (tmp_path / "empty.zip").write_bytes(b"")
    assert list(failed(verify_file(tmp_path / "empty.zip"))) == ["archive"]


def test_the_single_file_uses_the_standard_library_only():
    import ast

    # Also where Python is older than this project asks for.
    for node in ast.walk(ast.parse(source(), feature_version=(3, 8))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names, name
            assert name not in ("subprocess", "socket", "urllib.request", "importlib", "pickle")
