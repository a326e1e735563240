"""VERIFY.md: how a stranger checks the bundle, with tools that are not ours, in commands to copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys_jupyter.evidence.bundle.layout import FORMATS, form_of

_TEXT = """\
# How to verify this bundle

{title}

- Bundle: `{name}`
- Ledger: `{origin}`, {size} records, root `{root}`
- Signing key: `SHA256:{fingerprint}`

Nothing below needs a network or the program that made this file. Ask whoever sent it for the key's fingerprint by
another way than this bundle, and for a checkpoint that somebody kept: without one of the two, everything here shows
only that the bundle agrees with itself.

## Everything at once

With Python 3.8 or newer and nothing else. Take `verify.py` from a place you trust rather than from the bundle itself.

```sh
unzip -p BUNDLE.zip verify.py > verify.py
python3 verify.py BUNDLE.zip
python3 verify.py BUNDLE.zip --key {fingerprint}
python3 verify.py BUNDLE.zip --against CHECKPOINT.txt
```

It ends with 0 when everything holds and with 5 when something does not, and says what.{unproved}

## Step by step, with other tools

Unpack first: `mkdir bundle && cd bundle && unzip ../BUNDLE.zip`

1. Every file of the payload has its digest. This does not notice a file that was added; the next step does.

   ```sh
   sha256sum --check --strict manifest-sha256.txt
   sha512sum --check --strict manifest-sha512.txt
   sha256sum --check --strict tagmanifest-sha256.txt
   ```

2. The bag is complete and valid (`pip install bagit`).

   ```sh
   bagit.py --validate .
   ```

3. The statement is signed by the key, and the key has the fingerprint.

   ```sh
   openssl pkeyutl -verify -pubin -inkey attestation/signer.pem -rawin \\
     -in attestation/envelope.pae -sigfile attestation/envelope.sig
   openssl pkey -pubin -in attestation/signer.pem -outform DER | sha256sum
   ```

   The signed bytes begin with `DSSEv1`, two lengths and the type; the rest is `attestation/statement.json`, whose
   subjects name the digest of every file of the payload and of `tagmanifest-sha256.txt`:

   ```sh
   tail -c "$(wc -c < attestation/statement.json)" attestation/envelope.pae | cmp - attestation/statement.json
   sha256sum tagmanifest-sha256.txt && head -c 400 attestation/statement.json
   ```

4. The description is a valid crate (`pip install roc-validator`; it fetches its vocabularies from the web).

   ```sh
   rocrate-validator validate --profile-identifier {profile} data
   ```

5. The records are in the ledger. Each line of `data/ledger/records.jsonl` is one record; its leaf is the sha256 of a zero
   byte and the line without its end. `data/ledger/proofs.json` holds each record's inclusion proof and, for every checkpoint
   that had left the machine, a consistency proof (RFC 9162, section 2.1). `data/ledger/checkpoint.txt` is a C2SP signed note.

6. Every notebook is one (`pip install nbformat`).

   ```sh
   python3 -c 'import nbformat, pathlib
   for path in pathlib.Path("data").rglob("*.ipynb"): nbformat.validate(nbformat.read(path, 4)); print("OK", path)'
   ```

## What none of this proves

{limits}
"""


_UNPROVED = (
    "\nWith 1 it ends where the bundle's own checks hold and the held checkpoint is of a later state: the bundle alone can "
    "neither\nprove nor disprove that it is a beginning of it."
)


def guide(facts: Mapping[str, Any]) -> bytes:
    """Return the guide for a bundle."""
    ledger = facts["ledger"]
    runs = facts["kind"] == "incident" and facts["runs"]
    return _TEXT.format(
        title=facts["title"],
        unproved=_UNPROVED if form_of(facts) > FORMATS[0] else "",
        name=facts["name"],
        origin=ledger["origin"],
        size=ledger["size"],
        root=ledger["root"],
        fingerprint=ledger["fingerprint"],
        profile="process-run-crate-0.5" if runs else "ro-crate-1.1",
        limits="\n".join(f"- {limit}" for limit in facts["limits"]),
    ).encode("utf-8")
