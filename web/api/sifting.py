"""What a list of matters is narrowed down by, as the interface takes it: the same filters as on the command line."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.asked_facts import asked_facts
from engine.errors import Invalid
from engine.lists import Wanted
from web.api.answers import Paged
from web.api.parts import Parts
from web.api.speaking import body, instant

Light = Literal["red", "yellow", "green", "none"]
Pair = Annotated[str, Field(max_length=300)]
Pairs = Annotated[list[Pair], Field(max_length=20)]
At = Annotated[str, Field(max_length=64)]


class Sifted(BaseModel):
    """Which matters: all that is given must fit."""

    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(max_length=100, description="事项类型 · kind")] | None = None
    body: Annotated[str, Field(max_length=100, description="责任单位 · body")] | None = None
    state: Annotated[str, Field(max_length=100, description="状态或阶段 · state or stage")] | None = None
    stage: Annotated[str, Field(max_length=100, description="阶段 · stage")] | None = None
    light: Annotated[Light, Field(description="红黄绿灯，none 为无灯 · light; none: without any")] | None = None
    closed: Annotated[bool, Field(description="是否办结 · whether it is at an end")] | None = None
    due_before: Annotated[At, Field(description="此前到期 · a deadline runs out before")] | None = None
    due_after: Annotated[At, Field(description="此后到期 · the next deadline runs out then or after")] | None = None
    opened_from: Annotated[At, Field(description="此时起开立 · opened then or after")] | None = None
    opened_until: Annotated[At, Field(description="此前开立 · opened before")] | None = None
    waiting_for: Annotated[str, Field(max_length=100, description="等待该单位 · waits for that body")] | None = None
    late: Annotated[str, Field(max_length=100, description="未按时的期限 · a deadline that was not kept")] | None = None
    standing: (
        Annotated[
            str,
            Field(
                max_length=120, description="期限办理情况：期限:on_time、late、missing、open · how a deadline was kept"
            ),
        ]
        | None
    ) = None
    having: Pairs = Field(default=[], description="某项为某值：fact=value · a fact with this value; may be repeated")
    lacks: Pairs = Field(
        default=[], description="某项不为某值：fact=value · a fact without this value; may be repeated"
    )
    amount: Pairs = Field(default=[], description="金额区间（分）：fact=min..max · a sum in fen, bounds included")
    text: (
        Annotated[str, Field(max_length=200, description="全文：标题、编号、内容 · words in title, reference, facts")]
        | None
    ) = None

    def wanted(self, parts: Parts) -> Wanted:
        """The filter. Raises Invalid for a body, an instant or a pair that is none."""
        plain: dict[str, Any] = {
            name: getattr(self, name) for name in ("kind", "state", "stage", "light", "closed", "late", "standing")
        }
        times: dict[str, Any] = {
            name: instant(parts, getattr(self, name), name)
            for name in ("due_before", "due_after", "opened_from", "opened_until")
        }
        return Wanted(
            **plain, **times, body=body(parts, self.body), waiting_for=body(parts, self.waiting_for), text=self.text or None,
            facts=self._facts(parts, "having"), lacks=self._facts(parts, "lacks"),
            amounts=tuple(_sum(each) for each in self.amount),
        )  # fmt: skip

    def _facts(self, parts: Parts, name: str) -> tuple[tuple[str, str], ...]:
        return asked_facts(parts.workspace.campaign, [_pair(name, each) for each in getattr(self, name)])


class MattersAsked(Sifted, Paged):
    """Which matters, in which order, and which page of them."""

    order: Annotated[
        Literal["urgency", "ref", "updated"],
        Field(description="排序：紧急程度、编号、最近更新 · red first, by reference, or what was touched last first"),
    ] = "ref"
    as_of: Annotated[At, Field(description="当时的情形 · as it was then")] | None = None


def _pair(name: str, said: str) -> tuple[str, str]:
    code, sign, value = said.partition("=")
    if not sign or not code or not value:
        raise Invalid(f"{name}: write fact=value, not {said[:80]!r}", "filter")
    return code, value


def _sum(said: str) -> tuple[str, int | None, int | None]:
    code, bounds = _pair("amount", said)
    least, dots, most = bounds.partition("..")
    ends: list[Any] = [_fen(least), _fen(most)]
    if not dots or False in ends or ends == [None, None]:
        raise Invalid(f"amount: write fact=min..max in fen, one of them may be left out, not {said[:80]!r}", "amount")
    return code, ends[0], ends[1]


def _fen(text: str) -> int | bool | None:
    """A number of fen; None for an empty end, False for what is none."""
    if not text:
        return None
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else False
