"""The command line as its users have it: in this process where that is enough, else as a process of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from world import SAMPLES

from cli import duban as root
from engine.orders import Actor
from engine.tokens import Tokens
from workflows.workspace import open_workspace

ROOT = Path(__file__).parent.parent
SMALL = str(SAMPLES / "small_campaign.yaml")
FAULTS = ("Traceback", "程序故障", "a fault of ours")


class Paper(io.TextIOWrapper):
    """What is written to a stream, which may be a *terminal*."""

    def __init__(self, said: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(said), encoding="utf-8", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Ended:
    """How a call ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; anything beside it is an error."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def rows(self) -> list[dict[str, str]]:
        """A piped table."""
        heading, *lines = [line.split("\t") for line in self.out.splitlines()]
        return [dict(zip(heading, line, strict=True)) for line in lines]

    def politely(self) -> "Ended":
        """Hold that it ended as the contract says, whatever it was: no traceback, no fault of ours."""
        assert self.code in {0, 2, 3, 4, 5, 6, 7, 8, 9}, (self.code, self.err)
        assert not [word for word in FAULTS if word in self.err + self.out], self.err
        return self


class Office:
    """A place to type commands in: a database and the variables of the environment."""

    def __init__(self, url: str | None, **variables: str) -> None:
        self.url = url
        self.variables = {f"DUBAN_{name}": value for name, value in variables.items()}
        if url is not None:
            self.variables["DUBAN_DB"] = url

    def __call__(
        self, *words: str, stdin: bytes = b"", terminal: bool = False, columns: int = 120, **variables: str
    ) -> Ended:
        """Type *words*; *variables* are those of the environment, in full."""
        look = {"COLUMNS": str(columns), "TERM": "xterm-256color"} if terminal else {}
        out, err, given = Paper(terminal=terminal), Paper(), Paper(stdin)
        with (
            mock.patch.dict(os.environ, {**self.variables, **look, **variables}),
            mock.patch.multiple(sys, stdout=out, stderr=err, stdin=given),
        ):
            try:
                root.main(list(words), "duban")
            except SystemExit as end:
                return Ended(int(end.code or 0), out.text, err.text)
        raise AssertionError("the command line came back")

    def as_(self, login: str, *words: str, **more: Any) -> Ended:
        return self("--as", login, *words, **more)

    def json(self, *words: str, **more: Any) -> Any:
        """The answer of a command that is to succeed."""
        ended = self("--json", *words, **more)
        assert ended.code == 0, ended.out + ended.err
        return ended.json

    def process(self, *words: str | bytes, **more: Any) -> "subprocess.CompletedProcess[bytes]":
        """Type *words* in a process of its own."""
        command = [sys.executable, str(ROOT / "cli.py"), *words]
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(command, env=self.environment(), capture_output=True, check=False, **more)

    def environment(self, **variables: str) -> Mapping[str, str]:
        """The variables for a process."""
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **self.variables, **variables}


def small_office(folder: Path, **variables: str) -> Office:
    """Begin a rehearsal of the small campaign in a file of *folder*."""
    office = Office(f"sqlite:///{folder / 'duban.db'}", **variables)
    begun = office("init", "--campaign", SMALL, "--rehearsal")
    assert begun.code == 0, begun.err
    return office


PASSWORD = "Guanlan-7 tides"
"""A password that both profiles take."""


def moved_in(office: Office, folder: Path, login: str, **variables: str) -> Path:
    """Let somebody without posts of administration make an account their own and a token; return the token's file."""
    key, secret, session = (folder / f"{login}.{name}" for name in ("code", "password", "session"))
    key.write_text(office.json("user", "code", login, **variables)["code"])
    secret.write_text(PASSWORD)
    own = Office(office.url)
    own.json("user", "activate", login, "--code-file", str(key), "--password-file", str(secret))
    own.json("login", login, "--to", str(session), "--password-file", str(secret))
    path = folder / login
    path.write_text(own.json("--token-file", str(session), "user", "token", login)["token"] + "\n")
    return path


def own_token_of(url: str, login: str, *scope: str) -> str:
    """A token that its owner made, signed in elsewhere than at the keyboard of the database's owner; narrowed to a *scope*."""
    workspace = open_workspace(url)
    try:
        return str(
            Tokens(workspace.engine, Actor(login, "session:tests")).make(login, scope=frozenset(scope) or None)["token"]
        )
    finally:
        workspace.close()
