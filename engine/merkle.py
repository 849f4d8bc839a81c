"""The tree over all leaves of a log: roots, proofs that a leaf is in it, proofs that it only grew (RFC 9162, section 2.1)."""

from collections.abc import Callable, Sequence

from engine.hashes import Hash

Node = Callable[[int, int], bytes]
"""The root of the full subtree number *index* of 2**level leaves."""

STORED = 4
"""Full subtrees of every so many levels are kept; what lies between is worked out from at most eight of them."""


def node_hash(hashing: Hash, left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; its first byte tells it from every leaf."""
    return hashing(b"\x01" + left + right)


class Frontier:
    """The right edge of a tree: the roots of the full subtrees that *size* leaves consist of, the largest first."""

    __slots__ = ("hashing", "nodes", "size")

    def __init__(self, hashing: Hash, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        self.hashing = hashing
        self.size = size
        self.nodes = list(nodes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; return the subtrees to be kept that it completed: level, index, root."""
        nodes, hashing, at, level, made = self.nodes, self.hashing, self.size, 0, leaf
        full = []
        while at & 1:
            made = hashing(b"\x01" + nodes.pop() + made)
            at >>= 1
            level += 1
            if level % STORED == 0:
                full.append((level, at, made))
        nodes.append(made)
        self.size += 1
        return full

    def root(self) -> bytes:
        """The root of the whole; that of no leaves is the hash of nothing."""
        if not self.nodes:
            return self.hashing(b"")
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = node_hash(self.hashing, left, root)
        return root

    def text(self) -> str:
        """The nodes as they are stored."""
        return b"".join(self.nodes).hex()

    @classmethod
    def stored(cls, hashing: Hash, size: int, text: str) -> "Frontier":
        """Read what `text` wrote."""
        whole = bytes.fromhex(text)
        return cls(hashing, size, [whole[at : at + 32] for at in range(0, len(whole), 32)])


def _middle(low: int, high: int) -> int:
    """Where a tree over low..high-1 divides: after the largest power of two that is smaller than its size."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def root_of(hashing: Hash, node: Node, low: int, high: int) -> bytes:
    """The root over the leaves *low* to *high* - 1, a part into which the tree divides."""
    size = high - low
    if size == 0:
        return hashing(b"")
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, low >> level)
    middle = _middle(low, high)
    return node_hash(hashing, root_of(hashing, node, low, middle), root_of(hashing, node, middle, high))


def inclusion_proof(hashing: Hash, node: Node, index: int, size: int) -> list[bytes]:
    """The hashes beside the way from leaf *index* up to the root of *size* leaves, the lowest first."""
    proof, low, high = [], 0, size
    while high - low > 1:
        middle = _middle(low, high)
        if index < middle:
            proof.append(root_of(hashing, node, middle, high))
            high = middle
        else:
            proof.append(root_of(hashing, node, low, middle))
            low = middle
    return proof[::-1]


def consistency_proof(hashing: Hash, node: Node, old: int, size: int) -> list[bytes]:
    """What shows that the tree of *old* leaves is the beginning of that of *size*; nothing for an empty or equal one."""
    if old in (0, size):
        return []
    proof, low, high, known = [], 0, size, True
    while old != high:
        middle = _middle(low, high)
        if old <= middle:
            proof.append(root_of(hashing, node, middle, high))
            high = middle
        else:
            proof.append(root_of(hashing, node, low, middle))
            low, known = middle, False
    if not known:
        proof.append(root_of(hashing, node, low, high))
    return proof[::-1]


def included(hashing: Hash, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether *proof* shows that *leaf* stands at *index* in the tree of *size* with this *root*."""
    if not 0 <= index < size:
        return False
    at, last, made = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = node_hash(hashing, other, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(hashing, made, other)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def consistent(  # noqa: C901 - one line a way to fail, as in RFC 9162, section 2.1.4.2
    hashing: Hash, old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether *proof* shows that the tree of *old* leaves is the beginning of that of *size*."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == hashing(b"")
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(hashing, other, before), node_hash(hashing, other, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(hashing, after, other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root
