"""Messages in Chinese: each by its English form, ``{}`` standing for what differs.

Here are the forms of what checks find in definitions and campaigns; those of other subjects are in `engine.chinese`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

IN_CHINESE: Mapping[str, str] = {
    # --- any file
    "did you mean '{}'?": "是否为“{}”？",
    "did you mean {}?": "是否为{}？",
    "put it in quotes": "请加引号",
    "there is no {} '{}'": "没有{:word}“{}”",
    "the {} '{}' is here twice": "{:word}“{}”重复",
    "and {} more problems": "另有{}处错误",
    "the key '{}' is missing": "缺少键“{}”",
    "there is no key '{}' here": "此处没有键“{}”",
    "a text is needed here": "此处须为文字",
    "a whole number is needed here": "此处须为整数",
    "true or false is needed here": "此处须为 true 或 false",
    "a list is needed here": "此处须为列表",
    "a mapping of keys to values is needed here": "此处须为键值对",
    "the file is empty": "文件为空",
    "the text is empty": "文字为空",
    "the list is empty": "列表为空",
    "'{}' is not possible here": "此处不能为“{}”",
    "{} is not possible here": "此处不能为{}",
    "'{}' does not have the right form": "“{}”的格式不对",
    "{} or a list is needed here": "此处须为{}或列表",
    "a text, a number, true or false is needed here": "此处须为文字、数字、true 或 false",
    # --- arrows
    "'{}' is how a matter is opened, it cannot name an arrow": "“{}”是立项动作，不能再作转移的动作",
    "the state '{}' is final, no arrow leads out of it": "状态“{}”是终结状态，不得有转移离开",
    "the state '{}' (in the stage '{}') is final, no arrow leads out of it": "状态“{}”（属阶段“{}”）是终结状态，不得有转移离开",
    "nothing enters '{}', so there is no way back from it": "没有转移进入“{}”，无从返回",
    "nothing enters '{}' (in the stage '{}'), so there is no way back from it": "没有转移进入“{}”（属阶段“{}”），无从返回",
    "the fact '{}' is both asked for and set": "事实“{}”既要填写又由动作设定",
    "the fact '{}' is both copied and set": "事实“{}”既由上级事项带入又被设定",
    "the deadline '{}' has no extension and cannot be put off": "期限“{}”没有延期规则，不能延期",
    "no version of {} knows an extension": "{}的各版本均未规定延期",
    "a free extension asks for the fact '{}'": "自由延期须填写事实“{}”",
    "the fact '{}' names a matter: it must be a text": "事实“{}”指向另一事项，类型须为文字",
    "the fact '{}' belongs in the vault: it must be a personal text": "事实“{}”属保密库内容，须为个人信息文字",
    "the fact '{}' must be of type date": "事实“{}”的类型须为 date",
    "no arrow leads to the state '{}'": "没有转移到达状态“{}”",
    "no arrow leads out of the state '{}', and it is not final": "没有转移离开状态“{}”，而它不是终结状态",
    "'{}' has another arrow from '{}' (line {}) open at once with this": "动作“{}”自“{}”另有一条转移（第{}行）与此同时可走",
    "the state '{}'{} is final, no arrow leads out of it": "状态“{}”{}是终结状态，不得有转移离开",
    "nothing enters '{}'{}, so there is no way back from it": "没有转移进入“{}”{}，无从返回",
    # --- campaign
    "the founding document does not say “{}”": "依据文件中没有“{}”",
    "the founding document does not say “{}…”": "依据文件中没有“{}……”",
    "the calendar has no day {}": "日历中没有{}这一天",
    "there is no time zone '{}'": "没有时区“{}”",
    "'{}' is no instant": "“{}”不是时刻",
    "the phase ends before it begins": "阶段的结束早于开始",
    "the phase begins on {}, but the one before it ends on {}": "阶段始于{}，而前一阶段止于{}",
    "the numbers of the phases must rise": "各阶段的序号须递增",
    "the body '{}' stands above itself": "机构“{}”成了自己的上级",
    "the body '{}' leads this duty and supports it too": "机构“{}”既牵头又配合同一职责",
    "nobody answers for the duty {}": "职责{}无人负责",
    "'{}' is reserved for the deadline's own body": "“{}”专指期限的责任机构",
    "the rung {} comes before {}, which stands above it": "第{}级早于列在其上的{}",
    "the chore ends before it begins": "例行事项的结束早于开始",
    "the return ends before it begins": "定期报表的结束早于开始",
    "'{}' is no day of the {}": "“{}”不是{}中的日子",
    "there is no definition of the kind '{}'": "没有事项类型“{}”的流程定义",
    "version {} of '{}' is wanted, the file has version {}": "要求版本{}（“{}”），文件为版本{}",
    "'{}' has no fact '{}'": "“{}”没有事实“{}”",
    "nobody holds the role '{}': no body has one of its posts": "角色“{}”无人担任：没有机构设其岗位",
    "the part '{}' must be played by one body of the campaign; it is played by {}": "“{}”须由专项行动中的一个机构担任，现为{}",
    "opening '{}' asks for the fact '{}', which is not given here": "立项“{}”须填写事实“{}”，此处未给出",
    "'{}' is of type {}, '{}' of {} of type {}": "“{}”的类型是{}，而“{}”（{}）的类型是{}",
    "a return is opened with {}; '{}' asks for others": "报表以{}立项，“{}”要求其他事实",
    "reminders fall due at {}, outside the window {}: each would come a day late": "提醒定于{}，在投递时段{}之外：每次都会迟一天",
    # --- deadlines, hand-overs, monitors
    "the deadline has neither 'term' nor 'statute'": "期限既无 term 也无 statute",
    "the key 'basis' is missing: what does the term rest on?": "缺少键 basis：期限以何为据？",
    "the fact '{}' is of type {}; {} is needed here": "事实“{}”的类型是{}，此处须为{}",
    "no arrow of the trigger '{}' has the role system, so no correction can fire it": "动作“{}”没有允许系统办理的转移，更正无法触发",
    "no arrow of the trigger '{}' has the role system, so the deadline cannot fire it": "动作“{}”没有允许系统办理的转移，期限无法触发",
    "met_by says how 'during' may be left, and there is no 'during'": "met_by 说明如何离开 during，而没有 during",
    "nothing meets this deadline": "没有任何动作或材料能办结此期限",
    "'{}' sends and receives in one act, so it must bring a receipt": "“{}”一并送出和接收，须附回执",
    "'{}' sends the document '{}' and does not need it": "“{}”送出材料“{}”，却未要求有此材料",
    "what '{}' sends cannot be received in '{}'": "“{}”送出的，在“{}”无法接收",
    "'{}' is a deadline already": "“{}”已是期限",
    "a monitor counts in {}": "监测须以{}计",
    "a monitor cannot ask {}(): {}": "监测不能用{}()：{}",
    # --- facts, expressions, standards
    "a duty that is evaluated needs correct_approved_by: who approves a correction that takes it away":
        "认定的移送义务须写明 correct_approved_by：由谁批准将其更正掉",
    "the fact '{}' is personal, and what is evaluated is kept in the record": "事实“{}”属个人信息，而认定所用的会留痕",
    "a fact of type {} cannot be given a constant": "类型为{}的事实不能设为常数",
    "{} is needed here": "此处须为{}",
    "'{}' is not a value of this fact": "“{}”不是此事实的取值",
    "{} is below the least value of this fact, {}": "{}小于此事实的最小值{}",
    "the fact '{}' is already asked for": "事实“{}”已要求填写",
    "there is no fact '{}'": "没有事实“{}”",
    "a brace is not closed or not opened": "花括号不成对",
    "nothing fills the placeholder '{}'": "占位符“{}”无可填入",
    "a fact of type {} needs either values or a taxonomy": "类型为{}的事实须有 values 或 taxonomy 之一",
    "only facts of type enum or enums have {}": "只有 enum、enums 类型的事实有{}",
    "only numbers have a minimum": "只有数字有最小值",
    "the fact '{}' is of type {} and names no body": "事实“{}”的类型是{}，不指明机构",
    "no standard has rows for {}": "没有标准规定{}",
    "the fact '{}' has another type or other values in the standards ({})": "事实“{}”的类型或取值与标准（{}）不同",
    "the fact '{}' is not true or false": "事实“{}”不是真假值",
    "the row '{}' is not valid on any day of its file": "“{}”一行在文件施行期间从不生效",
    "only rows of '{}' are narrowed to some crimes": "只有“{}”的各行可限于某些罪名",
    "'{}' looks at more than facts": "“{}”所看的不只是事实",
    "{} lies before {}": "{}早于{}",
    "'{}' is no day of the calendar": "“{}”不是日历中的日子",
    "the expression is empty": "条件为空",
    "this is not an expression": "这不是条件表达式",
    "this is no comparison": "这不是比较",
    "a comparison begins with a fact": "比较须以事实开头",
    "comparisons cannot be chained": "比较不能连写",
    "a comma, a blank, 'and' or 'or' is missing before this": "此前缺少逗号、空格、and 或 or",
    "a fact is multiplied by a whole number": "事实只能乘以整数",
    "a sum is compared with a number": "合计须与数字比较",
    "a sum is made of facts": "合计须由事实组成",
    "a text in quotes is needed here": "此处须为带引号的文字",
    "only facts, comparisons, predicates, and, or, not are possible here": "此处只能用事实、比较、谓词、and、or、not",
    "only predicates can be called": "只有谓词可以调用",
    "the number is too large": "数字过大",
    "'{}' is not called like this": "“{}”不是这样调用的",
    "'{}' is no date": "“{}”不是日期",
    "after '{}' comes a list": "“{}”之后须为列表",
    "the expression has {} characters; at most {}": "条件有{}个字符，至多{}个",
    "the fact '{}' of type {} is not added to others here": "类型为{1}的事实“{0}”不能在此相加",
    "the fact '{}' holds several values": "事实“{}”有多个值",
    "the fact '{}' is an instant and is not compared": "事实“{}”是时刻，不作比较",
    "the fact '{}' is of type {} and cannot stand alone": "事实“{}”的类型是{}，不能单独作条件",
    "the fact '{}' is true or false and is not compared": "事实“{}”是真假值，不作比较",
    # --- statutes
    "no deadline names the statute '{}'": "没有期限引用法定期限“{}”",
    "{} is extended by the role '{}', which is not declared here": "{}由角色“{}”延期，此处未声明该角色",
    "this version ends on {}, before it begins on {}": "本版本止于{}，早于开始之日{}",
    "'{}' is no day of any calendar": "“{}”不是任何日历中的日子",
    "a statute counts days, workdays, hours, months or half_months; a date belongs to the deadline":
        "法定期限以日、工作日、小时、月或半月计；日期写在期限里",
    "in force from {}, while the version from {} is ({})": "自{}起施行，而自{}起的版本仍在施行（{}）",
    "the statute '{}' is in two files": "法定期限“{}”在两个文件中",
    # --- names, migrations
    "a definition needs states": "流程定义须有状态",
    "the state '{}' is here twice, first on line {}": "状态“{}”重复，首次在第{}行",
    "the role 'system' belongs to timers and signals and is not declared": "角色 system 属于计时器和信号，不须声明",
    "version {} is not earlier than this one, {}": "版本{}不早于本版本{}",
    "'{}' is a stage; a matter goes to one of its states": "“{}”是阶段；事项须到其中的一个状态",
    "'{}' is the place of '{}' already": "“{}”已是“{}”的去处",
    # --- words of notices
    "the language '{}' is missing": "缺少语言“{}”",
    "there is no kind of notice '{}'": "没有通知种类“{}”",
    "'{}' after @ is neither a circle nor a rung of this campaign": "@后的“{}”既不是本专项行动的对象范围，也不是阶梯的级",
    "the {} is empty": "{}为空",
    "the {} has {} characters; at most {} are allowed": "{}有{}个字符，至多{}个",
    "character U+{} is not allowed in a text": "文字中不得有字符 U+{}",
    "a placeholder that is not whole: '{}'": "占位符不完整：“{}”",
    "a subject is one line": "标题须为一行",
    "there is no placeholder '{}'": "没有占位符“{}”",
}  # fmt: skip
"""English to Chinese; what stands in ``{}`` is taken over in its order."""


KINDS: Mapping[str, str] = {
    "role": "角色", "state": "状态", "document": "材料", "fact": "事实", "trigger": "动作", "deadline": "期限", "body": "机构",
    "part": "职能", "ladder": "阶梯", "date": "日期", "kind": "事项类型", "post": "岗位", "phase": "阶段", "duty": "职责",
    "circle": "对象范围", "taxonomy": "分类", "statute": "法定期限", "predicate": "谓词", "value": "取值", "rung": "级",
    "trigger of the parent": "上级事项的动作", "kind opened here": "由本事项派生的事项类型", "role or circle": "角色或对象范围",
    "chore": "日常任务", "code": "代码", "deliverable": "报送材料", "family of standards": "标准类别", "kind of document": "材料种类",
    "fact of the standards": "追诉标准所用的事实", "kind that a digest takes up": "汇总可含的通知种类", "login": "登录名",
    "milestone": "节点", "monitor": "监测", "return": "定期报表", "row": "行", "safeguard": "保障措施", "version": "版本",
    "recipient": "接收人", "channel": "渠道", "rehearsal": "推演", "production": "正式",
    "address": "地址", "quiet": "免打扰", "rank": "次序", "until": "截止时间", "name": "姓名",
    "checkpoint": "检查点", "anchor": "锚点", "is gone": "已不见", "is another": "已不同", "has been changed": "被改动",
}  # fmt: skip
"""What the general forms speak of, by its English word."""

SUBJECTS = ("files", "people", "record", "matters", "findings", "privacy", "edges", "system", "evidence")
"""The modules of `engine.chinese` that hold the forms of what is not a check of a file; read when first needed."""


class _Taken(str):
    """What stands at a place of a form; as a ``{:word}`` it is said in Chinese if it is one of `KINDS`.

    One of a certain kind, such as the trigger of a child, is said to be of it.
    """

    def __format__(self, wanted: str) -> str:
        if wanted != "word" or self in KINDS:
            return KINDS[self] if wanted == "word" else str(self)
        what, of, whose = self.partition(" of ")
        return f"{whose}的{KINDS[what]}" if of and what in KINDS else str(self)


class _Form(NamedTuple):
    longest: str
    pattern: re.Pattern[str]
    zh: str


def every_form() -> dict[str, str]:
    """All forms, English to Chinese."""
    found = dict(IN_CHINESE)
    for subject in SUBJECTS:
        found |= import_module(f"engine.chinese.{subject}").SAID
    return found


@cache
def _forms() -> tuple[_Form, ...]:
    """The forms, those with the most words of their own first: so none is taken for a more general one."""
    found = every_form()
    ordered = sorted(found, key=lambda each: -len(each.replace("{}", "")))
    return tuple(_form(each, found[each]) for each in ordered)


def _form(en: str, zh: str) -> _Form:
    pieces = en.split("{}")
    return _Form(max(pieces, key=len), re.compile("(.*?)".join(map(re.escape, pieces)), re.DOTALL), zh)


def in_chinese(message: str) -> str:
    """The *message* in Chinese, also with its place before it; empty if nobody has said it in Chinese."""
    for form in _forms():
        match = form.longest in message and form.pattern.fullmatch(message)
        if match:
            return form.zh.format(*map(_taken, match.groups()))
    place, colon, rest = message.partition(": ")
    zh = in_chinese(rest) if colon else ""
    return f"{place}：{zh}" if zh else ""


def worded(message: str, lang: str) -> str:
    """The *message* in Chinese if that is wanted and anybody has said it so, else as it is."""
    return (lang == "zh" and in_chinese(message)) or message


def bracketed(text: str, lang: str) -> str:
    """A *text* in brackets, to be put behind another: full-width ones in Chinese."""
    return f"（{text}）" if lang == "zh" else f" ({text})"


def _taken(said: str) -> _Taken:
    """What a message tells of, in its turn in Chinese if it is a message itself; quoted as Chinese is."""
    if _QUOTED_LIST.fullmatch(said):
        return _Taken("、".join(f"“{quoted}”" for quoted in _QUOTED.findall(said)))
    return _Taken((" " in said and in_chinese(said)) or said)


_QUOTED = re.compile(r"'([^']*)'")
_QUOTED_LIST = re.compile(rf"{_QUOTED.pattern}(, {_QUOTED.pattern})*")
"""How Python quotes a text, and texts."""
