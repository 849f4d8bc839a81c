"""The page of a matter's history: what was done by whom, and what its deadlines did by themselves."""

from typing import Any

from commands.call import Call
from commands.pages import fact_of, machine_of, named, state_of, trigger_of
from commands.paper import entry, line, local, on_terminal
from commands.verdicts import evaluated_in
from engine import marks
from workflows.words import CLOCKS, ENTRIES, EVENTS, PRIVATE, STATUSES

ACROSS = 16
"""Columns before the values of an entry."""


def history_page(call: Call, ref: str, found: dict[str, Any]) -> None:
    """Write the entries of a matter, oldest first."""
    machine = machine_of(call, ref)
    for each in found["items"]:
        _entry(call, machine, each)
    if on_terminal():
        line(call.word(f"共 {len(found['items'])} 条", f"{len(found['items'])} entries"))


def _entry(call: Call, machine: Any, each: dict[str, Any]) -> None:
    kind = call.word(*ENTRIES.get(each["kind"], (each["kind"], each["kind"])))
    what = _event(call, machine, each) if each["event"] else trigger_of(call, machine, each["trigger"] or "")
    line(f"#{each['seq']}  {local(each['occurred_at'], call.zone)}  {kind}  {what}{_move(call, machine, each)}", "bold")
    behalf = call.word(f"代 {each['on_behalf_of']}", f"for {each['on_behalf_of']}") if each["on_behalf_of"] else ""
    actor = call.beside(each["actor"], each["body"]) if each["body"] else each["actor"]
    who = " ".join(filter(None, (actor, behalf)))
    _line(call, "办理人", "who", f"{who}  [{each['actor_auth']}]")
    if each["recorded_at"] != each["occurred_at"]:
        mark = call.word("〔补录〕", " [late entry]") if each["late_entry"] else ""
        _line(call, "记录", "recorded", local(each["recorded_at"], call.zone) + mark)
    for zh, en, name in (("理由", "reason", "reason"), ("内容", "text", "text")):
        if each.get(name):
            _line(call, zh, en, each[name])
    _papers(call, machine, each)
    _erased(call, machine, each)
    _consequences(call, machine, each)


def _line(call: Call, zh: str, en: str, value: str) -> None:
    entry("    " + call.word(zh, en), value, ACROSS)


def _move(call: Call, machine: Any, each: dict[str, Any]) -> str:
    """Where the matter went, in words."""
    if not each["to"] or each["from"] == each["to"]:
        return ""
    names = [state_of(call, machine, code) for code in (each["from"], each["to"]) if code]
    return f"  {' → '.join(names)}"


def _event(call: Call, machine: Any, each: dict[str, Any]) -> str:
    """What a deadline did by itself: the breach, or which rung of its ladder came."""
    deadline = _deadline(call, machine, each["trigger"])
    if each["event"] != "rung":
        return f"{deadline}  {call.word(*EVENTS.get(each['event'], (each['event'],) * 2))}"
    merged = call.word("（并入其后一级，未单独通知）", " (told together with a later rung)") if each["merged"] else ""
    rung = call.word(f"第{each['rung']}级", f"rung {each['rung']}")
    return f"{deadline}  {rung} {_rung(call, machine, each)}{merged}"


def _rung(call: Call, machine: Any, each: dict[str, Any]) -> str:
    """The rung's name; the record has the Chinese one, the other is that of the campaign's ladder if it still fits."""
    spec = machine.doc.deadlines.get(each["trigger"])
    rungs = call.workspace.campaign.rungs.get(spec.ladder, ()) if spec is not None else ()
    label = rungs[each["rung"]].label if each["rung"] < len(rungs) else None
    fits = label is not None and label.zh == each["rung_label"]
    return call.label(label) if fits else str(each["rung_label"])


def _deadline(call: Call, machine: Any, code: str) -> str:
    spec = machine.doc.deadlines.get(code) or machine.doc.monitors.get(code)
    return f"{code} {call.label(spec.label)}" if spec is not None else code


def _papers(call: Call, machine: Any, each: dict[str, Any]) -> None:
    for code, value in each["facts"].items():
        _line(call, "填写", "fact", f"{named(call, machine, 'fact', code)} = {fact_of(call, machine, code, value)}")
    evaluated_in(call, machine, each, "    ", 16)
    for paper in each["documents"]:
        name = named(call, machine, "document", paper["kind"])
        _line(call, "材料", "document", f"{name}  {paper.get('name') or ''}  {paper['sha256'][:12]}")


def _erased(call: Call, machine: Any, each: dict[str, Any]) -> None:
    """What is gone of this entry, and what it erased of others: on which ground, asked for by whom, never a value."""
    gone = [_field(call, machine, name) for name in each["erased"]]
    if gone:
        _line(call, "已依法删除", "erased", call.word("、", ", ").join(gone))
    said = each["erasure"]
    if said:
        _line(call, "依据", "ground", ground_said(call, said))
        _line(call, "申请", "asked by", said["asked_by"])
        for seq, names in said["fields"].items():
            fields = call.word("、", ", ").join(_field(call, machine, name) for name in names)
            _line(call, "删除", "erased", f"#{seq} {fields}")


def ground_said(call: Call, said: dict[str, Any]) -> str:
    """The ground of an erasure with its rule of law."""
    from engine.erasure_grounds import GROUNDS

    ground = GROUNDS.get(said["ground"])
    return call.beside(call.label(ground.label), call.label(ground.statute)) if ground is not None else said["basis"]


def _field(call: Call, machine: Any, name: str) -> str:
    """A private value of an entry by its name: a fact, a document's name, or a text."""
    what, _, code = name.partition(":")
    if what == "fact":
        return named(call, machine, "fact", code)
    if what == "name":
        return call.beside(call.word("材料名称", "name of a document"), named(call, machine, "document", code))
    return call.word(*PRIVATE.get(name, (name, name)))


def _consequences(call: Call, machine: Any, each: dict[str, Any]) -> None:
    for clock in each["deadlines"] if not each["event"] else ():
        did = call.word(*CLOCKS.get(clock["op"], (clock["op"],) * 2))
        status = call.word(*STATUSES.get(clock["status"], (clock["status"],) * 2))
        law = f"  {clock['statute']}{marks.warning(clock['mark'], call.lang)}" if clock.get("statute") else ""
        what = f"{did} {_deadline(call, machine, clock['code'])}  {clock['last_day']}  {status}{law}"
        _line(call, "期限", "deadline", what)
    for child in each["children"]:
        _line(call, "新开", "opened", child)
