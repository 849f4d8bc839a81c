"""What pages about personal data say of places and fields, and what their form of a request states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import DubanError
from engine.machine import Compiled
from web.console.shell import Speech
from web.console.telling import Teller
from web.console.visit import Visit
from workflows.words import PRIVATE

STREAMS: Mapping[str, tuple[str, str]] = {
    "matter": ("事项留痕", "the matter's record"),
    "notices": ("通知留痕", "the record of messages"),
    "vault": ("举报人信息留痕", "the record of the vault"),
    "authz": ("账号", "account"),
    "contacts": ("联系方式", "contacts"),
    "access": ("登录", "log-ins"),
    "privacy": ("个人信息办理", "acts about personal data"),
}
"""What a stream is called, by how its name begins."""

BESIDE: Mapping[str, tuple[str, str]] = {
    "title": ("标题", "title"),
    "reasons": ("理由、说明等文字", "reasons and remarks"),
    "names": ("材料名称", "names of documents"),
    "papers": ("材料内容（销毁）", "bytes of documents (destroyed)"),
    "name": ("姓名", "name"),
    "addresses": ("联系地址", "addresses"),
}
"""What can be erased beside facts."""

CHOICES = ("title", "reasons", "names", "papers")


@dataclass(frozen=True, slots=True)
class Form:
    """A request to erase as it was typed."""

    ref: str
    person: str
    text: str | None
    fields: list[str]
    ground: str
    note: str
    spare: list[str]


def asked_form(visit: Visit) -> Form:
    """What the form, or the address that leads to it, states."""
    fields = [str(each) for each in visit.form.getlist("fields") if isinstance(each, str)]
    places = [str(each) for each in visit.form.getlist("leave") if isinstance(each, str)]
    return Form(
        visit.field("ref") or visit.asked("ref"), visit.field("person") or visit.asked("person"), visit.field("text") or None,
        fields, visit.field("ground"), visit.field("note"), places,
    )  # fmt: skip


class Fields:
    """Fields and places in the visitor's words."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._speech = visit, visit.speech
        self._machines: dict[str, Compiled | None] = {}

    def of(self, ref: str | None, name: str) -> str:
        """A field of a request about the matter *ref*, or of an account."""
        if name in BESIDE:
            return self._speech.t(*BESIDE[name])
        return self.private(ref, f"fact:{name}")

    def private(self, ref: str | None, name: str) -> str:
        """A private value of an entry, by the name it has there."""
        machine = self._machine(ref) if ref else None
        if machine is None:
            return self._speech.t(*BESIDE.get(name, PRIVATE.get(name, (name, name))))
        return Teller(self._visit.campaign, machine, self._speech).private(name)

    def stream(self, stream: str) -> str:
        """A stream, without of what it is."""
        return stream_words(self._speech, stream)

    def place(self, each: Mapping[str, Any]) -> str:
        """A place that an erasure would take: which record, which entry, which field."""
        ref = each["stream"].partition("/")[2]
        number = self._speech.t(f"第{each['seq']}条", f"entry {each['seq']}")
        return f"{self.stream(each['stream'])} {number} · {self.private(ref, each['field'])}"

    def choices(self, ref: str) -> list[tuple[str, str]]:
        """What can be chosen for a matter that is seen: its personal facts, and the rest beside facts."""
        machine = self._machine(ref) if ref else None
        personal = sorted(code for code, spec in machine.doc.facts.items() if spec.personal) if machine else []
        return [(code, self.of(ref, code)) for code in (*personal, *CHOICES)]

    def _machine(self, ref: str) -> Compiled | None:
        if ref not in self._machines:
            self._machines[ref] = _machine_of(self._visit, ref)
        return self._machines[ref]


def _machine_of(visit: Visit, ref: str) -> Compiled | None:
    kind = ref.partition("/")[0]
    try:
        return visit.campaign.kind(kind)
    except DubanError:
        return None


def stream_words(speech: Speech, stream: str) -> str:
    """What a stream is called."""
    kind = stream.partition("/")[0]
    return speech.t(*STREAMS.get(kind, (kind, kind)))


def shown_items(visit: Visit, items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was found, each with its matter and its field in words."""
    fields = Fields(visit)
    found = []
    for each in items:
        of, _, about = each["stream"].partition("/")
        ref = about if of in ("matter", "notices", "vault") else None
        found.append(
            {
                **each, "ref": ref, "about": about, "where": fields.stream(each["stream"]),
                "what": fields.private(ref, each["field"]),
            }
        )  # fmt: skip
    return found
