"""The interface for programs: who may call, and how every refusal is told, whoever refuses."""

from collections.abc import Iterator

import pytest
from callers import House, house_of, refused
from production import hire, producing, watch
from world import begin, sql

from engine.orders import Actor
from engine.reading import Reader

ALPHA = "/matters/errand/alpha"


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[House]:
    """The same on SQLite alone, for what has nothing to do with storage."""
    workspace = begin(sqlite_url)
    with house_of(workspace) as found:
        yield found
    workspace.close()


def test_only_a_token_in_the_header_lets_in(lone: House) -> None:
    token = lone.as_("alpha.liaison").token
    for headers in (
        {},
        {"Cookie": f"token={token}"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": "Bearer "},
    ):
        answer = lone.stranger.get("/me", headers=headers)
        assert answer.code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
    for path in (f"/me?access_token={token}", f"/me?token={token}", "/openapi.json", "/nowhere"):
        refused(lone.stranger.get(path), 401, "no_token")
    refused(lone.holding("db_00000000_x").get("/me"), 401, "bad_token")

    assert lone.holding(str(token)).get("/me").json["login"] == "alpha.liaison"


def test_guessing_is_slowed_down_and_locks_nobody_out(sqlite_url: str) -> None:
    workspace = begin(sqlite_url)
    with house_of(workspace, failures=3, seconds=lambda: 0.0) as house:
        codes = [house.holding(f"db_{number:08x}_x").get("/me").code for number in range(5)]

        assert codes == [401, 401, 401, 429, 429]
        assert house.as_("alpha.head").get("/me").code == 200
    workspace.close()


def test_a_token_that_ended_or_whose_owner_was_disabled_lets_nobody_in(db_url: str) -> None:
    with producing(db_url) as office, house_of(office) as house:
        token = hire(office, "li", "alpha.liaison")
        caller = house.holding(token)
        assert caller.get("/me").json["posts"] == [{"body": "alpha", "post": "liaison"}]

        office.people.disable  # noqa: B018 - it is there
        with office.database.tx() as tx:
            office.people.disable(tx, "li", office.clock.now())
        refused(caller.get("/me"), 401, "bad_token")

        other = house.holding(hire(office, "wang", "alpha.head"))
        assert other.get("/me").code == 200
        watch(office).later(days=91)
        refused(other.get("/me"), 401, "bad_token")


def test_somebody_without_a_post_sees_nothing(db_url: str) -> None:
    with producing(db_url) as office, house_of(office) as house:
        caller = house.holding(hire(office, "li"))

        assert caller.get("/me").json["posts"] == []
        for path in ("/matters", ALPHA, "/deadlines", "/notices", "/board", "/people", "/campaign", "/events"):
            refused(caller.get(path), 403, "no_post")
        refused(caller.post(f"{ALPHA}/do", {"trigger": "take"}), 404, "no_matter")


def test_whoever_stands_in_sees_what_he_stands_in_for_as_well(lone: House) -> None:
    helper = lone.as_("beta.liaison")
    refused(helper.get(ALPHA), 404, "no_matter")
    stands = {
        "login": "alpha.liaison",
        "to": "beta.liaison",
        "from": "2010-11-01",
        "until": "2010-11-05",
        "reason": "出差",
    }

    assert lone.as_("bgs.admin").post("/delegations", stands).code == 201

    assert {each["body"] for each in helper.get("/matters").json["items"]} == {"alpha", "beta"}
    assert helper.get(ALPHA).code == 200


def test_what_is_not_for_the_caller_is_counted_and_put_on_record(lone: House) -> None:
    caller = lone.as_("beta.liaison")
    caller.get(ALPHA)
    caller.get("/audit/entries")
    caller.post("/orders", headers={"Content-Type": "application/jsonl"},
                content=b'{"order": "do", "ref": "errand/alpha", "trigger": "take"}')  # fmt: skip
    caller.get("/matters/errand/nobody")

    rows = sql(lone.workspace.database, "select what, times from denial where login = 'beta.liaison' order by what")
    assert [tuple(each) for each in rows] == [("foreign", 2), ("function", 1), ("unknown", 1)]
    refused(caller.get("/audit/entries"), 403, "forbidden")


def test_what_the_caller_has_already_is_not_sent_again(lone: House) -> None:
    caller = lone.as_("alpha.liaison")
    for path in (ALPHA, "/matters", "/board", "/campaign", "/openapi.json"):
        tag = caller.get(path).headers["etag"]
        again = caller.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.code, again.content, again.headers["etag"]) == (304, b"", tag)
    caller.post(f"{ALPHA}/do", {"trigger": "take"})
    assert caller.get(ALPHA, headers={"If-None-Match": tag}).code == 200


