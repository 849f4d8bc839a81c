"""Two files compared as their readers think of them: what is there, gone or otherwise, in words, the weightiest first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.canonical import canonical
from engine.definition_schema import Label
from engine.term_schema import Strict, Term
from engine.terms import unit_of

Words = tuple[str, str]
"""A text in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise. *weight* orders: 0 touches what must never be, 9 is only wording."""

    weight: int
    part: str
    op: str
    code: str
    zh: str
    en: str
    field: str | None = None
    before: Any = None
    after: Any = None

    def as_json(self) -> dict[str, Any]:
        """The difference as the contract has it."""
        names = ("weight", "part", "op", "code", "field", "before", "after")
        return {**{name: getattr(self, name) for name in names}, "text": {"zh": self.zh, "en": self.en}}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file: what one of it is called, how heavy it is when it comes or goes, and how heavy its fields are."""

    name: str
    words: Words
    weight: int
    fields: Mapping[str, int]


FIELDS: dict[str, Words] = {
    "addressees": ("报送对象", "addressees"), "administrator": ("管理员", "administrator"), "approves": ("是否审批", "approval"),
    "asks": ("须填写", "facts to be stated"), "at": ("时间", "time"), "basis": ("依据", "basis"), "body": ("机构", "body"),
    "by": ("经办", "by whom"), "circles": ("人员范围", "circles"), "closed": ("是否熄灯", "light out"), "code": ("代码", "code"),
    "coordinator": ("协调单位", "coordinator"), "copy_to": ("抄送", "copies"), "date": ("日期", "date"),
    "deadline": ("期限", "deadline"), "distinct_from": ("回避", "separation of duties"), "document": ("材料", "document"),
    "documents": ("材料", "documents"), "due": ("截止日期", "due"), "due_at": ("截止时刻", "due hour"),
    "during": ("计时状态", "runs in"),
    "each": ("逐一", "for each"), "encloses": ("附件", "enclosures"), "end": ("结束", "end"), "every": ("周期", "every"),
    "extends": ("可延期限", "deadlines put off"), "extension": ("延期规则", "extension"), "file": ("文件", "file"),
    "final": ("是否终结", "final"), "first": ("首日", "first day"), "for_": ("持续", "for"), "from_": ("起始状态", "from"),
    "from_opening": ("自开立起算", "from opening"), "handover": ("移交通知", "hand-over notice"), "holiday": ("遇休息日", "rest days"),
    "initial": ("初始状态", "initial state"), "issued_by": ("发文机关", "issued by"), "issued_on": ("发文日期", "issued on"),
    "kind": ("种类", "kind"), "label": ("名称", "name"), "ladder": ("提醒阶梯", "ladder"), "last": ("末日", "last day"),
    "launched_at": ("启动时间", "launch"), "lead": ("牵头单位", "lead"), "list_to": ("名单送", "list to"), "mark": ("核实程度", "mark"),
    "met_by": ("完成动作", "met by"), "minimum": ("最小值", "least value"), "name": ("名称", "name"),
    "needs": ("须有材料", "documents needed"),
    "needs_new": ("须随附材料", "documents to bring"), "never": ("禁止情形", "what may never be"), "note": ("备注", "note"),
    "number": ("序号", "number"), "of": ("所属", "of"), "on": ("何日", "on"), "on_breach": ("逾期动作", "on breach"),
    "on_expire": ("届满动作", "on expiry"), "opens": ("开立", "opens"), "opens_before": ("提前开立", "opened before"),
    "optional": ("可填写", "facts that may be stated"), "owed_by": ("报送单位", "owed by"), "owner": ("责任人", "owner"),
    "parent": ("上级", "parent"), "part": ("角色", "part"), "pause_in": ("中止状态", "paused in"), "personal": ("个人信息", "personal"),
    "phase": ("阶段", "phase"), "policy": ("依据", "policy"), "posts": ("岗位", "posts"), "quote": ("引文", "quote"),
    "reason": ("须说明理由", "a reason"), "rebase_on": ("重算动作", "rebased on"), "receipt": ("回执", "receipt"),
    "receiver_clocks": ("接收方期限", "receiver's clocks"), "received_on": ("签收动作", "received on"), "ref": ("编号", "reference"),
    "remind": ("提醒", "reminds"), "remind_at": ("提醒时刻", "hour of reminders"), "repeat": ("重复", "repeat"),
    "responsible": ("责任单位", "responsible"), "returned_on": ("退回动作", "returned on"), "role": ("办理人", "who may do it"),
    "roll": ("遇休息日", "rest days"), "section": ("章节", "section"), "sender_clocks": ("送出方期限", "sender's clocks"),
    "sent_on": ("送出动作", "sent on"), "sets": ("自动填写", "facts set"), "signals": ("信号", "signals"), "source": ("出处", "source"),
    "spawn": ("开立子事项", "child matters"), "start": ("开始", "start"), "start_fact": ("起算事实", "start fact"),
    "start_on": ("起算动作", "started by"), "states": ("状态", "states"), "statute": ("法定期限", "statute"),
    "stop_documents": ("完成材料", "met by documents"), "stop_on": ("完成动作", "ended by"), "supports": ("配合单位", "supports"),
    "taxonomy": ("分类", "taxonomy"), "tell": ("告知", "told"), "term": ("时长", "term"), "then": ("随后", "then"),
    "timer": ("计时器", "timer"), "title": ("标题", "title"), "to": ("去向", "to"), "type": ("类型", "type"), "unit": ("单位", "unit"),
    "values": ("取值", "values"), "version": ("版本", "version"), "versions": ("版本", "versions"), "waits_for": ("等待", "waits for"),
    "when": ("条件", "condition"), "zone": ("时区", "zone"),
}  # fmt: skip
"""What the fields of files are called."""

