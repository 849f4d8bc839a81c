"""Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint, tlog-cosignature), with Ed25519."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOG, WITNESS = 1, 4
"""The kinds of signature: Ed25519 over the text, and a timed cosignature. Source: C2SP signed-note, tlog-cosignature."""

DASH = "\u2014 "
"""How a line of signature begins."""


class BadNote(ValueError):
    """A note, key or signature that is none; *code* tells which."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the name of its holder and what it signs (LOG or WITNESS)."""

    name: str
    kind: int
    raw: bytes

    @property
    def ident(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    def __str__(self) -> str:
        """The key as it is handed to whoever verifies: name+hash+key."""
        return f"{self.name}+{self.ident.hex()}+{_encode(bytes([self.kind]) + self.raw)}"

    def signs(self, signature: bytes, message: bytes) -> bool:
        """Say whether *signature* is this key's over *message*."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(text: str) -> Key:
    """Read a public key. Raises BadNote."""
    name, _, rest = text.strip().partition("+")
    ident, _, encoded = rest.partition("+")
    whole = _decode(encoded)
    if not name or len(whole) != 33 or whole[0] not in (LOG, WITNESS):
        raise BadNote("bad_key", f"not a public key of this form: {text[:80]!r}")
    key = Key(name, whole[0], whole[1:])
    if key.ident.hex() != ident:
        raise BadNote("bad_key", f"the key's hash is not that of the key: {text[:80]!r}")
    return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a log at one moment, as its origin states them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"

    @property
    def short(self) -> str:
        """The sixteen digits that are printed."""
        return self.root.hex()[:16]


def read_checkpoint(note: str) -> Checkpoint:
    """Read the text of a note. Raises BadNote."""
    lines = split(note)[0].split("\n")
    if len(lines) < 4 or not lines[1].isdecimal() or (lines[1] != "0" and lines[1].startswith("0")):
        raise BadNote("bad_note", "not a checkpoint: origin, size and root, a line each")
    root = _decode(lines[2])
    if len(root) != 32:
        raise BadNote("bad_note", "the root of a checkpoint has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def split(note: str) -> tuple[str, list[str]]:
    """The text of a note, with its last line end, and its lines of signature. Raises BadNote."""
    text, divider, signatures = note.rpartition("\n\n")
    if not divider or not signatures.endswith("\n"):
        raise BadNote("bad_note", "not a signed note: the text, an empty line, the signatures")
    lines = signatures[:-1].split("\n")
    if any(not line.startswith(DASH) for line in lines):
        raise BadNote("bad_note", "a line of signature begins with a dash")
    return text + "\n", lines


def signature_line(name: str, ident: bytes, signature: bytes) -> str:
    """A line of signature."""
    return f"{DASH}{name} {_encode(ident + signature)}\n"


def sign(checkpoint: Checkpoint, private: "Ed25519PrivateKey") -> str:
    """Sign a checkpoint as its log; the key bears the name of the origin."""
    key = Key(checkpoint.origin, LOG, private.public_key().public_bytes_raw())
    signature = private.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n{signature_line(key.name, key.ident, signature)}"


def signatures(note: str) -> list[tuple[str, bytes, bytes]]:
    """Every signature of a note: name, key's ident, and the rest. Raises BadNote."""
    found = []
    for line in split(note)[1]:
        name, _, encoded = line.removeprefix(DASH).rpartition(" ")
        whole = _decode(encoded)
        if not name or len(whole) < 5:
            raise BadNote("bad_note", "a line of signature has a name, and a key's hash with the signature")
        found.append((name, whole[:4], whole[4:]))
    return found


def signed_by(note: str, key: Key) -> bool:
    """Say whether the log's *key* signed this note. Raises BadNote for what is no note."""
    text = split(note)[0].encode()
    return any(
        name == key.name and ident == key.ident and key.signs(signature, text)
        for name, ident, signature in signatures(note)
    )


def cosigned_at(note: str, key: Key) -> int | None:
    """When the witness of this *key* signed the note, in seconds since 1970; None if it did not."""
    text = split(note)[0].encode()
    for name, ident, timed in signatures(note):
        if name == key.name and ident == key.ident and len(timed) == 72:
            (at,) = struct.unpack(">Q", timed[:8])
            if key.signs(timed[8:], b"cosignature/v1\ntime %d\n" % at + text):
                return int(at)
    return None


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("bad_note", f"not base64: {text[:80]!r}") from None
