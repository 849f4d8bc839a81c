"""Forms for what an act asks: each fact as the field that fits its type, read back as it was typed, refused beside the field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from engine.campaign import Campaign
from engine.definition_schema import FactSpec
from engine.errors import Invalid
from engine.facts import FactReader, read_instant
from engine.machine import Compiled
from engine.units import unit_in
from web.console.shell import Speech

PREFIX = "fact."
"""How the names of fields begin that state facts."""

KINDS = {"int": "number", "money": "text", "text": "text", "date": "date", "instant": "datetime-local"}
"""The kind of input by the type of a fact; the others are choices."""

YES_NO = (("true", ("是", "yes")), ("false", ("否", "no")))


@dataclass
class Field:
    """A field of a form: what it is called, how it is entered, what was typed, and what is wrong with it."""

    code: str
    title: str
    kind: str
    value: str = ""
    chosen: frozenset[str] = frozenset()
    options: Sequence[tuple[str, str]] = ()
    required: bool = False
    hint: str = ""
    error: str = ""
    short: bool = False
    """Whether a text is one short line, such as an amount."""

    @property
    def name(self) -> str:
        return PREFIX + self.code


@dataclass
class Stated:
    """What a form states: the facts as the engine reads them, and what is wrong, by fact."""

    facts: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def fields_of(
    campaign: Campaign, machine: Compiled, asks: Iterable[str], optional: Iterable[str], speech: Speech,
    typed: FormData | None = None, errors: Mapping[str, str] | None = None, held: Mapping[str, Any] | None = None,
) -> list[Field]:  # fmt: skip
    """The fields for the facts that an act *asks* and takes (*optional*), with what was *typed*, else what is *held*."""
    asks = list(asks)
    found = []
    for code in [*asks, *(each for each in optional if each not in asks)]:
        spec = machine.doc.facts[code]
        made = Field(
            code, speech.label(spec.label), KINDS.get(spec.type, "choice"), required=code in asks,
            options=options_of(campaign, spec, speech), hint=_hint(spec, speech), error=(errors or {}).get(code, ""),
            short=spec.type == "money",
        )  # fmt: skip
        if spec.type == "enums":
            made.kind = "choices"
        said = _typed(typed, made.name) if typed is not None else _as_typed(spec, (held or {}).get(code), campaign.zone)
        made.value, made.chosen = ",".join(said), frozenset(said)
        found.append(made)
    return found


def options_of(campaign: Campaign, spec: FactSpec, speech: Speech) -> list[tuple[str, str]]:
    """What can be chosen for a fact: pairs of code and words; nothing for a fact that is typed."""
    if spec.type == "bool":
        return [(code, speech.t(*words)) for code, words in YES_NO]
    if spec.type == "body":
        return [(code, speech.label(body.name)) for code, body in campaign.bodies.items()]
    if spec.type not in ("enum", "enums"):
        return []
    if spec.taxonomy is not None:
        return [(taxon.code, speech.label(taxon.name)) for taxon in campaign.doc.taxonomies[spec.taxonomy]]
    return [(code, speech.label(spec.value_labels.get(code)) or code) for code in spec.values]


def stated(machine: Compiled, codes: Iterable[str], form: FormData, reader: FactReader, speech: Speech) -> Stated:
    """Read the facts of *codes* from a form; what was left empty is not stated. Amounts are typed in yuan, kept in fen.

    *reader* is the engine's own for this machine (``campaign.facts[definition_id]``).
    """
    said = Stated()
    for code in codes:
        spec = machine.doc.facts[code]
        typed = _typed(form, PREFIX + code)
        if not any(typed):
            continue
        try:
            said.facts |= reader.read({code: _as_stated(spec, typed)})
        except (Invalid, InvalidOperation, ValueError):
            said.errors[code] = _wanted(spec, speech)
    return said


def occurred(typed: str, zone: ZoneInfo) -> datetime | None:
    """When an act happened, as a form says it; None if it does not. Raises ValueError."""
    return read_instant(typed, zone) if typed else None


def _typed(form: FormData, name: str) -> list[str]:
    return [each.strip() for each in form.getlist(name) if isinstance(each, str)]


def _as_stated(spec: FactSpec, typed: Sequence[str]) -> Any:
    if spec.type == "enums":
        return [each for each in typed if each]
    if spec.type == "money":
        fen = Decimal(typed[0].replace(",", "").replace("，", "")) * 100
        if fen != fen.to_integral_value():
            raise ValueError("a fen is not divided")
        return int(fen)
    return typed[0]


def _as_typed(spec: FactSpec, value: Any, zone: ZoneInfo) -> list[str]:
    """A held value as it would be typed."""
    if value is None or value == "":
        return []
    if spec.type == "money":
        return [format((Decimal(value) / 100).quantize(Decimal("0.01")), "f").removesuffix(".00")]
    if spec.type == "bool":
        return ["true" if value else "false"]
    if spec.type == "enums":
        return [str(each) for each in value]
    if spec.type == "instant":
        return [datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%dT%H:%M")]
    return [str(value)]


def _hint(spec: FactSpec, speech: Speech) -> str:
    if spec.type == "money":
        return speech.t("单位：元", "in yuan")
    return unit_in(spec, speech.lang)


def _wanted(spec: FactSpec, speech: Speech) -> str:
    wanted = {
        "int": ("请填整数", "a whole number"),
        "money": ("请填金额（元，最多两位小数，不为负）", "an amount in yuan, at most two decimals, not negative"),
        "date": ("请填日期，如 2010-11-26", "a day like 2010-11-26"),
        "instant": ("请填时间，如 2010-11-26T09:00", "an instant like 2010-11-26T09:00"),
        "text": ("文字过长或含有不能保存的字符", "the text is too long or holds characters that cannot be kept"),
    }
    return speech.t(*wanted.get(spec.type, ("请从所列各项中选择", "choose one of those listed")))
