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
from engine.right_record import Rights
from engine.store import Tx

PRIVACY = "privacy"
"""The kind of these entries, and how the stream begins."""


@dataclass(slots=True)
class Request:
    """A request to erase: *target* is ``{"matter": REF}`` or ``{"person": LOGIN}``; *status* asked, erased or declined.

    *trace* is everybody who had a hand in asking; *note* and *reason* are words that may have been erased themselves, and so
    is *text*, a name or number that is erased wherever it stands, but for the places to *spare*. *marks* are those of the notices
    that were changed, *papers* the hashes of the documents whose bytes were destroyed.
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
    spare: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Hold:
    """A matter whose data must be kept for now: by whom, since when and why; who has asked that it end, when and why."""

    ref: str
    by: str
    at: str
    reason: str | None
    release_by: str | None = None
    release_at: str | None = None
    release_reason: str | None = None
    release_trace: str | None = None


@dataclass(slots=True)
class PrivacyStory:
    """What the stream tells: requests by id, matters under a hold, the marks of notices from which something was erased.

    *last* is the number of its last entry, *rights* what persons asked about their own data.
    *about* are the numbers of all entries about one matter or account, whose notes may name what is erased.
    """

    last: int = 0
    requests: dict[str, Request] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    about: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    rights: Rights = field(default_factory=Rights)

    def take(self, body: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Take in an entry."""
        self.last = body["seq"]
        said = body.get(PRIVACY)
        if not isinstance(said, dict):
            return
        if "right" in said:
            self.rights.take(body, said, private)
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
                made = Request(
                    *names, when, body["seq"], why, text=private.get("text"), spare=list(said.get("spare", ()))
                )
                self.requests[said["request"]] = made
            case "erase" | "decline" as what:
                asked = self.requests[said["request"]]
                asked.status = {"erase": "erased", "decline": "declined"}[what]
                asked.decided_by, asked.decided_at, asked.reason = actor, when, why
                asked.values, asked.notices = said.get("values", 0), len(said.get("notices", ()))
                asked.streams, asked.marks = said.get("streams", {}), said.get("notices", {})
                asked.papers = list(said.get("papers", ()))
                self.notices.update(asked.marks)
            case "scrub":
                return
            case what:
                self._take_hold(what, said, (actor, when, why))
        targets = self.requests[said["request"]].target if "request" in said else {"matter": said["ref"]}
        for target in targets.items():
            self.about.setdefault(target, set()).add(body["seq"])

    def _take_hold(self, what: str, said: Mapping[str, Any], now: tuple[str, str, str | None]) -> None:
        ref = said["ref"]
        match what:
            case "hold":
                known = self.holds.get(ref)
                self.holds[ref] = Hold(ref, *(now if known is None else (known.by, known.at, known.reason)))
            case "ask_release":
                held = self.holds[ref]
                held.release_by, held.release_at, held.release_reason = now
                held.release_trace = said["trace"]
            case "release":
                self.holds.pop(ref, None)


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
    """Append an entry; what is *private* (``reason``, ``text``, ``person``) goes in as a commitment, like every free text."""
    chain = chain_at(tx, campaign.id, campaign.log, privacy_stream(campaign.code))
    hidden = {name: value for name, value in private.items() if value}
    line = Line(PRIVACY, actor, to_us(now), to_us(now), trigger, private=hidden, more={PRIVACY: dict(said)})
    append(tx, chain, line)


def note_scrubbed(tx: Tx, campaign: Campaign, actor: Actor, now: datetime, upto: int) -> None:
    """Enter that the database's files were written anew after the entry *upto* of the stream."""
    note_privacy(tx, campaign, actor, now, "scrub", {"upto": upto})


def request_json(asked: Request) -> dict[str, Any]:
    """A request as it is listed: never a value."""
    ground = GROUNDS.get(asked.ground)
    return {
        "id": asked.id, **asked.target, "fields": asked.fields, "ground": asked.ground,
        "ground_label": ground.label.model_dump() if ground else None,
        "statute": ground.statute.model_dump() if ground else None, "status": asked.status, "asked_by": asked.asked_by,
        "asked_at": asked.asked_at, "note": asked.note, "decided_by": asked.decided_by, "decided_at": asked.decided_at,
        "reason": asked.reason, "values": asked.values, "notices": asked.notices, "erased": asked.streams,
        "spare": asked.spare, "papers": asked.papers,
    }  # fmt: skip


def hold_json(held: Hold) -> dict[str, Any]:
    """A matter whose data are kept, as it is listed."""
    return {
        "ref": held.ref, "by": held.by, "at": held.at, "reason": held.reason, "release_asked_by": held.release_by,
        "release_asked_at": held.release_at, "release_reason": held.release_reason,
    }  # fmt: skip
