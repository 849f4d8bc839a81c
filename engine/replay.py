"""A matter rebuilt from its history: for looking back, for answering a repeated request, and for proving the row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine.campaign import Campaign
from engine.canonical import canonical, parsed
from engine.clock import from_us, to_us
from engine.history import FOREVER, LAST_SEQ, read_stream
from engine.lights import yellow_at
from engine.machine import Compiled
from engine.orders import begun_by, hands
from engine.outcome import Outcome
from engine.rows import DEADLINES_OF_REF, MATTER_BY_REF, NOTICES_OF_ENTRY, DeadlineRow, MatterRow, NoticeRow
from engine.ruling import ruled
from engine.situation import Marks
from engine.states import StateTree
from engine.store import Tx
from engine.terms import Due, unit_of
from engine.translating import moved_marks, moved_places
from engine.watches import STANDING, WATCHED

CHANGES = ("paused", "resumed", "rebased", "extended", "corrected", "recounted")
"""What moves a date or stops its clock; a deadline's row keeps each as one of its moves."""

Lines = Iterable[tuple[dict[str, Any], str, dict[str, Any]]]


SEVERAL = frozenset({"person", "on_behalf_of", "vouched_by", "begun_by"})
"""What an entry says of who else had a hand in the act beside its actor."""


