"""Two tables of expectations compared in words: which act, role, date or rule is expected otherwise than before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.comparing import Difference, Words
from engine.definition_schema import DefinitionDoc, Label
from engine.expected import LISTS
from engine.expected_schema import ExpectationsSpec
from engine.expr import ExprError, compile_expr, read_aloud
from engine.names import labels_of, names_of

WEIGHT = 6
"""What is expected otherwise weighs less than what is otherwise: the machine's own differences say the same before."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What a chapter is called, what its abouts and phrases name, and what one of its lines says."""

    called: Words
    about: str
    phrase: str
    says: Words


CHAPTERS: dict[str, Chapter] = {
    "matter": Chapter(("总则", "the matter as a whole"), "", "", ("{phrase}", "{phrase}")),
    "moves": Chapter(("转移", "moves"), "act", "move", ("“{about}”自{phrase}", "‘{about}’ goes {phrase}")),
    "roles": Chapter(("办理人", "who acts"), "role", "act", ("{about}可办理“{phrase}”", "{about} may do ‘{phrase}’")),
    "reasons": Chapter(("须说明理由", "reasons"), "", "act", ("“{phrase}”须说明理由", "‘{phrase}’ owes a reason")),
    "approves": Chapter(("审批", "approvals"), "", "act", ("“{phrase}”是审批", "‘{phrase}’ approves")),
    "needs": Chapter(("须有材料", "documents needed"), "document", "act",
                     ("“{phrase}”须有材料“{about}”", "‘{phrase}’ needs the document ‘{about}’")),
    "needs_new": Chapter(("须随附材料", "documents to bring"), "document", "act",
                         ("“{phrase}”须随附材料“{about}”", "‘{phrase}’ brings the document ‘{about}’")),
    "asks": Chapter(("须填写", "facts to be stated"), "fact", "act", ("“{phrase}”须填写“{about}”", "‘{phrase}’ asks for ‘{about}’")),
    "apart": Chapter(("回避", "separation of duties"), "act", "act",
                     ("办理过“{about}”的人不得办理“{phrase}”", "whoever did ‘{about}’ may not do ‘{phrase}’")),
    "guards": Chapter(("条件", "conditions"), "act", "condition", ("“{about}”的条件：{phrase}", "‘{about}’ only when {phrase}")),
    "sets": Chapter(("自动填写", "facts set"), "act", "setting", ("“{about}”自动填写：{phrase}", "‘{about}’ sets {phrase}")),
    "copies": Chapter(("抄送", "copies"), "role", "act", ("“{phrase}”抄送{about}", "‘{phrase}’ is copied to {about}")),
    "hands": Chapter(("转交", "hand-over notices"), "role", "act", ("“{phrase}”转交{about}", "‘{phrase}’ goes on to {about}")),
    "extends": Chapter(("延期", "deadlines put off"), "deadline", "act",
                       ("“{phrase}”延长期限“{about}”", "‘{phrase}’ puts off the deadline ‘{about}’")),
    "opens": Chapter(("派生", "child matters"), "act", "", ("“{about}”派生：{phrase}", "‘{about}’ opens {phrase}")),
    "signals": Chapter(("信号", "signals"), "act", "", ("“{about}”发出：{phrase}", "‘{about}’ sends {phrase}")),
    "people": Chapter(("角色", "roles"), "role", "", ("角色“{about}”：{phrase}", "the role ‘{about}’: {phrase}")),
    "states": Chapter(("状态", "states"), "bearing", "state", ("状态“{phrase}”{about}", "the state ‘{phrase}’ {about}")),
    "documents": Chapter(("材料", "documents"), "role", "document",
                         ("{about}可补交材料“{phrase}”", "{about} may attach ‘{phrase}’")),
    "deadlines": Chapter(("期限", "deadlines"), "deadline", "written", ("期限“{about}”：{phrase}", "the deadline ‘{about}’: {phrase}")),
    "handovers": Chapter(("移送", "hand-overs"), "handover", "written",
                         ("移送“{about}”：{phrase}", "the hand-over ‘{about}’: {phrase}")),
    "monitors": Chapter(("监测", "monitors"), "monitors", "written", ("监测“{about}”：{phrase}", "the monitor ‘{about}’: {phrase}")),
    "evaluates": Chapter(("标准判断", "evaluations"), "evaluates", "written",
                         ("标准判断“{about}”：{phrase}", "the evaluation ‘{about}’: {phrase}")),
    "invariants": Chapter(("不变量", "invariants"), "invariants", "written",
                          ("不变量“{about}”：{phrase}", "the invariant ‘{about}’: {phrase}")),
}  # fmt: skip
"""Each chapter of the table, as it is said."""

