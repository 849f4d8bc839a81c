"""The doors of the console: how a person comes in, who is behind a cookie, and how he leaves. The sessions are the engine's."""

from engine.passwords import Passwords
from engine.sessions import Seen as Seen  # noqa: PLC0414 - handed on
from engine.sessions import Sessions
from workflows.workspace import Workspace


class Doors:
    """The sessions of a workspace as its campaign is now; *passwords* compares at another cost than the usual, for tests."""

    def __init__(self, workspace: Workspace, passwords: Passwords | None = None) -> None:
        self._workspace = workspace
        self.passwords = passwords

    @property
    def sessions(self) -> Sessions:
        """The engine's sessions."""
        found = self._workspace.sessions
        return found if self.passwords is None else Sessions(found.engine, found.clock, self.passwords)

    def sign_in(self, login: str, password: str, code: str, address: str, device: str = "") -> str:
        """Let somebody in who proves who he is; the answer is the session's secret. Raises Forbidden, Unavailable."""
        return self.sessions.sign_in(login, password, code, address, device)[0]

    def enter(self, login: str, address: str) -> str:
        """Let somebody into a rehearsal as *login*; the answer is the session's secret. Raises Forbidden in production."""
        return self.sessions.enter(login, address)[0]

    def resolve(self, secret: str) -> Seen:
        """Who is behind a secret, with the posts held now. Raises Forbidden("no_session") if nobody is, any more."""
        return self.sessions.resolve(secret)

    def prove(self, secret: str, password: str, code: str, device: str = "") -> str:
        """Let the holder prove himself once more; the answer is the session's new secret. Raises Forbidden."""
        return self.sessions.step_up(secret, password, code, device)

    def leave(self, secret: str) -> None:
        """End the session, in the database."""
        self.sessions.sign_out(secret)
