"""Asking for personal data to be erased, seeing what that would take, and deciding it by a second person."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.erased_people import erase_person, refuse_kept_person
from engine.erasing import Gone, Why, erase_matter
from engine.erasing_plan import NAMES, PAPERS, REASONS, TITLE, erasable_fields, personal_fields
from engine.erasing_preview import places_of
from engine.erasure_grounds import GROUNDS
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Reason, Refused
from engine.held import Held
from engine.ids import new_id
from engine.particulars import LONGEST, SHORTEST
from engine.privacy_previews import PrivacyPreviews
from engine.privacy_record import PrivacyStory, Request, hold_json, note_privacy, privacy_story, request_json
from engine.privacy_room import must_be_said
from engine.privacy_terms import answer_by, day_of
from engine.scopes import refuse_outside
from engine.store import Tx
from engine.three import keeps_accounts
from engine.unscrubbed import unscrubbed


class PrivacyDesk(PrivacyPreviews):
    """Ask, decide and keep on behalf of somebody."""

    def ask(
        self,
        ref: str,
        fields: Sequence[str],
        ground: str,
        note: str,
        text: str | None = None,
        spare: Collection[str] = (),
    ) -> dict[str, Any]:
        """Ask that *fields* of the matter *ref* be erased, without any all personal facts; or whatever has *text* in it.

        The places to *spare*, as `preview` names them, are left as they are. Raises NotFound, Forbidden, Invalid for a field,
        a ground or a place that is none, Refused while the law has them kept.
        """
        self._refuse_ground(ground, note)
        _refuse_length(text)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            held = self.seen(tx, ref)
            self.refuse_unfit(held)
            chosen = [] if text else _fields(held, fields)
            self.refuse_kept(tx, held, story, now)
            if spare:
                self._refuse_strange(tx, held, chosen, text, spare)
            papers = self._papers(tx, held, chosen, spare)
            if not (papers or self._plan(tx, held, chosen, text, spare).chosen):
                raise Refused(f"nothing of it is held in {ref}", "nothing_held")
            more = {"spare": sorted({*spare})} if spare else {}
            return self._enter_request(tx, story, now, {"matter": ref}, chosen, ground, note, text, more)

        return self._done(work)

    def preview(self, ref: str, fields: Sequence[str], text: str | None = None) -> dict[str, Any]:
        """What a request like that would take, place by place with the words around it; the law may still have it kept.

        Raises NotFound, Forbidden, Invalid.
        """
        _refuse_length(text)
        refuse_outside(self.actor, "read")
        with self.engine.database.snapshot() as tx:
            held = self.seen(tx, ref)
            self.refuse_unfit(held)
            chosen = [] if text else _fields(held, fields)
            return self._preview(tx, held, chosen, text)

    def preview_of(self, ident: str) -> dict[str, Any]:
        """What the request *ident*, which waits for its decision, would take as things are. Raises NotFound, Forbidden, Refused."""
        refuse_outside(self.actor, "read")
        with self.engine.database.snapshot() as tx:
            story = privacy_story(tx, self.campaign)
            asked = self._known(tx, story, ident)
            self.refuse_unfit_for(tx, asked.target)
            _refuse_decided(asked)
            if "matter" not in asked.target:
                return {
                    "items": [],
                    "notices": [],
                    "papers": [],
                    "title": None,
                    "left_out": [],
                    "kept": [],
                    "digest": "",
                }
            held = self.seen(tx, asked.target["matter"])
            return self._preview(tx, held, asked.fields, asked.text, asked.spare)

    def ask_of(self, login: str, ground: str, note: str) -> dict[str, Any]:
        """Ask that the name, the addresses and the places of signing in of a disabled account be erased."""
        self._refuse_ground(ground, note)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            self.refuse_other_accounts(tx)
            refuse_kept_person(self.engine, tx, login, now)
            return self._enter_request(tx, story, now, {"person": login}, ["name", "addresses"], ground, note)

        return self._done(work)

    def approve(self, ident: str, seen: str | None = None) -> dict[str, Any]:
        """Erase what the request *ident* asks for, as its second person.

        *seen* is the digest of the preview on which that person decided. Raises NotFound, Forbidden, Refused, Conflict where it
        would take something else by now.
        """

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            asked = self._waiting(tx, story, ident, now)
            if seen is not None and "matter" in asked.target:
                held = self.seen(tx, asked.target["matter"])
                if self._preview(tx, held, asked.fields, asked.text, asked.spare)["digest"] != seen:
                    raise Conflict(f"the request {ident} would take something else by now: look at it again", "changed")
            self.erase(tx, asked, now)
            return privacy_story(tx, self.campaign).requests[ident]

        return self._done(work)

    def erase(self, tx: Tx, asked: Request, now: datetime, *again: frozenset[Any]) -> Gone:
        """Erase what was asked for and say so in the campaign's stream; whether it may be was asked before.

        *again* are the places and the notices from which it was taken by an erasure that is done again.
        """
        basis = GROUNDS[asked.ground].statute.zh
        (target,) = asked.target.items()
        about = self._about(tx, target)
        spare, notices = places_of(asked.spare)
        places, whole = again or (frozenset(), frozenset())
        papers: list[str] = []
        if "matter" in asked.target:
            papers = self._papers(tx, self.seen(tx, asked.target["matter"]), asked.fields, asked.spare)
        why = Why(
            asked.id,
            asked.ground,
            basis,
            asked.asked_by,
            about,
            asked.text,
            places,
            whole,
            spare,
            notices,
            tuple(papers),
        )
        if "matter" in asked.target:
            gone = erase_matter(tx, self.campaign, self.actor, now, asked.target["matter"], asked.fields, why)
        else:
            gone = erase_person(tx, self.campaign, self.actor, now, asked.target["person"], why)
        said = {"request": asked.id, "values": gone.values, "streams": gone.streams, "notices": gone.notices}
        note_privacy(tx, self.campaign, self.actor, now, "erase", {**said, "besides": gone.besides, "papers": papers})
        return gone

    def decline(self, ident: str, reason: str) -> dict[str, Any]:
        """Decline a request, with the *reason* that the person is owed (article 50). Raises NotFound, Forbidden, Invalid."""
        must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Request:
            self._waiting(tx, story, ident, now, erasing=False)
            note_privacy(tx, self.campaign, self.actor, now, "decline", {"request": ident}, reason=reason.strip())
            return privacy_story(tx, self.campaign).requests[ident]

        return self._done(work)

    def listed(self) -> dict[str, Any]:
        """The requests about matters that are seen, and about accounts for whoever keeps these; what is kept."""
        refuse_outside(self.actor, "read")
        with self.engine.database.snapshot() as tx:
            story = privacy_story(tx, self.campaign)
            accounts = keeps_accounts(self.engine, tx, self.actor) or self.sight.may("audit")
            asked = [each for each in story.requests.values() if self.may_look(tx, each, accounts=accounts)]
            holds = [each for each in story.holds.values() if self.sees(tx, each.ref)]
            owed = unscrubbed(tx, self.campaign)
        return {
            "items": [self._as_listed(each) for each in asked], "holds": [hold_json(each) for each in holds],
            "unscrubbed": owed,
        }  # fmt: skip

    def _as_listed(self, asked: Request) -> dict[str, Any]:
        day = answer_by(self.campaign, day_of(self.campaign, asked.asked_at))
        return {**request_json(asked), "answer_by": day.isoformat()}

    def _known(self, tx: Tx, story: PrivacyStory, ident: str) -> Request:
        asked = story.requests.get(ident)
        if asked is None or ("matter" in asked.target and not self.sees(tx, asked.target["matter"])):
            raise NotFound(f"no request {ident!r} to erase; duban privacy list shows them", "no_request")
        return asked

    def _waiting(self, tx: Tx, story: PrivacyStory, ident: str, now: datetime, *, erasing: bool = True) -> Request:
        """The request, which the actor may decide now."""
        asked = self._known(tx, story, ident)
        refuse_outside(self.actor, "approve")
        self.refuse_unfit_for(tx, asked.target)
        if self.actor.one_with(asked.trace):
            reason = Reason("distinct", "批准人不得是申请人本人", "whoever asks does not decide")
            raise Forbidden(f"{self.actor.login} asked for it: another decides", "same_person", [reason])
        _refuse_decided(asked)
        if erasing:
            self.refuse_kept_for(tx, asked.target, story, now)
        return asked

    def _refuse_ground(self, ground: str, note: str) -> None:
        if ground not in GROUNDS:
            raise Invalid(f"no ground {ground[:40]!r}; there are: {', '.join(GROUNDS)}", "ground")
        must_be_said(note)

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
        more: Mapping[str, Any] | None = None,
    ) -> Request:
        same = [each for each in story.requests.values() if each.status == "asked" and each.target == target]
        again = next((each for each in same if (each.fields, each.text) == (fields, text)), None)
        if again is not None:
            raise Conflict(f"the same was asked already: request {again.id} waits for a decision", "asked_already")
        said = {
            "request": str(new_id()), "target": target, "fields": fields, "ground": ground,
            "basis": GROUNDS[ground].statute.zh, "trace": self.actor.trace, **(more or {}),
        }  # fmt: skip
        note_privacy(tx, self.campaign, self.actor, now, "request", said, reason=note.strip(), text=text)
        return privacy_story(tx, self.campaign).requests[str(said["request"])]

    def _done(self, work: Callable[[Tx, datetime, PrivacyStory], Request]) -> dict[str, Any]:
        return {"request": request_json(self.run(work))}


def _fields(held: Held, wanted: Sequence[str]) -> list[str]:
    """What is to be erased. Raises Invalid for what is no personal fact and none of the other things that can be erased."""
    personal = personal_fields(held)
    if not wanted:
        if not personal:
            raise Invalid(
                f"{held.machine.kind} has no personal facts; name what is meant: {TITLE}, {REASONS}, {NAMES}, {PAPERS}",
                "field",
            )
        return personal
    known = erasable_fields(held)
    strange = [each for each in wanted if each not in known]
    if strange:
        raise Invalid(f"not a field that can be erased: {strange[0][:40]!r}; there are: {', '.join(known)}", "field")
    return sorted(set(wanted))


def _refuse_length(text: str | None) -> None:
    if text is not None and not SHORTEST <= len(text) <= LONGEST:
        raise Invalid(f"search for {SHORTEST} to {LONGEST} characters: {text[:LONGEST]!r}", "text")


def _refuse_decided(asked: Request) -> None:
    if asked.status != "asked":
        raise Refused(f"the request {asked.id} is {asked.status} already, by {asked.decided_by}", "decided")
