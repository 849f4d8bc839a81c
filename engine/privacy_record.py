"""The stream ``privacy/<campaign>``: who asked to erase what and on which ground, who decided it, and what must be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.erasure_grounds import GROUNDS
from engine.history import Line, append, chain_at, read_stream
from engine.orders import Actor
from engine.store import Tx

PRIVACY = "privacy"
"""The kind of these entries, and how the stream begins."""


@dataclass(slots=True)
class Request:
    """A request to erase: *target* is ``{"matter": REF}`` or ``{"person": LOGIN}``; *status* asked, erased or declined.

    *trace* is everybody who had a hand in asking; *note* and *reason* are words that may have been erased themselves, and so
    is *text*, a name or number that is erased wherever it stands. *marks* are those of the notices that were changed.
    """

    id: str
    target: dict[str, str]
    fields: list[str]
    ground: str
    asked_by: str
    trace: str
    asked_at: str
    seq: int
    note: str | None = None
    status: str = "asked"
    decided_by: str | None = None
    decided_at: str | None = None
    reason: str | None = None
    values: int = 0
    notices: int = 0
    streams: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    text: str | None = None
    marks: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Hold:
    """A matter whose data must be kept for now: by whom, since when and why."""

    ref: str
    by: str
    at: str
    reason: str | None


@dataclass(slots=True)
class PrivacyStory:
    """What the stream tells: requests by id, matters under a hold, the marks of notices from which something was erased.

    *about* are the numbers of all entries about one matter or account, whose notes may name what is erased.
    """

    requests: dict[str, Request] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    about: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Take in an entry."""
        said = body.get(PRIVACY)
        if not isinstance(said, dict):
            return
        actor, when, why = body["actor"], body["recorded_at"], private.get("reason")
        match body["trigger"]:
            case "request":
                names = (
                    said["request"],
                    dict(said["target"]),
                    list(said["fields"]),
                    said["ground"],
                    actor,
                    said["trace"],
                )
                self.requests[said["request"]] = Request(*names, when, body["seq"], why, text=private.get("text"))
            case "erase" | "decline" as what:
                asked = self.requests[said["request"]]
                asked.status = {"erase": "erased", "decline": "declined"}[what]
                asked.decided_by, asked.decided_at, asked.reason = actor, when, why
                asked.values, asked.notices = said.get("values", 0), len(said.get("notices", ()))
                asked.streams, asked.marks = said.get("streams", {}), said.get("notices", {})
                self.notices.update(asked.marks)
            case "hold":
                self.holds[said["ref"]] = Hold(said["ref"], actor, when, why)
            case "release":
                self.holds.pop(said["ref"], None)
        targets = self.requests[said["request"]].target if "request" in said else {"matter": said["ref"]}
        for target in targets.items():
            self.about.setdefault(target, set()).add(body["seq"])


def privacy_stream(code: str) -> str:
    """The stream of a campaign in which erasing is asked for and decided."""
    return f"{PRIVACY}/{code}"


def privacy_story(tx: Tx, campaign: Campaign, *, to_change: bool = False) -> PrivacyStory:
    """Read the stream.

    *to_change* it, whoever enters something at its end meanwhile is met there, and all is read again: so a hold that was
    there first keeps a request from being approved, and one request is decided once.
    """
    if to_change:
        chain_at(tx, campaign.id, campaign.log, privacy_stream(campaign.code))
    story = PrivacyStory()
    for body, _, private in read_stream(tx, campaign.id, privacy_stream(campaign.code)):
        try:
            story.take(body, private)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # an entry that is none: found where the chains are checked
    return story


def note_privacy(
    tx: Tx,
    campaign: Campaign,
    actor: Actor,
    now: datetime,
    trigger: str,
    said: Mapping[str, Any],
    **private: str | None,
) -> None:
    """Append an entry; what is *private* (``reason``, ``text``) goes in as a commitment, like every free text."""
    chain = chain_at(tx, campaign.id, campaign.log, privacy_stream(campaign.code))
    hidden = {name: value for name, value in private.items() if value}
    line = Line(PRIVACY, actor, to_us(now), to_us(now), trigger, private=hidden, more={PRIVACY: dict(said)})
    append(tx, chain, line)


def request_json(asked: Request) -> dict[str, Any]:
    """A request as it is listed: never a value."""
    ground = GROUNDS.get(asked.ground)
    return {
        "id": asked.id, **asked.target, "fields": asked.fields, "ground": asked.ground,
        "ground_label": ground.label.model_dump() if ground else None,
        "statute": ground.statute.model_dump() if ground else None, "status": asked.status, "asked_by": asked.asked_by,
        "asked_at": asked.asked_at, "note": asked.note, "decided_by": asked.decided_by, "decided_at": asked.decided_at,
        "reason": asked.reason, "values": asked.values, "notices": asked.notices, "erased": asked.streams,
    }  # fmt: skip


def hold_json(held: Hold) -> dict[str, Any]:
    """A matter whose data are kept, as it is listed."""
    return {"ref": held.ref, "by": held.by, "at": held.at, "reason": held.reason}
