"""Random edits of a ledger, each found against one checkpoint that somebody kept."""

import random

import pytest

from keys_jupyter import ledger
from keys_jupyter.ledger.tree import node_hash
from tests.bundles import key

RECORDS = 10_000
KINDS = ("flip", "drop", "insert", "swap", "cut", "fork", "re-sign")


@pytest.fixture(scope="module")
def whole():
    bodies = [
        ledger.encode(
            {"at": f"2026-11-{1 + n % 28:02d}", "index": n, "data": {"text": f"note {n}"}}
        )
        for n in range(RECORDS)
    ]
    return Ledger(bodies)


class Edited(ledger.Tree):
    """The tree of edited leaves: the real one's roots, over subtrees that other trees have hashed already.

    Up to ``place`` it is ``before``, then come other leaves, and behind them it is ``after``.
    """

    def __init__(self, before, place, others, after, size):
        super().__init__()
        self.before, self.after = before, after
        self.place, self.others, self.all = place, others, size

    @property
    def size(self):
        return self.all

    def _subtree(self, level, index):
        first, behind = index << level, (index + 1) << level
        if behind <= self.place:
            return self.before._subtree(level, index)
        if first >= self.place + len(self.others):
            return self.after._subtree(level, index)
        if level == 0:
            return self.others[index - self.place]
        halves = self._subtree(level - 1, 2 * index), self._subtree(level - 1, 2 * index + 1)
        return node_hash(*halves)


class Ledger:
    """A ledger with its held checkpoint; what does not change is hashed once."""

    def __init__(self, bodies):
        self.bodies = bodies
        self.leaves = [ledger.leaf_hash(body) for body in bodies]
        self.tree = ledger.Tree(self.leaves)
        # The same leaves, each one place later or earlier: what stands behind an edit.
        self.later = ledger.Tree([bytes(32), *self.leaves])
        self.earlier = ledger.Tree(self.leaves[1:])
        self.signer = key()
        self.public = self.signer.public
        self.text = self.note(self.tree.root(), self.signer)
        self.held = ledger.opened(self.text)
        assert self.held.signed_by(self.public)

    def note(self, root, signer):
        said = ledger.Checkpoint(ledger.origin_of(signer.public), RECORDS, root)
        return ledger.signed(said, signer.public, signer.sign)

    def found(self, tree):
        """Say whether the held checkpoint shows that this tree is another one."""
        held = self.held.checkpoint
        return tree.size < held.size or tree.root(held.size) != held.root

    def found_at(self, index, leaf):
        """The same for one changed leaf, by the proof of the leaf that was there."""
        held = self.held.checkpoint
        path = self.tree.inclusion(index)
        return ledger.proved_root(leaf, index, held.size, path) != held.root


def flipped(body, chance):
    place = chance.randrange(len(body))
    return body[:place] + bytes([body[place] ^ 1 << chance.randrange(8)]) + body[place + 1 :]


def is_found(whole, kind, chance):
    place = chance.randrange(RECORDS)
    if kind == "flip":
        return whole.found_at(place, ledger.leaf_hash(flipped(whole.bodies[place], chance)))
    if kind == "swap":
        other = (place + chance.randrange(1, RECORDS)) % RECORDS
        return whole.found_at(place, whole.leaves[other])
    if kind == "re-sign":
        return re_signed(whole, place, chance)
    return whole.found(edited(whole, kind, place, chance))


def edited(whole, kind, place, chance):
    """Return the tree after something was dropped, put in, cut off, or told otherwise."""
    if kind == "drop":
        size = RECORDS - 1
        if chance.random() < 0.5:
            return Edited(whole.tree, place, [], whole.earlier, size)
        # One is put in further on, so that the number of records is what it was.
        there = min(RECORDS, place + 1 + chance.randrange(100))
        gap = [*whole.leaves[place + 1 : there], ledger.leaf_hash(chance.randbytes(60))]
        return Edited(whole.tree, place, gap, whole.tree, RECORDS)
    if kind == "insert":
        new = [ledger.leaf_hash(chance.randbytes(60))]
        return Edited(whole.tree, place, new, whole.later, RECORDS + 1)
    if kind == "cut":
        return Edited(whole.tree, place, [], whole.tree, place)
    tail = [ledger.leaf_hash(chance.randbytes(40)) for _ in range(chance.randrange(1, 40))]
    return Edited(whole.tree, place, tail, whole.tree, max(RECORDS, place + len(tail)))


def re_signed(whole, place, chance):
    """A record is rewritten, and the ledger signed anew: by its own key, or by another under its name."""
    leaf = ledger.leaf_hash(flipped(whole.bodies[place], chance))
    root = ledger.proved_root(leaf, place, RECORDS, whole.tree.inclusion(place))
    if chance.random() < 0.5:
        new = ledger.opened(whole.note(root, whole.signer))
        held = whole.held.checkpoint
        same = ledger.verify_consistency(held.size, new.checkpoint.size, held.root, root, [])
        return new.signed_by(whole.public) and not same
    thief = key(2)
    said = ledger.Checkpoint(whole.held.checkpoint.origin, RECORDS, root)
    new = ledger.opened(ledger.signed(said, thief.public, thief.sign))
    return not new.signed_by(whole.public) and not new.signed_by(thief.public)


def sweep(whole, count, seed):
    chance = random.Random(seed)
    missed = [
        kind
        for number in range(count)
        if not is_found(whole, kind := KINDS[number % len(KINDS)], chance)
    ]
    assert missed == []


def test_the_whole_ledger_holds(whole):
    held = whole.held.checkpoint
    assert ledger.begins_with(whole.bodies, held.size, held.root)
    assert not whole.found(whole.tree)
    assert not whole.found_at(5, whole.leaves[5])


@pytest.mark.parametrize("kind", ["drop", "insert", "cut", "fork"])
def test_the_tree_of_edited_leaves_is_the_one_that_hashing_all_of_them_gives(whole, kind):
    chance = random.Random(kind)
    for _ in range(6):
        place = chance.randrange(RECORDS)
        tree = edited(whole, kind, place, chance)
        leaves = [tree._subtree(0, index) for index in range(tree.size)]
        assert tree.root() == ledger.Tree(leaves).root()
        assert leaves[:place] == whole.leaves[:place]
        if kind in ("insert", "fork"):
            assert leaves[place] not in whole.leaves
        if kind == "insert":
            assert leaves[place + 1 :] == whole.leaves[place:]
        if kind == "drop" and tree.size < RECORDS:
            assert leaves[place:] == whole.leaves[place + 1 :]


def test_some_edits_are_all_found(whole):
    sweep(whole, 700, seed=1)


@pytest.mark.long
def test_a_hundred_thousand_edits_are_all_found(whole):
    sweep(whole, 100_000, seed=2)


@pytest.mark.parametrize("kind", ["flip", "drop", "insert", "swap", "cut", "fork"])
def test_the_whole_way_through_the_bodies_finds_them_too(whole, kind):
    chance = random.Random(kind)
    place = chance.randrange(RECORDS - 1)
    bodies = list(whole.bodies)
    if kind == "flip":
        bodies[place] = flipped(bodies[place], chance)
    elif kind == "drop":
        del bodies[place]
        bodies.append(b"{}")
    elif kind == "insert":
        bodies.insert(place, b"{}")
    elif kind == "swap":
        bodies[place], bodies[place + 1] = bodies[place + 1], bodies[place]
    elif kind == "cut":
        del bodies[place:]
    else:
        bodies[place:] = [b"%d" % number for number in range(RECORDS)]
    held = whole.held.checkpoint
    assert not ledger.begins_with(bodies, held.size, held.root)
