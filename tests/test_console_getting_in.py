"""The door in production: why nobody stays signed in over plain HTTP, known browsers, recovery codes, accounts to confirm."""

import asyncio
import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from doorway import Served, fields, served
from house import GOOD, OTHER
from production import admin, producing
from world import sql

from engine import throttle
from engine.orders import Actor
from web import server
from web.bounds import Crowd
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url) as found:
        yield found


@pytest.fixture
def here(office: Workspace) -> Iterator[Served]:
    with served(office) as found:
        yield found


def test_a_browser_that_kept_no_session_is_told_why(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    assert "HTTPS" not in visitor.ask("/work")[1]

    visitor.cookies = {name: value for name, value in visitor.cookies.items() if not name.startswith("__Host-")}
    assert visitor.ask("/work")[0] == 303
    assert "请改用 https:// 地址" in visitor.follow()[1]
    visitor.speak("en")
    assert "it travels over HTTPS only" in visitor.ask("/login")[1]

    other = here.inside("li")
    other.ask("/logout", {"csrf": other.csrf()})
    assert "https://" not in other.ask("/login")[1], "who has left knows why he is out"


def test_who_comes_over_plain_http_from_elsewhere_is_warned_before_he_types(here: Served) -> None:
    visitor = here.visitor()
    assert "明文 HTTP" not in visitor.ask("/login")[1], "from this machine"
    assert "明文 HTTP" not in visitor.ask("/login", X_Forwarded_For="10.0.0.9")[1], "a proxy may do TLS"


def test_a_browser_that_is_known_gets_through_while_others_guess(here: Served) -> None:
    for login in ("li", "wang"):
        here.house.settle(login, "alpha.head")
    visitor = here.inside("li")
    visitor.ask("/logout", {"csrf": visitor.csrf()})
    for number in range(throttle.PER_ADDRESS):
        here.visitor().ask("/login", {"login": f"n{number}", "secret.password": OTHER})

    form = {"login": "li", "secret.password": GOOD, "next": "/work"}
    assert here.visitor().ask("/login", form)[0] == 429
    assert visitor.ask("/login", form)[0] == 303 and visitor.ask("/work")[0] == 200


def test_recovery_codes_come_with_the_picture_stay_with_it_and_are_renewed(here: Served) -> None:
    admin(here.house.office).add("shen", "沈某")
    admin(here.house.office).grant("shen", "bgs", "admin")
    form = {"login": "shen", "secret.code": here.house.code("shen"), "secret.password": GOOD, "secret.again": GOOD}
    visitor = here.visitor()
    _, page = visitor.ask("/activate", form)
    codes = page.split('class="codes mono">')[1].split("</ul>")[0].replace("<li>", "").split("</li>")[:-1]
    assert len(codes) == 8
    first = {"login": "shen", "secret.password": GOOD, "secret.codes": fields(page)["secret.codes"]}
    _, page = visitor.ask("/activate/first", first | {"secret.code": "000000"})
    assert codes[7] in page, "a wrong code of the moment takes nothing away"
    strange = visitor.ask("/activate/first", first | {"secret.code": "000000", "secret.codes": "<b>x</b> " + codes[0]})[
        1
    ]
    assert "<b>x" not in strange and codes[0] in strange

    status, _ = visitor.ask(
        "/login", {"login": "shen", "secret.password": GOOD, "secret.code": codes[0], "next": "/work"}
    )
    assert status == 303
    assert "可用恢复码：7" in visitor.ask("/account")[1].replace(" ", "")
    csrf = visitor.csrf()
    wrong = visitor.ask("/account/recovery", {"csrf": csrf, "secret.password": OTHER, "secret.code": codes[1]})
    assert wrong[0] == 403 and codes[1] not in wrong[1] and OTHER not in wrong[1]
    status, page = visitor.ask("/account/recovery", {"csrf": csrf, "secret.password": GOOD, "secret.code": codes[1]})
    assert status == 200 and "恢复码" in page and page.count("<li>") >= 8


def test_an_account_that_another_began_is_confirmed_on_the_page_by_somebody_else(here: Served) -> None:
    house = here.house
    secrets = {login: house.settle(login, "bgs.admin") for login in ("shen", "wang")}
    shen, wang = (here.inside(login, secret) for login, secret in secrets.items())
    issuer = Actor("shen", "session:x", frozenset({("bgs", "admin")}))
    admin(house.office).add("xin", "新某")
    house.room.activate("xin", house.room.issue(issuer, "xin")["code"], GOOD, "x")

    assert "待他人确认" in shen.ask("/people/p/xin")[1]
    assert 'value="xin"' not in shen.ask("/people/proposals")[1]
    assert shen.send("/people/vouch", login="xin")[0] == 403
    assert 'value="xin"' in wang.ask("/people/proposals")[1]
    assert wang.send("/people/vouch", login="xin")[0] == 303
    assert wang.send("/people/vouch", login="xin")[0] == 409
    assert "待他人确认" not in shen.ask("/people/p/xin")[1]
    assert sql(house.office.database, "select confirmed_by from credential where login = 'xin'") == [("wang",)]


def test_one_address_behind_a_proxy_has_so_many_requests_under_way_and_no_more(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_EACH", 3)
    with producing(sqlite_url) as office, served(office) as here:
        parts = urlsplit(here.url)
        head = "POST /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        slow = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(3)]
        for each in slow:
            each.sendall(
                (head.format("10.0.0.7") + "Sec-Fetch-Site: same-origin\r\nContent-Length: 900\r\n\r\na=").encode()
            )
        answers = {}
        for _ in range(50):  # until the three have arrived
            for address in ("10.0.0.7", "10.0.0.8"):
                connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
                connection.request("GET", "/healthz", headers={"X-Forwarded-For": address})
                answers[address] = connection.getresponse().status
                connection.close()
            if answers["10.0.0.7"] == 429:
                break
        for each in slow:
            each.close()
    assert answers == {"10.0.0.7": 429, "10.0.0.8": 200}


def test_a_place_comes_back_also_after_a_fault() -> None:
    async def failing(*_: object) -> None:
        raise RuntimeError

    crowd = Crowd(failing, 1)
    scope = {"type": "http", "client": ("a", 1), "headers": []}
    for _ in range(3):
        with pytest.raises(RuntimeError):
            asyncio.run(crowd(scope, None, None))