BEARINGS: dict[str, Words] = {"final": ("终结事项", "ends the matter"), "closed": ("熄灯", "puts the light out")}

SPECIAL: dict[str, Words] = {
    "=": ("原状态", "the same state"),
    "@back": ("来处", "where it came from"),
    "system": ("系统", "the system"),
}

KEYS: dict[str, Words] = {
    "never": ("不得出现的情形之一：", "one part of what may never be:"), "when": ("条件", "when"), "while": ("期间", "while"),
    "owner": ("责任人", "owner"),
    "stop_on": ("办理即止", "ended by"), "met_by": ("办理即完成", "met by"), "start_on": ("起算于", "started by"),
    "rebase_on": ("重新起算于", "counted again from"), "during": ("计时状态", "runs in"), "pause_in": ("中止于", "paused in"),
    "on_expire": ("届满即", "on expiry"), "on_breach": ("逾期即", "on breach"), "sent_on": ("送出于", "sent on"),
    "received_on": ("签收于", "received on"), "returned_on": ("退回于", "returned on"), "to": ("送", "to"), "tell": ("告知", "tells"),
    "encloses": ("附", "encloses"), "start_fact": ("起算事实", "counted from"),
    "stop_documents": ("材料到即止", "ended by the document"),
    "sender_clocks": ("送出方期限", "the sender's clock"), "receiver_clocks": ("接收方期限", "the receiver's clock"),
    "term": ("时长", "term"), "statute": ("法定期限", "statute"), "ladder": ("提醒阶梯", "ladder"),
}  # fmt: skip
"""How the keys are said with which a line about a clock, a hand-over or a rule begins."""

CODES = {
    "owner": "role", "tell": "role", "to": "role", "stop_on": "act", "met_by": "act", "start_on": "act", "rebase_on": "act",
    "on_expire": "act", "on_breach": "act", "sent_on": "act", "received_on": "act", "returned_on": "act", "during": "state",
    "pause_in": "state", "encloses": "document", "stop_documents": "document", "start_fact": "fact",
    "sender_clocks": "deadline", "receiver_clocks": "deadline",
}  # fmt: skip
"""What the word behind such a key names."""

CONDITIONS = ("never", "when", "while")


def compare_expectations(old: DefinitionDoc, new: DefinitionDoc) -> Iterator[Difference]:
    """What the two tables expect otherwise, one difference a line; a chapter that only one of them has is one difference."""
    for name, chapter in CHAPTERS.items():
        was, will = _chapter(old, name), _chapter(new, name)
        if was is None or will is None:
            if was is not will:
                yield _whole(name, chapter, gone=will is None)
            continue
        for doc, op, lines in ((old, "removed", was), (new, "added", will)):
            other = set(will if op == "removed" else was)
            for about, phrase in (line for line in lines if line not in other):
                yield _line(_Reader(doc), name, op, about, phrase)


def _chapter(doc: DefinitionDoc, name: str) -> list[tuple[str, str]] | None:
    """The lines of a chapter, ``(about, phrase)``; None if the table has none."""
    found = getattr(doc.expects or ExpectationsSpec(), name)
    if found is None:
        return None
    if name in LISTS:
        return [("", phrase) for phrase in found]
    return [(about, phrase) for about, phrases in found.items() for phrase in phrases]


