"""The acts that every matter has besides its machine's own: correct, attach, put off a deadline, urge."""

from collections.abc import Mapping
from typing import Any

from engine.masking import MASK
from web.console.cards import Able, Attempt, Card, dress
from web.console.forms import fields_of
from web.console.telling import Teller
from web.console.visit import Visit


def besides_cards(
    visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None
) -> list[Card]:
    """A card for each of these acts that is possible."""
    makers = (_comment, _attach, _extend, _urge, _correct)
    return [card for make in makers for card in make(visit, teller, able, shown, attempt)]


def _comment(visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None) -> list[Card]:
    may, behalves = able.besides("comment")
    if not may:
        return []
    others = [(code, teller.body(code)) for code in visit.campaign.bodies if code != shown["body"]]
    card = Card(
        "comment",
        visit.t("批注", "Comment"),
        f"/comment/{shown['ref']}",
        visit.t("记入批注", "Put it on record"),
        reason="must",
        reason_title=visit.t("批注内容", "Comment"),
        behalves=behalves,
        occurs=False,
        copies=others if able.besides("copy")[0] else [],
    )
    return [dress(visit, card, None, attempt)]


def _attach(visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None) -> list[Card]:
    kinds, behalves = able.besides("attach")
    if not kinds:
        return []
    card = Card(
        "attach", visit.t("补充材料", "Attach a document"), f"/attach/{shown['ref']}", visit.t("提交材料", "Attach"),
        lead=visit.t("状态不变；同种材料的旧版本仍然保留。", "No change of state; earlier versions of the same document stay."),
        kinds=[(code, teller.document(code)) for code in kinds], reason="may",
        reason_title=visit.t("说明", "Remark"), behalves=behalves,
    )  # fmt: skip
    return [dress(visit, card, shown["version"], attempt)]


def _extend(visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None) -> list[Card]:
    codes, behalves = able.besides("extend")
    cards = []
    for each in shown["deadlines"]:
        if not codes or each["code"] not in codes or each["status"] != "running":
            continue
        rule = teller.machine.definition.rules.some(each["code"]).extension
        free = rule is not None and rule.free
        day = each["last_day"]
        card = Card(
            f"extend-{each['code']}",
            visit.t("延长期限：", "Put off: ") + teller.speech.label(each["label"]),
            f"/extend/{shown['ref']}",
            visit.t("延长", "Put off"),
            lead=visit.t(f"现最后一日 {day}；须在届满前办理。", f"Last day now {day}; only before it has passed."),
            reason="must",
            behalves=behalves,
            basis=(rule.basis or each["basis"]) if rule else "",
            mark=each["mark"],
            hidden={"deadline": each["code"], **({"free": "1"} if free else {})},
        )
        cards.append(dress(visit, card, shown["version"], attempt))
    return cards


def _urge(visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None) -> list[Card]:
    may, behalves = able.besides("urge")
    if not may:
        return []
    body = teller.body(shown["body"])
    card = Card(
        "urge",
        visit.t("催办", "Urge"),
        f"/urge/{shown['ref']}",
        visit.t("发出催办", "Send the urging"),
        lead=visit.t(
            f"催办通知发给{body}的负责人和联络员，并记入留痕。",
            f"A notice goes to the head and the liaison of {body}, and the record keeps it.",
        ),
        reason="must",
        reason_title=visit.t("催办内容", "What is urged"),
        behalves=behalves,
        occurs=False,
    )
    return [dress(visit, card, None, attempt)]


def _correct(visit: Visit, teller: Teller, able: Able, shown: Mapping[str, Any], attempt: Attempt | None) -> list[Card]:
    may, behalves = able.besides("correct")
    if not may:
        return []
    mine = attempt if attempt is not None and attempt.key == "correct" else None
    held = {code: value for code, value in shown["facts"].items() if value != MASK}
    fields = fields_of(
        teller.campaign, teller.machine, [], correctable(teller, shown), teller.speech, visit.form if mine else None,
        mine.errors if mine else None, held,
    )  # fmt: skip
    seconds = visit.t("或", " or ").join(teller.speech.label(each) for each in able.own["besides"]["approved_by"])
    lead = visit.t(
        "只改有误的各项，其余保持原样。原留痕不改，另记一条更正。",
        "Change only what is wrong. The old entry stays; the correction is an entry of its own.",
    )
    if seconds:
        lead += visit.t(
            f"更正后不再达到标准、义务因此消失的，须由另一人（{seconds}）批准并抄送有关单位。",
            f" If a duty would vanish by it, a second person ({seconds}) must approve it, and a copy goes out.",
        )
    card = Card(
        "correct",
        visit.t("更正已填内容", "Correct what was stated"),
        f"/correct/{shown['ref']}",
        visit.t("更正", "Correct"),
        lead=lead,
        fields=fields,
        reason="must",
        reason_title=visit.t("更正理由", "Why"),
        behalves=behalves,
        danger=True,
        second=seconds,
    )
    return [dress(visit, card, shown["version"], attempt)]


def correctable(teller: Teller, shown: Mapping[str, Any]) -> list[str]:
    """The facts that a correction may state: those that are held first, in the definition's order, then the others."""
    held = shown["facts"]
    return sorted(teller.machine.doc.facts, key=lambda code: code not in held)
