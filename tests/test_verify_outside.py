"""Other people's tools on good and tampered bundles: whatever one of them finds ours finds, and each finds its own kind."""

import base64
import io
import json
import random
import re
import subprocess
import sys
import textwrap
import zipfile

import pytest

from keys_jupyter.evidence.bundle.attestation import pem, pretty
from keys_jupyter.evidence.verify import verified
from tests.bundles import key, made, notebook, tell
from tests.outside import environment, tools
from tests.test_verify import manifests, relined, resealed, zipped

NOTEBOOK = "data/evidence/0006-run.ipynb"
PICTURE = "data/evidence/0005-Output-2-of-cell-2.png"
CRATE = "data/ro-crate-metadata.json"


class Bundle:
    """One good bundle, of a story of its own."""

    def __init__(self, folder, number):
        folder.mkdir(parents=True)
        self.signer = key(1 + number % 200)
        payload = random.Random(number).randbytes(number * 7)
        whole = made(tell(folder, self.signer, payload=payload), self.signer)
        self.facts = whole.facts
        self.files = {
            name: content if isinstance(content, bytes) else content.read_bytes()
            for name, content in whole.files.items()
        }


def flip(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def payload_byte(b, chance):
    name = chance.choice([name for name in b.files if name.startswith("data/evidence")])
    return {**b.files, name: flip(b.files[name], chance)}


def fitting_payload(b, chance):
    return manifests(payload_byte(b, chance), b.facts)


def added_file(b, chance):
    return {**b.files, f"data/evidence/{chance.randrange(10**6)}.txt": chance.randbytes(9)}


def dropped_file(b, chance):
    return {name: data for name, data in b.files.items() if name != PICTURE}


def signature_byte(b, chance):
    name = "attestation/envelope.sig"
    envelope = "attestation/envelope.dsse.json"
    document = json.loads(b.files[envelope])
    raw = flip(b.files[name], chance)
    document["signatures"][0]["sig"] = base64.b64encode(raw).decode()
    return {**b.files, name: raw, envelope: pretty(document)}


def statement_byte(b, chance):
    name = "attestation/statement.json"
    return {**b.files, name: flip(b.files[name], chance)}


def other_key(b, chance):
    name = "attestation/signer.pem"
    return manifests({**b.files, name: pem(key(255 - chance.randrange(20)).public)}, b.facts)


def broken_notebook(b, chance):
    whole = json.loads(notebook())
    whole["cells"][0]["cell_type"] = "no such type"
    return resealed({**b.files, NOTEBOOK: json.dumps(whole).encode()}, b.facts, b.signer)


def broken_crate(b, chance):
    document = json.loads(b.files[CRATE])
    root = next(entity for entity in document["@graph"] if entity["@id"] == "./")
    del root[chance.choice(["name", "description", "datePublished", "license"])]
    return resealed({**b.files, CRATE: pretty(document)}, b.facts, b.signer)


def edited_record(b, chance):
    def change(rows):
        chance.choice(rows)["data"]["added"] = chance.randrange(100)

    return resealed(relined(b.files, change), b.facts, b.signer)


# What is done, and which tools must notice it; whoever is not named covers something else.
KINDS = {
    payload_byte: {"sums", "bag", "subjects"},
    fitting_payload: {"subjects"},
    added_file: {"bag", "subjects"},
    dropped_file: {"sums", "bag", "subjects"},
    signature_byte: {"openssl", "envelope"},
    statement_byte: {"openssl"},
    other_key: {"openssl", "envelope", "subjects", "logged"},
    broken_notebook: {"notebooks"},
    broken_crate: {"crates"},
    edited_record: {"logged"},
}


def unpacked(files, folder):
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as whole:
        whole.extractall(folder)
    return folder


def agree(files, verdicts, *, good, must=frozenset()):
    """Check that ours says it, that nobody objects to what ours accepts, and that each finds its own kind."""
    ours = verified(zipped(files))["ok"]
    objecting = {tool for tool, ok in verdicts.items() if not ok}
    assert ours == good, verdicts
    assert not (ours and objecting), objecting
    assert must & set(verdicts) <= objecting, (must, objecting)


@pytest.mark.parametrize("number", range(3))
def test_good_bundles_are_good_to_everybody(tmp_path, number):
    b = Bundle(tmp_path / "story", number)
    agree(b.files, tools.verdicts(unpacked(b.files, tmp_path / "out")), good=True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("number", range(3))
def test_tampered_bundles_are_found_by_whoever_covers_it(tmp_path, kind, number):
    b = Bundle(tmp_path / "story", number)
    files = kind(b, random.Random(number))
    verdicts = tools.verdicts(unpacked(files, tmp_path / "out"))
    agree(files, verdicts, good=False, must=KINDS[kind])


def test_the_guide_can_be_followed_to_the_letter(tmp_path):
    b = Bundle(tmp_path / "story", 1)
    folder = unpacked(b.files, tmp_path / "out")
    (tmp_path / "BUNDLE.zip").write_bytes(zipped(b.files))
    (tmp_path / "CHECKPOINT.txt").write_text(b.facts["ledger"]["checkpoint"], "utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", b.files["VERIFY.md"].decode(), re.DOTALL)
    # The one that fetches vocabularies from the web is followed by the long sweep, with vocabularies at hand.
    there = [textwrap.dedent(block) for block in blocks if "rocrate" not in block]
    tool = f'bagit.py() {{ {sys.executable} -m bagit "$@"; }}; python3() {{ {sys.executable} "$@"; }}\n'
    told = [bash(tool + there[0], tmp_path), *(bash(tool + block, folder) for block in there[1:])]
    assert [done.returncode for done in told] == [0] * 6, [done.stderr for done in told]
    assert told[0].stdout.count("The bundle holds.") == 3
    assert b.facts["ledger"]["fingerprint"] in told[3].stdout


def bash(script, folder):
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_two_hundred_good_and_two_hundred_tampered_without_our_package(tmp_path):
    python = environment.python()
    absent = [python, "-c", "import keys_jupyter"]
    assert subprocess.run(absent, cwd=tmp_path, capture_output=True, check=False).returncode
    cases = []
    for number in range(200):
        b = Bundle(tmp_path / "stories" / str(number), number)
        kind = list(KINDS)[number % len(KINDS)]
        cases += [(b.files, True, set()), (kind(b, random.Random(number)), False, KINDS[kind])]
    folders = [
        unpacked(files, tmp_path / "out" / str(place)) for place, (files, *_) in enumerate(cases)
    ]
    told = asked(python, "tools.py", folders)
    crates = asked(python, "crates.py", [folder / "data" for folder in folders])
    for (files, good, must), verdicts, crate in zip(cases, told, crates, strict=True):
        agree(files, {**verdicts, "crates": crate["ok"]}, good=good, must=must)
    assert alone(python, folders, cases, tmp_path) == []


def asked(python, script, folders):
    """Return the script's verdicts on folders, a few at a time."""
    rows = []
    place = environment.FOLDER.parents[1] / "tests/outside" / script
    for start in range(0, len(folders), 20):
        command = [python, "-I", place, *folders[start : start + 20]]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows += [json.loads(line) for line in done.stdout.splitlines()]
    return rows


def alone(python, folders, cases, tmp_path):
    """Return the bundles on which their own verify.py, run by that Python, says something else than expected."""
    wrong = []
    for place, (files, good, _) in enumerate(cases):
        path = tmp_path / "one.zip"
        path.write_bytes(zipped(files))
        command = [python, "-I", folders[place] / "verify.py", path]
        code = subprocess.run(command, capture_output=True, check=False).returncode
        if (code == 0) != good:
            wrong.append(place)
    return wrong


def test_the_validator_of_crates_is_given_the_names_that_bundles_use(tmp_path):
    served = json.loads((environment.FOLDER.parents[1] / "tests/outside/context.json").read_text())
    names = set(served["@context"])
    for entity in json.loads(made(tell(tmp_path)).files[CRATE])["@graph"]:
        kinds = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
        used = {*kinds, *(name for name in entity if not name.startswith("@"))}
        assert used <= names, used - names
