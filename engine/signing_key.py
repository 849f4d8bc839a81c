"""The log's private key: in a file of its own, readable by its owner alone, never in the database."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Conflict, Invalid, Unavailable
from engine.private_files import write_private
from engine.signed_notes import LOG, Key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LARGEST_KEY_FILE = 4096
"""Bytes read of a key's file; a key is far shorter."""


def key_path(identity: str) -> Path:
    """Where the key of a database lies: ``DUBAN_KEY``, or below the user's configuration under the database's identity."""
    said = os.environ.get("DUBAN_KEY")
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(said) if said else Path(home).expanduser() / "duban" / "keys" / f"{identity}.pem"


def public_key(private: "Ed25519PrivateKey", name: str) -> Key:
    """The public half, under the name of its log."""
    return Key(name, LOG, private.public_key().public_bytes_raw())


def new_key(path: Path) -> "Ed25519PrivateKey":
    """Make a key and keep it in *path*. Raises Conflict if something is there, Unavailable if it cannot be written."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, content)
    except FileExistsError:
        raise Conflict(f"there is a file {path} already; to change the key: duban audit key rotate", "key") from None
    except OSError as error:
        raise Unavailable(f"the key cannot be written to {path}: {error.strerror}", "key_file") from None
    return private


def load_key(path: Path) -> "Ed25519PrivateKey | None":
    """The key in *path*; None if there is no file. Raises Invalid if others may read it or it is no key of ours."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            content = file.read(LARGEST_KEY_FILE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"the key {path} cannot be read: {error.strerror}", "key_file") from None
    if about.st_mode & 0o077:
        raise Invalid(f"others may read the key {path}; do: chmod 600 {path}", "key_mode")
    return _private(content, path)


def _private(content: bytes, path: Path) -> "Ed25519PrivateKey":
    """The key that *content* of *path* says. Raises Invalid if it is none of ours."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise Invalid(f"{path} is no private key: {error}", "key_file") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Invalid(f"{path} is no Ed25519 key", "key_file")
    return private
