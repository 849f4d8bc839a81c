"""The doors of the console: how a person comes in, who is behind a cookie, and how he leaves."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from typing import Protocol

from engine.errors import Forbidden
from engine.orders import Actor
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Seen:
    """Who is behind a session, with the posts he holds now, and the token that his forms carry."""

    actor: Actor
    csrf: str


class Doors(Protocol):
    """Where sessions are kept."""

    def enter(self, login: str, address: str) -> str:
        """Let somebody into a rehearsal as *login*; the answer is the session's secret. Raises Forbidden in production."""
        ...

    def resolve(self, secret: str) -> Seen:
        """Who is behind a secret. Raises Forbidden("no_session") if nobody is, any more."""
        ...

    def leave(self, secret: str) -> None:
        """End the session."""
        ...


class OpenDoors:
    """The doors of a rehearsal: anybody comes in as any of its logins; sessions live as long as the process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._inside: dict[str, str] = {}
        self._lock = threading.Lock()

    def enter(self, login: str, address: str) -> str:  # noqa: ARG002 - others keep the address
        if self._workspace.mode != "rehearsal":
            raise Forbidden("only a rehearsal is entered without a password", "no_identity")
        self._workspace.people.believed(login)
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._inside[_hash(secret)] = login
        return secret

    def resolve(self, secret: str) -> Seen:
        login = self._inside.get(_hash(secret))
        if login is None:
            raise Forbidden("the session has ended", "no_session")
        return Seen(self._workspace.people.believed(login), csrf_of(secret))

    def leave(self, secret: str) -> None:
        with self._lock:
            self._inside.pop(_hash(secret), None)


def csrf_of(secret: str) -> str:
    """The token that the forms of a session carry; the session's secret cannot be told from it."""
    return hashlib.sha256(b"csrf:" + secret.encode()).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
