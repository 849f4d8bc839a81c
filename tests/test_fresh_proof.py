"""Grave acts on the command line: who is signed in proves himself once more, as on the pages; others act as before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from house import GOOD, House
from production import own_token, producing, watch

from commands import asking, fresh_proof, posts, second, signing, vault
from commands.call import Call
from engine.errors import Forbidden, NotFound
from workflows.workspace import Workspace


@dataclass
class Keyboard:
    """Somebody at a keyboard, with a session's secret, or a token, in a file."""

    office: Workspace
    file: Path

    def call(self, **options: Any) -> Call:
        made = Call()
        made.set(token_file=str(self.file), json=True, **options)
        made.use(self.office)
        return made


@pytest.fixture
def shen(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboard]:
    with producing(db_url) as office:
        here = House(office)
        factor = here.settle("shen", "bgs.admin")
        made = Keyboard(office, tmp_path / "session")
        made.file.write_text(here.sessions.sign_in("shen", GOOD, here.now_code(str(factor)), "x")[0])
        monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
        yield made


ACTS: dict[str, Callable[[Call], Any]] = {
    "a code": lambda call: signing.code.callback.__wrapped__(call, "li"),
    "a post": lambda call: posts.grant.callback.__wrapped__(call, "li", "alpha", "head", None, None, None),
    "a decision": lambda call: posts.approve.callback.__wrapped__(call, "1", False),
    "a post taken back": lambda call: posts.revoke.callback.__wrapped__(call, "li", "alpha", "head", None),
    "a token": lambda call: posts.token.callback.__wrapped__(call, "shen", 9, (), False),
    "who reported": lambda call: vault.reveal.callback.__wrapped__(call, "1"),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_session_that_is_not_fresh_is_refused_where_nobody_can_be_asked(name: str, shen: Keyboard) -> None:
    watch(shen.office).later(minutes=6)

    with pytest.raises(Forbidden) as refusal:
        ACTS[name](shen.call())

    assert refusal.value.code == "step_up" and "duban login" in refusal.value.hint


def test_a_fresh_session_a_token_and_the_owner_are_asked_for_nothing(shen: Keyboard, tmp_path: Path) -> None:
    fresh_proof.prove_again(shen.call(), "code")
    watch(shen.office).later(minutes=6)
    token = Keyboard(shen.office, tmp_path / "token")
    token.file.write_text(own_token(shen.office, "shen"))
    fresh_proof.prove_again(token.call(), "code")
    nobody = Call()
    nobody.use(shen.office)
    fresh_proof.prove_again(nobody, "code")


@pytest.mark.parametrize(("password", "code"), [(GOOD, ""), ("wrong one here", "sign_in_failed")])
def test_at_a_terminal_the_password_is_asked_for_and_the_session_goes_on(
    password: str, code: str, shen: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(asking, "asked", lambda *_, **more: asked.append(more) or ("" if more else password))
    watch(shen.office).later(minutes=6)
    before = shen.file.read_text()

    if code:
        with pytest.raises(Forbidden) as refusal:
            fresh_proof.prove_again(shen.call(), "reveal")
        assert (refusal.value.code, shen.file.read_text()) == (code, before)
        return
    fresh_proof.prove_again(shen.call(), "reveal")

    assert shen.file.read_text() != before and len(asked) == 2
    with pytest.raises(NotFound):
        ACTS["who reported"](shen.call())
    assert len(asked) == 2, "it holds for five minutes"


def test_who_approves_a_campaign_by_a_session_has_just_proved_himself(shen: Keyboard) -> None:
    office = Call()
    office.use(shen.office)
    assert second.campaign_approver(office, None, str(shen.file), "an amendment").login == "shen"
    watch(shen.office).later(minutes=6)
    with pytest.raises(Forbidden) as refusal:
        second.campaign_approver(office, None, str(shen.file), "an amendment")
    assert refusal.value.code == "step_up"