def test_a_refusal_says_what_was_asked_why_not_and_what_is_possible(lone: House) -> None:
    caller = lone.as_("alpha.liaison")

    said = refused(caller.post(f"{ALPHA}/do", {"trigger": "accept"}), 409, "not_possible_here")
    assert (said["exit_code"], said["possible"], said["title"]) == (4, ["note_cost", "take"], "不能办理")
    assert said["reasons"][0]["text"]["zh"] and said["reasons"][0]["text"]["en"]
    english = caller.post(f"{ALPHA}/do", {"trigger": "accept"}, headers={"Accept-Language": "en-GB, zh;q=0.3"})
    assert english.json["title"] == "Not possible as things stand"
    assert refused(caller.post(f"{ALPHA}/do", {"trigger": "fly"}), 400, "unknown_trigger")["exit_code"] == 2
    assert refused(caller.get("/matters/errand/nobody"), 404, "no_matter")["exit_code"] == 3
    refused(lone.as_("beta.liaison").post(f"{ALPHA}/do", {"trigger": "take"}), 404, "no_matter")
    refused(lone.as_("alpha.head").post(f"{ALPHA}/do", {"trigger": "take"}), 403, "forbidden")
    wrong = refused(caller.post(f"{ALPHA}/do", {"trigger": 5, "colour": "red"}), 422, "invalid")
    assert [each["pointer"] for each in wrong["errors"]] == ["/trigger", "/colour"]


def test_http_itself_refuses_in_the_same_form(lone: House) -> None:
    caller, path = lone.as_("alpha.liaison"), f"{ALPHA}/do"
    refused(caller.get("/nowhere"), 404, "no_such_address")
    gone = caller("DELETE", "/matters")
    refused(gone, 405, "no_such_method")
    assert gone.headers["allow"] == "GET, HEAD, POST"
    refused(caller.get("/matters", headers={"Accept": "image/png, application/json;q=0"}), 406, "not_acceptable")
    refused(caller.post(path, headers={"Content-Type": "text/plain"}, content=b"x"), 415, "content_type")
    refused(caller.post(path, headers={"Content-Type": "application/json"}, content=b"{"), 400, "not_json")
    refused(caller.post(path, headers={"Content-Type": "application/json"}, content=b'{"a":1,"a":2}'), 422, "not_json")
    refused(caller.post(path, headers={"Content-Type": "application/json"}, content=b"[" * 100_000), 422, "too_deep")
    refused(
        caller.post(path, headers={"Content-Type": "application/json"}, content=b'{"facts":{"a":1.5}}'), 422, "not_json"
    )
    refused(caller.post(path, {"trigger": "take", "reason": "a\0b"}), 422, "bad_text")
    for facts, code in (('{"\\ud800": 1}', "bad_text"), ('{"a": [[[[[[[[1]]]]]]]]}', "too_deep")):
        said = f'{{"trigger": "take", "facts": {facts}}}'.encode()
        refused(caller.post(path, headers={"Content-Type": "application/json"}, content=said), 422, code)
    refused(caller.post(path, headers={"Content-Type": "application/json"}, content=b" " * 600_000), 413, "too_large")
    drip = (b" " * 100_000 for _ in range(9))
    refused(caller.post(path, headers={"Content-Type": "application/json"}, content=drip), 413, "too_large")
    refused(caller.get("/me", headers={"X-Long": "x" * 5000}), 431, "header_too_long")
    refused(caller.get("/me", headers={f"X-{number}": "x" for number in range(80)}), 431, "too_many_headers")
    refused(caller.get("/matters/a%00b"), 400, "bad_text")
    refused(caller.get("/matters?kind=a%00b"), 400, "bad_text")
    refused(caller.get("/matters", params={"kynd": "errand"}), 422, "invalid")
    assert caller.get("/me", headers={"Range": "bytes=" + ",".join(["0-1"] * 900)}).code == 200
    assert caller("HEAD", "/me").content == b""


def test_a_fault_is_told_by_an_id_alone(lone: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    caller = lone.as_("alpha.liaison")
    monkeypatch.setattr(Reader, "board", broken)

    said = refused(caller.get("/board"), 500, "fault")
    assert "secret" not in str(said) and said["instance"].startswith("urn:duban:fault:")
    monkeypatch.setattr(lone.workspace, "look_again", broken)
    refused(caller.get("/me"), 500, "fault")


def test_a_narrowed_token_is_good_for_what_it_is_for_alone(lone: House, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = frozenset({("bgs", "admin"), ("alpha", "liaison")})
    asked = {
        "read": ("GET", "/matters"), "act": ("POST", f"{ALPHA}/do"), "notices": ("POST", "/notices/1/ack"),
        "audit": ("GET", "/audit/entries"), "export": ("GET", "/calendar.ics"), "admin": ("POST", "/delegations"),
        "approve": ("POST", "/campaign/proposals/1/approve"),
    }  # fmt: skip
    for scope in asked:
        narrowed = Actor("bgs.admin", "token:x", posts, scope=frozenset({scope}))
        monkeypatch.setattr(lone.workspace.people, "by_token", lambda *_, it=narrowed: it)
        caller = lone.holding("db_x_x")
        codes = {name: (answer := caller(method, path, {} if method == "POST" else None)).code == 403
                 and answer.json["code"] == "scope" for name, (method, path) in asked.items()}  # fmt: skip

        assert codes == {name: name != scope for name in asked}
        assert caller.get("/me").code == 200
