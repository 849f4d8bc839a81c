"""What persons ask about their data (art. 44 to 50), as the stream ``privacy/<campaign>`` tells it: asked when, answered how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definition_schema import Label

RIGHTS: Mapping[str, Label] = {
    "copy": Label(zh="查阅、复制（第四十五条）", en="access and a copy (article 45)"),
    "correct": Label(zh="更正、补充（第四十六条）", en="correction (article 46)"),
    "erase": Label(zh="删除（第四十七条）", en="erasure (article 47)"),
    "explain": Label(zh="解释说明处理规则（第四十八条）", en="an explanation of the rules (article 48)"),
}
"""What somebody can ask for. Source: 个人信息保护法, articles 45 to 48."""

OUTCOMES: Mapping[str, Label] = {
    "granted": Label(zh="已办", en="done"),
    "partly": Label(zh="部分已办，其余不予办理", en="done in part, declined for the rest"),
    "refused": Label(zh="不予办理", en="declined"),
}
"""How it can be answered; what is declined, whole or in part, is declined with reasons (article 50)."""


@dataclass(slots=True)
class Right:
    """What a person asked for: *person* and *note* are words that may have been erased; *received* and *answer_by* are days.

    *trace* is everybody who had a hand in entering it.
    """

    id: str
    what: str
    matter: str | None
    received: str
    answer_by: str
    entered_by: str
    entered_at: str
    trace: str
    seq: int
    person: str | None = None
    note: str | None = None
    outcome: str | None = None
    answered_by: str | None = None
    answered_at: str | None = None
    reason: str | None = None
    copies: int = 0


@dataclass(slots=True)
class Rights:
    """The requests by id, and the numbers of all entries about those that are answered."""

    items: dict[str, Right] = field(default_factory=dict)
    seqs: dict[str, set[int]] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any], said: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Take in an entry whose trigger begins with ``right``."""
        ident, seq = said["right"], body["seq"]
        actor, when = body["actor"], body["recorded_at"]
        match body["trigger"]:
            case "right":
                names = (
                    said["what"],
                    said.get("matter"),
                    said["received"],
                    said["answer_by"],
                    actor,
                    when,
                    said["trace"],
                )
                self.items[ident] = Right(ident, *names, seq, private.get("person"), private.get("reason"))
            case "right_answer":
                asked = self.items[ident]
                asked.outcome, asked.answered_by, asked.answered_at = said["outcome"], actor, when
                asked.reason = private.get("reason")
            case "right_copy":
                self.items[ident].copies += 1
        self.seqs.setdefault(ident, set()).add(seq)

    def erasable(self, ref: str | None = None) -> set[int]:
        """The entries from which a name goes with the rest: about requests that are answered, or ask for that very erasure.

        With *ref* only those that name that matter: who heads a body learns nothing of other requests, and takes nothing of them.
        """
        done = (ident for ident, each in self.items.items() if each.outcome is not None or each.what == "erase")
        return {seq for ident in done if ref in (None, self.items[ident].matter) for seq in self.seqs[ident]}


def right_json(asked: Right, today: str) -> dict[str, Any]:
    """A request as it is listed; *overdue* if its day for an answer is over and nobody has answered."""
    outcome = OUTCOMES.get(asked.outcome or "")
    return {
        "id": asked.id, "what": asked.what, "what_label": RIGHTS[asked.what].model_dump() if asked.what in RIGHTS else None,
        "matter": asked.matter, "person": asked.person, "note": asked.note, "received": asked.received,
        "answer_by": asked.answer_by, "overdue": asked.outcome is None and today > asked.answer_by,
        "entered_by": asked.entered_by, "entered_at": asked.entered_at, "outcome": asked.outcome,
        "outcome_label": outcome.model_dump() if outcome else None, "answered_by": asked.answered_by,
        "answered_at": asked.answered_at, "reason": asked.reason, "copies": asked.copies,
    }  # fmt: skip
