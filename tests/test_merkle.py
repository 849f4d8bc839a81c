"""The tree of the log against the definitions of RFC 9162, written down as they stand there."""

import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.hashes import hash_name, hash_of, sha256, sm3
from engine.merkle import (
    Frontier,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    root_of,
)

Leaves = Sequence[bytes]


def split(n: int) -> int:
    """The largest power of two smaller than *n*."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: Leaves) -> bytes:
    """MTH of section 2.1.1, over hashed leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Leaves) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Leaves, whole: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def grown(leaves: Leaves) -> Frontier:
    tree = Frontier(sha256)
    for leaf in leaves:
        tree.append(leaf)
    return tree


def node_of(leaves: Leaves) -> Callable[[int, int], bytes]:
    return lambda level, idx: mth(leaves[idx << level : (idx + 1) << level])


trees = st.integers(1, 150).map(lambda n: [hashlib.sha256(b"\x00%d" % i).digest() for i in range(n)])


@given(trees)
@settings(deadline=None, max_examples=60)
def test_root_and_every_proof_of_inclusion_are_those_of_the_definition(leaves: Leaves) -> None:
    tree, node, size = grown(leaves), node_of(leaves), len(leaves)

    assert tree.root() == mth(leaves) == root_of(sha256, node, 0, size)
    assert Frontier.stored(sha256, size, tree.text()).root() == tree.root()
    for m in range(0, size, 1 + size // 12):
        proof = inclusion_proof(sha256, node, m, size)
        assert proof == path(m, leaves)
        assert included(sha256, leaves[m], m, size, proof, tree.root())


@given(trees, st.data())
@settings(deadline=None, max_examples=60)
def test_every_proof_of_growth_is_that_of_the_definition(leaves: Leaves, data: st.DataObject) -> None:
    size, node, root = len(leaves), node_of(leaves), mth(leaves)
    old = data.draw(st.integers(1, size))

    proof = consistency_proof(sha256, node, old, size)

    assert proof == (subproof(old, leaves, True) if old < size else [])
    assert consistent(sha256, old, size, mth(leaves[:old]), root, proof)


@given(trees, st.data())
@settings(deadline=None, max_examples=80)
def test_a_proof_of_something_else_proves_nothing(leaves: Leaves, data: st.DataObject) -> None:
    size, node, root = len(leaves), node_of(leaves), mth(leaves)
    m, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof, growth = inclusion_proof(sha256, node, m, size), consistency_proof(sha256, node, old, size)
    wrong = hashlib.sha256(b"wrong").digest()

    assert not included(sha256, wrong, m, size, proof, root)
    assert not included(sha256, leaves[m], m, size, [*proof, wrong], root)
    assert not included(sha256, leaves[m], size, size, proof, root)
    assert size == 1 or not included(sha256, leaves[m], m, size, proof[:-1], root)
    assert size == 1 or not included(sha256, leaves[m], (m + 1) % size, size, proof, root)
    assert not consistent(sha256, old, size, wrong, root, growth)
    assert not consistent(sha256, old, size, mth(leaves[:old]), wrong, growth)
    assert not consistent(sha256, old, size, mth(leaves[:old]), root, [*growth, wrong])
    assert not consistent(sha256, size + 1, size, root, root, growth)


def test_an_inner_node_is_never_taken_for_a_leaf() -> None:
    left, right = sha256(b"\x00a"), sha256(b"\x00b")

    assert grown([left, right]).root() == sha256(b"\x01" + left + right) != sha256(b"\x00" + left + right)


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_examples_of_its_standard(text: bytes, digest: str) -> None:
    """GB/T 32905-2016, appendix A."""
    assert sm3(text).hex() == digest


def test_the_name_of_a_log_says_which_hash_is_its_own() -> None:
    assert (hash_of("1f/baodi-2010"), hash_name("1f/baodi-2010")) == (sha256, "sha256")
    assert (hash_of("1f/baodi-2010/sm3"), hash_name("1f/baodi-2010/sm3")) == (sm3, "sm3")
