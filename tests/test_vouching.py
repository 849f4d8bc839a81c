"""Whoever gives out a code could use it himself: until somebody else confirms the account, he and its holder are one person."""

from collections.abc import Iterator

import pytest
from house import CHEAPLY, GOOD, OTHER, House
from production import TUESDAY, Watch, act, admin, producing, refusal, watch
from test_log import sequenced
from test_three_administrators import NOT_URGENT
from world import SAMPLES, begin, sql

from engine.accounts import Accounts
from engine.activation import Activation
from engine.errors import Invalid, Refused
from engine.orders import Actor
from engine.second_factor import code_at
from engine.sessions import Sessions
from engine.verifying import Scope, verify
from engine.vouching import Vouching
from workflows.launch import Beginning, init
from workflows.workspace import Workspace


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def settled(house: House, login: str, *posts: str) -> Actor:
    """Somebody signed in whose account was confirmed."""
    return signed_in(house, login, house.settle(login, *posts))


def signed_in(house: House, login: str, totp: str | None = None, password: str = GOOD) -> Actor:
    code = house.now_code(totp) if totp else ""
    secret, _ = house.sessions.sign_in(login, password, code, login)
    watch(house.office).later(seconds=30)
    return house.sessions.resolve(secret).actor


def begun(house: House, by: Actor, login: str, *posts: str) -> Actor:
    """Somebody whose account was begun with a code of *by*, signed in."""
    desk = admin(house.office)
    desk.add(login, login)
    for post in posts:
        desk.grant(login, *post.split("."))
    code = house.room.issue(by, login)["code"]
    return signed_in(house, login, house.room.activate(login, code, GOOD, login)["totp_secret"])


def findings(house: House) -> list[str]:
    sequenced(house.office)
    with house.office.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, house.office.campaign, Scope())["findings"]]


def test_who_gives_out_a_code_is_no_second_person_to_its_account_until_another_confirms_it(house: House) -> None:
    keeper = settled(house, "keeper", "bgs.admin")
    other = settled(house, "other", "bgs.admin")
    puppet = begun(house, keeper, "puppet", "bgs.admin")
    desk = Accounts(house.office.engine, keeper)
    desk.add("li", "x")
    proposal = desk.grant("li", "alpha", "head")["proposal"]

    assert refusal(lambda: Accounts(house.office.engine, puppet).approve(proposal)).code == "same_person"
    assert [each["begun_by"] for each in Vouching(house.office.engine, keeper).waiting()] == ["keeper"]
    for wrong in (keeper, puppet):
        assert refusal(lambda wrong=wrong: Vouching(house.office.engine, wrong).vouch("puppet")).code == "same_person"
    stranger = settled(house, "stranger", "alpha.head")
    assert refusal(lambda: Vouching(house.office.engine, stranger).vouch("puppet")).code == "forbidden"
    Vouching(house.office.engine, other).vouch("puppet")
    assert refusal(lambda: Vouching(house.office.engine, other).vouch("puppet")).code == "confirmed"

    assert refusal(lambda: house.sessions.resolve("ds_x")).code == "no_session"
    assert Vouching(house.office.engine, other).waiting() == []
    assert house.said("authz/puppet")[-2:] == ["activated", "vouched"]
    assert findings(house) == []
    sql(house.office.database, "update credential set confirmed_by = 'nobody' where login = 'puppet'")
    assert findings(house) == ["access_differs"]


def test_two_accounts_that_one_began_are_one_where_posts_are_given_and_two_in_a_matter(house: House) -> None:
    keeper = settled(house, "keeper", "bgs.admin")
    settled(house, "other", "bgs.admin")
    first = begun(house, keeper, "first", "alpha.liaison", "bgs.admin")
    second = begun(house, keeper, "second", "alpha.head", "bgs.admin")
    office = house.office
    admin(office).add("li", "x")
    proposal = Accounts(office.engine, first).grant("li", "alpha", "head")["proposal"]

    assert refusal(lambda: Accounts(office.engine, second).approve(proposal)).code == "same_person"
    assert refusal(lambda: Vouching(office.engine, first).vouch("second")).code == "same_person"
    office.engine.execute(NOT_URGENT, settled(house, "boss", "alpha.head"))
    act(office, first, "errand/alpha", "take")
    act(office, first, "errand/alpha", "submit", "report")
    assert act(office, second, "errand/alpha", "accept", grade="good") == "closed"


