"""One's own account in the console: posts, sessions, tokens, delegations, contacts."""

from collections.abc import Iterator

import pytest
from doorway import Served, served
from house import GOOD, OTHER
from production import own_token, producing, watch

from web.console import taking_out
from workflows.workspace import Workspace


@pytest.fixture
def here(db_url: str) -> Iterator[Served]:
    with producing(db_url) as office, served(office) as found:
        yield found


def office(here: Served) -> Workspace:
    return here.house.office


def test_a_person_sees_posts_and_ends_another_session(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    first, second = here.inside("li"), here.inside("li")
    code, page = first.ask("/account")
    assert code == 200 and "负责人" in page and page.count("127.0.0.1") == 2
    ident = page.split('action="/account/sessions/end"')[1].split('name="id" value="')[1].split('"')[0]
    assert first.ask("/account/sessions/end", {"csrf": first.csrf(), "id": ident})[0] == 303
    assert second.ask("/work")[0] == 303 and first.ask("/work")[0] == 200
    assert first.ask("/account/sessions/end", {"csrf": first.csrf(), "id": ident})[0] == 404
    assert first.ask("/account/sessions/end", {"csrf": first.csrf()})[0] == 303
    assert first.ask("/work")[0] == 303


def test_a_token_is_shown_once_works_in_its_scope_and_is_taken_back(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    csrf = visitor.csrf()
    code, page = visitor.ask("/account/tokens", {"csrf": csrf, "days": "9000", "scope": "read"})
    assert code == 422 and 'value="9000"' in page
    assert visitor.ask("/account/tokens", {"csrf": csrf, "days": "7"})[0] == 422
    code, page = visitor.ask("/account/tokens", {"csrf": csrf, "days": "7", "scope": "read"})
    assert code == 200
    secret = page.split("<code>")[1].split("<")[0]
    with office(here).database.snapshot() as tx:
        actor = office(here).people.by_token(tx, secret, office(here).clock.now())
    assert (actor.login, actor.scope) == ("li", frozenset({"read"}))
    _, page = visitor.ask("/account")
    assert secret not in page
    ident = secret.split("_")[1]
    assert visitor.ask("/account/tokens/revoke", {"csrf": csrf, "id": ident})[0] == 303
    assert "已收回" in visitor.ask("/account")[1]


def test_a_delegation_is_made_and_ended_and_a_wrong_one_keeps_what_was_typed(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    here.house.settle("wang", "alpha.liaison")
    visitor = here.inside("li")
    form = {"csrf": visitor.csrf(), "to": "nobody", "since": "2026-11-24", "until": "2026-11-30", "reason": "出差"}
    code, page = visitor.ask("/account/delegations", form)
    assert code == 404 and 'value="出差"' in page
    assert visitor.ask("/account/delegations", form | {"to": "wang", "until": "soon"})[0] == 422
    assert visitor.ask("/account/delegations", form | {"to": "wang"})[0] == 303
    other = here.inside("wang")
    assert "现可代为办理" in other.ask("/account")[1]
    gone = {"csrf": other.csrf(), "delegator": "li", "delegate": "wang", "body": "alpha", "post": "head"}
    assert other.ask("/account/delegations/end", gone)[0] == 303
    assert "现可代为办理" not in other.ask("/account")[1]


def test_one_says_how_one_is_reached(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    form = {
        "csrf": visitor.csrf(),
        "channel": "mail",
        "address": "li@example.org",
        "quiet_from": "22:00",
        "quiet_until": "",
    }
    code, page = visitor.ask("/account/contacts", form)
    assert code == 422 and 'value="li@example.org"' in page
    assert visitor.ask("/account/contacts", form | {"quiet_until": "07:00"})[0] == 303
    assert "22:00-07:00" in visitor.ask("/account")[1]
    assert visitor.ask("/account/contacts/drop", {"csrf": form["csrf"], "channel": "mail"})[0] == 303
    assert "22:00-07:00" not in visitor.ask("/account")[1]


def test_a_new_second_factor_ends_every_session_and_shows_its_picture_once(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    csrf = visitor.csrf()
    assert visitor.ask("/account/totp", {"csrf": csrf, "secret.password": "wrong one here"})[0] == 403
    code, page = visitor.ask("/account/totp", {"csrf": csrf, "secret.password": GOOD})
    assert code == 200 and "<svg" in page
    assert visitor.ask("/work")[0] == 303
    assert here.house.attempt("li") == "sign_in_failed"


def test_in_a_rehearsal_the_account_has_what_needs_no_password(db_url: str) -> None:
    from world import begin

    rehearsal = begin(db_url)
    with served(rehearsal) as here:
        visitor = here.visitor()
        visitor.enter("alpha.head")
        code, page = visitor.ask("/account")
        assert code == 200 and "我的会话" in page and "程序接口令牌" not in page and "更换口令" not in page
    rehearsal.close()


def test_what_lets_somebody_in_later_asks_for_a_fresh_proof(here: Served) -> None:
    secret = here.house.settle("shen", "bgs.admin")
    here.house.settle("li", "alpha.head")
    shen, li = here.inside("shen", secret), here.inside("li")
    watch(office(here)).later(minutes=6)
    for visitor, path, sent in (
        (shen, "/people/p/li/code", {}),
        (li, "/account/tokens", {"days": "7", "scope": "read"}),
    ):
        code, page = visitor.send(path, **sent)
        assert code == 403 and 'name="proof.password"' in page and "<code>" not in page, path
        code, page = visitor.send(path, **sent, **{"proof.act": "token", "proof.password": GOOD})
        assert code == 200 and "<code>" in page, path


def test_the_first_and_the_last_day_of_the_calendar_are_refused(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    for day in ("0001-01-01", "9999-12-31"):
        form = {"to": "li", "since": day, "until": day, "reason": "出差"}
        assert visitor.send("/account/delegations", **form)[0] == 422


def test_a_campaign_without_cases_has_none_to_keep_or_hand_out(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    for path in ("/cases/export", "/cases/views", "/cases/views/drop"):
        assert visitor.send(path, query="", name="x")[0] == 404


def test_many_rows_are_handed_out_with_a_fresh_proof_only(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_out, "ROWS_WITHOUT", 0)
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    assert visitor.ask("/matters.csv")[0] == 200
    watch(office(here)).later(minutes=6)
    code, page = visitor.ask("/matters.csv")
    assert code == 403 and 'name="proof.password"' in page and "errand/alpha" not in page


def test_who_makes_anothers_account_his_own_from_his_session_is_not_a_second_person(here: Served) -> None:
    secret = here.house.settle("shen", "bgs.admin")
    here.house.settle("li", "alpha.head")
    shen = here.inside("shen", secret)
    _, page = shen.send("/people/p/li/code")
    form = {"login": "li", "secret.code": page.split("<code>")[1].split("<")[0]}
    form |= {"secret.password": OTHER, "secret.again": OTHER}
    assert shen.ask("/activate", form)[0] == 303
    taken = office(here).sessions.resolve(shen.cookies["__Host-duban"]).actor
    assert taken.login == "li" and taken.persons == frozenset({"shen", "li"})


def test_the_token_of_who_approves_is_on_no_page_that_keeps_a_form(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    token = own_token(office(here), "li")
    visitor = here.inside("li")
    form = {"secret.approve_token": token, "reason": "漏填"}
    code, page = visitor.ask("/correct/errand/alpha", {"csrf": "0" * 64, **form})
    assert code == 403 and "漏填" in page and token not in page
    assert visitor.send("/correct/errand/alpha", **form)[0] == 422
    assert visitor.send("/correct/errand/alpha", **form | {"secret.approve_token": "db_nobody"})[0] == 403
