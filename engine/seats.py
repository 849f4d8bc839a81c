"""Seats: the roles of a definition bound to a campaign, and who sits on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.orders import Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """A role bound to a campaign: the posts that hold it, and how the body is found."""

    role: str
    of: str
    posts: frozenset[str]

    def body(self, parts: Mapping[str, str], matter_body: str, facts: Mapping[str, Any]) -> str | None:
        """The body whose posts hold the role for this matter; None if any body's do."""
        for source in self.of.split("|"):
            if source == "matter":
                return matter_body
            if source == "any":
                return None
            kind, _, name = source.partition(":")
            found = facts.get(name) if kind == "fact" else parts.get(name)
            if found:
                return str(found)
        return ""

    def held_by(self, actor: Actor, parts: Mapping[str, str], matter_body: str, facts: Mapping[str, Any]) -> bool:
        if not actor.posts:
            return False
        body = self.body(parts, matter_body, facts)
        return any(post in self.posts and (body is None or at == body) for at, post in actor.posts)
