"""Asking for personal data to be erased, deciding it by a second person, and keeping what must be kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from engine import reasons as because
from engine.campaign import Campaign
from engine.erased_people import erase_person, refuse_kept_person
from engine.erasing import (
    NAMES,
    REASONS,
    TITLE,
    Gone,
    Why,
    chosen_of,
    erasable_fields,
    erase_matter,
    free_texts,
    held_values,
    personal_fields,
    streams_of_matter,
    with_text,
)
from engine.erasure_grounds import GROUNDS, KEPT_BY_LAW
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Reason, Refused
from engine.facts import MAX_TEXT
from engine.held import Held
from engine.ids import new_id
from engine.in_hand import look
from engine.marks import warning
from engine.orders import Actor
from engine.particulars import LONGEST, SHORTEST
from engine.privacy_record import Hold, PrivacyStory, Request, hold_json, note_privacy, privacy_story, request_json
from engine.retention import closed_on, kept_until, rule_of_retention
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.sight import Sight
from engine.store import Tx
from engine.three import is_owner, keeps_accounts

T = TypeVar("T")

OFFICE_POSTS = ("admin", "head")
"""The posts of the office that may ask for erasing and decide it, beside the head of the matter's own body. PLACEHOLDER"""


class PrivacyDesk:
    """Ask, decide and keep on behalf of *actor*, who sees by *sight*."""

    def __init__(self, engine: Engine, actor: Actor, sight: Sight) -> None:
        self.engine, self.actor, self.sight = engine, actor, sight
        self.campaign: Campaign = engine.campaign

    def ask(self, ref: str, fields: Sequence[str], ground: str, note: str, text: str | None = None) -> dict[str, Any]:
        """Ask that *fields* of the matter *ref* be erased, without any all personal facts; or whatever has *text* in it.

        Raises NotFound, Forbidden, Invalid for a field or a ground that is none, Refused while the law has them kept.
        """
        self._refuse_ground(ground, note)
        if text is not None and not SHORTEST <= len(text) <= LONGEST:
            raise Invalid(f"search for {SHORTEST} to {LONGEST} characters: {text[:LONGEST]!r}", "text")

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            held = self._seen(tx, ref)
            chosen = [] if text else _fields(held, fields)
            self._refuse_unfit(held)
            self._refuse_kept(tx, held, story, now)
            values = held_values(tx, self.campaign, streams_of_matter(ref))
            if not chosen_of(held, values, chosen) | with_text(free_texts(held, values), [text] if text else []):
                raise Refused(f"nothing of it is held in {ref}", "nothing_held")
            return self._enter_request(tx, story, now, {"matter": ref}, chosen, ground, note, text)

        return self._done(work)

    def ask_of(self, login: str, ground: str, note: str) -> dict[str, Any]:
        """Ask that the name, the addresses and the places of signing in of a disabled account be erased."""
        self._refuse_ground(ground, note)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            self._refuse_other_accounts(tx)
            refuse_kept_person(self.engine, tx, login, now)
            return self._enter_request(tx, story, now, {"person": login}, ["name", "addresses"], ground, note)

        return self._done(work)

    def approve(self, ident: str) -> dict[str, Any]:
        """Erase what the request *ident* asks for, as its second person. Raises NotFound, Forbidden, Refused, Conflict."""

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            asked = self._waiting(tx, story, ident, now)
            self.erase(tx, asked, now)
            return privacy_story(tx, self.campaign).requests[ident]

        return self._done(work)

    def erase(self, tx: Tx, asked: Request, now: datetime, *again: frozenset[Any]) -> Gone:
        """Erase what was asked for and say so in the campaign's stream; whether it may be was asked before.

        *again* are the places and the notices from which it was taken by an erasure that is done again.
        """
        basis = GROUNDS[asked.ground].statute.zh
        (target,) = asked.target.items()
        about = frozenset(privacy_story(tx, self.campaign).about[target])
        why = Why(asked.id, asked.ground, basis, asked.asked_by, about, asked.text, *again)
        if "matter" in asked.target:
            gone = erase_matter(tx, self.campaign, self.actor, now, asked.target["matter"], asked.fields, why)
        else:
            gone = erase_person(tx, self.campaign, self.actor, now, asked.target["person"], why)
        said = {"request": asked.id, "values": gone.values, "streams": gone.streams, "notices": gone.notices}
        note_privacy(tx, self.campaign, self.actor, now, "erase", {**said, "besides": gone.besides})
        return gone

    def decline(self, ident: str, reason: str) -> dict[str, Any]:
        """Decline a request, with the *reason* that the person is owed (article 50). Raises NotFound, Forbidden, Invalid."""
        _must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            self._waiting(tx, story, ident, now, erasing=False)
            note_privacy(tx, self.campaign, self.actor, now, "decline", {"request": ident}, reason=reason.strip())
            return privacy_story(tx, self.campaign).requests[ident]

        return self._done(work)

    def hold(self, ref: str, reason: str) -> dict[str, Any]:
        """Keep the data of the matter *ref* until that is released. Raises NotFound, Forbidden, Conflict, Invalid."""
        _must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Hold:
            self._refuse_unfit(self._seen(tx, ref))
            if ref in story.holds:
                raise Conflict(f"the data of {ref} are kept already, by {story.holds[ref].by}", "held_already")
            note_privacy(tx, self.campaign, self.actor, now, "hold", {"ref": ref}, reason=reason.strip())
            return privacy_story(tx, self.campaign).holds[ref]

        return {"hold": hold_json(self._run(work))}

    def release(self, ref: str, reason: str) -> dict[str, Any]:
        """End the keeping of a matter's data. Raises NotFound, Forbidden, Invalid."""
        _must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Hold:
            self._refuse_unfit(self._seen(tx, ref))
            if ref not in story.holds:
                raise NotFound(f"the data of {ref} are not kept by anybody's word", "not_held")
            note_privacy(tx, self.campaign, self.actor, now, "release", {"ref": ref}, reason=reason.strip())
            return story.holds[ref]

        return {"released": hold_json(self._run(work))}

    def listed(self) -> dict[str, Any]:
        """The requests about matters that are seen, and about accounts for whoever keeps these; what is kept."""
        refuse_outside(self.actor, "read")
        with self.engine.database.snapshot() as tx:
            story = privacy_story(tx, self.campaign)
            accounts = keeps_accounts(self.engine, tx, self.actor) or self.sight.may("audit")
            asked = [each for each in story.requests.values() if self._may_look(tx, each, accounts=accounts)]
            holds = [each for each in story.holds.values() if self._sees(tx, each.ref)]
        return {"items": [request_json(each) for each in asked], "holds": [hold_json(each) for each in holds]}

    def refuse_unfit_for(self, tx: Tx, target: Mapping[str, str]) -> None:
        """Raise NotFound or Forbidden if the actor may not have that erased."""
        if "matter" in target:
            self._refuse_unfit(self._seen(tx, target["matter"]))
        else:
            self._refuse_other_accounts(tx, deciding=True)

    def refuse_kept_for(self, tx: Tx, target: Mapping[str, str], story: PrivacyStory, now: datetime) -> None:
        """Raise Refused while the law or somebody's word has that kept."""
        if "matter" in target:
            self._refuse_kept(tx, self._seen(tx, target["matter"]), story, now)
        else:
            refuse_kept_person(self.engine, tx, target["person"], now)

    def _may_look(self, tx: Tx, asked: Request, *, accounts: bool) -> bool:
        return self._sees(tx, asked.target["matter"]) if "matter" in asked.target else accounts

    def _sees(self, tx: Tx, ref: str) -> bool:
        try:
            self.sight.must_be_there(tx, ref)
        except NotFound:
            return False
        return True

    def _seen(self, tx: Tx, ref: str) -> Held:
        self.sight.must_be_there(tx, ref)
        return look(tx, self.campaign, ref, self.engine.clock.now())

    def _waiting(self, tx: Tx, story: PrivacyStory, ident: str, now: datetime, *, erasing: bool = True) -> Request:
        """The request, which the actor may decide now."""
        asked = story.requests.get(ident)
        if asked is None or ("matter" in asked.target and not self._sees(tx, asked.target["matter"])):
            raise NotFound(f"no request {ident!r} to erase; duban privacy list shows them", "no_request")
        refuse_outside(self.actor, "approve")
        self.refuse_unfit_for(tx, asked.target)
        if self.actor.one_with(asked.trace):
            reason = Reason("distinct", "批准人不得是申请人本人", "whoever asks does not decide")
            raise Forbidden(f"{self.actor.login} asked for it: another decides", "same_person", [reason])
        if asked.status != "asked":
            raise Refused(f"the request {ident} is {asked.status} already, by {asked.decided_by}", "decided")
        if erasing:
            self.refuse_kept_for(tx, asked.target, story, now)
        return asked

    def _refuse_unfit(self, held: Held) -> None:
        """Raise Forbidden unless the actor heads the matter's body or is of the office, in his own name."""
        office = self.campaign.parts.get("office", "")
        seats = {(held.row.body, "head"), *((office, post) for post in OFFICE_POSTS)}
        if self.actor.on_behalf_of is not None or seats.isdisjoint(self.actor.posts):
            message = f"{self.actor.login} may not have personal data of {held.row.ref} erased or kept"
            raise Forbidden(message, "forbidden", [because.head_or_office()])

    def _refuse_other_accounts(self, tx: Tx, *, deciding: bool = False) -> None:
        """Raise Forbidden unless accounts are the actor's; deciding is also for the office's administrator."""
        office = (self.campaign.parts.get("office", ""), "admin")
        own = keeps_accounts(self.engine, tx, self.actor) or (deciding and office in self.actor.posts)
        if self.actor.on_behalf_of is not None or not (own or is_owner(self.actor)):
            message = f"{self.actor.login} may not have personal data of accounts erased"
            raise Forbidden(message, "forbidden", [because.only_for_administrators()])

    def _refuse_kept(self, tx: Tx, held: Held, story: PrivacyStory, now: datetime) -> None:
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

    def _refuse_ground(self, ground: str, note: str) -> None:
        if ground not in GROUNDS:
            raise Invalid(f"no ground {ground[:40]!r}; there are: {', '.join(GROUNDS)}", "ground")
        _must_be_said(note)

    def _enter_request(
        self,
        tx: Tx,
        story: PrivacyStory,
        now: datetime,
        target: dict[str, str],
        fields: list[str],
        ground: str,
        note: str,
        text: str | None = None,
    ) -> Request:
        same = [each for each in story.requests.values() if each.status == "asked" and each.target == target]
        again = next((each for each in same if (each.fields, each.text) == (fields, text)), None)
        if again is not None:
            raise Conflict(f"the same was asked already: request {again.id} waits for a decision", "asked_already")
        said = {
            "request": str(new_id()), "target": target, "fields": fields, "ground": ground,
            "basis": GROUNDS[ground].statute.zh, "trace": self.actor.trace,
        }  # fmt: skip
        note_privacy(tx, self.campaign, self.actor, now, "request", said, reason=note.strip(), text=text)
        return privacy_story(tx, self.campaign).requests[str(said["request"])]

    def _done(self, work: Callable[[Tx, datetime, PrivacyStory], Request]) -> dict[str, Any]:
        return {"request": request_json(self._run(work))}

    def _run(self, work: Callable[[Tx, datetime, PrivacyStory], T]) -> T:
        refuse_outside(self.actor, "act")
        now = self.engine.clock.now()
        return self.engine.in_transaction(lambda tx: work(tx, now, privacy_story(tx, self.campaign, to_change=True)))


def _fields(held: Held, wanted: Sequence[str]) -> list[str]:
    """What is to be erased. Raises Invalid for what is no personal fact and none of the other things that can be erased."""
    personal = personal_fields(held)
    if not wanted:
        if not personal:
            raise Invalid(
                f"{held.machine.kind} has no personal facts; name what is meant: {TITLE}, {REASONS}, {NAMES}", "field"
            )
        return personal
    known = erasable_fields(held)
    strange = [each for each in wanted if each not in known]
    if strange:
        raise Invalid(f"not a field that can be erased: {strange[0][:40]!r}; there are: {', '.join(known)}", "field")
    return sorted(set(wanted))


def _must_be_said(words: str) -> None:
    if not 1 <= len(words.strip()) <= MAX_TEXT:
        raise Invalid(f"say why, in at most {MAX_TEXT} characters", "reason")


def _kept() -> Reason:
    return Reason("kept_by_law", KEPT_BY_LAW.zh, KEPT_BY_LAW.en)
