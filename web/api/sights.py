"""The one place where the API asks what a caller may see and use: the policy of `engine.sight`, and scopes of tokens."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from engine.denials import note_denial
from engine.errors import DubanError, Forbidden, Reason
from engine.notice_pages import LedgerPages
from engine.orders import Actor
from engine.reading import Reader
from engine.scopes import refuse_outside
from engine.sight import Sight
from web.api.parts import Parts

WORDS = {
    "notices": ("查看通知", "look at notices"),
    "forecast": ("查看通知预告", "look at what is foreseen"),
    "statistics": ("查看统计", "look at figures"),
    "monitors": ("查看监测", "look at what is watched"),
    "definitions": ("查看流程与方案文件", "read the files of definitions and the campaign"),
    "audit": ("核验留痕", "audit the record"),
    "exports_own": ("导出", "export"),
    "amend": ("调整方案", "amend the campaign"),
    "publish": ("发布流程版本、迁移在办事项", "publish a machine and take live matters over"),
    "calendar": ("导入放假安排", "take over a notice of holidays"),
    "supervise": ("检察监督", "see the supervision of transfers"),
    "rehearse": ("操作推演", "play a rehearsal"),
}
"""What the functions are called in a refusal, as on the command line."""


def sight(parts: Parts, actor: Actor) -> Sight:
    """What *actor* sees and may use, with what those see for whom he stands in."""
    return parts.workspace.sight(actor)


def reader_of(parts: Parts, actor: Actor) -> Reader:
    """What reads for *actor*; everything that is shown comes through it."""
    return parts.workspace.reader.seen_by(sight(parts, actor))


def require(parts: Parts, actor: Actor, function: str) -> Sight:
    """The sight of *actor*. Raises Forbidden unless he may use *function*, one of WORDS."""
    found = sight(parts, actor)
    found.require(function, *WORDS[function])
    return found


def ledger_of(parts: Parts, actor: Actor) -> LedgerPages:
    """The ledger of notices as *actor* sees it. Raises Forbidden without the function."""
    workspace = parts.workspace
    reader = workspace.reader.seen_by(require(parts, actor, "notices"))
    within = (reader.notices_within(), reader.notices_within(few=True))
    return LedgerPages(workspace.database, workspace.campaign, workspace.clock, *within)


def must_see_notice(parts: Parts, actor: Actor, ident: str) -> None:
    """Raise NotFound for a notice that *actor* does not see, as for one that is not there."""
    workspace = parts.workspace
    within = reader_of(parts, actor).notices_within()
    LedgerPages(workspace.database, workspace.campaign, workspace.clock, within).shown(ident, addresses=False)


def among(parts: Parts, actor: Actor, refs: Collection[str]) -> set[str]:
    """Those of *refs* whose matters are there for *actor*."""
    reader = reader_of(parts, actor)
    with parts.workspace.database.snapshot() as tx:
        return reader.among(tx, refs)


def exported(parts: Parts, actor: Actor) -> frozenset[str] | None:
    """The references of what *actor* may take out of the house; None for everything. Raises Forbidden."""
    held = sight(parts, actor)
    if held.everything and held.may("exports_all"):
        return None
    require(parts, actor, "exports_own")
    return frozenset(ref for ref, _ in reader_of(parts, actor).refs())


def must_have_a_post(parts: Parts, actor: Actor) -> None:
    """Raise Forbidden for who neither holds a post in the campaign nor stands in for anybody: there is nothing to see."""
    if not sight(parts, actor).posts:
        reason = Reason("role", "须在本专项行动中任职", "only for those who hold a post in this campaign")
        raise Forbidden(f"{actor.login} holds no post in this campaign", "no_post", [reason])


def count_denial(parts: Parts, actor: Any, error: DubanError) -> None:
    """Count a refusal of what is not for *actor*; that it cannot be counted is no reason to answer otherwise."""
    if isinstance(actor, Actor):
        with suppress(DubanError):
            note_denial(parts.workspace.engine, actor, error)


ANY = ""
"""What every token is good for: to learn whose it is, and to have the receipts of its owner's acts."""


APPROVING = "/campaign/proposals/{ident}/approve"
"""The operation by which a change of the campaign comes into force."""


def scope_of(methods: Collection[str], tags: Collection[str], path: str) -> str:
    """The scope that a token must have for an operation: one of `engine.scopes.SCOPES`, or `ANY`.

    A token is asked for no fresh proof: there is nobody at a keyboard. Of what `engine.step_up` guards, posts, keys and
    who reported are not to be had over the interface at all; an export needs the scope ``export``, however short; a change
    of the campaign needs ``admin`` to be proposed, and to be approved ``approve``, which a token has only if it was made for
    it in so many words; the rest are acts on matters, for which it must be good by ``act``.
    """
    if path == "/me" or path.startswith("/receipts"):
        return ANY
    if path == APPROVING:
        return "approve"
    by_tag = {"audit": "audit", "exports": "export", "views": "read"}
    found = next((scope for tag, scope in by_tag.items() if tag in tags), None)
    if found is not None or "GET" in methods:
        return found or "read"
    by_tag = {"notices": "notices", "people": "admin", "campaign": "admin", "definitions": "audit"}
    return next((scope for tag, scope in by_tag.items() if tag in tags), "act")


def must_be_within(actor: Actor, scope: str) -> None:
    """Raise Forbidden (``scope``) if *actor* came by a token that is not for this."""
    if scope != ANY:
        refuse_outside(actor, scope)


def is_within(actor: Actor, scope: str) -> bool:
    """Say whether *actor* came by a token that is for this, or by none that was narrowed."""
    return actor.scope is None or scope in actor.scope
