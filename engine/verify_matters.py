"""Checking matters, notices and documents against what the entries say of them, a handful of streams at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, exists, select

from engine.campaign import Campaign
from engine.canonical import parsed
from engine.differences import differences
from engine.documents import DocumentStore
from engine.erased_papers import destroyed, users_of
from engine.errors import DubanError, Invalid, NotFound
from engine.particulars import P, V, flaws_of
from engine.privacy_record import privacy_story
from engine.published import V as DV
from engine.recounting import pending
from engine.replay import fold
from engine.rows import A, D, DeadlineRow, E, M, MatterRow
from engine.store import IDS, Statement, Tx
from engine.verify_clocks import FIRINGS, clock_flaws, pointers
from engine.verify_findings import Findings
from engine.verify_pages import Named
from engine.verify_papers import paper_flaws
from engine.verify_parties import PARTIES, party_flaws

Lines = list[tuple[dict[str, Any], str, dict[str, Any]]]

ROWS = Named(lambda refs: select(M).where(M.c.campaign_id == bindparam("campaign_id"), M.c.ref.in_(refs)))
DEADLINES = Statement(select(D).where(D.c.matter_id.in_(IDS)).order_by(D.c.id))
REFS = Statement(select(M.c.id, M.c.ref).where(M.c.id.in_(IDS)))
PAPERS = Statement(
    select(
        A.c.matter_id, A.c.seq, A.c.kind, A.c.sha256, A.c.size, A.c.actor, A.c.attached_at, A.c.campaign_id, A.c.name
    ).where(A.c.matter_id.in_(IDS))
)  # fmt: skip
KNOWN = Statement(select(DV.c.id))
ABOUT = Statement(select(P.c.matter_id, P.c.words, P.c.personal, P.c.marks).where(P.c.matter_id.in_(IDS)))
AMOUNTS = Statement(select(V.c.matter_id, V.c.fact, V.c.value).where(V.c.matter_id.in_(IDS)))
WITHOUT = Statement(
    select(M.c.ref)
    .where(
        M.c.campaign_id == bindparam("campaign_id"),
        ~exists().where(E.c.campaign_id == M.c.campaign_id, E.c.stream == "matter/" + M.c.ref, E.c.seq == 1),
    )
    .order_by(M.c.ref)
)
HASHES = Statement(
    select(A.c.sha256).where(A.c.campaign_id == bindparam("campaign_id"), A.c.sha256 > bindparam("after"))
    .distinct().order_by(A.c.sha256).limit(500)
)  # fmt: skip


@dataclass(slots=True)
class Beside:
    """What hangs on some matters, by their ids: deadlines, rungs that fired, documents, parties; *about* is by reference."""

    clocks: dict[int, list[DeadlineRow]] = field(default_factory=dict)
    fired: dict[int, list[Any]] = field(default_factory=dict)
    papers: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    parties: dict[int, set[str]] = field(default_factory=dict)
    refs: dict[int, str] = field(default_factory=lambda: {0: ""})
    about: Mapping[str, list[str]] = field(default_factory=dict)


class MatterCheck:
    """Hold each matter's row, deadlines and documents against its own stream."""

    def __init__(self, tx: Tx, campaign: Campaign, found: Findings) -> None:
        self.tx, self.campaign, self.found = tx, campaign, found
        self.matters = 0
        self._known = {ident for (ident,) in tx.rows(KNOWN)}
        self._recounting = pending(tx, campaign.id) is not None

    def check(self, held: Mapping[str, Lines]) -> None:
        """Compare these matters, by their references, with their whole streams."""
        rows = ROWS.rows(self.tx, sorted(held), campaign_id=self.campaign.id)
        matters = {row[4]: MatterRow(*row) for row in rows}
        self.matters += len(matters)
        for ref in sorted(held.keys() - matters.keys()):
            self.found.add("no_matter", "there is a history and no matter", f"matter/{ref}")
        if not matters:
            return
        for ref in [ref for ref, row in matters.items() if row.definition_id not in self._known]:
            self.found.add("row_differs", "it follows a definition that is not there", f"matter/{ref}")
            del matters[ref]
        if not matters:
            return
        beside = self._beside(matters)
        for ref, matter in matters.items():
            self._one(matter, held[ref], beside)

    def _beside(self, matters: Mapping[str, MatterRow]) -> "Beside":
        """Everything that hangs on these matters."""
        beside, ids = Beside(), [matter.id for matter in matters.values()]
        for values in self.tx.among(DEADLINES, ids):
            row = DeadlineRow(*values)
            beside.clocks.setdefault(row.matter_id, []).append(row)
        owners = {row.id: row.matter_id for rows in beside.clocks.values() for row in rows}
        for firing in self.tx.among(FIRINGS, owners) if owners else ():
            beside.fired.setdefault(owners[firing[0]], []).append(firing)
        for matter_id, *paper in self.tx.among(PAPERS, ids):
            beside.papers.setdefault(matter_id, []).append(tuple(paper))
        for matter_id, body in self.tx.among(PARTIES, ids):
            beside.parties.setdefault(matter_id, set()).add(body)
        parents = sorted({matter.parent_id for matter in matters.values() if matter.parent_id is not None})
        beside.refs.update({row[0]: row[1] for row in self.tx.among(REFS, parents)} if parents else {})
        beside.about = self._particulars(matters.values(), ids)
        return beside

    def _particulars(self, matters: Iterable[MatterRow], ids: list[int]) -> dict[str, list[str]]:
        """Hold what is put down for searching and counting against the matters' facts; by reference what is wrong."""
        found: dict[str, list[str]] = {}
        said = {row[0]: row[1:] for row in self.tx.among(ABOUT, ids)}
        sums: dict[int, dict[str, int]] = {}
        for ident, fact, value in self.tx.among(AMOUNTS, ids):
            sums.setdefault(ident, {})[fact] = value
        for matter in matters:
            machine = self.campaign.machines[matter.definition_id]
            try:
                facts = parsed(matter.data)["facts"]
                about = said.get(matter.id, ()), sums.get(matter.id, {})
                found[matter.ref] = flaws_of(machine, matter, facts, *about)
            except (AttributeError, LookupError, TypeError, ValueError):
                continue  # a row whose facts cannot be read is found by itself
        return found

    def _one(self, matter: MatterRow, lines: Lines, beside: "Beside") -> None:
        stream, rows = f"matter/{matter.ref}", beside.clocks.get(matter.id, [])
        papers = beside.papers.get(matter.id, [])
        try:
            then = fold(self.campaign, matter.definition_id, lines)
            if then.definition and then.definition not in self.campaign.machines.by_digest:
                words = f"it follows the definition {then.definition[:12]}…, which is not there"
                self.found.add("definition_differs", words, stream)
            wrong = differences(self.campaign, matter, rows, then, beside.refs) or beside.about.get(matter.ref, [])
            wrong += clock_flaws(self.campaign, rows, then, lines, beside.fired.get(matter.id, ()))
            wrong += () if self._recounting else pointers(self.campaign, matter, rows, lines)
            wrong += party_flaws(self.campaign, matter, rows, lines, beside.parties.get(matter.id, set()))
            for words in wrong:
                self.found.add("row_differs", words, stream)
            for words in paper_flaws(lines, papers):
                self.found.add("document_differs", words, stream)
        except (ArithmeticError, AttributeError, DubanError, LookupError, TypeError, ValueError) as error:
            words = f"its history cannot be replayed on its row: {type(error).__name__}: {error}"
            self.found.add("row_differs", words, stream)

    def without(self) -> None:
        """Name the matters that have no history."""
        for (ref,) in self.tx.rows(WITHOUT, campaign_id=self.campaign.id):
            self.matters += 1
            self.found.add("row_differs", "there is no history", f"matter/{ref}")


