"""Keeping the personal data of a matter for now, by the word of one; ending that takes two."""

from datetime import datetime
from typing import Any

from engine.errors import Conflict, Forbidden, NotFound, Reason
from engine.privacy_record import Hold, PrivacyStory, hold_json, note_privacy, privacy_story
from engine.privacy_room import PrivacyRoom, must_be_said
from engine.scopes import refuse_outside
from engine.store import Tx


class PrivacyHolds(PrivacyRoom):
    """Keep what must be kept, and end it by two persons."""

    def hold(self, ref: str, reason: str) -> dict[str, Any]:
        """Keep the data of the matter *ref* until that is released; where a release waits for its second person, refuse it.

        Raises NotFound, Forbidden, Conflict, Invalid.
        """
        must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> Hold:
            self.refuse_unfit(self.seen(tx, ref))
            known = story.holds.get(ref)
            if known is not None and known.release_by is None:
                raise Conflict(f"the data of {ref} are kept already, by {known.by}", "held_already")
            note_privacy(tx, self.campaign, self.actor, now, "hold", {"ref": ref}, reason=reason.strip())
            return privacy_story(tx, self.campaign).holds[ref]

        return {"hold": hold_json(self.run(work))}

    def release(self, ref: str, reason: str) -> dict[str, Any]:
        """Ask that the keeping of a matter's data end; asked by another person already, end it.

        Raises NotFound, Forbidden, Invalid, Conflict where the same person has asked already.
        """
        must_be_said(reason)

        def work(tx: Tx, now: datetime, story: PrivacyStory) -> dict[str, Any]:
            self.refuse_unfit(self.seen(tx, ref))
            known = story.holds.get(ref)
            if known is None:
                raise NotFound(f"the data of {ref} are not kept by anybody's word", "not_held")
            if known.release_trace is None:
                said = {"ref": ref, "trace": self.actor.trace}
                note_privacy(tx, self.campaign, self.actor, now, "ask_release", said, reason=reason.strip())
                return {"hold": hold_json(privacy_story(tx, self.campaign).holds[ref]), "ended": False}
            refuse_outside(self.actor, "approve")
            if self.actor.one_with(known.release_trace):
                why = Reason("distinct", "解除暂缓须由另一人批准", "another person must approve that the keeping ends")
                raise Forbidden(f"{self.actor.login} asked for it: another decides", "same_person", [why])
            note_privacy(tx, self.campaign, self.actor, now, "release", {"ref": ref}, reason=reason.strip())
            return {"released": hold_json(known), "ended": True}

        return self.run(work)
