"""A matter as its page shows it: its facts in words, its deadlines with their bars, its documents with their versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.erasure_grounds import ERASED
from engine.marks import Lang
from engine.masking import MASK
from web.console.shell import picture
from web.console.telling import Teller
from web.console.timeline import Who, paper_url
from web.console.visit import Visit
from web.pictures.deadline_bar import course_of, deadline_bar
from web.pictures.handover_strip import handover_strip
from web.pictures.lights import light_of_clock
from web.pictures.machine_drawing import Marks
from web.pictures.machine_graph import moves_of_history
from web.pictures.stage_strip import neighbourhood, stage_strip
from web.pictures.state_diagram import state_diagram

ERASED_WORDS = (ERASED.zh, ERASED.en)

OPEN = ("running", "paused", "breached")
"""The statuses of deadlines that still matter; the others are folded away."""


def facts_rows(teller: Teller, shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The facts of the matter *shown* in the order of the definition, in words; a mark for those that were erased by law."""
    facts, erased = shown["facts"], shown["erased"]
    gone = teller.t(*ERASED_WORDS)
    specs = teller.machine.doc.facts
    order = {code: at for at, code in enumerate(specs)}
    return [
        {
            "code": code, "title": teller.fact_name(code),
            "value": teller.fact(code, facts[code]) if code in facts else gone,
            "masked": code not in facts or facts[code] == MASK, "personal": code in specs and specs[code].personal,
            "basis": specs[code].basis if code in specs else None,
            "number": code in specs and specs[code].type in ("int", "money"),
        }
        for code in sorted({*facts, *erased}, key=lambda each: order.get(each, len(order)))
    ]  # fmt: skip


def where(
    teller: Teller, shown: Mapping[str, Any], entries: Iterable[Mapping[str, Any]], possible: Iterable[str] | None
) -> dict[str, str]:
    """The pictures of where the matter stands: its stages, what is next to its state, and the whole machine."""
    lang: Lang = teller.speech.lang
    marks = Marks(shown["state"], moves_of_history(entries), frozenset(possible) if possible is not None else None)
    return {
        "strip": picture(stage_strip(teller.machine, lang, marks)),
        "near": picture(neighbourhood(teller.machine, lang, marks)),
        "whole": picture(state_diagram(teller.machine, lang, marks)),
    }


def deadline_rows(
    visit: Visit, teller: Teller, shown: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], now: datetime,
    acts: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:  # fmt: skip
    """The deadlines, those that still run first; each with its light, bar, derivation, and the acts that touch it."""
    lang: Lang = teller.speech.lang
    rows = []
    for each in shown["deadlines"]:
        running = each["status"] in OPEN
        yellow = datetime.fromisoformat(each["yellow_at"]) if each.get("yellow_at") else None
        course = course_of(each, lang, entries, yellow)
        timer = each["timer"] or each["status"] == "cancelled"
        lit = light_of_clock(
            each["status"], each["started_at"], each["breach_at"], now.isoformat(), each.get("yellow_at")
        )
        rows.append(
            {
                **each, "open": running, "light": None if timer else lit,
                "bar": picture(deadline_bar(course, now, visit.campaign.zone, lang)),
                "owner_name": teller.body(each["owner"]), "owner_role_name": teller.role(each["owner_role"]),
                "steps": [step[lang] for step in each["derivation"]], "mark_said": teller.mark(each["mark"]),
                "status_word": teller.speech.word("status", each["status"]),
                "acts": [(code, teller.trigger(code)) for code in acts.get(each["code"], ())] if running else [],
            }
        )  # fmt: skip
    order = {"breached": 0, "running": 1, "paused": 2}
    return sorted(rows, key=lambda row: (not row["open"], order.get(row["status"], 3), row["breach_at"]))


