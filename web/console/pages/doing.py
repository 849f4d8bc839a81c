"""Acts on a matter: each form becomes one order; one that is refused comes back with what was typed and what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Conflict, DubanError, Forbidden, Invalid, NotFound, Refused
from engine.machine import Compiled
from engine.orders import Actor, Attach, Comment, Correct, Do, Document, Extend, Order, Urge
from engine.outcome import Outcome
from web.console.acts_besides import correctable
from web.console.cards import Attempt
from web.console.forms import occurred, stated
from web.console.held_form import SECRET
from web.console.pages.matter import machine_of, matter_page
from web.console.refusals import STATUS, in_words
from web.console.shell import matter_url
from web.console.telling import Teller
from web.console.timeline import people, told
from web.console.uploads import Brought, brought, extra
from web.console.visit import Visit, Visitor

router = APIRouter()

CODE_BEHIND = re.compile(r"\(([a-z][a-z0-9_]*)\)$")
"""How a reason names the fact or the document that it is about."""


class Sent:
    """A form about a matter that was sent: the matter, its words, and what the form says, read once."""

    def __init__(self, visit: Visit, machine: Compiled, key: str, shown: Mapping[str, Any] | None = None) -> None:
        self.visit = visit
        self.shown = shown or {}
        self.ref: str = self.shown.get("ref", "")
        self.teller = Teller(visit.campaign, machine, visit.speech)
        self.attempt = Attempt(key)
        self.papers = Brought()

    @classmethod
    def about(cls, visit: Visit, ref: str, key: str) -> "Sent":
        """The form *key* of a matter's page. Raises NotFound for one that the visitor does not see."""
        shown = visit.reader.show(ref)
        return cls(visit, machine_of(visit, shown), key, shown)

    def facts(self, codes: Iterable[str]) -> dict[str, Any]:
        """The facts of *codes* that the form states; what is wrong is noted beside them."""
        machine = self.teller.machine
        said = stated(machine, codes, self.visit.form, self.visit.campaign.facts[machine.id], self.visit.speech)
        self.attempt.errors |= said.errors
        return said.facts

    def documents(self) -> tuple[Document, ...]:
        """The documents that the form brings; what is wrong is noted beside them."""
        kinds = list(self.teller.machine.doc.documents)
        self.papers = brought(self.visit, kinds)
        extra(self.visit, kinds, self.papers)
        self.attempt.papers |= self.papers.errors
        return tuple(self.papers.documents.values())

    def common(self, *, occurs: bool = True) -> dict[str, Any]:
        """Reason, time and request id, as every order has them."""
        visit = self.visit
        said: dict[str, Any] = {
            "reason": visit.field("reason") or None,
            "request_id": visit.field("request_id") or None,
        }
        if occurs:
            try:
                said["occurred_at"] = occurred(visit.field("occurred"), visit.campaign.zone)
            except (ValueError, OverflowError):
                self.attempt.errors["occurred"] = visit.t(
                    "请填时间，如 2010-11-26T09:00", "an instant like 2010-11-26T09:00"
                )
        return said

    def version(self) -> int | None:
        """The version of the matter that the form was made for."""
        typed = self.visit.field("if_version")
        return int(typed) if typed.isdecimal() and len(typed) < 12 else None

    def actor(self) -> Actor:
        """Who acts. Raises Forbidden if he may not act for whom he says."""
        behalf = self.visit.field("on_behalf")
        return self.visit.workspace.deputy(self.visit.actor, behalf) if behalf else self.visit.actor

    def carry_out(self, make: Callable[[], Order], said: Callable[[Outcome], str]) -> Response:
        """Make the order and carry it out; back to the matter, or to its page with the form as it was sent."""
        try:
            order = make()
            wrong = {**self.attempt.errors, **self.attempt.papers}
            if wrong:
                raise Invalid("look at what is marked", "form")
            outcome = self.visit.execute(order, self.actor())
        except NotFound as error:
            if error.code == "no_matter":
                raise
            return self.refused(error)
        except DubanError as error:
            return self.refused(error)
        return self.visit.back(matter_url(self.ref), said(outcome))

    def refused(self, error: DubanError) -> Response:
        """The page again: what is wrong beside the fields, a stale form with what has happened meanwhile."""
        if error.exit_code == 1:
            raise error
        self.note(error)
        return matter_page(self.visit, self.ref, self.status(error), self.attempt)

    def note(self, error: DubanError) -> None:
        """Keep with the form why it was refused, and what it brought."""
        attempt = self.attempt
        attempt.kept = self.papers.kept(self.visit)
        attempt.said_again = isinstance(error, Conflict) and error.code == "request_id_reused"
        if isinstance(error, Conflict) and error.code == "stale_version":
            attempt.stale, attempt.changed = True, self._since()
        else:
            attempt.refusal = self._words(error)

    @staticmethod
    def status(error: DubanError) -> int:
        """The status code of a refusal."""
        return STATUS.get(error.exit_code, 422)

    def _since(self) -> list[Mapping[str, Any]]:
        """What has happened since the form was made."""
        version, who = self.version() or 0, people(self.visit)
        entries = self.visit.reader.history(self.ref)["items"]
        later = [each for each in entries if (each["version"] or 0) > version]
        return [told(self.teller, who, self.ref, each) for each in later]

    def _words(self, error: DubanError) -> dict[str, Any]:
        """The refusal in words; each reason that is about a field of the form goes beside it as well."""
        attempt, teller, lang = self.attempt, self.teller, self.visit.lang
        words = in_words(error, lang)
        if error.code == "form":
            words["message"] = self.visit.t("请核对标出的各项", "look at what is marked")
            words["detail"] = ""
        words["reasons"] = [teller.reason(reason.as_json()) for reason in error.reasons] or words["reasons"]
        words["possible"] = [teller.trigger(code) for code in error.possible]
        if isinstance(error, Refused | Forbidden):
            words["detail"] = ""
        for reason in error.reasons:
            self._beside(reason.kind, reason.en, teller.reason(reason.as_json()))
        if error.code in ("future", "before_opening"):
            attempt.errors["occurred"] = words["message"]
        return words

    def _beside(self, kind: str, en: str, text: str) -> None:
        found = CODE_BEHIND.search(en)
        if kind == "reason":
            self.attempt.errors["reason"] = text
        elif kind == "approval":
            self.attempt.errors["approve_by"] = text
        elif found is not None and kind == "document":
            self.attempt.papers.setdefault(found[1], text)
        elif found is not None:
            self.attempt.errors.setdefault(found[1], text)


