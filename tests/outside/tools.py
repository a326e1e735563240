"""Other people's verdicts on unpacked bundles: one JSON line per folder, each tool with True, False or nothing.

Runs without this project being installed. Each function says what its tool covers; none looks at anything of ours but the
files of the bundle.
"""

import base64
import hashlib
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path


def sums(folder):
    """Coreutils: the listed payload files have the listed digests."""
    return all(
        quiet(["sha256sum", "--check", "--strict", "--quiet", name], folder)
        for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt")
    ) and quiet(["sha512sum", "--check", "--strict", "--quiet", "manifest-sha512.txt"], folder)


def bag(folder):
    """bagit.py: the bag is complete and valid."""
    import bagit

    try:
        return bool(bagit.Bag(str(folder)).validate())
    except (bagit.BagError, OSError, ValueError):
        return False


def openssl(folder):
    """Openssl: the signature over the DSSE bytes, and that those bytes end with the statement."""
    attestation = folder / "attestation"
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "signer.pem", "-rawin"]
    command += ["-in", "envelope.pae", "-sigfile", "envelope.sig"]
    try:
        signed = (attestation / "envelope.pae").read_bytes()
        said = (attestation / "statement.json").read_bytes()
    except OSError:
        return False
    head = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(said)
    return signed == head + said and quiet(command, attestation)


def envelope(folder):
    """Securesystemslib: the DSSE envelope is signed by the key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import Error
    from securesystemslib.signer import SSlibKey

    logging.getLogger("securesystemslib").disabled = True
    try:
        key = load_pem_public_key((folder / "attestation/signer.pem").read_bytes())
        raw = json.loads((folder / "attestation/envelope.dsse.json").read_bytes())
        keyid = raw["signatures"][0]["keyid"]
        found = Envelope.from_dict(raw)
        found.verify([SSlibKey.from_crypto(key, keyid=keyid)], threshold=1)
    except (Error, OSError, ValueError, KeyError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def subjects(folder):
    """Hashes only: every subject of the signed statement has its digest, and every payload file is a subject."""
    try:
        statement = json.loads((folder / "attestation/statement.json").read_bytes())
        said = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        files = [path for path in (folder / "data").rglob("*") if path.is_file()]
        found = {path.relative_to(folder).as_posix(): digest(path) for path in files}
        found["tagmanifest-sha256.txt"] = digest(folder / "tagmanifest-sha256.txt")
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return said == found


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def notebooks(folder):
    """Nbformat: every notebook is one."""
    import nbformat

    for path in sorted(folder.rglob("*.ipynb")):
        try:
            nbformat.validate(nbformat.reads(path.read_text("utf-8"), as_version=4))
        except (nbformat.ValidationError, nbformat.reader.NotJSONError, ValueError, KeyError):
            return False
        except (AttributeError, TypeError):
            return False
    return True


def logged(folder):
    """RFC 9162, written out as the standard's own recursion: each record is in the signed tree, by its proof."""
    try:
        lines = (folder / "data/ledger/checkpoint.txt").read_text("utf-8").split("\n")
        size, root = int(lines[1]), base64.b64decode(lines[2])
        proofs = json.loads((folder / "data/ledger/proofs.json").read_bytes())["inclusion"]
        rows = (folder / "data/ledger/records.jsonl").read_bytes().split(b"\n")[:-1]
        rows += (folder / "data/ledger/left.jsonl").read_bytes().split(b"\n")[:-1]
        said = [(json.loads(row)["index"], row) for row in rows]
        included = all(
            ascended(hashlib.sha256(b"\0" + row).digest(), index, size, hexes(proofs[str(index)]))
            == root
            for index, row in said
        )
        return bool(said) and included and noted(folder, lines)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False


def hexes(steps):
    return [bytes.fromhex(step) for step in steps]


def ascended(leaf, index, size, path):
    """The root that PATH(m, D[n]) leads to, following section 2.1.3.1 from the top down."""
    if size == 1:
        return leaf if not path and index == 0 else None
    if not path:
        return None
    half = 1
    while half * 2 < size:
        half *= 2
    last, rest = path[-1], path[:-1]
    if index < half:
        left, right = ascended(leaf, index, half, rest), last
    else:
        left, right = last, ascended(leaf, index - half, size - half, rest)
    return None if left is None or right is None else hashlib.sha256(b"\1" + left + right).digest()


def noted(folder, lines):
    """Openssl again: the checkpoint's own signature, over its first three lines."""
    with tempfile.TemporaryDirectory() as place:
        text, mark = Path(place) / "text", Path(place) / "mark"
        text.write_text("\n".join(lines[:3]) + "\n", "utf-8")
        mark.write_bytes(base64.b64decode(lines[4].rsplit(" ", 1)[1])[4:])
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-in", str(text)]
        command += ["-inkey", str(folder / "attestation/signer.pem"), "-sigfile", str(mark)]
        return quiet(command, place)


def quiet(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


TOOLS = (sums, bag, openssl, envelope, subjects, notebooks, logged)


def verdicts(folder):
    return {tool.__name__: tool(Path(folder)) for tool in TOOLS}


def main():
    logging.disable(logging.CRITICAL)
    for folder in sys.argv[1:]:
        sys.stdout.write(json.dumps(verdicts(folder)) + "\n")


if __name__ == "__main__":
    main()