def acts_on_deadlines(teller: Teller, state: str, possible: Iterable[str]) -> dict[str, list[str]]:
    """By deadline the possible acts that put it off, stop its clock or let it run on."""
    tree = teller.machine.tree
    found: dict[str, list[str]] = {}
    wanted = set(possible)
    for code, spec in teller.machine.doc.deadlines.items():
        rest = set(tree.expand(list(spec.pause_in))) if spec.pause_in else set()
        for trigger, arrows in teller.machine.arrows.get(state, {}).items():
            touches = any(code in arrow.spec.extends or (arrow.src in rest) != (arrow.dst in rest) for arrow in arrows)
            if touches and trigger in wanted:
                found.setdefault(code, []).append(trigger)
    return found


def papers_rows(
    teller: Teller, who: Who, shown: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The documents by kind, each with all versions, the newest first."""
    versions: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        for paper in entry["documents"]:
            versions.setdefault(paper["kind"], []).insert(
                0,
                {
                    **paper, "at": entry["recorded_at"], "who": who.said(teller, entry["actor"], entry["body"]),
                    "url": paper_url(shown["ref"], paper), "kilobytes": max(1, round(paper["size"] / 1024)),
                },
            )  # fmt: skip
    approved = {paper["kind"]: paper.get("approved_at") for paper in shown["documents"]}
    return [
        {"kind": kind, "title": teller.document(kind), "versions": found, "approved_at": approved.get(kind)}
        for kind, found in versions.items()
    ]


def waits_rows(teller: Teller, shown: Mapping[str, Any]) -> list[dict[str, str]]:
    """For whom the matter waits: for an act of a role, or for a receipt."""
    rows = []
    for each in shown["waits_for"]:
        what = (
            teller.t("签收：", "receipt: ") + teller.handover(each["handover"])
            if each["for"] == "receipt"
            else teller.t("办理：", "an act: ") + teller.role(each["role"])
        )
        rows.append(
            {"body": each["body"] or "", "name": teller.body(each["body"]) or teller.role(each["role"]), "what": what}
        )
    for each in shown["facts_missing"]:
        what = teller.t("立项时未填，可以更正补入", "not stated when it was opened; a correction adds it")
        rows.append({"body": "", "name": teller.speech.label(each["label"]), "what": what})
    return rows


def strip_of_handovers(visit: Visit, teller: Teller, shown: Mapping[str, Any], now: datetime) -> str | None:
    """Who handed to whom, and whose clock runs; nothing for a machine without hand-overs."""
    if not shown["handovers"]:
        return None
    bodies = {code: teller.body(code) for each in shown["handovers"] for code in (each["from"], each["to"])}
    clocks = {clock["code"]: teller.deadline(clock["code"]) for each in shown["handovers"] for clock in each["clocks"]}
    return picture(handover_strip(shown["handovers"], now, visit.campaign.zone, teller.speech.lang, bodies, clocks))


def notice_rows(visit: Visit, teller: Teller, who: Who, ref: str, as_of: datetime | None) -> list[dict[str, Any]]:
    """Who was told of the matter and who acknowledged it, newest first; as of an earlier instant what was so then."""
    rows = []
    for each in reversed(visit.reader.notices(ref)["items"]):
        seen = each
        if as_of is not None:
            if datetime.fromisoformat(each["planned_at"]) > as_of:
                continue
            seen = _then(each, as_of)
        rows.append(
            {
                **seen, "kind_word": teller.speech.word("notice", seen["kind"]),
                "status_word": teller.speech.word("status", seen["status"]),
                "who": who.said(teller, each["recipient"], each["body"]),
            }
        )  # fmt: skip
    return rows


def _then(notice: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    """A notice as it stood: what came later is not known yet."""
    known = {
        name: notice[name] if notice[name] and datetime.fromisoformat(notice[name]) <= as_of else None
        for name in ("sent_at", "acknowledged_at")
    }
    status = "acknowledged" if known["acknowledged_at"] else "sent" if known["sent_at"] else "owed"
    return {
        **notice,
        **known,
        "status": status,
        "acknowledged_by": notice["acknowledged_by"] if known["acknowledged_at"] else None,
    }