@router.post("/do/{ref:path}")
def do(visit: Visitor, ref: str) -> Response:
    """Carry out an act of the machine."""
    trigger = visit.field("trigger")
    sent = Sent.about(visit, ref, trigger)
    machine = sent.teller.machine
    arrows = machine.arrows.get(sent.shown["state"], {}).get(trigger, ())
    codes = dict.fromkeys(code for arrow in arrows for code in (*arrow.spec.asks, *arrow.spec.optional))
    return sent.carry_out(
        lambda: Do(
            ref=ref, trigger=trigger, if_version=sent.version(), facts=sent.facts(codes), documents=sent.documents(),
            **sent.common(),
        ),
        lambda outcome: visit.t(
            f"已办理：{sent.teller.trigger(trigger)}。现为“{sent.teller.state(outcome.matter.state)}”。",
            f"Done: {sent.teller.trigger(trigger)}. It is now “{sent.teller.state(outcome.matter.state)}”.",
        ),
    )  # fmt: skip


@router.post("/attach/{ref:path}")
def attach(visit: Visitor, ref: str) -> Response:
    """Bring a document without a move."""
    sent = Sent.about(visit, ref, "attach")
    return sent.carry_out(
        lambda: Attach(ref=ref, if_version=sent.version(), documents=sent.documents(), **sent.common()),
        lambda _: visit.t("材料已提交。", "The document is attached."),
    )


@router.post("/extend/{ref:path}")
def extend(visit: Visitor, ref: str) -> Response:
    """Put a deadline off by its own rule."""
    code = visit.field("deadline")
    sent = Sent.about(visit, ref, f"extend-{code}")
    return sent.carry_out(
        lambda: Extend(
            ref=ref, deadline=code, until=visit.field("until") or None, if_version=sent.version(), **sent.common()
        ),
        lambda _: visit.t(f"期限已延长：{sent.teller.deadline(code)}。", f"Put off: {sent.teller.deadline(code)}."),
    )


@router.post("/urge/{ref:path}")
def urge(visit: Visitor, ref: str) -> Response:
    """Press the body of a matter, with words."""
    sent = Sent.about(visit, ref, "urge")
    return sent.carry_out(
        lambda: Urge(ref=ref, **sent.common(occurs=False)),
        lambda outcome: visit.t(
            f"已催办，通知{len(outcome.notices)}人。", f"Urged; {len(outcome.notices)} people are told."
        ),
    )


@router.post("/comment/{ref:path}")
def comment(visit: Visitor, ref: str) -> Response:
    """Put words on the record, and tell other bodies of them."""
    sent = Sent.about(visit, ref, "comment")
    bodies = tuple(str(each) for each in visit.form.getlist("copy_to"))
    return sent.carry_out(
        lambda: Comment(ref=ref, copy_to=bodies, **sent.common(occurs=False)),
        lambda _: visit.t("批注已记入留痕。", "The comment is on record."),
    )


@router.post("/correct/{ref:path}")
def correct(visit: Visitor, ref: str) -> Response:
    """Set facts right; only those that are typed otherwise than they are held."""
    sent = Sent.about(visit, ref, "correct")

    def make() -> Order:
        held = sent.shown["facts"]
        facts = sent.facts(correctable(sent.teller, sent.shown))
        changed = {code: value for code, value in facts.items() if not same(held.get(code), value)}
        return Correct(ref=ref, if_version=sent.version(), facts=changed, approved_by=_approver(visit), **sent.common())

    return sent.carry_out(make, lambda _: visit.t("已更正，并记入留痕。", "Corrected, and kept in the record."))


def same(held: Any, typed: Any) -> bool:
    """Whether what is typed is what is held; an instant is typed to the minute."""
    if held == typed:
        return True
    if isinstance(held, str) and isinstance(typed, str) and "T" in held and "T" in typed:
        try:
            before, after = datetime.fromisoformat(held), datetime.fromisoformat(typed)
        except ValueError:
            return False
        return before.replace(second=0, microsecond=0) == after
    return False


def _approver(visit: Visit) -> Actor | None:
    """The second person: by login in a rehearsal, in production by a token of his own. Raises Forbidden."""
    login, token = visit.field("approve_by"), visit.field(SECRET + "approve_token")
    if not login and not token:
        return None
    if visit.workspace.mode == "production" and not token:
        raise Forbidden("who approves shows a token of their own", "no_identity")
    return visit.workspace.actor(login or None, token or None)
