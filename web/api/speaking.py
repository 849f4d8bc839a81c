"""What most operations need of a request: who speaks, for whom, with which precondition, and instants as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Request

from engine.errors import Invalid
from engine.facts import read_instant
from engine.orders import Actor
from engine.suggest import did_you_mean
from web.api.parts import Parts
from web.api.sights import must_have_a_post

KEY = Header(
    alias="Idempotency-Key", max_length=300,
    description="重复提交只办一次 · makes repeating safe: the stored answer comes back, with Idempotency-Replayed: true",
)  # fmt: skip
MATCH = Header(
    alias="If-Match", max_length=300,
    description="仅当版本未变 · only if the matter is still at the version of this ETag, else 412",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an order is given."""

    key: str | None
    match: str | None


def terms(key: Annotated[str | None, KEY] = None, match: Annotated[str | None, MATCH] = None) -> Terms:
    """Read the terms of an order."""
    return Terms(key, match)


def caller(request: Request) -> Actor:
    """Who calls, as the gate found him."""
    actor: Actor = request.state.actor
    return actor


def looker(request: Request) -> Actor:
    """Who looks: somebody with a post, of his own or of whom he stands in for. Raises Forbidden."""
    actor = caller(request)
    must_have_a_post(request.state.parts, actor)
    return actor


def acting(parts: Parts, actor: Actor, on_behalf_of: str | None) -> Actor:
    """Who acts: in his own name, or for *on_behalf_of*. Raises Forbidden without a delegation in force."""
    return actor if on_behalf_of is None else parts.workspace.deputy(actor, on_behalf_of)


def instant(parts: Parts, text: str | None, what: str) -> datetime | None:
    """An instant as it is written: without an offset the campaign's zone, a bare date its midnight. Raises Invalid."""
    if text is None:
        return None
    try:
        return read_instant(text.strip(), parts.workspace.campaign.zone)
    except (ValueError, OverflowError):
        advice = "write 2010-11-26T09:00, 2010-11-26 or 2010-11-26T01:00:00Z"
        raise Invalid(f"{what}: not an instant: {text[:80]!r}; {advice}", "instant") from None


def body(parts: Parts, code: str | None) -> str | None:
    """A body by which a list is narrowed. Raises Invalid for an unknown one: an empty list would be no answer."""
    known = parts.workspace.campaign.bodies
    if code is not None and code not in known:
        there = ", ".join(sorted(known))
        raise Invalid(
            f"no body {code[:80]!r} in this campaign; there are: {there}", "no_body", hint=did_you_mean(code, known)
        )
    return code


def version_of(shown: Mapping[str, Any]) -> int:
    """The version of a matter as it is shown."""
    return int(shown["version"])
