"""What the record tells of getting in: codes, what each login proves itself with, sessions, posts that were proposed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.clock import to_us
from engine.orders import hands


@dataclass(slots=True)
class Session:
    """A session by the record; the hash is None if its entry, of an earlier release, did not keep it.

    *unsure* if all sessions were ended at the very instant at which it began, in another stream: nobody knows which was first.
    """

    login: str
    hash: str | None
    vouched_by: str | None
    begun: int
    proved: int
    ended: int | None = None
    unsure: bool = False


@dataclass(slots=True)
class Code:
    """A one-time code by the record."""

    login: str
    hash: str
    issued_by: str
    expires: int
    made: int
    used: int | None = None
    revoked: int | None = None


@dataclass(slots=True)
class Proved:
    """What a login proves itself with by the record; *there* was at the keyboard, *begun_by* gave out the first code."""

    password: str | None = None
    factor: str | None = None
    there: str | None = None
    begun_by: str | None = None
    confirmed_by: str | None = None
    set_at: int | None = None
    activated: int | None = None

    def confirm(self, by: str) -> None:
        """Take in who confirmed the account: who gave out its code is nobody in it from then on."""
        self.confirmed_by = by
        if self.there == self.begun_by:
            self.there = None


@dataclass(slots=True)
class Access:
    """What the record tells: each code, what each login proves itself with, each session, each post that was proposed."""

    codes: dict[str, Code] = field(default_factory=dict)
    credentials: dict[str, Proved] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    proposals: dict[str, list[Any]] = field(default_factory=dict)
    recovery: dict[str, tuple[str, str]] = field(default_factory=dict)
    recovered: set[str] = field(default_factory=set)

    def take(self, body: dict[str, Any]) -> None:
        """Take in one entry."""
        said, what, at = body.get("account") or body["access"], body["trigger"], us(body["recorded_at"])
        login = said.get("login")
        for each in said.get("recovery", ()):
            self.recovery[each["id"]] = login, each["hash"]
        self._credential(what, login, said, at)
        match what:
            case "recovery_used":
                self.recovered.add(said["recovery_id"])
            case "code":
                self._withdraw(login, at)
                self.codes[said["code_id"]] = Code(login, said["hash"], said["issued_by"], us(said["expires_at"]), at)
            case "signed_in" | "entered":
                self.sessions[said["session"]] = Session(login, said.get("hash"), body.get("vouched_by"), at, at)
            case "stepped_up":
                session = self.sessions[said["session"]]
                session.hash, session.proved = said.get("hash"), at
            case "signed_out":
                self.sessions[said["session"]].ended = at
            case "sessions_ended":
                self._end(login, at)
            case "disable":
                self._withdraw(login, at)
                self._end(login, at)
            case "grant_proposed" | "grant" | "grant_declined" if "proposal" in said:
                self._proposal(what, said, body, at)

    def _credential(self, what: str, login: str, said: dict[str, Any], at: int) -> None:
        if what == "activated":
            self.credentials[login] = Proved(
                said["credential"],
                said.get("second_factor"),
                said.get("at_keyboard"),
                said.get("begun_by"),
                None,
                at,
                at,
            )
            self.codes[said["code_id"]].used = at
        elif what == "password":
            self.credentials[login].password, self.credentials[login].set_at = said["credential"], at
        elif what == "second_factor":
            self.credentials[login].factor = said["second_factor"]
        elif what == "vouched":
            self.credentials[login].confirm(said["by"])
        if what in ("activated", "password", "second_factor", "vouched"):
            self._end(login, at)

    def _withdraw(self, login: str, at: int) -> None:
        for code in self.codes.values():
            if code.login == login and code.used is None and code.revoked is None:
                code.revoked = at

    def _end(self, login: str, at: int) -> None:
        for session in self.sessions.values():
            if session.login == login and session.begun == at:
                session.unsure = True
            elif session.login == login and session.ended is None:
                session.ended = at

    def _proposal(self, what: str, said: dict[str, Any], body: dict[str, Any], at: int) -> None:
        if what == "grant_proposed":
            until = us(said["until"]) if said.get("until") else None
            who = hands(
                body.get("person") or body["actor"], body["actor"], body.get("on_behalf_of"), body.get("vouched_by")
            )
            seat = said["grant"].split(".", 1)
            row = [said["login"], *seat, until, body["actor"], who, at, "open", None, None]
            self.proposals[said["proposal"]] = row
        else:
            self.proposals[said["proposal"]][7:] = ["approved" if what == "grant" else "declined", body["actor"], at]


def us(text: str) -> int:
    """Microseconds of an instant as the record has it."""
    return to_us(datetime.fromisoformat(text))
