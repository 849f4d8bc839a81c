"""What is held about a person or in a matter: where, since when; the values only for who may see them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine.canonical import canonical, parsed
from engine.erased_people import CONTACTS, PERSON
from engine.erasing_plan import streams_of_matter
from engine.erasure_grounds import ERASED_MARK
from engine.errors import Forbidden, Invalid, NotFound
from engine.history import E, P
from engine.masking import MASK
from engine.particulars import LONGEST, SHORTEST
from engine.reasons import only_for_administrators
from engine.rows import MATTER_BY_REF, MatterRow
from engine.shapes import at
from engine.store import Statement, Tx
from engine.viewing import View

COMMITTED = Statement(
    select(E.c.seq, E.c.recorded_at, E.c.record)
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"))
    .order_by(E.c.seq)
)
VALUES = Statement(
    select(P.c.seq, P.c.field, P.c.value).where(
        P.c.campaign_id == bindparam("campaign_id"), P.c.stream == bindparam("stream")
    )
)

ADDRESS = "address"
"""The private value of an entry that says where a message went: of whom it is, not of the matter."""


class Holdings(View):
    """Look for personal data, as somebody sees it."""

    def of_matter(self, ref: str) -> dict[str, Any]:
        """All that is held in the matter *ref* and what was erased of it. Raises NotFound."""
        with self.database.snapshot() as tx:
            held = self.look(tx, ref)
            masked = self.masks(tx, held.row)
            items = [each for stream in streams_of_matter(ref) for each in self._of_stream(tx, stream, masked=masked)]
            if held.row.title != ERASED_MARK:
                return {"items": items, "title": MASK if masked else held.row.title}
        return {"items": items, "title": held.row.title}

    def of_text(self, text: str) -> dict[str, Any]:
        """Where *text* (a name, a number) stands among the values held, in the matters that are seen with personal facts.

        All values are read for it. Raises Invalid for a text too short or too long.
        """
        if not SHORTEST <= len(text) <= LONGEST:
            raise Invalid(f"search for {SHORTEST} to {LONGEST} characters: {text[:LONGEST]!r}", "text")
        written = canonical(text)[1:-1]
        matters = or_(*(P.c.stream.startswith(f"{of}/") for of in ("matter", "notices", "vault")))
        found = select(P.c.stream, P.c.seq, P.c.field).where(
            P.c.campaign_id == self.campaign.id, matters, P.c.value.contains(written, autoescape=True)
        )
        with self.database.snapshot() as tx:
            places: dict[str, set[tuple[int, str]]] = {}
            for stream, seq, name in tx.select(found):
                if name == ADDRESS and self._hides_addresses():
                    continue
                places.setdefault(stream, set()).add((seq, name))
            refs = {stream.partition("/")[2] for stream in places}
            open_ = self._unmasked(tx, refs)
            items = [
                each
                for stream in sorted(places)
                if stream.partition("/")[2] in open_
                for each in self._of_stream(tx, stream, masked=False, only=places[stream])
            ]
        return {"items": items}

    def of_account(self, login: str, *, keeps_accounts: bool) -> dict[str, Any]:
        """What is held about the account *login*: for oneself and for whoever keeps the accounts. Raises NotFound, Forbidden."""
        if not keeps_accounts and (self.sight is None or self.sight.login != login):
            raise Forbidden(f"{login} is another's account", "forbidden", [only_for_administrators()])
        with self.database.snapshot() as tx:
            row = tx.row(PERSON, login=login)
            if row is None:
                raise NotFound(f"nobody has the login {login!r}", "no_login")
            streams = [f"{of}/{login}" for of in ("authz", "contacts", "access")]
            items = [each for stream in streams for each in self._of_stream(tx, stream, masked=False)]
            ways = tx.rows(CONTACTS, campaign_id=self.campaign.id, login=login)
        contacts = [{"channel": channel, "address": address, "ended_at": at(ended)} for channel, address, ended in ways]
        return {"items": items, "name": row[0], "contacts": contacts}

    def _unmasked(self, tx: Tx, refs: Iterable[str]) -> set[str]:
        """Those of *refs* whose matters are seen with their personal facts."""
        rows = [
            tx.row(MATTER_BY_REF, campaign_id=self.campaign.id, ref=ref) for ref in sorted(self.among(tx, sorted(refs)))
        ]
        matters = [MatterRow(*row) for row in rows if row is not None]
        hidden = self.hidden(tx, matters)
        return {each.ref for each in matters if each.id not in hidden}

    def _hides_addresses(self) -> bool:
        """Whether the reader may not see how others are reached: messages about his matters went to their own addresses."""
        return self.sight is not None and not (self.sight.may("accounts") or self.sight.may("audit"))

    def _of_stream(
        self, tx: Tx, stream: str, *, masked: bool, only: set[tuple[int, str]] | None = None
    ) -> list[dict[str, Any]]:
        """What the entries of a stream commit to, each with its value if it is there and may be seen."""
        where = {"campaign_id": self.campaign.id, "stream": stream}
        entries, rows = tx.fetch((COMMITTED, where), (VALUES, where))
        values: Mapping[tuple[int, str], Any] = {(seq, name): value for seq, name, value in rows}
        found = []
        for seq, recorded, record in entries:
            for name in sorted(parsed(record).get("commit", ())):
                if only is not None and (seq, name) not in only:
                    continue
                there = (seq, name) in values
                hidden = masked or (name == ADDRESS and self._hides_addresses())
                value = (MASK if hidden else parsed(values[seq, name])) if there else None
                place = {"stream": stream, "seq": seq, "field": name, "since": at(recorded)}
                found.append({**place, "status": "held" if there else "erased", "value": value})
        return found
