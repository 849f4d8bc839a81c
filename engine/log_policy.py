"""Whom a verifier believes: the log's key and which witnesses make a quorum (C2SP tlog-policy), from a file of his own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import Invalid, Problem
from engine.signed_notes import LOG, WITNESS, BadNote, Key, read_key

LARGEST_POLICY = 64 * 1024
"""Bytes of a policy; a real one has a dozen lines."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Keys of logs, witnesses by name, groups of them with how many must sign, and the name of what is the quorum."""

    logs: tuple[Key, ...] = ()
    witnesses: Mapping[str, Key] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = "none"

    def satisfied(self, signed: set[str], name: str | None = None) -> bool:
        """Say whether the witnesses that *signed* make the quorum."""
        wanted = self.quorum if name is None else name
        if wanted in self.groups:
            count, members = self.groups[wanted]
            return sum(self.satisfied(signed, each) for each in members) >= count
        return wanted == "none" or wanted in signed


def read_policy(path: str) -> Policy:
    """Read a policy. Raises Invalid with every flaw and its line."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            lines = file.read(LARGEST_POLICY).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the policy {path} cannot be read: {error}", "policy") from None
    reading = _Reading()
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].split()
        try:
            if words:
                reading.take(words)
        except (BadNote, ValueError) as error:
            problems.append(Problem(path, number, 1, "policy", str(error)))
    if problems:
        raise Invalid(str(problems[0]), "policy", problems=problems)
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


@dataclass(slots=True)
class _Reading:
    """A policy half read: a name is known only below the line that gives it."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = "none"

    def take(self, words: list[str]) -> None:
        """Take in a line. Raises ValueError or BadNote."""
        match words:
            case ["log", key, *_]:
                self.logs.append(_key(key, LOG))
            case ["witness", name, key, *_]:
                _fresh(name, self.witnesses, self.groups)
                self.witnesses[name] = _key(key, WITNESS)
            case ["group", name, count, *members] if members:
                _fresh(name, self.witnesses, self.groups)
                self.groups[name] = _group(count, members, self.witnesses, self.groups)
            case ["quorum", name]:
                if name != "none" and name not in self.witnesses and name not in self.groups:
                    raise ValueError(f"no witness or group {name!r} above this line")
                self.quorum = name
            case _:
                raise ValueError("write: log KEY, witness NAME KEY, group NAME COUNT MEMBER…, quorum NAME")


def _key(text: str, kind: int) -> Key:
    key = read_key(text)
    if key.kind != kind:
        raise ValueError(f"this key is no {'log' if kind == LOG else 'witness'}'s: {text[:60]}")
    return key


def _fresh(name: str, witnesses: Mapping[str, Key], groups: Mapping[str, tuple[int, tuple[str, ...]]]) -> None:
    if name in witnesses or name in groups or name == "none":
        raise ValueError(f"the name {name!r} is taken")


def _group(
    count: str,
    members: list[str],
    witnesses: Mapping[str, Key],
    groups: Mapping[str, tuple[int, tuple[str, ...]]],
) -> tuple[int, tuple[str, ...]]:
    for each in members:
        if each not in witnesses and each not in groups:
            raise ValueError(f"no witness or group {each!r} above this line")
    number = {"any": 1, "all": len(members)}.get(count) or (int(count) if count.isdecimal() else 0)
    if not 1 <= number <= len(members):
        raise ValueError(f"any, all, or a number up to {len(members)}, not {count!r}")
    return number, tuple(members)
