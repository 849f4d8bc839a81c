"""One request of one person: who it is, what he sent, and the answers that can be given."""

import hmac
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from engine.campaign import Campaign
from engine.errors import Forbidden
from engine.orders import Actor, Order
from engine.outcome import Outcome
from engine.pulse import pulse
from engine.reading import Reader
from engine.sight import Sight
from engine.step_up import fresh
from web.console.acknowledging import made_by
from web.console.browser import device_of
from web.console.doors import Seen
from web.console.held_form import PROOF
from web.console.house import House
from web.console.nav import navigation
from web.console.proving import ProveAgain, StaleForm, grave
from web.console.request import house_of, keep_session, language_of, sent, session_secret
from web.console.said import SAID, Place, Said, carried, carry
from web.console.shell import Lang, Speech
from workflows.workspace import Workspace


class NotSignedIn(Exception):
    """Nobody is behind the request; who looks is led to the door."""


@dataclass
class Visit:
    """A request, who is behind it, and the form that came with it."""

    request: Request
    house: House
    seen: Seen | None
    lang: Lang
    form: FormData = field(default_factory=FormData)

    @property
    def actor(self) -> Actor:
        """Who is here. Raises NotSignedIn at the doors, where nobody is yet."""
        if self.seen is None:
            raise NotSignedIn
        return self.seen.actor

    @property
    def workspace(self) -> Workspace:
        return self.house.workspace

    @property
    def campaign(self) -> Campaign:
        return self.workspace.campaign

    @cached_property
    def sight(self) -> Sight:
        """What this visitor sees and may use, by the posts he holds and those of whom he stands in for."""
        return self.workspace.sight(self.actor)

    @cached_property
    def reader(self) -> Reader:
        """What this visitor may read."""
        return self.workspace.reader.seen_by(self.sight)

    @property
    def may_export(self) -> bool:
        """Whether the visitor may take away lists of what he sees."""
        return self.sight.may("exports_own") or (self.sight.everything and self.sight.may("exports_all"))

    @property
    def now(self) -> datetime:
        """The campaign's time: virtual in a rehearsal; while the machine's clock is in doubt, what nobody doubts of it."""
        return self.workspace.reader.clock.now()

    @cached_property
    def stamp(self) -> str:
        """What changes with anything that pages show: the newest entry, and a rehearsal's time; read before they are."""
        with self.workspace.database.snapshot() as tx:
            newest = pulse(tx, self.campaign.id)
        return f"{newest} {self.now.isoformat()}" if self.workspace.mode == "rehearsal" else newest

    @property
    def speech(self) -> Speech:
        return Speech(self.lang, self.campaign.zone)

    def t(self, zh: str, en: str) -> str:
        """Choose by the visitor's language."""
        return zh if self.lang == "zh" else en

    def field(self, name: str) -> str:
        """A text field of the form, without blanks around it; empty if it was not sent."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def asked(self, name: str) -> str:
        """A text of the query string, without blanks around it; empty if it was not asked."""
        return self.request.query_params.get(name, "").strip()

    def secret(self, name: str) -> str:
        """A field as it was typed, blanks and all: passwords have them. No page keeps such a field."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def address(self) -> str:
        """Where the visitor calls from."""
        client = self.request.client
        return client.host if client else ""

    def execute(self, order: Order, actor: Actor | None = None) -> Outcome:
        """Carry out an order of the visitor's, or of *actor* for whom he stands in; a grave one asks for a fresh proof first.

        Raises a DubanError, and nothing is changed then.
        """
        act = grave(self.campaign, order)
        if act is not None:
            self.require_step_up(act)
        return self.workspace.engine.execute(order, actor or self.actor)

    def must_prove(self) -> bool:
        """Whether a grave act would ask for a proof now; a page with files to send can ask before they are chosen."""
        if self.seen is None or self.workspace.mode == "rehearsal":
            return False
        return not fresh(self.seen, self.house.doors.sessions.clock.now())

    def require_step_up(self, act: str) -> None:
        """Let *act*, one of `engine.step_up.ACTS`, go on only with a fresh proof; else the page that asks for it answers.

        That page sends the same form again with the proof. Nothing is asked in a rehearsal.
        """
        if self.must_prove():
            raise ProveAgain(act)

    def prove(self) -> None:
        """Take the proof that came with a form. Raises ProveAgain if it is wrong."""
        try:
            renewed = self.house.doors.prove(
                session_secret(self.request), self.secret(PROOF + "password"), self.secret(PROOF + "code").strip(),
                device_of(self),
            )  # fmt: skip
        except Forbidden as error:
            if error.code == "no_session":
                raise NotSignedIn from None
            raise ProveAgain(self.field(PROOF + "act"), error) from None
        self.renew(renewed)

    def renew(self, secret: str) -> None:
        """Let the session go on under another secret, whatever answers."""
        self.seen = self.house.doors.resolve(secret)
        answer = Response()
        keep_session(answer, self.house, secret)
        self.request.state.session_secret = secret
        self.request.state.session_cookie = answer.headers["set-cookie"]

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of the console."""
        said = carried(self.request.cookies.get(SAID))
        here = self.made if status == 200 else ()
        told = Said(said.text, here) if here else said
        common = {
            "visit": self, "said": told, "csrf": self.seen.csrf if self.seen else "", "here": self.request.url.path,
            "asked": self.request.query_params, "navigation": navigation(self) if self.seen else (),
            "machinery": self.house.machinery.status(), "doubt": self.workspace.doubt(),
        }  # fmt: skip
        page = HTMLResponse(self.house.shell.render(template, self.speech, **common, **values), status_code=status)
        if said:
            page.delete_cookie(SAID)
        return page

    def back(self, url: str, said: str = "") -> Response:
        """Go to a page of ours after an act, which says there what was done, and offers the receipt of what is on record."""
        answer = RedirectResponse(local(url), status_code=303)
        carry(answer, said, self.made, secure=self.house.secure)
        return answer

    @property
    def made(self) -> tuple[Place, ...]:
        """The entries that this request has made; whoever has not come in could not ask for their receipts."""
        return tuple(made_by(self.request, self.workspace)) if self.seen is not None else ()


def local(url: str) -> str:
    """The address if it is one of ours, else the front page: nobody is led away from here."""
    ours = url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable()
    return url if ours else "/"


def at_the_door(request: Request, form: Annotated[FormData, Depends(sent)]) -> Visit:
    """A visit of somebody who need not have come in."""
    house = house_of(request)
    house.look_again()
    secret = session_secret(request)
    seen: Seen | None = None
    if secret:
        with suppress(Forbidden):
            seen = house.doors.resolve(secret)
    visit = Visit(request, house, seen, language_of(request), form)
    if seen is not None:
        _ = visit.stamp  # before anything is read that a page will show
    request.state.visit = visit
    return visit


Stranger = Annotated[Visit, Depends(at_the_door)]
"""The parameter of a handler that answers whoever comes."""


def visiting(visit: Stranger) -> Visit:
    """A visit of somebody who has come in; what changes anything carries his session's token. Raises NotSignedIn, StaleForm."""
    if visit.seen is None:
        raise NotSignedIn
    if visit.request.method not in ("GET", "HEAD"):
        if not hmac.compare_digest(visit.field("csrf").encode(), visit.seen.csrf.encode()):
            raise StaleForm
        if visit.form.get(PROOF + "act") is not None:
            visit.prove()
    return visit


Visitor = Annotated[Visit, Depends(visiting)]
"""The parameter of a handler that answers who has come in."""
