"""The three administrators (三员): 系统管理员, 安全管理员 and 审计管理员 exclude each other, when a post is given and when one acts.

Source: GB/T 22239-2019, 8.1.5. Accounts, posts and codes are the security administrator's. Until one has an account of
his own, and always in a rehearsal and for the owner of a local database, the office's administrator stands in.
"""

from engine import credentials
from engine.campaign import Campaign
from engine.errors import Forbidden, Reason
from engine.orders import Actor
from engine.people import holders
from engine.service import Engine
from engine.sign_in_schema import ThreeSpec
from engine.store import Tx

ADMINISTRATION = ("office", "admin")
"""The part and the post that may change the calendar and the campaign, and accounts as long as nobody else can."""

Seats = frozenset[tuple[str, str]]


def three_of(campaign: Campaign) -> ThreeSpec | None:
    """The posts of the three; None in a campaign that names none."""
    return campaign.doc.sign_in.three


def security_of(campaign: Campaign) -> tuple[str, str]:
    """The post of the security administrator; the office's administrator where none is named."""
    three = three_of(campaign)
    return (three.security.body, three.security.post) if three else office_of(campaign)


def office_of(campaign: Campaign) -> tuple[str, str]:
    """The post of the office's administrator."""
    return campaign.parts.get(ADMINISTRATION[0], ""), ADMINISTRATION[1]


def clash_of(campaign: Campaign, posts: Seats) -> list[str]:
    """Those of *posts* that exclude each other; none if they go together."""
    three = three_of(campaign)
    both = posts & three.seats() if three else frozenset()
    return sorted(".".join(seat) for seat in both) if len(both) > 1 else []


def refuse_clash(campaign: Campaign, login: str, posts: Seats) -> None:
    """Raise Forbidden (``three``) if *login* holds, or would hold, two of the three posts."""
    both = clash_of(campaign, posts)
    if both:
        reason = Reason(
            "three",
            f"系统管理员、安全管理员、审计管理员不得由一人兼任：{'、'.join(both)}",
            f"nobody holds two of the posts of system, security and audit administrator: {', '.join(both)}",
        )
        raise Forbidden(f"{login}: {reason.en}", "three", [reason])


def is_owner(actor: Actor) -> bool:
    """Say whether *actor* is the operating system's owner of a local database, or whoever begins one: the root of trust."""
    return actor.auth.startswith(("owner:", "init:", "operator:"))


def keeps_accounts(engine: Engine, tx: Tx, actor: Actor) -> bool:
    """Say whether accounts, posts and codes are *actor*'s."""
    campaign = engine.campaign
    if security_of(campaign) in actor.posts:
        return True
    if office_of(campaign) not in actor.posts:
        return False
    return engine.people.mode == "rehearsal" or is_owner(actor) or not _is_there(engine, tx, security_of(campaign))


def _is_there(engine: Engine, tx: Tx, seat: tuple[str, str]) -> bool:
    """Say whether somebody who holds *seat* has an account that he made his own."""
    for login in holders(engine.people, tx, seat, engine.clock.now()):
        held = credentials.read(tx, login)
        if held is not None and held.usable:
            return True
    return False


def refuse_unless_security(engine: Engine, tx: Tx, actor: Actor, what: str) -> None:
    """Raise Forbidden unless accounts are *actor*'s, who holds no post that excludes it and acts for nobody else."""
    refuse_clash(engine.campaign, actor.login, actor.posts)
    if actor.on_behalf_of is not None or not keeps_accounts(engine, tx, actor):
        body, post = security_of(engine.campaign)
        reason = Reason(
            "role", f"须由安全管理员（{body}.{post}）办理", f"only for the security administrator ({body}.{post})"
        )
        raise Forbidden(f"{actor.login} may not {what}", "forbidden", [reason])
