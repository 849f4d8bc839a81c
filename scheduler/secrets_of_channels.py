"""Secrets of the channels file: fetched from where it says, never told, never stored."""

import os
from pathlib import Path

from scheduler.channel_schema import Secret

LONGEST_SECRET = 4096
"""Bytes of a secret's file that are read."""


def fetched(secret: Secret) -> str:
    """The secret itself. Raises ValueError, which says where and never what."""
    if secret.env is not None:
        value = os.environ.get(secret.env, "")
        if not value:
            raise ValueError(f"the environment variable {secret.env!r} is not set")
        return value
    path = Path(str(secret.file))
    try:
        if path.stat().st_mode & 0o077:
            raise ValueError(f"others may read {str(path)!r}; do: chmod 600 {path}")
        value = path.read_bytes()[:LONGEST_SECRET].decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ValueError(f"the secret's file {str(path)!r} cannot be read: {why}") from None
    if not value:
        raise ValueError(f"the secret's file {str(path)!r} is empty")
    return value
