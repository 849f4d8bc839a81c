"""The one place where the API asks what a caller may see and use."""

from collections.abc import Collection

from engine.campaign import Campaign
from engine.errors import Forbidden, NotFound, Reason
from engine.orders import Actor
from engine.reading import Reader
from engine.urging import administers
from web.api.parts import Parts

AUDITING = ("supervisor", "auditor")
"""The part and the post that look into the whole record, beside the administrators of the office."""


def reader_of(parts: Parts, actor: Actor) -> Reader:
    """What reads for *actor*; everything that is shown comes through it."""
    return parts.workspace.reader.seen_by(parts.workspace.sight(actor))


def sees(parts: Parts, actor: Actor, ref: str) -> bool:
    """Say whether the matter *ref* is there for *actor*."""
    reader = reader_of(parts, actor)
    with parts.workspace.database.snapshot() as tx:
        try:
            reader.look(tx, ref)
        except NotFound:
            return False
    return True


def audits(campaign: Campaign, actor: Actor) -> bool:
    """Say whether *actor* may look into the record as a whole."""
    part, post = AUDITING
    return administers(campaign, actor) or (campaign.parts.get(part, ""), post) in actor.posts


def must_audit(campaign: Campaign, actor: Actor) -> None:
    """Raise Forbidden for whoever may not look into the whole record."""
    if not audits(campaign, actor):
        reason = Reason(
            "role", "须由领导小组办公室管理员或监察审计人员办理", "only for administrators of the office and auditors"
        )
        raise Forbidden(f"{actor.login} may not audit the record", "forbidden", [reason])


def must_have_a_post(actor: Actor) -> None:
    """Raise Forbidden for a person without any post in the campaign: there is nothing to see for them."""
    if not actor.posts:
        reason = Reason("role", "须在本专项行动中任职", "only for those who hold a post in this campaign")
        raise Forbidden(f"{actor.login} holds no post in this campaign", "no_post", [reason])


ANY = ""
"""What every token is good for: to learn whose it is."""


def scope_of(methods: Collection[str], tags: Collection[str], path: str) -> str:
    """The scope that a token must have for an operation: read, act, notices, audit, export, admin, or `ANY`."""
    if path == "/me":
        return ANY
    if "audit" in tags or "exports" in tags:
        return "audit" if "audit" in tags else "export"
    if "GET" in methods:
        return "read"
    by_tag = {"notices": "notices", "people": "admin", "definitions": "audit"}
    return next((scope for tag, scope in by_tag.items() if tag in tags), "act")


def must_be_within(actor: Actor, scope: str) -> None:
    """Raise Forbidden (``scope``) if *actor* came by a token that is not for this."""
    held: frozenset[str] | None = getattr(actor, "scope", None)
    if held is not None and scope != ANY and scope not in held:
        there = " ".join(sorted(held)) or "-"
        reason = Reason("scope", f"此令牌不含 {scope}；含：{there}", f"this token is not for {scope}; it has: {there}")
        raise Forbidden(f"{actor.login}: {reason.en}", "scope", [reason])
