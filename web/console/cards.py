"""The acts of a matter as forms: what each asks, where it leads, on what it rests, and what was typed and refused."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from web.console.filling_in import fill_in
from web.console.forms import Field, fields_of
from web.console.telling import Teller
from web.console.visit import Visit


@dataclass
class Paper:
    """A document that a form takes; *kept* are the name and the seal of one that was sent before."""

    kind: str
    title: str
    required: bool = False
    error: str = ""
    kept: tuple[str, str] | None = None


@dataclass
class Attempt:
    """A form that was sent and not carried out: which card, what stands against it, field by field, and what has changed."""

    key: str
    errors: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    refusal: Mapping[str, Any] | None = None
    changed: Sequence[Mapping[str, Any]] = ()
    stale: bool = False
    said_again: bool = False


@dataclass
class Card:
    """One act as a form. *reason* is ``must``, ``may`` or empty; *behalves* are those in whose name it may be done."""

    key: str
    title: str
    action: str
    button: str
    leads: str = ""
    lead: str = ""
    source: tuple[str, str] = ("", "")
    """Where what is filled in comes from: an address and its words."""
    fields: list[Field] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    more_papers: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""
    reason_title: str = ""
    occurs: bool = True
    behalves: list[tuple[str, str]] = field(default_factory=list)
    basis: str = ""
    mark: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    attempt: Attempt | None = None
    danger: bool = False
    kinds: list[tuple[str, str]] = field(default_factory=list)
    """Kinds of documents of which one is chosen in the form itself."""
    copies: list[tuple[str, str]] = field(default_factory=list)
    """Bodies that can be told of it."""
    second: str = ""
    """Who may be the second person."""

    @property
    def paper_error(self) -> str:
        """What is wrong with the document whose kind is chosen in the form."""
        return " ".join(self.attempt.papers.values()) if self.attempt else ""

    @property
    def open(self) -> bool:
        return self.attempt is not None

    def was(self, name: str) -> str:
        """What was typed in a field that every act has."""
        return self.typed.get(name, "")

    def wrong(self, name: str) -> str:
        """What is wrong with such a field."""
        return self.attempt.errors.get(name, "") if self.attempt else ""


COMMON = ("reason", "occurred", "on_behalf", "until", "approve_by", "title", "body", "ref", "extra_kind")
"""Fields that are the same in every form that has them."""


def dress(visit: Visit, card: Card, version: int | None, attempt: Attempt | None) -> Card:
    """Give a card what every form has: its request id and version, and if it was refused, what was typed."""
    if attempt is not None and attempt.key == card.key:
        card.attempt = attempt
        card.typed = {name: visit.field(name) for name in COMMON}
        for paper in card.papers:
            paper.error, paper.kept = attempt.papers.get(paper.kind, ""), attempt.kept.get(paper.kind)
    again = card.attempt is not None and not card.attempt.said_again
    card.hidden["request_id"] = (visit.field("request_id") if again else "") or "console:" + secrets.token_urlsafe(16)
    if version is not None:
        typed = visit.field("if_version") if card.attempt is not None and not card.attempt.stale else ""
        card.hidden["if_version"] = typed or str(version)
    return card


def cards_of(
    visit: Visit, teller: Teller, able: "Able", shown: Mapping[str, Any], attempt: Attempt | None
) -> list[Card]:
    """A card for each act of the machine that is possible, for oneself or for somebody whom one stands in for."""
    found = [
        _card(visit, teller, shown, each, able.behalves(trigger), attempt) for trigger, each in able.triggers.items()
    ]
    return sorted(found, key=lambda card: not card.open)


def _card(
    visit: Visit, teller: Teller, shown: Mapping[str, Any], each: Mapping[str, Any], behalves: list[tuple[str, str]],
    attempt: Attempt | None,
) -> Card:  # fmt: skip
    ways, trigger = each["ways"] or [each], each["trigger"]
    asks, optional = asked(ways)
    mine = attempt if attempt is not None and attempt.key == trigger else None
    needs = list(dict.fromkeys(kind for way in ways for kind in way["needs"]))
    must = [code for code in needs if all(code in way["needs"] for way in ways)]
    fields = fields_of(
        teller.campaign, teller.machine, asks, optional, teller.speech, visit.form if mine else None,
        mine.errors if mine else None,
    )  # fmt: skip
    source = fill_in(visit, shown, fields, typed=mine is not None)
    for one in fields:
        held = shown["facts"].get(one.code)
        if held not in (None, ""):
            now = teller.fact(one.code, held)
            one.hint = visit.t("；", "; ").join(filter(None, (one.hint, visit.t(f"现为：{now}", f"now: {now}"))))
    card = Card(
        trigger, visit.t(each["label"]["zh"], each["label"]["en"]), f"/do/{shown['ref']}", visit.t("办理", "Do it"),
        leads=_leads(visit, teller, shown, ways), fields=fields, source=source,
        papers=[Paper(code, teller.document(code), code in must) for code in needs],
        more_papers=[(code, teller.document(code)) for code in teller.machine.doc.documents if code not in needs],
        reason="must" if any(way["reason"] for way in ways) else "may", behalves=behalves,
        basis=visit.t("；", "; ").join(dict.fromkeys(way["basis"] for way in ways if way["basis"])), mark=each["mark"],
        hidden={"trigger": trigger},
    )  # fmt: skip
    return dress(visit, card, shown["version"], attempt)


def asked(ways: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The facts that every way asks for, and those that some way asks for or takes."""
    every = list(dict.fromkeys(code for way in ways for code in (*way["asks"], *way["optional"])))
    asks = [code for code in every if all(code in way["asks"] for way in ways)]
    return asks, [code for code in every if code not in asks]