UNITS: dict[str, Words] = {
    "days": ("{}日", "{} days"), "workdays": ("{}个工作日", "{} working days"), "hours": ("{}小时", "{} hours"),
    "months": ("{}个月", "{} months"), "half_months": ("{}个半月", "{} half months"), "until": ("至{}", "until {}"),
    "fact": ("至事实{}", "until the fact {}"),
}  # fmt: skip
"""A term in words."""


def term_words(term: Term | None) -> Words:
    """A period in words."""
    if term is None:
        return ("无", "none")
    zh, en = UNITS[unit_of(term)]
    value = getattr(term, unit_of(term))
    said = en.format(value)
    return zh.format(value), said[:-1] if value == 1 else said


def value_words(value: Any) -> Words:
    """A value of a file in words: terms and labels as they are read, lists with their members, nothing as a dash."""
    if isinstance(value, Term):
        return term_words(value)
    if isinstance(value, Label):
        return value.zh, value.en
    if value is None or value in ([], {}):
        return ("无", "none")
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "、".join(value), ", ".join(value)
    said = value if isinstance(value, str) else canonical(plain(value))
    return said, said


def plain(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, Strict):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


Sayer = Callable[[str, Any, Any], Iterable[tuple[int, Words]] | None]
"""Says what it means that a field of the thing *code* was one value and is another; None: as any field is told."""


def compare(
    part: Part, old: Mapping[str, Any], new: Mapping[str, Any], called: Callable[[str], Words], say: Mapping[str, Sayer]
) -> list[Difference]:
    """Everything that differs between two sets of like things by their codes."""
    found = []
    for code in [*new, *(code for code in old if code not in new)]:
        name = called(code)
        if code not in old or code not in new:
            op, zh, en = ("added", "新增", "new") if code not in old else ("removed", "取消", "gone")
            text = f"{zh}{part.words[0]}“{name[0]}”（{code}）", f"{en}: {part.words[1]} “{name[1]}” ({code})"
            found.append(Difference(part.weight, part.name, op, code, *text))
        elif old[code] != new[code]:
            found += fields(part, code, old[code], new[code], name, say)
    return found


def fields(part: Part, code: str, old: Any, new: Any, name: Words, say: Mapping[str, Sayer]) -> list[Difference]:
    """The fields in which two like things differ."""
    found = []
    for field in type(new).model_fields:
        was, will = getattr(old, field), getattr(new, field)
        if was == will:
            continue
        told = say[field](code, was, will) if field in say else None
        said = list(told) if told is not None else [(part.fields.get(field, 6), _told(part, field, name, was, will))]
        found += [
            Difference(weight, part.name, "changed", code, *words, field.rstrip("_"), plain(was), plain(will))
            for weight, words in said
        ]
    return found


def _told(part: Part, field: str, name: Words, was: Any, will: Any) -> Words:
    label = FIELDS.get(field, (field, field))
    both = value_words(was), value_words(will)
    if isinstance(was, list) and isinstance(will, list) and was and will:
        both = _lists(was, will) or both
    return (
        f"{part.words[0]}“{name[0]}”的{label[0]}：{both[0][0]} → {both[1][0]}",
        f"{part.words[1]} “{name[1]}”, {label[1]}: {both[0][1]} → {both[1][1]}",
    )


def _lists(was: Sequence[Any], will: Sequence[Any]) -> tuple[Words, Words] | None:
    """Of two long lists only what one of them has."""
    gone = [each for each in was if each not in will]
    come = [each for each in will if each not in was]
    if not (gone or come) or len(was) + len(will) < 6:
        return None
    return value_words(gone), value_words(come)


def ordered(found: Iterable[Difference]) -> list[Difference]:
    """The weightiest first; within one weight as the file has it."""
    return sorted(found, key=lambda each: each.weight)
