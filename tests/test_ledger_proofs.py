"""Proofs and checkpoints, compared with the definitions of RFC 9162 written out the plain, slow way."""

import base64
import hashlib
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keys_jupyter import ledger
from keys_jupyter.ledger.ed25519 import signature_holds

MOST = 40


def leaves(count):
    return [hashlib.sha256(b"\0" + bytes([number])).digest() for number in range(count)]


def split(count):
    """The largest power of two smaller than count, by counting."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(rows):
    """Section 2.1.1 as it is written."""
    if not rows:
        return hashlib.sha256().digest()
    if len(rows) == 1:
        return rows[0]
    k = split(len(rows))
    return node(root(rows[:k]), root(rows[k:]))


def path(m, rows):
    """Section 2.1.3.1 as it is written."""
    if len(rows) == 1:
        return []
    k = split(len(rows))
    if m < k:
        return [*path(m, rows[:k]), root(rows[k:])]
    return [*path(m - k, rows[k:]), root(rows[:k])]


def proof(m, rows):
    """Section 2.1.4.1 as it is written."""

    def subproof(m, rows, whole):
        if m == len(rows):
            return [] if whole else [root(rows)]
        k = split(len(rows))
        if m <= k:
            return [*subproof(m, rows[:k], whole), root(rows[k:])]
        return [*subproof(m - k, rows[k:], False), root(rows[:k])]

    return subproof(m, rows, True)


@pytest.mark.parametrize("size", range(MOST))
def test_roots_and_proofs_of_every_size_are_those_of_the_definition(size):
    rows = leaves(MOST)
    tree = ledger.Tree(rows)
    assert tree.root(size) == root(rows[:size])
    for index in range(size):
        assert tree.inclusion(index, size) == path(index, rows[:size])
    for old in range(1, size + 1):
        assert tree.consistency(old, size) == proof(old, rows[:size])


def test_a_tree_grown_one_by_one_is_the_tree_built_at_once():
    grown = ledger.Tree()
    for count, leaf in enumerate(leaves(MOST), 1):
        grown.append(leaf)
        assert grown.root() == ledger.Tree(leaves(count)).root() == ledger.root_hash(leaves(count))
    assert grown.size == MOST
    assert [grown.leaf(index) for index in range(MOST)] == leaves(MOST)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33])
def test_no_other_proof_holds_than_the_one(size):
    rows = leaves(size)
    tree = ledger.Tree(rows)
    for index in range(size):
        good = tree.inclusion(index)
        assert ledger.verify_inclusion(rows[index], index, size, good, tree.root())
        for bad in wrong(good):
            assert not ledger.verify_inclusion(rows[index], index, size, bad, tree.root())
        for other in range(size):
            if other != index:
                assert not ledger.verify_inclusion(rows[index], other, size, good, tree.root())
    for old in range(1, size + 1):
        good = tree.consistency(old)
        assert ledger.verify_consistency(old, size, tree.root(old), tree.root(), good)
        for bad in wrong(good):
            assert not ledger.verify_consistency(old, size, tree.root(old), tree.root(), bad)
        fork = ledger.Tree([*rows[: old - 1], b"x" * 32]).root()
        assert not ledger.verify_consistency(old, size, fork, tree.root(), good)


def wrong(good):
    """Proofs that are not the one: shorter, longer, with a bit or two steps changed."""
    yield [*good, b"\0" * 32]
    if good:
        yield good[:-1]
        yield good[1:]
        yield [bytes([good[0][0] ^ 1]) + good[0][1:], *good[1:]]
        yield [good[0][:-1], *good[1:]]
    if len(good) > 1:
        yield [good[1], good[0], *good[2:]]


@pytest.mark.parametrize("arguments", [(3, 0, 3), (0, 3, 3), (4, 3, 3), (-1, 3, 3)])
def test_sizes_that_are_no_sizes_are_refused(arguments):
    old, size, most = arguments
    tree = ledger.Tree(leaves(most))
    root = tree.root()
    assert not ledger.verify_consistency(old, size, root, root, [])
    assert not ledger.verify_inclusion(leaves(1)[0], most, size, [], root)
    with pytest.raises(ValueError, match="tree"):
        tree.consistency(old, size)
    with pytest.raises(ValueError, match="leaf"):
        tree.inclusion(most)
    with pytest.raises(ValueError, match="size"):
        tree.root(most + 1)


def test_a_record_in_another_byte_form_is_no_record():
    assert ledger.decode(b'{"a":1,"b":"\xc3\xa9"}') == {"a": 1, "b": "é"}
    for other in (
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1.0e0}',
        b'{"a":1,"a":1}',
        b'{"b":"\\u00e9"}',
        b'{"a":1}\n',
        b"[1]",
        b"NaN",
        b'{"a":NaN}',
        b"\xff",
        b"",
        b"[" * 100_000,
    ):
        with pytest.raises(ValueError, match=r".*"):
            ledger.decode(other)


# Section 7.1 of RFC 8032: secret, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd"
        "25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c3"
        "87b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594"
        "a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_signatures_of_the_standard_hold_and_others_do_not(vector):
    secret, public, message, signature = (bytes.fromhex(part) for part in vector)
    assert Ed25519PrivateKey.from_private_bytes(secret).sign(message) == signature
    assert signature_holds(public, message, signature)
    assert not signature_holds(public, message + b"\0", signature)
    for place in range(64):
        other = bytearray(signature)
        other[place] ^= 1 << (place % 8)
        assert not signature_holds(public, message, bytes(other))


def test_signatures_that_are_not_canonical_are_refused():
    _, public, message, signature = (bytes.fromhex(part) for part in VECTORS[1])
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not signature_holds(public, message, signature[:32] + scalar.to_bytes(32, "little"))
    # With the neutral element as key, one signature would fit every message.
    neutral = (1).to_bytes(32, "little")
    assert not signature_holds(neutral, b"anything", neutral + bytes(32))
    # The same point with its coordinate written above the prime.
    above = (2**255 - 19 + 1).to_bytes(32, "little")
    assert not signature_holds(above, b"anything", above + bytes(32))
    assert not signature_holds(b"\xff" * 32, message, signature)
    assert not signature_holds(public, message, signature[:-1])
    assert not signature_holds(public[:-1], message, signature)


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
def test_our_verifier_agrees_with_another_implementation(seed, message, bit):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert signature_holds(public, message, signature)
    other = bytearray(signature)
    other[bit // 8] ^= 1 << (bit % 8)
    assert not signature_holds(public, message, bytes(other))


def noted(size=7, seed=1):
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    public = key.public_key().public_bytes_raw()
    said = ledger.Checkpoint(ledger.origin_of(public), size, hashlib.sha256(b"x").digest())
    return public, said, ledger.signed(said, public, key.sign)


def test_a_checkpoint_is_the_note_of_the_specification():
    public, said, text = noted()
    fingerprint = hashlib.sha256(bytes.fromhex("302a300506032b6570032100") + public).hexdigest()
    assert ledger.fingerprint_of(public) == fingerprint
    origin = f"keys-jupyter/{fingerprint[:16]}"
    root = base64.b64encode(said.root).decode()
    body = f"{origin}\n7\n{root}\n"
    assert text.startswith(f"{body}\n— {origin} ")
    mark = base64.b64decode(text.rsplit(" ", 1)[1])
    assert mark[:4] == hashlib.sha256(f"{origin}\n".encode() + b"\1" + public).digest()[:4]
    Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32).public_key().verify(
        mark[4:], body.encode()
    )
    note = ledger.opened(text)
    assert note.checkpoint == said
    assert note.signed_by(public)
    assert not note.signed_by(noted(seed=2)[0])


def test_every_other_spelling_of_a_checkpoint_is_refused():
    _, _, text = noted()
    lines = text.split("\n")
    others = [
        text + "\n",
        text[:-1],
        text.replace("\n7\n", "\n07\n"),
        text.replace("\n7\n", "\n+7\n"),
        text.replace("\n7\n", "\n٧\n"),
        text.replace("\n7\n", "\n7 \n"),
        text.replace("—", "-"),
        text.replace("\n", "\r\n"),
        text.replace("keys-jupyter/", "Keys-Jupyter/"),
        "\n".join([*lines[:3], "extension", *lines[3:]]),
        "\n".join([*lines[:5], lines[4], ""]),
        "",
        "x" * 5000,
        "\ud800",
    ]
    # The last sign of 32 bytes in base64 has two bits that say nothing.
    unused = lines[2][:-2] + chr(ord(lines[2][-2]) + 1) + "="
    others.append(text.replace(lines[2], unused))
    for other in others:
        assert other != text
        with pytest.raises(ledger.NoteError):
            ledger.opened(other)


def test_no_byte_of_a_checkpoint_can_change():
    public, _, text = noted()
    raw = text.encode()
    for place in range(len(raw)):
        for bit in (1, 32):
            other = bytearray(raw)
            other[place] ^= bit
            try:
                note = ledger.opened(bytes(other).decode())
            except ValueError:
                continue
            assert not note.signed_by(public), bytes(other)


def test_begins_with_is_true_of_every_continuation_and_no_other():
    bodies = [b"%d" % number for number in range(30)]
    tree = ledger.Tree(ledger.leaf_hash(body) for body in bodies)
    for size in range(31):
        held = tree.root(size)
        assert ledger.begins_with(bodies, size, held)
        assert ledger.begins_with([*bodies, b"more"], size, held)
        assert not ledger.begins_with(bodies[: size - 1] if size else [], size or 1, held)
    random.Random(1).shuffle(bodies)
    assert not ledger.begins_with(bodies, 30, tree.root(30))
