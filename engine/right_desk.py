"""What a person asks about his own data: entered with its day, answered with reasons, a copy made of what is held of him."""

import hashlib
from datetime import date, datetime
from typing import Any

from engine import reasons as because
from engine.errors import Damaged, Forbidden, Invalid, NotFound, Reason, Refused
from engine.ids import new_id
from engine.masking import MASK
from engine.particulars import LONGEST, SHORTEST
from engine.privacy_copy import copied
from engine.privacy_record import PrivacyStory, note_privacy, privacy_story
from engine.privacy_room import PrivacyRoom, must_be_said
from engine.privacy_terms import answer_by
from engine.right_record import OUTCOMES, RIGHTS, Right, right_json
from engine.scopes import refuse_outside
from engine.store import Tx


class RightDesk(PrivacyRoom):
    """Enter and answer what persons ask, on behalf of an actor of the office, or of the head of the body of the matter named."""

    def enter(self, what: str, person: str, received: date, note: str, ref: str | None = None) -> dict[str, Any]:
        """Enter that *person* asked for *what* (a key of RIGHTS), received on a day not to come, maybe about one matter.

        Raises Invalid, NotFound, Forbidden.
        """
        must_be_said(note)
        if what not in RIGHTS:
            raise Invalid(f"nobody can ask for {what[:40]!r}; there are: {', '.join(RIGHTS)}", "right")
        if not SHORTEST <= len(person.strip()) <= LONGEST:
            raise Invalid(f"say who asks, in {SHORTEST} to {LONGEST} characters", "person")

        def work(tx: Tx, now: datetime, _: PrivacyStory) -> Right:
            self._refuse_unfit(tx, ref)
            if received > now.astimezone(self.campaign.zone).date():
                raise Invalid(f"{received} is a day to come", "received")
            due = answer_by(self.campaign, received)
            said = {
                "right": str(new_id()), "what": what, "received": received.isoformat(), "answer_by": due.isoformat(),
                "trace": self.actor.trace, **({"matter": ref} if ref else {}),
            }  # fmt: skip
            note_privacy(tx, self.campaign, self.actor, now, "right", said, reason=note.strip(), person=person.strip())
            return privacy_story(tx, self.campaign).rights.items[str(said["right"])]

        return {"right": self._json(self.run(work))}

    def answer(self, ident: str, outcome: str, reason: str) -> dict[str, Any]:
        """Answer a request. What is declined, whole or in part, another person decides than who entered it (our design).

        Raises NotFound, Forbidden, Invalid, Refused.
        """
        must_be_said(reason)
        if outcome not in OUTCOMES:
            raise Invalid(f"no answer {outcome[:40]!r}; there are: {', '.join(OUTCOMES)}", "outcome")

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Right:
            asked = self._waiting(tx, story, ident)
            if outcome != "granted":
                refuse_outside(self.actor, "approve")
                if self.actor.one_with(asked.trace):
                    why = Reason("distinct", "不予办理须由登记人以外的人决定", "another than who entered it declines")
                    raise Forbidden(f"{self.actor.login} entered it: another declines", "same_person", [why])
            said = {"right": ident, "outcome": outcome}
            note_privacy(tx, self.campaign, self.actor, now, "right_answer", said, reason=reason.strip())
            return privacy_story(tx, self.campaign).rights.items[ident]

        return {"right": self._json(self.run(work))}

    def copy(self, ident: str, text: str) -> str:
        """A readable copy of what is held with *text* (a name, a number) in it, for the request *ident*; that is on record.

        Raises NotFound, Forbidden, Invalid, Refused for a request that is answered or asks for something else.
        """
        refuse_outside(self.actor, "export")
        if not SHORTEST <= len(text) <= LONGEST:
            raise Invalid(f"search for {SHORTEST} to {LONGEST} characters: {text[:LONGEST]!r}", "text")

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> str:
            asked = self._waiting(tx, story, ident)
            if asked.what != "copy":
                raise Refused(f"the request {ident} asks for no copy", "no_copy")
            made = copied(tx, self.campaign, self.sight, text, now, frozenset(story.holds), asked.matter)
            digest = hashlib.sha256(made.text.encode()).hexdigest()
            said = {"right": ident, "matters": made.matters, "values": made.values, "sha256": digest}
            note_privacy(tx, self.campaign, self.actor, now, "right_copy", said)
            return made.text

        return self.run(work)

    def listed(self) -> dict[str, Any]:
        """The requests that the actor may look at: all for the office and the auditor, else those about matters that are seen.

        The auditor, who sees no names of matters, is told neither who asked nor how he is known.
        """
        refuse_outside(self.actor, "read")
        with self.engine.database.snapshot() as tx:
            rights = privacy_story(tx, self.campaign).rights.items.values()
            whole = self.of_office() or self.sight.may("audit")
            fits = [self.of_office() or self._is_his(tx, each) for each in rights]
        shown = [
            (self._json(each), fit or self.sight.plainly)
            for each, fit in zip(rights, fits, strict=True)
            if whole or fit
        ]
        hidden = dict.fromkeys(("person", "note"), MASK)
        return {"items": [each if named else {**each, **hidden} for each, named in shown]}

    def _json(self, asked: Right) -> dict[str, Any]:
        return right_json(asked, self.engine.clock.now().astimezone(self.campaign.zone).date().isoformat())

    def _waiting(self, tx: Tx, story: PrivacyStory, ident: str) -> Right:
        asked = story.rights.items.get(ident)
        if asked is None or not (self.of_office() or (asked.matter is not None and self._fits(tx, asked.matter))):
            raise NotFound(f"no request {ident!r} of a person; duban privacy right list shows them", "no_request")
        self._refuse_unfit(tx, asked.matter)
        if asked.outcome is not None:
            raise Refused(f"the request {ident} was answered already, by {asked.answered_by}", "decided")
        return asked

    def _is_his(self, tx: Tx, asked: Right) -> bool:
        """Say whether a request names a matter of his body's; of a damaged one nobody can say it, and the list goes on."""
        try:
            return asked.matter is not None and self._fits(tx, asked.matter)
        except Damaged:
            return False

    def _fits(self, tx: Tx, ref: str) -> bool:
        try:
            self._refuse_unfit(tx, ref)
        except (NotFound, Forbidden):
            return False
        return True

    def _refuse_unfit(self, tx: Tx, ref: str | None) -> None:
        if ref is not None:
            self.refuse_unfit(self.seen(tx, ref))
        elif self.actor.on_behalf_of is not None or not self.of_office():
            message = f"{self.actor.login} may not handle what persons ask about their data"
            raise Forbidden(message, "forbidden", [because.head_or_office()])