def _whole(name: str, chapter: Chapter, *, gone: bool) -> Difference:
    zh, en = chapter.called
    said = (f"对账表不再列“{zh}”", f"the table of expectations no longer has the chapter ‘{en}’")
    if not gone:
        said = (f"对账表新列“{zh}”", f"the table of expectations now has the chapter ‘{en}’")
    return Difference(WEIGHT, "expects", "removed" if gone else "added", name, *said)


def _line(reader: "_Reader", name: str, op: str, about: str, phrase: str) -> Difference:
    chapter = CHAPTERS[name]
    one, other = reader.say(chapter.about, about), reader.say(chapter.phrase, phrase)
    zh = chapter.says[0].format(about=one[0], phrase=other[0])
    en = chapter.says[1].format(about=one[1], phrase=other[1])
    said = (
        (f"不再预期：{zh}", f"no longer expected: {en}")
        if op == "removed"
        else (f"现预期：{zh}", f"now expected: {en}")
    )
    before, after = (phrase, None) if op == "removed" else (None, phrase)
    return Difference(WEIGHT, "expects", op, about or phrase, *said, name, before, after)


class _Reader:
    """Says the codes and conditions of one definition in words."""

    def __init__(self, doc: DefinitionDoc) -> None:
        self.doc, self.labels = doc, labels_of(doc)
        self.own: dict[str, Callable[[str], Words]] = {
            "act": self._act, "move": self._move, "condition": self._condition, "setting": self._setting,
            "bearing": self._bearing, "written": self._written,
        }  # fmt: skip

    def say(self, kind: str, text: str) -> Words:
        """*text* as what it names: a code, an act, a condition, or words as they are written."""
        own = self.own.get(kind)
        if own is not None:
            return own(text)
        spec = getattr(self.doc, kind, {}).get(text) if kind in ("monitors", "evaluates", "invariants") else None
        label: Label | None = spec.label if spec is not None else self.labels.get(f"{kind}:{text}")
        return (label.zh, label.en) if label else SPECIAL.get(text, (text, text))

    def _act(self, text: str) -> Words:
        trigger, mark, number = text.partition("#")
        zh, en = self.say("trigger", trigger)
        return (f"{zh}（第{number}条）", f"{en} (no. {number})") if mark else (zh, en)

    def _move(self, text: str) -> Words:
        start, _, end = text.partition(" > ")
        starts = [self.say("state", code) for code in start.split("|")]
        there = self.say("state", end)
        return (
            f"“{'、'.join(zh for zh, _ in starts)}”到“{there[0]}”",
            f"from ‘{', '.join(en for _, en in starts)}’ to ‘{there[1]}’",
        )

    def _condition(self, text: str) -> Words:
        try:
            expr = compile_expr(text, names_of(self.doc, None))
        except ExprError:
            return text, text
        return read_aloud(expr, self.labels, "zh"), read_aloud(expr, self.labels, "en")

    def _setting(self, text: str) -> Words:
        fact, _, value = text.partition(" = ")
        zh, en = self.say("fact", fact)
        return f"“{zh}”＝{value}", f"‘{en}’ = {value}"

    def _bearing(self, text: str) -> Words:
        _, waits, role = text.partition("waits_for ")
        zh, en = self.say("role", role) if waits else BEARINGS.get(text, (text, text))
        return (f"等待{zh}", f"waits for {en}") if waits else (zh, en)

    def _written(self, text: str) -> Words:
        """A line about a clock, a hand-over or a rule: its key in words, and what stands behind it."""
        key, _, rest = text.partition(" ")
        words = KEYS.get(key)
        if words is None:
            return text, text
        if key in CONDITIONS:
            zh, en = self._condition(rest)
        else:
            zh, en = self.say(CODES.get(key, ""), rest)
        return f"{words[0]}“{zh}”", f"{words[1]} ‘{en}’"
