"""Who may have personal data erased, kept or corrected, and what stands against it: what all desks of this subject share."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from engine import reasons as because
from engine.campaign import Campaign
from engine.erased_people import refuse_kept_person
from engine.erasure_grounds import KEPT_BY_LAW
from engine.errors import Forbidden, Invalid, NotFound, Reason, Refused
from engine.facts import MAX_TEXT
from engine.held import Held
from engine.in_hand import look
from engine.marks import warning
from engine.orders import Actor
from engine.privacy_record import PrivacyStory, Request, privacy_story
from engine.retention import closed_on, kept_until, rule_of_retention
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.sight import Sight
from engine.store import Tx
from engine.three import is_owner, keeps_accounts

T = TypeVar("T")

OFFICE_POSTS = ("admin", "head")
"""The posts of the office that may ask for erasing and decide it, beside the head of the matter's own body. PLACEHOLDER"""


class PrivacyRoom:
    """What *actor*, who sees by *sight*, may do about personal data."""

    def __init__(self, engine: Engine, actor: Actor, sight: Sight) -> None:
        self.engine, self.actor, self.sight = engine, actor, sight
        self.campaign: Campaign = engine.campaign

    def refuse_unfit_for(self, tx: Tx, target: Mapping[str, str]) -> None:
        """Raise NotFound or Forbidden if the actor may not have that erased."""
        if "matter" in target:
            self.refuse_unfit(self.seen(tx, target["matter"]))
        else:
            self.refuse_other_accounts(tx, deciding=True)

    def refuse_kept_for(self, tx: Tx, target: Mapping[str, str], story: PrivacyStory, now: datetime) -> None:
        """Raise Refused while the law or somebody's word has that kept."""
        if "matter" in target:
            self.refuse_kept(tx, self.seen(tx, target["matter"]), story, now)
        else:
            refuse_kept_person(self.engine, tx, target["person"], now)

    def may_look(self, tx: Tx, asked: Request, *, accounts: bool) -> bool:
        """Say whether the actor is shown a request: he sees its matter, or accounts are his."""
        return self.sees(tx, asked.target["matter"]) if "matter" in asked.target else accounts

    def of_office(self) -> bool:
        """Say whether the actor has a post of the office that handles this for all bodies."""
        office = self.campaign.parts.get("office", "")
        return not self.actor.posts.isdisjoint((office, post) for post in OFFICE_POSTS)

    def sees(self, tx: Tx, ref: str) -> bool:
        """Say whether the actor sees the matter *ref*."""
        try:
            self.sight.must_be_there(tx, ref)
        except NotFound:
            return False
        return True

    def seen(self, tx: Tx, ref: str) -> Held:
        """The matter *ref*. Raises NotFound for one that the actor does not see."""
        self.sight.must_be_there(tx, ref)
        return look(tx, self.campaign, ref, self.engine.clock.now())

    def refuse_unfit(self, held: Held) -> None:
        """Raise Forbidden unless the actor heads the matter's body or is of the office, in his own name."""
        office = self.campaign.parts.get("office", "")
        seats = {(held.row.body, "head"), *((office, post) for post in OFFICE_POSTS)}
        if self.actor.on_behalf_of is not None or seats.isdisjoint(self.actor.posts):
            message = f"{self.actor.login} may not have personal data of {held.row.ref} erased or kept"
            raise Forbidden(message, "forbidden", [because.head_or_office()])

    def refuse_other_accounts(self, tx: Tx, *, deciding: bool = False) -> None:
        """Raise Forbidden unless accounts are the actor's; deciding is also for the office's administrator."""
        office = (self.campaign.parts.get("office", ""), "admin")
        own = keeps_accounts(self.engine, tx, self.actor) or (deciding and office in self.actor.posts)
        if self.actor.on_behalf_of is not None or not (own or is_owner(self.actor)):
            message = f"{self.actor.login} may not have personal data of accounts erased"
            raise Forbidden(message, "forbidden", [because.only_for_administrators()])

    def refuse_kept(self, tx: Tx, held: Held, story: PrivacyStory, now: datetime) -> None:
        """Raise Refused while the law has the matter's data kept: it is open, its period has not ended, somebody holds it."""
        ref = held.row.ref
        if ref in story.holds:
            by = story.holds[ref].by
            held_by = Reason("legal_hold", f"{by} 已要求暂缓删除", f"{by} has asked that they be kept")
            raise Refused(f"{ref}: its data are kept by the word of {by}", "legal_hold", [held_by, _kept()])
        closed = closed_on(tx, self.campaign, held.row)
        if closed is None:
            needed = Reason("open", "事项尚未办结，办理所必需", "the matter is open and needs them")
            raise Refused(f"{ref} is not closed: its data are needed until then", "still_open", [needed, _kept()])
        until, rule = kept_until(self.campaign, held.row.kind, closed), rule_of_retention(self.campaign)
        if now.astimezone(self.campaign.zone).date() < until:
            zh = f"保存期限至{until:%Y-%m-%d}前一日：{rule.basis}{warning(rule.mark, 'zh')}"
            reason = Reason("retention", zh, f"to be kept until {until}: {rule.basis}{warning(rule.mark, 'en')}")
            raise Refused(f"{ref} is to be kept until {until}", "retention", [reason, _kept()])

    def run(self, work: Callable[[Tx, datetime, PrivacyStory], T]) -> T:
        """Do *work* in a transaction, at the end of the campaign's own stream. Raises Forbidden for a token that may not act."""
        refuse_outside(self.actor, "act")
        now = self.engine.clock.now()
        return self.engine.in_transaction(lambda tx: work(tx, now, privacy_story(tx, self.campaign, to_change=True)))


def must_be_said(words: str) -> None:
    """Raise Invalid unless *words* say something, and not too much."""
    if not 1 <= len(words.strip()) <= MAX_TEXT:
        raise Invalid(f"say why, in at most {MAX_TEXT} characters", "reason")


def _kept() -> Reason:
    return Reason("kept_by_law", KEPT_BY_LAW.zh, KEPT_BY_LAW.en)
