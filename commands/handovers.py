"""Hand-overs for people: what was sent and received, what it enclosed, who has a copy, whose time runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from commands.call import Call
from commands.pages import status_cell, word_cell
from commands.paper import entry, line, local
from workflows.words import SYSTEM

STATUSES = {
    "sent": ("已送出，待签收", "sent, receipt awaited"),
    "received": ("已签收", "received"),
    "returned": ("已退回", "returned"),
    "lapsed": ("未签收，已转入下一环节", "not received, overtaken"),
}
STYLES = {"sent": "yellow", "returned": "red"}


def handovers_page(call: Call, found: Iterable[dict[str, Any]], labels: Mapping[str, Any]) -> None:
    """Write each hand-over of a matter; *labels* are those of its deadlines."""
    for each in found:
        _handover(call, each, labels)


def _handover(call: Call, each: dict[str, Any], labels: Mapping[str, Any]) -> None:
    sender, receiver = (call.workspace.campaign.body_name(each[side], call.lang) for side in ("from", "to"))
    line()
    status = call.word(*STATUSES[each["status"]])
    line(f"{call.label(each['label'])}  {sender} → {receiver}  {status}", STYLES.get(each["status"], "bold"))
    _moment(call, ("送出", "sent"), each["sent_at"], each["sent_by"])
    _moment(call, ("签收", "received"), each["received_at"], each["received_by"], each["recorded_at"])
    _moment(call, ("退回", "returned"), each["returned_at"], each["returned_by"])
    if each["reason"]:
        entry(call.word("理由", "reason"), each["reason"])
    for paper in each["enclosures"]:
        entry(call.word("附件", "enclosed"), f"{call.label(paper['label'])}  {paper['sha256'][:12]}")
    for copy in each["copies"]:
        sent = local(copy["sent_at"], call.zone) if copy["delivered"] else call.word("尚未送达", "not delivered yet")
        entry(call.word("抄送", "copy"), f"{copy['body']}  {copy['recipient']}  {sent}")
    for clock in each["clocks"]:
        entry(call.word("期限", "clock"), _clock(call, clock, labels))


def _moment(call: Call, word: tuple[str, str], at: str | None, who: str | None, recorded: str | None = None) -> None:
    if at is None:
        return
    later = f"  {call.word('记录', 'recorded')} {local(recorded, call.zone)}" if recorded not in (None, at) else ""
    entry(call.word(*word), f"{local(at, call.zone)}  {word_cell(SYSTEM, who, call).shown}{later}")


def _clock(call: Call, clock: dict[str, Any], labels: Mapping[str, Any]) -> str:
    side = call.word("移送方", "sender") if clock["side"] == "sender" else call.word("接收方", "receiver")
    status = status_cell(clock["status"], call).shown
    owner = call.workspace.campaign.body_name(clock["owner"], call.lang)
    label = call.label(labels[clock["code"]]) if clock["code"] in labels else clock["code"]
    since, until = local(clock["started_at"], call.zone), local(clock["breach_at"], call.zone)
    return f"{side} {owner}  {label}  {since} — {until}  {status}"
