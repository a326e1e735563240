import hashlib

import pytest

from keys_jupyter import ledger

# Reference inputs and roots published with RFC 6962's own test data (certificate-transparency).
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size):
    leaves = [ledger.leaf_hash(bytes.fromhex(text)) for text in INPUTS[:size]]
    assert ledger.root_hash(leaves).hex() == ROOTS[size - 1]


def test_empty_tree_is_the_hash_of_nothing():
    assert ledger.root_hash([]) == hashlib.sha256().digest()


def test_leaf_is_the_prefixed_hash():
    assert ledger.leaf_hash(b"abc") == hashlib.sha256(b"\x00abc").digest()


def test_one_byte_form_whatever_the_order():
    assert ledger.encode({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert ledger.encode({"a": "é", "b": 1}) == ledger.encode({"b": 1, "a": "é"})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_refuses_what_json_cannot_say(value):
    with pytest.raises(ValueError, match="JSON"):
        ledger.encode({"a": value})
