"""A definition in words: who may do what from where, what it asks, how long it may take, and on what it rests."""

from collections.abc import Iterable
from typing import Any

from engine.campaign import Campaign
from engine.comparing import term_words
from engine.definition_schema import ArrowSpec, DeadlineSpec, FactSpec, HandoverSpec
from engine.expr import compile_expr
from engine.expr_tree import ExprError
from engine.kin_schema import SpawnSpec
from engine.machine import BACK, Compiled
from engine.marks import said as mark_said
from engine.statute_schema import StatuteVersion
from engine.term_schema import Term
from engine.units import unit_in
from web.console.forms import options_of
from web.console.shell import Speech

STAYS = "="

TYPES = {
    "bool": ("是否", "yes or no"), "int": ("整数", "whole number"), "money": ("金额", "amount"), "text": ("文字", "text"),
    "enum": ("单选", "one of"), "enums": ("多选", "some of"), "date": ("日期", "date"), "instant": ("时间", "instant"),
    "body": ("单位", "body"),
}  # fmt: skip
"""What the types of facts are called."""

PLACES = {"matter": ("本事项单位", "the matter's body"), "any": ("任何单位", "any body")}


class MachineWords:
    """Says the parts of one machine in one language."""

    def __init__(self, campaign: Campaign, machine: Compiled, speech: Speech) -> None:
        self.campaign, self.machine, self.speech, self.doc = campaign, machine, speech, machine.doc
        self._comma = speech.t("、", ", ")

    def named(self, drawer: str, codes: Iterable[str]) -> str:
        """The labels of *codes*, one after the other."""
        return self._comma.join(self._one(drawer, code) for code in codes)

    def _one(self, drawer: str, code: str) -> str:
        if code == "system":
            return self.speech.t("系统", "the system")
        label = self.machine.labels.get(f"{drawer}:{code}")
        return self.speech.label(label) if label else code

    def condition(self, text: str | None) -> str:
        """A condition read aloud; nothing if there is none."""
        if text is None:
            return ""
        try:
            return self.machine.aloud(compile_expr(text, self.machine.names), self.speech.lang)
        except ExprError:
            return text

    def term(self, term: Term | None) -> str:
        """A period in words; a named date with the day that it is in this campaign."""
        if term is None:
            return ""
        if term.until is not None:
            day = self.campaign.doc.dates.get(term.until, term.until)
            return self.speech.t(f"至{day}", f"until {day}")
        if term.fact is not None:
            name = self.named("fact", [term.fact])
            return self.speech.t(f"至“{name}”", f"until “{name}”")
        return self.speech.t(*term_words(term))

    def mark(self, mark: str) -> dict[str, str]:
        """A verification mark: its meaning and how it is to be shown."""
        tone = {"V": "good", "P": "info", "S": "warn", "N": "bad"}.get(mark, "plain")
        return {"said": mark_said(mark, self.speech.lang), "tone": tone}

    def arrow(self, spec: ArrowSpec) -> dict[str, Any]:
        """One arrow of the definition."""
        t = self.speech.t
        to = t("状态不变", "no move") if spec.to == STAYS else t("返回原状态", "back to where it came from") if spec.to == BACK \
            else self.named("state", [spec.to])  # fmt: skip
        rows = [
            (t("必填", "asks"), self.named("fact", spec.asks)), (t("可填", "may state"), self.named("fact", spec.optional)),
            (t("须有材料", "needs"), self.named("document", spec.needs)),
            (t("须随附", "needs anew"), self.named("document", spec.needs_new)),
            (t("条件", "if"), self.condition(spec.when)),
            (t("须与下列办理人不同", "not by who did"), self.named("trigger", spec.distinct_from)),
            (t("自动填写", "sets"), self._comma.join(self._set(*each) for each in spec.sets.items())),
            (t("生成子事项", "opens"), self._comma.join(map(self._spawn, spec.spawn))),
            (t("通知上级事项", "tells the parent"), self._signals(spec, above=True)),
            (t("通知子事项", "tells its children"), self._signals(spec, above=False)),
            (t("抄送", "copies to"), self.named("role", spec.copy_to)), (t("交办", "hands to"), self.named("role", spec.handover)),
            (t("延长期限", "extends"), self.named("deadline", spec.extends)),
        ]  # fmt: skip
        return {
            "trigger": spec.trigger, "label": self.speech.label(spec.label), "from": self._from(spec), "to": to,
            "role": self.named("role", spec.role), "rows": [each for each in rows if each[1]], "reason": spec.reason,
            "basis": spec.basis or "", "mark": self.mark(spec.mark),
        }  # fmt: skip

    def _from(self, spec: ArrowSpec) -> str:
        return self.speech.t("任何状态", "any state") if "*" in spec.from_ else self.named("state", spec.from_)

    def _set(self, code: str, value: Any) -> str:
        spec = self.doc.facts.get(code)
        named = dict(options_of(self.campaign, spec, self.speech)) if spec is not None else {}
        yes_no = ("是", "yes") if value else ("否", "no")
        said = self.speech.t(*yes_no) if isinstance(value, bool) else named.get(str(value), str(value))
        return f"{self.named('fact', [code])}{self.speech.t('＝', ' = ')}{said}"

    def _spawn(self, spec: SpawnSpec) -> str:
        kind = self.campaign.machines.newest.get(spec.kind)
        return self.speech.label(self.campaign.machines[kind].doc.label) if kind is not None else spec.kind

    def _signals(self, spec: ArrowSpec, *, above: bool) -> str:
        every = (each.trigger for each in spec.signals if (each.to is None) is above)
        return self._comma.join(map(self._signal, dict.fromkeys(every)))

    def _signal(self, trigger: str) -> str:
        """The label of another matter's act: the first kind of the campaign that has it."""
        for ident in self.campaign.machines.newest.values():
            label = self.campaign.machines[ident].labels.get(f"trigger:{trigger}")
            if label is not None:
                return self.speech.label(label)
        return trigger

    def deadline(self, code: str, spec: DeadlineSpec, day: str) -> dict[str, Any]:
        """One clock, with the wording of its statute in force on *day*."""
        t = self.speech.t
        law = self._law(spec.statute, day) if spec.statute else None
        begins = [
            t("开立时", "the opening") if spec.from_opening else "",
            self.named("state", spec.during), self.named("trigger", spec.start_on),
            self.named("fact", [spec.start_fact] if spec.start_fact else []),
        ]  # fmt: skip
        ends = [self.named("trigger", [*spec.stop_on, *spec.met_by]), self.named("document", spec.stop_documents)]
        ladder = self.campaign.doc.ladders.get(spec.ladder)
        mark = law.mark if law else spec.mark
        return {
            "code": code, "label": self.speech.label(spec.label), "term": self.term(law.term if law else spec.term),
            "begins": self._comma.join(filter(None, begins)), "ends": self._comma.join(filter(None, ends)),
            "pauses": self.named("state", spec.pause_in), "owner": self.named("role", [spec.owner]), "ladder": spec.ladder,
            "ladder_label": self.speech.label(ladder.label) if ladder else spec.ladder, "when": self.condition(spec.when),
            "timer": spec.timer, "on_expire": self.named("trigger", [spec.on_expire] if spec.on_expire else []),
            "on_breach": self.named("trigger", [spec.on_breach] if spec.on_breach else []), "statute": spec.statute or "",
            "basis": law.basis if law else spec.basis, "mark": self.mark(mark),
        }  # fmt: skip

    def _law(self, code: str, day: str) -> StatuteVersion | None:
        spec = self.doc.statutes.get(code)
        found = [each for each in spec.versions if each.valid_from <= day <= (each.valid_to or "9999")] if spec else []
        return found[0] if found else spec.versions[-1] if spec else None

    def handover(self, code: str, spec: HandoverSpec) -> dict[str, Any]:
        """One hand-over."""
        t = self.speech.t
        rows = [
            (t("送出", "sent by"), self.named("trigger", spec.sent_on)),
            (t("签收", "received by"), self.named("trigger", spec.received_on)),
            (t("退回", "returned by"), self.named("trigger", spec.returned_on)),
            (t("随附材料", "encloses"), self.named("document", spec.encloses)),
            (t("回执", "receipt"), self.named("document", [spec.receipt] if spec.receipt else [])),
            (t("送出方期限", "sender's clocks"), self.named("deadline", spec.sender_clocks)),
            (t("接收方期限", "receiver's clocks"), self.named("deadline", spec.receiver_clocks)),
        ]  # fmt: skip
        return {"code": code, "label": self.speech.label(spec.label), "to": self.named("role", [spec.to]),
                "rows": [each for each in rows if each[1]], "basis": spec.basis or "", "mark": self.mark(spec.mark)}  # fmt: skip

    def statutes(self) -> list[dict[str, Any]]:
        """The statutory periods that the definition cites, each wording with its mark."""
        return [
            {
                "code": code, "label": self.speech.label(spec.label), "starts": self.speech.label(spec.starts),
                "acts": self.speech.label(spec.acts), "versions": [self._wording(each) for each in spec.versions],
            }
            for code, spec in self.doc.statutes.items()
        ]  # fmt: skip

    def _wording(self, each: StatuteVersion) -> dict[str, Any]:
        return {"from": each.valid_from, "to": each.valid_to or "", "term": self.term(each.term), "basis": each.basis,
                "mark": self.mark(each.mark), "note": self.speech.label(each.note)}  # fmt: skip

    def facts(self) -> list[dict[str, Any]]:
        """The facts a matter of this kind may state."""
        t = self.speech.t
        return [
            {
                "code": code, "label": self.speech.label(spec.label), "type": t(*TYPES[spec.type]),
                "unit": unit_in(spec, self.speech.lang),
                "values": self._values(spec), "basis": spec.basis or "",
                "personal": t("封存", "sealed") if spec.vault else t("个人信息", "personal") if spec.personal else "",
            }
            for code, spec in self.doc.facts.items()
        ]  # fmt: skip

    def _values(self, spec: FactSpec) -> str:
        """What can be chosen; nothing for a fact that is typed, a body, or yes and no."""
        if spec.type not in ("enum", "enums"):
            return ""
        return self._comma.join(text for _, text in options_of(self.campaign, spec, self.speech))

    def monitors(self) -> list[dict[str, Any]]:
        """What is looked for."""
        return [
            {
                "label": self.speech.label(spec.label), "when": self.condition(spec.when), "for": self.term(spec.for_),
                "tell": self._comma.join(self._told(each) for each in spec.tell), "basis": spec.basis, "mark": self.mark(spec.mark),
            }
            for spec in self.doc.monitors.values()
        ]  # fmt: skip

    def _told(self, code: str) -> str:
        circle = self.campaign.doc.circles.get(code)
        return self.speech.label(circle.label) if circle else self.named("role", [code])

    def ended(self, clock: str, triggers: list[str]) -> str:
        """Which acts end a clock."""
        acts = self.named("trigger", triggers)
        return self.speech.t(f"{acts}使期限停止：", f"ended by {acts}: ") + self.named("deadline", [clock])

    def invariants(self) -> list[dict[str, Any]]:
        """What must hold."""
        t = self.speech.t
        found = []
        for spec in self.doc.invariants.values():
            what = t("不得出现：", "never: ") + self.condition(spec.never) if spec.never \
                else self.ended(spec.clock, spec.ends_on) if spec.clock \
                else t("始终可达：", "always within reach: ") + self.named("state", spec.always_possible)  # fmt: skip
            whilst = self.condition(spec.while_)
            found.append(
                {
                    "label": self.speech.label(spec.label),
                    "what": what,
                    "while": whilst,
                    "basis": spec.basis,
                    "mark": self.mark(spec.mark),
                }
            )
        return found

    def roles(self) -> list[dict[str, str]]:
        """Who may act: what each role is called, and of which body."""
        return [{"label": self.speech.label(spec.label), "of": self._of(spec.of)} for spec in self.doc.roles.values()]

    def _of(self, of: str) -> str:
        said = []
        for each in of.split("|"):
            what, _, code = each.partition(":")
            if what == "part":
                body = self.campaign.parts.get(code)
                said.append(self.campaign.body_name(body, self.speech.lang) if body else code)
            elif what == "fact":
                said.append(self.named("fact", [code]))
            else:
                said.append(self.speech.t(*PLACES[what]))
        return self.speech.t("，否则", ", else ").join(said)
