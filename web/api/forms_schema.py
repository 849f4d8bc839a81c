"""The forms of what may be sent: every field described in both languages, nothing else taken."""

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

Text = Annotated[str, Field(max_length=20_000)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
Instant = Annotated[
    str, Field(max_length=64, description="RFC 3339；不带时区按本专项行动时区 · without an offset: the campaign's zone")
]


class Form(BaseModel):
    """A form; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Upload(Form):
    """A document within JSON; larger ones come as files of a form."""

    name: Annotated[
        str,
        Field(min_length=1, max_length=255, description="文件名，扩展名决定格式 · file name; its ending says the form"),
    ]
    content: Annotated[str, Field(description="文件内容（Base64） · the bytes in base64")]
    _plain: bytes | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, name: str, content: bytes) -> "Upload":
        """A file of a form, whose bytes need no base64."""
        made = cls(name=name, content="")
        made._plain = content
        return made

    @property
    def plain(self) -> bytes:
        """The bytes. Raises ValueError for what is no base64."""
        return base64.b64decode(self.content, validate=True) if self._plain is None else self._plain


class Acting(Form):
    """For whom one acts."""

    on_behalf_of: Code | None = Field(
        None, description="代谁办理（须有生效的委托） · for whom, by a delegation in force"
    )


class Order(Acting):
    """What every order takes."""

    reason: Text | None = Field(None, description="理由 · why")
    occurred_at: Instant | None = Field(None, description="实际发生时间，默认现在 · when it happened; now if left out")


class WithDocuments(Order):
    """An order that brings documents."""

    documents: dict[str, Upload] = Field(
        default={}, max_length=20, description="材料：种类 → 文件 · documents by their kind"
    )


class WithFacts(WithDocuments):
    """An order that states facts."""

    facts: dict[str, Any] = Field(default={}, max_length=200, description="填写的内容：代码 → 值 · facts by their code")


class OpenForm(WithFacts):
    """开立事项 · Open a matter."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"kind": "case", "body": "gongshang", "title": "侵权手机案", "facts": {"infringement": "c214"}},
    ]})  # fmt: skip
    kind: Code = Field(description="事项类型 · kind of matter")
    body: Code | None = Field(None, description="责任单位，默认本单位 · its body; one's own if left out")
    title: Text | None = Field(None, description="标题 · title")
    ref: Code | None = Field(None, description="事项编号，默认自动编号 · its reference; it is given one if left out")


class DoForm(WithFacts):
    """办理动作 · Fire a trigger."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"trigger": "submit_plan", "reason": None}]})
    trigger: Code = Field(description="动作，见 possibilities · the trigger; see possibilities")


class CorrectForm(Order):
    """更正 · Correct facts."""

    facts: dict[str, Any] = Field(
        min_length=1, max_length=200, description="更正后的内容 · the facts as they are right"
    )
    approved_by: Code | None = Field(
        None, description="批准人（仅推演；正式库用 Approver-Authorization 头） · who approves, in a rehearsal only"
    )


class AttachForm(WithDocuments):
    """补充材料 · Bring documents without a move."""


class UrgeForm(Acting):
    """催办 · Urge."""

    text: Text = Field(min_length=1, description="催办内容 · the words")


class CommentForm(Acting):
    """批注 · Words on the record."""

    text: Text = Field(min_length=1, description="批注内容 · the words")
    copy_to: list[Code] = Field(default=[], max_length=50, description="抄送单位 · bodies that get a copy")


class ExtendForm(WithDocuments):
    """延长期限 · Put a deadline off."""

    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = Field(
        None, description="延至哪一日，规则未定时须填 · to which day, where the rule leaves it free"
    )


class ClockForm(WithFacts):
    """中止或恢复期限 · Pause or resume a clock."""


class AckForm(Acting):
    """签收 · Acknowledge."""


class EmptyForm(Form):
    """无内容 · Nothing is said."""


class ChoiceForm(Form):
    """哪些通知：编号，或收件人和（或）单位，或全部 · Which notices: ids, or recipient and/or body, or all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"body": "alpha", "reason": "核定"}]})
    ids: list[Annotated[str, Field(min_length=1, max_length=20)]] = Field(
        default=[], max_length=500, description="编号 · ids"
    )
    recipient: Code | None = Field(None, description="收件人 · to whom")
    body: Code | None = Field(None, description="单位 · body")
    all: bool = Field(default=False, description="全部 · all of them")
    reason: Text = Field(default="", description="理由 · why")


class DelegationForm(Form):
    """委托 · A delegation."""

    login: Code = Field(description="委托人 · who is away")
    to: Code = Field(description="受托人 · who stands in")
    from_: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = Field(alias="from", description="首日 · first day")
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = Field(description="末日（含） · last day, inclusive")
    body: Code | None = Field(None, description="单位，不填则全部 · body; all if left out")
    post: Code | None = Field(None, description="岗位，不填则全部 · post; all if left out")
    reason: Annotated[str, Field(min_length=1, max_length=2000)] = Field(description="事由 · why")


