"""What a request to erase would take as things are, worked out the same way for who asks, who decides and what is done."""

from collections.abc import Collection, Sequence
from typing import Any

from engine.erased_papers import PAPER, papers_of, refuse_used, users_of
from engine.erasing_plan import PAPERS, Plan, planned
from engine.erasing_preview import digest_of_preview, places_of, preview
from engine.errors import Invalid
from engine.held import Held
from engine.privacy_holds import PrivacyHolds
from engine.privacy_record import privacy_story
from engine.store import Tx

MOST_SPARED = 200
"""Places that a request may leave out. PLACEHOLDER"""


class PrivacyPreviews(PrivacyHolds):
    """Look at what would go."""

    def _preview(
        self, tx: Tx, held: Held, fields: Sequence[str], text: str | None, spare: Collection[str] = ()
    ) -> dict[str, Any]:
        found = preview(tx, self.campaign, held, self._plan(tx, held, fields, text, spare), spare)
        papers = papers_of(tx, held, spare) if PAPERS in fields else {}
        mine = {f"{self.campaign.id} {held.row.ref}"}
        users = users_of(tx, papers)
        found["papers"] = [
            {"place": PAPER + sha256, "kind": kind, "used": bool(users[sha256] - mine)}
            for sha256, kind in papers.items()
        ]
        found["digest"] = digest_of_preview(found)
        return found

    def _papers(self, tx: Tx, held: Held, fields: Sequence[str], spare: Collection[str]) -> list[str]:
        """The documents whose bytes a request would destroy. Raises Refused if another matter uses one."""
        papers = papers_of(tx, held, spare) if PAPERS in fields else {}
        refuse_used(tx, self.campaign, held.row.ref, papers)
        return sorted(papers)

    def _plan(self, tx: Tx, held: Held, fields: Sequence[str], text: str | None, spare: Collection[str] = ()) -> Plan:
        about = self._about(tx, ("matter", held.row.ref))
        return planned(tx, self.campaign, held, fields, text, about, places_of(spare)[0])

    def _about(self, tx: Tx, target: tuple[str, str]) -> frozenset[int]:
        """The entries of the campaign's own stream from which a name goes with the rest, as far as the actor may know of them."""
        story = privacy_story(tx, self.campaign)
        of, named = target
        only = named if of == "matter" and not self.of_office() else None
        return frozenset(story.about.get(target, set()) | story.rights.erasable(only))

    def _refuse_strange(
        self, tx: Tx, held: Held, fields: Sequence[str], text: str | None, spare: Collection[str]
    ) -> None:
        """Raise Invalid for a place to spare that the request would not take."""
        found = self._preview(tx, held, fields, text)
        known = {each["place"] for each in (*found["items"], *found["notices"], *found["papers"])}
        strange = sorted({*spare} - known)
        if strange or len(spare) > MOST_SPARED:
            raise Invalid(f"not a place that the request would take: {(strange or ['…'])[0][:80]!r}", "place")