def check_documents(tx: Tx, campaign: Campaign, store: DocumentStore, found: Findings) -> int:
    """Hold the bytes of every document against its hash; return how many there are."""
    count, after = 0, ""
    gone = destroyed(campaign, privacy_story(tx, campaign))
    erased = 0
    while rows := tx.rows(HASHES, campaign_id=campaign.id, after=after):
        for (sha256,) in rows:
            count += 1
            if sha256 in gone and not users_of(tx, [sha256])[sha256] - gone[sha256]:
                erased += 1
                _must_be_gone(tx, campaign, store.get, sha256, found)
            else:
                _document(tx, campaign, store.get, sha256, found)
        after = rows[-1][0]
    if erased:
        found.reserve(
            "erased_documents", f"the bytes of {erased} documents were erased by law; only their hashes are left"
        )
    return count


def _must_be_gone(tx: Tx, campaign: Campaign, get: Callable[[str], bytes], sha256: str, found: Findings) -> None:
    try:
        get(sha256)
    except (NotFound, KeyError):
        return
    except Invalid:
        pass
    for ref, seq, kind in _places(tx, campaign, sha256):
        found.add(
            "erased_there", f"the document {kind} ({sha256[:12]}…) was erased, and is there", f"matter/{ref}", seq
        )


def _document(tx: Tx, campaign: Campaign, get: Callable[[str], bytes], sha256: str, found: Findings) -> None:
    import hashlib

    try:
        if hashlib.sha256(get(sha256)).hexdigest() == sha256:
            return
        code, words = "document_changed", "has been changed"
    except (NotFound, KeyError):
        code, words = "document_missing", "is gone"
    except Invalid:
        code, words = "document_changed", "has been changed"
    for ref, seq, kind in _places(tx, campaign, sha256):
        found.add(code, f"the document {kind} ({sha256[:12]}…) {words}", f"matter/{ref}", seq)


def _places(tx: Tx, campaign: Campaign, sha256: str) -> Sequence[Any]:
    return tx.select(
        select(M.c.ref, A.c.seq, A.c.kind)
        .join(A, A.c.matter_id == M.c.id)
        .where(A.c.campaign_id == campaign.id, A.c.sha256 == sha256)
    )