class EndForm(Form):
    """终止委托 · End a delegation."""

    login: Code = Field(description="委托人 · who is away")
    to: Code = Field(description="受托人 · who stands in")
    body: Code | None = Field(None, description="单位 · body")
    post: Code | None = Field(None, description="岗位 · post")


class ViewForm(Form):
    """自存筛选 · A filter to be kept."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "红灯案件", "filter": {"kind": "case", "light": "red"}}]}
    )
    name: Annotated[str, Field(min_length=1, max_length=60)] = Field(description="名称 · name")
    filter: dict[str, Any] = Field(
        max_length=30, description="筛选条件，同统计各行的 filter · the filter, as a row of statistics has it"
    )


class VerifyForm(Form):
    """核验留痕 · Verify the record."""

    matter: Code | None = Field(None, description="只核验一个事项 · only this matter; everything if left out")


class BulkLine(WithFacts):
    """批量指令的一行 · One line of many orders."""

    order: Literal["open", "do", "correct", "attach", "extend", "pause", "resume", "urge", "comment", "ack"] = Field(
        description="指令 · which order"
    )
    ref: Code | None = Field(None, description="事项 · matter")
    trigger: Code | None = Field(None, description="动作 · trigger")
    kind: Code | None = Field(None, description="事项类型 · kind")
    body: Code | None = Field(None, description="单位 · body")
    title: Text | None = Field(None, description="标题 · title")
    deadline: Code | None = Field(None, description="期限代码 · code of the deadline")
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = Field(None, description="延至 · to which day")
    notice: Annotated[str, Field(max_length=20)] | None = Field(None, description="通知编号 · id of the notice")
    copy_to: list[Code] = Field(default=[], max_length=50, description="抄送单位 · bodies that get a copy")
    if_version: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        None, description="仅当版本为 · only at this version"
    )
    request_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="请求编号，重复提交只办一次 · an id that makes repeating safe"
    )


class ContactForm(Form):
    """联系方式 · How somebody is reached."""

    holder: Code = Field(description="登录名、岗位或单位 · a login, a post or a body")
    channel: Code = Field(description="渠道 · channel")
    address: Annotated[str, Field(min_length=1, max_length=400)] = Field(description="地址 · address")
    quiet: Annotated[str, Field(max_length=20)] = Field(default="", description="免打扰时段 · quiet hours, 22:00-07:00")
    rank: Annotated[int, Field(ge=1, le=9)] = Field(default=1, description="先后 · which way is tried first")


class DropForm(Form):
    """删除联系方式 · A way that ends."""

    holder: Code = Field(description="登录名、岗位或单位 · a login, a post or a body")
    channel: Code = Field(description="渠道 · channel")


Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class DraftForm(Form):
    """草案：文件名 → 内容 · A draft: files by their names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"files": {"case.yaml": "schema: definition/1\n…"}}]})
    files: dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=256 * 1024)]] = Field(
        min_length=1, max_length=20,
        description="文件名 → 文本；方案或流程定义及其附带文件 · texts by name: a campaign or a definition, and what lies beside it",
    )  # fmt: skip


class ProposalForm(DraftForm):
    """提出草案 · Propose a draft."""

    said: Annotated[str, Field(max_length=2000)] = Field(default="", description="说明 · what for")


class MigrationForm(Form):
    """提出迁移在办事项 · Propose to take live matters over."""

    said: Annotated[str, Field(max_length=2000)] = Field(default="", description="说明 · what for")


class ApproveForm(Form):
    """批准草案 · Approve a proposal."""

    accept_open: bool = Field(default=False, description="尚有待定事项仍按现状施行 · although questions are open")


class RejectForm(Form):
    """退回草案 · Reject a proposal."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)] = Field(description="理由 · why")


class CalendarForm(Form):
    """放假安排 · A notice of holidays."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="文件名，.ics 或 .yaml · name of the file, .ics or .yaml"
    )
    content: Annotated[str, Field(min_length=1, max_length=48 * 1024)] = Field(description="文件内容 · its text")
    apply: bool = Field(default=False, description="真则导入，否则只预览 · take it over; else it is only looked at")


class TryForm(Form):
    """拟登记的内容 · What would be stated of a matter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "case", "facts": {"sales_amount": 6000000}}]})
    kind: Code = Field(description="事项类型 · kind of matter")
    facts: dict[str, Any] = Field(default={}, max_length=200, description="填写的内容：代码 → 值 · facts by their code")
    on: Day | None = Field(None, description="按何日有效的标准，默认今天 · the standards of which day")


class PlayForm(Form):
    """推演速度 · How fast a rehearsal runs."""

    days_per_s: int = Field(
        1, ge=0, le=1000, description="每秒推演几天，0 为尽快 · days a second; 0: as fast as it can"
    )


class AdvanceForm(Form):
    """推演到 · Until when a rehearsal goes on."""

    to: Instant = Field(description="推演到何时 · until when")