@dataclass(slots=True)
class Replayed:
    """What a fold over a history yields: the state, the facts, and each deadline's last known effect by id.

    *definition_id* and *definition*, its digest, are those of the version followed at the end. *opening* is the first entry;
    by deadline id, *changes* has what moved its date, in order, and *definitions* the version in which it has its code.
    *erased* are facts whose clear text is gone, so that only a commitment to them is left.
    """

    definition_id: int = 0
    definition: str = ""
    state: str = ""
    version: int = 0
    seq: int = 0
    head: str = ""
    title: str | None = None
    updated_at: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, list[Any]] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    clocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    private: dict[str, Any] = field(default_factory=dict)
    opening: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[str]] = field(default_factory=dict)
    definitions: dict[str, int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def fold(campaign: Campaign, definition_id: int, lines: Lines) -> Replayed:
    """Fold entries, oldest first, into what the matter's row must say."""
    done, tree = Replayed(definition_id=definition_id), campaign.machines[definition_id].tree
    body, private = dict[str, Any](), dict[str, Any]()
    for body, digest, private in lines:
        if not done.opening or "migration" in body:
            done.definition = body.get("definition", "")
            done.definition_id = campaign.machines.by_digest.get(done.definition, done.definition_id)
            before, tree = tree, campaign.machines[done.definition_id].tree
            if "migration" in body:
                go_over(done, body["migration"], before, tree)
            done.opening = done.opening or dict(body)
        _take(done, body, private, tree.leaves)
        done.digest = digest
    if done.opening:
        done.last, done.private, done.head, done.seq = body, private, done.digest, body["seq"]
        done.marks.erased = sorted(done.erased)
    return done


def _take(done: Replayed, body: Mapping[str, Any], private: Mapping[str, Any], leaves: Mapping[str, Any]) -> None:
    changed = _changed(done, body, private)
    for paper in body.get("documents", ()):
        done.documents[paper["kind"]] = [paper["sha256"], private.get(f"name:{paper['kind']}"), paper["size"]]
    person: str = body["actor"]
    if not SEVERAL.isdisjoint(body):
        more = body.get("on_behalf_of"), body.get("vouched_by"), begun_by(body.get("begun_by"))
        person = hands(body.get("person"), person, *more)
    if body["kind"] in ("opened", "moved", "extension") and body["trigger"]:
        done.marks.note(body["trigger"], person, body["from"], leaves[body["to"]].scopes, changed)
    else:
        done.marks.note_facts(changed)
    if "handovers" in body:
        done.marks.hand(body["handovers"], body["seq"], person)
    if "evaluations" in body:
        done.marks.note_evaluations(body["evaluations"])
    done.title = private.get("title", done.title)
    done.state = body["to"] or done.state
    done.version = body.get("version", done.version)
    done.updated_at = body["recorded_at"]
    for effect in body.get("clocks", ()):
        ident, known = effect["id"], done.clocks.get(effect["id"])
        done.clocks[ident] = effect if known is None else {**known, **effect}
        done.definitions[ident] = done.definition_id
        if effect["op"] in CHANGES:
            done.changes.setdefault(ident, []).append(effect["op"])


def _changed(done: Replayed, body: Mapping[str, Any], private: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take in the facts of an entry, also the private ones that are still known; return them."""
    changed: Mapping[str, Any] = body.get("facts", {})
    if private:
        changed = {**changed, **{name[5:]: value for name, value in private.items() if name.startswith("fact:")}}
    if "commit" in body:
        names = body["commit"]
        done.erased.update(name[5:] for name in names if name.startswith("fact:") and name not in private)
    if changed:
        done.facts.update(changed)
        done.erased.difference_update(changed)
    return changed


def go_over(done: Replayed, said: Mapping[str, Any], before: StateTree, tree: StateTree) -> None:
    """Put what is folded so far into the places that it has in the version with the states *tree*, not *before*, as the entry says."""
    done.facts = moved_places(done.facts, said.get("facts", {}))
    done.documents = moved_places(done.documents, said.get("documents", {}))
    done.erased = set(moved_places(dict.fromkeys(done.erased), said.get("facts", {})))
    done.marks = moved_marks(done.marks, said, before, tree)


def replay(
    tx: Tx, campaign: Campaign, matter: MatterRow, upto: int = LAST_SEQ, until: datetime | None = None
) -> Replayed:
    """Replay a matter's own stream up to a sequence number or an instant."""
    until_us = to_us(until) if until else FOREVER
    lines = read_stream(tx, campaign.id, "matter/" + matter.ref, upto, until_us)
    return fold(campaign, matter.definition_id, lines)


def row_then(campaign: Campaign, now: MatterRow, then: Replayed) -> MatterRow:
    """The row of a matter as it was: what never changes from *now*, the rest from the replay."""
    machine = campaign.machines[then.definition_id]
    leaf = machine.tree.leaves[then.state]
    data = canonical({"facts": then.facts, "documents": then.documents, "marks": then.marks.as_json()})
    return MatterRow(
        now.id, now.campaign_id, then.definition_id, now.kind, now.ref, now.year, now.number, now.body,
        then.title if then.title is not None else now.title, now.parent_id, leaf.code, leaf.stage,
        int(leaf.final or leaf.closed), then.version, then.seq, then.head, data, now.opened_at,
        to_us(datetime.fromisoformat(then.updated_at)),
    )  # fmt: skip


def clocks_then(campaign: Campaign, rows: Iterable[DeadlineRow], then: Replayed) -> list[DeadlineRow]:
    """The deadlines as they were: only those already started, with the status and date of that moment."""
    machine = campaign.machines[then.definition_id]
    found = []
    for row in rows:
        said = then.clocks.get(str(row.id))
        if said is None:
            continue
        old = replace(row)
        old.status, old.last_day, old.code = said["status"], said["last_day"], said["code"]
        old.definition_id = then.definitions.get(str(row.id), row.definition_id)
        old.breach_at = to_us(datetime.fromisoformat(said["breach_at"]))
        if "started_at" in said:
            old.started_at = to_us(datetime.fromisoformat(said["started_at"]))
        if old.status in ("running", "paused", "breached", *STANDING) and said["op"] not in ("stopped", "renamed"):
            old.stopped_at = old.closed_seq = None
        if old.status in ("running", "paused", "met", "cancelled"):
            old.breached_at = old.breached_at if old.status == "met" else None
        old.next_fire_at = None
        if (old.started_at, old.breach_at) != (row.started_at, row.breach_at):
            old.yellow_at = _near_end(campaign, machine, old)
        _moved_back(old, then.changes.get(str(row.id), []))
        found.append(old)
    return found


def _near_end(campaign: Campaign, machine: Compiled, old: DeadlineRow) -> int:
    """From when on the period that a deadline had then was near its end; a watch is so only at its end."""
    if old.status in WATCHED:
        return old.breach_at
    end = Due(date.fromisoformat(old.last_day), from_us(old.breach_at), provisional=bool(old.provisional))
    spec = ruled(campaign.machines, machine, old, campaign.zone)
    return to_us(yellow_at(from_us(old.started_at), end, unit_of(spec.term), campaign.zone))


def _moved_back(old: DeadlineRow, changes: Sequence[str]) -> None:
    """Forget the moves of a deadline that came after its first *changes*."""
    moves = parsed(old.moves)[: len(changes)]
    old.moves, old.extensions = canonical(moves), changes.count("extended")
    paused = [move[1] for move in moves if move[0] == "paused"]
    old.paused_at = to_us(datetime.fromisoformat(paused[-1])) if old.status == "paused" and paused else None


def outcome_at(tx: Tx, campaign: Campaign, stream: str, seq: int, now: datetime) -> Outcome:
    """Give again the answer that was given when the entry *seq* of *stream* was written."""
    where = {"campaign_id": campaign.id, "ref": stream.removeprefix("matter/")}
    found, clocks, notices = tx.fetch(
        (MATTER_BY_REF, where), (DEADLINES_OF_REF, where), (NOTICES_OF_ENTRY, {**where, "seq": seq})
    )
    matter = MatterRow(*found[0])
    then = replay(tx, campaign, matter, upto=seq)
    rows = clocks_then(campaign, [DeadlineRow(*row) for row in clocks], then)
    return Outcome(
        campaign, row_then(campaign, matter, then), rows, then.facts, then.last, then.digest, then.private,
        [NoticeRow(*row) for row in notices], now, replayed=True, children=then.last.get("children", ()),
    )  # fmt: skip