def _leads(visit: Visit, teller: Teller, shown: Mapping[str, Any], ways: Sequence[Mapping[str, Any]]) -> str:
    ends = list(dict.fromkeys(way["to"] for way in ways))
    if ends == [shown["state"]]:
        return visit.t("状态不变", "no change of state")
    names = visit.t(" 或 ", " or ").join(teller.state(code) for code in ends)
    return visit.t(f"转为“{names}”", f"leads to “{names}”") + (
        visit.t("（视所填内容而定）", " (by what is stated)") if len(ends) > 1 else ""
    )


class Able:
    """What the visitor may do with a matter: in his own name, and for those whom he stands in for."""

    def __init__(self, visit: Visit, ref: str) -> None:
        self.own = visit.reader.can(ref, visit.actor)
        self.deputies = visit.workspace.deputies(visit.actor)
        self.others = {login: visit.reader.can(ref, actor) for login, actor in self.deputies.items()}
        self._visit = visit
        self.triggers: dict[str, Mapping[str, Any]] = {}
        for each in (self.own, *self.others.values()):
            for one in each["possible"]:
                self.triggers.setdefault(one["trigger"], one)

    @property
    def refused(self) -> list[Mapping[str, Any]]:
        return [each for each in self.own["refused"] if each["trigger"] not in self.triggers]

    def behalves(self, trigger: str) -> list[tuple[str, str]]:
        """In whose name an act may be done, the own one first."""
        own = any(one["trigger"] == trigger for one in self.own["possible"])
        return self._named(own, [login for login, can in self.others.items() if _among(can, trigger)])

    def besides(self, act: str) -> tuple[Any, list[tuple[str, str]]]:
        """What is possible of an act that is not of the machine, and in whose names."""
        said = self.own["besides"][act]
        willing = [login for login, can in self.others.items() if can["besides"][act]]
        together = said
        if isinstance(said, list):
            together = list(
                dict.fromkeys([*said, *(each for login in willing for each in self.others[login]["besides"][act])])
            )
        return together or bool(willing), self._named(bool(said), willing)

    def _named(self, own: bool, others: Sequence[str]) -> list[tuple[str, str]]:
        visit = self._visit
        mine = [("", visit.t(f"本人（{visit.actor.login}）", f"myself ({visit.actor.login})"))] if own else []
        return mine + [(login, visit.t(f"代 {login}", f"for {login}")) for login in others]


def _among(can: Mapping[str, Any], trigger: str) -> bool:
    return any(one["trigger"] == trigger for one in can["possible"])