def test_who_gave_out_the_code_of_an_account_does_not_decide_on_what_it_did(house: House) -> None:
    keeper = settled(house, "keeper", "bgs.admin", "alpha.head")
    clerk = begun(house, keeper, "clerk", "alpha.liaison")
    office = house.office
    office.engine.execute(NOT_URGENT, settled(house, "boss", "alpha.head"))
    act(office, clerk, "errand/alpha", "take")
    act(office, clerk, "errand/alpha", "submit", "report")

    error = refusal(lambda: act(office, keeper, "errand/alpha", "accept", grade="good"))

    assert [reason.kind for reason in error.reasons] == ["distinct"]
    assert findings(house) == [], "the record tells the same of who did what"


def test_an_account_that_was_taken_over_is_its_holders_again_once_another_confirms_it(house: House) -> None:
    keeper = settled(house, "keeper", "bgs.admin")
    other = settled(house, "other", "bgs.admin")
    settled(house, "li", "alpha.head")
    house.room.activate("li", house.room.issue(keeper, "li")["code"], OTHER, "x")
    assert signed_in(house, "li", password=OTHER).vouched_by == "keeper"

    Vouching(house.office.engine, other).vouch("li")

    again = signed_in(house, "li", password=OTHER)
    assert (again.vouched_by, again.issued_by) == (None, None)
    assert findings(house) == []


def test_with_two_first_codes_the_first_post_is_given_by_two(db_url: str) -> None:
    office, said = first_two(db_url)
    codes = {said["administrator"]: said["administrator_code"], "an.quan": said["second_code"]}
    assert said["second_post"] == "bgs.admin", "the small campaign has no three"
    people = {}
    for login, code in codes.items():
        totp = Activation(office.engine, office.clock, CHEAPLY).activate(login, code, GOOD, login)["totp_secret"]
        now = code_at(totp, int(office.clock.now().timestamp()))
        sessions = Sessions(office.engine, office.clock, CHEAPLY)
        people[login] = sessions.resolve(sessions.sign_in(login, GOOD, now, login)[0]).actor
    assert {each.issued_by for each in people.values()} == {None}
    desk = Accounts(office.engine, people["an.quan"])
    desk.add("li", "x")

    proposal = desk.grant("li", "alpha", "head")["proposal"]
    assert refusal(lambda: desk.approve(proposal)).code == "same_person"
    Accounts(office.engine, people[said["administrator"]]).approve(proposal)
    office.close()


def first_two(url: str) -> tuple[Workspace, dict[str, str]]:
    """A production begun with a second first administrator, and what was shown of it."""
    beginning = Beginning(campaign=str(SAMPLES / "small_campaign.yaml"), late=True, unproved=True, second="an.quan")
    return init(url, beginning, clock=Watch(TUESDAY))


def test_a_second_first_administrator_is_another_person_and_named_at_the_beginning(sqlite_url: str) -> None:
    with pytest.raises(Invalid, match="another person"):
        begin(sqlite_url, rehearsal=False, late=True, second="bgs.admin")
    begin(sqlite_url, rehearsal=False, late=True).close()
    with pytest.raises(Refused, match="beginning"):
        begin(sqlite_url, rehearsal=False, late=True, second="an.quan")
    with pytest.raises(Refused):
        begin(sqlite_url + "2", second="an.quan")


def test_what_one_gives_alone_is_entered_so(house: House) -> None:
    admin(house.office).add("li", "x")
    said = admin(house.office).grant("li", "alpha", "head")
    assert said["alone"] is True
