"""The witness's own reading of consistency proofs: what the log proves he takes, and nothing else."""

import hashlib
from pathlib import Path

import pytest

from commands.standalone import witness
from engine.hashes import sha256
from engine.merkle import Frontier

LEAVES = [hashlib.sha256(bytes([at])).digest() for at in range(33)]


def root_of(leaves: list[bytes]) -> bytes:
    """The root by the recursive definition of RFC 9162, section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def proof_of(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """The consistency proof by the recursive definition of section 2.1.4.1."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= half:
        return [*proof_of(old, leaves[:half], whole=whole), root_of(leaves[half:])]
    return [*proof_of(old - half, leaves[half:], whole=False), root_of(leaves[:half])]


def note(size: int, root: bytes) -> witness.Note:
    return witness.Note("", "", "example/log", size, root, [])


@pytest.mark.parametrize("size", range(2, len(LEAVES) + 1))
def test_a_proof_of_growth_is_taken_and_a_bent_one_is_not(size: int) -> None:
    root = root_of(LEAVES[:size])
    for old in range(1, size):
        proof, before = proof_of(old, LEAVES[:size]), root_of(LEAVES[:old])

        def says(words: list[bytes], was: bytes = before, now: bytes = root, old: int = old) -> bool:
            return witness.continues({"proof": [each.hex() for each in words]}, note(size, now), old, was)

        assert says(proof), (old, size)
        assert not says(proof, was=root)
        assert not says(proof, now=before)
        assert not says([*proof, root])
        assert not says(proof[:-1])
        for at in range(len(proof)):
            assert not says([*proof[:at], bytes(32), *proof[at + 1 :]])


def test_the_program_is_short_enough_to_be_read_before_it_is_trusted() -> None:
    assert len(Path(witness.__file__).read_text("utf-8").splitlines()) < 210


def test_the_log_has_the_same_root_by_its_own_reckoning() -> None:
    edge = Frontier(sha256, 0, [])
    for leaf in LEAVES:
        edge.append(leaf)

    assert edge.root() == root_of(LEAVES)
